"""What counts as a success where the scenario does not say: pure rules over a request and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from smoke.model.exchange import Request
from smoke.model.messages import WEBSOCKET
from smoke.model.run import Mismatch
from smoke.model.semantics import SAFE_METHODS
from smoke.scenario.answer import StepAnswer
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.expectations import Expect

_CONDITIONS = ("if-none-match", "if-modified-since")
_REDIRECTS = (301, 302, 303, 307, 308)
_SEE_OTHER = (301, 302, 303)
"""Redirects that browsers follow with a GET: the answer to a form that was taken (Post/Redirect/Get)."""
_HTML = ("text/html", "application/xhtml+xml")
_LOGIN = frozenset(
    {"login", "log-in", "log_in", "logon", "signin", "sign-in", "sign_in", "wp-login", "sso", "authenticate",
     "anmelden", "connexion", "inloggen", "iniciar-sesion"}
)  # fmt: skip
_LEAVES = frozenset(
    {"logout", "log-out", "log_out", "logoff", "signout", "sign-out", "sign_out", "register", "registration", "signup",
     "sign-up", "sign_up", "password", "reset-password", "forgot-password", "abmelden", "registrieren"}
)  # fmt: skip
"""What a customer does before a login page is the right one to come to."""


def not_successful(
    expect: Expect, answer: StepAnswer, looked_at: Iterable[CaptureSpec] = ()
) -> Iterator[Mismatch]:
    """What speaks against an answer that no expectation names.

    `looked_at` are the step's captures. Where the scenario names no status, these are good:

    - any 2xx; a 206 only when a part was asked for (Range; RFC 9110, 15.3.7);
    - a 304 when the request set a condition (If-None-Match, If-Modified-Since; RFC 9110, 15.4.5);
    - a redirect that was not followed when the scenario looks at its Location (an expectation or a capture), or when
      it answers a form or another unsafe request that did not ask for JSON, and does not lead to a login page;
    - a 5xx with `server_error: allowed`;
    - of a WebSocket the 101 that opens it, and nothing else.

    With or without a status, an answer below 300 is not good

    - at the end of a redirect to a login page, unless `url`, `html` or `text` (or a capture by html or regex) says what
      is there, or the request was for the login page, or to log out, to register, to set a password;
    - with an HTML page where JSON was asked for (Accept, a JSON body, `json` in an expectation or capture), unless
      `html`, `text` or the header Content-Type is expected, or captured from by html or regex.
    """
    captures = tuple(looked_at)
    why = _unnamed_status(expect, answer, captures) if expect.status is None else None
    if why is not None:
        good = "101" if answer.first.method == WEBSOCKET else "2xx"
        yield Mismatch(
            "status",
            good,
            answer.status,
            f"expected {good} (the scenario names no status), got {answer.status}{why}",
        )
        return
    if not 200 <= answer.status < 300:
        return
    if _leads_to_login(answer.first, answer.url) and not _page_named(expect, captures):
        yield Mismatch(
            "url",
            "the page that was asked for",
            answer.url,
            f"the redirect ended at a login page, {answer.url} (`expect: url` names it where that is right)",
        )
    elif not (expect.json_ or expect.schema_ or expect.openapi) and _html_instead_of_json(
        expect, answer, captures
    ):
        yield Mismatch(
            "headers.content-type",
            "JSON",
            "HTML",
            "an HTML page came where JSON was asked for (`expect: html`, `text` or `headers: {content-type: …}` "
            "names it where that is right)",
        )


def event_that_did_not_come(answer: StepAnswer) -> Iterator[Mismatch]:
    """What is wrong with a stream that was read up to an event, and has none like it."""
    wanted, stream = answer.wanted_event, answer.stream
    came = 0 if stream is None else stream.events
    if answer.is_websocket and wanted is None and came < answer.wanted_messages:
        why = f"the server closed the WebSocket after {came} of {answer.wanted_messages} messages"
        yield Mismatch("take_messages", answer.wanted_messages, came, why)
    if wanted is None or (stream is not None and stream.met):
        return
    if not (200 <= answer.status < 300 or answer.is_websocket):
        return
    if stream is None:
        kinds = answer.headers("content-type")
        kind = answer.cut(kinds[0], 80)[0] if kinds else "no Content-Type"
        why = f"the answer is no stream of events that can be read ({kind})"
    elif not stream.events:
        why = "no message came" if answer.is_websocket else "no event came"
    else:
        word = "message" if answer.is_websocket else "event"
        all_of_them = f"{stream.events} {word}s" if stream.events > 1 else f"one {word}"
        why = f"{all_of_them} came, none as expected"
    yield Mismatch("take_until", wanted.wanted, None, why)


def _unnamed_status(
    expect: Expect, answer: StepAnswer, captures: tuple[CaptureSpec, ...]
) -> str | None:
    """Why a status that nobody named is no success, as the end of a sentence; None when it is one."""
    status, request = answer.status, answer.first
    if answer.is_websocket or (expect.server_error_allowed and 500 <= status < 600):
        return None
    if request.method == WEBSOCKET:
        return ": the WebSocket was not opened"
    if status == 206 and not _sent(request, "range"):
        return ": a part, though the whole was asked for"
    if 200 <= status < 300:
        return None
    if status == 304:
        conditional = any(_sent(request, name) for name in _CONDITIONS)
        if conditional and request.method.upper() in ("GET", "HEAD"):
            return None
        return (
            ": not modified, though the request set no condition (If-None-Match, If-Modified-Since)"
        )
    location = next(iter(answer.headers("location")), "")
    if status not in _REDIRECTS or not location:
        return "" if status >= 400 else ", which says nothing of what was asked for"
    if _location_named(expect, captures):
        return None
    target = _joined(answer.url, location)
    login = _leads_to_login(request, target)
    where = f" to {'a login page, ' if login else ''}{answer.cut(location, 200)[0]}"
    form = request.method.upper() not in SAFE_METHODS and not _asked_for_json(request, captures)
    if form and not login and status in _SEE_OTHER:
        return None
    hint = "" if answer.follows else " (name the status, or `follow_redirects: true`)"
    return f"{where}, which was not followed{hint}"


def _location_named(expect: Expect, captures: tuple[CaptureSpec, ...]) -> bool:
    names = [*expect.headers, *(spec.header for spec in captures if spec.header is not None)]
    return any(name.lower() == "location" for name in names)


def _page_named(expect: Expect, captures: tuple[CaptureSpec, ...]) -> bool:
    """Whether the scenario says what is on the page."""
    expected = (
        expect.url is not None or bool(expect.html or expect.xpath) or expect.text is not None
    )
    documented = expect.schema_ is not None or expect.openapi is not None
    return expected or documented or bool(expect.json_) or _reads_page(captures)


def _reads_page(captures: tuple[CaptureSpec, ...]) -> bool:
    return any(spec.html is not None or spec.regex is not None for spec in captures)


def _html_instead_of_json(
    expect: Expect, answer: StepAnswer, captures: tuple[CaptureSpec, ...]
) -> bool:
    named = bool(expect.html or expect.xpath) or expect.text is not None or _reads_page(captures)
    if named or any(name.lower() == "content-type" for name in expect.headers):
        return False
    return _asked_for_json(answer.first, captures) and _is_page(answer)


def _is_page(answer: StepAnswer) -> bool:
    start = answer.start.lstrip()[:20].lower()
    if not start:
        return False  # an empty answer has the type that the framework gives to all
    kinds = answer.headers("content-type")
    if kinds:
        return kinds[0].partition(";")[0].strip().lower() in _HTML
    return start.startswith((b"<!doctype html", b"<html"))


def _asked_for_json(request: Request, captures: Iterable[CaptureSpec]) -> bool:
    accept = _sent(request, "accept").lower()
    if "html" in accept:
        return False
    body = _sent(request, "content-type").partition(";")[0].lower()
    return (
        "json" in accept
        or body.endswith("json")
        or any(spec.json_ is not None for spec in captures)
    )


def _sent(request: Request, name: str) -> str:
    wanted = name.encode()
    values = [value for key, value in request.headers if key.lower() == wanted]
    return ", ".join(value.decode("latin-1") for value in values)


def _leads_to_login(request: Request, target: str) -> bool:
    """Whether `target` is a login page that the request was not about. A form that comes back was not taken."""
    if target == request.url or not _is_login(target):
        return False
    words = _words(request.url)
    if words & _LEAVES:
        return False
    if not _is_login(request.url):
        return True
    again = urlsplit(target).path.rstrip("/") == urlsplit(request.url).path.rstrip("/")
    return again and request.method.upper() not in SAFE_METHODS


def _is_login(url: str) -> bool:
    words = _words(url)
    return bool(words & _LOGIN) or {"sessions", "new"} <= words


def _words(url: str) -> set[str]:
    """The first label of a URL's host and the segments of its path, without what ends a file's name."""
    parts = urlsplit(url)
    segments = [segment.partition(".")[0] for segment in parts.path.lower().split("/")]
    return {(parts.hostname or "").partition(".")[0], *segments}


def _joined(base: str, location: str) -> str:
    try:
        target = urljoin(base, location.strip())
        urlsplit(target)
    except ValueError:
        return base
    return target
