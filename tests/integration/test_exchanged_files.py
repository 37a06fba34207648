"""A file that is exchanged: whole, with its rights and behind its links, and not where somebody changed it meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smoke.app.exchanging import exchange
from smoke.diagnostic import SmokeError


@pytest.mark.skipif(os.name == "nt", reason="links and rights of POSIX")
def test_rights_and_links_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    exchange(link, b"old", b"new")
    assert (link.is_symlink(), real.read_bytes()) == (True, b"new")
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("now", [b"other", b"old and more", None])
def test_what_somebody_changed_meanwhile_stays(tmp_path: Path, now: bytes | None) -> None:
    path = tmp_path / "a.yaml"
    if now is not None:
        path.write_bytes(now)
    with pytest.raises(SmokeError, match=r"a\.yaml") as told:
        exchange(path, b"old", b"new")
    assert [each.code for each in told.value.diagnostics] == ["cannot-write"]
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([] if now is None else [now])
