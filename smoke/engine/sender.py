"""Sends one request and follows its redirects, with the customer's cookies, inside the allowed origins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.pace import Pace
from smoke.engine.ports import SpillFactory, Transport
from smoke.engine.redirects import Blocked, Hop, Origin, next_hop, origin_of
from smoke.engine.trace import Trace
from smoke.model.exchange import (
    Delivery,
    ErrorKind,
    Headers,
    Phase,
    RawExchange,
    Request,
    TransportError,
)
from smoke.model.met import Met, in_raw

# what speaks of a body, or belongs to one request only, does not go along to the page behind a redirect
_NOT_FORWARDED = frozenset(
    {
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"transfer-encoding",
        b"idempotency-key",
        b"cookie",
        b"host",
        b"origin",
        b"referer",
    }
)


class Sent(Struct, frozen=True):
    """All exchanges of one request, redirects in order; `blocked` says why the last one was not followed."""

    exchanges: tuple[RawExchange, ...]
    blocked: Blocked | None
    seconds: float

    @property
    def final(self) -> RawExchange:
        return self.exchanges[-1]


class Sender:
    """Sends to the allowed origins only. Shared by all scenarios of a run; holds nothing of any of them."""

    def __init__(
        self,
        transport: Transport,
        allowed: Collection[Origin],
        *,
        target: Origin | None,
        target_headers: Headers,
        new_id: Callable[[], str],
        spill: Callable[[str, Request], SpillFactory],
        trace: Trace | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._transport = transport
        self._allowed = frozenset(allowed)
        self._target = target
        self._target_headers = target_headers
        self._new_id = new_id
        self._spill = spill
        self._trace = trace
        self.pace = pace or Pace()

    @property
    def target_names(self) -> frozenset[str]:
        """The names, in lower case, of the headers that the target adds."""
        return frozenset(name.decode("latin-1").lower() for name, _ in self._target_headers)

    def wall(self, exchanges: Sequence[RawExchange]) -> tuple[int, Met] | None:
        """The first of the exchanges that a wall before the deployment answered: its place and the wall."""
        for at, raw in enumerate(exchanges):
            met = in_raw(raw, self.target_names)
            if met is not None:
                return at, met
        return None

    def prepare(
        self, request: Request, jar: Jar | None, control: Control, *, named: bool = True
    ) -> Request:
        """The request with the target's headers, the customer's cookies and, unless it is only shown, a name of its own.

        What the step sets itself wins. A name goes to every origin that may be sent to: it tells nothing.
        """
        origin = origin_of(request.url)
        present = {*(name.lower() for name, _ in request.headers), *request.without}
        headers = list(request.headers)
        if origin is not None and origin == self._target:
            headers += [pair for pair in self._target_headers if pair[0].lower() not in present]
        if jar is not None and b"cookie" not in present:
            cookies = jar.header(request.url, control.clock.now())
            if cookies is not None:
                headers.append((b"Cookie", cookies))
        if named and self._trace is not None:
            headers += self._trace.names({*present, *(name.lower() for name, _ in headers)})
        return replace(request, headers=tuple(headers))

    def why_not_to(self, url: str) -> str:
        """Why nothing is sent to this URL; empty when it may be."""
        refusal = self._refusal(url)
        return refusal[1] if refusal is not None else ""

    def send(
        self,
        request: Request,
        *,
        jar: Jar | None,
        follow: bool,
        timeout: float,
        control: Control,
        exchange_id: str | None = None,
        name: str = "exchange",
        held: float | None = None,
    ) -> Sent:
        """Send and, with `follow`, go on to where redirects lead; `timeout` seconds are for all of it together.

        `name` begins the names of the files that large bodies are kept in. `held` seconds the request was held back
        already, and may leave; None where it has to wait for its turn. What it waits is no time of the shop's.
        """
        held = self.pace.hold(control) if held is None else held
        limit = control.narrower(timeout)
        begun = control.clock.monotonic()
        exchanges: list[RawExchange] = []
        seen: list[Hop] = []
        while True:
            seen.append(Hop(request.method.upper(), request.url))
            raw = self._once(
                self.prepare(request, jar, control),
                exchange_id or self._new_id(),
                name,
                # what preparing the first one took is not the shop's, and a message names the time that was given
                limit.remaining() if exchanges else min(timeout, control.remaining()),
                control,
            )
            exchange_id = None
            exchanges.append(_held_back(raw, held))
            if raw.response is not None and jar is not None:
                jar.take(request.url, raw.response.headers, control.clock.now())
            hop = _hop(raw, request, seen) if follow else None
            if hop is None or isinstance(hop, Blocked):
                break
            request = _following(request, hop)
            held = self.pace.hold(control)
            begun += held
            limit.deadline = min(limit.deadline + held, control.deadline)
        blocked = hop if isinstance(hop, Blocked) else None
        # the clock may stand still for a question about another request: that is no measure of the shop
        measured = sum(each.timing.total for each in exchanges)
        seconds = max(measured, control.clock.monotonic() - begun)
        return Sent(tuple(exchanges), blocked, seconds)

    def _once(
        self, request: Request, exchange_id: str, name: str, timeout: float, control: Control
    ) -> RawExchange:
        refusal = self._refusal(request.url)
        if refusal is None and control.over:
            refusal = (ErrorKind.INTERRUPTED, f"not sent: {control.why_over()}")
        if refusal is not None:
            error = TransportError(refusal[0], Phase.PREPARE, Delivery.NOT_SENT, refusal[1])
            return RawExchange(exchange_id, request, error=error)
        return self._transport.send(
            request,
            exchange_id=exchange_id,
            timeout=timeout,
            spill=self._spill(name, request),
            cancelled=control.cancelled,
        )

    def _refusal(self, url: str) -> tuple[ErrorKind, str] | None:
        origin = origin_of(url)
        if origin is None:
            scheme = url.partition(":")[0] if ":" in url else "no scheme"
            if scheme.lower() in ("http", "https"):
                return ErrorKind.BLOCKED, "not sent: no host and port can be read from its URL"
            return ErrorKind.BLOCKED, f"not sent: only http and https URLs are opened, not {scheme}"
        if origin not in self._allowed:
            return (
                ErrorKind.BLOCKED,
                f"not sent: {origin} is neither the target nor allowed by --allow-host",
            )
        return None


def _held_back(raw: RawExchange, seconds: float) -> RawExchange:
    if not seconds:
        return raw
    return replace(raw, timing=replace(raw.timing, held=round(seconds, 6)))


def _hop(raw: RawExchange, request: Request, seen: Sequence[Hop]) -> Hop | Blocked | None:
    """Where the answer leads; None where it leads nowhere."""
    if raw.response is None:
        return None
    return next_hop(
        method=request.method,
        url=request.url,
        status=raw.response.status,
        location=_location(raw.response.headers),
        seen=tuple(seen),
    )


def _following(request: Request, hop: Hop) -> Request:
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in _NOT_FORWARDED)
    return Request(
        hop.method,
        hop.url,
        headers,
        without=request.without,
        events=request.events,
        until=request.until,
    )


def _location(headers: Headers) -> str | None:
    for name, value in headers:
        if name.lower() == b"location":
            return value.decode("utf-8", "replace")
    return None
