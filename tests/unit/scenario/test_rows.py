"""Files of rows: RFC 4180 and JSON Lines as they come from spreadsheets, each mistake with its place."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.diagnostic import Diagnostic, SmokeError, Span
from smoke.model.run import JsonValue
from smoke.scenario.csv_rows import MAX_COLUMNS
from smoke.scenario.rows import MAX_ROWS, rows_of

HERE = Span("a.yaml", 3, 1)


def rows(data: bytes, name: str = "cases/a.csv") -> list[tuple[str, dict[str, JsonValue]]]:
    return [(row.name, dict(row.values)) for row in rows_of(data, name, "x/cases/a.csv", HERE)]


def fault(data: bytes, name: str = "a.csv") -> Diagnostic:
    with pytest.raises(SmokeError) as caught:
        rows_of(data, name, "x/" + name, HERE)
    (found,) = caught.value.diagnostics
    return found


def test_csv_as_spreadsheets_write_it() -> None:
    data = b'\xef\xbb\xbfemail,"full name",note\r\na@b.example,"M\xc3\xbcller, Ann","says ""hi""\r\ntwice"\r\n\r\nc,,{{ env.HOME }}'
    assert rows(data) == [
        ("a.csv:2", {"email": "a@b.example", "full name": "Müller, Ann", "note": 'says "hi"\r\ntwice'}),
        ("a.csv:5", {"email": "c", "full name": "", "note": "{{ env.HOME }}"}),
    ]  # fmt: skip
    assert rows(b"a\rb\rc\r") == [("a.csv:2", {"a": "b"}), ("a.csv:3", {"a": "c"})]


def test_json_lines_keep_their_types() -> None:
    data = b'{"a": 1.10, "b": [1, null]}\r\n\r\n  {"a": {"c": true}}'
    assert rows(data, "A.JSONL") == [
        ("A.JSONL:1", {"a": 1.1, "b": [1, None]}),
        ("A.JSONL:3", {"a": {"c": True}}),
    ]
    assert str(rows(data, "a.ndjson")[0][1]["a"]) == "1.10"


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"", (1, 1), "no row"),
        (b"a,b\n", (1, 1), "no row"),
        (b"a,,c\n1,2,3", (1, 3), "no name"),
        (b"a, b\n1,2", (1, 3), "without spaces"),
        (b'a,"b\nc"\n1,2', (1, 3), "one line"),
        (b"a,b,a\n1,2,3", (1, 5), "two columns"),
        (b"a;b\n1;2", (1, 2), "separated by ';'"),
        (b"a\tb\n1\t2", (1, 2), "separated by tabs"),
        (b"a,b\n1", (2, 1), "1 value, and the first line names 2"),
        (b"a,b\n1,2,3,4", (2, 5), "4 values"),
        (b'a,b\n1,x"y"', (2, 4), "quote within"),
        (b'a,b\n1,"x', (2, 3), "does not end"),
        (b'a,b\n1,"x"y', (2, 6), "behind the quote"),
        (b'a,b\n"1\n\n2"x', (4, 3), "behind the quote"),
        (b"a,b\n1,\0", (2, 3), "null character"),
        (b"a" + b",a" * MAX_COLUMNS, (1, 1 + 2 * MAX_COLUMNS), "more than 200 values"),
        (b"a\n" + b"1\n" * (MAX_ROWS + 1), (MAX_ROWS + 2, 1), "more than 10,000 rows"),
    ],
)
def test_a_mistake_has_its_line_and_column(data: bytes, place: tuple[int, int], words: str) -> None:
    found = fault(data)
    assert found.code == "bad-row"
    assert words in found.message
    assert found.span is not None
    assert (found.span.source, found.span.line, found.span.column) == ("x/a.csv", *place)
    assert found.notes[-1].span == HERE


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b'{"a": 1}\n{a: 2}', (2, 2), "not JSON"),
        (b'{"a": 1}\n[1]', (2, 1), "an object"),
        (b'{"a": 1}\n  "a"', (2, 3), "an object"),
        (b'{"a": NaN}', (1, 1), "NaN"),
        (b'{"a": ' + b"9" * 5000 + b"}", (1, 1), "can be used"),
        (b'{"a": ' + b"[" * 200_000, (1, 1), "nested too deeply"),
        (b"\n\n", (1, 1), "no row"),
    ],
)
def test_a_mistake_in_json_lines_too(data: bytes, place: tuple[int, int], words: str) -> None:
    found = fault(data, "a.jsonl")
    assert words in found.message
    assert found.span is not None
    assert (found.span.line, found.span.column) == place


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("a,b\n1,2".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,M\xfcller", "Windows-1252"),
        (b"PK\x03\x04\xff", "a file of rows is a text"),
    ],
)
def test_another_encoding_is_told(data: bytes, hint: str) -> None:
    found = fault(data)
    assert found.code == "not-utf8"
    assert hint in found.notes[0].message


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_what_python_writes_is_read_as_it_was(given_rows: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("a", "b"), *given_rows])
    read = [
        tuple(row.values.values()) for row in rows_of(out.getvalue().encode(), "a.csv", "", HERE)
    ]
    assert read == given_rows


@given(st.binary(max_size=64), st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_bytes_are_rows_or_a_diagnostic(data: bytes, name: str) -> None:
    try:
        found = rows_of(data, name, name, HERE)
    except SmokeError as error:
        spans = [diagnostic.span for diagnostic in error.diagnostics]
        assert None not in spans
    else:
        assert found


@pytest.mark.parametrize("piece", [b'"', b'""', b'",', b",", b'"\n', b"\r"])
def test_its_work_grows_no_faster_than_the_file(piece: bytes) -> None:
    with pytest.raises(SmokeError):
        rows_of(b'a,b\n1,"' + piece * 300_000, "a.csv", "", HERE)
