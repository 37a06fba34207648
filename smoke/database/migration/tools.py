"""What the tables of migration tools claim, beside what is true."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from smoke.database.layouts.marks import Mark, marks, tables
from smoke.database.layouts.tables import Tool
from smoke.database.migration.verdict import Verdict
from smoke.database.session import Database, Refusal
from smoke.sql import relation


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one tool's table says of one file, and what that means beside the verdict."""

    tool: str
    table: str
    file: str
    marked: bool
    sentence: str


def is_of(mark: Mark, file: str, text: str, when: str = "") -> bool:
    """Whether a row speaks of a file: by digest, else by name, else by number where the row has no name.

    `when` is the number that Drizzle's journal gives the file.
    """
    if mark.digest:
        digest = hashlib.sha256(text.encode()).hexdigest()
        if mark.digest.lower() == digest or (when and mark.version == when):
            return True
    path = PurePath(_without_direction(file))
    names = {path.stem.lower(), path.parent.name.lower()} - {""}
    label = PurePath(mark.label.replace("\\", "/")).name.lower() if mark.label else ""
    plain = re.sub(r"\.(sql|js|cjs|mjs|ts|py|go|rb|xml|ya?ml|json)$", "", label)
    if plain and (plain in names or any(name == f"{mark.group.lower()}_{plain}" for name in names)):
        return True
    if not mark.version or mark.digest:
        return False
    return _by_number(mark, plain, path) or mark.version.lower() in names


_NUMBER = re.compile(r"[VR]?([0-9][0-9._]*?)(?:__?|-|\.|$)")


def _by_number(mark: Mark, label: str, path: PurePath) -> bool:
    for name in (path.stem, path.parent.name):
        number = _NUMBER.match(name)
        diesel = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})-([0-9]+)", name)
        given = "".join(diesel.groups()) if diesel else number[1] if number else ""
        if not given or _number(mark.version) != _number(given):
            continue
        if not label:
            return True
        end = diesel.end() if diesel else number.end() if number else 0
        known = (_letters(name[end:]), _letters(name))
        # TypeORM writes the number behind the name
        if _letters(label) in known or _letters(label).removesuffix(mark.version) in known:
            return True
    return False


def _without_direction(file: str) -> str:
    return re.sub(r"\.up(\.sql)?$", r"\1", file)


def _number(text: str) -> str:
    return text.strip().replace("_", ".").lstrip("0") or "0"


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def is_before(mark: Mark, file: str) -> bool:
    """Whether a file's number is at most that of the row that names the last version."""
    number = _NUMBER.match(PurePath(_without_direction(file)).stem)
    given, last = (_number(text) for text in (number[1] if number else "", mark.version))
    return given.isdigit() and last.isdigit() and 0 < int(given) <= int(last)


def sentence(place: str, mark: Mark | None, verdict: Verdict) -> str:
    """The sentence that a tired person needs."""
    if mark is None:
        return {
            Verdict.APPLIED: f"{place} does not list it, though its effect is there: it was run by hand",
            Verdict.PARTLY: f"{place} does not list it, though part of its effect is there",
        }.get(verdict, f"{place} does not list it")
    if not mark.done:
        return f"{place} lists it as failed, taken back or not finished" + {
            Verdict.APPLIED: ", though its effect is there",
            Verdict.PARTLY: ", and part of its effect is there",
            Verdict.NOT_APPLIED: ", and its effect is missing",
        }.get(verdict, "")
    return {
        Verdict.APPLIED: f"marked as applied in {place}, and its effect is there",
        Verdict.NOT_APPLIED: f"marked as applied in {place}, but its effect is missing",
        Verdict.PARTLY: f"marked as applied in {place}, but part of its effect is missing",
    }.get(verdict, f"marked as applied in {place}; whether its effect is there cannot be told")


def claimed(
    database: Database, files: Sequence[tuple[str, str]], verdicts: Sequence[Verdict]
) -> tuple[Claimed, ...]:
    """What every tool's table says of these files (name and text), whose verdicts are known."""
    found: list[Claimed] = []
    for tool, schema, table in tables(database):
        rows = marks(database, tool, schema, table)
        where = relation(table, schema)
        place = f"{tool.name}'s table {where}"
        if isinstance(rows, Refusal):
            told = f"{place} is there, but cannot be read: {rows.message}"
            found.append(Claimed(tool.name, where, "", marked=False, sentence=told))
            continue
        for (file, text), verdict in zip(files, verdicts, strict=True):
            mark, told = _told(tool, place, rows, (file, text), verdict)
            marked = mark is not None and mark.done
            found.append(Claimed(tool.name, where, file, marked, told))
    return tuple(found)


def _told(
    tool: Tool, place: str, rows: list[Mark], file: tuple[str, str], verdict: Verdict
) -> tuple[Mark | None, str]:
    when = _drizzle_number(file[0]) if tool.name == "Drizzle" else ""
    of = [mark for mark in rows if is_of(mark, *file, when)]
    groups = {mark.group for mark in of}
    if len(groups) > 1:
        parts = {*PurePath(file[0]).parts, *re.split(r"[._-]", PurePath(file[0]).stem)}
        named = [mark for mark in of if mark.group in parts]
        if len({mark.group for mark in named}) != 1:
            return None, f"{place} lists that name for {', '.join(sorted(groups))}: whose is meant?"
        of = named
    if tool.last and not of and rows:
        before = next((mark for mark in rows if is_before(mark, file[0])), None)
        if before is not None:
            of = [Mark(before.version)]  # only of the last one it says whether it failed
        else:
            known = ", ".join(mark.version for mark in rows[:3])
            return None, f"{place} names only the last version, which is {known}"
    done = of[-1:] if tool.order else [mark for mark in of if mark.done] or of
    mark = done[0] if done else None
    return mark, sentence(place, mark, verdict)


def _drizzle_number(file: str) -> str:
    """What Drizzle's journal beside the file calls the time of it, which is all that its table knows it by."""
    journal = Path(file).parent / "meta" / "_journal.json"
    try:
        entries = json.loads(journal.read_text(encoding="utf-8")).get("entries", [])
    except (OSError, ValueError, AttributeError):
        return ""  # no journal, or none that can be read: the digest alone tells
    stem = Path(file).stem
    found = (
        str(e.get("when", "")) for e in entries if isinstance(e, dict) and e.get("tag") == stem
    )
    return next(found, "")
