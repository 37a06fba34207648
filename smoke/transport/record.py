"""What is noted of one exchange while it happens, so that nothing is lost when it breaks."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from smoke.model.event_stream import StreamEnd
from smoke.model.exchange import Delivery, Headers, Phase, Timing
from smoke.transport.deadline import Deadline
from smoke.transport.fault import Fault

TAP_LIMIT = 64 * 1024
"""Raw bytes of an answer that are kept as they came, whatever they are."""


class ExchangeRecord(Struct):
    """The state of an exchange.

    `raw` are the first bytes of the answer, `leftover` those behind its end. `written` says that a byte of the request
    may have left, `answered` that a status line came, `refused` why the answer is a proxy's own, `ended_by_close` that nothing but the close proves the body whole, `stream` how far one of events was read.
    """

    deadline: Deadline
    tap_limit: int = TAP_LIMIT
    phase: Phase = Phase.PREPARE
    written: bool = False
    answered: bool = False
    refused: Fault | None = None
    peer: str = ""
    raw: bytearray = field(default_factory=bytearray)
    read_size: int = 0
    leftover: bytes = b""
    ended_by_close: bool = False
    stream: StreamEnd | None = None
    interim: list[tuple[int, Headers]] = field(default_factory=list)
    trailers: Headers = ()
    resolve: float | None = None
    connect: float | None = None
    tls: float | None = None
    sent: float | None = None
    first_byte: float | None = None
    certificate_until: datetime | None = None

    def tap(self, data: bytes) -> None:
        """Note bytes that were read."""
        if not self.read_size:
            self.first_byte = self.deadline.elapsed()
        self.read_size += len(data)
        room = self.tap_limit - len(self.raw)
        if room > 0:
            self.raw += data[:room]

    def delivery(self) -> Delivery:
        """What is known of the request's arrival."""
        if self.answered:
            return Delivery.SENT
        return Delivery.MAYBE_SENT if self.written else Delivery.NOT_SENT

    def timing(self) -> Timing:
        """The times noted so far; the total is now."""
        return Timing(
            resolve=self.resolve,
            connect=self.connect,
            tls=self.tls,
            sent=self.sent,
            first_byte=self.first_byte,
            total=self.deadline.elapsed(),
        )
