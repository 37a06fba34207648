"""File names for bodies: from a step's name and a number, never from a server."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MAX_SLUG = 80
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that are devices on Windows, with any ending (Microsoft: Naming Files, Paths, and Namespaces)."""
_PARTS = frozenset({"request", "response", "wire", "undecoded", "leftover", "tail"})


_BODY = re.compile(r"[a-z0-9][a-z0-9.-]*")


def is_plain(folder: str, relative: str) -> bool:
    """Whether a path is one of a body in `folder` that was named by this module."""
    return (
        relative.startswith(f"{folder}/") and _BODY.fullmatch(relative, len(folder) + 1) is not None
    )


def slug(name: str) -> str:
    """A file name for a name, on every system: `[a-z0-9-]`, at most 85 characters, never empty."""
    made = _NO_SLUG.sub("-", name[: _MAX_SLUG * 4].lower())[:_MAX_SLUG].strip("-") or "unnamed"
    return f"step-{made}" if _DEVICES.fullmatch(made) else made


class BodyNames:
    """Gives `SLUG.NUMBER.PART.body`, each once; the parts of one exchange share a number.

    `taken` are the names that are there already.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._numbers: dict[str, int] = {}
        self._parts: dict[str, set[str]] = {}
        for name in taken:
            stem, _, rest = name.partition(".")
            number = rest.partition(".")[0]
            if number.isdecimal():
                self._numbers[stem] = max(self._numbers.get(stem, 0), int(number))
                self._parts[stem] = set(_PARTS)

    def take(self, name: str) -> str:
        """A new file name for `STEP.PART`; a name without a part is that of a response."""
        stem, _, part = name.rpartition(".")
        if part not in _PARTS:
            stem, part = name, "response"
        stem = slug(stem)
        parts = self._parts.get(stem)
        # a request comes first, so it opens a new number
        if parts is None or part in parts or part == "request":
            self._numbers[stem] = self._numbers.get(stem, 0) + 1
            parts = self._parts[stem] = set()
        parts.add(part)
        return f"{stem}.{self._numbers[stem]}.{part}.body"
