"""Sends the spans of a run to a collector, by OpenTelemetry's own exporter (extra `otel`). It changes nothing of the run.

The endpoint is the `--otel` of the command, or that of OpenTelemetry's variables; headers, certificates and compression are what
the exporter takes from those variables itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from smoke.extras import install_command
from smoke.facts.spans import SCOPE, Attributes, TraceSpan, resource, spans
from smoke.text import safe_line, shorten

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from smoke.model.run import Run

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_OF_TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PATIENCE = 15.0
"""Seconds for the collector: its exporter repeats what may come right, for a minute and more."""


def endpoint_problems(url: str) -> Iterable[str]:
    """What is no URL of a collector, in words that follow the option's name."""
    if url and not _is_address(url):
        yield " is the URL of a collector without a user, such as http://127.0.0.1:4318"


def _is_address(url: str) -> bool:
    """Whether a URL names a server by HTTP, without a user."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = url.isprintable() and not any(each in url for each in " @\\")
    return named and plain and parts.scheme in ("http", "https") and ".." not in parts.netloc


def collector(given: str, environ: Mapping[str, str]) -> str:
    """Where spans go: what was given, else what OpenTelemetry's variables say; empty where nothing asks for them."""
    if given:
        return f"{given.rstrip('/')}/v1/traces"
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return ""
    if environ.get("OTEL_TRACES_EXPORTER", "otlp").strip() == "none":
        return ""
    base = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    return environ.get(_OF_TRACES, "").strip() or (base and f"{base.rstrip('/')}/v1/traces")


def send_spans(run: Run, given: str, environ: Mapping[str, str]) -> str:
    """Send the spans of a finished run where they are asked for. Why they were not sent; empty where all is well."""
    endpoint = collector(given, environ)
    if not endpoint:
        return ""
    why = _refused(endpoint, given, environ) or _sent(run, endpoint)
    return shorten(safe_line(f"spans were not sent to the collector: {why}"), 500) if why else ""


def _refused(endpoint: str, given: str, environ: Mapping[str, str]) -> str:
    """Why nothing is tried."""
    protocol = next((environ[name] for name in _PROTOCOLS if environ.get(name)), "")
    if not given and protocol not in ("", "http/protobuf"):
        return f"its protocol is {protocol}, and smoke speaks http/protobuf (--otel URL goes before it)"
    return "".join(f"{_ENDPOINT}{problem}" for problem in endpoint_problems(endpoint))


def _sent(run: Run, endpoint: str) -> str:
    """Let the exporter send, as long as PATIENCE lasts; why it did not."""
    try:
        import requests
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import SpanExportResult
    except ImportError:
        return f"that needs OpenTelemetry's exporter: {install_command('otel')}"
    told: list[str] = []

    def send() -> None:
        try:
            session = requests.Session()
            session.trust_env = (
                False  # neither a proxy nor the passwords of ~/.netrc, as everywhere
            )
            exporter = OTLPSpanExporter(endpoint=endpoint, timeout=int(PATIENCE), session=session)
            result = exporter.export(_readable(run))
        except Exception as fault:  # noqa: BLE001  (the exporter's code, and a network: whatever it is, the run stands)
            told.append(f"{type(fault).__name__}: {fault}")
        else:
            if result is not SpanExportResult.SUCCESS:
                told.append(said[-1] if said else "it was refused")
            else:
                told.append("")

    with _Heard() as said:
        sending = threading.Thread(target=send, daemon=True)
        sending.start()
        sending.join(PATIENCE)
    if sending.is_alive() or not told:
        return f"no answer within {PATIENCE:.0f} s" + (f" ({said[-1]})" if said else "")
    return told[0]


class _Heard(logging.Handler):
    """What the exporter logs while it sends, in place of its lines on standard error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: list[str] = []
        self._logger = logging.getLogger("opentelemetry")
        self._before = True

    def __enter__(self) -> list[str]:
        self._before, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self)
        return self._said

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._before

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


def _readable(run: Run) -> list[ReadableSpan]:
    """The spans as OpenTelemetry's SDK has them."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    # not Resource.create: that would add what it finds out about this process
    of: Any = Resource(resource(run))
    scope = InstrumentationScope(SCOPE, run.smoke_version)
    return [_of_span(span, of, scope) for span in spans(run)]


def _of_span(span: TraceSpan, of: Any, scope: Any) -> ReadableSpan:
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Link, SpanKind, Status, StatusCode

    return ReadableSpan(
        span.name,
        context=_context(span.trace, span.id),
        parent=_context(span.trace, span.parent) if span.parent else None,
        resource=of,
        attributes=span.attributes,
        events=[Event(each.name, _plain(each.attributes), each.at) for each in span.events],
        links=[Link(_context(trace, own)) for trace, own in span.links],
        kind=SpanKind.CLIENT if span.client else SpanKind.INTERNAL,
        status=Status(StatusCode.ERROR, span.message) if span.failed else Status(StatusCode.UNSET),
        start_time=span.start,
        end_time=span.end,
        instrumentation_scope=scope,
    )


def _plain(values: Attributes) -> dict[str, Any]:
    return dict(values)


def _context(trace: str, own: str) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(int(trace, 16), int(own, 16), is_remote=False, trace_flags=TraceFlags(1))
