"""Where the scenario's earlier orders stand in the way of another: asked for an answer that names no error.

An order that worked left rows. A unique rule over columns of such a row that do not tell orders apart refuses the next
order that comes with the same: that is how a repeat customer is refused. Whether the failed order came with the same
is not known here, so it is told as a perhaps. Which rules there are is the catalogue's; which tables may be searched (by privilege and
size), and what is filled anew in each row, is a matter of this question and asked here.
"""

from __future__ import annotations

from functools import partial

from smoke.database.answers.question import Question
from smoke.database.answers.rows import parameterless
from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.lookup import Rule, rules
from smoke.database.session import Database, Refusal
from smoke.sql import identifier, relation

_MOST_ORDERS = 2
_MOST_TABLES = 30
_MOST_RULES = 5
_LARGEST = 256 * 1024 * 1024
"""Bytes of a table that is searched: an order's column may have no index."""
_SECONDS = 1.0
"""What the search of one table may take."""
_COLUMNS = """
SELECT n.nspname, c.relname, a.attname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND a.attnum > 0 AND NOT a.attisdropped AND (t.typcategory IN ('S', 'N') OR t.typname = 'uuid')
  AND (a.attname ~* '(^|_)order(_?(id|uuid|ref|reference|no|number))?$'
       OR c.relname ~* 'orders?$' AND a.attname ~* '^(id|uuid|number|reference)$')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AND pg_table_size(c.oid) <= %s
ORDER BY c.relname ~* 'orders?$', 1, 2, 3 LIMIT %s
"""
_FILLED = """
SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0
  AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~ '\\(' OR a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype))
"""


def in_the_way(question: Question) -> list[str]:
    """The unique rules by which rows of earlier orders refuse another order with the same. Raises SmokeError."""
    database = question.database
    orders = [(key, order) for key, order in question.orders.items() if order][:_MOST_ORDERS]
    if not orders:
        return []
    found: dict[tuple[str, str], list[str]] = {}
    keys: dict[str, None] = {}
    for schema, table, column in database.rows(_COLUMNS, _LARGEST, _MOST_TABLES):
        place = (str(schema), str(table))
        what = f"whether {relation(place[1], place[0])} has a row of an earlier order"
        for key, order in orders:
            if question.part(what, partial(_holds, database, place, str(column), order)):
                found.setdefault(place, []).append(str(column))
                keys[key] = None
    standing = [
        rule
        for place, columns in found.items()
        for rule in telling_nothing_apart(database, place, columns)
    ]
    if not standing:
        return []
    # what leads to another row (a customer, a recipient) is rather the same for the next order than what is of its own
    leading = _leading(database)
    standing.sort(
        key=lambda rule: leading.isdisjoint((rule.schema, rule.table, c) for c in rule.columns)
    )
    told = "; ".join(
        f"{rule.name} on {relation(rule.table, rule.schema)} ({', '.join(rule.columns)})"
        for rule in standing[:_MOST_RULES]
    )
    more = f"; and {len(standing) - _MOST_RULES} more" if len(standing) > _MOST_RULES else ""
    return [
        f"another order that comes with the same key as {', '.join(keys)} would be refused (23505) by {told}{more}"
    ]


def _holds(database: Database, place: tuple[str, str], column: str, order: str) -> bool:
    table = parameterless(relation(place[1], place[0]))
    with database.savepoint():
        database.limit(_SECONDS)
        rows = database.attempt(
            f"SELECT 1 FROM {table} t WHERE t.{parameterless(identifier(column))}::text = %s LIMIT 1",  # noqa: S608  (names are quoted, the value is a parameter)
            order,
        )
    return not isinstance(rows, Refusal) and bool(rows)


def _leading(database: Database) -> frozenset[tuple[str, str, str]]:
    """The columns that are foreign keys: schema, table, column."""
    return frozenset(
        (rule.schema, rule.table, column)
        for rule in rules(database, RuleFilter(codes="f"))
        for column in rule.columns
    )


def filled_anew(database: Database, place: tuple[str, str]) -> set[str]:
    """The columns of a table that are another value in each row, as far as their type and default tell."""
    return {str(row[0]) for row in database.rows(_FILLED, *place)}


def telling_nothing_apart(
    database: Database, place: tuple[str, str], columns: list[str]
) -> list[Rule]:
    """Unique rules of a table over columns that neither name the order nor are filled anew for each row."""
    anew = filled_anew(database, place) | set(columns)
    return [
        rule
        for rule in rules(database, RuleFilter(*place, codes="pui"))
        if rule.unique
        and rule.valid
        and anew.isdisjoint(rule.columns)
        and not (rule.code == "p" and len(rule.columns) == 1)
        # a partial one, or one over expressions, may not be about this row
        and " WHERE " not in rule.definition
        and not any("(" in column for column in rule.columns)
    ]
