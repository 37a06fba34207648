"""Which migration that is not applied would make something: the scenario's own, else one in the folder beside it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from smoke.database.answers.question import Question
from smoke.database.layouts.reading import read_files
from smoke.database.migration.applied import Applied, applied_files
from smoke.database.migration.verdict import Verdict
from smoke.diagnostic import SmokeError
from smoke.text import shorten

_MOST = 5
_MOST_FILES = 500
_LARGEST = 1024 * 1024
_MAKES = re.compile(r"(?i)\b(?:create|alter|add)\b")


def unapplied(question: Question, name: str) -> list[str]:
    """Statements that name it and are not applied in this database."""
    word = _word(name)
    if question.fix is not None and (lines := made_by(question.fix, word)):
        return lines
    if question.fix_file is None:
        return []
    lines = []
    for file in itertools.islice(_naming(question.fix_file, word), 3):
        ask = partial(applied_files, question.database, file)
        found = question.part(f"the migration {file}", ask)
        lines += [] if found is None else made_by(found, word)
    return lines[:_MOST]


def made_by(applied: Applied, word: re.Pattern[str]) -> list[str]:
    """The statements of a migration that hold a word and are not applied. Pure."""
    return [
        f"{judged.file}:{judged.line} names it and is not applied here: {shorten(' '.join(judged.sql.split()), 120)}"
        for judged in applied.statements
        if judged.verdict in (Verdict.NOT_APPLIED, Verdict.PARTLY) and word.search(judged.sql)
    ][:_MOST]


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])", re.IGNORECASE)


def _naming(fix: Path, word: re.Pattern[str]) -> Iterable[Path]:
    """Migrations beside the scenario's that make something and hold the word, the latest first.

    Tools that have a folder for each migration give every file the same name.
    """
    alone = fix.name in ("migration.sql", "up.sql")
    files = fix.parent.parent.glob(f"*/{fix.name}") if alone else fix.parent.glob("*.sql")
    for file in sorted(itertools.islice(files, _MOST_FILES), reverse=True):
        if file == fix or not file.is_file() or file.stat().st_size > _LARGEST:
            continue
        try:
            ((_, text),) = read_files(file)
        except SmokeError:
            continue  # a file that cannot be read is no migration that is known
        if word.search(text) and _MAKES.search(text):
            yield file
