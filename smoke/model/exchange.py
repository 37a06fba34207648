"""One request and its response or transport error, as observed: raw (in memory only) and redacted."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

Headers = tuple[tuple[bytes, bytes], ...]
"""Name and value pairs exactly as sent or received: order, case and repeats are evidence."""

WINDOW_HEAD = 6 * 1024 * 1024
WINDOW_TAIL = 2 * 1024 * 1024
MEMORY_LIMIT = WINDOW_HEAD + WINDOW_TAIL
"""Bytes of a decoded body that are held in memory; a larger body streams to the run folder."""


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
    """How a body ended. `unproven`: by the close of the connection, without a length that proves it whole."""

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
    """Where a secret value was replaced, and what kind it was; never the value.

    `part` is `url`, `header:NAME`, `reason` or `body`; `start` is the offset of the mask in the redacted part.
    """

    part: str
    kind: str
    name: str
    start: int
    length: int


class Body(Struct, frozen=True):
    """A body as it lies in the run folder, redacted.

    `size` and `sha256` describe the stored bytes; `original_size` those that came after content decoding (or
    the undecoded ones when `decoded` is false), `original_digest` is their keyed digest (HMAC-SHA-256 with a key
    of the run that is not stored) when redaction changed them, else empty. `path` is relative to the run folder.

    Where the disk took no more, the file holds only the beginning: `omitted` bytes behind it are lost, and the file
    at `tail_path`, if there is one, holds the end. A body without a path could not be written at all.
    """

    size: int = 0
    sha256: str = ""
    path: str = ""
    media_type: str = ""
    charset: str = ""
    content_encoding: str = ""
    decoded: bool = True
    decode_error: str = ""
    original_size: int = 0
    original_digest: str = ""
    wire_size: int = 0
    declared_size: int | None = None
    wire_path: str = ""
    wire_sha256: str = ""
    omitted: int = 0
    tail_path: str = ""
    tail_size: int = 0
    tail_sha256: str = ""

    @property
    def kept(self) -> bool:
        """Whether all of it lies in the run folder."""
        return not self.omitted and (bool(self.path) or not self.size)


class Timing(Struct, frozen=True):
    """Seconds by the monotonic clock from the start of the exchange; None where the phase was not reached."""

    resolve: float | None = None
    connect: float | None = None
    tls: float | None = None
    sent: float | None = None
    first_byte: float | None = None
    total: float = 0.0


class TransportError(Struct, frozen=True):
    """No usable response: what broke, in which phase, and whether the request may have been delivered."""

    kind: ErrorKind
    phase: Phase
    delivery: Delivery
    message: str


class Request(Struct, frozen=True):
    """A request ready to be sent: absolute URL, headers in sending order, the body's bytes.

    `without` are names (in lower case) of headers that nobody may add: neither the target's nor the customer's cookies.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    without: tuple[bytes, ...] = ()


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
    """A response with nothing removed. `interim` are 1xx answers (status, headers); `head` the first raw bytes."""

    status: int
    reason: bytes = b""
    http_version: str = "HTTP/1.1"
    headers: Headers = ()
    body: RawBody = RawBody()
    trailers: Headers = ()
    interim: tuple[tuple[int, Headers], ...] = ()


class RawExchange(Struct, frozen=True):
    """What really happened, with nothing removed. It never leaves memory; `redact` makes the Exchange of it.

    `response` and `error` may both be there: an answer whose body broke off. `undecoded` are the first raw bytes
    (at most 64 KiB) of an answer that was not HTTP, or that the HTTP library refused.
    """

    id: str
    request: Request
    response: RawResponse | None = None
    error: TransportError | None = None
    timing: Timing = Timing()
    peer: str = ""
    undecoded: bytes = b""
    leftover: bytes = b""


class StoredRequest(Struct, frozen=True):
    """The request as it was sent, redacted."""

    method: str
    url: str
    headers: Headers = ()
    body: Body = Body()
    digests: tuple[tuple[str, str], ...] = ()
    """For `url` and each header (`header NAME`, lower case) with masks in it: a keyed digest of what it was without them.

    The key is of the run and not stored: equal values of one run can be told from others, and nothing can be guessed.
    """


class Response(Struct, frozen=True):
    """The response as it was received, redacted."""

    status: int
    reason: bytes = b""
    http_version: str = "HTTP/1.1"
    headers: Headers = ()
    body: Body = Body()
    completeness: Completeness = Completeness.COMPLETE
    trailers: Headers = ()
    interim: tuple[tuple[int, Headers], ...] = ()

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
    request: StoredRequest
    response: Response | None = None
    error: TransportError | None = None
    timing: Timing = Timing()
    peer: str = ""
    undecoded: Body | None = None
    leftover: Body | None = None
    redactions: tuple[Redaction, ...] = ()
    redaction_count: int = 0
    started_at: str = ""
    notes: tuple[str, ...] = ()
