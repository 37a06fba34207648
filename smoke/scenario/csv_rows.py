"""Comma-separated values (RFC 4180) to rows, strictly: each mistake has its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

MAX_COLUMNS = 200
MAX_COLUMN_NAME = 100

_QUOTED = re.compile(r'"((?:[^"]|"")*+)"')
_PLAIN = re.compile(r'[^",\r\n]*+')
_LINE_END = re.compile(r"\r\n|\r|\n")
_OTHER_SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}


class RowFault(Exception):  # noqa: N818  (a mistake of an author's, that a diagnostic is made of)
    """What is wrong with a file of rows, and where."""

    def __init__(self, message: str, line: int, column: int, *notes: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.notes = notes


class _Field(Struct, frozen=True):
    text: str
    line: int
    column: int


def csv_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of the line on which each row begins, and its values by the names in the first line. Raises RowFault."""
    names: list[str] | None = None
    for fields in _records(text):
        if names is None:
            names = _names(fields)
            continue
        if len(fields) != len(names):
            where = fields[min(len(fields), len(names) + 1) - 1]
            raise RowFault(
                f"this row has {_values(len(fields))}, and the first line names {len(names)}",
                where.line,
                where.column,
                "a value with a comma in it stands in double quotes",
            )
        yield fields[0].line, {name: each.text for name, each in zip(names, fields, strict=True)}


def _values(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"


def _records(text: str) -> Iterator[list[_Field]]:
    """The fields of each line that is not empty."""
    at, line, begin = 0, 1, 0
    while at < len(text):
        fields: list[_Field] = []
        while True:
            field, end = _field(text, at, line, at - begin + 1)
            fields.append(field)
            if len(fields) > MAX_COLUMNS:
                raise RowFault(f"more than {MAX_COLUMNS} values in a row", line, field.column)
            for inside in _LINE_END.finditer(text, at, end):
                line, begin = line + 1, inside.end()
            at = end
            if at < len(text) and text[at] == ",":
                at += 1
                continue
            break
        if len(fields) > 1 or fields[0].text:
            yield fields
        over = _LINE_END.match(text, at)
        if over is not None:
            at, line, begin = over.end(), line + 1, over.end()


def _field(text: str, at: int, line: int, column: int) -> tuple[_Field, int]:
    """The field that begins here, and where it ends."""
    if not text.startswith('"', at):
        plain = _PLAIN.match(text, at)
        assert plain is not None
        end = plain.end()
        if text.startswith('"', end):
            message = "a quote within a value: the whole value stands in quotes, and each of its own is written twice"
            raise RowFault(message, line, column + end - at)
        return _Field(plain[0], line, column), end
    quoted = _QUOTED.match(text, at)
    if quoted is None:
        raise RowFault("the quote that begins here does not end", line, column)
    end = quoted.end()
    if end < len(text) and text[end] not in ",\r\n":
        last = max(text.rfind("\n", at, end), text.rfind("\r", at, end))
        passed = sum(1 for _ in _LINE_END.finditer(text, at, end))
        message = "behind the quote that ends a value a comma or the end of the line is expected"
        raise RowFault(
            message,
            line + passed,
            end - last if passed else column + end - at,
            "a quote within a value is written twice",
        )
    return _Field(quoted[1].replace('""', '"'), line, column), end


def _names(fields: list[_Field]) -> list[str]:
    """The names of the columns. Raises RowFault for those that no template could name."""
    if len(fields) == 1:
        for separator, called in _OTHER_SEPARATORS.items():
            if separator in fields[0].text:
                raise RowFault(
                    f"values are separated by commas, and these look separated by {called}",
                    fields[0].line,
                    fields[0].column + fields[0].text.index(separator),
                    "save it with commas: spreadsheets ask for the separator",
                )
    seen: set[str] = set()
    for field in fields:
        name = field.text
        if message := _name_problem(name, seen):
            raise RowFault(message, field.line, field.column)
        seen.add(name)
    return [field.text for field in fields]


def _name_problem(name: str, seen: set[str]) -> str:
    if not name:
        return "a column has no name: the first line names them, as in email,sku"
    if name != name.strip() or not name.isprintable() or len(name) > MAX_COLUMN_NAME:
        return f"the name of a column is one line of up to {MAX_COLUMN_NAME} characters without spaces at its ends"
    return "two columns have this name" if name in seen else ""
