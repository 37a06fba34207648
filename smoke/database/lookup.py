"""What the database knows of a constraint's name, and of a table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

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


_RULES = """
SELECT con.contype::text, n.nspname, coalesce(c.relname, t.typname), con.conname, pg_get_constraintdef(con.oid),
       ARRAY(SELECT a.attname::text FROM unnest(con.conkey) WITH ORDINALITY k(num, pos)
             JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num ORDER BY k.pos),
       con.convalidated AND coalesce(i.indisvalid, true), con.contype IN ('p', 'u'), con.condeferrable,
       con.condeferred, con.oid, con.conindid
FROM pg_constraint con
JOIN pg_namespace n ON n.oid = con.connamespace
LEFT JOIN pg_class c ON c.oid = con.conrelid
LEFT JOIN pg_type t ON t.oid = con.contypid
LEFT JOIN pg_index i ON i.indexrelid = con.conindid AND i.indrelid = con.conrelid
WHERE n.nspname !~ '^pg_(toast|temp)' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
UNION ALL
SELECT 'i', n.nspname, c.relname, ic.relname, pg_get_indexdef(i.indexrelid),
       ARRAY(SELECT coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, k.pos::int, true))
             FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, pos)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num <> 0
             WHERE k.pos <= i.indnkeyatts ORDER BY k.pos),
       i.indisvalid AND i.indisready, i.indisunique, false, false, ic.oid, ic.oid
FROM pg_index i
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = ic.relnamespace
WHERE n.nspname !~ '^pg_(toast|temp)' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = i.indexrelid AND con.conrelid = i.indrelid)
UNION ALL
SELECT 'g', n.nspname, c.relname, g.tgname, pg_get_triggerdef(g.oid), '{}', g.tgenabled <> 'D', false, false,
       false, g.oid, 0
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT g.tgisinternal AND g.tgconstraint = 0
"""

_ORDER = " ORDER BY 2, 3, 4"


def _rule(row: tuple[object, ...], dependants: tuple[str, ...] = ()) -> Rule:
    code, schema, table, name, definition, columns, valid, unique, deferrable, deferred, *_ = row
    if code == "i":
        kind = "unique index" if unique else "index"
    elif code == "g":
        kind = "trigger"
    else:
        kind = KINDS.get(str(code), f"constraint of kind {code}")
    return Rule(
        code=str(code),
        kind=kind,
        schema=str(schema),
        table=str(table),
        name=str(name),
        definition=str(definition),
        columns=tuple(str(column) for column in columns) if isinstance(columns, list) else (),
        valid=bool(valid),
        unique=bool(unique),
        deferrable="initially deferred" if deferred else ("deferrable" if deferrable else ""),
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
    database: Database, where: str = "true", *parameters: object, dependants: bool | None = None
) -> tuple[Rule, ...]:
    """Rules that fulfil a condition over (code, schema, tbl, name, columns, uniq).

    `dependants` says whether what depends on each is looked up (a question each); unsaid, where there is a condition.
    """
    asked = (
        f"SELECT * FROM ({_RULES}) AS r(code, schema, tbl, name, definition, columns, valid, uniq, defer,"  # noqa: S608  (our own text)
        f" deferred, oid, indexid) WHERE {where}{_ORDER} LIMIT 2000"
    )
    look = where != "true" if dependants is None else dependants
    return tuple(
        _rule(row, _dependants(database, row) if look else ())
        for row in database.rows(asked, *parameters)
    )


def _dependants(database: Database, row: tuple[object, ...]) -> tuple[str, ...]:
    # a foreign key leans on the index of the other table: what else does so depends on that, not on the key
    oid, index = row[10], 0 if row[0] == "f" else row[11]
    catalogue = {"i": "pg_class", "g": "pg_trigger"}.get(str(row[0]), "pg_constraint")
    found = database.rows(
        "SELECT DISTINCT CASE WHEN classid = 'pg_rewrite'::regclass"
        " THEN (SELECT 'view ' || ev_class::regclass FROM pg_rewrite WHERE oid = objid)"
        " ELSE pg_describe_object(classid, objid, objsubid) END FROM pg_depend"
        " WHERE deptype IN ('n', 'a') AND ((refclassid = %s::regclass AND refobjid = %s)"
        " OR (refclassid = 'pg_class'::regclass AND refobjid = %s AND %s <> 0))"
        " AND NOT (classid = 'pg_class'::regclass AND objid = %s) ORDER BY 1 LIMIT 50",
        catalogue,
        oid,
        index,
        index,
        index,
    )
    return tuple(str(name) for (name,) in found)


def constraint(database: Database, name: str, table: str = "") -> ConstraintAnswer:
    """Everything of that name that can refuse a row, and what a person may have meant when there is nothing."""
    schema, wanted = split_name(name)
    all_found = rules(
        database, "name = %s AND (%s::text IS NULL OR schema = %s)", wanted, schema, schema
    )
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
    known = [rule for rule in rules(database) if rule.code != "n"]
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
