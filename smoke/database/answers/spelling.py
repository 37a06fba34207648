"""Names that mean the same thing though they are written otherwise: case, blanks, underscores, plural. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def bare(name: str) -> str:
    """A name without what people write otherwise: `H2s dispatch jobs` and `h2sDispatchJobs` are `h2sdispatchjobs`."""
    return "".join(character for character in name.casefold() if character.isalnum())


def singular(name: str) -> str:
    """A bare English name in the singular, as far as its ending tells."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("sses", "shes", "ches", "xes", "zes")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2:
        return name[:-1]
    return name


def same_name(name: str, known: Iterable[str], *, exact: bool = True) -> list[str]:
    """Those of the known names that are this one: as it stands, else written otherwise, else in the other number.

    Not `exact`, what stands there word for word is no better than what is written otherwise.
    """
    names = list(dict.fromkeys(known))
    for form in (str, bare, _one) if exact else (bare, _one):
        found = [other for other in names if form(other) == form(name) != ""]
        if found:
            return found
    return []


def _one(name: str) -> str:
    return singular(bare(name))


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that a person may have meant, the most similar first: written otherwise, or nearly so."""
    names = list(dict.fromkeys(known))
    same = [other for other in names if _one(other) == _one(name) and other != name]
    by_bare: dict[str, list[str]] = {}
    for other in names:
        by_bare.setdefault(bare(other), []).append(other)
    close = difflib.get_close_matches(bare(name), by_bare, n=most, cutoff=0.75)
    found = [*same, *(other for key in close for other in by_bare[key] if other != name)]
    return list(dict.fromkeys(found))[:most]


def same_names(names: Sequence[str], known: Sequence[str]) -> bool:
    """Whether two lists are the same names in any order and spelling."""
    return sorted(map(bare, names)) == sorted(map(bare, known))
