"""The JSON report, from the schema that is made of the model's own types."""

from __future__ import annotations

from typing import Any

from reference.markdown import code, fence, page, sentence, table, unwrapped

from smoke.report import json as json_report
from smoke.report.json import report_schema

_INTRO = """\
`--report json=PATH` writes a whole run as one document, for programs; `smoke schema --report` prints its JSON Schema.
Every key is always there, at its default too. The format grows by additions: accept keys that you do not know."""
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "null": "null",
}


def report_page() -> str:
    """docs/reference/report.md."""
    schema = report_schema()
    about = (json_report.__doc__ or "").partition("`report_schema()` is its JSON Schema:")[2]
    parts = ["## The document\n", _keys(schema), "In words:\n", fence("text", about.strip("\n"))]
    for name, definition in sorted(schema["$defs"].items()):
        parts.append(f"## {name}\n")
        if definition.get("description"):
            parts.append(f"{sentence(unwrapped(definition['description']))}\n")
        parts.append(_keys(definition))
    return page("The JSON report", _INTRO, parts)


def _keys(schema: dict[str, Any]) -> str:
    return table(
        ("key", "holds"),
        ((code(name), _words(part)) for name, part in schema["properties"].items()),
    )


def _words(part: dict[str, Any]) -> str:
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in part:
        return code(str(part["const"]))
    if "enum" in part:
        return " or ".join(code(str(value)) for value in part["enum"])
    if "anyOf" in part:
        return " or ".join(_words(item) for item in part["anyOf"])
    if "prefixItems" in part:
        return f"list of {len(part['prefixItems'])}: {', '.join(_words(item) for item in part['prefixItems'])}"
    if part.get("type") == "array":
        return f"list: {_words(part['items'])}"
    inner = part.get("properties")
    if inner:
        return ", ".join(f"{code(name)} ({_words(item)})" for name, item in inner.items())
    words = _TYPES.get(str(part.get("type")), "any JSON value")
    return f"{words}, {part['description']}" if part.get("description") else words
