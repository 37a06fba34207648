"""Several readings of one response to its errors: root cause first, what followed from it, what contradicts it."""

from __future__ import annotations

from dataclasses import dataclass, field

from smoke.classify.read.draft import Draft
from smoke.model.dberror import Certainty

CONSEQUENCES = frozenset({"25P02"})
"""Errors that only say that an earlier one happened: `current transaction is aborted`."""

_TWINS = ({"23503", "23001"}, {"40001", "40P01"}, {"22P02", "22007"}, {"28000", "42704"})
"""SQLSTATEs that one class or sentence of a library stands for."""


@dataclass(slots=True)
class Merged:
    """The errors: `root` (None: none was found), its consequences, and readings that contradict it."""

    root: Draft | None = None
    consequences: list[Draft] = field(default_factory=list)
    ambiguous: list[Draft] = field(default_factory=list)
    reason: str = ""


def merge(drafts: list[Draft]) -> Merged:
    """Readings that agree become one; the first that is no consequence is the root."""
    errors, homes = _join(sorted(drafts, key=lambda draft: draft.at))
    if not errors:
        return Merged()
    errors.sort(key=lambda error: (not error.first, bool(error.secondary), error.at))
    errors, contradicted = _believable(_causes_first(errors, homes))
    causes = [error for error in errors if error.code not in CONSEQUENCES]
    followers = [error for error in errors if error.code in CONSEQUENCES]
    root = (causes or followers)[0]
    others = [error for error in causes[1:] if error is not root]
    merged = Merged(
        root, [*others, *(follower for follower in followers if follower is not root)], contradicted
    )
    merged.reason = _reason(
        root, others, followers, contradicted, named=_named(others, root, homes)
    )
    return merged


def _causes_first(errors: list[Draft], homes: dict[int, Draft]) -> list[Draft]:
    """The errors in their order, but each behind those that the response says it came of."""
    waiting = {
        id(error): iter({id(home): home for home in _homes(error, homes)}.values())
        for error in errors
    }
    ordered: list[Draft] = []
    met: set[int] = set()
    for error in errors:
        stack = [error] if id(error) not in met else []
        met.add(id(error))
        while stack:
            cause = next((home for home in waiting[id(stack[-1])] if id(home) not in met), None)
            if cause is None:
                ordered.append(stack.pop())
            else:
                met.add(id(cause))
                stack.append(cause)
    return ordered


def _homes(error: Draft, homes: dict[int, Draft]) -> list[Draft]:
    return [home for cause in error.causes if (home := homes.get(id(cause))) is not None]


def _named(others: list[Draft], root: Draft, homes: dict[int, Draft]) -> bool:
    """Whether the response itself says of another error that it came of the root."""
    return root.first or any(home is root for error in others for home in _homes(error, homes))


def _reason(
    root: Draft,
    others: list[Draft],
    followers: list[Draft],
    contradicted: list[Draft],
    *,
    named: bool,
) -> str:
    reasons = []
    if root.code in CONSEQUENCES:
        reasons.append(
            "25P02 only says that an earlier statement of the transaction failed; the response does not show which error that was"
        )
    elif followers:
        reasons.append("25P02 follows from the first error")
    if others:
        reasons.append(
            "the response shows several errors; this is the one that it says the others came of"
            if named
            else "the response shows several errors; the one it tells first is taken for the cause"
        )
    if contradicted:
        reasons.append(
            "a name or class in the response points to another SQLSTATE than its code or message"
        )
    return "; ".join(reasons)


def _join(drafts: list[Draft]) -> tuple[list[Draft], dict[int, Draft]]:
    """The errors, and by the identity of each reading the error that it became a part of."""
    homes: dict[int, Draft] = {}
    errors: list[Draft] = []
    nameless: list[Draft] = []
    for draft in drafts:
        if not draft.code:
            nameless.append(draft)
            continue
        for error in errors:
            if _same(error, draft):
                error.absorb(draft)
                homes[id(draft)] = error
                break
        else:
            errors.append(draft)
            homes[id(draft)] = draft
    for draft in nameless:
        target = _home(draft, errors)
        if target is not None:
            target.absorb(draft)
        else:
            errors.append(draft)
        homes[id(draft)] = target or draft
    return errors, homes


def _home(draft: Draft, errors: list[Draft]) -> Draft | None:
    name = draft.text("constraint_name")
    for error in errors:
        if error.text("constraint_name") == name:
            return error
    return next(
        (
            error
            for error in errors
            if error.text("constraint_name") is None and error.code.startswith("23")
        ),
        None,
    )


def _same(one: Draft, other: Draft) -> bool:
    if one.code != other.code:
        return False
    first, second = one.text("constraint_name"), other.text("constraint_name")
    return (
        first is None or second is None or first == second or first.casefold() == second.casefold()
    )


def _believable(errors: list[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Errors that were only inferred give way to one of the same class that was read."""
    read = [error for error in errors if error.certainty != Certainty.INFERRED]
    if not read:
        return errors, []
    kept: list[Draft] = []
    dropped: list[Draft] = []
    for error in errors:
        rival = error.certainty == Certainty.INFERRED and any(
            {error.code, other.code} in _TWINS or not error.code for other in read
        )
        (dropped if rival else kept).append(error)
    return kept, dropped
