"""Which parts of a text are masked in it: what a capture takes from there is a secret from then on."""

from __future__ import annotations

import json
import re
from functools import cached_property
from urllib.parse import unquote, unquote_plus

from smoke.redact.masker import Took, search
from smoke.redact.matches import SecretMatch, merge
from smoke.redact.secrets import Secrets

_MASK = re.compile(r"\[masked:[^\[\]\x00-\x1f]{0,256}\]")
_LONGEST = 64 * 1024


class Looked:
    """A text in which everything that is to be masked was looked for."""

    def __init__(self, text: str, secrets: Secrets) -> None:
        self._text = text
        self._secrets = secrets

    @cached_property
    def _data(self) -> bytes:
        return self._text.encode("utf-8", "surrogatepass")

    @cached_property
    def _found(self) -> list[SecretMatch]:
        return merge(search(self._data, self._secrets))

    @cached_property
    def shown(self) -> str:
        """The text with its masks."""
        return self.part_shown(0, len(self._text))

    def originals(self) -> tuple[str, ...]:
        """All that is masked in the text."""
        return tuple(_decoded(self._data[match.start : match.end]) for match in self._found)

    def tell(self, took: Took) -> None:
        """Tell of everything that is masked in the text."""
        for match in self._found:
            took(match.name, self._data[match.start : match.end])

    def parts(self, start: int, end: int) -> tuple[str, ...]:
        """What is masked in a part of the text, as far as it lies in that part."""
        low, high = self._bytes_of(start, end)
        return tuple(
            _decoded(self._data[max(low, match.start) : min(high, match.end)])
            for match in self._found
            if match.start < high and match.end > low
        )

    def part_shown(self, start: int, end: int) -> str:
        """A part of the text with its masks."""
        low, high = self._bytes_of(start, end)
        out: list[bytes] = []
        at = low
        for match in self._found:
            if match.start < high and match.end > low:
                out += [self._data[at : max(at, match.start)], match.text]
                at = match.end
        out.append(self._data[at : max(at, high)])
        return _decoded(b"".join(out))

    def _bytes_of(self, start: int, end: int) -> tuple[int, int]:
        low = len(self._text[:start].encode("utf-8", "surrogatepass"))
        return low, low + len(self._text[start:end].encode("utf-8", "surrogatepass"))


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def hidden_parts(text: str, shown: str) -> tuple[str, ...]:
    """The parts of a text in whose place there are masks in what is shown of it.

    All of the text where its parts cannot be told for certain.
    """
    if text == shown:
        return ()
    first, *middle = _MASK.split(shown)
    if not middle or not text.startswith(first):
        return (text,)
    last = middle.pop()
    at, end = len(first), len(text) - len(last)
    if at > end or not text.endswith(last):
        return (text,)
    parts: list[str] = []
    for piece in middle:
        found = text.find(piece, at, end) if piece else -1
        if found < 0:
            return (text,)
        if text.find(piece, found + 1, end) >= 0:
            parts.append(text)  # it may end somewhere else: then the whole is masked, which is sure
        parts.append(text[at:found])
        at = found + len(piece)
    return (*parts, text[at:end])


def readings(text: str) -> tuple[str, ...]:
    """A value as it stands in a text, and what it is where it was encoded: in a URL, a JSON string, HTML."""
    found = {text.strip(): None}
    if len(text) <= _LONGEST:
        import html  # its table of entities is large, and a run may hide nothing

        # a plus sign stands for a space only where other signs are encoded too
        form = unquote_plus(text) if "%" in text else text
        for other in (unquote(text), form, html.unescape(text), _unescaped(text)):
            found[other.strip()] = None
    return tuple(value for value in found if value)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        value = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    return value if isinstance(value, str) else text
