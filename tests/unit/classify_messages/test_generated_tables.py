"""The tables that ship are what their generators write from the inputs in the repository."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import psycopg.errors
import pytest

from smoke.classify import sqlstate
from smoke.classify.messages._table import INDEX, ROWS, TEMPLATES

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", ["generate_sqlstate", "generate_messages"])
def test_the_generator_finds_its_table_up_to_date(name: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / f"{name}.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["generate_sqlstate", "generate_messages"])
def test_the_generator_refuses_a_table_that_was_edited(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = importlib.import_module(f"tools.{name}")
    edited = tmp_path / "edited.py"
    edited.write_text("# not it\n", encoding="utf-8")
    monkeypatch.setattr(generator, "TARGET", edited)
    assert generator.main(["--check"]) == 1
    assert "is not what the generator writes" in capsys.readouterr().err
    assert edited.read_text(encoding="utf-8") == "# not it\n"


def test_psycopg_knows_no_code_that_the_table_lacks() -> None:
    """An independent list of the same codes."""
    theirs = {code for code in psycopg.errors._sqlcodes if re.fullmatch("[0-9A-Z]{5}", code)}
    assert len(theirs) > 240
    assert theirs <= set(sqlstate.CONDITIONS)


def test_lookups_by_code_class_and_name() -> None:
    assert sqlstate.condition_name("23505") == "unique_violation"
    assert sqlstate.condition_name("H2S01") is None
    assert sqlstate.NAMES["null_value_not_allowed"] == ("22004", "39004")
    assert {code[:2] for code in sqlstate.CONDITIONS} == set(sqlstate.CLASSES)


def test_every_template_has_a_sqlstate_of_the_table_or_is_shared() -> None:
    for code, kind, fields, msgid in TEMPLATES:
        assert code in sqlstate.CONDITIONS or kind == "detail" or "connection" in msgid
        if any(fields):
            assert len(fields) == len(re.findall(r"%[^%]", msgid)), msgid


def test_every_row_can_be_found_by_a_word() -> None:
    assert sorted(row for rows in INDEX.values() for row in rows) == list(range(len(ROWS)))
