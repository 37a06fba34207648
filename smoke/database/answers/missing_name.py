"""A name that the database does not know: in another schema or database, spelled otherwise, or not made yet.

Tables, columns, functions, types and schemas. What is there is the catalogue's; which roles lack a schema, or have a search
path of their own, is a matter of the moment and asked here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from smoke.database.answers.beside import databases_with
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.spelling import bare, nearest
from smoke.database.answers.unapplied import unapplied
from smoke.database.catalogue import names
from smoke.database.catalogue.names import NamedObject
from smoke.database.catalogue.rule_rows import RuleFilter
from smoke.database.lookup import rules
from smoke.database.session import Database
from smoke.sql import identifier, relation
from smoke.text import shorten

_MOST = 5
_CALL = re.compile(
    r"([A-Za-z_][\w$.\"]{0,130})\(([^()]{0,300}(?:\([^()]{0,20}\)[^()]{0,300}){0,9})\)"
)
_EXTENSIONS = {
    **dict.fromkeys(("uuid_generate_v1", "uuid_generate_v4", "uuid_generate_v5"), "uuid-ossp"),
    **dict.fromkeys(("crypt", "gen_salt", "digest", "hmac", "gen_random_bytes"), "pgcrypto"),
    **dict.fromkeys(("similarity", "word_similarity", "show_trgm"), "pg_trgm"),
    **dict.fromkeys(("cosine_distance", "l2_distance", "inner_product"), "vector"),
    **dict.fromkeys(("st_distance", "st_dwithin", "st_makepoint", "st_contains"), "postgis"),
    **dict.fromkeys(("vector", "halfvec", "sparsevec"), "vector"),
    **dict.fromkeys(("geometry", "geography"), "postgis"),
    **{name: name for name in ("unaccent", "citext", "hstore", "ltree", "cube")},
    "gen_random_uuid": "pgcrypto",
}
"""Names that come with an extension (contrib of PostgreSQL, and the two that are installed most beside it)."""


# tables


def table(question: Question) -> DatabaseAnswer:
    """Of a table that does not exist."""
    return DatabaseAnswer(lines=tuple(question.part("the table", lambda: _table(question)) or ()))


def _table(question: Question) -> list[str]:
    error, database = question.error, question.database
    name = error.table_name
    if not name:
        return []
    if "FROM" in (error.message_primary or ""):
        return [
            f'"{name}" is a name that the query itself uses without introducing it: no table is missing'
        ]
    known = names.tables(database)
    lines = _where(database, name, error.schema_name, known, "table")
    if not known:
        lines.append(
            "this database has no tables of its own that the role could see: no migration ran here, or it is another one"
        )
    if question.elsewhere and not any(n.name == name and n.found for n in known):
        asked = (
            "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s"
            " AND (%s::text IS NULL OR n.nspname = %s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'"
        )
        lines += _beside(question, name, asked, name, error.schema_name, error.schema_name)
    return [*lines, *unapplied(question, name)]


# columns


def column(question: Question) -> DatabaseAnswer:
    """Of a column that does not exist."""
    return DatabaseAnswer(lines=tuple(question.part("the column", lambda: _column(question)) or ()))


def _column(question: Question) -> list[str]:
    error, database = question.error, question.database
    name = error.column_name
    if not name:
        return []
    tables = names.columns_of_tables(database)
    columns = {(table.schema, table.name): table.columns for table in tables}
    visible = {(table.schema, table.name): table.found for table in tables}
    meant = [
        place
        for place in columns
        if place[1] == error.table_name and error.schema_name in (None, place[0])
    ]
    if not meant:  # an alias of the query, or no table was told
        return [*_anywhere(name, columns), *unapplied(question, name)]
    lines: list[str] = []
    first = [place for place in meant if visible[place]] or meant
    for schema, of in first:
        place = relation(of, schema)
        has = columns[schema, of]
        if name in has:
            lines.append(f"{place}.{identifier(name)} is there now: {_SINCE}")
            continue
        lines.append(f"{place} has no column {identifier(name)}{_nearest(name, has)}")
    lines += [
        f"{relation(of, schema)} has it: a table of that name in another schema"
        for schema, of in columns
        if of == error.table_name and (schema, of) not in first and name in columns[schema, of]
    ]
    if question.elsewhere and not any(name in columns[place] for place in first):
        asked = (
            "SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n"
            " ON n.oid = c.relnamespace WHERE c.relname = %s AND a.attname = %s AND NOT a.attisdropped AND n.nspname !~ '^pg_'"
        )
        shown = f"{error.table_name}.{name}"
        lines += _beside(question, shown, asked, error.table_name, name)
    return [*lines, *unapplied(question, name)]


def _anywhere(name: str, columns: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    having = [relation(of, schema) for (schema, of), has in columns.items() if name in has]
    if having:
        more = f" and {len(having) - _MOST} more" if len(having) > _MOST else ""
        return [f"a column {identifier(name)} is in {', '.join(having[:_MOST])}{more}"]
    close = nearest(name, (column for has in columns.values() for column in has))
    places = [
        f"{relation(of, schema)}.{identifier(column)}"
        for column in close
        for (schema, of), has in columns.items()
        if column in has
    ]
    nothing = f"no table of this database has a column {identifier(name)}"
    return [f"{nothing}; the nearest: {', '.join(places[:_MOST])}" if places else nothing]


def _nearest(name: str, known: Sequence[str]) -> str:
    close = nearest(name, known)
    return f"; the nearest: {', '.join(identifier(other) for other in close)}" if close else ""


# functions, types, schemas


def function(question: Question) -> DatabaseAnswer:
    """Of a function that does not exist, or not with such arguments."""
    return DatabaseAnswer(
        lines=tuple(question.part("the function", lambda: _function(question)) or ())
    )


def _function(question: Question) -> list[str]:
    found = _CALL.search((question.error.message_primary or "")[:2000])
    if found is None:
        return []  # an operator: the types of its sides tell
    schema, _, name = found[1].replace('"', "").rpartition(".")
    known = names.functions(question.database, name)
    same = [item for item in known if item.name == name and item.found and not schema]
    if same:
        shown = ", ".join(item.sql for item in same[:_MOST])
        return [
            f"it was called with ({found[2]}), and there is {shown}",
            *unapplied(question, name),
        ]
    lines = _where(question.database, name, schema or None, known, "function")
    return [*lines, *_extension(question.database, name), *unapplied(question, name)]


def type_(question: Question) -> DatabaseAnswer:
    """Of a type that does not exist."""
    return DatabaseAnswer(lines=tuple(question.part("the type", lambda: _type(question)) or ()))


def _type(question: Question) -> list[str]:
    given = (question.error.datatype_name or "").replace('"', "")
    if not given:
        return []
    schema, _, name = given.rpartition(".")
    lines = _where(question.database, name, schema or None, names.types(question.database), "type")
    return [*lines, *_extension(question.database, name), *unapplied(question, name)]


def schema(question: Question) -> DatabaseAnswer:
    """Of a schema that does not exist."""
    return DatabaseAnswer(lines=tuple(question.part("the schema", lambda: _schema(question)) or ()))


def _schema(question: Question) -> list[str]:
    name = question.error.schema_name
    if not name:
        return []
    rows = question.database.rows(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1 LIMIT 500"
    )
    known = [str(row[0]) for row in rows]
    if name in known:
        return [f"the schema {identifier(name)} is there now: {_SINCE}"]
    listed = ", ".join(map(identifier, known[:20]))
    return [
        f"this database has no schema {identifier(name)}{_nearest(name, known)}; it has {listed or 'none'}",
        *unapplied(question, name),
    ]


def conflict_target(question: Question) -> DatabaseAnswer:
    """Of an ON CONFLICT that no unique rule is behind: which ones its table has, where that is known."""
    return DatabaseAnswer(
        lines=tuple(question.part("the unique rules", lambda: _unique_rules(question)) or ())
    )


def _unique_rules(question: Question) -> list[str]:
    name = question.error.table_name
    if not name:
        return []
    known = rules(question.database, RuleFilter(table=name, codes="pui"))
    found = [rule for rule in known if rule.unique]
    return [f"unique there: {rule.line()}" for rule in found[:_MOST]] or [
        f"{identifier(name)} has no unique rule"
    ]


def _extension(database: Database, name: str) -> list[str]:
    extension = _EXTENSIONS.get(name.lower())
    if extension is None:
        return []
    rows = database.rows(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s",
        extension,
    )
    if rows:
        return [
            f"it comes with the extension {extension}, which is in the schema {identifier(str(rows[0][0]))} here"
        ]
    return [f"it comes with the extension {extension}, which is not installed in this database"]


# what they share

_SINCE = "it was made since, or the deployment uses another database, role or search_path"


def _where(
    database: Database, name: str, schema: str | None, known: Sequence[NamedObject], kind: str
) -> list[str]:
    """Where the thing of that name is, or what is named alike."""
    same = [item for item in known if item.name == name]
    there = [item for item in same if schema == item.schema or (schema is None and item.found)]
    if there:
        return [f"{there[0].sql} is there now: {_SINCE}"]
    if same:
        listed = ", ".join(item.sql for item in same[:_MOST])
        if schema is not None:
            return [
                f"the schema {identifier(schema)} has no {kind} {identifier(name)}; there is {listed}"
            ]
        unseen = _without_usage(database, same)
        where = (
            ""
            if any("of this DSN" in line for line in unseen)
            else f", in a schema that {_path(database)} leaves out"
        )
        return [f"{listed} is there{where}", *_paths(database), *unseen]
    lines = [f"this database has no {kind} {identifier(name)} in any schema"]
    by_name: dict[str, list[NamedObject]] = {}
    for item in known:
        by_name.setdefault(item.name, []).append(item)
    close = nearest(name, by_name)
    if close:
        listed = ", ".join(item.sql for other in close for item in by_name[other][:2])
        cased = close[0] != name and close[0].lower() == name.lower()
        how = "; without quotation marks SQL reads every name in lower case" if cased else ""
        written = "written otherwise there" if bare(close[0]) == bare(name) else "the nearest"
        lines[0] += f"; {written}: {listed}{how}"
    return lines


def _path(database: Database) -> str:
    row = database.row("SELECT current_setting('search_path')")
    path = str(row[0]) if row else ""
    return f"the search_path of {database.endpoint.user} ({path})"


def _without_usage(database: Database, same: Sequence[NamedObject]) -> list[str]:
    """Roles that do not see a schema whatever their search path says: the one that asks, and those connected now."""
    rows = database.rows(
        "SELECT r.rolname, n.nspname, r.rolname = current_user FROM pg_roles r CROSS JOIN pg_namespace n"
        " WHERE n.nspname = ANY (%s::text[]) AND NOT has_schema_privilege(r.oid, n.oid, 'USAGE')"
        " AND (r.rolname = current_user OR r.oid IN (SELECT usesysid FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid())) ORDER BY 3, 1, 2 LIMIT 10",
        [item.schema for item in same],
    )
    return [
        f"{role} ({'the role of this DSN' if asks else 'connected now'}) has no USAGE on the schema"
        f" {identifier(str(schema))}: to it, the schema is not in any search_path"
        for role, schema, asks in rows
    ]


def _paths(database: Database) -> list[str]:
    """The search paths that are set for roles in this database: the shop's may be one of them."""
    rows = database.rows(
        "SELECT coalesce(pg_get_userbyid(nullif(s.setrole, 0)), 'every role'), c.text FROM pg_db_role_setting s"
        " CROSS JOIN unnest(s.setconfig) AS c(text) WHERE c.text LIKE 'search_path=%' AND s.setdatabase IN"
        " (0, (SELECT oid FROM pg_database WHERE datname = current_database())) ORDER BY 1 LIMIT 10"
    )
    return [
        f"set for {role} here: {shorten(str(text).replace('=', ' = ', 1), 200)}"
        for role, text in rows
    ]


def _beside(question: Question, shown: str, sql: str, *parameters: object) -> list[str]:
    return [
        f"database {name} of the same server has {shown}: does the deployment mean that one?"
        for name in databases_with(question.database, sql, *parameters)
    ]
