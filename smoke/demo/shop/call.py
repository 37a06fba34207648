"""Who asked: the names by which one request is found again, in answers, logs and the database."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from smoke.demo.shop.messages import Request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{6,48}")
"""At most what `application_name` has room for beside the shop's name: PostgreSQL cuts it at 63 bytes."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Call:
    """`trace_id` and `span_id` are those of the incoming `traceparent`, empty without one."""

    request_id: str
    platform_id: str
    trace_id: str = ""
    span_id: str = ""


def identify(request: Request) -> Call:
    """The names of a request: the id it came with, as shops take it over from a proxy, or one of the shop's own."""
    given = request.headers.get("x-request-id", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"
    platform_id = f"dev1::{secrets.token_hex(3)[:5]}-{secrets.token_hex(6)}"
    # W3C Trace Context, 3.2: version, trace id, parent id, flags
    traceparent = _TRACEPARENT.fullmatch(request.headers.get("traceparent", "").strip())
    trace_id, span_id = traceparent.groups() if traceparent else ("", "")
    return Call(request_id, platform_id, trace_id, span_id)
