"""DO blocks: a body that only carries out static DDL is judged as that DDL.

Tools write a block around a statement that may fail because its effect is there already (`EXCEPTION WHEN
duplicate_object THEN null`), or ask the catalogue first (`IF NOT EXISTS (SELECT … FROM pg_constraint …) THEN`). What
should hold afterwards is the same as without the block. Everything else a block does cannot be seen from outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from smoke.database.migration.claims import Facet, Told
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.tree import enum_name, inner, options, parse_expression, scalar

Plan = Callable[[Planner, str, Any], Planned]

OPAQUE = "a DO block: what its code did cannot be seen from outside"
_DATA = ("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt", "copy_stmt", "truncate_stmt")
_QUIET = ("PLpgSQL_stmt_return", "PLpgSQL_stmt_commit", "PLpgSQL_stmt_assert", "PLpgSQL_stmt_raise")
"""Of RAISE EXCEPTION too there is no effect: the script would have ended there."""
_CATALOGUE = re.compile(r"^(?:pg_|information_schema$)")
_ADDS = frozenset(
    [
        "AT_AddColumn",
        "AT_AddConstraint",
        "AT_AddIndexConstraint",
        "AT_AttachPartition",
        "AT_AddInherit",
        "AT_AddIdentity",
        "AT_EnableRowSecurity",
        "AT_ForceRowSecurity",
        "AT_SetNotNull",
        "AT_ColumnDefault",
    ]
)
_TAKES = frozenset(("AT_DropColumn", "AT_DropConstraint"))


@dataclass(slots=True)
class Body:
    """The statements that a block carries out (kind and tree); `opaque` says that it does something else as well."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    opaque: bool = False
    data: bool = False


def plan_do(planner: Planner, node: Any, plan: Plan) -> Planned:
    """DO: the claims of its static DDL."""
    body = body_of(node)
    if body is None or body.opaque or not body.statements:
        return Unjudged(OPAQUE)
    world = planner.world
    before = len(world.claims)
    said: list[str] = []
    for kind, inside in body.statements:
        why = plan(planner, kind, inside)
        if why is not None and not why.no_effect:
            said.append(why.words)
    if len(world.claims) == before:
        return Unjudged(said[0] if said else "a DO block that changes nothing", no_effect=not said)
    if body.data:
        said.append("which rows its block changed cannot be seen any more")
    for words in dict.fromkeys(said):
        thing = world.claims[-1].thing
        world.claim(thing, Facet.UNSEEN, Told(words), f"{world.statement} {words}")
    return None


def body_of(node: Any) -> Body | None:
    """What a DO block carries out; None for another language or a text that PL/pgSQL does not take."""
    import postgast

    given = options(node.args)
    text = scalar(given.get("as"))
    if text is None or (scalar(given.get("language")) or "plpgsql").lower() != "plpgsql":
        return None
    tag = "$smoke$"
    while tag in text:
        tag = tag[:-1] + "_$"
    try:
        parsed = postgast.parse_plpgsql(f"DO {tag}{text}{tag}")
    except postgast.PgQueryError:
        return None
    body = Body()
    for function in parsed:
        block = function.get("PLpgSQL_function", {}).get("action", {})
        _walk([block], body)
    return body


def _walk(statements: list[dict[str, Any]], body: Body) -> None:
    for statement in statements:
        for kind, given in statement.items():
            _one(kind, given, body)


def _one(kind: str, given: dict[str, Any], body: Body) -> None:
    if kind == "PLpgSQL_stmt_block":
        _walk(given.get("body", []), body)
        handlers = given.get("exceptions", {}).get("PLpgSQL_exception_block", {})
        for handler in handlers.get("exc_list", []):
            action = Body()
            _walk(handler.get("PLpgSQL_exception", {}).get("action", []), action)
            body.opaque |= action.opaque or action.data or bool(action.statements)
    elif kind == "PLpgSQL_stmt_if":
        _guarded(given, body)
    elif kind == "PLpgSQL_stmt_execsql":
        _take(_query(given.get("sqlstmt")), body)
    elif kind not in _QUIET:
        body.opaque = True


def _query(expression: Any) -> str:
    found = (expression or {}).get("PLpgSQL_expr", {}).get("query", "")
    return str(found)


def _take(sql: str, body: Body) -> None:
    import postgast

    try:
        tree = postgast.parse(sql)
    except postgast.PgQueryError:
        body.opaque = True
        return
    for item in tree.stmts:
        kind = item.stmt.WhichOneof("node")
        if kind in _DATA:
            body.data = True
        elif kind in ("select_stmt", "call_stmt", "do_stmt", "execute_stmt"):
            body.opaque = True
        else:
            body.statements.append((kind, getattr(item.stmt, kind)))


def _guarded(given: dict[str, Any], body: Body) -> None:
    """IF: its statements hold whichever way it went, when it only asks whether their effect is there already."""
    inside, otherwise = Body(), Body()
    _walk(given.get("then_body", []), inside)
    _walk(given.get("else_body", []), otherwise)
    for other in given.get("elsif_list", []):
        _walk(other.get("PLpgSQL_if_elsif", {}).get("stmts", []), otherwise)
    quiet = not (otherwise.statements or otherwise.opaque or otherwise.data)
    asks = _asks(_query(given.get("cond")))
    holds = _adds if asks == "missing" else _takes
    if not quiet or inside.opaque or not asks or not all(holds(*s) for s in inside.statements):
        body.opaque |= bool(inside.statements or inside.data or inside.opaque) or not quiet
        return
    body.statements += inside.statements
    body.data |= inside.data


def _asks(condition: str) -> str:
    """Whether a condition asks the catalogue alone if something is `missing` or `there`; empty for any other."""
    import postgast

    try:
        tree = parse_expression(condition)
    except (postgast.PgQueryError, IndexError):
        return ""
    negated = False
    kind, value = inner(tree)
    while kind == "bool_expr" and enum_name(value, "boolop") == "NOT_EXPR":
        negated = not negated
        kind, value = inner(value.args[0])
    if kind == "null_test":
        negated ^= enum_name(value, "nulltesttype") == "IS_NULL"
        kind, value = inner(value.arg)
        known = kind == "func_call" and value.funcname[-1].string.sval.startswith("to_reg")
        return ("missing" if negated else "there") if known else ""
    if kind != "sub_link" or enum_name(value, "sub_link_type") != "EXISTS_SUBLINK":
        return ""
    tables = [message for message in _messages(value) if message.DESCRIPTOR.name == "RangeVar"]
    if not tables or not all(_CATALOGUE.match(t.schemaname or t.relname) for t in tables):
        return ""
    return "missing" if negated else "there"


def _messages(message: Any) -> Iterator[Any]:
    yield message
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None:
            for item in value if descriptor.is_repeated else [value]:
                yield from _messages(item)


def _commands(node: Any) -> set[str]:
    return {enum_name(item.alter_table_cmd, "subtype") for item in node.cmds}


def _adds(kind: str, node: Any) -> bool:
    """Whether a statement makes something that can be looked for."""
    if kind == "alter_table_stmt":
        return _commands(node) <= _ADDS
    return kind in ("index_stmt", "view_stmt", "rule_stmt", "alter_enum_stmt") or kind.startswith(
        ("create_", "composite_")
    )


def _takes(kind: str, node: Any) -> bool:
    """Whether a statement takes something away."""
    if kind == "alter_table_stmt":
        return _commands(node) <= _TAKES
    return kind in ("drop_stmt", "drop_role_stmt")
