"""Claims on sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Shape, Thing
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import called
from smoke.database.migration.tree import inner, options, range_name, scalar, strings

_FIELDS = {
    "increment": "seqincrement",
    "minvalue": "seqmin",
    "maxvalue": "seqmax",
    "start": "seqstart",
    "cache": "seqcache",
    "cycle": "seqcycle",
    "as": "seqtypid",
}
_BOUNDS = ("minvalue", "maxvalue", "start")
_LARGEST = "CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END"
# what CREATE SEQUENCE takes when these three are not said
_USUAL = (
    f"CASE WHEN s.seqincrement > 0 THEN 1 ELSE -({_LARGEST}) - 1 END,"
    f" CASE WHEN s.seqincrement > 0 THEN {_LARGEST} ELSE -1 END,"
    " CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END"
)
_SEQUENCES = ObjectKind(
    f"SELECT n.nspname, c.relname, {_USUAL}, format_type(s.seqtypid, NULL), to_jsonb(s) FROM pg_sequence s"  # noqa: S608  (our own text)
    " JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where}",
    key=2,
    schema="n.nspname",
    name="c.relname",
)
_OWNERS = ObjectKind(
    "SELECT n.nspname, c.relname, tn.nspname, t.relname, a.attname FROM pg_depend d"
    " JOIN pg_class c ON c.oid = d.objid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
    " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')"
    " AND d.refobjsubid > 0 AND c.relkind = 'S' AND {where}",
    key=2,
    schema="n.nspname",
    name="c.relname",
)
_TYPES = {"int2": "smallint", "int4": "integer", "int8": "bigint"}


def own_sequence(planner: Planner, column: Thing) -> None:
    """The sequence that the server makes for the column: it ends with it, and goes where its table goes."""
    table = column.parent
    assert table is not None
    name = f"{table.name}_{column.name}_seq"
    if planner.world.find("relation", name, table.schema) is None:
        sequence = planner.world.new("relation", name, schema=table.schema)
        sequence.shape = Shape.SEQUENCE
        planner.world.need(sequence, [table, column])


def create_sequence(planner: Planner, node: Any) -> Planned:
    """CREATE SEQUENCE: there, with the settings that are named."""
    if node.sequence.relpersistence == "t":
        return planner.temporary(node.sequence.relname)
    schema, name = range_name(node.sequence)
    thing = planner.world.make("relation", name, planner.home(schema))

    def there() -> Finding:
        relation = planner.here(thing)
        if relation is None or relation.kind != "S":
            return planner.no_relation(thing, "sequence")
        return Finding(True, f"sequence {called(thing)} is there")

    claim = planner.world.claim(thing, "there", there)
    planner.world.made(thing, claim)
    given = options(node.options)
    claim_settings(planner, lambda: (thing.schema, thing.name), thing, given)
    usual = {"increment": "1", "cache": "1", "cycle": "false", "as": "int8"}
    for option in (*usual, "minvalue", "maxvalue", "start"):
        if option not in given:
            _claim_setting(
                planner, lambda: (thing.schema, thing.name), thing, option, usual.get(option)
            )
    return None


def alter_sequence(planner: Planner, node: Any) -> Planned:
    """ALTER SEQUENCE."""
    thing = planner.relation(range_name(node.sequence))
    claim_settings(planner, lambda: (thing.schema, thing.name), thing, options(node.options))
    return None


def claim_settings(
    planner: Planner,
    where: Callable[[], tuple[str, str] | None],
    thing: Thing,
    given: dict[str, Any],
) -> None:
    """The sequence found by `where` has these settings."""
    for option, value in given.items():
        if option == "owned_by":
            _claim_owned(planner, where, thing, strings(inner(value)[1].items))
        elif option == "restart":
            planner.world.claim(
                thing,
                "restart",
                lambda: Finding(None, "where a sequence stood cannot be seen any more"),
            )
        elif option in _FIELDS:
            _claim_setting(
                planner, where, thing, option, scalar(value) if value is not None else None
            )


def _claim_setting(
    planner: Planner,
    where: Callable[[], tuple[str, str] | None],
    thing: Thing,
    option: str,
    wanted: str | None,
) -> None:
    def judge() -> Finding:
        name = where()
        row = name and planner.catalog.one(_SEQUENCES, *name)
        if not row:
            return Finding(False, f"there is no sequence {called(thing)} in this database")
        found = row[3] if option == "as" else str(row[4][_FIELDS[option]]).lower()
        said = wanted
        if said is None:  # not said, or NO MINVALUE and the like
            said = str(row[_BOUNDS.index(option)]) if option in _BOUNDS else found
        same = found == (_TYPES.get(said, said) if option == "as" else said)
        return Finding(
            same,
            f"sequence {called(thing)} has {option} {found}" + ("" if same else f", not {said}"),
        )

    planner.world.claim(thing, f"setting {option}", judge)


def _claim_owned(
    planner: Planner,
    where: Callable[[], tuple[str, str] | None],
    thing: Thing,
    names: tuple[str, ...],
) -> None:
    owner = (
        planner.relation((names[-3] if len(names) > 2 else None, names[-2]))
        if len(names) > 1
        else None
    )

    if thing.kind == "relation":  # a sequence ends with the column that it belongs to
        column = planner.part("column", names[-1], owner) if owner else None
        planner.world.need(thing, [owner, column] if owner and column else [])

    def judge() -> Finding:
        name = where()
        row = name and planner.catalog.one(_OWNERS, *name)
        found = tuple(row) if row else None
        if owner is None:
            return Finding(
                found is None, f"sequence {called(thing)} belongs to {found or 'no column'}"
            )
        wanted = (owner.schema, owner.name, names[-1])
        return Finding(
            found == wanted,
            f"sequence {called(thing)} belongs to " + (".".join(found) if found else "no column"),
        )

    planner.world.claim(thing, "owned by", judge)
