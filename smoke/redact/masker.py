"""Bytes with their secrets masked: at once or as they come, with the same result for every division.

The text is worked on in blocks at fixed offsets, each with what lies behind it in view, so that what straddles a
border is found and the size of the arriving pieces changes nothing. Memory is bounded by one block and its overlap.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator

from smoke.model.exchange import Redaction
from smoke.redact import sieve
from smoke.redact.cards import find_cards
from smoke.redact.carriers import find_carried
from smoke.redact.elements import find_elements
from smoke.redact.forms import find_fields
from smoke.redact.matches import SecretMatch, masked, merge
from smoke.redact.places import find_places
from smoke.redact.secrets import Secrets
from smoke.redact.shapes import find_shapes
from smoke.redact.view import SearchedBlock

BLOCK = 1024 * 1024
AHEAD = 64 * 1024
BACK = 1024
SHORTEST = len("pin=1")
"""Shorter texts have no room for a secret."""
Took = Callable[[str, bytes], None]
"""Is told of everything that is masked: the name in its mask, and what was there."""
MAX_LISTED = 1000
"""Redactions beyond this number are counted, not listed."""


def find_all(
    data: bytes, secrets: Secrets, start: int, limit: int, *, last: bool
) -> list[SecretMatch]:
    """Every match that begins in `start` to `limit`, unmerged. `last`: nothing follows behind `data`."""
    text = SearchedBlock(data)
    large = len(data) >= sieve.LARGE
    nothing = large and secrets.nothing_in(text)
    found: list[SecretMatch] = []
    some = not nothing and (not large or secrets.may_be_in(text))
    for spelling in secrets.everywhere:
        if some and (not large or spelling.may_be_in(text)):
            found.extend(spelling.find(text, start, limit))
        if last:
            cut = spelling.cut_off(data)
            if cut is not None and cut >= start:
                found.append(masked(cut, len(data), spelling.kind, spelling.name))
    if not nothing:
        if len(data) < sieve.SOME or sieve.shapes().lets_through(data):
            found.extend(find_shapes(data, start, limit))
        if not large or sieve.places().lets_through(text.lower):
            found.extend(find_places(data, text.lower, start, limit))
            found.extend(find_elements(data, text.lower, start, limit))
            found.extend(find_carried(data, text.lower, start, limit))
        parted = not large or sieve.parted_digits().lets_through(text.lower)
        found.extend(find_cards(data, start, limit, parted=parted))
    found.extend(find_fields(data, text.lower, start, limit))
    return found


def search(data: bytes, secrets: Secrets) -> list[SecretMatch]:
    """Every match in the whole of a text, unmerged."""
    if len(data) < SHORTEST or secrets.found_clean(data):
        return []
    found = find_all(data, secrets, 0, len(data), last=True)
    if not found:
        secrets.remember_clean(data)
    return found


class Masker:
    """Masks a stream of bytes. `part` is what its redactions call the place (`body`, `header:NAME` …).

    With a `digest_key` the original bytes are digested too (HMAC-SHA-256): equal originals can be told within a
    run, but a short secret can't be guessed from it by someone who has only the evidence.
    """

    def __init__(
        self,
        secrets: Secrets,
        *,
        part: str = "body",
        digest_key: bytes = b"",
        block: int = BLOCK,
        ahead: int = AHEAD,
        took: Took | None = None,
    ) -> None:
        self._secrets = secrets
        self._took = took
        self._part = part
        self._block = block
        self._ahead = ahead
        self._digest = hmac.new(digest_key, digestmod=hashlib.sha256) if digest_key else None
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._buffer = b""
        self._start = 0  # first byte of the buffer that begins a block
        self._done = 0  # bytes of the buffer that are written, as they are or masked
        self._written = 0
        self._seen = b""
        self._seen_start = 0
        self._found: list[SecretMatch] = []
        self._open: Callable[[bytes, int], int] | None = None
        self.original_size = 0
        self.count = 0
        self.redactions: list[Redaction] = []

    def feed(self, data: bytes) -> bytes:
        """The masked bytes that are sure by now."""
        piece = 4 * self._block
        if len(data) > piece:  # keeps the buffer small, and its copies with it
            return b"".join([self.feed(data[at : at + piece]) for at in range(0, len(data), piece)])
        self.original_size += len(data)
        if self._digest is not None:
            self._digest.update(data)
        self._pieces.append(data)
        self._waiting += len(data)
        if len(self._buffer) - self._start + self._waiting < self._block + self._ahead:
            return b""
        self._gather()
        out: list[bytes] = []
        while len(self._buffer) - self._start >= self._block + self._ahead:
            view = self._buffer[: self._start + self._block + self._ahead]
            out.extend(self._mask(view, self._start + self._block, last=False))
            self._advance()
        return b"".join(out)

    def finish(self) -> bytes:
        """The rest."""
        self._gather()
        rest = b"".join(self._mask(self._buffer, len(self._buffer), last=True))
        self._buffer, self._start, self._done = b"", 0, 0
        self._seen, self._found = b"", []
        return rest

    @property
    def original_digest(self) -> str:
        """The keyed digest of the original when masking changed it, else empty."""
        return self._digest.hexdigest() if self._digest is not None and self.count else ""

    def _gather(self) -> None:
        self._buffer = b"".join((self._buffer, *self._pieces))
        self._pieces, self._waiting = [], 0

    def _advance(self) -> None:
        self._start += self._block
        cut = max(0, min(self._start - BACK, self._done))
        self._buffer = self._buffer[cut:]
        self._start -= cut
        self._done -= cut

    def _mask(self, view: bytes, limit: int, *, last: bool) -> Iterator[bytes]:
        if self._open is not None:
            # the value that began in an earlier view goes on; a few bytes of it tell escaped quotes apart
            self._done = self._open(view, max(0, self._done - 64))
            if self._done == len(view) and not last:
                return
            self._open = None
        at = self._done
        for match in merge(self._find(view, limit, last=last), at):
            yield self._take(view[at : match.start])
            self._note(match)
            if self._took is not None:
                self._took(match.name, view[match.start : match.end])
            yield self._take(match.text)
            at = match.end
            if at == len(view) and not last:
                self._open = match.continues
        if at < limit:
            yield self._take(view[at:limit])
            at = limit
        self._done = at

    def _find(self, view: bytes, limit: int, *, last: bool) -> list[SecretMatch]:
        """What is to be masked in the view.

        Very large bodies often repeat themselves: the same view is not searched twice in a row.
        """
        if view != self._seen or self._start != self._seen_start or last:
            self._found = find_all(view, self._secrets, self._start, limit, last=last)
            self._seen, self._seen_start = view, self._start
        return self._found

    def _take(self, data: bytes) -> bytes:
        self._written += len(data)
        return data

    def _note(self, match: SecretMatch) -> None:
        self.count += 1
        if len(self.redactions) < MAX_LISTED:
            self.redactions.append(
                Redaction(self._part, match.kind.value, match.name, self._written, len(match.text))
            )


def mask_whole(
    data: bytes, secrets: Secrets, part: str, took: Took | None = None
) -> tuple[bytes, list[Redaction], int]:
    """What a Masker makes of `data` when all of it is there: the masked bytes, what was masked, and how often."""
    if len(data) <= BLOCK:  # one look at all of it, which is what a Masker would do
        return mask_with(data, secrets, part, took=took)
    masker = Masker(secrets, part=part, took=took)
    text = masker.feed(data) + masker.finish()
    return text, masker.redactions, masker.count


def mask_with(
    data: bytes,
    secrets: Secrets,
    part: str,
    extra: Iterable[SecretMatch] = (),
    took: Took | None = None,
) -> tuple[bytes, list[Redaction], int]:
    """A short text with its secrets and the `extra` matches masked, what was masked where, and how often."""
    found = search(data, secrets)
    matches = merge((*extra, *found)) if found or extra else ()
    if not matches:
        return data, [], 0
    out: list[bytes] = []
    redactions: list[Redaction] = []
    at = written = 0
    for match in matches:
        if took is not None:
            took(match.name, data[match.start : match.end])
        out += [data[at : match.start], match.text]
        written += match.start - at
        redactions.append(Redaction(part, match.kind.value, match.name, written, len(match.text)))
        written += len(match.text)
        at = match.end
    out.append(data[at:])
    return b"".join(out), redactions[:MAX_LISTED], len(redactions)


__all__ = ["Masker", "find_all", "mask_whole", "mask_with", "search"]
