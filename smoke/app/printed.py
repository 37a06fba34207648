"""What clients print of an exchange: `curl -i` and `-v`, `wget -S`, HTTPie, PowerShell, a status behind a body."""

from __future__ import annotations

import re

from smoke.app import traced

_STATUS = rb"HTTP/[0-9](?:\.[0-9])? [0-9]{3}\b"
_MARK = re.compile(rb"(?m)^(?:\*|>|[{}] \[)[^\n]*(?:\n|\Z)")
_HEAD_MARK = re.compile(rb"(?m)^< ?")
_NO_BLANK = re.compile(rb"(?m)^((?:HTTP/|[!-9;-~]{1,200}:)[^\n]{0,8000}\n)(?=" + _STATUS + rb")")
_MAX_HEAD = 1024 * 1024
_REQUEST = re.compile(rb"\s{0,8}[A-Z]{3,10} [^\s]{1,4000} HTTP/[0-9](?:\.[0-9])?\r?\n")
_ANSWER = re.compile(rb"(?m)^" + _STATUS)
_INDENTED = re.compile(rb"(?m)^  (?=" + _STATUS + rb")")
_WAITS = re.compile(rb"(?:\A|(?:\.\.\.|\xe2\x80\xa6)\s{0,4})\Z")
_FIELD = re.compile(rb"  [!-9;-~]{1,200}:[^\n]{0,8000}(?:\n|\Z)")
_CHATTER = re.compile(
    rb"(?:(?:Length|Saving to|Remote file|Location): [^\n]{0,4000}\n|\r?\n|--\d{4}-[^\n]{0,4000}\n)*"
)
_SHELL = re.compile(
    rb"(?m)^StatusCode {1,20}: ([1-5][0-9]{2})\r?\n(?:StatusDescription {1,20}: ([^\r\n]{0,200}))?"
)
_BEHIND = re.compile(rb"\n(?:[A-Za-z_ ]{1,20}[:= ] ?)?([1-5][0-9]{2})(?: [0-9.]{1,12})?\s{0,4}\Z")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]{0,200})?\r?\n")


def from_first_head(data: bytes) -> bytes:
    """What was printed, from the first answer's head on and without the client's own lines; nothing where no head is."""
    if _REQUEST.match(data):
        at = answer_behind_request(data, 0)
        return data[at:] if at < len(data) else b""
    return traced.received(data) or _of_curl(data) or _of_wget(data)


def answer_behind_request(data: bytes, start: int) -> int:
    """Where the answer begins of a request whose head stands at the place, as HTTPie prints both; else the length."""
    if _REQUEST.match(data, start) is None:
        return len(data)
    found = _ANSWER.search(data, start)
    return found.start() if found is not None else len(data)


def _of_curl(data: bytes) -> bytes:
    at = data.find(b"\n< HTTP/", 0, _MAX_HEAD) + 1
    if not at and not data.startswith(b"< HTTP/"):
        return b""
    lines = _MARK.sub(b"", data[at:])
    last = lines.rfind(b"\n< ") + 1
    end = lines.find(b"\n", last) + 1
    # behind an interim answer curl prints no blank line
    return _NO_BLANK.sub(rb"\1\n", _HEAD_MARK.sub(b"", lines[:end])) + lines[end:]


def _of_wget(data: bytes) -> bytes:
    """The last head that `wget -S` printed: each of its lines is indented."""
    heads = list(_INDENTED.finditer(data, 0, _MAX_HEAD))
    # `HTTP request sent, awaiting response... `, in the language of the user
    if not heads or not _WAITS.search(data[max(0, heads[0].start() - 300) : heads[0].start()]):
        return b""
    start = heads[-1].end()
    end = data.find(b"\n", start) + 1 or len(data)
    while field := _FIELD.match(data, end):
        end = field.end()
    behind = _CHATTER.match(data, end)
    body = data[behind.end() if behind else end :]
    return re.sub(rb"(?m)^  ", b"", data[start:end]) + b"\n" + body


def in_powershell(data: bytes) -> tuple[int, str] | None:
    """The status and its words in the properties that `Invoke-WebRequest` prints of an answer."""
    found = _SHELL.search(data, 0, _MAX_HEAD)
    if found is None:
        return None
    return int(found[1]), (found[2] or b"").decode("latin-1").strip()


def status_behind(data: bytes) -> tuple[int, bytes] | None:
    """The status that `curl -w` printed on a line of its own behind a body, and the body without it."""
    found = _BEHIND.search(data, max(0, len(data) - 80))
    if found is None or data.lstrip()[:1] not in {b"{", b"[", b"<"}:
        return None
    return int(found[1]), data[: found.start()]


def without_chunks(body: bytes) -> bytes:
    """A body without the framing of its chunks (RFC 9112 7.1), where `curl --raw` left it there; else as it is."""
    parts: list[bytes] = []
    at = 0
    while size := _SIZE.match(body, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        end = size.end() + length
        parts.append(body[size.end() : end])
        if end >= len(body):
            return b"".join(parts)  # cut off
        if body[end : end + 2] == b"\r\n":
            at = end + 2
        elif body[end : end + 1] == b"\n":
            at = end + 1
        else:
            return body
    return body
