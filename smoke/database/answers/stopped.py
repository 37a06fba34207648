"""Where an order stopped that left nothing behind: told by what the database counted of it, beside one that worked.

The statements that the order before made the database carry out, without those that this one did, begin with the one
that it did not survive. That is known only where nobody else wrote meanwhile: else less is said, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from smoke.database.answers import suspects
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.ran import Ran, Stopped, numberings, ran, written
from smoke.database.answers.sessions import without_values
from smoke.database.counters import NO_RIGHT, Compared
from smoke.database.session import Database
from smoke.sql import relation
from smoke.text import plural

_MOST_SHOWN = 3
_MOST_TRANSACTIONS = 50
"""Of an order that saves its place often (a savepoint is one)."""


def tell(question: Question) -> DatabaseAnswer:
    """Where the order stopped, and what could have refused it there. Nothing where nothing was counted."""
    compared = question.compared
    if compared is None:
        return DatabaseAnswer()
    mixed = _mixed(compared)
    if mixed:
        return DatabaseAnswer(lines=(mixed,))
    carried = ran(question.database, compared)
    if carried is None:
        return _by_sequences(question, compared)
    if any(each.second > each.first and each.does.writes for each in carried):
        return DatabaseAnswer(lines=(_OTHERS,))
    writing = [each for each in carried if each.does.writes]
    missing = [each for each in writing if each.missing]
    if not writing:
        return _by_sequences(question, compared)
    done = sum(each.second for each in writing)
    all_of = f"{plural(sum(each.first for each in writing), 'statement that writes', 'statements that write')}"
    begin = f"{compared.worked} made the database carry out {all_of} (pg_stat_statements)"
    if not missing:
        return DatabaseAnswer(
            lines=(
                f"{begin}, and {compared.failed} the same: none of them failed; it ended at its COMMIT or after it",
            ),
            stands_out=True,
        )
    place = _stopped(question, compared, carried)
    if place is None:
        shown = "; ".join(without_values(each.does.text) for each in missing[:_MOST_SHOWN])
        more = f"; and {len(missing) - _MOST_SHOWN} more" if len(missing) > _MOST_SHOWN else ""
        said = f"{begin}, {compared.failed} {done} of them; which of the others it met first is not known: {shown}{more}"
        return DatabaseAnswer(lines=(said,), stands_out=True)
    said = f"{begin}; {compared.failed} came through {done} of them, and then not through {without_values(place.ran.does.text)}"
    told = suspects.tell(question, compared, carried, place)
    return DatabaseAnswer(
        lines=(said, *told.lines), possible=told.possible, stands_out=True, waits=told.waits
    )


_OTHERS = (
    "where this order stopped is not known: others wrote to the database at the same moment, and what it counted is theirs"
    " as well"
)


def _mixed(compared: Compared) -> str:
    """Why the counts are not of these two orders alone; empty where they are."""
    if not (compared.first.alone and compared.second.alone):
        return "where this order stopped is not known: another order of this run was under way at the same time"
    first, second = compared.first.transactions, compared.second.transactions
    if first is None or second is None or not 0 < first <= _MOST_TRANSACTIONS or second > first:
        return _OTHERS
    return ""


def _stopped(question: Question, compared: Compared, carried: Sequence[Ran]) -> Stopped | None:
    """The statement that the order did not come through; None where it is not known which of several.

    That is the one whose table had a row begun which is not there. Else it is the first that is missing, by the order in
    which the transaction of the order that worked wrote its rows; one that this order passed by was not needed again.
    """
    missing = [each for each in carried if each.missing and each.does.writes]
    found = [_insert(question.database, compared, carried, each) for each in missing]
    begun = [each for each in found if each.begun]
    if len(begun) == 1:
        return begun[0]
    if begun or len(found) == 1:
        return None if begun else found[0]
    places = [_at(question, compared, each) for each in missing]
    passed = [
        place
        for each in carried
        if not each.missing and (place := _at(question, compared, each)) is not None
    ]
    known = [place for place in (*places, *passed) if place is not None]
    if None in places or len({transaction for transaction, _ in known}) != 1:
        return None
    last = max((at for _, at in passed), default=-1)
    later = [
        (place[1], number)
        for number, place in enumerate(places)
        if place is not None and place[1] > last
    ]
    return found[min(later)[1]] if later else None


def _at(question: Question, compared: Compared, each: Ran) -> tuple[str, int] | None:
    """Transaction of the rows that a statement put into its table, and its place in that; None where it is not known."""
    rows = None if each.place is None else written(question, compared, each.place)
    return None if rows is None or rows.at is None else (rows.transaction, rows.at)


def _insert(
    database: Database, compared: Compared, carried: Sequence[Ran], missing: Ran
) -> Stopped:
    """A statement that is missing, and whether a row for it was begun."""
    place = missing.place
    if place is None or any(each.second and each.place == place for each in carried):
        return Stopped(missing)
    read = compared.second.after.sequences
    numbers = {one.oid: one.name for one in numberings(database, place) if one.oid in read}
    moved = compared.second.moved()
    begun = [name for oid, name in numbers.items() if oid in moved]
    return Stopped(
        missing, bool(begun) if numbers else None, next(iter((*begun, *numbers.values())), "")
    )


def _by_sequences(question: Question, compared: Compared) -> DatabaseAnswer:
    """What sequences alone tell, where statements are not counted: rows that were tried and are not there."""
    why = compared.source.why
    if not why and compared.second.after.hidden:
        why = NO_RIGHT
    lines = (
        [f"where this order stopped would be known by the statements it had carried out: {why}"]
        if why
        else []
    )
    if compared.second.transactions == compared.first.transactions == 1:
        moved = [oid for oid in compared.second.moved() if oid in compared.first.moved()]
        tables = _numbered(question.database, moved)
        if tables:
            names = ", ".join(tables)
            lines.insert(
                0,
                f"{compared.failed} had rows begun for {names}, which were undone: their sequences have moved on, as for"
                f" {compared.worked}",
            )
    return DatabaseAnswer(lines=tuple(lines), stands_out=False)


def _numbered(database: Database, sequences: Sequence[int]) -> list[str]:
    rows = database.rows(
        "SELECT DISTINCT n.nspname, c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE d.classid = 'pg_class'::regclass"
        " AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.objid = ANY (%s::oid[]) ORDER BY 1, 2",
        list(sequences),
    )
    return [relation(str(table), str(schema)) for schema, table in rows]
