"""Bounds of partitions: what a script writes against what the server prints."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.planner import Planner
from smoke.database.migration.tree import expression_sql, parse_one


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


def same_bound(planner: Planner, wanted: Any, printed: str) -> bool | None:
    """Whether a bound is the one that the server prints."""
    statement = parse_one(f"CREATE TABLE c PARTITION OF p {printed}")
    found = statement.create_stmt.partbound
    if wanted.is_default or found.is_default:
        return bool(wanted.is_default == found.is_default)
    if wanted.strategy != found.strategy:
        return False
    if wanted.strategy == "h":
        return (wanted.modulus, wanted.remainder) == (found.modulus, found.remainder)
    pairs: list[tuple[Any, Any]] = []
    for field in ("listdatums", "lowerdatums", "upperdatums"):
        mine, theirs = getattr(wanted, field), getattr(found, field)
        if len(mine) != len(theirs):
            return False
        pairs += zip(mine, theirs, strict=True)
    results = [_same_datum(planner, a, b) for a, b in pairs]
    if False in results:
        return False
    return None if None in results else True


def _same_datum(planner: Planner, a: Any, b: Any) -> bool | None:
    mine, theirs = _datum(a), _datum(b)
    if mine == theirs:
        return True
    # the server prints constants of the key's type as text: 'x'::text for a bare 'x', '10' for 10
    bare = [value.partition("::")[0].strip("'()") for value in (mine, theirs)]
    if bare[0] == bare[1]:
        return True
    for kind in ("timestamptz", "timestamp", "date", "numeric"):
        if planner.canon.expression(theirs, {}, cast=kind) is not None:
            return planner.canon.same(mine, theirs, {}, cast=kind)
    return False
