"""The scenario language and the targets file, from the JSON Schema of the models that read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from reference.markdown import code, flow, page, sentence, table

from smoke.app.target_spec import target_model
from smoke.scenario.model import StepKeys
from smoke.scenario.needs import NEEDS
from smoke.scenario.schema import json_schema

_TELLS_DEFAULT = re.compile(r"\s*\[default: (.+?)\]")
_TIME = "[0-9]{1,9}(\\.[0-9]{1,6})? ?(ms|s|m|h)?"
_STATUS = "[1-9]([0-9]{2}|xx)"
_LEAVES = {
    "Step": "[step](#a-step)",
    "Matcher": "[matcher](matchers.md)",
    "ValueRules": "`value` with a [matcher](matchers.md)",
}
"""What has a page or a section of its own, by its name among the definitions."""
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
    "null": "null",
}
_SCENARIOS = """\
Every key that a scenario file takes, with what it takes. The same is checked by `smoke check`, and `smoke schema` prints it
for editors. A file is YAML 1.2 (`NO` is a text); numbers are sent as they are written (`1.10` stays `1.10`).

A **time** is a number of seconds, or one with `ms`, `s`, `m` or `h` behind it. A **status** is a number such as `201`, or a
class such as `2xx`. A **matcher** is a plain value, which means equal, or one of [Matchers](matchers.md). Texts may hold
[templates](templates.md)."""
_TARGETS = """\
`smoke-targets.yaml`, or the file of `--targets`, names deployments: `smoke run first-order --target staging` takes the
URL, the headers and the rest from there. Its one key is `targets`: names, and for each one these keys. See the guide
[Many shops and targets](../how-to/targets.md)."""


def schema_file() -> str:
    """docs/reference/scenario.schema.json, for a catalogue of schemas: with smoke's own step kinds."""
    return json.dumps(json_schema(), indent=1) + "\n"


def scenario_page() -> str:
    """docs/reference/scenarios.md."""
    schema = json_schema()
    definitions = schema["$defs"]
    step = definitions["Step"]
    ordinary = StepKeys.model_fields
    kinds = {name: part for name, part in step["properties"].items() if name not in ordinary}
    keys = {name: part for name, part in step["properties"].items() if name in ordinary}
    rules = step["else"]["else"].get("properties", {})
    for name, rule in rules.items():  # there, since with `like` the earlier step may have it
        for part in _objects(kinds[name]):
            part["required"] = rule["then"]["required"]
    reader = _Reader(definitions)
    return page(
        "The scenario language",
        _SCENARIOS,
        [
            "## The file\n",
            reader.keys({**schema, "required": ["name", "steps"]}, ""),
            "## A step\n",
            "A `name`, one [kind](#step-kinds), and any of these keys. With `like` the kind may come from the earlier step.\n",
            reader.keys({"properties": keys, "required": ["name"]}, ""),
            "## Step kinds\n",
            reader.keys({"properties": kinds}, ""),
            *reader.sections({NEEDS: schema["properties"][NEEDS], **keys, **kinds}),
        ],
    )


def targets_page() -> str:
    """docs/reference/targets.md."""
    schema = target_model().model_json_schema(by_alias=True)
    reader = _Reader(schema.get("$defs", {}))
    return page(
        "The targets file",
        _TARGETS,
        ["## A target\n", reader.keys(schema, ""), *reader.sections(schema["properties"])],
    )


def _objects(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects among the alternatives of a schema."""
    if "properties" in part:
        return [part]
    return [inner for item in part.get("anyOf", ()) for inner in _objects(item)]


class _Reader:
    """Writes parts of one schema."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions

    def keys(self, schema: dict[str, Any], path: str) -> str:
        """A table of the keys of an object."""
        needed = schema.get("required", ())
        return table(
            ("key", "takes", "default", "meaning"),
            (
                self._row(name, part, path, needed=name in needed)
                for name, part in schema["properties"].items()
            ),
        )

    def sections(self, properties: dict[str, Any], path: str = "") -> Iterator[str]:
        """A section for each key that holds keys of its own, and for those below."""
        for name, part in properties.items():
            inner = self._object(part)
            if inner is None:
                continue
            here = f"{path}.{name}" if path else name
            yield f"## {here}\n"
            yield f"{sentence(inner.get('description', ''))}\n"
            yield self.keys(inner, here)
            yield from self.sections(inner["properties"], here)

    def _row(
        self, name: str, part: dict[str, Any], path: str, *, needed: bool
    ) -> tuple[str, str, str, str]:
        told = self._told(part)
        own = _TELLS_DEFAULT.search(told)
        takes = self._takes(name, part, path)
        default = own[1] if own else self._default(part)
        if takes == "time" and default:
            default = default.replace(".0`", "`").replace("`", " s`").replace(" s`", "`", 1)
        meaning = sentence(_TELLS_DEFAULT.sub("", told))
        examples = self._found(part, "examples") or ()
        if examples:
            meaning += f" Example: {' or '.join(code(flow(example)) for example in examples)}"
        return code(name), takes, "needed" if needed else default, meaning

    def _told(self, part: dict[str, Any]) -> str:
        return str(self._found(part, "description") or "")

    def _found(self, part: dict[str, Any], word: str) -> Any:
        """A word of a schema, or of the first of its alternatives that has it."""
        if word in part:
            return part[word]
        inner = [self._resolved(item) for item in part.get("anyOf", ())]
        return next((value for item in inner if (value := self._found(item, word))), None)

    def _default(self, part: dict[str, Any]) -> str:
        if "default" not in part:
            found = next((item for item in part.get("anyOf", ()) if "default" in item), {})
            return self._default(found) if found else ""
        value = part["default"]
        return code(flow(value)) if value not in (None, "", [], {}, ()) else ""

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part and "properties" not in part:
            part = self._definitions[part["$ref"].rpartition("/")[2]]
        return part

    def _alternatives(self, part: dict[str, Any]) -> list[dict[str, Any]]:
        if part.get("$ref", "").rpartition("/")[2] in _LEAVES:
            return [part]
        part = self._resolved(part)
        if "anyOf" not in part:
            return [part]
        return [inner for item in part["anyOf"] for inner in self._alternatives(item)]

    def _object(self, part: dict[str, Any]) -> dict[str, Any] | None:
        """The object with keys of its own that a key takes, its own or its values'."""
        for item in self._alternatives(part):
            if "properties" in item:
                return item
            inner = item.get("additionalProperties")
            if isinstance(inner, dict) and self._object(inner) is not None:
                return self._object(inner)
        return None

    def _takes(self, name: str, part: dict[str, Any], path: str) -> str:
        here = f"{path}.{name}" if path and name else path or name
        words = [self._words(item, here) for item in self._alternatives(part)]
        distinct = [word for word in dict.fromkeys(words) if word != "null"]
        if "time" in distinct:
            distinct = [word for word in distinct if word != "number"]
        if "status" in distinct:
            distinct = [word for word in distinct if word != "whole number"]
        return " or ".join(distinct) or "anything"

    def _words(self, item: dict[str, Any], here: str) -> str:
        if leaf := _LEAVES.get(item.get("$ref", "").rpartition("/")[2]):
            return leaf
        if item.get("additionalProperties") == {"$ref": "#/$defs/Matcher"}:
            return "mapping of names to [matchers](matchers.md)"
        if "const" in item:
            return code(str(item["const"]))
        if "enum" in item:
            return " or ".join(code(str(value)) for value in item["enum"])
        if _TIME in item.get("pattern", ""):
            return "time"
        if _STATUS in item.get("pattern", ""):
            return "status"
        if "properties" in item:
            return f"[keys](#{here.replace('.', '').lower()})"
        kind = item.get("type")
        if isinstance(kind, list):
            return " or ".join(_TYPES[each] for each in kind if each != "null")
        inner = item.get("additionalProperties")
        if kind == "object" and isinstance(inner, dict) and self._object(inner) is not None:
            return f"mapping of names to {self._takes('', inner, here).removesuffix('.')}"
        if kind == "array" and isinstance(item.get("items"), dict):
            return f"list of {self._several(item['items'], here)}"
        return _TYPES.get(str(kind), "anything")

    def _several(self, item: dict[str, Any], here: str) -> str:
        words = self._takes("", item, here)
        plural = {"text": "texts", "[step](#a-step)": "[steps](#a-step)", "status": "statuses"}
        return plural.get(words, words)
