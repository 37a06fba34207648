"""Which row of a migration tool's table speaks of a file, and what that means beside the truth."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from smoke.database.layouts.marks import Mark
from smoke.database.layouts.reading import read_files
from smoke.database.migration.tools import is_of, sentence
from smoke.database.migration.verdict import Verdict


@pytest.mark.parametrize(
    ("mark", "file", "same"),
    [
        (Mark("0007", "one_job"), "db/0007_one_job.sql", True),
        (Mark("7", ""), "db/0007_one_job.sql", True),
        (Mark("0007", "another"), "db/0007_one_job.sql", False),
        (Mark("20261120", ""), "supabase/migrations/20261120_x.sql", True),
        (Mark("", "20261120_init"), "prisma/migrations/20261120_init/migration.sql", True),
        (Mark("1.2", "V1.2__add.sql"), "V1.2__add.sql", True),
        (Mark("8", ""), "0007_one_job.sql", False),
        (Mark("", "0007_one_job.js"), "0007_one_job.sql", True),
        (Mark("", "", hashlib.sha256(b"select 1").hexdigest()), "drizzle/0000_a.sql", True),
        (Mark("ae1027a6acf", ""), "ae1027a6acf.sql", True),
        (Mark("1700000000000", "AddB1700000000000"), "src/1700000000000-AddB.sql", True),
        (Mark("1700000000000", "AddC1700000000000"), "src/1700000000000-AddB.sql", False),
        (Mark("20261120120000", ""), "migrations/2026-11-20-120000_add_b/up.sql", True),
        (Mark("20261120120000", "add_b"), "20261120120000_add_b.up.sql", True),
        (Mark("", "add_b", group="shop"), "sql/shop_add_b.sql", True),
        (Mark("1", "<< Flyway Baseline >>"), "V1__init.sql", False),
    ],
)
def test_a_row_is_of_a_file_by_digest_name_or_number(mark: Mark, file: str, same: bool) -> None:
    assert is_of(mark, file, "select 1") is same


def test_the_sentence_says_when_the_mark_and_the_truth_differ() -> None:
    told = sentence("shop's table m", Mark("1"), Verdict.NOT_APPLIED)
    assert told == "marked as applied in shop's table m, but its effect is missing"
    assert "failed" in sentence("m", Mark("1", done=False), Verdict.APPLIED)
    assert "run by hand" in sentence("m", None, Verdict.APPLIED)


def test_files_of_a_folder_come_in_the_order_of_their_numbers_without_undo_files(
    tmp_path: Path,
) -> None:
    for name in ("10_b.sql", "9_a.sql", "9_a.down.sql", "R__view.sql", "U9__a.sql", "notes.txt"):
        (tmp_path / name).write_text("select 1")
    assert [Path(name).name for name, _ in read_files(tmp_path)] == [
        "9_a.sql",
        "10_b.sql",
        "R__view.sql",
    ]


def test_what_takes_back_in_folders_of_its_own_is_left_out(tmp_path: Path) -> None:
    for name in ("deploy/a.sql", "revert/a.sql", "verify/a.sql", "2_b/up.sql", "2_b/down.sql"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("select 1")
    found = [Path(name).relative_to(tmp_path).as_posix() for name, _ in read_files(tmp_path)]
    assert found == ["2_b/up.sql", "deploy/a.sql"]
