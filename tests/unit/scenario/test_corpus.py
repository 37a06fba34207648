"""Every invalid file of the corpus gives exactly the message that lies beside it.

`SMOKE_UPDATE_SNAPSHOTS=1` writes the messages anew; a change of wording is then reviewed as a diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smoke.cli.render import render_diagnostics
from smoke.diagnostic import SmokeError
from smoke.scenario.load import load_scenario
from tests.support.snapshots import UPDATE

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "scenarios"
CASES = sorted(path.parent.name for path in CORPUS.glob("*/scenario.yaml"))


def _told(case: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(CORPUS / case)  # the messages name the file as it was given
    try:
        found = load_scenario("scenario.yaml").warnings
    except SmokeError as error:
        found = error.diagnostics
    return render_diagnostics(found, width=100, color=False, unicode=True)


@pytest.mark.parametrize("case", CASES)
def test_the_message_is_the_one_that_was_reviewed(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _told(case, monkeypatch).rstrip("\n") + "\n"
    expected = CORPUS / case / "expected.txt"
    if os.environ.get(UPDATE):
        expected.write_text(told, encoding="utf-8", newline="\n")
    assert told == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_every_message_has_its_place_and_its_page(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _told(case, monkeypatch)
    assert "scenario.yaml:" in told or ".yaml:" in told
    assert "more: smoke explain" in told


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 25
