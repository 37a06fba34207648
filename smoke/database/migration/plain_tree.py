"""A parse tree as plain values without what does not matter: places, casts of constants, a column's table."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.tree import constant, enum_name, strings


def plain(message: Any) -> Any:
    """Lists, mappings and texts that are equal for two ways in which the server and people write the same."""
    name = message.DESCRIPTOR.name
    if name == "Node":
        kind = message.WhichOneof("node")
        return plain(getattr(message, kind)) if kind else None
    if name == "A_Const":
        return ["constant", constant(message)]
    if name == "ColumnRef":
        last = message.fields[-1]
        return ["column", last.string.sval if last.HasField("string") else "*"]
    if name == "TypeCast":
        argument = plain(message.arg)
        return argument if argument[:1] == ["constant"] else ["cast", argument, _type(message)]
    if name == "RangeVar":
        return ["relation", message.relname, message.inh]
    if name == "FuncCall":
        own = strings(message.funcname)[-1]
        return [own, *[plain(argument) for argument in message.args]]
    if name == "A_Expr":
        operator = strings(message.name)[-1:] if message.name else ()
        left = plain(message.lexpr) if message.HasField("lexpr") else None
        right = plain(message.rexpr) if message.HasField("rexpr") else None
        kind = message.kind
        if isinstance(right, list) and right[:1] == ["array"]:
            right = right[1]  # x = ANY (ARRAY[…]) is how the server prints x IN (…)
            kind = 7
        return ["operation", kind, operator, left, right]
    if name == "SortBy":
        descending = enum_name(message, "sortby_dir") == "SORTBY_DESC"
        nulls = enum_name(message, "sortby_nulls")
        first = descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST"
        using = strings(message.use_op) if message.use_op else ()
        return ["sort", plain(message.node), descending, first, using]
    if name == "A_ArrayExpr":
        return ["array", [plain(item) for item in message.elements]]
    return [name, *_fields(message)]


def _type(cast: Any) -> str:
    return strings(cast.type_name.names)[-1]


def _fields(message: Any) -> list[Any]:
    found: list[Any] = []
    for field, value in message.ListFields():
        if field.name in ("location", "stmt_location", "stmt_len", "name_location"):
            continue
        if field.message_type is None:
            found.append([field.name, list(value) if field.is_repeated else value])
        elif field.is_repeated:
            found.append([field.name, [plain(item) for item in value]])
        else:
            found.append([field.name, plain(value)])
    return found
