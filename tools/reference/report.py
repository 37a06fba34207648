"""The JSON report, from the schema that is made of the model's own types."""

from __future__ import annotations

import inspect
from typing import Any

from reference.markdown import code, page, sentence, table, unwrapped
from reference.members import told_members

from smoke.model import dberror, exchange, fact, finding, run
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
    parts = ["## The document\n", _keys("", schema)]
    for name, definition in sorted(schema["$defs"].items()):
        parts.append(f"## {name}\n")
        if definition.get("description"):
            parts.append(f"{sentence(unwrapped(definition['description']))}\n")
        parts.append(_keys(name, definition))
    return page("The JSON report", _INTRO, parts)


def _keys(name: str, schema: dict[str, Any]) -> str:
    """The keys of the document, or of a class of the model: what each holds, and what that means."""
    told = told_members(_kinds()[name]) if name else {}
    rows = []
    for key, part in schema["properties"].items():
        meaning = told.get(key) or part.get("description", "")
        assert meaning, f"say below the field what it is: {name}.{key}"
        held = _words(part if name else {**part, "description": ""})
        rows.append((code(key), held, sentence(meaning)))
    return table(("key", "holds", "meaning"), rows)


def _kinds() -> dict[str, type]:
    """The classes of the model by name: the house has one of a name."""
    modules = (dberror, exchange, fact, finding, run)
    return {
        name: item
        for module in modules
        for name, item in inspect.getmembers(module, inspect.isclass)
    }


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
