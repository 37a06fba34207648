"""A key that is there already: the row that has it, which order made it, and the ways out."""

from __future__ import annotations

from smoke.database.answers.collision import Collision, colliding
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.remedies import dropping, replacements
from smoke.database.lookup import Duplicates, Rule, duplicates
from smoke.database.rule_facts import generated
from smoke.database.session import Database
from smoke.diagnostic import SmokeError
from smoke.model.finding import Known
from smoke.text import plural

_COUNTING = 2.0
"""Seconds for counting the rows that a remedy would refuse."""


def tell(question: Question, rule: Rule) -> DatabaseAnswer:
    """What is true of a unique rule and the key that it refused."""
    database = question.database
    collision = question.part(
        "the row that it collides with",
        lambda: colliding(
            database,
            rule,
            question.error,
            orders=question.orders,
            show_values=question.show_values,
        ),
    )
    made = question.part("who makes its key", lambda: generated(database, rule)) or ()
    candidates = question.part("other columns", lambda: _candidates(database, rule, collision))
    return DatabaseAnswer(
        lines=()
        if collision is None
        else (_collided(collision, known_orders=bool(question.orders)),),
        collision=collision,
        remedies=replacements(rule, candidates or [], made, collision)
        if rule.unique
        else (dropping(rule),),
        known=Known(
            generated=tuple(item.column for item in made),
            rows=None if collision is None or collision.why else collision.count,
            made_by=() if collision is None else collision.orders,
        ),
    )


def _collided(collision: Collision, *, known_orders: bool) -> str:
    key = ", ".join(collision.columns)
    if collision.why:
        return f"the row that ({key}) collides with: {collision.why}"
    among = f" among those WHERE {collision.partial}" if collision.partial else ""
    if not collision.count:
        return (
            f"no row has that ({key}) now{among}: it is gone, its transaction was rolled back, or the deployment uses"
            " another database"
        )
    rows = "; ".join(", ".join(f"{name} {value}" for name, value in row) for row in collision.rows)
    made = [f": {rows}" if any(collision.rows) else ""]
    if collision.orders:
        made.append(f"made by {', '.join(collision.orders)}")
    elif known_orders:
        made.append("no id of this scenario's orders is in it")
    made.append(collision.made)
    told = ", ".join(filter(None, made)) if made[0] else "".join(f", {m}" for m in made if m)
    return f"{plural(collision.count, 'row has', 'rows have')} that ({key}){among}{told}"


def _candidates(database: Database, rule: Rule, collision: Collision | None) -> list[Duplicates]:
    """Columns in which the row that was collided with holds an order's id: a rule over one lets each order have a row."""
    if collision is None or collision.count != 1:
        return []
    return [_counted(database, rule, name) for name in collision.naming[:3]]


def _counted(database: Database, rule: Rule, name: str) -> Duplicates:
    """How many rows a rule over a column would refuse; a large table is not read for long only to tell that."""
    try:
        with database.savepoint():
            database.limit(_COUNTING)
            return duplicates(database, rule.schema, rule.table, (name,))
    except SmokeError as error:
        if error.diagnostics[0].code != "database-timeout":
            raise
        return Duplicates((name,), None, None, "it takes more than a moment to count")
