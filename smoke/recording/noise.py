"""What a browser sends beside a customer's way: assets, analytics, preflights, other origins, its own headers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from smoke.recording.records import RecordedRequest

_ASSET = re.compile(
    r"\.(?:js|mjs|css|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp4|webm|webmanifest|wasm)\Z",
    re.IGNORECASE,
)
_ASSET_TYPE = re.compile(
    r"(?:image|font|video|audio)/|text/css|(?:text|application)/(?:x-)?javascript"
)
_ANALYTICS = re.compile(
    r"(?:\A|/)(?:analytics|beacon|collect|telemetry|metrics|_vercel/(?:insights|speed-insights)|cdn-cgi/rum|ingest|"
    r"envelope|monitoring|pixel|gtm|gtag)(?:/|\Z)"
)
_BROWSER = re.compile(
    r":.*|(?:host|content-length|content-type|connection|keep-alive|user-agent|accept-.*|sec-.*|referer|origin|cookie2?|"
    r"cache-control|pragma|dnt|upgrade-insecure-requests|priority|te|if-.*|traceparent|tracestate|baggage|"
    r"sentry-trace|x-client-data|proxy-.*|transfer-encoding|expect|range|x-request-id|purpose|authorization)\Z"
)
_AS_GET = (301, 302, 303)


def own_headers(request: RecordedRequest) -> list[tuple[str, str]]:
    """The headers that a program of the shop set, and not the browser, the body or the jar."""
    kept = [(name, value) for name, value in request.headers if not _BROWSER.match(name.lower())]
    return [
        (name, value)
        for name, value in kept
        if name.lower() != "accept" or value.startswith("application/")
    ]


def without_noise(
    requests: Sequence[RecordedRequest], origin: str
) -> tuple[list[RecordedRequest], Counter[str]]:
    """The requests that matter, redirects joined with what they led to, and how many of each kind are left out."""
    dropped: Counter[str] = Counter()
    kept: list[RecordedRequest] = []
    for request in requests:
        kind = _noise(request, origin)
        if kind:
            dropped[kind] += 1
        elif kept and _led_to(kept[-1], request):
            kept[-1] = replace(kept[-1], answer=request.answer, follows=True, arrived=request.url)
        else:
            kept.append(request)
    return kept, dropped


def _noise(request: RecordedRequest, origin: str) -> str:
    path, answer = request.path, request.answer
    if request.written:
        return ""
    if request.origin != origin:
        return "to other origins"
    if request.method in {"OPTIONS", "HEAD"}:
        return "preflights"
    if answer is not None and answer.status in {0, 304}:
        return "without an answer of their own"
    if _ANALYTICS.search(path.lower()):
        return "of analytics"
    kind = answer.header("content-type") if answer is not None else ""
    if request.method == "GET" and (_ASSET.search(path) or _ASSET_TYPE.match(kind)):
        return "for assets"
    return ""


def _led_to(before: RecordedRequest, request: RecordedRequest) -> bool:
    """Whether a request is the one that a browser sends by itself behind a redirect."""
    answer = before.answer
    if request.written or answer is None or answer.status not in _AS_GET or request.method != "GET":
        return False
    target = answer.header("location")
    return bool(target) and _same(urljoin(before.arrived or before.url, target), request.url)


def _same(one: str, other: str) -> bool:
    return urlsplit(one)._replace(fragment="") == urlsplit(other)._replace(fragment="")
