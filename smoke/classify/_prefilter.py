"""A look at the bytes that settles most answers: nothing in an ordinary successful one can speak of an error."""

from __future__ import annotations

_NEEDLES = (
    b"error", b"exception", b"sqlstate", b"violat", b"constraint", b"duplicate", b"fatal", b"fault", b"errno",
    b'code"', b"fail", b"traceback", b"deadlock", b"digest", b"unique", b"denied", b"invalid", b"does not exist",
    b"out of range", b"too long", b"too many", b"\\u", b"null value", b"is of type", b"\x1b[", b"\x00",
    b"could not", b"cannot", b"aborted", b"cancel", b"warn", b"%22", b"reason", b"message", b"msg", b"ambiguous",
)  # fmt: skip
_OK_HEADERS = (
    b"error",
    b"exception",
    b"debug",
    b"sqlstate",
    b"pg-",
    b"grpc",
    b"fault",
    b"proxy-status",
    b"flash",
    b"vercel-error",
)


def clean(status: int, headers: list[tuple[str, str]], body: bytes, reason: str) -> bool:
    """Whether the response needs no reading: a success without a word that an error would have."""
    if not 200 <= status < 300 or len(reason) > 30:
        return False
    media_type = ""
    for name, value in headers:
        title = name.lower()
        if title == "content-type":
            media_type = value.lower()
        elif title == "set-cookie":
            if "flash" in value.lower() or "err" in value.lower():
                return False
        elif any(word in title.encode("latin-1", "replace") for word in _OK_HEADERS):
            return False
    if not body:
        return True
    if body[0] not in b'{[<"tfn0123456789 \r\n\t' or b"event-stream" in media_type.encode():
        return False
    if not media_type.startswith(
        ("application/json", "text/html", "application/vnd", "application/problem")
    ):
        return False
    lowered = body.lower()
    return not any(needle in lowered for needle in _NEEDLES) and (
        lowered.isascii() or _no_long_tokens(body)
    )


def _no_long_tokens(body: bytes) -> bool:
    """Words in other scripts and accents: only few of them in a row, as names and titles have."""
    return len(body) < 4_000_000 and all(
        len(run) < 24 for run in body.translate(_ASCII_TO_SPACE).split()
    )


_ASCII_TO_SPACE = bytes(32 if code < 128 else code for code in range(256))
