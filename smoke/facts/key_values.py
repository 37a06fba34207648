"""How the columns of a broken rule explain that a second order failed: one sentence, of what the evidence holds and no more."""

from __future__ import annotations

from collections.abc import Mapping

from smoke.advice.orders import Comparison
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.text import shorten

_UNIQUE = "23505"
_MOST = 4


def key_sentence(
    run: Run, scenario: ScenarioResult, before: StepResult, finding: Finding, comparison: Comparison
) -> str:
    """The sentence; empty where the rule is not unique, its key is not told, or nothing ties it to both orders.

    `before` is the order that is compared. That the shop filled in a key itself is said only where the requests were compared
    value by value, neither holds a part of it, and the database told that the other order's row has it.
    """
    error = finding.database_error
    if error is None or error.sqlstate != _UNIQUE or not comparison.bodies_compared:
        return ""
    key = key_of(error)
    if not key:
        return ""
    sent = {column: _places(value, comparison) for column, value in key.items()}
    rule = error.constraint_name or "the unique rule"
    allows = f"{rule} allows one row for each ({', '.join(key)})"
    same = ", ".join(f"{column} = {places[0]}" for column, places in sent.items() if places)
    if all(sent.values()):
        return f"Both orders sent the same values for the key ({same}), and {allows}."
    ours = any(
        order.key in finding.known.made_by
        for order in run.orders
        if (order.scenario, order.step) == (scenario.name, before.id)
    )
    if not ours or comparison.unknown:
        return ""
    made = f"has the key of the row that '{comparison.first}' made"
    if same:
        rest = ", ".join(column for column, places in sent.items() if not places)
        return f"Both orders sent the same {same}; {rest} is the shop's own. '{comparison.second}' {made}, and {allows}."
    if _held(key, comparison):
        return ""
    values = ", ".join(shorten(value, 60) for value in key.values())
    readable = " (as far as they are not masked)" if _masked(comparison) else ""
    return (
        f"Neither order sent a part of the key ({', '.join(key)}) = ({values}){readable}: the shop filled it in. "
        f"'{comparison.second}' {made}, and {allows}."
    )


def key_of(error: DatabaseError) -> Mapping[str, str]:
    """The columns and values of `Key (a, b)=(1, 2) already exists.`; nothing where they cannot be told apart."""
    detail = error.message_detail or ""
    columns, equals, rest = detail.partition(")=(")
    values, closing, _ = rest.rpartition(") ")
    _, opening, columns = columns.partition("(")
    if not (opening and equals and closing):
        return {}
    names, parts = columns.split(", "), values.split(", ")
    if (
        len(names) != len(parts)
        or len(names) > _MOST
        or (error.columns and tuple(names) != error.columns)
    ):
        return {}
    return dict(zip(names, parts, strict=True))


def _places(value: str, comparison: Comparison) -> list[str]:
    """Where both requests hold this value. One of a character or two is met by chance, and ties nothing."""
    return [place for place, sent in comparison.shared if sent == value and len(value) > 2]


def _held(key: Mapping[str, str], comparison: Comparison) -> bool:
    """Whether one of the requests holds a value of the key somewhere, be it within a longer one."""
    return any(value in text for value in key.values() for text in _texts(comparison))


def _masked(comparison: Comparison) -> bool:
    return any("[masked" in text or "***" in text for text in _texts(comparison))


def _texts(comparison: Comparison) -> list[str]:
    differing = [text for item in comparison.differences for text in (item.first, item.second)]
    return [value for _, value in comparison.shared] + [text for text in differing if text]
