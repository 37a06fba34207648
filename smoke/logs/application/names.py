"""What the fields of application logs are called: by loggers, frameworks, platforms and tracing systems. Pure.

Names are compared in lower case and without anything but letters and digits: `request_id`, `requestId` and `x-request-id`
differ in nothing that matters.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from smoke.model.correlation import ID_HEADERS, trace_and_span

_PLAIN = re.compile(r"[^a-z0-9]+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TIMES = (
    # pino, bunyan, zap, slog, zerolog; winston, structlog, Serilog, .NET, logstash; log4j2, GELF; platforms
    "time", "timestamp", "@timestamp", "@t", "Timestamp", "ts", "asctime", "datetime", "date", "instant", "timeMillis",
    "timestampInMs", "eventTimestamp", "EventTimestampMs", "eventTime", "TimeGenerated", "receiveTimestamp", "dt", "t",
    "__REALTIME_TIMESTAMP", "_time", "StartTime", "EdgeStartTimestamp", "time_local", "time_iso8601",
)  # fmt: skip
LEVELS = (
    "level", "severity", "levelname", "log.level", "LogLevel", "@l", "Level", "loglevel", "lvl", "level_name",
    "severityText", "severity_text", "SeverityText", "severityNumber", "levelno", "PRIORITY", "l",
)  # fmt: skip
MESSAGES = (
    "message", "msg", "log", "textPayload", "MESSAGE", "event_message", "@message", "Message", "@m", "RenderedMessage",
    "event", "text", "line", "body", "_raw", "short_message", "@mt", "MessageTemplate", "m", "payload", "jsonPayload",
)  # fmt: skip
ERRORS = _set(
    "err error errors exception exc excinfo exctext stack stacktrace cause thrown x fullmessage exceptions errorverbose "
    "errorchain exceptionobject"
)
"""Fields that hold an error, plain."""
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

_IDS = _set(
    "requestid reqid xrequestid correlationid traceid spanid digest awsrequestid functionrequestid operationid rayid "
    "invocationid requestidentifier sentryid errorid vercelid xvercelid xamzntraceid traceparent "
    "logginggoogleapiscomtrace cfray trace rid connectionrequestid httprequestid traceidentifier "
    "flyrequestid xrailwayrequestid xnfrequestid"
)
_ID_ENDINGS = ("requestid", "traceid", "correlationid", "spanid")
_METHOD = _set(
    "method httpmethod requestmethod verb httprequestmethod reqmethod clientrequestmethod"
)
_PATH = _set(
    "path url uri requestpath requesturl originalurl urlpath httptarget httpurl requesturi urloriginal httppath target "
    "urlfull clientrequesturi httprequesturl httprequestpath fullpath"
)
_STATUS = _set(
    "status statuscode responsestatuscode httpstatus httpstatuscode responsestatus httpresponsestatuscode resstatuscode "
    "edgeresponsestatus responsecode"
)
_OF_THE_REQUEST = frozenset({"req", "request", "http", "ctx", "context"})
"""Parents whose `id` is the request's."""
_ID = re.compile(r"[\w.:+/=;-]{4,200}\Z")
_NO_ID = frozenset({"undefined", "null", "none", "true", "false", "unknown"})


@functools.lru_cache(maxsize=4096)  # a log has few names, and each in every line
def plain(name: str) -> str:
    """A field's name as it is compared."""
    return _PLAIN.sub("", name.lower())


def is_id(name: str, parent: str = "") -> bool:
    """Whether a plain name, below a plain parent, is of a request's, a trace's or an error's id."""
    return (
        name in _IDS
        or name.endswith(_ID_ENDINGS)
        or (name == "id" and parent in (*_OF_THE_REQUEST, "trace", "span", "transaction"))
        or (parent in ("headers", "header") and name in _PLAIN_HEADERS)
    )


def is_method(name: str) -> bool:
    """Whether a plain name is of a request's method."""
    return name in _METHOD


def is_path(name: str) -> bool:
    """Whether a plain name is of the address that a request was for."""
    return name in _PATH


def is_status(name: str) -> bool:
    """Whether a plain name is of an answer's status."""
    return name in _STATUS


def ids_in(value: str) -> Iterator[str]:
    """An id in every spelling in which others may name it: whole, and the part that names the request alone.

    Vercel: regions before it; Cloudflare: the data centre behind it; AWS X-Ray: `Root=…;Parent=…`; Google Cloud:
    `projects/P/traces/ID` or `ID/SPAN;o=1`; W3C: version, trace, span, flags.
    """
    text = value.strip()
    if not _ID.match(text) or text.lower() in _NO_ID:
        return
    yield text
    parts = trace_and_span(text)
    if parts is not None:
        yield from parts
    elif "::" in text:
        yield text.rpartition("::")[2]
    elif "/traces/" in text:
        yield text.rpartition("/")[2]
    elif "=" in text:
        yield from (part for part in re.split(r"[;=,]", text) if len(part) >= 16)
    elif "/" in text and re.match(r"[0-9a-f]{32}/\d", text):
        yield text.partition("/")[0]
    elif re.fullmatch(r"[0-9a-f]{16}-[A-Z]{3}", text):
        yield text.partition("-")[0]


_PLAIN_HEADERS = frozenset(plain(name) for name in ID_HEADERS)
