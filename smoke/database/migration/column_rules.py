"""What a column's definition claims of it: there, type, NOT NULL, default, identity, generated, collation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from smoke.database.migration.claims import Facet, Thing, Wanted
from smoke.database.migration.columns import (
    NO_DEFAULT,
    NO_IDENTITY,
    TAKES_NULL,
    USUAL_COLLATION,
    Collation,
    ColumnThere,
    Default,
    FromSequence,
    Generated,
    Identity,
    NotNull,
    OfType,
)
from smoke.database.migration.planner import Planner
from smoke.database.migration.sequences import claim_settings, own_sequence
from smoke.database.migration.tree import enum_name, inner, options, strings
from smoke.database.migration.type_names import name_said

SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}


@dataclass
class Parts:
    """What a column definition says, taken apart."""

    not_null: bool = False
    default: Any = None
    generated: Any = None
    virtual: bool = False
    identity: str = ""
    settings: Any = ()
    serial: str = ""
    constraints: list[Any] = field(default_factory=list)


def take_apart(definition: Any) -> Parts:
    """The parts of a column definition; table constraints written at the column stay as they are."""
    wanted = Parts()
    names = strings(definition.type_name.names)
    if len(names) == 1 and names[0] in SERIALS:
        wanted.serial, wanted.not_null = SERIALS[names[0]], True
    for node in definition.constraints:
        constraint = node.constraint
        match enum_name(constraint, "contype"):
            case "CONSTR_NOTNULL":
                wanted.not_null = True
                if constraint.conname:
                    wanted.constraints.append(constraint)
            case "CONSTR_NULL":
                pass  # what a column is without a word
            case "CONSTR_DEFAULT":
                wanted.default = constraint.raw_expr
            case "CONSTR_GENERATED":
                wanted.generated = constraint.raw_expr
                wanted.virtual = constraint.generated_kind == "v"
            case "CONSTR_IDENTITY":
                wanted.identity, wanted.not_null = constraint.generated_when, True
                wanted.settings = constraint.options
            case "CONSTR_PRIMARY":
                wanted.not_null = True
                wanted.constraints.append(constraint)
            case kind if kind.startswith("CONSTR_ATTR_"):
                if wanted.constraints:
                    wanted.constraints[-1] = _with_attribute(wanted.constraints[-1], kind)
            case _:
                wanted.constraints.append(constraint)
    return wanted


def _with_attribute(constraint: Any, kind: str) -> Any:
    """The constraint with DEFERRABLE and the like, which the parser keeps beside it in a column definition."""
    copy = type(constraint)()
    copy.CopyFrom(constraint)
    match kind.removeprefix("CONSTR_ATTR_"):
        case "DEFERRABLE":
            copy.deferrable = True
        case "DEFERRED":
            copy.deferrable = copy.initdeferred = True
        case "NOT_ENFORCED":
            copy.is_enforced, copy.skip_validation = False, True
        case _:
            pass  # the others are what there is without them
    return copy


def claim_column(
    planner: Planner, table: Thing, definition: Any, *, merged: bool = False, keyed: bool = False
) -> list[Any]:
    """The claims of one column definition; its constraints (trees) are for the caller to claim.

    `merged`: the column may have more from a parent table; `keyed`: a key of the same statement makes it NOT NULL.
    """
    world = planner.world
    column = world.make("column", definition.colname, parent=table)
    world.made(column, world.claim(column, Facet.THERE, ColumnThere()))
    wanted = take_apart(definition)
    if wanted.serial or wanted.identity:
        own_sequence(planner, column)
    if definition.HasField("type_name"):
        claim_type(planner, column, definition.type_name, serial=wanted.serial)
    if wanted.not_null or not (merged or keyed):
        claim_not_null(planner, column, wanted=wanted.not_null)
    if wanted.serial:
        world.claim(column, Facet.DEFAULT, FromSequence())
    elif wanted.generated is not None:
        claim_generated(planner, column, wanted.generated, virtual=wanted.virtual)
    elif wanted.default is not None or not (merged or wanted.identity):
        claim_default(planner, column, wanted.default)
    if wanted.identity or not merged:
        claim_identity(planner, column, wanted.identity)
    if wanted.identity:
        claim_own_sequence(planner, column, wanted.settings)
    if definition.HasField("coll_clause") or not merged:
        claim_collation(planner, column, definition)
    return wanted.constraints


def claim_collation(planner: Planner, column: Thing, definition: Any) -> None:
    """The column has the collation that is named, else the usual one of its type."""
    said = definition.HasField("coll_clause")
    name = strings(definition.coll_clause.collname)[-1] if said else "default"
    planner.world.claim(column, Facet.COLLATION, Collation(name, said) if said else USUAL_COLLATION)


def claim_type(planner: Planner, column: Thing, type_name: Any, *, serial: str = "") -> None:
    """The column is of that type."""
    if serial:
        planner.world.claim(column, Facet.TYPE, OfType(None, (), serial))
        return
    planner.world.claim(column, Facet.TYPE, _of_type(planner, column, type_name))


def _of_type(planner: Planner, column: Thing, type_name: Any) -> Wanted:
    path = planner.expression_path
    name = name_said(type_name)
    if name is not None and (name, path) in planner.types:
        return planner.types[name, path]
    named = planner.type_named(type_name)
    value = OfType(named, path)
    if named.thing is not None:
        planner.world.need(column, [named.thing])
    elif name is not None:  # the server's own is the same all through the script
        planner.types[name, path] = value
    return value


def claim_not_null(
    planner: Planner, column: Thing, *, wanted: bool, said: bool = False, weak: bool = False
) -> None:
    """The column is NOT NULL, or takes NULL; a key or an identity of the whole script makes it NOT NULL too.

    `said`: a statement says that it takes NULL, and does not only leave NOT NULL out.
    """
    value = TAKES_NULL if not wanted and not said else NotNull(wanted, said, weak)
    planner.world.claim(column, Facet.NOT_NULL, value)


def claim_default(planner: Planner, column: Thing, expression: Any) -> None:
    """The column has that default, or none."""
    nothing = expression is None or _is_null(expression)
    value = NO_DEFAULT if nothing else Default(expression, planner.expression_path)
    planner.world.claim(column, Facet.DEFAULT, value)


def claim_identity(planner: Planner, column: Thing, kind: str) -> None:
    """The column is GENERATED ALWAYS (a) or BY DEFAULT (d) AS IDENTITY, or no identity (empty)."""
    planner.world.claim(column, Facet.IDENTITY, Identity(kind) if kind else NO_IDENTITY)


def claim_generated(planner: Planner, column: Thing, expression: Any, *, virtual: bool) -> None:
    """The column is generated from that expression; or not at all (None)."""
    statement, path = planner.world.statement, planner.expression_path
    value = Generated(expression, virtual, statement, path)
    planner.world.claim(column, Facet.GENERATED, value)


def claim_own_sequence(planner: Planner, column: Thing, settings: Any) -> None:
    """The sequence of an identity column has these settings (tree)."""
    given = {name: value for name, value in options(settings).items() if name != "sequence_name"}
    claim_settings(planner, column, given)


def _is_null(expression: Any) -> bool:
    kind, value = inner(expression)
    if kind == "type_cast":
        return _is_null(value.arg)
    return bool(kind == "a_const" and value.isnull)
