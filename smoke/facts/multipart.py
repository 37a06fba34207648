"""The parts of a stored multipart/form-data body (RFC 7578), where all of them are plain text."""

from __future__ import annotations

import re

from msgspec import Struct

_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})', re.IGNORECASE)
_DISPOSITION = re.compile(
    r'form-data; name="(?P<name>[^"\r\n]{1,1000})"(?:; filename="(?P<filename>[^"\r\n]{0,1000})")?'
)
_MEDIA_TYPE = re.compile(r"[^\s;,\"\r\n]{1,200}(?:; ?[A-Za-z0-9_-]{1,40}=[A-Za-z0-9_.-]{1,80})?")
_MOST = 200


class FormPart(Struct, frozen=True):
    """One field; with a file name it is an upload."""

    name: str
    text: str
    filename: str | None = None
    media_type: str = ""


def form_parts(content_type: str, text: str) -> tuple[FormPart, ...]:
    """The fields of a form; none where it is no such form, or one that is not understood wholly."""
    found = _BOUNDARY.search(content_type)
    if found is None or not content_type.lower().startswith("multipart/form-data"):
        return ()
    mark = f"--{found[1].rstrip()}"
    first, *pieces = f"\r\n{text}".split(f"\r\n{mark}")
    if first or not pieces or pieces.pop().rstrip("\r\n") != "--" or len(pieces) > _MOST:
        return ()
    parts = [_part(piece) for piece in pieces]
    return tuple(part for part in parts if part is not None) if None not in parts else ()


def _part(piece: str) -> FormPart | None:
    head, blank, text = piece.partition("\r\n\r\n")
    if not blank:
        return None
    named = media_type = None
    for line in head.removeprefix("\r\n").split("\r\n"):
        key, _, value = line.partition(": ")
        match key.lower():
            case "content-disposition" if named is None:
                named = _DISPOSITION.fullmatch(value)
            case "content-type" if media_type is None:
                media_type = _MEDIA_TYPE.fullmatch(value)
                if media_type is None:
                    return None
            case _:
                return None
    if named is None or "=" in named["name"]:  # at the first one curl would end the name
        return None
    kind = media_type[0] if media_type is not None else ""
    return FormPart(named["name"], text, named["filename"], kind)
