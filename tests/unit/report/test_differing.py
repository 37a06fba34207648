"""What is a difference between two exchanges, and what differs in every run."""

from __future__ import annotations

import pytest
from msgspec import structs

from smoke.facts.differing import Likeness, Side, compare_exchanges, compare_runs, side_of
from smoke.model.exchange import Exchange
from tests.support import samples
from tests.support.samples import Sample

ONE, OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def side(sample: Sample, body: bytes, media_type: str, **response: object) -> Side:
    """The answer of the first step with another body."""
    scenario = sample.run.scenarios[0]
    found = side_of(sample.run, scenario, scenario.steps[0], sample.evidence)
    assert found is not None
    exchange: Exchange = found.exchange
    assert exchange.response is not None
    kept = sample.evidence.keep("other", body, media_type)
    answer = structs.replace(exchange.response, body=kept, **response)
    return structs.replace(found, exchange=structs.replace(exchange, response=answer))


def likeness(left: bytes, right: bytes, media_type: str = "application/json") -> dict[str, str]:
    """How the values of two answers' bodies are to each other, but for those that are equal."""
    sides = (side(samples.failing(), body, media_type) for body in (left, right))
    return {
        value.place.removeprefix("answer "): value.likeness.value
        for value in compare_exchanges(*sides)
        if value.place.startswith("answer") and value.likeness is not Likeness.EQUAL
    }


@pytest.mark.parametrize(
    ("key", "left", "right", "expected"),
    [
        ("state", '"new"', '"held"', "differs"),
        ("valid", "true", "false", "differs"),
        ("paid", "true", "false", "differs"),
        ("total", "10", "20", "differs"),
        ("format", '"a4"', '"a5"', "differs"),
        ("region", '"eu1"', '"eu2"', "differs"),
        ("id", "null", "12", "differs"),
        ("id", '"tea"', '"coffee"', "differs"),
        ("id", "11", "12", "volatile"),
        ("orderId", '"A-1"', '"A-2"', "volatile"),
        ("created_at", "1", "2", "volatile"),
        ("any", f'"{ONE}"', f'"{OTHER}"', "volatile"),
        ("any", '"2026-11-28T10:00:00Z"', '"2026-11-28T10:00:01Z"', "volatile"),
        ("any", f'"seen {ONE} twice"', f'"seen {OTHER} twice"', "volatile"),
        ("any", f'"seen {ONE} twice"', f'"seen {OTHER} once"', "differs"),
        (
            "any",
            '"smoke.ada.abcdefghjkmn@example.com"',
            '"smoke.ben.zzzzzzzzzzzz@example.com"',
            "volatile",
        ),
    ],
)
def test_a_value_of_an_answer(key: str, left: str, right: str, expected: str) -> None:
    first, second = (f'{{"{key}": {value}}}'.encode() for value in (left, right))
    assert likeness(first, second) == {f"$.{key}": expected}


def test_text_is_compared_by_lines() -> None:
    left = f"<html>\n<i {ONE}>\n<b>tea\n</html>".encode()
    right = f"<html>\n<i {OTHER}>\n<b>coffee\n<b>milk\n</html>".encode()
    assert likeness(left, right, "text/html") == {
        "line 2": "volatile",
        "line 3": "differs",
        "line 4": "differs",
    }
    assert likeness(b"a\n" * 3000, b"b\n" * 3000, "text/plain") == {"body": "differs"}


def test_a_value_that_one_side_lacks_differs() -> None:
    assert likeness(b'{"a": 1}', b'{"a": 1, "b": 2}') == {"$.b": "differs"}
    assert likeness(b"", b'{"b": 2}') == {"$.b": "differs"}
    assert likeness(b"x" * 300_000, b"y" * 300_000, "text/plain") == {"body": "differs"}


@pytest.mark.parametrize(
    ("size", "gone", "told"), [(300_000, False, "above 262,144 bytes"), (3, True, "was removed")]
)
def test_why_bodies_are_compared_as_a_whole(size: int, gone: bool, told: str) -> None:
    left, right = (side(samples.failing(), word * size, "text/plain") for word in (b"x", b"y"))
    if gone:
        response = right.exchange.response
        assert response is not None
        lost = structs.replace(response, body=structs.replace(response.body, path=""))
        right = structs.replace(right, exchange=structs.replace(right.exchange, response=lost))
    (value,) = [each for each in compare_exchanges(left, right) if each.place == "answer body"]
    assert told in value.why


def test_headers_by_what_they_are() -> None:
    def with_header(name: bytes, value: bytes) -> Side:
        return side(samples.failing(), b"", "", headers=((name, value),))

    for name, expected in (
        (b"Date", "volatile"),
        (b"X-Request-Id", "volatile"),
        (b"Vary", "differs"),
    ):
        (value,) = [
            each
            for each in compare_exchanges(with_header(name, b"a"), with_header(name, b"b"))
            if each.place == f"answer header {name.decode().lower()}"
        ]
        assert value.likeness == expected
    (masked,) = [
        each
        for each in compare_exchanges(
            with_header(b"Vary", b"[masked]"), with_header(b"Vary", b"[masked]")
        )
        if each.place == "answer header vary"
    ]
    assert masked.likeness is Likeness.UNKNOWN


def test_runs_are_compared_step_by_step() -> None:
    left, right = samples.passing(), samples.failing()
    found = {
        each.step: each for each in compare_runs(left.run, right.run, left.evidence, right.evidence)
    }
    assert found["Order 2"].differs
    outcome = found["Order 2"].values[0]
    assert (outcome.place, outcome.left, outcome.right) == ("outcome", "passed", "failed")
    same = compare_runs(left.run, left.run, left.evidence, left.evidence)
    assert not any(each.differs for each in same)
    alone = structs.replace(left.run, scenarios=())
    ours = compare_runs(left.run, alone, left.evidence, left.evidence)
    theirs = compare_runs(alone, left.run, left.evidence, left.evidence)
    assert {each.only for each in ours} == {"left"}
    assert {each.only for each in theirs} == {"right"}
