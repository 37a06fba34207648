"""The JSON Schema of the JSON report, made from the model's own types: what is written is what is promised."""

from __future__ import annotations

import enum
import types
import typing
from typing import Any, Union

from smoke.model.fields import fields_of
from smoke.model.finding import Advice, Finding
from smoke.model.run import Outcome, PlacedOrder, Run

_SIMPLE: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "description": "one character for each byte (ISO-8859-1)"},
    type(None): {"type": "null"},
}


def report_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a report with `schema` 1. Readers must accept keys that they do not know."""
    definitions: dict[str, Any] = {}
    count = {"type": "integer", "minimum": 0}
    outcomes = {"type": "object", "additionalProperties": count}
    finding = _schema(Finding, definitions)
    _schema(Advice, definitions)
    properties: dict[str, Any] = {
        "format": {"const": "smoke-report", "description": "What this file is"},
        "schema": {"const": 1, "description": "Version of this format, which grows by additions"},
        "smoke_version": _text("The version that wrote it"),
        "run_id": _text("The run's name, as `smoke show` takes it"),
        "started_at": _text("When it began (ISO 8601, UTC)"),
        "finished_at": _text("When it ended; empty where it did not"),
        "seconds": {"type": "number", "description": "How long it took"},
        "folder": _text("The run's folder: paths of bodies are relative to it"),
        "outcome": {"enum": [each.value for each in Outcome], "description": "What came of it"},
        "exit_status": {"type": "integer", "description": "What the process ended with"},
        "exit_meaning": _text("The exit status in words"),
        "counts": {
            "type": "object",
            "description": "How many of each",
            "properties": {
                "scenarios": outcomes,
                "steps": outcomes,
                "flaky_steps": count,
                "findings": count,
                "orders_placed": count,
                "orders_left_behind": count,
            },
        },
        "findings": {
            "type": "array",
            "items": finding,
            "description": "Each finding with its advice; scenario, step, attempt and exchange say where it belongs",
        },
        "orders_left_behind": {
            "type": "array",
            "items": _schema(PlacedOrder, definitions),
            "description": "Each order that the shop has, or may have, still",
        },
        "run": {**_schema(Run, definitions), "description": "All of it"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "smoke report",
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "$defs": definitions,
    }


def _text(description: str) -> dict[str, Any]:
    """The schema of a text."""
    return {"type": "string", "description": description}


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one type; classes become definitions with all their fields required."""
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"enum": [member.value for member in kind]}
    if isinstance(kind, type) and fields_of(kind) is not None:
        return _object(kind, definitions)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(argument, definitions) for argument in arguments]}
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is tuple:
        items = [_schema(argument, definitions) for argument in arguments]
        return {
            "type": "array",
            "prefixItems": items,
            "minItems": len(items),
            "maxItems": len(items),
        }
    raise TypeError(f"no schema for {kind}")


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # first, so that a type may refer to itself
        hints = {
            field.name: _schema(_hint(kind, field.name), definitions)
            if field.annotation != "JsonValue"
            else {}
            for field in fields_of(kind) or ()
        }
        definitions[name] = {"type": "object", "required": list(hints), "properties": hints}
        doc = (kind.__doc__ or "").partition("\n")[0]
        if doc and not doc.startswith(f"{name}("):
            definitions[name]["description"] = doc
    return {"$ref": f"#/$defs/{name}"}


def _hint(kind: type, field: str) -> Any:
    return typing.get_type_hints(kind)[field]
