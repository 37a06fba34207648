"""Templates inside JSON paths, CSS selectors and regular expressions.

A value that a server gave must not change what is looked for: it enters quotes only escaped, stands outside of them
only where it cannot be read as syntax, and is literal text in a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from smoke.model.numbers import json_text
from smoke.model.run import JsonValue
from smoke.scenario.matcher import is_matcher, is_part
from smoke.scenario.matcher_rules import problems
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import Expression, as_text, compile_text, evaluate, render

_NESTED = ("any", "contains", "each", "length", "not")
_PARTS = ("has", "unordered")
"""Matchers whose argument has matchers somewhere in it."""
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def path_with(path: str, scope: Scope) -> str:
    """A JSONPath with its templates filled in. Raises TemplateError."""
    return _filled(path, scope, _in_path_quotes, _bare_in_path)


def selector_with(selector: str, scope: Scope) -> str:
    """A CSS selector with its templates filled in. Raises TemplateError."""
    return _filled(selector, scope, _in_selector_quotes, _bare_in_selector)


def xpath_with(path: str, scope: Scope) -> str:
    """An XPath with its templates filled in. Raises TemplateError."""
    return _filled(path, scope, _in_xpath_quotes, _bare_in_xpath)


def pattern_with(pattern: str, scope: Scope) -> str:
    """A regular expression with its templates filled in, as literal text. Raises TemplateError.

    A pattern that is one template as a whole is the pattern that the template gives.
    """
    parts = compile_text(pattern)
    if len(parts) == 1:
        return as_text(render(pattern, scope))
    return "".join(
        re.escape(as_text(evaluate(part, scope))) if isinstance(part, Expression) else part
        for part in parts
    )


def matcher_with(spec: Any, scope: Scope) -> Any:
    """A matcher, or a value to be equal to, with its templates filled in. Raises TemplateError.

    What a template gives is never taken for a matcher, even if it is an object such as `{exists: true}`.
    """
    if not is_matcher(spec):
        value = render(spec, scope)
        return {"equals": value} if is_matcher(value) else value
    filled = {key: _argument(key, value, scope) for key, value in spec.items()}
    if filled != spec:  # what is written was checked when it was loaded
        for _, problem in problems(
            {key: filled[key] for key in filled if key not in (*_NESTED, *_PARTS)}
        ):
            raise TemplateError(problem, spec)
    return filled


def _argument(key: str, value: Any, scope: Scope) -> Any:
    if key == "matches" and isinstance(value, str):
        return pattern_with(value, scope)
    if key in _NESTED:
        return matcher_with(value, scope)
    if key in _PARTS:
        return (
            _literal(render(value, scope)) if isinstance(value, str) else _part_with(value, scope)
        )
    return render(value, scope)


def _literal(value: Any) -> Any:
    """What a template gave for an object or a list: nothing within is a matcher."""
    if isinstance(value, list):
        return [{"equals": item} if is_matcher(item) else item for item in value]
    if isinstance(value, dict):
        return {key: {"equals": inner} for key, inner in value.items()}
    return value


def _part_with(part: Any, scope: Scope) -> Any:
    """The argument of `has` or `unordered` with its templates filled in. An object that a template gives is compared whole."""
    if isinstance(part, list):
        return [matcher_with(item, scope) for item in part]
    if is_part(part):
        return {
            as_text(render(key, scope)): _part_with(value, scope) for key, value in part.items()
        }
    value = matcher_with(part, scope)
    return {"equals": value} if isinstance(part, str) and is_part(value) else value


def _filled(
    text: str, scope: Scope, quoted: Callable[[str], str], bare: Callable[[JsonValue], str]
) -> str:
    if "{{" not in text:
        return text
    pieces = []
    quote = ""
    for part in compile_text(text):
        if isinstance(part, Expression):
            value = evaluate(part, scope)
            pieces.append(quoted(as_text(value)) if quote else bare(value))
        else:
            quote = _quote_after(part, quote)
            pieces.append(part)
    return "".join(pieces)


def _quote_after(text: str, quote: str) -> str:
    """The quote that is open behind a text."""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = bool(quote)
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return quote


def _in_path_quotes(text: str) -> str:
    # RFC 9535, 2.3.1.1: \uXXXX may stand between either kind of quotes
    return "".join(
        f"\\u{ord(character):04x}" if character in "'\"\\" or character < " " else character
        for character in text
    )


def _bare_in_path(value: JsonValue) -> str:
    if value is None or isinstance(value, (bool, int, float)):
        return json_text(value)
    raise TemplateError("in a JSONPath a text stands between quotes: '{{ name }}'")


def _in_xpath_quotes(text: str) -> str:
    # XPath 1.0, 3.7: between quotes nothing can be escaped
    if "'" in text or '"' in text:
        raise TemplateError("in an XPath a text cannot have quotes in it")
    return text


def _bare_in_xpath(value: JsonValue) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return json_text(value)
    raise TemplateError("in an XPath a text stands between quotes: '{{ name }}'")


def _in_selector_quotes(text: str) -> str:
    # CSS Syntax 3, 4.3.7: backslash, the code in hexadecimal digits, a space
    return "".join(
        f"\\{ord(character):x} " if character in "'\"\\" or character < " " else character
        for character in text
    )


def _bare_in_selector(value: JsonValue) -> str:
    text = as_text(value)
    if _WORD.fullmatch(text):
        return text
    raise TemplateError("in a CSS selector such a text stands between quotes: '{{ name }}'")
