"""Secrets as names that a person may move about and that are put back: `{{ authorization }}`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smoke.redact.masker import search
from smoke.redact.matches import SecretMatch, merge
from smoke.redact.secrets import Secrets

_WORD = re.compile(rb"\{\{ ([A-Za-z0-9_.-]{1,60}) \}\}")
"""A name as it stands in a text."""
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


class Placeholders:
    """Names for the secrets in some texts. `whole` is all of these texts: no name is taken that stands there already."""

    def __init__(self, secrets: Secrets, whole: bytes) -> None:
        self._secrets = secrets
        self._there = frozenset(match[1] for match in _WORD.finditer(whole))
        self._values: dict[bytes, bytes] = {}
        self._names: dict[tuple[str, bytes], bytes] = {}
        self._hidden: dict[bytes, tuple[str, bytes]] = {}

    @property
    def names(self) -> list[str]:
        """The names that were given."""
        return sorted(name.decode("ascii") for name in self._values)

    def hide(self, data: bytes, extra: Iterable[SecretMatch] = ()) -> bytes:
        """The text with a name for each secret in it, and for each of the `extra` matches."""
        out: list[bytes] = []
        at = 0
        for match in merge((*extra, *search(data, self._secrets))):
            value = data[match.start : match.end]
            out += [data[at : match.start], self.name(match.name, value)]
            self._hidden[out[-1]] = (match.name, value)
            at = match.end
        return b"".join((*out, data[at:]))

    def name(self, about: str, value: bytes) -> bytes:
        """What stands in the place of a value; the same for the same value."""
        key = (about, value)
        if key not in self._names:
            base = _UNFIT.sub("_", about)[:40].strip("_") or "secret"
            word, number = base.encode("ascii"), 1
            while word in self._values or word in self._there:
                number += 1
                word = f"{base}.{number}".encode("ascii")
            self._values[word] = value
            self._names[key] = b"{{ " + word + b" }}"
        return self._names[key]

    def secrets_in(self, data: bytes) -> list[tuple[str, bytes]]:
        """The secrets whose names stand in a text, each with what it is called."""
        return [secret for name, secret in self._hidden.items() if name in data]

    def put_back(self, data: bytes) -> bytes:
        """The text with the values in the place of their names. Raises ValueError for a name that was never given."""

        def value(match: re.Match[bytes]) -> bytes:
            known = self._values.get(match[1])
            if known is not None:
                return known
            if match[1] in self._there:
                return match[0]
            raise ValueError(f"nothing is called {match[0].decode('ascii')}")

        return _WORD.sub(value, data)
