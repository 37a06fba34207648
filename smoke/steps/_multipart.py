"""multipart/form-data (RFC 7578) as bytes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Part(Struct, frozen=True):
    """One field; with a file name it is an upload."""

    name: str
    data: bytes
    filename: str = ""
    media_type: str = ""


def encode(parts: Sequence[Part], boundary: str) -> bytes:
    """The body. Quotes and line ends in names are percent-encoded, as browsers do (RFC 7578 2, HTML standard)."""
    out = []
    for part in parts:
        disposition = f'form-data; name="{_quoted(part.name)}"'
        if part.filename:
            disposition += f'; filename="{_quoted(part.filename)}"'
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
        if part.media_type:
            head += f"Content-Type: {_one_line(part.media_type)}\r\n"
        out += [head.encode(), b"\r\n", part.data, b"\r\n"]
    return b"".join(out) + f"--{boundary}--\r\n".encode()


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")
