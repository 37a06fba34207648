"""Responses for tests of captures and expectations, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smoke.model.exchange import (
    Completeness,
    RawBody,
    RawExchange,
    RawResponse,
    Request,
    Timing,
    Window,
)
from smoke.scenario.answer import StepAnswer


def answer(
    body: bytes | str = b"",
    headers: Sequence[tuple[str, str]] = (),
    *,
    status: int = 200,
    url: str = "https://shop.example/orders",
    completeness: Completeness = Completeness.COMPLETE,
    decode_error: str = "",
    elapsed: float = 0.1,
    timing: Timing | None = None,
    certificate_until: datetime | None = None,
    at: datetime | None = None,
    events: int = 0,
) -> StepAnswer:
    """What captures and expectations see of such a response."""
    data = body.encode() if isinstance(body, str) else body
    response = RawResponse(
        status,
        headers=tuple((name.encode(), value.encode("latin-1")) for name, value in headers),
        body=RawBody(Window(data), completeness=completeness, decode_error=decode_error),
    )
    exchange = RawExchange(
        "x",
        Request("GET", url, events=events),
        response,
        timing=timing or Timing(),
        certificate_until=certificate_until,
    )
    return StepAnswer(exchange, elapsed=elapsed, at=at)
