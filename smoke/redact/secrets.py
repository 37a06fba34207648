"""The values that must not be written, under their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from smoke.redact.matches import MaskReason
from smoke.redact.spelling import MIN_EVERYWHERE, Sieves, Spelling
from smoke.redact.view import SearchedBlock

_SHORT = 2048
_MOST_CLEAN = 256
_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----"
)


class Secrets:
    """Secret values under their names; immutable, so that threads may share one.

    The names may be shown, the values are in no `repr`.
    """

    __slots__ = ("_clean", "_everywhere", "_sieves", "_spellings")

    def __init__(self, spellings: tuple[Spelling, ...] = ()) -> None:
        self._spellings = spellings
        self._everywhere = tuple(s for s in spellings if len(s.value) >= MIN_EVERYWHERE)
        self._sieves = Sieves(self._everywhere)
        self._clean: set[bytes] = set()

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Secrets:
        """The secrets of a mapping from name to value; empty values are no secrets."""
        secrets = cls()
        for name, value in values.items():
            secrets = secrets.adding(name, value)
        return secrets

    def adding(self, name: str, value: str, *, kind: MaskReason = MaskReason.DECLARED) -> Secrets:
        """These secrets and one more. A value that is known already keeps its first name."""
        if not value or any(known.value == value for known in self._spellings):
            return self
        texts = (value, *_in_pem(value))
        return Secrets((*self._spellings, *(Spelling(name, text, kind) for text in texts)))

    @property
    def everywhere(self) -> tuple[Spelling, ...]:
        """Those that are long enough to be masked wherever they are written."""
        return self._everywhere

    def nothing_in(self, text: SearchedBlock) -> bool:
        """Whether a large text has, at one look, none of them, and nothing that is masked without them, fields of forms apart."""
        return self._sieves.find_nothing(text)

    def may_be_in(self, text: SearchedBlock) -> bool:
        """Whether a large text may hold any of them."""
        return bool(self._everywhere) and self._sieves.let_through(text)

    def found_clean(self, text: bytes) -> bool:
        """Whether this very text was searched before, and had nothing to mask.

        A run writes the same few words again and again, and looks at an answer where it captures, too.
        """
        return text in self._clean

    def remember_clean(self, text: bytes) -> None:
        """Take note of a short text that was searched in vain. What is kept is small, and no secret."""
        if len(text) <= _SHORT:
            if len(self._clean) >= _MOST_CLEAN:
                self._clean = set()  # begins anew: other threads may look into the old one
            self._clean.add(text)

    @property
    def too_short(self) -> tuple[str, ...]:
        """Names of the values that are masked by place only: elsewhere they would destroy the evidence."""
        return tuple(s.name for s in self._spellings if len(s.value) < MIN_EVERYWHERE)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(s.name for s in self._spellings)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((s.name, s.value) for s in self._spellings)

    def __len__(self) -> int:
        return len(self._spellings)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self.names)})"


def _in_pem(value: str) -> Iterator[str]:
    """What a private key in PEM has between its dashes: libraries write it without them, too."""
    found = _KEY.search(value.replace("\\n", "\n")) if "PRIVATE KEY" in value else None
    lines = found[1].split() if found is not None else ()
    if lines:
        yield "".join(lines)
    if len(lines) > 1:
        yield "\n".join(lines)
