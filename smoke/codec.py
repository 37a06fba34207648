"""To and from JSON for the model's values, events and runs.

Rules: a Struct or dataclass is an object with its fields, those at their default left out; bytes are text by ISO-8859-1
(each byte one character, so nothing is lost); enumerations are their values; unknown keys are ignored, so that an
older smoke reads what a newer one wrote in the same schema. The JSON is strict: no NaN, and lone surrogates are escaped.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import json
import math
import types
import typing
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, Union

import msgspec

from smoke.model import events, run
from smoke.model.earlier import Earlier, schema_of
from smoke.model.events import EVENT_TYPES, Event
from smoke.model.fields import fields_of
from smoke.model.numbers import fraction, has_written, integer, json_text

T = TypeVar("T")

_JSON_VALUE = run.JsonValue
_MAX_BITS = 14_000


def encode(value: object) -> Any:
    """The JSON value of a model value. Raises TypeError for a type that the model does not have."""
    return _encoder(type(value))(value)


def _encoder_for(kind: type) -> Callable[[Any], Any]:
    """How values of exactly this type become JSON."""
    if kind is bytes:
        return _latin
    if kind in (str, bool, type(None)):
        return _same
    fields = fields_of(kind)
    if fields is not None:
        return _object_encoder(tuple((field.name, field.default) for field in fields))
    if issubclass(kind, enum.Enum):
        return attrgetter("_value_")  # `value` is a property in Python, and takes ten times as long
    if issubclass(kind, int):
        # Python refuses to write longer numbers in decimal
        return lambda value: value if value.bit_length() < _MAX_BITS else hex(value)
    if issubclass(kind, str):
        return str
    if issubclass(kind, float):
        return lambda value: value if math.isfinite(value) else str(value)
    if issubclass(kind, (tuple, list)):
        return _list
    if issubclass(kind, dict):
        return lambda value: {str(key): encode(item) for key, item in value.items()}
    raise TypeError(f"no JSON for {kind.__name__}")


# chosen once for each type, since a run has a million values
_encoder: Callable[[type], Callable[[Any], Any]] = functools.cache(_encoder_for)


def _same(value: Any) -> Any:
    return value


def _latin(value: bytes) -> str:
    return value.decode("latin-1")


def _list(value: tuple[Any, ...] | list[Any]) -> list[Any]:
    if value and type(value[0]) is tuple:  # headers are pairs of bytes, most of a run's values
        with contextlib.suppress(AttributeError, ValueError):
            return [[name.decode("latin-1"), text.decode("latin-1")] for name, text in value]
    return [
        item.decode("latin-1")
        if type(item) is bytes
        else item
        if type(item) is str
        else _encoder(type(item))(item)
        for item in value
    ]


def _object_encoder(fields: tuple[tuple[str, object], ...]) -> Callable[[Any], dict[str, Any]]:
    """For an object with these fields and defaults: those at their default are left out. No default equals nothing."""

    def encoder(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, default in fields:
            item = getattr(value, name)
            if item is default or item == default:
                continue
            kind = type(item)
            found[name] = item if kind is str or kind is bool else _encoder(kind)(item)
        return found

    return encoder


# ASCII without NaN, made once: json.dumps would make an encoder for every line
_write_json = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def _ascii(fields: Any) -> str:
    """What `encode` gave, as one line. msgspec is ten times as fast, for what needs no escape and has no half character."""
    try:
        line = msgspec.json.encode(fields)
    except (UnicodeEncodeError, OverflowError):
        return _write_json(fields)
    return line.decode() if line.isascii() else _write_json(fields)


def dumps(value: object) -> str:
    """One line of strict ASCII JSON; numbers are written as they were."""
    return json_text(encode(value), ascii_only=True)


def dump_event(event: Event) -> str:
    """One line: the event's type name under `event`, then its fields."""
    fields = encode(event)
    written = _holds_values(event) and has_written(fields)
    text = json_text(fields, ascii_only=True) if written else _ascii(fields)
    return f'{{"event":"{type(event).__name__}",{text[1:]}'  # no event is without fields


def _holds_values(event: Event) -> bool:
    """Whether a JSON value of somebody's is in it: only there a number keeps its spelling, and looking for one takes time."""
    if isinstance(event, events.ExchangeRecorded):  # the largest by far
        return False
    if isinstance(event, (events.StepStarted, events.StepFinished)):
        return bool(event.result.captures or event.result.attempts)
    if isinstance(event, events.AttemptFinished):
        return bool(event.attempt.mismatches)
    if isinstance(event, (events.ScenarioStarted, events.ScenarioFinished)):
        return bool(event.result.steps)
    return isinstance(event, events.RunStarted) and bool(event.run.scenarios)


class NewerSchemaError(Exception):
    """The events were written by a later version, in a format (`schema`) that this one does not know."""

    def __init__(self, schema: int, smoke_version: str) -> None:
        super().__init__(f"schema {schema} of smoke {smoke_version}")
        self.schema = schema
        self.smoke_version = smoke_version


def load_event(line: str, earlier: Earlier | None = None) -> Event | None:
    """The event of one line; None for an event of a type that this version does not know.

    `earlier` has seen the lines before it, which lines of an earlier version need. Raises ValueError when the line is
    not an event, NewerSchemaError when it begins a run of a later format.
    """
    try:
        data = _read_json(line)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    name = data.get("event") if isinstance(data, dict) else None
    if not isinstance(name, str):
        raise ValueError("not an event")  # noqa: TRY004 - what was read is a bad value, not a wrong argument
    kind = EVENT_TYPES.get(name)
    if kind is None:
        return None
    if kind is events.RunStarted and schema_of(data) > events.SCHEMA:
        run = data.get("run")
        version = (run if isinstance(run, dict) else data).get("smoke_version", "")
        raise NewerSchemaError(schema_of(data), str(version))
    try:
        today = (earlier or Earlier()).today(data)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a {name}: {error}") from error
    return None if today is None else decode(kind, today)


_WITHOUT_VALUES = '{"event":"ExchangeRecorded"'
"""How the lines begin that hold no JSON value of somebody's (see `_holds_values`): the longest by far."""


def _read_json(line: str) -> Any:
    if line.startswith(_WITHOUT_VALUES):
        with contextlib.suppress(msgspec.DecodeError, UnicodeEncodeError):
            return msgspec.json.decode(line)
    return json.loads(line, parse_float=fraction, parse_int=integer)


def decode(kind: type[T], data: object) -> T:
    """The value of type `kind` (a model dataclass) for its JSON. Raises ValueError where they do not fit."""
    try:
        return typing.cast("T", _decoder(typing.cast("Any", kind))(data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error


@functools.cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    if kind is _JSON_VALUE or kind in (Any, object):
        return lambda data: data
    if kind is bytes:
        return lambda data: data.encode("latin-1")
    if kind in (str, int, bool):
        return lambda data: _exactly(kind, data)
    if kind is float:
        return _float
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        decoder = _decoder(inner[0])
        return lambda data: None if data is None else decoder(data)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _decoder(arguments[0])
        return lambda data: tuple([item(entry) for entry in _exactly(list, data)])
    if origin is tuple:
        items = [_decoder(argument) for argument in arguments]
        return lambda data: tuple([d(e) for d, e in zip(items, data, strict=True)])
    if fields_of(kind) is not None:
        return _object_decoder(typing.cast("type", kind))
    raise TypeError(f"no decoder for {kind}")


def _exactly(kind: type[T], data: object) -> T:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise TypeError(f"expected {kind.__name__}, got {type(data).__name__}")
    return data


def _float(data: object) -> float:
    if isinstance(data, bool) or not isinstance(data, (int, float, str)):
        raise TypeError(f"expected float, got {type(data).__name__}")
    return float(data)  # "nan" and "inf" are text, since JSON has no such numbers


def _object_decoder(kind: type) -> Callable[[Any], Any]:
    hints: dict[str, Callable[[Any], Any]] | None = None

    def decoder(data: Any) -> Any:
        nonlocal hints
        if hints is None:  # late, so that types may refer to each other
            names = {**vars(events), **vars(run)}
            resolved = typing.get_type_hints(
                kind, globalns={**vars(__import__(kind.__module__, fromlist=["x"])), **names}
            )
            hints = {
                name: (lambda d: d) if field_is_json(kind, name) else _decoder(hint)
                for name, hint in resolved.items()
            }
        return kind(**{name: read(data[name]) for name, read in hints.items() if name in data})

    return decoder


def field_is_json(kind: type, name: str) -> bool:
    """Whether a field holds any JSON value (its annotation is JsonValue)."""
    return any(
        field.name == name and field.annotation == "JsonValue" for field in fields_of(kind) or ()
    )
