"""What the database knows of a constraint's name, and of a table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from smoke.database.catalogue.rule_rows import RuleFilter, RuleRow, dependants, rule_rows
from smoke.database.session import Database, Refusal
from smoke.sql import identifier, relation

KINDS = {
    "p": "primary key",
    "u": "unique constraint",
    "f": "foreign key",
    "c": "check constraint",
    "x": "exclusion constraint",
    "t": "constraint trigger",
    "n": "not-null constraint",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that can refuse a row by its name: a constraint, a unique index, a trigger.

    `valid` is false for a constraint that was added NOT VALID and for an index that was left invalid. `code` is
    pg_constraint's contype, `i` for an index that no constraint stands behind, `g` for a trigger.
    """

    code: str
    kind: str
    schema: str
    table: str
    name: str
    definition: str
    columns: tuple[str, ...] = ()
    valid: bool = True
    unique: bool = False
    deferrable: str = ""
    dependants: tuple[str, ...] = ()

    def line(self) -> str:
        """One line: kind, name, place, definition."""
        notes = "" if self.valid else (" INVALID" if self.code == "i" else " NOT VALIDATED")
        return f"{self.kind} {self.name} on {relation(self.table, self.schema)}: {self.definition}{notes}"


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How many keys, and rows under them, a unique rule over these columns would refuse; None when not known."""

    columns: tuple[str, ...]
    keys: int | None
    rows: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ConstraintAnswer:
    """What `constraint` found. `elsewhere` has the name on other tables than the one that was asked about."""

    name: str
    table: str
    table_exists: bool
    found: tuple[Rule, ...]
    elsewhere: tuple[Rule, ...] = ()
    similar: tuple[Rule, ...] = ()
    duplicates: tuple[Duplicates, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether the name is there, on the table that was asked about if there was one."""
        return bool(self.found)


def _rule(row: RuleRow, dependants: tuple[str, ...] = ()) -> Rule:
    if row.code == "i":
        kind = "unique index" if row.unique else "index"
    elif row.code == "g":
        kind = "trigger"
    else:
        kind = KINDS.get(row.code, f"constraint of kind {row.code}")
    return Rule(
        *(row.code, kind, row.schema, row.table, row.name, row.definition, row.columns),
        valid=row.valid,
        unique=row.unique,
        deferrable="initially deferred"
        if row.deferred
        else ("deferrable" if row.deferrable else ""),
        dependants=dependants,
    )


def split_name(text: str) -> tuple[str | None, str]:
    """Schema (None when not given) and name of `name`, `schema.name`, `"Quoted"."name"`; case is kept as given."""
    parts: list[str] = []
    word, quoted, index = "", False, 0
    while index < len(text):
        character = text[index]
        if character == '"':
            if quoted and text[index + 1 : index + 2] == '"':
                word, index = word + '"', index + 1
            else:
                quoted = not quoted
        elif character == "." and not quoted:
            parts.append(word)
            word = ""
        else:
            word += character
        index += 1
    parts.append(word)
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def rules(
    database: Database, asked: RuleFilter, *, with_dependants: bool = False
) -> tuple[Rule, ...]:
    """The rules that are asked for, in the order of their places; with what depends on each, if that is wanted."""
    rows = rule_rows(database, asked)
    leaning = dependants(database, rows) if with_dependants else {}
    return tuple(_rule(row, leaning.get(row, ())) for row in rows)


def constraint(database: Database, name: str, table: str = "") -> ConstraintAnswer:
    """Everything of that name that can refuse a row, and what a person may have meant when there is nothing."""
    schema, wanted = split_name(name)
    all_found = rules(database, RuleFilter(schema=schema, name=wanted), with_dependants=True)
    found, table_exists = all_found, True
    elsewhere: tuple[Rule, ...] = ()
    if table:
        tables = find_tables(database, table)
        table_exists = bool(tables)
        found = tuple(rule for rule in all_found if (rule.schema, rule.table) in tables)
        elsewhere = tuple(rule for rule in all_found if rule not in found)
    similar = () if found else _similar(database, wanted, table)
    return ConstraintAnswer(
        name=name,
        table=table,
        table_exists=table_exists,
        found=found,
        elsewhere=elsewhere,
        similar=tuple(rule for rule in similar if rule not in elsewhere),
        duplicates=tuple(
            duplicates(database, rule.schema, rule.table, rule.columns)
            for rule in found
            if rule.unique and rule.code != "g" and not rule.valid
        ),
    )


def meant_tables(database: Database, text: str) -> list[tuple[str, str]]:
    """As `find_tables`, but a name without a schema means what SQL would find by it, when there is such a table.

    For questions whether something is there: one on a table of that name in another schema is none of this one.
    """
    found = find_tables(database, text)
    if len(found) > 1 and split_name(text)[0] is None:
        rows = database.rows("SELECT unnest(current_schemas(false))")
        for (schema,) in rows:
            first = [(s, t) for s, t in found if s == schema]
            if first:
                return first
    return found


def find_tables(database: Database, text: str) -> list[tuple[str, str]]:
    """Schema and name of the tables that a text may mean: exactly, else ignoring case, else without a schema."""
    found = _tables_named(database, *split_name(text))
    return found or (_tables_named(database, None, text) if "." in text else [])


def _tables_named(database: Database, schema: str | None, name: str) -> list[tuple[str, str]]:
    found = database.rows(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND lower(c.relname) = lower(%s)"
        " AND (%s::text IS NULL OR n.nspname = %s) AND n.nspname !~ '^pg_' ORDER BY 1, 2",
        name,
        schema,
        schema,
    )
    exact = [(str(s), str(t)) for s, t in found if t == name]
    return exact or [(str(s), str(t)) for s, t in found]


def _similar(database: Database, name: str, table: str) -> tuple[Rule, ...]:
    known = [rule for rule in rules(database, RuleFilter()) if rule.code != "n"]
    close = difflib.get_close_matches(name, {rule.name for rule in known}, n=5, cutoff=0.7)
    same_table = {name for _, name in find_tables(database, table)} if table else set()
    meant = [rule for rule in known if rule.name in close or rule.name.lower() == name.lower()]
    meant.sort(
        key=lambda rule: difflib.SequenceMatcher(None, rule.name, name).ratio(), reverse=True
    )
    there = [rule for rule in known if rule.table in same_table and rule not in meant]
    return (*meant, *there)[:10]


def duplicates(database: Database, schema: str, table: str, columns: tuple[str, ...]) -> Duplicates:
    """The keys that occur more than once, which a unique rule over these columns does not allow (NULLs are distinct)."""
    names = [identifier(column) for column in columns]
    asked = (
        f"SELECT count(*), coalesce(sum(n), 0)::bigint FROM (SELECT count(*) AS n FROM {relation(table, schema)}"  # noqa: S608  (quoted)
        f" WHERE {' AND '.join(f'{name} IS NOT NULL' for name in names)}"
        f" GROUP BY {', '.join(names)} HAVING count(*) > 1) AS d"
    )
    found = database.attempt(asked)
    if isinstance(found, Refusal):
        return Duplicates(columns, None, None, found.message)
    return Duplicates(columns, int(found[0][0]), int(found[0][1]))
