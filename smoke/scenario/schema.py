"""The JSON Schema (2020-12) of scenario files, made of the models that validate them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from smoke import plugins
from smoke.scenario.base import Model
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.defaults import DEFAULTS, Defaults
from smoke.scenario.expectations import Expect
from smoke.scenario.kinds import has_short_form, holds
from smoke.scenario.matcher_schema import condition, with_matchers
from smoke.scenario.matcher_schema import definitions as matcher_definitions
from smoke.scenario.model import Include, ScenarioFile, StepKeys
from smoke.scenario.needs import NEEDS, NeedSpec
from smoke.scenario.rows import RowFile
from smoke.scenario.traits import Holds

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


_STEPS: dict[Holds, dict[str, Any]] = {
    Holds.TOGETHER: {
        "type": "array",
        "minItems": 2,
        "items": {"$ref": "#/$defs/Step"},
        "description": "Request steps, groups and includes side by side; their first requests leave at the same instant",
    },
    Holds.IN_ORDER: {
        "type": "array",
        "minItems": 1,
        "items": {"$ref": "#/$defs/Step"},
        "description": "Steps of any kind, one after the other; for_each, repeat and when are for all of them",
    },
}
"""What stands behind a kind that holds steps."""


def json_schema() -> dict[str, Any]:
    """The schema of a scenario file, with every step kind that is installed.

    It is as strict as the loader about keys and types; what needs a look at several places (names in templates,
    `like`) only the loader checks.
    """
    definitions: dict[str, Any] = matcher_definitions()
    step = _step(definitions)
    top = _of(ScenarioFile, definitions)
    top["properties"][DEFAULTS] = _or_null(_of(Defaults, definitions))
    need = {"anyOf": [{"type": "string"}, _of(NeedSpec, definitions)]}
    several = {"type": "array", "items": need}
    told = {key: top["properties"][NEEDS][key] for key in ("description", "examples")}
    top["properties"][NEEDS] = {"anyOf": [*need["anyOf"], several, {"type": "null"}], **told}
    steps = {"type": "array", "items": {"$ref": "#/$defs/Step"}}
    top["properties"]["steps"] = {**steps, "minItems": 1, "description": "What is done, in order"}
    top["properties"]["teardown"] = {**steps, "description": "Always carried out, at the end"}
    top["required"] = ["name", "steps"]
    whole = {
        "$schema": _DIALECT,
        "title": "smoke scenario",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": {**definitions, "Step": step},
    }
    return with_matchers(whole)


def _step(definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a step of any kind."""
    step = _of(StepKeys, definitions)
    kinds, needed = _add_kinds(step, definitions)
    capture = _of(CaptureSpec, definitions)
    rule = {"anyOf": [{"type": "string", "description": "A JSONPath"}, capture]}
    step["properties"]["capture"] = {
        "type": "object",
        "additionalProperties": {"anyOf": [*rule["anyOf"], {"type": "null"}]},
        "description": "Name: JSONPath or capture",
    }
    step["properties"]["expect"] = _of(Expect, definitions)
    step["properties"][DEFAULTS] = _of(Defaults, definitions)
    step["properties"]["when"] |= condition()
    loop = step["properties"]["for_each"]
    one_of = [{"type": "array"}, {"type": "string"}, _of(RowFile, definitions), {"type": "null"}]
    step["properties"]["for_each"] = {**loop, "anyOf": one_of}
    include = _of(Include, definitions)
    step["properties"]["include"] = {
        "anyOf": [{"type": "string"}, include],
        "description": "Steps of another file: its path, or `file` and `with`",
    }
    step["if"] = {"required": ["include"]}
    step["else"] = {
        "required": ["name"],
        "if": {"required": ["like"]},  # the step that is taken over may have the rest
        "else": {"oneOf": kinds, "properties": needed},
    }
    _allow_null(step)
    return step


def _add_kinds(
    step: dict[str, Any], definitions: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give a step the key of each kind: which keys there are to choose from, and what each needs without `like`."""
    kinds: list[dict[str, Any]] = []
    needed: dict[str, Any] = {}
    for name, plugin in plugins.find("steps").items():
        key = name.replace("-", "_")
        if key in step["properties"]:
            continue  # it would change what a key of every step means
        try:
            steps = _STEPS.get(holds(plugin))
            # two packages may each have a model `Part`, and neither is ours of that name
            own = f"{key}." if plugin.distribution else ""
            spec = _of(plugin.load().Spec, definitions, own) if steps is None else dict(steps)
            description = spec.get("description") if steps else plugin.description()
        except plugins.PluginError:
            continue  # `smoke schema` warns of it
        required = spec.pop("required", None)  # with `like` the earlier step may have it
        if required:
            needed[key] = {"if": {"type": "object"}, "then": {"required": required}}
        if has_short_form(plugin):
            spec = {"anyOf": [spec, {"type": "string", "description": "METHOD /path"}]}
        step["properties"][key] = {**spec, "description": description}
        kinds.append({"required": [key]})
    return kinds, needed


def _of(
    model: type[BaseModel | Model], definitions: dict[str, Any], own: str = ""
) -> dict[str, Any]:
    """The schema of a model. The names of those within begin with `own`, and join the definitions."""
    schema = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{own}{{model}}")
    found = schema.pop("$defs", {})
    definitions.update({f"{own}{name}": definition for name, definition in found.items()})
    return schema


def _allow_null(step: dict[str, Any]) -> None:
    """With `like`, null takes a key away."""
    for name, value in step["properties"].items():
        if name != "name" and not _nullable(value):
            step["properties"][name] = _or_null(value)


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    """What is said of a key stands beside the choice: editors show it from there."""
    said = {word: value[word] for word in ("description", "examples", "default") if word in value}
    return {"anyOf": [value, {"type": "null"}], **said}


def _nullable(schema: dict[str, Any]) -> bool:
    return (
        "type" not in schema
        and "anyOf" not in schema
        and "$ref" not in schema
        and "enum" not in schema
    )
