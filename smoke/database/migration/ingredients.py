"""What a query or expression is made of: relations, columns, functions, constants.

The planner folds constants, drops what cannot matter and puts SQL functions in line, so one plan may come of two
texts that are not the same. What both are made of tells such texts apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from smoke.database.migration.tree import constant, strings


@dataclass(slots=True)
class Ingredients:
    """Names by their last part; `star` says that a column list was left to the server."""

    relations: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    star: bool = False

    def same(self, other: Ingredients) -> bool:
        """Whether both are made of the same; columns count only where both name them."""
        columns = self.star or other.star or self.columns == other.columns
        return columns and (self.relations, self.functions, self.constants) == (
            other.relations,
            other.functions,
            other.constants,
        )


def ingredients(query: Any) -> Ingredients:
    """What a query (tree) is made of."""
    found = Ingredients()
    _collect(query, found)
    found.relations -= found.named
    return found


def _collect(message: Any, found: Ingredients) -> None:
    name = message.DESCRIPTOR.name
    if name == "RangeVar":
        found.relations.add(message.relname)
    elif name == "CommonTableExpr":
        found.named.add(message.ctename)
    elif name == "ColumnRef":
        last = message.fields[-1]
        if last.HasField("string"):
            found.columns.add(last.string.sval)
        else:
            found.star = True
    elif name == "FuncCall":
        found.functions.add(strings(message.funcname)[-1])
    elif name == "A_Const":
        found.constants.add(constant(message) or "NULL")
    for fld, value in message.ListFields():
        if fld.message_type is not None and fld.name != "type_name":
            for item in value if fld.is_repeated else [value]:
                _collect(item, found)
