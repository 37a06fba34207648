"""The addresses of the demo's faces, as the manual tells them, are those that the scenarios which ship send to."""

from __future__ import annotations

import re

import pytest

from tests.support.documents import ROOT

PAGE = (ROOT / "docs" / "how-to" / "demo.md").read_text(encoding="utf-8")
NAMES = dict(re.findall(r"^\| `(\w+)` \|.*\| `([\w-]+)` \|$", PAGE, re.MULTILINE))
ADDRESSES = dict(re.findall(r"^\| `(\w+)` \| (.*/.*) \|$", PAGE, re.MULTILINE))


def test_each_face_has_its_addresses() -> None:
    assert set(ADDRESSES) == set(NAMES) == {"rest", "session", "html", "graphql"}


def sent_by(name: str) -> str:
    """A scenario that ships, each template in it an `ID`."""
    text = (ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    return re.sub(r"\{\{[^}]*\}\}", "ID", text)


@pytest.mark.parametrize("face", ADDRESSES)
def test_what_is_told_is_what_is_sent(face: str) -> None:
    told = re.findall(r"`([^`]+)`", ADDRESSES[face].replace("SKU", "tea-sencha"))
    parts = [re.sub(r"^(GET|POST) |^…|(\(|: \{).*", "", one) for one in told]
    sent = sent_by(NAMES[face]) + (sent_by("cancel-order") if face == "rest" else "")
    assert len(parts) >= 4
    assert [part for part in parts if part not in sent] == []
