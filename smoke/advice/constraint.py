"""The statements about a constraint by its name: whether it is there, as what, and what it demands."""

# ruff: noqa: S608  (text for a person: nothing is run here, and every value is quoted by smoke.sql)

from __future__ import annotations

from smoke.advice.catalogue import NO_TABLE, SEVERAL, TABLE, is_table
from smoke.advice.subject import Subject
from smoke.advice.unique import likely_sequence
from smoke.model.finding import Statement
from smoke.sql import literal

CONSTRAINT_TYPES = {
    "23505": "u (unique) or p (primary key)",
    "23503": "f (foreign key)",
    "23001": "f (foreign key)",
    "23514": "c (check)",
    "23P01": "x (exclusion)",
}
"""By SQLSTATE: `contype` of the constraints that raise it."""


def constraint(sqlstate: str, s: Subject) -> tuple[Statement, ...]:
    """What to ask about the constraint that the error names; `sqlstate` may be empty."""
    if sqlstate == "23505" and not (s.table and s.schema):
        return (_unique_rule(s), *_behind(s))
    return _named(sqlstate, s)


def _named(sqlstate: str, s: Subject) -> tuple[Statement, ...]:
    kind = "u" if sqlstate == "23505" else CONSTRAINT_TYPES.get(sqlstate, "of its kind")
    below = ", and none below" if sqlstate == "23505" else ""
    if not s.table:
        by_name = _by_name(s, kind)
    elif s.schema:
        by_name = Statement(
            purpose="is the constraint there?",
            sql=f"SELECT conname, contype FROM pg_constraint\nWHERE conrelid = {s.regclass} AND conname = {literal(s.constraint)};",
            expect=(
                ("still there", f"one row, contype {kind}"),
                ("gone", f"no rows{below}"),
                (
                    "error 42P01",
                    "this database has no such table: it is not the one that the shop uses",
                ),
                ("error 42501", "this role may not look into the schema: ask as another"),
            ),
        )
    else:
        by_name = Statement(
            purpose="is the constraint there? (the response does not name the schema)",
            sql=(
                "SELECT n.nspname AS schema, c.relname AS table, con.conname, con.contype\n"
                f"{TABLE}\n"
                f"LEFT JOIN pg_constraint con ON con.conrelid = c.oid AND con.conname = {literal(s.constraint)}\n"
                f"WHERE {is_table(s)};"
            ),
            expect=(
                ("still there", f"a row with conname, contype {kind}"),
                ("gone", "the table's row, with nothing under conname"),
                NO_TABLE,
                SEVERAL,
            ),
        )
    if sqlstate == "23505":
        return (by_name, _unique_index(s), *_behind(s))
    return (by_name, _definition(s))


def _behind(s: Subject) -> tuple[Statement, ...]:
    return (_sequence(s),) if s.table and likely_sequence(s) else ()


def _unique_rule(s: Subject) -> Statement:
    """Asks for the constraint and the index at once: what names no table may be an index alone (Prisma's `@unique` is)."""
    rule = (
        "pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid\n"
        f"  AND i.indisunique AND ic.relname = {literal(s.constraint)}"
    )
    if s.table:
        of, where = f"{TABLE}\nLEFT JOIN ({rule}) ON i.indrelid = c.oid", f"\nWHERE {is_table(s)}"
        gone: tuple[tuple[str, str], ...] = (
            ("gone", "the table's row, with nothing under rule"),
            NO_TABLE,
            SEVERAL,
        )
    else:
        of, where = (
            f"FROM {rule}\nJOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace",
            "",
        )
        gone = (("gone", "no rows"),)
    return Statement(
        purpose="is the unique rule there, as a constraint or as an index alone?",
        sql=(
            "SELECT n.nspname AS schema, c.relname AS table, ic.relname AS rule, con.contype,\n"
            "  pg_get_indexdef(i.indexrelid) AS definition\n"
            f"{of}\n"
            f"LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('u', 'p'){where};"
        ),
        expect=(
            ("a constraint", "a row with rule, contype u or p"),
            ("an index alone", "a row with rule, nothing under contype"),
            *gone,
        ),
    )


def _by_name(s: Subject, kind: str) -> Statement:
    owner, of = (
        ("con.contypid::regtype AS datatype", "data type")
        if s.datatype
        else ("con.conrelid::regclass AS table", "table")
    )
    return Statement(
        purpose=f"is the constraint there, and on which {of}?",
        sql=(
            f"SELECT n.nspname AS schema, {owner}, con.conname, con.contype\n"
            "FROM pg_constraint con JOIN pg_namespace n ON n.oid = con.connamespace\n"
            f"WHERE con.conname = {literal(s.constraint)};"
        ),
        expect=(
            ("still there", f"a row for each {of}, contype {kind}"),
            ("gone", "no rows"),
        ),
    )


def _definition(s: Subject) -> Statement:
    if s.datatype or not s.table:
        of, on = "JOIN pg_namespace n ON n.oid = con.connamespace", ""
    else:
        of = "JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        on = f"\n  AND {is_table(s)}"
    return Statement(
        purpose="what does it demand?",
        sql=(
            "SELECT n.nspname AS schema, pg_get_constraintdef(con.oid) AS definition\n"
            f"FROM pg_constraint con {of}\n"
            f"WHERE con.conname = {literal(s.constraint)}{on};"
        ),
    )


def _unique_index(s: Subject) -> Statement:
    return Statement(
        purpose="or is it a unique index without a constraint?",
        sql=(
            "SELECT i.indexrelid::regclass AS index, i.indisunique, pg_get_indexdef(i.indexrelid) AS definition\n"
            "FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid\n"
            "JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace\n"
            f"WHERE {is_table(s)} AND ic.relname = {literal(s.constraint)};"
        ),
        expect=(("still there", "a row, indisunique t"), ("gone", "no rows")),
    )


def _sequence(s: Subject) -> Statement:
    return Statement(
        purpose="is a sequence of the table behind? compare last_value with the key in the detail",
        sql=(
            "SELECT n.nspname AS schema, a.attname, sc.oid::regclass AS sequence, s.last_value\n"
            f"{TABLE}\n"
            "JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype IN ('a', 'i')\n"
            "JOIN pg_class sc ON sc.oid = d.objid AND sc.relkind = 'S' AND d.classid = 'pg_class'::regclass\n"
            "JOIN pg_namespace sn ON sn.oid = sc.relnamespace\n"
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid\n"
            "LEFT JOIN pg_sequences s ON s.schemaname = sn.nspname AND s.sequencename = sc.relname\n"
            f"WHERE {is_table(s)};"
        ),
        expect=(
            ("behind", "last_value is not above the largest key: the next ones are taken already"),
            ("no sequence", "no rows: the shop makes the key itself"),
        ),
    )
