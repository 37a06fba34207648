"""One secret value and where a text holds it.

A search for all patterns would be slow, so each form has an anchor: bytes that are surely there when the form is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from smoke.redact.matches import MaskReason, SecretMatch, masked
from smoke.redact.patterns import (
    anchor_of,
    base64_cores,
    base64_pattern,
    character,
    ends_of,
    literal_spellings,
    same,
)
from smoke.redact.sieve import Sieve, everything, literals
from smoke.redact.view import LONG_WORD, SearchedBlock, unescaped

MIN_EVERYWHERE = 6
"""Shorter values are not masked by value: they would destroy too much of the evidence."""

MIN_CUT = 8
"""A secret whose beginning, at least this long, is the end of a text is masked there too."""

_PART = 20
"""Two neighbours of this length have one line's end between or in them at most: no line of Base64 is shorter than both."""


@dataclass(frozen=True)
class Spelling:
    """One secret value under its name, with its patterns made when they are first needed."""

    name: str
    value: str
    kind: MaskReason = MaskReason.DECLARED

    def __repr__(self) -> str:
        return f"Spelling({self.name!r})"

    @cached_property
    def raw(self) -> bytes:
        return self.value.encode("utf-8", "surrogatepass")

    @cached_property
    def anchor(self) -> bytes:
        return anchor_of(self.value)

    @cached_property
    def _lower(self) -> bytes:
        return self.raw.lower()

    @cached_property
    def _before_anchor(self) -> int:
        return self._lower.find(self.anchor)

    @cached_property
    def _ends_before_anchor(self) -> tuple[bytes, ...]:
        """How the spelling of the character in front of the anchor may end; none when it comes first."""
        at = self.value.lower().find(self.anchor.decode())
        return ends_of(self.value[at - 1]) if at > 0 else ()

    @cached_property
    def text_pattern(self) -> re.Pattern[bytes]:
        return re.compile(b"(?i)" + b"".join(map(character, self.value)))

    @cached_property
    def hex_anchor(self) -> bytes:
        return self.raw.hex().encode()

    @cached_property
    def cores(self) -> tuple[bytes, bytes, bytes]:
        return base64_cores(self.raw)

    @cached_property
    def base64_patterns(self) -> tuple[re.Pattern[bytes], ...]:
        return tuple(re.compile(base64_pattern(core)) for core in self.cores)

    @cached_property
    def literals(self) -> tuple[bytes, ...]:
        return literal_spellings(self.value)

    @cached_property
    def wide(self) -> tuple[bytes, bytes]:
        """UTF-16, both byte orders."""
        return (
            self.value.encode("utf-16-le", "surrogatepass"),
            self.value.encode("utf-16-be", "surrogatepass"),
        )

    def may_be_in(self, text: SearchedBlock) -> bool:
        """Whether a large text may hold the value; searched as a whole it would be for each of its forms."""
        return self._sieves.let_through(text)

    @cached_property
    def wholes(self) -> tuple[bytes, ...]:
        """Of which one is in every text that has the value plain, in hexadecimal or in Base64."""
        return self.anchor, self.hex_anchor, *(probes[0] for probes in self._probes)

    @cached_property
    def halves(self) -> tuple[bytes, ...]:
        """Of which one is there when a line's end parts the Base64."""
        return tuple(half for probes in self._probes for half in probes[1:])

    @cached_property
    def _sieves(self) -> Sieves:
        return Sieves((self,))

    def find(self, text: SearchedBlock, start: int, limit: int) -> Iterator[SecretMatch]:
        """Every spelling that begins in `start` to `limit`."""
        for low, high in self._spans(text, start, limit):
            yield masked(low, high, self.kind, self.name)

    def _spans(self, text: SearchedBlock, start: int, limit: int) -> Iterator[tuple[int, int]]:
        yield from self._written(text, start, limit)
        if text.has_nul:
            for form in self.wide:
                at = text.data.find(form, start)
                while 0 <= at < limit:
                    yield at, at + len(form)
                    at = text.data.find(form, at + len(form))
        if self._is_long and not text.has_long_words:
            return
        at = text.lower.find(self.hex_anchor, start)
        while 0 <= at < limit:
            yield at, at + len(self.hex_anchor)
            at = text.lower.find(self.hex_anchor, at + len(self.hex_anchor))
        for index, probes in enumerate(self._probes):
            if self._may_hold(text, probes, start):
                for found in self.base64_patterns[index].finditer(text.data, start):
                    if found.start() >= limit:
                        break
                    yield found.span()

    def _written(self, text: SearchedBlock, start: int, limit: int) -> Iterator[tuple[int, int]]:
        if not self.anchor or text.is_escaped:
            if self.anchor and self._has_no_escapes and not text.may_spell(self.anchor):
                return
            for found in self.text_pattern.finditer(text.data, start):
                if found.start() >= limit:
                    return
                yield found.span()
            return
        reach = 16 * len(self.value) + 64
        done = start  # a spelling further to the left is not found again in the place of this one
        at = text.lower.find(self.anchor, start)
        while at >= 0 and at - reach < limit:
            low = at - self._before_anchor
            if low >= done and text.lower.startswith(self._lower, low):
                span: tuple[int, int] | None = (low, low + len(self._lower))
            elif self._ends_before_anchor and not text.lower.endswith(
                self._ends_before_anchor, max(done, at - 16), at
            ):
                span = None
            else:
                low = max(done, at - 16 * self._before_anchor)
                near = self.text_pattern.search(text.data, low, at + reach)
                span = near.span() if near is not None and near.start() <= at else None
            if span:
                done = span[1]
                if span[0] < limit:
                    yield span
            at = text.lower.find(self.anchor, max(at + 1, span[1] if span else 0))

    @cached_property
    def _has_no_escapes(self) -> bool:
        return unescaped(self._lower) == self._lower

    @cached_property
    def _probes(self) -> tuple[tuple[bytes, ...], ...]:
        """For each alignment what surely stands in one piece: the core, or in wrapped lines one of its parts.

        The two alphabets differ in `+` and `/`, which may be escaped too: a part without them is taken.
        """
        return tuple((same(core), *map(same, _parts(core))) for core in self.cores)

    @cached_property
    def _is_long(self) -> bool:
        """Whether its Base64 and hexadecimal forms have a part that is one long word however it is written."""
        return all(len(probes[0]) >= len(LONG_WORD) for probes in self._probes)

    @staticmethod
    def _may_hold(text: SearchedBlock, probes: tuple[bytes, ...], start: int) -> bool:
        if text.data.find(probes[0], start) >= 0:
            return True
        return text.has_wrapped_lines and any(
            text.data.find(probe, start) >= 0 for probe in probes[1:]
        )

    def cut_off(self, data: bytes) -> int | None:
        """Where the secret begins when `data` ends in the middle of it; None when it does not."""
        tail = data[-self._longest :]
        for at in sorted(self._begun(tail)):
            if any(form.startswith(tail[at:]) for form in self.literals):
                return len(data) - len(tail) + at
        return None

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.literals))

    def _begun(self, tail: bytes) -> set[int]:
        """Where spellings begin in the last bytes of a text, by their first eight bytes."""
        places = set()
        for head in self._heads:
            at = tail.find(head)
            while at >= 0:
                places.add(at)
                at = tail.find(head, at + 1)
        return places

    @cached_property
    def _heads(self) -> tuple[bytes, ...]:
        return tuple({form[:MIN_CUT] for form in self.literals if len(form) > MIN_CUT})


class Sieves:
    """One look, for some values together, whether a large text may hold any of them."""

    def __init__(self, spellings: Sequence[Spelling]) -> None:
        self._spellings = spellings

    def let_through(self, text: SearchedBlock) -> bool:
        if text.is_escaped or text.has_nul or not all(one.anchor for one in self._spellings):
            return True
        if self._of_wholes.lets_through(text.lower):
            return True
        return text.has_wrapped_lines and self._of_halves.lets_through(text.lower)

    def find_nothing(self, text: SearchedBlock) -> bool:
        """Whether one look is enough to say that there is none, nor a telling name, a card's number or the beginning of a shape."""
        if text.is_escaped or text.has_nul or not all(one.anchor for one in self._spellings):
            return False
        return not self._of_everything.lets_through(text.lower)

    @cached_property
    def _of_everything(self) -> Sieve:
        words = (word for one in self._spellings for word in (*one.wholes, *one.halves))
        return everything(words)

    @cached_property
    def _of_wholes(self) -> Sieve:
        return literals(word for one in self._spellings for word in one.wholes)

    @cached_property
    def _of_halves(self) -> Sieve:
        return literals(word for one in self._spellings for word in one.halves)


def _parts(core: bytes) -> tuple[bytes, ...]:
    """Parts of Base64 text of which one is whole when lines end in it: its halves, and of a long one two shorter ones."""
    half = len(core) // 2
    halves = core[:half], core[half:]
    return halves if half <= _PART else (*halves, core[:_PART], core[_PART : 2 * _PART])
