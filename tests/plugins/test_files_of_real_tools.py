"""Files that other tools made: each is imported, or refused for the reason that the table beside them says, and no secret is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smoke.diagnostic import SmokeError
from tests.support.importing import CORPUS, made_of

REAL = CORPUS / "real"
TABLE = dict(
    re.findall(r"(?m)^\| `([^`]+)` \| .+ \| ([^|]+) \|$", (REAL / "README.md").read_text("utf-8"))
)
SECRETS = re.compile(r"correct horse|k3y-4f5e|t0ken-4f5e|4242 ?4242|ses_[0-9a-f]{8}|berg@shop")


def result_of(path: Path) -> str:
    """What the table says of a file."""
    try:
        made = made_of(path.read_bytes())
    except SmokeError as refused:
        codes = {each.code for each in refused.diagnostics} - {"cannot-read"}
        reason = str(refused).replace("the file", "it")
        return (
            "refused: "
            + ", ".join((*codes, ""))
            + reason.replace("it is no recording that smoke can read", "no importer knows it")
        )
    assert not SECRETS.search(made.text + "".join(made.unread))
    count = len(re.findall(r"(?m)^  - name: ", made.text))
    found = ", the order is found" if "places_order:" in made.text else ""
    left = f", {len(made.unread)} not taken over" if made.unread else ""
    return f"{count} step{'' if count == 1 else 's'}{found}{left}"


def test_the_table_has_each_file() -> None:
    files = {path.name for path in REAL.iterdir() if path.suffix != ".md"}
    assert files == TABLE.keys()
    assert len(files) >= 40


@pytest.mark.parametrize("name", TABLE)
def test_a_file_of_a_tool_is_imported_or_refused(name: str) -> None:
    assert result_of(REAL / name) == TABLE[name]
