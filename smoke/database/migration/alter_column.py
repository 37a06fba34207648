"""Claims of the subcommands of ALTER TABLE that speak of one column."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from smoke.database.catalogue.records import RelationColumn
from smoke.database.migration import columns as col
from smoke.database.migration.constraints import claim_constraint
from smoke.database.migration.planner import Planner, called
from smoke.database.migration.tree import enum_name, inner, options, scalar
from smoke.database.migration.world import Finding, Thing
from smoke.sql import identifier

Command = Callable[[Planner, Thing, Any], None]


def definition_of(command: Any) -> Any:
    """What the subcommand defines."""
    return inner(getattr(command, "def"))[1]


def _column(planner: Planner, table: Thing, command: Any) -> Thing:
    if not command.name and command.num:  # ALTER INDEX … ALTER COLUMN 2
        relation = planner.here(table)
        names = list(planner.catalog.columns(relation)) if relation else []
        if command.num <= len(names):
            return planner.part("column", names[command.num - 1], table)
    return planner.part("column", command.name, table)


def _add_column(planner: Planner, table: Thing, command: Any) -> None:
    definition = definition_of(command)
    col.claim_column(planner, table, definition)
    for constraint in col.take_apart(definition).constraints:
        claim_constraint(planner, table, constraint, definition.colname)


def _drop_column(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    planner.world.drop(column, col.gone(planner, column))


def _default(planner: Planner, table: Thing, command: Any) -> None:
    expression = getattr(command, "def") if command.HasField("def") else None
    relation = planner.here(table)
    if relation is not None and relation.kind in "vm" and expression is None:
        return
    col.claim_default(planner, _column(planner, table, command), expression)


def _not_null(planner: Planner, table: Thing, command: Any) -> None:
    wanted = enum_name(command, "subtype") == "AT_SetNotNull"
    col.claim_not_null(planner, _column(planner, table, command), wanted=wanted, said=True)


def _type(planner: Planner, table: Thing, command: Any) -> None:
    column, definition = _column(planner, table, command), definition_of(command)
    col.claim_type(planner, column, definition.type_name)
    col.claim_collation(planner, column, definition)


def _identity(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    match enum_name(command, "subtype"):
        case "AT_AddIdentity":
            definition = definition_of(command)
            col.claim_identity(planner, column, definition.generated_when)
            col.claim_own_sequence(planner, column, definition.options)
        case "AT_DropIdentity":
            col.claim_identity(planner, column, "")
        case _:
            items = getattr(command, "def").list.items
            kind = scalar(options(items).get("generated"))
            if kind is not None:
                col.claim_identity(planner, column, chr(int(kind)) if kind.isdigit() else kind)
            said = [item for item in items if item.def_elem.defname != "generated"]
            col.claim_own_sequence(planner, column, said)


def _expression(planner: Planner, table: Thing, command: Any) -> None:
    expression = getattr(command, "def") if command.HasField("def") else None
    column = _column(planner, table, command)
    if expression is None:
        col.claim_generated(planner, column, None, virtual=False)
        return

    def judge() -> Finding:
        found = col.find_column(planner, column)
        if isinstance(found, Finding):
            return found
        from smoke.database.migration.tree import expression_sql

        same = bool(found.generated) and planner.canon.same(
            expression_sql(expression),
            found.default or "",
            col.sources(planner, table),
            cast=found.type,
        )
        return Finding(same, f"column {called(column)} is generated as {found.default}")

    planner.world.claim(column, "generated", judge)


_STORAGE = {"plain": "p", "external": "e", "extended": "x", "main": "m"}
_STORED = {letter: word.upper() for word, letter in _STORAGE.items()}


def _storage(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    wanted = (scalar(getattr(command, "def")) or "").lower()
    planner.world.claim(
        column,
        "storage",
        col.looked_up(
            planner,
            column,
            lambda c: Finding(
                c.storage == (c.usual_storage if wanted == "default" else _STORAGE.get(wanted)),
                f"column {called(column)} has storage {_STORED.get(c.storage, c.storage)}",
            ),
        ),
    )


_COMPRESSION = {"pglz": "p", "lz4": "l", "default": ""}


def _compression(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    wanted = (scalar(getattr(command, "def")) or "").lower()
    planner.world.claim(
        column,
        "compression",
        col.looked_up(
            planner,
            column,
            lambda c: Finding(
                c.compression == _COMPRESSION.get(wanted),
                f"column {called(column)} has compression {c.compression or 'default'}",
            ),
        ),
    )


def _statistics(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    given = scalar(getattr(command, "def")) if command.HasField("def") else "-1"
    planner.world.claim(
        column,
        "statistics",
        col.looked_up(
            planner,
            column,
            lambda c: Finding(
                str(c.statistics) == given,
                f"column {called(column)} has "
                + (
                    f"statistics target {c.statistics}"
                    if str(c.statistics) not in ("-1", "None")
                    else "the usual statistics target"
                ),
            ),
        ),
    )


def _column_options(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    resets = enum_name(command, "subtype") == "AT_ResetOptions"
    for name, value in options(getattr(command, "def").list.items).items():
        wanted = None if resets else scalar(value)
        planner.world.claim(
            column,
            f"option {name}",
            col.looked_up(
                planner,
                column,
                partial(_option_found, name=name, wanted=wanted),
            ),
        )


def _option_found(column: RelationColumn, *, name: str, wanted: str | None) -> Finding:
    found = column.options.get(name)
    return Finding(
        found == wanted, f"column {identifier(column.name)} has {name} {found or 'not set'}"
    )


COLUMN_RULES: dict[str, Command] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": _drop_column,
    "AT_ColumnDefault": _default,
    "AT_SetNotNull": _not_null,
    "AT_DropNotNull": _not_null,
    "AT_AlterColumnType": _type,
    "AT_AddIdentity": _identity,
    "AT_SetIdentity": _identity,
    "AT_DropIdentity": _identity,
    "AT_SetExpression": _expression,
    "AT_DropExpression": _expression,
    "AT_SetStorage": _storage,
    "AT_SetCompression": _compression,
    "AT_SetStatistics": _statistics,
    "AT_SetOptions": _column_options,
    "AT_ResetOptions": _column_options,
}
