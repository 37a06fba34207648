"""An exchange to findings: pure, for any bytes, in time linear in their number.

`classify` and `classify_response` look at a response's bytes for a few words first; only where something may be an
error are the readers and dialects loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from smoke.classify.dialects import Dialect as Dialect
from smoke.classify.text import prefilter
from smoke.model.met import in_kept

if TYPE_CHECKING:  # `smoke explain` wants the table of SQLSTATEs, not the model
    from smoke.model.dberror import DatabaseError
    from smoke.model.exchange import Exchange, Window
    from smoke.model.finding import Finding
    from smoke.model.met import Met


def classify(
    exchange: Exchange, window: Window, on_problem: Callable[[str], None] | None = None
) -> tuple[Finding, ...]:
    """The findings of a stored exchange, the root cause first; empty when nothing points to an error.

    Each has the names that the request carried among its correlations. `window` holds the bytes of the response's body that are examined, after content decoding if the body says so.
    `on_problem` is told of each dialect that failed: nobody else learns of it when there is no finding.
    """
    response = exchange.response
    if response is None:
        return ()
    met = in_kept(exchange, window) if response.status >= 300 else None
    if met is not None:
        return (_at_wall(met, exchange),)
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in (*response.headers, *response.trailers)
    ]
    reason = response.reason.decode("latin-1")
    if prefilter.clean(response.status, headers, window.head + window.tail, reason):
        return ()
    from smoke.classify import _read

    return tuple(
        with_names(finding, exchange)
        for finding in _read.findings(
            response.status,
            headers,
            window.head,
            window.tail,
            reason=reason,
            omitted=window.omitted,
            decoded=response.body.decoded,
            exchange_id=exchange.id,
            completeness=response.completeness,
            on_problem=on_problem,
        )
    )


def _at_wall(met: Met, exchange: Exchange) -> Finding:
    import dataclasses

    found = with_names(dataclasses.replace(auth_wall(met), exchange_id=exchange.id), exchange)
    return dataclasses.replace(found, fingerprint=fingerprint(found))


def classify_response(
    status: int,
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes,
    *,
    reason: str = "",
) -> list[Finding]:
    """The findings of one response, the root cause first. `body` is as it came, before content decoding."""
    _check_types(status, body, reason)
    headers = _pairs(headers)
    if prefilter.clean(status, headers, body, reason):
        return []
    from smoke.classify import _read

    return _read.findings(status, headers, body, b"", reason=reason, decoded=False)


def _check_types(status: Any, body: Any, reason: Any) -> None:
    if not isinstance(status, int) or not isinstance(body, (bytes, bytearray)):
        wrong = f"{type(status).__name__} and {type(body).__name__}"
        raise TypeError(f"classify_response() takes a status (int) and a body (bytes), not {wrong}")
    if not isinstance(reason, str):
        raise TypeError(f"reason is a text, not {type(reason).__name__}")


def auth_wall(met: Met) -> Finding:
    """The finding of an answer that a wall before the deployment gave."""
    from smoke.classify.read import hiding

    return hiding.auth_wall(met)


def with_names(finding: Finding, exchange: Exchange) -> Finding:
    """The finding with the names that its request carried when it was sent, before those that the answer told."""
    import dataclasses

    from smoke.model.correlation import sent_with

    sent = sent_with(exchange.request.headers)
    values = {correlation.value for correlation in sent}
    told = (item for item in finding.correlations if item.value not in values)
    return dataclasses.replace(finding, correlations=(*sent, *told)) if sent else finding


def with_error(
    finding: Finding, error: DatabaseError, reason: str, found_in: str = "log", step: str = ""
) -> Finding:
    """The finding of a response that hides its error, with the error that a log tells instead.

    `step` is the step's own name, by which its fingerprint goes; else what the finding says.
    """
    import dataclasses

    from smoke.classify.read import findings

    found = dataclasses.replace(
        finding,
        code=findings.code_of(error),
        title=findings.title_of(error),
        database_error=error,
        reason=reason,
        notes=(),
        found_in=found_in,
    )
    return dataclasses.replace(found, fingerprint=fingerprint(found, step))


def fingerprint(finding: Finding, step: str = "") -> str:
    """A short name of the finding that stays the same from run to run: no ids, times or values go into it."""
    from smoke.classify import _fingerprint

    return _fingerprint.fingerprint(finding, step)


def _pairs(headers: Any) -> list[tuple[str, str]]:
    """Headers as names and texts. Raises TypeError for anything else."""
    given = headers.items() if isinstance(headers, Mapping) else headers
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise TypeError(f"headers are names and texts, not {type(headers).__name__}")
    pairs = [tuple(pair) if isinstance(pair, (list, tuple)) else () for pair in given]
    if not all(len(pair) == 2 and all(isinstance(each, str) for each in pair) for pair in pairs):
        raise TypeError("headers are names and texts: pairs of two str are expected")
    return [(name, value) for name, value in pairs]
