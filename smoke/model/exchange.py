"""One request and its response or transport error, as observed: raw (in memory only) and redacted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from smoke.model.event_stream import StreamEnd, WantedEvent

Headers = tuple[tuple[bytes, bytes], ...]
"""Name and value pairs exactly as sent or received: order, case and repeats are evidence."""

WINDOW_HEAD = 6 * 1024 * 1024
WINDOW_TAIL = 2 * 1024 * 1024
MEMORY_LIMIT = WINDOW_HEAD + WINDOW_TAIL
"""Bytes of a decoded body that are held in memory; a larger body streams to the run folder."""

EVENT_FILE = "events.jsonl"
"""The file of a run folder that has the events, and in them the small bodies."""


class Phase(StrEnum):
    """What a client was doing when an exchange broke."""

    PREPARE = "prepare"
    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    WAIT = "wait"
    RECEIVE = "receive"


class Delivery(StrEnum):
    """What is known of the request's arrival. RFC 9110 9.2.2: only `not-sent` makes a repeat safe."""

    NOT_SENT = "not-sent"
    MAYBE_SENT = "maybe-sent"
    SENT = "sent"


class ErrorKind(StrEnum):
    """Names of transport errors; the exit status and the retry decision depend on them."""

    RESOLVE = "resolve"
    CONNECTION_REFUSED = "connection-refused"
    CONNECT_TIMEOUT = "connect-timeout"
    CONNECT = "connect"
    TLS = "tls"
    RESET = "reset"
    DISCONNECTED = "server-disconnected"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    HEADERS_TOO_LARGE = "headers-too-large"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"
    BLOCKED = "blocked"
    INTERRUPTED = "interrupted"
    NOT_KEPT = "not-kept"


class Completeness(StrEnum):
    """How a body ended. `unproven`: by the close of the connection, without a length that proves it whole.

    A stream of which as many events as were asked for were taken is `unproven` too: it would have gone on.
    """

    COMPLETE = "complete"
    UNPROVEN = "unproven"
    TRUNCATED = "truncated"
    RESET = "reset"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    INTERRUPTED = "interrupted"
    PROTOCOL = "protocol"


class Window(Struct, frozen=True):
    """The bytes of a body that are examined: all of it, or its head and tail with `omitted` bytes between."""

    head: bytes = b""
    tail: bytes = b""
    omitted: int = 0

    @property
    def size(self) -> int:
        return len(self.head) + self.omitted + len(self.tail)


class Redaction(Struct, frozen=True):
    """Where a secret value was replaced, and what kind it was; never the value."""

    part: str
    """`url`, `header:NAME`, `reason` or `body`."""
    kind: str
    """What kind of secret it was."""
    name: str
    """The name that it is known by; empty where it has none."""
    start: int
    """Offset of the mask in the redacted part."""
    length: int
    """Length of the mask."""


class Body(Struct, frozen=True):
    """A body as it lies in the run folder, redacted."""

    size: int = 0
    """Bytes of the body as it is stored."""
    sha256: str = ""
    """Digest of the stored bytes."""
    path: str = ""
    """File of its own in the run folder; empty where there is no body, it could not be written, or `text` has it."""
    media_type: str = ""
    """Of the header Content-Type."""
    charset: str = ""
    """Of the header Content-Type."""
    content_encoding: str = ""
    """Of the header Content-Encoding."""
    decoded: bool = True
    """Whether the content coding was taken off."""
    decode_error: str = ""
    """Why it could not be taken off."""
    original_size: int = 0
    """Bytes before redaction, after content decoding (undecoded ones where `decoded` is false)."""
    original_digest: str = ""
    """Keyed digest (HMAC-SHA-256; the key is not stored) of the bytes before redaction; empty where it changed nothing."""
    wire_size: int = 0
    """Bytes as they came, before content decoding."""
    declared_size: int | None = None
    """Of the header Content-Length."""
    wire_path: str = ""
    """File with the undecoded bytes, kept where decoding failed."""
    wire_sha256: str = ""
    """Digest of that file."""
    omitted: int = 0
    """Bytes behind the beginning that the disk did not take."""
    tail_path: str = ""
    """File with the end of the body, where bytes before it are lost."""
    tail_size: int = 0
    """Bytes of that file."""
    tail_sha256: str = ""
    """Digest of that file."""
    text: str = ""
    """The body itself (in UTF-8 its stored bytes), where it is a small text that lies in its event, and in no file of its own."""

    @property
    def file(self) -> str:
        """The file of the run folder that it lies in: its own or that of the events; empty where it lies in none."""
        return self.path or (EVENT_FILE if self.text else "")

    @property
    def kept(self) -> bool:
        """Whether all of it lies in the run folder."""
        return not self.omitted and (bool(self.file) or not self.size)


class Timing(Struct, frozen=True):
    """Seconds by the monotonic clock from the start of the exchange; None where the phase was not reached."""

    resolve: float | None = None
    """The name was resolved."""
    connect: float | None = None
    """The connection was there."""
    tls: float | None = None
    """TLS was agreed on."""
    sent: float | None = None
    """The whole request was sent."""
    first_byte: float | None = None
    """The first byte of the answer came."""
    total: float = 0.0
    """The exchange ended."""
    held: float = 0.0
    """Seconds before the start in which smoke held the request back, for the rate of the target (`--rate`)."""


class TransportError(Struct, frozen=True):
    """No usable response: what broke, in which phase, and whether the request may have been delivered."""

    kind: ErrorKind
    """Its name; exit status and retry depend on it."""
    phase: Phase
    """What the client was doing."""
    delivery: Delivery
    """Whether the request may have arrived: only after `not-sent` is it sent again without leave."""
    message: str
    """What happened, in words."""


class Request(Struct, frozen=True):
    """A request ready to be sent: absolute URL, headers in sending order, the body's bytes.

    `without` are names (in lower case) of headers that nobody may add: neither the target's nor the customer's cookies.
    With `events` the exchange ends behind that many events of the answer, where it is a stream of them, with `until`
    behind the first one that is wanted.
    With `gzip` the body leaves compressed; it is kept as it was before, where what is secret can be found in it.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    without: tuple[bytes, ...] = ()
    gzip: bool = False
    events: int = 0
    until: WantedEvent | None = None


class RawBody(Struct, frozen=True):
    """A body as received, after content decoding.

    `window` holds all of it while it is at most MEMORY_LIMIT long; a larger one was streamed, masked, to the
    run folder as it came and `stored` says where. `wire` keeps the undecoded bytes when decoding failed; when nothing
    could be decoded at all, the window (or `stored`) holds the bytes as they came, and `decoded` is false.
    """

    window: Window = Window()
    stored: Body | None = None
    redactions: tuple[Redaction, ...] = ()
    redaction_count: int = 0
    wire: bytes | None = None
    wire_size: int = 0
    declared_size: int | None = None
    content_encoding: str = ""
    decode_error: str = ""
    decoded: bool = True
    completeness: Completeness = Completeness.COMPLETE


class RawResponse(Struct, frozen=True):
    """A response with nothing removed. `interim` are 1xx answers (status, headers), `stream` how far one of events was read."""

    status: int
    reason: bytes = b""
    http_version: str = "HTTP/1.1"
    headers: Headers = ()
    body: RawBody = RawBody()
    trailers: Headers = ()
    interim: tuple[tuple[int, Headers], ...] = ()
    stream: StreamEnd | None = None


class RawExchange(Struct, frozen=True):
    """What really happened, with nothing removed. It never leaves memory; `redact` makes the Exchange of it.

    `response` and `error` may both be there: an answer whose body broke off. `undecoded` are the first raw bytes
    (at most 64 KiB) of an answer that was not HTTP, or that the HTTP library refused. `certificate_until` is when the
    server's certificate expires.
    """

    id: str
    request: Request
    response: RawResponse | None = None
    error: TransportError | None = None
    timing: Timing = Timing()
    peer: str = ""
    undecoded: bytes = b""
    leftover: bytes = b""
    certificate_until: datetime | None = None


class StoredRequest(Struct, frozen=True):
    """The request as it was sent, redacted."""

    method: str
    """The method."""
    url: str
    """The absolute URL, masked."""
    headers: Headers = ()
    """Name and value pairs in sending order, masked."""
    body: Body = Body()
    """The body."""
    digests: tuple[tuple[str, str], ...] = ()
    """For `url` and each header (`header NAME`, lower case) with masks in it: a keyed digest of what it was without them.

    The key is of the run and not stored: equal values of one run can be told from others, and nothing can be guessed.
    """


class Response(Struct, frozen=True):
    """The response as it was received, redacted."""

    status: int
    """The status code."""
    reason: bytes = b""
    """The reason phrase."""
    http_version: str = "HTTP/1.1"
    """Such as `HTTP/1.1`."""
    headers: Headers = ()
    """Name and value pairs as they came: order, case and repeats are evidence."""
    body: Body = Body()
    """The body."""
    completeness: Completeness = Completeness.COMPLETE
    """How the body ended; `unproven`: by the end of the connection, without a length that proves it whole."""
    trailers: Headers = ()
    """Headers behind a chunked body."""
    interim: tuple[tuple[int, Headers], ...] = ()
    """1xx answers before this one: status and headers."""

    def header(self, name: str) -> str | None:
        """The first header of that name as text (ISO-8859-1), or None."""
        wanted = name.lower().encode("latin-1")
        for key, value in self.headers:
            if key.lower() == wanted:
                return value.decode("latin-1")
        return None


class Exchange(Struct, frozen=True):
    """One redacted exchange: the evidence that everything but capture and expectation works on."""

    id: str
    """Its name in the run."""
    request: StoredRequest
    """What was sent."""
    response: Response | None = None
    """The answer; there may be an error too, where its body broke off."""
    error: TransportError | None = None
    """What broke."""
    timing: Timing = Timing()
    """When each phase ended."""
    peer: str = ""
    """Address and port of the other end."""
    undecoded: Body | None = None
    """The first bytes of an answer that was not HTTP."""
    leftover: Body | None = None
    """The first bytes behind the end of the answer."""
    redactions: tuple[Redaction, ...] = ()
    """Where secrets were masked."""
    redaction_count: int = 0
    """How many masks there are; more than are listed where a body has very many."""
    started_at: str = ""
    """When it began (ISO 8601, UTC)."""
    notes: tuple[str, ...] = ()
    """What is to be known of the evidence."""
    received: bool = False
    """It is a call that came from the shop: the request is the shop's, and the answer is smoke's own."""

    @property
    def telling(self) -> StoredRequest | Response | None:
        """The half that came from the shop: the answer, or of a call the request."""
        return self.request if self.received else self.response
