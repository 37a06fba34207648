"""JSONPath: matcher, held against one value: which of many events, or calls, is the one that is wanted. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smoke.model.run import JsonValue
from smoke.scenario.inserted import matcher_with, path_with
from smoke.scenario.jsonpath import check_path, value_at
from smoke.scenario.matcher import MISSING, unmet
from smoke.scenario.matcher_rules import problems
from smoke.scenario.patterns import PatternError
from smoke.scenario.scope import Scope
from smoke.scenario.template import TemplateSyntaxError, sample

Fault = tuple[tuple[str | int, ...], str, str]


def rule_faults(rules: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the rules as they are written: path within, diagnostic code, message."""
    for path, spec in rules.items():
        try:
            message = check_path(sample(path))
        except TemplateSyntaxError:
            message = ""  # told with its place by the check of all templates
        if message:
            yield (path,), "bad-path", message
        for inside, text in problems(spec):
            yield (path, *inside), "bad-matcher", text


def rules_with(rules: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """The rules with their templates filled in. Raises TemplateError."""
    return {path_with(path, scope): matcher_with(spec, scope) for path, spec in rules.items()}


def meets(rules: Mapping[str, Any], value: JsonValue) -> bool:
    """Whether a value meets all of them. What cannot be compared does not."""
    try:
        for path, spec in rules.items():
            there, found = value_at(path, value)
            if unmet(spec, found if there else MISSING) is not None:
                return False
    except (
        PatternError,
        ValueError,
    ):  # a pattern that takes too long, a path that comes to too much
        return False
    return True
