"""Claims on sequences."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Shape, Thing, Told, Wanted
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import Sight, called, no_object
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
    """CREATE SEQUENCE: there, with the settings that are named, and the usual ones else."""
    if node.sequence.relpersistence == "t":
        return planner.temporary(node.sequence.relname)
    schema, name = range_name(node.sequence)
    thing = planner.world.make("relation", name, planner.home(schema))
    planner.world.made_there(thing, SequenceThere())
    given = options(node.options)
    claim_settings(planner, thing, given)
    usual = {"increment": "1", "cache": "1", "cycle": "false", "as": "int8"}
    for option in (*usual, *_BOUNDS):
        if option not in given:
            value = SequenceSetting(option, usual.get(option))
            planner.world.claim(thing, Facet.SETTING, value, option)
    return None


class SequenceThere(Wanted, frozen=True):
    """There is a sequence of that name."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        relation = sight.here(thing)
        if relation is None or relation.kind != "S":
            return sight.no_relation(thing, "sequence")
        return Finding(True, f"sequence {called(thing)} is there")


def alter_sequence(planner: Planner, node: Any) -> Planned:
    """ALTER SEQUENCE."""
    claim_settings(planner, planner.relation(range_name(node.sequence)), options(node.options))
    return None


def claim_settings(planner: Planner, thing: Thing, given: dict[str, Any]) -> None:
    """A sequence, or that of a column, has these settings (trees)."""
    for option, value in given.items():
        if option == "owned_by":
            _claim_owned(planner, thing, strings(inner(value)[1].items))
        elif option == "restart":
            words = "where a sequence stood cannot be seen any more"
            planner.world.claim(thing, Facet.UNSEEN, Told(words), option)
        elif option in _FIELDS:
            setting = SequenceSetting(option, scalar(value) if value is not None else None)
            planner.world.claim(thing, Facet.SETTING, setting, option)


def _sequence(sight: Sight, thing: Thing) -> tuple[str, str] | None:
    """Schema and name of a sequence, of a column's own where the thing is one."""
    if thing.kind != "column":
        return thing.schema, thing.name
    found = sight.column(thing)
    if isinstance(found, Finding) or not found.sequence:
        return None
    from smoke.database.lookup import split_name

    schema, name = split_name(found.sequence)
    return schema or "", name


class SequenceSetting(Wanted, frozen=True):
    """A sequence has a setting; None: not said, or NO MINVALUE and the like."""

    name: str
    value: str | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        option, name = self.name, _sequence(sight, thing)
        row = name and sight.catalog.one(_SEQUENCES, *name)
        if not row:
            return no_object(thing, "sequence")
        found = row[3] if option == "as" else str(row[4][_FIELDS[option]]).lower()
        said = self.value
        if said is None:
            said = str(row[_BOUNDS.index(option)]) if option in _BOUNDS else found
        same = found == (_TYPES.get(said, said) if option == "as" else said)
        also = "" if same else f", not {said}"
        return Finding(same, f"sequence {called(thing)} has {option} {found}{also}")


def _claim_owned(planner: Planner, thing: Thing, names: tuple[str, ...]) -> None:
    column = None
    if len(names) > 1:
        owner = planner.relation((names[-3] if len(names) > 2 else None, names[-2]))
        column = planner.part("column", names[-1], owner)
    if thing.kind == "relation":  # a sequence ends with the column that it belongs to
        planner.world.need(thing, [column.parent, column] if column and column.parent else [])
    planner.world.claim(thing, Facet.OWNED_BY, OfItsColumn(column))


class OfItsColumn(Wanted, frozen=True):
    """A sequence belongs to that column, or to none."""

    column: Thing | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        name = _sequence(sight, thing)
        found = (name and sight.catalog.one(_OWNERS, *name)) or None
        column, table = self.column, self.column and self.column.parent
        wanted = (table.schema, table.name, column.name) if column and table else None
        said = ".".join(found) if found else "no column"
        return Finding(found == wanted, f"sequence {called(thing)} belongs to {said}")
