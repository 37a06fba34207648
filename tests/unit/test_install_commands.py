"""Every command that installs something works today: from a checkout, without an index that has smoke."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from smoke.extras import install_command

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = [
    *ROOT.glob("*.md"),
    *(ROOT / ".github").rglob("*.yml"),
    *(ROOT / "smoke").rglob("*.py"),
    *(ROOT / "smoke").rglob("*.md"),
    *(ROOT / "scenarios").rglob("*.yaml"),
]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


def test_nothing_is_installed_from_an_index_that_does_not_have_it() -> None:
    assert TEXTS
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"install (?:-\S+ )*['\"]?checkout-smoke", text), path


def test_every_extra_that_is_named_exists() -> None:
    named = {
        extra
        for path in TEXTS
        for extra in re.findall(r"install '\.\[([a-z0-9]+)\]'", path.read_text(encoding="utf-8"))
    }
    assert {"demo", "test", "db", "http2"} <= named
    assert named <= set(EXTRAS)


@pytest.mark.parametrize("extra", ["db", "demo", "http2"])
def test_a_message_names_the_packages_of_the_extra(extra: str) -> None:
    words = install_command(extra)
    assert words.startswith("python3 -m pip install '")
    names = {re.split(r"[<>=!~\[]", item)[0] for item in EXTRAS[extra]}
    assert {re.split(r"[<>=!~\[]", item)[0] for item in re.findall(r"'([^']+)'", words)} == names
