"""Claims on types: enumerations and their values, composites, domains, ranges."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import COLUMNS, Constraint
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sight import called
from smoke.database.migration.tree import (
    enum_name,
    expression_sql,
    name_of,
    parse_one,
    range_name,
    strings,
)
from smoke.sql import identifier

_LABELS = ObjectKind(
    "SELECT n.nspname, t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
    " JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {where} ORDER BY e.enumsortorder",
    key=2,
    schema="n.nspname",
    name="t.typname",
)


def labels(planner: Planner, thing: Thing) -> list[str] | None:
    """The values of an enumeration in their order; None when there is no such enumeration."""
    row = planner.type_row(thing.schema, thing.name)
    if row is None or row[1] != "e":
        return None
    return [r[0] for r in planner.catalog.rows(_LABELS, thing.schema, thing.name)]


def no_type(planner: Planner, thing: Thing, what: str = "type") -> Finding:
    """What is said of a type that is not there."""
    del planner
    return Finding(False, f"there is no {what} {called(thing)} in this database")


def new_type(planner: Planner, nodes: Any) -> Thing:
    """The type that a CREATE TYPE makes."""
    schema, name = name_of(nodes)
    return planner.world.make("type", name, planner.home(schema))


def create_enum(planner: Planner, node: Any) -> Planned:
    """CREATE TYPE … AS ENUM: the type, and each value in this order."""
    thing = new_type(planner, node.type_name)
    world = planner.world

    def there() -> Finding:
        found = labels(planner, thing)
        if found is None:
            return no_type(planner, thing, "enumeration")
        said = {part.name for part in thing.parts}
        more = [label for label in found if label not in said]
        if more and world.replaces(thing):
            return Finding(
                False, f"{called(thing)} is the old one: it has the value '{more[0]}'", old=True
            )
        return Finding(True, f"enumeration {called(thing)} is there ({', '.join(found)})")

    claim = world.claim(thing, "there", there)
    world.made(thing, claim)
    before: Thing | None = None
    for label in strings(node.vals):
        value = world.make("value", label, parent=thing)
        _claim_value(planner, value, after=before)
        before = value
    return None


def _claim_value(
    planner: Planner, value: Thing, *, after: Thing | None = None, before: Thing | None = None
) -> None:
    enum = value.parent
    assert enum is not None

    def judge() -> Finding:
        found = labels(planner, enum)
        if found is None:
            return no_type(planner, enum, "enumeration")
        if value.name not in found:
            return Finding(
                False, f"{called(enum)} has no value '{value.name}' ({', '.join(found)})"
            )
        place = found.index(value.name)
        for other, right in ((after, 1), (before, -1)):
            if (
                other is not None
                and other.name in found
                and (place - found.index(other.name)) * right < 0
            ):
                return Finding(
                    False,
                    f"'{value.name}' stands elsewhere in {called(enum)} ({', '.join(found)})",
                    half=True,
                )
        return Finding(True, f"{called(enum)} has the value '{value.name}'")

    planner.world.claim(value, "there", judge)


def alter_enum(planner: Planner, node: Any) -> Planned:
    """ALTER TYPE … ADD VALUE, RENAME VALUE."""
    enum = planner.typed(name_of(node.type_name))
    world = planner.world
    if node.old_val:
        value = planner.part("value", node.old_val, enum)
        world.rename(value, node.new_val)
        old = node.old_val

        def renamed() -> Finding:
            found = labels(planner, enum)
            if found is None:
                return no_type(planner, enum, "enumeration")
            has = value.name in found
            kept = old in found and old != value.name
            kept = kept and not world.taken("value", old, "", enum, value)
            words = f"{called(enum)} has the values {', '.join(found)}"
            return Finding(has and not kept, words)

        world.claim(value, "name", renamed)
        return None
    neighbour = (
        planner.part("value", node.new_val_neighbor, enum) if node.new_val_neighbor else None
    )
    value = world.make("value", node.new_val, parent=enum)
    loose = node.skip_if_new_val_exists
    _claim_value(
        planner,
        value,
        after=neighbour if node.new_val_is_after and not loose else None,
        before=None if node.new_val_is_after or loose else neighbour,
    )
    return None


def create_composite(planner: Planner, node: Any) -> Planned:
    """CREATE TYPE … AS (…)."""
    schema, name = range_name(node.typevar)
    thing = planner.world.make("type", name, planner.home(schema))
    claim = planner.world.claim(thing, "there", lambda: _there(planner, thing, "c"))
    planner.world.made(thing, claim)
    for item in node.coldeflist:
        _claim_attribute(planner, thing, item.column_def)
    return None


def _there(planner: Planner, thing: Thing, code: str) -> Finding:
    row = planner.type_row(thing.schema, thing.name)
    if row is None or row[1] != code:
        return no_type(planner, thing)
    return Finding(True, f"type {called(thing)} is there")


def _attributes(planner: Planner, thing: Thing) -> dict[str, str] | None:
    row = planner.type_row(thing.schema, thing.name)
    if row is None or row[1] != "c":
        return None
    return {r[0]: r[1] for r in planner.catalog.rows(COLUMNS, thing.schema, thing.name)}


def _claim_attribute(planner: Planner, thing: Thing, definition: Any) -> None:
    attribute = planner.world.make("column", definition.colname, parent=thing)

    def judge() -> Finding:
        found = _attributes(planner, thing)
        if found is None:
            return no_type(planner, thing)
        kind = found.get(attribute.name)
        if kind is None:
            return Finding(False, f"type {called(thing)} has no attribute {called(attribute)}")
        wanted = planner.type_words(definition.type_name)
        return Finding(
            kind == wanted, f"attribute {called(attribute)} of {called(thing)} is {kind}"
        )

    planner.world.claim(attribute, "there", judge)


def alter_composite(planner: Planner, node: Any) -> Planned:
    """ALTER TYPE … ADD, DROP, ALTER ATTRIBUTE."""
    thing = planner.typed(range_name(node.relation))
    for item in node.cmds:
        command = item.alter_table_cmd
        match enum_name(command, "subtype"):
            case "AT_AddColumn":
                _claim_attribute(planner, thing, getattr(command, "def").column_def)
            case "AT_AlterColumnType":
                definition = type(getattr(command, "def").column_def)()
                definition.CopyFrom(getattr(command, "def").column_def)
                definition.colname = command.name
                _claim_attribute(planner, thing, definition)
            case "AT_DropColumn":
                attribute = planner.part("column", command.name, thing)

                def gone(attribute: Thing = attribute) -> Finding:
                    found = _attributes(planner, thing)
                    if found is None:
                        return no_type(planner, thing)
                    there = attribute.name in found
                    words = "still has" if there else "does not have"
                    return Finding(not there, f"type {called(thing)} {words} {called(attribute)}")

                planner.world.drop(attribute, gone)
            case other:
                return Unjudged(f"smoke does not know how to look up {other}")
    return None


def create_domain(planner: Planner, node: Any) -> Planned:
    """CREATE DOMAIN: base type, default, NOT NULL, checks."""
    thing = new_type(planner, node.domainname)
    world = planner.world

    def there() -> Finding:
        row = _domain(planner, thing)
        if row is None:
            return no_type(planner, thing, "domain")
        wanted = planner.type_words(node.type_name)
        return Finding(
            row[1] == wanted,
            f"domain {called(thing)} is {row[1]}" + ("" if row[1] == wanted else f", not {wanted}"),
        )

    claim = world.claim(thing, "there", there)
    world.made(thing, claim)
    not_null, default = False, None
    for item in node.constraints:
        constraint = item.constraint
        match enum_name(constraint, "contype"):
            case "CONSTR_NOTNULL":
                not_null = True
            case "CONSTR_DEFAULT":
                default = constraint.raw_expr
            case "CONSTR_CHECK":
                _claim_check(planner, thing, constraint)
            case _:
                pass
    _claim_domain(planner, thing, not_null=not_null, default=default)
    return None


def _domain(planner: Planner, thing: Thing) -> tuple[Any, ...] | None:
    return planner.catalog.one(_DOMAINS, thing.schema, thing.name)


_DOMAINS = ObjectKind(
    "SELECT n.nspname, t.typname, t.oid::int8, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault"
    " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {where}",
    key=2,
    schema="n.nspname",
    name="t.typname",
)


def _claim_domain(
    planner: Planner, thing: Thing, *, not_null: bool | None = None, default: Any = False
) -> None:
    """`default` False: not spoken of; None: there is none."""

    def judge_null() -> Finding:
        row = _domain(planner, thing)
        if row is None:
            return no_type(planner, thing, "domain")
        return Finding(
            row[2] == not_null,
            f"domain {called(thing)} {'is NOT NULL' if row[2] else 'takes NULL'}",
        )

    def judge_default() -> Finding:
        row = _domain(planner, thing)
        if row is None:
            return no_type(planner, thing, "domain")
        if default is None or row[3] is None:
            return Finding(
                default is None and row[3] is None,
                f"domain {called(thing)} has "
                + ("no default" if row[3] is None else f"the default {row[3]}"),
            )
        same = planner.canon.same(expression_sql(default), row[3], {}, cast=row[1])
        return Finding(same, f"domain {called(thing)} has the default {row[3]}")

    if not_null is not None:
        planner.world.claim(thing, "not null", judge_null)
    if default is not False:
        planner.world.claim(thing, "default", judge_default)


def _claim_check(planner: Planner, thing: Thing, constraint: Any) -> None:
    name = constraint.conname
    part = planner.world.make(
        "constraint", name or f"check {planner.world.statement}", parent=thing
    )

    def judge() -> Finding:
        row = _domain(planner, thing)
        if row is None:
            return no_type(planner, thing, "domain")
        known = planner.catalog.domain_constraints(row[0])
        for con in known:
            if (con.name == part.name or not name) and _same_check(
                planner, constraint, con, row[1]
            ):
                return Finding(True, f"domain {called(thing)} has {con.definition}")
        words = next((con.definition for con in known if con.name == part.name), "")
        return Finding(
            False,
            f"domain {called(thing)} has no such constraint {identifier(name) if name else ''}"
            + (f": it is {words}" if words else ""),
        )

    planner.world.claim(part, "there", judge)


def _same_check(planner: Planner, wanted: Any, found: Constraint, base: str) -> bool:
    if found.code != "c":
        return False
    other = getattr(
        parse_one(f"ALTER TABLE t ADD CONSTRAINT c {found.definition}")
        .alter_table_stmt.cmds[0]
        .alter_table_cmd,
        "def",
    ).constraint
    sources = {"domain": {"value": base}}
    mine = expression_sql(wanted.raw_expr)
    theirs = expression_sql(other.raw_expr)
    return bool(planner.canon.same(mine, theirs, sources))


def alter_domain(planner: Planner, node: Any) -> Planned:
    """ALTER DOMAIN."""
    thing = planner.typed(name_of(node.type_name))
    subtype = node.subtype if isinstance(node.subtype, str) else enum_name(node, "subtype")
    match subtype:
        case "T" | "AD_AlterDefault":
            _claim_domain(
                planner, thing, default=getattr(node, "def") if node.HasField("def") else None
            )
        case "O" | "AD_SetNotNull":
            _claim_domain(planner, thing, not_null=True)
        case "N" | "AD_DropNotNull":
            _claim_domain(planner, thing, not_null=False)
        case "C" | "AD_AddConstraint":
            constraint = getattr(node, "def").constraint
            if enum_name(constraint, "contype") == "CONSTR_NOTNULL":
                _claim_domain(planner, thing, not_null=True)
            else:
                _claim_check(planner, thing, constraint)
        case "X" | "AD_DropConstraint":
            part = planner.part("constraint", node.name, thing)

            def gone() -> Finding:
                row = _domain(planner, thing)
                if row is None:
                    return no_type(planner, thing, "domain")
                there = any(
                    con.name == part.name for con in planner.catalog.domain_constraints(row[0])
                )
                words = "still has" if there else "does not have"
                return Finding(
                    not there, f"domain {called(thing)} {words} constraint {called(part)}"
                )

            planner.world.drop(part, gone)
        case "V" | "AD_ValidateConstraint":
            part = planner.part("constraint", node.name, thing)

            def valid() -> Finding:
                row = _domain(planner, thing)
                known = planner.catalog.domain_constraints(row[0]) if row else ()
                holds = any(con.name == part.name and con.validated for con in known)
                return Finding(
                    holds, f"constraint {called(part)} is {'' if holds else 'not '}validated"
                )

            planner.world.claim(part, "valid", valid)
        case _:
            return Unjudged("smoke does not know how to look up this change of a domain")
    return None
