"""The rows of a file that a loop goes through (`for_each: {file: …}`): read, bounded and checked when a scenario is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from smoke.diagnostic import Diagnostic, Note, SmokeError, Span
from smoke.model import numbers
from smoke.scenario.base import Field, Model
from smoke.scenario.bytes import not_utf8
from smoke.scenario.csv_rows import RowFault, csv_rows
from smoke.scenario.model import FileRow

MAX_ROWS = 10_000
ENDINGS = (".csv", ".jsonl", ".ndjson")


class RowFile(Model):
    """A file with a row for each round."""

    file: str = Field(
        description="CSV (names in its first line) or JSON Lines, in UTF-8: a path relative to the file that names it",
        examples=["customers.csv"],
    )


def ending_problem(name: str) -> str:
    """What is wrong with the name of a file of rows; empty when nothing is."""
    if name.lower().endswith(ENDINGS):
        return ""
    return f"a file of rows is CSV or JSON Lines: its name ends with {', '.join(ENDINGS)}"


def rows_of(data: bytes, name: str, source: str, named: Span) -> tuple[FileRow, ...]:
    """The rows in the bytes of a file. Raises SmokeError with the place of what cannot be read.

    `name` is how the scenario calls it, `source` its path, `named` where it does so. Nothing of its text is quoted: a row may hold secrets.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = not_utf8(data, error.start, source, wanted="a file of rows is a text")
        raise SmokeError([problem]) from error
    try:
        return _rows(text, name.rpartition("/")[2])
    except RowFault as fault:
        span = Span(source, fault.line, fault.column, fault.line, fault.column + 1)
        notes = (*map(Note, fault.notes), Note("its rows are asked for here", named))
        raise SmokeError([Diagnostic("bad-row", str(fault), span=span, notes=notes)]) from fault


def _rows(text: str, called: str) -> tuple[FileRow, ...]:
    """The rows of a file of that name. Raises RowFault."""
    if "\0" in text:
        line, column = _position(text, text.index("\0"))
        raise RowFault("a null character: this is no text", line, column)
    rows: list[FileRow] = []
    for line, values in (csv_rows if called.lower().endswith(".csv") else _json_lines)(text):
        if len(rows) == MAX_ROWS:
            raise RowFault(f"more than {MAX_ROWS:,} rows", line, 1)
        rows.append(FileRow(values, f"{called}:{line}"))
    if not rows:
        raise RowFault("the file has no row: the loop would do nothing", 1, 1)
    return tuple(rows)


def _json_lines(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """An object from each line that is not empty (jsonlines.org), with its number. Raises RowFault."""
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = numbers.loads(line)
        except json.JSONDecodeError as error:
            raise RowFault("this is not JSON", number, error.colno) from error
        except RecursionError as error:
            raise RowFault("this is nested too deeply", number, 1) from error
        except ValueError as error:  # NaN, a number of thousands of digits
            raise RowFault(f"this is not JSON that can be used: {error}", number, 1) from error
        if not isinstance(value, dict):
            message = 'a row is an object, such as {"email": "a@shop.example"}'
            raise RowFault(message, number, len(line) - len(line.lstrip()) + 1)
        yield number, value


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
