"""An exchange's request as a command of curl, for whoever wants to send it by hand. What was masked stands as a variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct, field

from smoke.facts.evidence import Evidence, Excerpt, excerpt, gap, place
from smoke.facts.multipart import FormPart, form_parts
from smoke.model.exchange import Exchange, StoredRequest
from smoke.model.messages import WEBSOCKET
from smoke.model.run import Run
from smoke.shell import bash_word
from smoke.text import safe, safe_line, without_commands

_MASK = re.compile(r"\[masked(?::([^\]\n]{0,100}))?\]")
_NOT_A_NAME = re.compile(r"[^A-Z0-9]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_LONGEST = 4096
"""Bytes of a body that stand in the command; a longer one is read from its file."""
_NOT_SENT = frozenset({
    "host", "content-length", "connection", "accept-encoding", "transfer-encoding",
    "traceparent", "tracestate", "x-request-id",
})  # fmt: skip
"""What curl says itself, and names that belong to the request that was sent: a second one would be taken for it."""
_ORDERS_AGAIN = (
    "WARNING: this request places an order; each time that it is sent it may order again"
)


def as_curl(
    run: Run,
    exchange: Exchange,
    evidence: Evidence,
    *,
    orders: bool = False,
    ascii_only: bool = False,
) -> tuple[str, ...]:
    """The lines of the command, for bash and its kin. What is to be known before it is sent comes first, as comments.

    `orders`: it is known to place an order. With `ascii_only` the lines are of ASCII.
    """
    words = _Words(ascii_only)
    request = exchange.request
    if request.method == WEBSOCKET:
        return (f"# {safe_line(request.url)} is a WebSocket: curl sends no messages over one",)
    told = ["curl --include", *_method(words, request), words.quoted(request.url)]
    if any(mark in request.url for mark in "[]{}"):
        told.append("--globoff")
    if "/./" in request.url or "/../" in request.url:
        told.append("--path-as-is")
    told += _way(words, run, request.url)
    body = list(_body(words, run, exchange, evidence))
    told += _headers(words, request, of_form=body[:1] == [_FORM])
    told += body[1:] if body[:1] == [_FORM] else body
    comments: list[str] = []
    if words.needed:
        comments.append(f"set before: {', '.join(words.needed)} (masked in the evidence)")
    if orders or any(order.exchange_id == exchange.id for order in run.orders):
        comments.insert(0, _ORDERS_AGAIN)
    if exchange.received:
        comments.append("it came from the shop, to a receiver that closed with the run")
    last = len(told) - 1
    shown = [word if at == last else word + " \\" for at, word in enumerate(told)]
    return (
        *(f"# {safe_line(line)}" for line in (*comments, *words.remarks)),
        *(word if at == 0 else f"  {word}" for at, word in enumerate(shown)),
    )


_FORM = "form"
"""Stands before the words of a form that curl puts together: then its boundary is curl's."""


class _Words(Struct):
    """Words for the shell, and what they need: variables to be set, remarks for whoever pastes them."""

    ascii_only: bool
    needed: dict[str, None] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def quoted(self, text: str) -> str:
        """A word for the shell, with a variable where something was masked."""
        out, at = "", 0
        for found in _MASK.finditer(text):
            out += self._literal(text[at : found.start()]) + self.variable(_variable(found))
            at = found.end()
        rest = text[at:]
        return out + self._literal(rest) or bash_word("")

    def variable(self, name: str) -> str:
        """The value of a variable, which is noted."""
        self.needed[name] = None
        return f'"${name}"'

    def _literal(self, text: str) -> str:
        if not text:
            return ""
        plain = without_commands(safe(text)) == text and (text.isascii() or not self.ascii_only)
        return bash_word(text, verbatim=plain)


def _method(words: _Words, request: StoredRequest) -> list[str]:
    if request.method == "HEAD":
        return ["--head"]  # with --request HEAD curl would wait for a body
    return [f"--request {words.quoted(request.method)}"]


def _way(words: _Words, run: Run, url: str) -> Iterator[str]:
    """What leads the command where the request went: detours, a proxy, certificates."""
    for detour in run.target.detours:  # spelt as curl's
        option, _, text = detour.partition(" ")
        yield f"{option} {words.quoted(text)}"
    asked = run.asked
    proxy = (asked.proxy if asked is not None else "") or run.target.proxy
    if proxy:
        yield from _proxy(words, proxy, asked.proxy_password_env if asked is not None else "")
        if asked is not None and asked.no_proxy:
            yield f"--noproxy {words.quoted(','.join(asked.no_proxy))}"
    if run.target.insecure:
        yield "--insecure"
    if asked is None or not url.startswith("https:"):
        return
    if asked.ca_file:
        yield f"--cacert {words.quoted(asked.ca_file)}"
    if run.target.client_cert and _origin(url) == _origin(run.target.url):
        yield f"--cert {words.quoted(run.target.client_cert)}"
        if asked.client_key:
            yield f"--key {words.quoted(asked.client_key)}"
        if _VARIABLE.fullmatch(asked.client_key_password_env):
            yield f"--pass {words.variable(asked.client_key_password_env)}"


def _proxy(words: _Words, proxy: str, password_env: str) -> Iterator[str]:
    user, at, host = proxy.rpartition("@")
    if not at or not _VARIABLE.fullmatch(password_env):
        yield f"--proxy {words.quoted(proxy)}"
        return
    scheme, separator, name = user.rpartition("://")
    yield f"--proxy {words.quoted(f'{scheme}{separator}{host}')}"
    yield f"--proxy-user {words.quoted(f'{name}:')}{words.variable(password_env)}"


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme.lower(), parts.netloc.lower()


def _headers(words: _Words, request: StoredRequest, *, of_form: bool) -> Iterator[str]:
    names = set()
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("utf-8", "surrogateescape")
        key = name.lower()
        names.add(key)
        compressed = request.body.content_encoding and key == "content-encoding"
        if key in _NOT_SENT or compressed:  # the body is kept as it was before it was compressed
            continue
        if key == "content-type" and of_form:
            continue
        # with nothing behind its colon curl takes a header away
        yield f"--header {words.quoted(f'{name}: {value}' if value.strip() else f'{name};')}"
    if request.body.size and "content-type" not in names and request.headers:
        yield "--header Content-Type:"  # else curl would call the body a form


def _body(words: _Words, run: Run, exchange: Exchange, evidence: Evidence) -> Iterator[str]:
    body = exchange.request.body
    if not body.size:
        return
    if lost := gap("", body):
        words.remarks.append(f"the body of the request is not whole: {lost}")
    if body.text:  # has no file to name, and is as it was sent
        yield _data(words, body.text)
        return
    shown = excerpt(evidence, body, _LONGEST)
    if not _fits(shown):
        if body.path:
            yield f"--data-binary {words.quoted('@' + place(run, body.path))}"
            if any(item.part == "request:body" for item in exchange.redactions):
                words.remarks.append(
                    "the file of the body has masks where secrets were: put them in before"
                )
        return
    parts = form_parts(_content_type(exchange.request), shown.text)
    if parts:
        yield _FORM
        yield from (_form_word(words, part) for part in parts)
    else:
        yield _data(words, shown.text)


def _fits(shown: Excerpt) -> bool:
    """Whether a body can stand in a command line: no line holds the byte 0, and a line is in UTF-8."""
    whole = not (shown.cut or shown.binary or shown.missing or shown.lossy)
    return whole and shown.encoding in ("utf-8", "ascii") and "\0" not in shown.text


def _data(words: _Words, text: str) -> str:
    # curl takes what stands behind an @ for the name of a file
    return f"{'--data-raw' if text.startswith('@') else '--data-binary'} {words.quoted(text)}"


def _form_word(words: _Words, part: FormPart) -> str:
    if not part.media_type and part.filename is None:
        return f"--form-string {words.quoted(f'{part.name}={part.text}')}"
    word = f"{part.name}={_in_quotes(part.text)}"
    if part.media_type:
        word += f";type={part.media_type}"
    if part.filename is not None:
        word += f";filename={_in_quotes(part.filename)}"
    return f"--form {words.quoted(word)}"


def _in_quotes(text: str) -> str:
    """A text within a word of `--form`, as curl reads it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _content_type(request: StoredRequest) -> str:
    for name, value in request.headers:
        if name.lower() == b"content-type":
            return value.decode("latin-1")
    return ""


def _variable(found: re.Match[str]) -> str:
    name = _NOT_A_NAME.sub("_", (found[1] or "").upper()).strip("_")
    return f"SECRET_{name}"[:60].rstrip("_")  # never PATH, nor what else a shell has
