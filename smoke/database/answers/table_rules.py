"""All that can refuse a row of one table, as far as it matters for an order like one that worked.

The rules are the catalogue's. In what order PostgreSQL looks at them when a row is inserted is told by bits of its triggers,
which nobody else asks for: that is asked here, by the table's oid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smoke.database.answers.earlier import filled_anew, telling_nothing_apart
from smoke.database.answers.question import Question
from smoke.database.answers.ran import TablePlace, numberings, window, written
from smoke.database.answers.rows import parameterless
from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.counters import Compared
from smoke.database.lookup import Rule, rules
from smoke.database.session import Database, Refusal
from smoke.sql import identifier


@dataclass(frozen=True, slots=True)
class Parent:
    """The table that a foreign key leads to. `children` are the other tables with a foreign key to it."""

    rule: str
    schema: str
    table: str
    oid: int
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRules:
    """What can refuse a row. `rows` is how many the order that worked has in the table.

    `same` are the unique rules that a row with the same as its row breaks, `unlike` says that there are some of which
    that is not known. `parents` are those of the foreign keys, in the order in which they are looked for. `required` are
    columns without a default that take no NULL; `otherwise` says that more than NOT NULL can refuse a row before it lies
    in the table, `after` that a trigger can do so afterwards.
    """

    place: TablePlace
    rows: int
    same: tuple[Rule, ...] = ()
    unlike: bool = False
    parents: tuple[Parent, ...] = ()
    required: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    after: bool = False


_PARENTS = """
SELECT con.conname, n.nspname, c.relname, c.oid::bigint,
       ARRAY(SELECT DISTINCT child.relname::text FROM pg_constraint o JOIN pg_class child ON child.oid = o.conrelid
             WHERE o.contype = 'f' AND o.confrelid = con.confrelid AND o.conrelid <> con.conrelid)
FROM pg_trigger g JOIN pg_constraint con ON con.oid = g.tgconstraint AND con.contype = 'f' AND con.conrelid = g.tgrelid
JOIN pg_class c ON c.oid = con.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE g.tgrelid = %s::oid AND g.tgtype & 4 <> 0 AND NOT con.condeferred ORDER BY g.tgname COLLATE "C"
"""
"""Triggers of one event fire in the order of their names."""
_TRAITS = """
SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' ORDER BY a.attnum),
       array_remove(ARRAY[
         CASE WHEN c.relrowsecurity THEN 'row-level security' END,
         CASE WHEN c.relkind <> 'r' THEN 'its partitions' END,
         CASE WHEN EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 4 <> 0
                           AND g.tgtype & 2 <> 0) THEN 'a trigger' END,
         CASE WHEN EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid) THEN 'a rule' END,
         CASE WHEN EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = c.oid AND o.contype = 'c') THEN 'a CHECK' END,
         CASE WHEN EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid
                           AND a.attnum > 0 AND NOT a.attisdropped AND (t.typtype = 'd' OR a.attgenerated <> ''
                            OR a.atttypmod >= 0 AND t.typcategory IN ('S', 'N', 'V'))) THEN 'a column''s type' END
       ], NULL)::text[],
       EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 4 <> 0 AND g.tgtype & 2 = 0)
FROM pg_class c WHERE c.oid = %s::oid
"""


def table_rules(question: Question, compared: Compared, place: TablePlace) -> TableRules | None:
    """What can refuse a row of a table; None where the order that worked is not known to have one. Raises SmokeError."""
    database = question.database
    rows = written(question, compared, place)
    naming = None if rows is None else _naming(database, compared, place)
    traits = database.row(_TRAITS, place.oid)
    if rows is None or naming is None or traits is None:
        return None
    same = telling_nothing_apart(database, (place.schema, place.table), list(naming))
    required, otherwise, after = traits
    return TableRules(
        place,
        rows.count,
        tuple(same),
        _others(database, place, same, naming) or _taken(question, compared, place),
        tuple(
            Parent(str(rule), str(schema), str(table), int(oid), tuple(map(str, children)))
            for rule, schema, table, oid, children in database.rows(_PARENTS, place.oid)
        ),
        tuple(map(str, required)),
        tuple(map(str, otherwise)),
        bool(after),
    )


def _naming(database: Database, compared: Compared, place: TablePlace) -> set[str] | None:
    """The columns in which the row of the order that worked holds the order's id; None where that may not be read."""
    rows = database.attempt(
        f"SELECT DISTINCT e.key FROM {parameterless(place.name)} t, jsonb_each_text(to_jsonb(t)) e"  # noqa: S608  (a quoted name of the catalogue)
        " WHERE t.xmin::text::bigint >= %s AND t.xmin::text::bigint < %s AND e.value = %s",
        *(window(compared) or (0, 0)),
        compared.order_id,
    )
    return None if isinstance(rows, Refusal) else {str(row[0]) for row in rows}


def _others(database: Database, place: TablePlace, same: Sequence[Rule], naming: set[str]) -> bool:
    """Whether there are unique rules beside these of which it is not known which rows they refuse."""
    known = rules(database, RuleFilter(place.schema, place.table, codes="puixf"))
    found = [rule for rule in known if rule.unique or rule.code in "xf"]
    leading = {column for rule in found if rule.code == "f" for column in rule.columns}
    # an order's number that the shop makes up itself may repeat
    numbered = naming - leading - filled_anew(database, (place.schema, place.table))
    return any(
        _unlike(rule) or (rule not in same and not numbered.isdisjoint(rule.columns))
        for rule in found
        if rule.code != "f"
    )


def _taken(question: Question, compared: Compared, place: TablePlace) -> bool:
    """Whether a number that a sequence gave to the row that failed is in the table already: the sequence lags behind."""
    after = compared.second.after.sequences
    for one in numberings(question.database, place):
        if after.get(one.oid) is None:
            continue
        name = parameterless(identifier(one.column))
        rows = question.database.attempt(
            f"SELECT 1 FROM {parameterless(place.name)} WHERE {name} = %s LIMIT 1",  # noqa: S608  (a quoted name of the catalogue)
            after[one.oid],
        )
        if isinstance(rows, Refusal) or rows:
            return True
    return False


def _unlike(rule: Rule) -> bool:
    """Whether it is not known which rows a rule refuses: one over some rows only, over expressions, or one that excludes."""
    return (
        rule.code == "x"
        or " WHERE " in rule.definition
        or any("(" in column for column in rule.columns)
    )
