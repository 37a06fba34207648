"""The names that PostgreSQL chooses for constraints without one."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.claims import Thing
from smoke.database.migration.tree import columns_in


def chosen_name(table: Thing, code: str, node: Any, columns: tuple[str, ...], column: str) -> str:
    """The name that PostgreSQL makes when nothing else has it."""
    match code:
        case "p":
            return f"{table.name}_pkey"
        case "u":
            return "_".join([table.name, *columns, "key"])
        case "f":
            return "_".join([table.name, *columns, "fkey"])
        case "x":
            names = [e.list.items[0].index_elem.name or "expr" for e in node.exclusions]
            return "_".join([table.name, *names, "excl"])
        case "n":
            return "_".join([table.name, *columns, "not_null"])
        case _:
            used = [column] if column else columns_in(node.raw_expr)
            return "_".join([table.name, *(used if len(used) == 1 else []), "check"])
