"""Reads PostgreSQL's parse trees: names, lists, fragments as SQL."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

Name = tuple[str | None, str]
"""Schema (None when not given) and name."""


def inner(node: Any) -> tuple[str, Any]:
    """What a generic node holds, and its kind; ("", None) for none."""
    kind = node.WhichOneof("node")
    return (kind, getattr(node, kind)) if kind else ("", None)


def strings(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The texts of a list of string nodes."""
    return tuple([node.string.sval for node in nodes])


def name_of(nodes: Iterable[Any]) -> Name:
    """A possibly qualified name."""
    parts = strings(nodes)
    return (parts[-2] if len(parts) > 1 else None), (parts[-1] if parts else "")


def range_name(relation: Any) -> Name:
    """The name of a relation as it is written in FROM."""
    return relation.schemaname or None, relation.relname


def enum_name(message: Any, field: str) -> str:
    """The name of an enumeration's value, such as AT_AddColumn."""
    kind: Any = type(message)
    return _enum_names(kind, field)[getattr(message, field)]


@cache
def _enum_names(message: Any, field: str) -> dict[int, str]:
    """The names of what a field of that class of messages may be: there are a few hundred in all."""
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values
    return {value.number: value.name for value in values}


def options(nodes: Iterable[Any]) -> dict[str, Any]:
    """DefElems by name; the value is a generic node (None when there is none)."""
    return {
        node.def_elem.defname: (node.def_elem.arg if node.def_elem.HasField("arg") else None)
        for node in nodes
    }


def plain_options(nodes: Iterable[Any]) -> tuple[tuple[str, str | None], ...]:
    """Options as names with texts."""
    return tuple((name, scalar(value)) for name, value in options(nodes).items())


def scalar(node: Any) -> str | None:
    """The text of an option's value: a string, number, boolean or a type's name. None for anything else."""
    if node is None:
        return None
    kind, value = inner(node)
    match kind:
        case "string":
            return str(value.sval)
        case "integer":
            return str(value.ival)
        case "float":
            return str(value.fval)
        case "boolean":
            return "true" if value.boolval else "false"
        case "type_name":
            return strings(value.names)[-1]
        case "a_const":
            return constant(value)
        case _:
            return None


def constant(value: Any) -> str | None:
    """The text of a constant; None for NULL."""
    kind = value.WhichOneof("val")
    match kind:
        case "ival":
            return str(value.ival.ival)
        case "fval":
            return str(value.fval.fval)
        case "boolval":
            return "true" if value.boolval.boolval else "false"
        case "sval":
            return str(value.sval.sval)
        case "bsval":
            return str(value.bsval.bsval)
        case _:
            return None


def expression_sql(node: Any) -> str:
    """An expression's tree as SQL."""
    import postgast
    from postgast import pg_query_pb2 as pb

    target = pb.Node(res_target=pb.ResTarget(val=node))
    return str(postgast.deparse(_statement(pb.SelectStmt(target_list=[target])))).removeprefix(
        "SELECT "
    )


def select_sql(node: Any) -> str:
    """A query's tree (generic node) as SQL."""
    import postgast
    from postgast import pg_query_pb2 as pb

    result = pb.ParseResult(stmts=[pb.RawStmt(stmt=node)])
    return str(postgast.deparse(result))


def _statement(select: Any) -> Any:
    from postgast import pg_query_pb2 as pb

    select.limit_option = pb.LimitOption.LIMIT_OPTION_DEFAULT
    select.op = pb.SetOperation.SETOP_NONE
    return pb.ParseResult(stmts=[pb.RawStmt(stmt=pb.Node(select_stmt=select))])


def type_sql(type_name: Any) -> str:
    """A type's name with its modifiers and array bounds as SQL."""
    from postgast import pg_query_pb2 as pb

    null = pb.Node(a_const=pb.A_Const(isnull=True))
    cast = pb.TypeCast(arg=null, type_name=type_name)
    sql = expression_sql(pb.Node(type_cast=cast))
    return sql.removeprefix("NULL::")


def type_called(type_name: Any, schema: str, name: str) -> Any:
    """A copy of a type's name (tree) that names another type, with the same modifiers and array bounds."""
    from postgast import pg_query_pb2 as pb

    copy = type(type_name)()
    copy.CopyFrom(type_name)
    del copy.names[:]
    copy.names.extend(pb.Node(string=pb.String(sval=part)) for part in (schema, name))
    return copy


def parse_expression(sql: str) -> Any:
    """The tree of an expression that the server printed. Raises the parser's error."""
    import postgast

    tree = postgast.parse(f"SELECT {sql}")
    return tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val


def parse_one(sql: str) -> Any:
    """The tree of one statement that the server printed (generic node)."""
    import postgast

    return postgast.parse(sql).stmts[0].stmt


def has(message: Any, field: str) -> bool:
    """Whether a field of message type is set."""
    return bool(message.HasField(field))


def renamed(node: Any, columns: dict[str, str]) -> Any:
    """A copy of an expression with columns under their new names."""
    if not columns:
        return node
    copy = type(node)()
    copy.CopyFrom(node)
    _rename(copy, columns)
    return copy


def _rename(message: Any, columns: dict[str, str]) -> None:
    if message.DESCRIPTOR.name == "ColumnRef":
        last = message.fields[-1]
        if last.HasField("string") and last.string.sval in columns:
            last.string.sval = columns[last.string.sval]
        return
    for field, value in message.ListFields():
        if field.message_type is None or _is_modifiers(field):
            continue
        for item in value if field.is_repeated else [value]:
            _rename(item, columns)


def columns_in(expression: Any) -> list[str]:
    """The columns that an expression names, each once."""
    found: dict[str, None] = {}

    def walk(message: Any) -> None:
        name = message.DESCRIPTOR.name
        if name == "ColumnRef" and message.fields[-1].HasField("string"):
            found[message.fields[-1].string.sval] = None
        if name in ("ColumnRef", "A_Const", "String"):  # there is nothing else within
            return
        for field, value in message.ListFields():
            if field.message_type is not None and not _is_modifiers(field):
                for item in value if field.is_repeated else [value]:
                    walk(item)

    walk(expression)
    return list(found)


def _is_modifiers(field: Any) -> bool:
    """Whether a field has a type's modifiers, whose words stand in the tree as columns do: `geometry(Point)`."""
    return bool(field.name == "typmods")
