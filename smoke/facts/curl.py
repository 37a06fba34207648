"""An exchange's request as a command of curl, for whoever wants to send it by hand. What was masked stands as a variable."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from smoke.facts.evidence import Evidence, excerpt, place
from smoke.model.exchange import Exchange
from smoke.model.run import Run
from smoke.text import safe

_MASK = re.compile(r"\[masked(?::([^\]\n]{0,100}))?\]")
_NOT_A_NAME = re.compile(r"[^A-Z0-9]+")
_LONGEST = 4096
"""Bytes of a body that stand in the command; a longer one is read from its file."""
_NOT_SENT = frozenset({
    "host", "content-length", "connection", "accept-encoding", "transfer-encoding",
    "traceparent", "tracestate", "x-request-id",
})  # fmt: skip
"""What curl says itself, and names that belong to the request that was sent: a second one would be taken for it."""


def as_curl(run: Run, exchange: Exchange, evidence: Evidence) -> tuple[str, ...]:
    """The lines of the command, for a POSIX shell. What they need to be set comes first, as a comment."""
    request = exchange.request
    needed: dict[str, None] = {}
    words = ["curl --include", f"--request {shlex.quote(safe(request.method))}"]
    words.append(_quoted(request.url, needed))
    for detour in run.target.detours:  # spelt as curl's: the command goes where the request went
        option, _, text = detour.partition(" ")
        words.append(f"{option} {_quoted(text, needed)}")
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        compressed = request.body.content_encoding and name.lower() == "content-encoding"
        if name.lower() not in _NOT_SENT and not compressed:  # the body is kept as it was before
            words.append(f"--header {_quoted(f'{name}: {value}', needed)}")
    words += _body(run, exchange, evidence, needed)
    needs = [f"# set before: {', '.join(needed)} (masked in the evidence)"] if needed else []
    last = len(words) - 1
    shown = [word if at == last else word + " \\" for at, word in enumerate(words)]
    return (*needs, *(word if at == 0 else f"  {word}" for at, word in enumerate(shown)))


def _body(
    run: Run, exchange: Exchange, evidence: Evidence, needed: dict[str, None]
) -> Iterator[str]:
    body = exchange.request.body
    if not body.size:
        return
    if body.text:  # has no file to name, and is as it was sent
        yield f"--data-binary {_quoted(body.text, needed)}"
        return
    shown = excerpt(evidence, body, _LONGEST)
    plain = not (shown.cut or shown.binary or shown.missing or shown.lossy)
    if plain and safe(shown.text) == shown.text:
        yield f"--data-binary {_quoted(shown.text, needed)}"
    else:
        yield f"--data-binary {shlex.quote('@' + safe(place(run, body.path)))}"


def _quoted(text: str, needed: dict[str, None]) -> str:
    """A word for the shell, with a variable where something was masked, which is put into `needed`."""
    text = safe(text)
    out, at = "", 0
    for found in _MASK.finditer(text):
        literal = text[at : found.start()]
        name = _variable(found)
        needed[name] = None
        out += (shlex.quote(literal) if literal else "") + f'"${name}"'
        at = found.end()
    rest = text[at:]
    return out + (shlex.quote(rest) if rest or not out else "")


def _variable(found: re.Match[str]) -> str:
    name = _NOT_A_NAME.sub("_", (found[1] or "").upper()).strip("_")
    return f"SECRET_{name}"[:60].rstrip("_")  # never PATH, nor what else a shell has
