"""Claims on a table's columns: there, type, NOT NULL, default, identity, generated, collation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smoke.database.catalogue.records import RelationColumn
from smoke.database.migration.planner import Planner, called
from smoke.database.migration.sequences import claim_settings, own_sequence
from smoke.database.migration.tree import (
    enum_name,
    expression_sql,
    inner,
    options,
    renamed,
    strings,
)
from smoke.database.migration.world import Claim, Finding, Thing
from smoke.sql import identifier

SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}


@dataclass
class Wanted:
    """What a column definition says, taken apart."""

    not_null: bool = False
    default: Any = None
    generated: Any = None
    virtual: bool = False
    identity: str = ""
    settings: Any = ()
    serial: str = ""
    constraints: list[Any] = field(default_factory=list)


def take_apart(definition: Any) -> Wanted:
    """The parts of a column definition; table constraints written at the column stay as they are."""
    wanted = Wanted()
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
) -> None:
    """The claims of one column definition, but for its constraints.

    `merged`: the column may have more from a parent table; `keyed`: a key of the same statement makes it NOT NULL.
    """
    world = planner.world
    column = world.make("column", definition.colname, parent=table)
    there = world.claim(column, "there", lambda: _there(planner, column))
    world.made(column, there)
    wanted = take_apart(definition)
    if wanted.serial or wanted.identity:
        own_sequence(planner, column)
    if definition.HasField("type_name"):
        claim_type(planner, column, definition.type_name, serial=wanted.serial)
    if wanted.not_null or not (merged or keyed):
        claim_not_null(planner, column, wanted=wanted.not_null)
    if wanted.serial:
        world.claim(column, "default", lambda: _from_sequence(planner, column))
    elif wanted.generated is not None:
        claim_generated(planner, column, wanted.generated, virtual=wanted.virtual)
    elif wanted.default is not None or not (merged or wanted.identity):
        claim_default(planner, column, wanted.default)
    if wanted.identity or not merged:
        claim_identity(planner, column, wanted.identity)
        claim_own_sequence(planner, column, wanted.settings)
    if definition.HasField("coll_clause") or not merged:
        claim_collation(planner, column, definition)


def claim_collation(planner: Planner, column: Thing, definition: Any) -> Claim:
    """The column has the collation that is named, else the usual one of its type."""
    said = definition.HasField("coll_clause")
    wanted = strings(definition.coll_clause.collname)[-1] if said else "default"

    def judge(found: RelationColumn) -> Finding:
        return Finding(
            (found.collation or "default") == wanted,
            f"the collation of column {called(column)} is {found.collation or 'the usual one'}",
            weak=not said,
        )

    return planner.world.claim(column, "collation", looked_up(planner, column, judge))


def claim_own_sequence(planner: Planner, column: Thing, settings: Any) -> None:
    """The sequence of an identity column has these settings (tree)."""
    given = {name: value for name, value in options(settings).items() if name != "sequence_name"}
    if not given:
        return
    from smoke.database.lookup import split_name

    def own() -> tuple[str, str] | None:
        found = find_column(planner, column)
        if isinstance(found, Finding) or not found.sequence:
            return None
        schema, name = split_name(found.sequence)
        return schema or "", name

    claim_settings(planner, own, column, given)


def find_column(planner: Planner, column: Thing) -> RelationColumn | Finding:
    """The column under its last name, or what is missing in its place."""
    assert column.parent is not None
    relation = planner.here(column.parent)
    if relation is None:
        return planner.no_relation(column.parent)
    columns = planner.catalog.columns(relation)
    found = columns.get(column.name)
    before = planner.world.predecessor(column)
    if before is not None and before.alive and before.name not in columns:
        found = None  # the one that should have left still has the name
    if found is None:
        known = ", ".join(identifier(name) for name in list(columns)[:12])
        return Finding(
            False,
            f"{called(column.parent)} has no column {called(column)} (its columns: {known})",
        )
    return found


def looked_up(
    planner: Planner, column: Thing, judge: Callable[[RelationColumn], Finding]
) -> Callable[[], Finding]:
    """A judgement of the column, or what is missing in its place."""

    def look() -> Finding:
        found = find_column(planner, column)
        return found if isinstance(found, Finding) else judge(found)

    return look


def _there(planner: Planner, column: Thing) -> Finding:
    found = find_column(planner, column)
    if isinstance(found, Finding):
        return found
    weak = planner.world.replaces(column)
    return Finding(True, f"column {called(column)} is there", weak=weak)


def claim_type(planner: Planner, column: Thing, type_name: Any, *, serial: str = "") -> Claim:
    """The column is of that type."""
    path = planner.expression_path
    now = None if serial else planner.type_now(type_name)
    kind = None if serial else planner.type_thing(type_name)
    if kind is not None:
        planner.world.need(column, [kind])

    def judge(found: RelationColumn) -> Finding:
        if now is None:
            same = found.type == serial
            words = serial
        else:
            wanted = planner.type_id(now(), path)
            same = wanted == (found.type_oid, found.typmod)
            words = found.type if same else planner.type_words(now())
            if wanted is None:
                return Finding(
                    False,
                    f"type {words} is not known here; column {called(column)} is {found.type}",
                )
            if same and kind is not None and planner.world.replaces(kind):
                unlike = planner.world.unlike(kind)
                if unlike is not None:
                    return Finding(
                        False, f"column {called(column)} is of the old type {words}: {unlike.words}"
                    )
        return Finding(
            same,
            f"column {called(column)} is {found.type}" + ("" if same else f", not {words}"),
        )

    return planner.world.claim(column, "type", looked_up(planner, column, judge))


def claim_not_null(
    planner: Planner, column: Thing, *, wanted: bool, said: bool = False, weak: bool = False
) -> Claim:
    """The column is NOT NULL, or takes NULL; a key or an identity of the whole script makes it NOT NULL too.

    `said`: a statement says that it takes NULL, and does not only leave NOT NULL out.
    """

    def judge(found: RelationColumn) -> Finding:
        if wanted:
            words = "is NOT NULL" if found.not_null else "takes NULL: its NOT NULL is missing"
            if found.not_null and not found.checked:
                return Finding(
                    False, f"the NOT NULL of column {called(column)} is NOT VALID: never checked"
                )
            return Finding(found.not_null, f"column {called(column)} {words}", weak=weak)
        keyed = not said and not planner.world.replaces(column)
        if found.not_null and keyed and (found.identity or _in_primary_key(planner, column)):
            return Finding(True, f"column {called(column)} is NOT NULL by its key")
        words = "is NOT NULL here" if found.not_null else "takes NULL"
        return Finding(not found.not_null, f"column {called(column)} {words}", weak=True)

    return planner.world.claim(column, "not null", looked_up(planner, column, judge))


def _in_primary_key(planner: Planner, column: Thing) -> bool:
    assert column.parent is not None
    relation = planner.here(column.parent)
    return relation is not None and any(
        con.code == "p" and column.name in con.columns
        for con in planner.catalog.constraints(relation)
    )


def claim_default(planner: Planner, column: Thing, expression: Any) -> Claim:
    """The column has that default, or none."""
    path = planner.expression_path
    nothing = expression is None or _is_null(expression)

    def judge(found: RelationColumn) -> Finding:
        default = None if found.generated else found.default
        if nothing:
            gone = default is None or default.upper().startswith("NULL")
            return Finding(
                gone,
                f"column {called(column)} has "
                + ("no default" if gone else f"the default {default}"),
                weak=True,
            )
        if default is None:
            return Finding(
                False, f"column {called(column)} has no default, not {planner.sql(expression)}"
            )
        same: bool | None = not path and planner.canon.plainly(expression, default, found.type)
        wanted = "" if same else planner.sql(expression)
        if not same:
            same = planner.canon.same(wanted, default, {}, cast=found.type, path=path)
        return Finding(
            same,
            f"column {called(column)} has the default {default}"
            + ("" if same else f", not {wanted}"),
        )

    return planner.world.claim(column, "default", looked_up(planner, column, judge))


def _is_null(expression: Any) -> bool:
    kind, value = inner(expression)
    if kind == "type_cast":
        return _is_null(value.arg)
    return bool(kind == "a_const" and value.isnull)


def _from_sequence(planner: Planner, column: Thing) -> Finding:
    found = find_column(planner, column)
    if isinstance(found, Finding):
        return found
    counts = (found.default or "").startswith("nextval(") and bool(found.sequence)
    return Finding(
        counts,
        f"column {called(column)} has the default {found.default}"
        if counts
        else f"column {called(column)} has no sequence of its own"
        + (f" (default {found.default})" if found.default else ", and no default"),
    )


def claim_identity(planner: Planner, column: Thing, kind: str) -> Claim:
    """The column is GENERATED ALWAYS (a) or BY DEFAULT (d) AS IDENTITY, or no identity (empty)."""
    words = {
        "a": "GENERATED ALWAYS AS IDENTITY",
        "d": "GENERATED BY DEFAULT AS IDENTITY",
        "": "no identity",
    }
    return planner.world.claim(
        column,
        "identity",
        looked_up(
            planner,
            column,
            lambda c: Finding(
                c.identity == kind,
                f"column {called(column)} is {words.get(c.identity, c.identity)}"
                + ("" if c.identity == kind else f", not {words[kind]}"),
                weak=not kind,
            ),
        ),
    )


def claim_generated(planner: Planner, column: Thing, expression: Any, *, virtual: bool) -> Claim:
    """The column is generated from that expression; or not at all (None)."""
    statement, path = planner.world.statement, planner.expression_path

    def judge(found: RelationColumn) -> Finding:
        if expression is None:
            return Finding(
                not found.generated,
                f"column {called(column)} is "
                + (f"generated as {found.default}" if found.generated else "not generated"),
            )
        assert column.parent is not None
        names = planner.world.renamed_since(column.parent, statement)
        wanted = expression_sql(renamed(expression, names))
        if not found.generated:
            return Finding(False, f"column {called(column)} is not generated as {wanted}")
        if (found.generated == "v") != virtual:
            return Finding(False, f"column {called(column)} is generated, but not in that way")
        same = planner.canon.same(
            wanted, found.default or "", sources(planner, column.parent), cast=found.type, path=path
        )
        return Finding(same, f"column {called(column)} is generated as {found.default}")

    return planner.world.claim(column, "generated", looked_up(planner, column, judge))


def sources(planner: Planner, table: Thing) -> dict[str, dict[str, str]]:
    """The table's columns with their types, for expressions that speak of them."""
    relation = planner.here(table)
    if relation is None:
        return {}
    return {table.name: planner.catalog.column_types(relation)}


def gone(planner: Planner, column: Thing) -> Callable[[], Finding]:
    """The column is no longer there."""

    def look() -> Finding:
        assert column.parent is not None
        if planner.here(column.parent) is None:
            return planner.no_relation(column.parent)
        found = find_column(planner, column)
        if isinstance(found, Finding):
            relation = planner.here(column.parent)
            known = planner.catalog.columns(relation) if relation else {}
            for _, old in column.former:
                if old in known and not planner.world.find("column", old, parent=column.parent):
                    return Finding(False, f"column {old} is still there under its old name")
            for other in planner.world.successors(column):
                if (unlike := planner.world.unlike(other)) is not None:
                    words = f"column {called(other)} is still the old one: {unlike.words}"
                    return Finding(False, words)
            return Finding(True, f"{called(column.parent)} has no column {called(column)}")
        return Finding(False, f"column {called(column)} is still there ({found.type})")

    return look
