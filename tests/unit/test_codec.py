"""Events survive their way through JSON, and damaged ones are named, never a crash."""

from __future__ import annotations

import json
import math
import typing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smoke import codec
from smoke.model.events import (
    EVENT_TYPES,
    SCHEMA,
    AttemptFinished,
    Event,
    RunFinished,
    StepFinished,
)
from smoke.model.fields import fields_of
from smoke.model.run import Attempt, Capture, Mismatch, Outcome, Run, StepResult

_TEXT = st.text(max_size=20)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)


def _values(kind: typing.Any) -> st.SearchStrategy[typing.Any]:
    """Values of a field's type, made from the model's own annotations."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is str:
        return st.text(st.characters(), max_size=10)
    if kind is bytes:
        return st.binary(max_size=10)
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers()
    if kind is float:
        return st.floats(allow_nan=False)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(_values(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_values, arguments))
    if type(None) in arguments:
        return st.none() | _values(next(a for a in arguments if a is not type(None)))
    if kind in (Capture, Mismatch):
        names = ["value"] if kind is Capture else ["expected", "actual"]
        hints = typing.get_type_hints(kind, localns={"JsonValue": object})
        return st.builds(
            kind,
            **{name: _JSON if name in names else _values(hint) for name, hint in hints.items()},
        )
    if fields_of(kind) is not None:
        hints = typing.get_type_hints(kind)
        values = {name: _values(hint) for name, hint in hints.items()}
        if kind is Run:  # one of a later schema is refused
            values["schema"] = st.integers(max_value=SCHEMA)
        return st.builds(kind, **values)
    return st.sampled_from(list(kind))


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_comes_back_as_it_was(name: str) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(_values(EVENT_TYPES[name]))
    def comes_back(event: Event) -> None:
        line = codec.dump_event(event)
        assert line.isascii()
        assert "\n" not in line
        json.loads(line, parse_constant=pytest.fail)
        assert codec.load_event(line) == event

    comes_back()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_written_as_text(value: float) -> None:
    line = codec.dump_event(RunFinished("t", Outcome.PASSED, seconds=value))
    assert "NaN" not in line
    assert "Infinity" not in line
    back = codec.load_event(line)
    assert isinstance(back, RunFinished)
    assert str(back.seconds) == str(value)


def test_a_number_too_long_for_decimal_is_kept_as_text() -> None:
    taken = (Capture("n", 1 << 20_000),)
    event = StepFinished("t", "s", StepResult("x", "x", "request", Outcome.PASSED, captures=taken))
    back = codec.load_event(codec.dump_event(event))
    assert isinstance(back, StepFinished)
    assert back.result.captures[0].value == hex(1 << 20_000)


def test_unknown_keys_and_events_are_passed_over() -> None:
    assert codec.load_event('{"event":"Unheard"}') is None
    line = '{"event":"RunFinished","at":"t","outcome":"passed","mood":"good"}'
    assert codec.load_event(line) == RunFinished("t", Outcome.PASSED)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "7",
        '{"event":5}',
        '{"event":{"a":1}}',
        '{"event":null}',
        '{"event":"RunStarted"}',
        '{"event":"RunStarted","at":1}',
        '{"event":"RunFinished","at":"t","outcome":"nope"}',
        '{"event":"RunFinished","at":"t","outcome":["passed"]}',
        '{"event":"RunFinished","at":"t","outcome":"passed","seconds":"x"}',
        '{"event":"RunFinished","at":"t","outcome":"passed","seconds":true}',
        '{"event":"RunFinished","at":"t","outcome":"passed","problems":"abc"}',
        '{"event":"AttemptFinished","at":"t","scenario":"s","step":"s","number":true}',
        '{"event":"ExchangeRecorded","at":"t","scenario":"s","step":"s","attempt":1,"exchange":5}',
        '{"event":' + "[" * 100_000,
    ],
)
def test_what_is_no_event_is_said(line: str) -> None:
    with pytest.raises(ValueError):
        codec.load_event(line)


@settings(max_examples=200)
@given(_JSON, st.sampled_from(sorted(EVENT_TYPES)), st.text(max_size=8))
def test_any_json_in_any_field_is_an_event_or_a_value_error(
    value: object, name: str, key: str
) -> None:
    fields = fields_of(EVENT_TYPES[name]) or ()
    for field in (*(each.name for each in fields), key):
        line = json.dumps({"event": name, "at": "t", field: value})
        try:
            codec.load_event(line)
        except ValueError:
            continue


def test_defaults_are_left_out_and_come_back() -> None:
    line = codec.dump_event(AttemptFinished("t", "s", "x", Attempt(1)))
    assert json.loads(line) == {
        "event": "AttemptFinished",
        "at": "t",
        "scenario": "s",
        "step": "x",
        "attempt": {"number": 1},
    }


@pytest.mark.parametrize("text", ["plain", "\ud83d", "ü", '\x00\x1f\x7f"\\/', "\u2028"])
def test_a_text_is_ascii_on_the_disk_and_comes_back(text: str) -> None:
    event = StepFinished("t", "s", StepResult("x", text, "request", Outcome.PASSED))
    line = codec.dump_event(event)
    assert line.isascii()
    assert json.loads(line)["result"]["name"] == text
    assert codec.load_event(line) == event
