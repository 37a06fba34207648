"""Claims of the subcommands of ALTER TABLE that speak of one column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.catalogue.records import RelationColumn
from smoke.database.migration import column_rules as rule
from smoke.database.migration import columns as col
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.constraints import claim_constraint
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import Sight, called
from smoke.database.migration.tree import enum_name, inner, options, scalar

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
    for constraint in rule.claim_column(planner, table, definition):
        claim_constraint(planner, table, constraint, definition.colname)


def _drop_column(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    planner.world.drop(column, col.ColumnGone())


def _default(planner: Planner, table: Thing, command: Any) -> None:
    expression = getattr(command, "def") if command.HasField("def") else None
    relation = planner.here(table)
    if relation is not None and relation.kind in "vm" and expression is None:
        return
    rule.claim_default(planner, _column(planner, table, command), expression)


def _not_null(planner: Planner, table: Thing, command: Any) -> None:
    wanted = enum_name(command, "subtype") == "AT_SetNotNull"
    rule.claim_not_null(planner, _column(planner, table, command), wanted=wanted, said=True)


def _type(planner: Planner, table: Thing, command: Any) -> None:
    column, definition = _column(planner, table, command), definition_of(command)
    rule.claim_type(planner, column, definition.type_name)
    rule.claim_collation(planner, column, definition)


def _identity(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    match enum_name(command, "subtype"):
        case "AT_AddIdentity":
            definition = definition_of(command)
            rule.claim_identity(planner, column, definition.generated_when)
            rule.claim_own_sequence(planner, column, definition.options)
        case "AT_DropIdentity":
            rule.claim_identity(planner, column, "")
        case _:
            items = getattr(command, "def").list.items
            kind = scalar(options(items).get("generated"))
            if kind is not None:
                rule.claim_identity(planner, column, chr(int(kind)) if kind.isdigit() else kind)
            said = [item for item in items if item.def_elem.defname != "generated"]
            rule.claim_own_sequence(planner, column, said)


def _expression(planner: Planner, table: Thing, command: Any) -> None:
    expression = getattr(command, "def") if command.HasField("def") else None
    column = _column(planner, table, command)
    if expression is None:
        rule.claim_generated(planner, column, None, virtual=False)
        return

    planner.world.claim(
        column, Facet.GENERATED, col.Generated(expression, None, planner.world.statement, ())
    )


_STORAGE = {"plain": "p", "external": "e", "extended": "x", "main": "m"}
_STORED = {letter: word.upper() for word, letter in _STORAGE.items()}
_COMPRESSION = {"pglz": "p", "lz4": "l", "default": ""}


class Storage(col.OfColumn, frozen=True):
    """How the column's values are stored: a letter of the catalogue, or the usual one of its type."""

    letter: str

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        same = has.storage == (has.usual_storage if self.letter == "default" else self.letter)
        words = f"column {called(column)} has storage {_STORED.get(has.storage, has.storage)}"
        return Finding(same, words)


class Compression(col.OfColumn, frozen=True):
    """How the column's values are compressed: a letter of the catalogue."""

    letter: str | None

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        words = f"column {called(column)} has compression {has.compression or 'default'}"
        return Finding(has.compression == self.letter, words)


class Target(col.OfColumn, frozen=True):
    """The column's statistics target."""

    number: str | None

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        usual = str(has.statistics) in ("-1", "None")
        words = "the usual statistics target" if usual else f"statistics target {has.statistics}"
        same = str(has.statistics) == self.number
        return Finding(same, f"column {called(column)} has {words}")


class ColumnOption(col.OfColumn, frozen=True):
    """An option of the column has that value; None: it is not set."""

    name: str
    value: str | None

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        found = has.options.get(self.name)
        words = f"column {called(column)} has {self.name} {found or 'not set'}"
        return Finding(found == self.value, words)


def _word(command: Any) -> str:
    return (scalar(getattr(command, "def")) or "").lower()


def _storage(planner: Planner, table: Thing, command: Any) -> None:
    word = _word(command)
    value = Storage(word if word == "default" else _STORAGE.get(word, ""))
    planner.world.claim(_column(planner, table, command), Facet.STORAGE, value)


def _compression(planner: Planner, table: Thing, command: Any) -> None:
    value = Compression(_COMPRESSION.get(_word(command)))
    planner.world.claim(_column(planner, table, command), Facet.COMPRESSION, value)


def _statistics(planner: Planner, table: Thing, command: Any) -> None:
    given = scalar(getattr(command, "def")) if command.HasField("def") else "-1"
    planner.world.claim(_column(planner, table, command), Facet.STATISTICS, Target(given))


def _column_options(planner: Planner, table: Thing, command: Any) -> None:
    column = _column(planner, table, command)
    resets = enum_name(command, "subtype") == "AT_ResetOptions"
    for name, value in options(getattr(command, "def").list.items).items():
        wanted = ColumnOption(name, None if resets else scalar(value))
        planner.world.claim(column, Facet.OPTION, wanted, name)


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
