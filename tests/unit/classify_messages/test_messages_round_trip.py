"""A template filled as the server fills it gives back what was put in: every message, in every language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.classify.messages import find_messages
from smoke.classify.messages._table import ROWS, TEMPLATES
from smoke.classify.messages.words import PLACEHOLDER

LANGUAGES = sorted({language for _, language, _ in ROWS})
QUOTES = '"«»„“'
NAMES = (
    ("orders_uq", "order items", "straße_eindeutig"),
    ("数量_チェック", "a, b", 'we"ird'),
    ("OrderLines unitPrice > 0", "it's", "x(y)=(z)"),
    ("Ключ", "(a)", "50%"),
)
LEFT_OUT = {
    # a translation without the quotes that part a value from the sentence, or with one of them missing
    ("ka", '"%s" is out of range for type double precision'),
    ("ka", '"%s" is out of range for type real'),
    ("uk", 'removing partition "%s" violates foreign key constraint "%s"'),
}


def fill(text: str, arguments: list[str]) -> str:
    """What sprintf makes of it."""
    parts: list[str] = []
    end = count = 0
    for match in PLACEHOLDER.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] == "%%":
            parts.append("%")
            continue
        parts.append(arguments[int(match[1]) - 1 if match[1] else count])
        count += 1
    return "".join([*parts, text[end:]])


def quoted(text: str, number: int) -> bool:
    """Whether the placeholder of that argument stands in quotes of its own."""
    for count, match in enumerate(m for m in PLACEHOLDER.finditer(text) if m[0] != "%%"):
        if (int(match[1]) - 1 if match[1] else count) == number:
            before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
            return before[-1:] in QUOTES and after[:1] in QUOTES and bool(before and after)
    return False


def arguments_of(text: str, fields: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    found = []
    for number in range(max(len(fields), len(PLACEHOLDER.findall(text)))):
        field = fields[number] if number < len(fields) else ""
        fixed = {
            "columns_values": "(a, b)=(x y, 1)",
            "columns": "a, b",
            "values": "some value 1",
            "length": "12",
            "function_signature": "do_it()",
        }
        if field in fixed:
            found.append(fixed[field])
        elif field.endswith(("_name", "_table", "_type")):
            found.append(names[number % 3] if quoted(text, number) else "plain_name")
        else:
            found.append("77")
    return found


def expected(fields: tuple[str, ...], arguments: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, argument in zip(fields, arguments, strict=False):
        if field == "columns_values":
            found |= {"columns": "a, b", "values": "x y, 1"}
        elif field not in {"", "encoding"}:
            found[field] = argument
    return found


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_a_language_is_found_with_its_names(
    language: str, names: tuple[str, ...]
) -> None:
    wrong = []
    for number, spoken, text in ROWS:
        sqlstate, kind, fields, msgid = TEMPLATES[number]
        if spoken != language or (language, msgid) in LEFT_OUT:
            continue
        arguments = arguments_of(text, fields, names)
        message = fill(text, arguments)
        found = find_messages(f"LABEL:  {message}\nnext line")
        wanted = expected(fields, arguments)
        good = (
            len(found) == 1
            and (found[0].sqlstate, found[0].kind) == (sqlstate, kind)
            and wanted.items()
            <= {name: value for name, (value, _, _) in found[0].fields.items()}.items()
        )
        if not good:
            wrong.append((message, found))
    assert not wrong


IDENTIFIERS = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"),
        exclude_characters="\"'`´«»„“”‟‘’‚‹›「」『』″＂\\…&",
    ),
    min_size=1,
    max_size=63,
).filter(lambda name: not name.endswith("..."))
UNIQUE_ROWS = [
    text
    for number, _, text in ROWS
    if TEMPLATES[number][3] == 'duplicate key value violates unique constraint "%s"'
]


@settings(max_examples=60, deadline=None)
@given(name=IDENTIFIERS)
def test_any_identifier_comes_back_from_a_unique_violation_in_any_language(name: str) -> None:
    for text in UNIQUE_ROWS:
        found = find_messages(fill(text, [name]))
        assert [(match.sqlstate, match.value("constraint_name")) for match in found] == [
            ("23505", name)
        ]


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_answered_with_spans_inside_it(text: str) -> None:
    for body in (
        text,
        f'duplicate key value violates unique constraint "{text}',
        f"Key ({text})=({text}) already exists.",
    ):
        for match in find_messages(body):
            assert 0 <= match.start <= match.end <= len(body)
            for value, start, end in match.fields.values():
                assert body[start:end] == value


@pytest.mark.parametrize(("turn", "language"), list(enumerate(LANGUAGES)))
def test_however_a_message_of_class_23_is_cut_no_half_name_and_no_other_code_comes_out(
    turn: int,
    language: str,
) -> None:
    wrong = []
    for number, spoken, text in ROWS:
        sqlstate, kind, fields, _ = TEMPLATES[number]
        if spoken != language or not sqlstate.startswith("23"):
            continue
        arguments = arguments_of(text, fields, NAMES[0])
        message = fill(text, arguments)
        for length in range(len(message)):
            # by turns as a column or a tool cuts it: the languages are many, and each length comes in both ways
            cut = message[:length] + ("…" if (length + turn) % 2 else "")
            for match in find_messages(cut):
                names = {
                    value
                    for name, (value, _, _) in match.fields.items()
                    if name.endswith(("_name", "_table"))
                }
                if (match.sqlstate, match.kind) != (sqlstate, kind) or not names <= set(arguments):
                    wrong.append((cut, match))
    assert not wrong
