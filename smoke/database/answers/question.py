"""What is asked, and what is told: the frame that the questions share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from smoke.database.answers.collision import Collision
from smoke.database.answers.waiting import UnderWay
from smoke.database.counters import Compared
from smoke.database.lookup import Rule
from smoke.database.migration.applied import Applied
from smoke.database.session import Database
from smoke.diagnostic import SmokeError
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Known, Possible, Statement

T = TypeVar("T")

_NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Question:
    """One error, and the database that is asked about it.

    `rule` is what refused the row, where exactly one is known. `orders` are the scenario's order ids by journal key.
    `elsewhere` allows questions to the server's other databases, `fix` is what is true of the scenario's migration `fix_file`.
    `request` is the one that failed, where that has just been, `compared` what was counted of it and of one that worked. `untold` collects what is not known, and why.
    """

    database: Database
    error: DatabaseError
    rule: Rule | None = None
    orders: Mapping[str, str] = field(default_factory=dict)
    show_values: bool = False
    elsewhere: bool = False
    request: UnderWay | None = None
    compared: Compared | None = None
    fix: Applied | None = None
    fix_file: Path | None = None
    untold: list[str] = field(default_factory=list)

    def part(self, what: str, question: Callable[[], T]) -> T | None:
        """The answer to one part; None where the database refuses it or takes too long, which is then noted.

        Raises SmokeError when the connection is lost: then nothing more can be asked.
        """
        return part(self.untold, what, question)


@dataclass(frozen=True, slots=True)
class DatabaseAnswer:
    """What the answer to one question adds: sentences, and the same as values.

    `possible` are errors that the state of the database makes possible now. `stands_out`: there is something that speaks
    for itself, also where nobody spoke of an error. `waits`: more could be told when late statistics have come.
    """

    lines: tuple[str, ...] = ()
    possible: tuple[Possible, ...] = ()
    stands_out: bool = False
    waits: bool = False
    collision: Collision | None = None
    remedies: tuple[Statement, ...] = ()
    known: Known = _NOTHING


def part(untold: list[str], what: str, question: Callable[[], T]) -> T | None:
    """As `Question.part`, where there is no question yet."""
    try:
        return question()
    except SmokeError as refused:
        if refused.diagnostics[0].code == "database-connection":
            raise
        untold.append(f"{what} is not known: {refused.diagnostics[0].message}")
        return None
