"""What kind of hiding it is when a failed response shows no database error, how to look it up, what to do next time.

`Finding.hiding` is one of HIDINGS. Sources: Vercel's list of error codes (vercel.com/docs/errors), Next.js on
digests (nextjs.org/docs, error handling), the stock pages of the servers named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from smoke.classify.read import _stated
from smoke.classify.read._correlations import correlations
from smoke.classify.text.view import View
from smoke.model.dberror import Citation
from smoke.model.exchange import Completeness
from smoke.model.finding import Finding, Severity
from smoke.model.met import Met, recognise

HIDINGS: Mapping[str, str] = {
    "empty-body": "the response has no body: let the handler catch the error and answer with its code and constraint",
    "cut-off": "the response breaks off before it tells the error: look at the server's log, or repeat the step",
    "auth-wall": "a wall before the deployment answered instead of the application: give smoke what lets it in",
    "gateway": "a proxy answered instead of the application: look at the log of what stands behind it",
    "platform-error": "the platform answered instead of the application: look up its id in the platform's log",
    "production-digest": "only a digest is shown: find it in the server's log",
    "orm-message-without-cause": "the library's message leaves out the server's error: answer with the error's cause as well",
    "generic-page": "a general error page without the cause: look up its ids in the server's log",
    "other-error": "the response tells of an error that is not a database's, or does not show which",
}
"""Each kind of hiding, and what to do so that next time the error is seen."""

_PLATFORM = re.compile(
    r"\b(?:FUNCTION_INVOCATION_(?:FAILED|TIMEOUT)|FUNCTION_(?:THROTTLED|RESPONSE_PAYLOAD_TOO_LARGE|PAYLOAD_TOO_LARGE)"
    r"|NO_RESPONSE_FROM_FUNCTION|EDGE_FUNCTION_INVOCATION_(?:FAILED|TIMEOUT)|MIDDLEWARE_INVOCATION_(?:FAILED|TIMEOUT)"
    r"|DEPLOYMENT_(?:NOT_FOUND|PAUSED|DISABLED|BLOCKED)|INTERNAL_[A-Z_]{4,60}|INFINITE_LOOP_DETECTED|RESOURCE_NOT_FOUND"
    r"|WORKER_(?:THREW_EXCEPTION|LIMIT)|BOOT_ERROR|WORKER_RESOURCE_LIMIT)\b"
    r"|Worker threw exception|Task timed out after|Application failed to respond|heroku\.com/error|no-such-app\.html"
    r"|error code: 11\d\d|Endpoint request timed out|RequestId: [0-9a-f-]{36} Error:"
)
_GATEWAY = re.compile(
    r"(?i)50[234] (?:bad gateway|service (?:temporarily )?unavailable|gateway time-?out)|<hr>\s{0,20}<center>(?:nginx|openresty|cloudflare)"
    r"|upstream (?:connect error|request timeout)|no healthy upstream|no server is available to handle this request"
    r"|the proxy server received an invalid|error code: 5\d\d|varnish cache server|guru meditation|bad_gateway"
    r"|the upstream server is timing out|application error: host error"
)
_GATEWAYS = (
    "awselb",
    "cloudfront",
    "cloudflare",
    "envoy",
    "varnish",
    "akamaighost",
    "haproxy",
    "traefik",
    "istio-envoy",
)
_DIGEST = re.compile(r"(?:\bdigest\"?:? ?\\?\"?|data-dgst=\"|Digest: )(\d{6,12}|[0-9a-f]{8,40})")
_ORM = re.compile(
    r"Failed query: |\bSequelize\w{0,40}Error|Validation error|Query violates a|PrismaClient(?:Unknown|Rust|Initialization)\w*|"
    r"Invalid `[\w.()\[\]]{1,80}` invocation|Database error saving new user|could not execute (?:statement|batch)|"
    r"An error occurred while (?:saving the entity changes|executing a query)|DbUpdateException|DataIntegrityViolationException|"
    r"\bIntegrityError\b|\bDatabaseError\b|QueryFailedError|StatementInvalid|QueryException|DataAccessException|database query error|"
    r"current transaction is aborted|\[object Object\]|Drizzle(?:Query)?Error"
)
_TOLD = re.compile(
    r"\b([A-Z][A-Za-z0-9_.]{2,60}(?:Error|Exception|Fault)(?: \[[A-Z_]{3,40}\])?): ([^\n\r<\"\\]{3,300})"
)
_THROWN = re.compile(r"(?m)^(?:Uncaught )?Error: ([^\n\r<\"\\]{3,300})")
"""What Node prints of an error that has no class of its own."""
_GENERIC = re.compile(
    r"(?i)internal server error|something went wrong|unexpected error|server error|application error|try again later|unknown error"
    r"|could not (?:save|place|process)|checkout[_ ]failed|request failed|an error (?:has )?occurred|oops"
)
_LONG = 300
_OUTLINE = 128 * 1024


def hidden(view: View, *, completeness: Completeness) -> Finding | None:
    """A finding that says how the response keeps its cause to itself; None when it tells of no failure."""
    text = view.outline(_OUTLINE)
    ids = correlations(view)
    met = _wall(view)
    if met is not None:
        return replace(auth_wall(met), correlations=ids)
    if view.status < 500:
        return None
    kind = _kind(view, text, completeness)
    stated = _stated_by(view, text) if kind in {"generic-page", "other-error"} else None
    if stated is not None:
        words, citations = stated
        return Finding(
            code="server-error",
            title=f"the response states an error: {words}",
            severity=Severity.ERROR,
            hiding="other-error",
            correlations=ids,
            citations=citations,
            notes=(HIDINGS["other-error"],),
        )
    return Finding(
        code="error-hidden",
        title="the response fails and does not show the database's error",
        severity=Severity.ERROR,
        hiding=kind,
        correlations=ids,
        notes=(HIDINGS[kind],),
    )


def auth_wall(met: Met) -> Finding:
    """The finding of a wall before the deployment: its name, and what lets smoke in."""
    return Finding(
        code="auth-wall",
        title=met.title,
        severity=Severity.ERROR,
        hiding="auth-wall",
        notes=met.notes,
    )


def _wall(view: View) -> Met | None:
    """The wall that wrote the response. Its request is not known here, so basic authentication is not judged."""
    headers = tuple(
        (entry.name.encode("latin-1", "replace"), entry.value.encode("latin-1", "replace"))
        for entry in view.headers
    )
    return recognise(view.status, headers, view.text[:_OUTLINE].encode("utf-8", "replace"))


def _stated_by(view: View, text: str) -> tuple[str, tuple[Citation, ...]] | None:
    """The error that the response names: an exception's class and message, or a sentence where errors stand."""
    told = _TOLD.search(text)
    if told is not None:
        return f"{told[1]}: {told[2].strip()[:_LONG]}", ()
    thrown = _THROWN.search(text)
    if thrown is not None and not _GENERIC.search(thrown[1]):
        return f"Error: {thrown[1].strip()[:_LONG]}", ()
    said = _stated.stated(view)
    return (said.words, (said.citation,)) if said is not None else None


def _kind(view: View, text: str, completeness: Completeness) -> str:
    if view.header("x-vercel-error") or _PLATFORM.search(text):
        return "platform-error"
    if not view.text.strip():
        return (
            "cut-off"
            if completeness not in {Completeness.COMPLETE, Completeness.UNPROVEN}
            else "empty-body"
        )
    if completeness not in {Completeness.COMPLETE, Completeness.UNPROVEN} or any(
        record.cut and record.parent is None for record in view.records
    ):
        return "cut-off"
    if _GATEWAY.search(view.text[:20_000]) or _is_gateway(view):
        return "gateway"
    if _ORM.search(text):
        return "orm-message-without-cause"
    if _DIGEST.search(text):
        return "production-digest"
    if _GENERIC.search(text[:20_000]):
        return "generic-page"
    return "other-error"


def _is_gateway(view: View) -> bool:
    server = view.header("server").lower()
    return view.status in {502, 503, 504} and server.startswith(_GATEWAYS)


def tells_another(finding: Finding) -> bool:
    """Whether the response names an error that is not a database's: what else went wrong at that time is not its cause."""
    return finding.code == "server-error"
