"""Claims of statements with a rule of their own: schemas, extensions, settings, roles, publications."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.planner import Planned, Planner, Unjudged, called
from smoke.database.migration.references import of_plain
from smoke.database.migration.rights import claim_owner, role_name
from smoke.database.migration.tree import enum_name, inner, options, range_name, scalar, strings
from smoke.database.migration.world import Finding, Thing


def _claim_there(planner: Planner, kind: str, name: str) -> Thing:
    reference = of_plain(planner, kind, name)
    thing = reference.thing

    def judge() -> Finding:
        there = reference.oid() is not None
        words = f"{reference.word} {called(thing)}"
        return Finding(
            there, f"{words} is there" if there else f"there is no {words} in this database"
        )

    claim = planner.world.claim(thing, "there", judge)
    planner.world.made(thing, claim)
    return thing


def create_schema(planner: Planner, node: Any) -> Planned:
    """CREATE SCHEMA; what it makes inside is judged with it."""
    role = role_name(planner, node.authrole) if node.HasField("authrole") else ""
    name = node.schemaname or role
    thing = _claim_there(planner, "SCHEMA", name)
    if role:
        claim_owner(planner, thing, role, of_plain(planner, "SCHEMA", name).owner)
    path = planner.path
    told = planner.path_is_scripts
    planner.path, planner.path_is_scripts = (name, *path), True
    from smoke.database.migration.rules import plan_statement

    for element in node.schema_elts:
        kind, inside = inner(element)
        plan_statement(planner, kind, inside)
    planner.path, planner.path_is_scripts = path, told
    return None


def create_extension(planner: Planner, node: Any) -> Planned:
    """CREATE EXTENSION: there, in that version and schema when they are named."""
    thing = _claim_there(planner, "EXTENSION", node.extname)
    given = options(node.options)
    if "new_version" in given:
        _claim_version(planner, thing, scalar(given["new_version"]) or "")
    schema = scalar(given.get("schema"))
    if schema:

        def judge() -> Finding:
            row = planner.catalog.one(
                "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
                " WHERE extname = %s",
                thing.name,
            )
            found = row[0] if row else "none"
            return Finding(found == schema, f"extension {called(thing)} is in schema {found}")

        planner.world.claim(thing, "schema", judge)
    return None


def alter_extension(planner: Planner, node: Any) -> Planned:
    """ALTER EXTENSION … UPDATE."""
    thing = planner.world.get("extension", node.extname)
    given = options(node.options)
    if "new_version" in given:
        _claim_version(planner, thing, scalar(given["new_version"]) or "")
        return None

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT e.extversion, a.default_version FROM pg_extension e"
            " LEFT JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extname = %s",
            thing.name,
        )
        if row is None:
            return Finding(False, f"there is no extension {called(thing)} in this database")
        return Finding(row[0] == row[1], f"extension {called(thing)} has version {row[0]}")

    planner.world.claim(thing, "version", judge)
    return None


def _claim_version(planner: Planner, thing: Thing, wanted: str) -> None:
    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT extversion FROM pg_extension WHERE extname = %s", thing.name
        )
        found = row[0] if row else "none"
        return Finding(
            found == wanted, f"extension {called(thing)} has version {found}, wanted {wanted}"
        )

    planner.world.claim(thing, "version", judge)


_ROLE_OPTIONS = {
    "superuser": "rolsuper",
    "createdb": "rolcreatedb",
    "createrole": "rolcreaterole",
    "inherit": "rolinherit",
    "canlogin": "rolcanlogin",
    "isreplication": "rolreplication",
    "bypassrls": "rolbypassrls",
    "connectionlimit": "rolconnlimit",
}


def create_role(planner: Planner, node: Any) -> Planned:
    """CREATE ROLE, USER."""
    thing = _claim_there(planner, "ROLE", node.role)
    given = options(node.options)
    if enum_name(node, "stmt_type") == "ROLESTMT_USER" and "canlogin" not in given:
        _claim_role_option(planner, thing, "canlogin", "true")
    _claim_role_options(planner, thing, given)
    return None


def alter_role(planner: Planner, node: Any) -> Planned:
    """ALTER ROLE … options."""
    thing = planner.world.get("role", role_name(planner, node.role))
    _claim_role_options(planner, thing, options(node.options))
    return None


def _claim_role_options(planner: Planner, thing: Thing, given: dict[str, Any]) -> None:
    for option, value in given.items():
        if option in _ROLE_OPTIONS:
            _claim_role_option(planner, thing, option, scalar(value) or "true")
        elif option == "password":
            planner.world.claim(
                thing,
                "password",
                lambda: Finding(None, f"the password of {called(thing)} cannot be seen"),
            )


def _claim_role_option(planner: Planner, thing: Thing, option: str, wanted: str) -> None:
    def judge() -> Finding:
        row = planner.catalog.one(
            f"SELECT {_ROLE_OPTIONS[option]}::text FROM pg_roles WHERE rolname = %s",  # noqa: S608
            thing.name,
        )
        if row is None:
            return Finding(False, f"there is no role {called(thing)} in this database")
        return Finding(row[0] == wanted, f"role {called(thing)} has {option} {row[0]}")

    planner.world.claim(thing, f"option {option}", judge)


def alter_settings(planner: Planner, node: Any) -> Planned:
    """ALTER ROLE … SET, ALTER DATABASE … SET."""
    from smoke.database.migration.functions import setting_text

    statement = node.setstmt
    is_role = node.DESCRIPTOR.name == "AlterRoleSetStmt"
    role = role_name(planner, node.role) if is_role and node.HasField("role") else ""
    database = node.database if is_role else node.dbname
    name = statement.name.lower()
    thing = planner.world.get("settings", f"{role} {database}")
    kind = enum_name(statement, "kind")
    wanted = setting_text(statement) if kind == "VAR_SET_VALUE" else None

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT s.setconfig FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole"
            " LEFT JOIN pg_database d ON d.oid = s.setdatabase"
            " WHERE coalesce(r.rolname, '') = %s AND coalesce(d.datname, '') = %s",
            role,
            database,
        )
        values = dict(item.partition("=")[::2] for item in (row[0] if row else []))
        found = {key.lower(): value for key, value in values.items()}.get(name)
        words = f"{name} of {role or database} is {found if found is not None else 'not set'}"
        if kind in ("VAR_RESET", "VAR_SET_DEFAULT"):
            return Finding(found is None, words)
        if kind != "VAR_SET_VALUE":
            return Finding(None, f"{words}; what it should be depends on the session that set it")
        return Finding(_bare(found) == _bare(wanted), words)

    planner.world.claim(thing, name, judge)
    return None


def _bare(value: str | None) -> str | None:
    return None if value is None else value.replace('"', "").replace("'", "").replace(" ", "")


def set_variable(planner: Planner, node: Any) -> Planned:
    """SET: no effect on the database, but search_path says what the next names mean."""
    if node.name == "search_path":
        if enum_name(node, "kind") == "VAR_SET_VALUE":
            planner.set_path([scalar(n) or "" for n in node.args], local=node.is_local)
        else:
            planner.reset_path()
    return Unjudged("a setting of the session", no_effect=True)


def transaction(planner: Planner, node: Any) -> Planned:
    """BEGIN, COMMIT …: what was set for the transaction ends with it."""
    if enum_name(node, "kind") in ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK"):
        planner.end_local_path()
    return Unjudged("controls the transaction", no_effect=True)


def select(planner: Planner, node: Any) -> Planned:
    """SELECT: what its functions do cannot be looked up; set_config is a setting, as pg_dump writes it."""
    if len(node.target_list) == 1:
        kind, value = inner(node.target_list[0].res_target.val)
        if kind == "func_call" and strings(value.funcname)[-1] == "set_config":
            name, given, local = (scalar(n) for n in value.args[:3])
            if name == "search_path":
                parts = [part.strip().strip('"') for part in (given or "").split(",")]
                planner.set_path([part for part in parts if part], local=local == "true")
            return Unjudged("a setting of the session", no_effect=True)
    if node.HasField("into_clause"):
        return Unjudged("a query into a new table: smoke does not look it up")
    if only_reads(planner, node):
        return Unjudged("a query that only reads", no_effect=True)
    return Unjudged("a query: what its functions did cannot be looked up")


_WRITES = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause")


def only_reads(planner: Planner, message: Any) -> bool:
    """Whether a query changes nothing: no data statement within, no function but the server's own that keep still."""
    if message.DESCRIPTOR.name in _WRITES:
        return False
    if message.DESCRIPTOR.name == "FuncCall":
        row = planner.catalog.one(
            "SELECT bool_and(n.nspname = 'pg_catalog' AND p.provolatile <> 'v') FROM pg_proc p"
            " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = %s",
            strings(message.funcname)[-1],
        )
        if not row or row[0] is not True:
            return False
    return all(
        only_reads(planner, item)
        for field, value in message.ListFields()
        if field.message_type is not None
        for item in (value if field.is_repeated else [value])
    )


def create_publication(planner: Planner, node: Any) -> Planned:
    """CREATE PUBLICATION: there, with these tables."""
    thing = _claim_there(planner, "PUBLICATION", node.pubname)
    tables = [
        planner.relation(range_name(n.publication_obj_spec.pubtable.relation))
        for n in node.pubobjects
        if n.publication_obj_spec.HasField("pubtable")
    ]

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT puballtables FROM pg_publication WHERE pubname = %s", thing.name
        )
        if row is None:
            return Finding(False, f"there is no publication {called(thing)} in this database")
        rows = planner.catalog.rows(
            "SELECT schemaname::text, tablename::text FROM pg_publication_tables WHERE pubname = %s",
            thing.name,
        )
        missing = [t for t in tables if (t.schema, t.name) not in {(r[0], r[1]) for r in rows}]
        if missing:
            return Finding(False, f"publication {called(thing)} lacks {called(missing[0])}")
        return Finding(
            row[0] == node.for_all_tables, f"publication {called(thing)} has these tables"
        )

    planner.world.claim(thing, "tables", judge)
    return None


def create_event_trigger(planner: Planner, node: Any) -> Planned:
    """CREATE EVENT TRIGGER: on that event with that function."""
    thing = _claim_there(planner, "EVENT_TRIGGER", node.trigname)

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT evtevent, p.proname FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE evtname = %s",
            thing.name,
        )
        same = row is not None and row[0] == node.eventname and row[1] == strings(node.funcname)[-1]
        return Finding(same, f"event trigger {called(thing)} is {row[0] if row else 'not there'}")

    planner.world.claim(thing, "definition", judge)
    return None


def create_server(planner: Planner, node: Any) -> Planned:
    """CREATE SERVER."""
    _claim_there(planner, "FOREIGN_SERVER", node.servername)
    return None
