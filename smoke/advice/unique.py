"""Why a unique rule refused a row: the candidates, those first for which the run or the database speaks."""

from __future__ import annotations

import re

from smoke.advice.seen import RunEvidence
from smoke.advice.subject import Subject

_NUMBER = re.compile(r"\)=\(\d{1,19}\)")
_NAMED_BY_HABIT = re.compile(r"(?:_pkey|_pk|^pk_.*|^PRIMARY)$", re.IGNORECASE)


def explain_unique(s: Subject, seen: RunEvidence) -> str:
    """What happened, then the candidates in the order of what speaks for them."""
    what = f"the same {s.of_columns}" if s.columns else "the same key"
    rule = s.constraint or "a unique rule"
    told = [f"The shop tried to write a second row with {what}{s.in_table}, and {rule} allows one."]
    candidates = sorted(_candidates(s, seen), key=lambda candidate: -candidate[0])
    likely = [text for weight, text in candidates if weight >= _SPEAKS]
    others = [text for weight, text in candidates if weight < _SPEAKS]
    if likely:
        told.append(f"Likely, from what was seen: {_listed(likely)}.")
        told.append(f"Also possible: {_listed(others)}." if others else "")
    else:
        told.append(f"Possible causes: {_listed(others)}.")
    return " ".join(part for part in told if part)


_SPEAKS = 2
"""From this weight on something that was seen speaks for a cause."""


def _candidates(s: Subject, seen: RunEvidence) -> list[tuple[int, str]]:
    found = [_fix(s, seen), _race(seen), _replay(seen), _sequence(s), _narrow(s, seen)]
    plain = (0, "the code should find the row that is there (ON CONFLICT) instead of adding one")
    return [candidate for candidate in [*found, plain] if candidate is not None]


def _fix(s: Subject, seen: RunEvidence) -> tuple[int, str] | None:
    """A forgotten migration: proved, ruled out, or only named by the scenario."""
    if s.known.fix in ("not applied", "partly"):
        so = "is not applied" if s.known.fix == "not applied" else "is applied in part only"
        return 6, f"the fix that the scenario names{_file(seen)} {so} in the shop's database"
    if s.known.fix == "applied":
        return None
    if seen.fix:
        return 3, (
            f"the scenario names {seen.fix} as the fix: look whether it ran on the database that the shop uses"
        )
    return 0, "a migration that drops or widens the rule did not run on this database"


def _file(seen: RunEvidence) -> str:
    return f", {seen.fix}," if seen.fix else ""


def _race(seen: RunEvidence) -> tuple[int, str] | None:
    if seen.overlapping:
        names = ", ".join(f"'{name}'" for name in seen.overlapping[:3])
        more = f" and {len(seen.overlapping) - 3} more" if len(seen.overlapping) > 3 else ""
        return 4, (
            f"{names}{more} was under way at the same time: a race, in which both looked for the row before either "
            "had written it (the insert itself has to settle it: ON CONFLICT, or a lock first)"
        )
    return 0, "another order at the same time, of somebody else: a race"


def _replay(seen: RunEvidence) -> tuple[int, str] | None:
    if seen.repeated:
        return 5, (
            "this order was sent more than once with one key: the shop should answer a repeat with the first order, "
            "and tried to place it again"
        )
    return None


def _sequence(s: Subject) -> tuple[int, str] | None:
    if s.known.generated:
        columns = ", ".join(s.known.generated)
        return 4, (
            f"the database hands out {columns} by itself: its sequence is behind the rows that are there, as after an "
            "import that brought its own keys (setval mends it)"
        )
    if likely_sequence(s):
        return 2, (
            "the key looks like a number that the database hands out: its sequence may be behind the rows that are "
            "there, as after an import (setval mends it)"
        )
    return None


def likely_sequence(s: Subject) -> bool:
    """Whether the key looks like one that a sequence makes: one column, a number, a primary key by its name."""
    if s.known.generated:
        return True
    if s.known.table:
        return False  # the database was asked, and said that it makes none of them
    one = len(s.columns) <= 1 and _NAMED_BY_HABIT.search(s.constraint) is not None
    return one and (not s.detail or _NUMBER.search(s.detail) is not None)


def _narrow(s: Subject, seen: RunEvidence) -> tuple[int, str] | None:
    """The shop uses one key for two orders: one had passed before, and none was under way beside this one."""
    if s.known.generated:
        return None
    if seen.before and not seen.overlapping:
        return 2, (
            f"'{seen.before}' had passed before: the shop made the same key for another order, or the rule covers too "
            "few columns to tell two orders apart"
        )
    return 1, "the shop used one key for two orders, or the rule covers too few columns"


def _listed(texts: list[str]) -> str:
    """One as it is; several with their numbers."""
    if len(texts) == 1:
        return texts[0]
    return "; ".join(f"({number}) {text}" for number, text in enumerate(texts, 1))
