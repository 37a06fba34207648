"""What a GraphQL answer says of itself in `errors`: it is refused so at 200, too (GraphQL October 2021, 7.1.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from smoke.model.exchange import Request
from smoke.model.numbers import loads
from smoke.model.run import JsonValue
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.expectations import Expect

PATH = "GraphQL errors"
"""The path of the mismatch that they are, and what a headline calls them."""
_OF_ERRORS = re.compile(r"""\$\s*(?:\.\s*errors(?![\w-])|\[\s*(?:'errors'|"errors")\s*\])""")
_LONGEST = 300
_LONGEST_CODE = 60


def speaks_of_errors(expect: Expect) -> bool:
    """Whether the author says what is in `errors`: a path that begins with `$.errors`."""
    return any(_OF_ERRORS.match(path) for path in expect.json_)


def graphql_errors(answer: StepAnswer) -> str:
    """The first of the errors that an answer of 2xx lists at its top, and how many more there are; empty when it lists none.

    Of another status its status tells. What cannot be read as JSON lists none: that it cannot is told elsewhere.
    """
    if not 200 <= answer.status < 300:
        return ""
    try:
        value = answer.json
    except UnreadableError:
        return ""
    errors = list(_errors(value))
    if not errors:
        return ""
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"{_told(errors[0], answer)}{more}"


def asks_graphql(request: Request) -> bool:
    """Whether a request that is no `graphql` of a scenario holds a GraphQL document all the same, in its body or its URL."""
    if any(
        name.lower() == b"content-type" and b"graphql" in value.lower()
        for name, value in request.headers
    ):
        return True
    try:
        value = loads(request.body)
    except (ValueError, RecursionError):
        value = None
    asked = value if isinstance(value, list) else [value]  # several operations in one request
    if any(_is_operation(each) for each in asked):
        return True
    return any("{" in text for text in parse_qs(urlsplit(request.url).query).get("query", ()))


def _is_operation(value: JsonValue) -> bool:
    if not isinstance(value, dict):
        return False
    document, extensions = value.get("query"), value.get("extensions")
    stored = isinstance(extensions, dict) and "persistedQuery" in extensions
    return stored or (isinstance(document, str) and "{" in document)


def _errors(value: JsonValue) -> Iterator[JsonValue]:
    for each in value if isinstance(value, list) else [value]:
        errors = each.get("errors") if isinstance(each, dict) else None
        if isinstance(errors, list):
            yield from errors


def _told(error: JsonValue, answer: StepAnswer) -> str:
    """MESSAGE (CODE), as far as they are there."""
    if not isinstance(error, dict):
        return _cut(error if isinstance(error, str) else "without a message", answer, _LONGEST)
    message = error.get("message")
    told = _cut(message, answer, _LONGEST) if isinstance(message, str) and message else ""
    extensions: Any = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    named = f" ({_cut(code, answer, _LONGEST_CODE)})" if isinstance(code, str) and code else ""
    return f"{told or 'without a message'}{named}"


def _cut(text: str, answer: StepAnswer, limit: int) -> str:
    shown, more = answer.cut(text, limit)
    return " ".join(shown.split()) + ("…" if more else "")
