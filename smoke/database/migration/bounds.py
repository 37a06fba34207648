"""Bounds of partitions: what a script writes against what the server prints."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.claims import together
from smoke.database.migration.sight import Sight
from smoke.database.migration.tree import expression_sql, inner, parse_one


def bound_words(bound: Any) -> str:
    """The bound as SQL."""
    if bound.is_default:
        return "DEFAULT"
    if bound.strategy == "l":
        return f"FOR VALUES IN ({', '.join(expression_sql(node) for node in bound.listdatums)})"
    if bound.strategy == "h":
        return f"FOR VALUES WITH (modulus {bound.modulus}, remainder {bound.remainder})"
    return f"FOR VALUES FROM ({_range(bound.lowerdatums)}) TO ({_range(bound.upperdatums)})"


def _range(nodes: Any) -> str:
    return ", ".join(_datum(node) for node in nodes)


def _datum(node: Any) -> str:
    if node.HasField("column_ref"):  # MINVALUE and MAXVALUE are columns to the parser
        return str(node.column_ref.fields[-1].string.sval).upper()
    return expression_sql(node)


def same_bound(sight: Sight, wanted: Any, printed: str, types: list[str]) -> bool | None:
    """Whether a bound is the one that the server prints; `types` are those of the key's columns where known."""
    statement = parse_one(f"CREATE TABLE c PARTITION OF p {printed}")
    found = statement.create_stmt.partbound
    if wanted.is_default or found.is_default:
        return bool(wanted.is_default == found.is_default)
    if wanted.strategy != found.strategy:
        return False
    if wanted.strategy == "h":
        return (wanted.modulus, wanted.remainder) == (found.modulus, found.remainder)
    if wanted.strategy == "l":
        kind = types[0] if len(types) == 1 else ""
        return _same_list(sight, wanted.listdatums, found.listdatums, kind)
    results: list[bool | None] = []
    for field in ("lowerdatums", "upperdatums"):
        mine, theirs = getattr(wanted, field), getattr(found, field)
        if len(mine) != len(theirs):
            return False
        kinds = types if len(types) == len(mine) else [""] * len(mine)
        results += [
            _same_datum(sight, a, b, kind) for a, b, kind in zip(mine, theirs, kinds, strict=True)
        ]
    return together(results)


def _same_list(sight: Sight, wanted: Any, found: Any, kind: str) -> bool | None:
    """Whether two lists name the same values, in whatever order."""
    if len(wanted) != len(found):
        return False
    left = list(found)
    for mine in wanted:
        results = [_same_datum(sight, mine, theirs, kind) for theirs in left]
        if True in results:
            del left[results.index(True)]
        elif None in results:
            return None
        else:
            return False
    return True


def _same_datum(sight: Sight, a: Any, b: Any, kind: str) -> bool | None:
    mine, theirs = _datum(a), _datum(b)
    if mine == theirs:
        return True
    edges = [value in ("MINVALUE", "MAXVALUE") for value in (mine, theirs)]
    if True in edges:
        return False
    if kind and sight.canon.expression(theirs, {}, cast=kind) is not None:
        same = sight.canon.same(mine, theirs, {}, cast=kind)
        # what was not a constant when the partition was made need not have the same value now
        return same if same or _constant(a) else None
    # the server prints constants of the key's type as text: 'x'::text for a bare 'x', '10' for 10
    bare = [value.partition("::")[0].strip("'()") for value in (mine, theirs)]
    if bare[0] == bare[1]:
        return True
    for usual in ("timestamptz", "timestamp", "date", "numeric"):
        if sight.canon.expression(theirs, {}, cast=usual) is not None:
            same = sight.canon.same(mine, theirs, {}, cast=usual)
            return same if same or _constant(a) else None
    return False if _constant(a) else None


def _constant(node: Any) -> bool:
    kind, value = inner(node)
    if kind == "type_cast":
        return _constant(value.arg)
    if kind == "a_expr":
        return not value.HasField("lexpr") and _constant(value.rexpr)
    return kind == "a_const"
