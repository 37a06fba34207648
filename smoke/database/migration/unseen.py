"""Parts of a query that its plan does not show: two queries of one plan may differ in them.

`EXPLAIN VERBOSE` names no count of LIMIT, no row of VALUES, no frame of a window (before PostgreSQL 18), no key of
DISTINCT ON, and calls UNION and UNION ALL of a recursion the same. Before PostgreSQL 17 it does not say either what a
hashed subquery is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smoke.database.migration.plain_tree import plain
from smoke.database.migration.tree import enum_name, expression_sql


@dataclass(frozen=True, slots=True)
class Part:
    """One such part: its kind, its tree as plain values, and as SQL where it is one expression."""

    kind: str
    tree: Any
    sql: str = ""

    def differs(self, other: Part) -> bool | None:
        """Whether two parts mean different things; None where only the server could tell."""
        if self.kind != other.kind:
            return None
        if self.tree == other.tree:
            return False
        constants = [isinstance(p.tree, list) and p.tree[:1] == ["constant"] for p in (self, other)]
        cast = other.sql.rpartition("::")[2] if "::" in other.sql else ""
        plainly = cast in ("", "text", "varchar", "bigint", "int", "int8", "boolean", "bool")
        return True if constants == [True, True] and plainly else None


def unseen(query: Any, version: int) -> list[Part]:
    """Those parts of a query (tree), in its order."""
    found: list[Part] = []
    _collect(query, found, subqueries=version < 170000)
    return found


def same_unseen(wanted: Any, found: Any, version: int) -> bool | None:
    """Whether two queries of one plan (`found` as the server prints it) are the same in those parts too."""
    mine, theirs = unseen(wanted, version), unseen(found, version)
    if len(mine) != len(theirs):
        ties = [sum(part.kind == "ties" for part in parts) for parts in (mine, theirs)]
        return False if ties[0] != ties[1] else None
    results = [a.differs(b) for a, b in zip(mine, theirs, strict=True)]
    if True in results:
        return False
    return None if None in results else True


def _collect(message: Any, found: list[Part], *, subqueries: bool) -> None:
    if message.DESCRIPTOR.name == "SelectStmt":
        _of_select(message, found)
    elif message.DESCRIPTOR.name == "WindowDef":
        found.append(Part("window", plain(message)))
    elif message.DESCRIPTOR.name == "SubLink" and subqueries:
        found.append(Part("subquery", _unnamed(plain(message))))
    for field, value in message.ListFields():
        if field.message_type is not None:
            for item in value if field.is_repeated else [value]:
                _collect(item, found, subqueries=subqueries)


def _unnamed(tree: Any) -> Any:
    """A tree without the names of a subquery's columns, which the server adds and nothing reads."""
    if not isinstance(tree, list):
        return tree
    kept = tree
    if tree[:1] == ["ResTarget"]:
        kept = [item for item in tree if not (isinstance(item, list) and item[:1] == ["name"])]
    return [_unnamed(item) for item in kept]


def _of_select(select: Any, found: list[Part]) -> None:
    for name in ("limit_count", "limit_offset"):
        if select.HasField(name):
            node = getattr(select, name)
            found.append(Part(name, plain(node), expression_sql(node)))
    if enum_name(select, "limit_option") == "LIMIT_OPTION_WITH_TIES":
        found.append(Part("ties", None))
    for row in select.values_lists:
        found.extend(
            Part("value", plain(item), expression_sql(item))
            for item in row.list.items
            if not item.HasField("set_to_default")
        )
    if select.distinct_clause:
        found.append(Part("distinct", [plain(n) for n in select.distinct_clause]))
    if select.HasField("larg"):
        found.append(Part("union", [select.op, select.all]))
    found.extend(Part("lock", plain(node)) for node in select.locking_clause)
