"""Which rule of a table can have refused a row that was begun and undone: named where what was counted leaves one.

A unique rule refuses a row when it lies in the table already, a foreign key right after that, NOT NULL and CHECK before
(PostgreSQL's `ExecInsert`, `AfterTriggerEndQuery`). So it tells whether the table's statistics have the row, and whether
the parents of its foreign keys were looked for. Statistics are told late, at the latest when a session has been idle
for ten seconds (`pgstat_report_stat`, since PostgreSQL 15): where they are needed, the answer says that it waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smoke.classify.sqlstate import condition_name
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.ran import Ran, Stopped, TablePlace, numberings, written
from smoke.database.answers.table_rules import Parent, TableRules, table_rules
from smoke.database.counters import Compared, Counters
from smoke.database.lookup import Rule, split_name
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Possible
from smoke.sql import identifier

_LATE_SINCE = 150_000
"""The first version whose idle sessions tell their statistics."""
_NOT_PROVEN = (
    "inferred from what the database counted, not read anywhere: the shop's log would prove it"
)


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What is known of the row. `begun` and `lay`: whether it was, and whether it lay in the table; None is not known.

    `plain`: its statement has nothing but values, of which none can fail. `unchecked` are foreign keys whose parent was not looked for, `made` those whose parent this order itself put there.
    """

    begun: bool | None
    plain: bool
    lay: bool | None
    unchecked: tuple[Parent, ...] = ()
    made: tuple[Parent, ...] = ()


def tell(
    question: Question, compared: Compared, ran: Sequence[Ran], stopped: Stopped
) -> DatabaseAnswer:
    """What can have refused the row at which an order stopped."""
    place = stopped.place
    if place is None:
        return DatabaseAnswer()
    name = place.name
    # its name alone may be that of a table in another schema: rows of the order that worked show that it is the one
    table = question.part(f"the rules of {name}", lambda: table_rules(question, compared, place))
    if table is None:
        return DatabaseAnswer()
    if stopped.begun is False:
        return DatabaseAnswer(
            lines=(
                (
                    f"it had not begun a row for {name} either ({stopped.by} did not move on): what failed came before"
                    f" that row, be it a statement that {compared.worked} did not make, this one before it began (a lock, a"
                    " missing right), or none at all"
                ),
            )
        )
    seen = question.part(
        f"what became of the row for {name}", lambda: _seen(question, compared, ran, stopped, table)
    )
    if seen is None:
        return DatabaseAnswer()
    found = _named(table, seen, compared.worked)
    begun = f"; a row for it was begun: {stopped.by} moved on" if stopped.begun else ""
    if found is not None:
        error, why = found
        return DatabaseAnswer(
            possible=(Possible(error, f"{_of_row(seen, name)}{begun}; {why}; {_NOT_PROVEN}"),)
        )
    return DatabaseAnswer(
        lines=(f"{_of_row(seen, name)}{begun}; {_could(table, seen, compared.worked)}",),
        waits=compared.settled is None and _worth_waiting(question, table, seen),
    )  # fmt: skip


def _of_row(seen: RowSeen, name: str) -> str:
    if seen.lay is None:
        return f"it put no row into {name}"
    told = "lay there already and was undone" if seen.lay else "never came to lie there"
    return f"its row for {name} {told} (pg_stat_user_tables)"


def _could(table: TableRules, seen: RowSeen, worked: str) -> str:
    """What could have refused the row, where more than one thing could."""
    parts = [
        f"{rule.kind} {identifier(rule.name)} ({', '.join(rule.columns)}) refuses a row with the same as that of {worked}"
        for rule in table.same[:3]
        if seen.lay is not False
    ]
    after = [
        (table.parents, "a foreign key"),
        (table.unlike, "another unique rule"),
        (table.after, "a trigger"),
    ]
    before = [(table.required, "NOT NULL"), *((True, what) for what in table.otherwise)]
    others = [*(after if seen.lay is not False else ()), *(before if not seen.lay else ())]
    kinds = list(dict.fromkeys(words for there, words in others if there))
    if kinds:
        parts.append(
            f"{' or '.join(kinds)} can refuse one{', too' if parts else ''}: which it was is not known"
        )
    return "; ".join(parts) or "which rule refused it is not known"


def _named(table: TableRules, seen: RowSeen, worked: str) -> tuple[DatabaseError, str] | None:
    """The one error that fits all that was seen, and why. Pure."""
    left = [each for each in table.parents if each not in seen.unchecked and each not in seen.made]
    if seen.lay and not (table.after or left or table.unlike) and len(table.same) == 1:
        (rule,) = table.same
        why = (
            f"{rule.kind} {identifier(rule.name)} ({', '.join(rule.columns)}) is the only rule left that can refuse it then:"
            f" a row with the same as that of {worked} breaks it"
        )
        others = "its foreign keys lead to what this order made itself, or were not looked at"
        return _error("23505", rule), f"{others}; {why}" if table.parents else why
    if seen.lay is False and seen.begun and seen.plain and table.required and not table.otherwise:
        columns = ", ".join(table.required)
        why = f"nothing but NOT NULL refuses a row of this table before it lies there: of {columns} one had no value"
        return DatabaseError(
            sqlstate="23502",
            condition_name=condition_name("23502"),
            schema_name=table.place.schema,
            table_name=table.place.table,
            column_name=table.required[0] if len(table.required) == 1 else None,
        ), why
    return None


def _error(sqlstate: str, rule: Rule) -> DatabaseError:
    return DatabaseError(
        sqlstate=sqlstate,
        condition_name=condition_name(sqlstate),
        schema_name=rule.schema,
        table_name=rule.table,
        constraint_name=rule.name,
        columns=rule.columns,
    )


def _worth_waiting(question: Question, table: TableRules, seen: RowSeen) -> bool:
    """Whether the table's statistics, when they have come, could leave one rule."""
    version = question.database.row("SELECT current_setting('server_version_num')::int")
    if version is None or version[0] < _LATE_SINCE:
        return False
    unique = len(table.same) == 1 and not (table.unlike or table.after)
    return unique or bool(seen.begun and seen.plain and table.required and not table.otherwise)


def _seen(
    question: Question, compared: Compared, ran: Sequence[Ran], stopped: Stopped, table: TableRules
) -> RowSeen:
    lay: bool | None = None
    unchecked: tuple[Parent, ...] = ()
    if compared.settled is not None:
        lay = _lay(question, compared, compared.settled, ran, stopped, table)
        unchecked = _not_searched(compared, compared.settled, ran, table)
    if unchecked:  # they are looked for one after the other
        first = min(table.parents.index(parent) for parent in unchecked)
        unchecked = table.parents[first:]
    made = tuple(parent for parent in table.parents if _made(ran, parent))
    return RowSeen(stopped.begun, stopped.ran.does.plain, lay, unchecked, made)


def _made(ran: Sequence[Ran], parent: Parent) -> bool:
    """Whether the order put a row into a table before it stopped: what it refers to next is that one."""
    return any(
        each.second and each.top and not each.missing and parent.table == split_name(name)[1]
        for each in ran
        for verb, name in each.does.writes
        if verb == "insert"
    )


def _not_searched(
    compared: Compared, settled: Counters, ran: Sequence[Ran], table: TableRules
) -> tuple[Parent, ...]:
    """The parents that were searched for the order that worked only, by their tables' statistics."""
    found = []
    for parent in table.parents:
        before, after = compared.first.before.tables.get(parent.oid), settled.tables.get(parent.oid)
        others = [parent.table, *parent.children]
        if before is None or after is None:
            continue
        if any(each.does.names(name) for each in ran if each.top for name in others):
            continue
        keys = sum(other.oid == parent.oid for other in table.parents)
        if after.searched - before.searched == keys * table.rows:
            found.append(parent)
    return tuple(found)


def _lay(
    question: Question,
    compared: Compared,
    settled: Counters,
    ran: Sequence[Ran],
    stopped: Stopped,
    table: TableRules,
) -> bool | None:
    """Whether the row lay in the table, by statistics that are complete: those of what both orders wrote show it."""
    complete = False
    for each in ran:
        place = each.place
        if place is None or each == stopped.ran or each.missing or not each.top:
            continue
        rows = written(question, compared, place)
        more = _more(compared, settled, place.oid)
        if rows is None or more is None or not _still(question, compared, settled, place):
            continue
        if more != 2 * rows.count:
            return None  # somebody else's are among them
        complete = True
    place = stopped.place
    if not complete or place is None or not _still(question, compared, settled, place):
        return None
    more = _more(compared, settled, place.oid)
    if more is None or more < table.rows:
        return None
    return more > table.rows


def _more(compared: Compared, settled: Counters, oid: int) -> int | None:
    before, after = compared.first.before.tables.get(oid), settled.tables.get(oid)
    return None if before is None or after is None else after.inserted - before.inserted


def _still(question: Question, compared: Compared, settled: Counters, place: TablePlace) -> bool:
    """Whether nobody has begun a row for a table since."""
    after = compared.second.after
    if settled.next_transaction == after.next_transaction and settled.writing == after.writing:
        return True
    numbers = [
        one.oid for one in numberings(question.database, place) if one.oid in after.sequences
    ]
    return bool(numbers) and all(settled.sequences.get(oid) == after.sequences[oid] for oid in numbers)  # fmt: skip
