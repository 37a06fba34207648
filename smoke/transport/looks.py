"""What bytes that are no HTTP answer look like, in words."""

from __future__ import annotations

from smoke.text import safe_line

_QUOTED = 80


def describe(raw: bytes) -> str:
    """What the bytes seem to be, with the first of them quoted."""
    quoted = safe_line(raw[:_QUOTED].decode("latin-1"))
    return f"{_guess(raw)}; the first bytes are '{quoted}'"


def _guess(raw: bytes) -> str:
    if raw.startswith(b"SSH-"):
        return "an SSH server answered"
    # a TLS record (RFC 8446 5.1): alert or handshake, then version 3.x
    if raw[:1] in (b"\x15", b"\x16") and raw[1:2] == b"\x03":
        return "the server speaks TLS on this port: try https://"
    # an HTTP/2 SETTINGS frame on stream 0 (RFC 9113 4.1) is how such a server begins
    if len(raw) >= 9 and raw[3] == 4 and raw[5:9] == b"\0\0\0\0":
        return "the server speaks HTTP/2 only (the http2 option allows it, over https)"
    if raw.startswith((b"220 ", b"220-")):
        return "a mail or FTP server answered"
    if raw[:5].upper() == b"HTTP/":
        return "the answer's head breaks the rules of HTTP"
    if raw.lstrip()[:1] in (b"<", b"{", b"["):
        return "the answer has no status line (HTTP/0.9)"
    return "the answer is not HTTP"
