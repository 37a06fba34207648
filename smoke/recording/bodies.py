"""The body of a recorded request as a key of the scenario language, and its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from smoke.model.numbers import loads
from smoke.recording.given import is_shallow
from smoke.recording.operation import operation_of
from smoke.recording.records import RecordedRequest


def grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A form's fields: one of a name is a text, several are a list."""
    made: dict[str, list[str]] = {}
    for key, value in pairs:
        made.setdefault(key, []).append(value)
    return {key: values if len(values) > 1 else values[0] for key, values in made.items()}


def body_for(request: RecordedRequest) -> tuple[str, Any]:
    """The key of the scenario language for a body, and its value; an empty key without one."""
    if request.fields:
        return "multipart", grouped(request.fields)
    if not request.body:
        return "", None
    text = request.body.decode("utf-8", "replace")
    kind = request.header("content-type").partition(";")[0].strip().lower()
    operation = operation_of(request)
    if operation is not None and operation.plain:
        return "graphql", operation.spec()
    if kind.endswith("json") or (not kind and text.lstrip()[:1] in {"{", "["}):
        try:
            document = loads(text)
        except (ValueError, RecursionError):
            return "text", text
        return (
            ("json", document)
            if isinstance(document, (Mapping, list)) and is_shallow(document)
            else ("text", text)
        )
    if kind == "application/x-www-form-urlencoded":
        return "form", grouped(parse_qsl(text, keep_blank_values=True))
    return "text", text
