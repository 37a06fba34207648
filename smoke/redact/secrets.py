"""The values that must not be written, under their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smoke.redact.matches import Kind
from smoke.redact.spelling import MIN_EVERYWHERE, Spelling


class Secrets:
    """Secret values under their names; immutable, so that threads may share one.

    The names may be shown, the values are in no `repr`.
    """

    __slots__ = ("_spellings",)

    def __init__(self, spellings: tuple[Spelling, ...] = ()) -> None:
        self._spellings = spellings

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Secrets:
        """The secrets of a mapping from name to value; empty values are no secrets."""
        secrets = cls()
        for name, value in values.items():
            secrets = secrets.adding(name, value)
        return secrets

    def adding(self, name: str, value: str, *, kind: Kind = Kind.DECLARED) -> Secrets:
        """These secrets and one more. A value that is known already keeps its first name."""
        if not value or any(known.value == value for known in self._spellings):
            return self
        return Secrets((*self._spellings, Spelling(name, value, kind)))

    @property
    def everywhere(self) -> tuple[Spelling, ...]:
        """Those that are long enough to be masked wherever they are written."""
        return tuple(s for s in self._spellings if len(s.value) >= MIN_EVERYWHERE)

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
