"""JSON and YAML of tools that a person may have changed: what is not of the expected shape is empty."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from smoke.diagnostic import SmokeError, Span
from smoke.recording.records import RecordedRequest
from smoke.text import safe_line


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """A text, or a number or truth value as a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def rows(value: Any, key: str = "key") -> Iterator[dict[str, Any]]:
    """The rows of a table that are switched on and have a name."""
    for each in as_list(value):
        row = as_dict(each)
        off = row.get("disabled") is True or row.get("enabled") is False
        if not off and as_text(row.get(key)):
            yield row


def document(data: bytes, source: str, what: str) -> Any:
    """A JSON document. Raises SmokeError with its place where it is none."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        span = Span(source, error.lineno, error.colno, error.lineno, error.colno + 1)
        raise SmokeError.of(
            "cannot-read", f"{source} is no {what}: {error.msg}", span=span
        ) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        span = Span(source, line, 1, line, 2)
        raise SmokeError.of(
            "cannot-read", f"{source} is no {what}: it is not UTF-8", span=span
        ) from error
    except (ValueError, RecursionError) as error:
        raise SmokeError.of("cannot-read", f"{source} is no {what}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return "it is too deep" if isinstance(error, RecursionError) else "a number is too long"


def with_rest(
    requests: list[RecordedRequest], unread: Sequence[str], source: str
) -> list[RecordedRequest]:
    """The requests, with what was not read behind the last one. Raises SmokeError where there is none."""
    if not requests:
        raise SmokeError.of(
            "cannot-read",
            f"no request is in {source}",
            notes=[safe_line(each) for each in unread[:20]],
        )
    last = requests[-1]
    return [*requests[:-1], replace(last, unread=(*last.unread, *unread))]


def basic(user: str, password: str) -> tuple[str, str]:
    """The header of basic authentication."""
    pair = f"{user}:{password}".encode("utf-8", "replace")
    return "authorization", f"Basic {base64.b64encode(pair).decode()}"


def joined_query(url: str, pairs: list[tuple[str, str]]) -> str:
    """A URL with these pairs behind what it has of a query; what is encoded already stays."""
    if not pairs:
        return url
    head, mark, fragment = url.partition("#")
    said = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)
    return f"{head}{'&' if '?' in head else '?'}{said}{mark}{fragment}"


def _encoded(text: str) -> str:
    return quote(text, safe="%:/?@!$'()*,;~+").replace("%%", "%25%")
