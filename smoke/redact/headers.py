"""Headers and URLs with their secrets masked: names, order, schemes and attributes stay."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from smoke.model.exchange import Headers, Redaction
from smoke.redact.keys import ValueKind, sensitive_header
from smoke.redact.masker import Took, mask_with, search
from smoke.redact.matches import MaskReason, SecretMatch, masked
from smoke.redact.places import scheme_end
from smoke.redact.secrets import Secrets

MIN_LEARNED = 12
_PAIR = re.compile(rb"(?:^|;)[ \t]*([^=;]{0,1024}+)=([^;]*+)")


def _named(name: bytes) -> tuple[str, ValueKind] | None:
    return sensitive_header(name.decode("latin-1"))


@functools.lru_cache(maxsize=1024)  # most headers have one of a few names, which tell nothing
def _tells(name: bytes) -> bool:
    """Whether anything may be masked in a header because of its name."""
    return name.lower() == b"set-cookie" or _named(name) is not None


def header_matches(name: bytes, value: bytes) -> Iterator[SecretMatch]:
    """What is masked in a header because of its name."""
    if name.lower() == b"set-cookie":
        found = _PAIR.match(value)
        if found and found[2].strip():
            yield masked(*found.span(2), MaskReason.PLACE, "cookie")
        elif not found and value.strip():
            yield masked(0, len(value.partition(b";")[0]), MaskReason.PLACE, "cookie")
        return
    named = _named(name)
    if named is None or not value.strip():
        return
    word, what = named
    if what is ValueKind.COOKIES:
        pairs = [pair for pair in _PAIR.finditer(value) if pair[2].strip()]
        for pair in pairs:
            yield masked(*pair.span(2), MaskReason.PLACE, word)
        if not pairs:
            yield masked(0, len(value), MaskReason.PLACE, word)
    elif what is ValueKind.CREDENTIALS:
        yield masked(scheme_end(value), len(value), MaskReason.PLACE, word)
    elif what is ValueKind.ANY:
        yield masked(0, len(value), MaskReason.PLACE, word)


def mask_headers(
    headers: Headers, secrets: Secrets, part: str, took: Took | None = None
) -> tuple[Headers, list[Redaction], int]:
    """The headers masked, with what was masked where (`PART:NAME`), and how often."""
    if not headers:
        return (), [], 0
    together = b"\n".join(b"\n".join(header) for header in headers)
    clean = not search(together, secrets)
    kept: list[tuple[bytes, bytes]] = []
    redactions: list[Redaction] = []
    count = 0
    for name, value in headers:
        extra = tuple(header_matches(name, value)) if _tells(name) else ()
        if clean and not extra:
            kept.append((name, value))
            continue
        safe_name, in_name, names = mask_with(name, secrets, part, took=took)
        place = f"{part}:{safe_name.decode('latin-1')}"
        safe_value, in_value, values = mask_with(value, secrets, place, extra, took)
        kept.append((safe_name, safe_value))
        redactions += in_name + in_value
        count += names + values
    return tuple(kept), redactions, count


def learned(headers: Headers) -> Iterator[tuple[str, str]]:
    """Credentials that headers carry, as name and value: a server that echoes them elsewhere gives them away.

    Cookie values that could be ordinary words are left out, since these would be masked all over the evidence.
    """
    for name, value in headers:
        for match in header_matches(name, value) if _tells(name) else ():
            text = value[match.start : match.end].strip(b' \t"')
            certain = match.name == "authorization"
            if len(text) >= 8 if certain else is_credential(text):
                yield match.name, text.decode("latin-1")


def is_credential(text: bytes) -> bool:
    """Whether a value, of which nothing else is known, can only be a credential: long, with digits and letters."""
    return (
        len(text) >= MIN_LEARNED
        and any(48 <= byte < 58 for byte in text)
        and any(65 <= byte < 91 or 97 <= byte < 123 for byte in text)
    )
