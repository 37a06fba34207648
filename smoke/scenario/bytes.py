"""What a file is that is no text in UTF-8: an image, an archive, another charset."""

from __future__ import annotations

from smoke.diagnostic import Diagnostic, Note, Span

_KINDS = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
)
"""The first bytes of files that are taken for scenarios by mistake."""


def not_utf8(
    data: bytes, offset: int, source: str, *, wanted: str = "a scenario is a text in YAML"
) -> Diagnostic:
    """The diagnostic for a byte that cannot be read."""
    before = data[:offset]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    kind = _kind(data)
    if kind:
        message, hint = f"this is no text, but {kind}", wanted
    else:
        message, hint = "the file is not UTF-8", f"it may be {_charset(data)}: save it as UTF-8"
    return Diagnostic(
        "not-utf8",
        f"{message}: byte 0x{data[offset]:02x} at offset {offset:,} cannot be read",
        span=Span(source, line, column, line, column + 1),
        notes=(Note(hint),),
    )


def unusual(text: str) -> str:
    """A remark on a text that is probably none; empty for one that is."""
    start = text[:4096]
    if kind := _kind(start.encode()):
        return f"this is no text, but {kind}"
    if start.count("\0") * 3 > len(start):
        return "it may be UTF-16: save it as UTF-8"
    return ""


def _kind(data: bytes) -> str:
    named = next((kind for start, kind in _KINDS if data.startswith(start)), "")
    if named or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return named
    start = data[:4096]
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\x0c\x1b" for byte in start)
    return "binary data" if controls * 10 > len(start) and start.count(0) * 3 <= len(start) else ""


def _charset(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    return "ISO-8859-1 or Windows-1252"
