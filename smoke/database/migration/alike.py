"""Two expressions that are plainly the same, without a question to the server.

What the server printed differs from what people write in few ways: a constant gets the type of the column beside it,
`IN` becomes `= ANY (ARRAY[…])`, a varchar is read as text. Where it differs in another way, only the server can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke.database.migration.tree import constant, enum_name, inner, strings

_PRINTED = {
    "varchar": "character varying",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
}
_VARCHAR = "character varying"
_LISTS = {"=": "AEXPR_OP_ANY", "<>": "AEXPR_OP_ALL"}
"""How the server prints IN and NOT IN, by the operator that the parser gives them."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Compares what a script says with what the server printed of it.

    `types` are the columns' types by name, `names` what columns of the script are called now, and `own` says of a
    function's name that only the server itself has one of it.
    """

    types: Mapping[str, str]
    own: Callable[[str], bool]
    names: Mapping[str, str] = field(default_factory=dict)

    def same(self, wanted: Any, found: Any, beside: str = "") -> bool:
        """Whether both (generic nodes) plainly are the same; `beside` is the type that a bare constant takes."""
        kind, a = inner(wanted)
        other, b = inner(found)
        if kind != other:
            return other == "type_cast" and self._cast(kind, a, b, beside)
        match kind:
            case "column_ref":
                return self._column(a) is not None and self._column(a) == _name(b)
            case "a_const":
                return _value(a) == _value(b)
            case "type_cast":
                return _type(a.type_name) == _type(b.type_name) != "" and self.same(a.arg, b.arg)
            case "null_test":
                return bool(a.nulltesttype == b.nulltesttype) and self.same(a.arg, b.arg)
            case "bool_expr":
                return bool(a.boolop == b.boolop) and self._all(a.args, b.args)
            case "func_call":
                return self._call(a, b)
            case "a_expr":
                return self._operation(a, b)
            case _:
                return False

    def _all(self, wanted: Any, found: Any) -> bool:
        return len(wanted) == len(found) and all(map(self.same, wanted, found))

    def _column(self, reference: Any) -> str | None:
        name = _name(reference)
        name = self.names.get(name, name)
        return name if name in self.types else None

    def _typed(self, node: Any) -> str:
        """The type of a column (generic node), without its modifier; empty for anything else."""
        kind, value = inner(node)
        name = self._column(value) if kind == "column_ref" else None
        return bare(self.types[name]) if name is not None else ""

    def _cast(self, kind: str, wanted: Any, cast: Any, beside: str) -> bool:
        """Whether a cast is only what the server adds."""
        into, (inside, value) = _type(cast.type_name), inner(cast.arg)
        if kind == inside == "a_const":
            usual = wanted.WhichOneof("val") == "sval" or into == "numeric"
            return usual and into == beside != "" and _value(wanted) == _value(value)
        if kind == inside == "column_ref":
            name = self._column(wanted)
            varchar = name is not None and bare(self.types[name]) == _VARCHAR
            return varchar and into == "text" and name == _name(value)
        return False

    def _call(self, a: Any, b: Any) -> bool:
        name = strings(a.funcname)
        if len(name) != 1 or name != strings(b.funcname) or not self.own(name[0]):
            return False
        plain = not any(_special(call) for call in (a, b))
        return plain and self._all(a.args, b.args)

    def _operation(self, a: Any, b: Any) -> bool:
        mine, theirs = enum_name(a, "kind"), enum_name(b, "kind")
        if len(a.name) != 1 or strings(a.name) != strings(b.name):
            return False
        if not (a.HasField("lexpr") and b.HasField("lexpr")):
            return False
        if mine == "AEXPR_IN":
            if theirs != _LISTS.get(strings(a.name)[0]):
                return False
            return self.same(a.lexpr, b.lexpr) and self._among(a, b)
        if mine != theirs or mine != "AEXPR_OP":
            return False
        left, right = self._typed(a.rexpr), self._typed(a.lexpr)
        return self.same(a.lexpr, b.lexpr, left) and self.same(a.rexpr, b.rexpr, right)

    def _among(self, a: Any, b: Any) -> bool:
        beside = self._typed(a.lexpr)
        kind, value = inner(b.rexpr)
        if kind == "type_cast" and beside == _VARCHAR:  # (ARRAY['a'::character varying, …])::text[]
            if (
                len(value.type_name.array_bounds) != 1
                or strings(value.type_name.names)[-1] != "text"
            ):
                return False
            kind, value = inner(value.arg)
        if kind != "a_array_expr" or not beside:
            return False
        items = a.rexpr.list.items
        return len(items) == len(value.elements) and all(
            self.same(one, other, beside) for one, other in zip(items, value.elements, strict=True)
        )


def _special(call: Any) -> bool:
    """Whether a call is more than a name and arguments."""
    return bool(
        call.agg_order
        or call.HasField("agg_filter")
        or call.HasField("over")
        or call.agg_within_group
        or call.agg_star
        or call.agg_distinct
        or call.func_variadic
    )


def _name(reference: Any) -> str:
    fields = reference.fields
    return str(fields[-1].string.sval) if len(fields) < 3 and fields[-1].HasField("string") else ""


def _value(const: Any) -> tuple[str | None, str | None]:
    return const.WhichOneof("val"), constant(const)


def _type(type_name: Any) -> str:
    """A type as the server prints it; empty for one that is more than a name."""
    names = strings(type_name.names)
    if names[:1] == ("pg_catalog",):
        names = names[1:]
    if len(names) != 1 or type_name.array_bounds or type_name.setof or type_name.typmods:
        return ""
    return _PRINTED.get(names[0], names[0])


def bare(printed: str) -> str:
    """A printed type without its modifier."""
    name, bracket, rest = printed.partition("(")
    return name + rest.partition(")")[2] if bracket and not rest.endswith("]") else printed
