"""Claims on publications: which tables and schemas they publish, and what of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Facet, Finding, Thing, Told, Wanted
from smoke.database.migration.columns import in_table
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import claim_there
from smoke.database.migration.sight import OfRow, Sight, called, no_object
from smoke.database.migration.tree import (
    enum_name,
    options,
    parse_expression,
    range_name,
    scalar,
    strings,
)

_PUBLICATIONS = ObjectKind(
    "SELECT pubname, oid::int8, puballtables, ARRAY(SELECT k FROM unnest(ARRAY['insert','update','delete','truncate'],"
    " ARRAY[pubinsert, pubupdate, pubdelete, pubtruncate]) u(k, is_on) WHERE is_on), pubviaroot,"
    " CASE to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'stored' ELSE 'none' END FROM pg_publication p"
)
_TABLES_BEFORE_15 = ObjectKind(
    "SELECT r.prpubid::int8, n.nspname, c.relname, NULL, '{}'::text[] FROM pg_publication_rel r"
    " JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
)
_TABLES = ObjectKind(
    "SELECT r.prpubid::int8, n.nspname, c.relname, pg_get_expr(prqual, prrelid), ARRAY(SELECT a.attname::text FROM"
    " unnest(r.prattrs::int2[]) k(num) JOIN pg_attribute a ON a.attrelid = prrelid AND a.attnum = k.num ORDER BY 1)"
    " FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
)
_SCHEMAS = ObjectKind(
    "SELECT p.pnpubid::int8, n.nspname FROM pg_publication_namespace p JOIN pg_namespace n ON n.oid = p.pnnspid"
    " ORDER BY 2"
)


class Publication(NamedTuple):
    """A row of pg_publication."""

    oid: int
    all_tables: bool
    publish: frozenset[str]
    via_root: bool
    generated: str

    def tables(self, sight: Sight) -> list[tuple[Any, ...]]:
        """Schema, name, condition and columns of each table that is named."""
        kind = _TABLES if sight.catalog.version >= 150000 else _TABLES_BEFORE_15
        return sight.catalog.rows(kind, self.oid)

    def schemas(self, sight: Sight) -> list[str]:
        """The schemas that are named."""
        return [name for (name,) in sight.catalog.rows(_SCHEMAS, self.oid)]


def _publication(row: Row) -> Publication:
    return Publication(row[0], row[1], frozenset(row[2]), *row[3:])


class OfPublication(OfRow, frozen=True):
    """What a publication should be."""

    rows = _PUBLICATIONS

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        return self._of(sight, thing, _publication(row), f"publication {called(thing)}")

    def _of(self, sight: Sight, thing: Thing, found: Publication, name: str) -> Finding:
        raise NotImplementedError


def create_publication(planner: Planner, node: Any) -> Planned:
    """CREATE PUBLICATION: there, for these tables and no others, with these options."""
    thing = claim_there(planner, "publication", node.pubname)
    wanted = bool(node.for_all_tables)
    value = PublicationIs("all tables", wanted, said=wanted)
    planner.world.claim(thing, Facet.ALL_PUBLISHED, value)
    _claim_objects(planner, thing, node.pubobjects, wanted=True)
    _claim_options(planner, thing, {"publish": None, **options(node.options)})
    return None


def alter_publication(planner: Planner, node: Any) -> Planned:
    """ALTER PUBLICATION … ADD, SET, DROP, and its options."""
    world, thing = planner.world, planner.world.get("publication", node.pubname)
    action = enum_name(node, "action")
    if node.for_all_tables:
        return Unjudged("smoke does not know how to look up this change of a publication")
    said = [c for part in thing.parts for c in part.claims if c.by is None]
    _claim_objects(planner, thing, node.pubobjects, wanted=action != "AP_DropObjects")
    if action == "AP_SetObjects" and node.pubobjects:
        for earlier in said:  # what is set takes the place of what was added
            earlier.by = earlier.by or world.claims[-1]
        world.claim(thing, Facet.PUBLISHED, NoOthers(world.statement))
    _claim_options(planner, thing, options(node.options))
    return None


def _claim_objects(planner: Planner, thing: Thing, nodes: Any, *, wanted: bool) -> None:
    world = planner.world
    for item in nodes:
        spec = item.publication_obj_spec
        if spec.HasField("pubtable"):
            table = planner.relation(range_name(spec.pubtable.relation))
            part = planner.part("published", str(table.number), thing)
            world.need(part, [table])
            value = PublishesTable(
                table, spec.pubtable if wanted else None, world.statement, planner.expression_path
            )
            world.claim(part, Facet.PUBLISHED, value)
        else:
            schema = str(spec.name) or planner.home(None)
            world.claim(thing, Facet.PUBLISHED, PublishesSchema(schema, wanted), schema)


class PublishesTable(Wanted, frozen=True):
    """A publication has a table as a statement writes it (a tree), or (None) not."""

    table: Thing
    node: Any
    statement: int
    path: tuple[str, ...]

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        whole, table = thing.parent, self.table
        assert whole is not None
        known = sight.catalog.one(_PUBLICATIONS, whole.name)
        if known is None:
            return no_object(whole)
        relation = sight.here(table)
        if relation is None:
            missing = sight.no_relation(table)
            return missing if self.node is not None else Finding(True, missing.words)
        place = (relation.schema, relation.name)
        tables = _publication(known).tables(sight)
        row = next((other[2:] for other in tables if other[:2] == place), None)
        words = "publishes" if row else "does not publish"
        said = f"publication {called(whole)} {words} {called(table)}"
        if row is None or self.node is None:
            return Finding((row is not None) == (self.node is not None), said)
        return self._same(sight, row, said)

    def _same(self, sight: Sight, row: tuple[Any, ...], said: str) -> Finding:
        here = in_table(sight, self.table, self.statement, self.path)
        if sorted(here.now(strings(self.node.columns))) != list(row[1]):
            return Finding(False, f"{said} with other columns ({', '.join(row[1]) or 'all'})")
        has = self.node.HasField("where_clause")
        if has != (row[0] is not None):
            return Finding(False, f"{said} {'without its' if has else 'with a'} WHERE")
        if not has:
            return Finding(True, said)
        same = here.same(self.node.where_clause, parse_expression(row[0]))
        return Finding(same, f"{said} where {row[0]}")


class PublishesSchema(OfPublication, frozen=True):
    """A publication has all of a schema, or not."""

    schema: str
    wanted: bool

    def _of(self, sight: Sight, thing: Thing, found: Publication, name: str) -> Finding:
        del thing
        there = self.schema in found.schemas(sight)
        words = "publishes" if there else "does not publish"
        return Finding(there == self.wanted, f"{name} {words} schema {self.schema}")


class NoOthers(OfPublication, frozen=True):
    """A publication has nothing but what a statement and later ones speak of."""

    statement: int

    def _of(self, sight: Sight, thing: Thing, found: Publication, name: str) -> Finding:
        said = [
            claim
            for part in (thing, *thing.parts)
            for claim in part.claims
            if claim.facet is Facet.PUBLISHED and claim.statement >= self.statement
        ]
        values = [claim.wanted for claim in said]
        tables = [v.table for v in values if isinstance(v, PublishesTable)]
        known = {(table.schema, table.name) for table in tables}
        schemas = {v.schema for v in values if isinstance(v, PublishesSchema)}
        other = [row[1] for row in found.tables(sight) if row[:2] not in known]
        other += [schema for schema in found.schemas(sight) if schema not in schemas]
        if other:
            return Finding(False, f"{name} publishes {other[0]} as well")
        return Finding(True, f"{name} publishes no other table", weak=True)


def _claim_options(planner: Planner, thing: Thing, given: dict[str, Any]) -> None:
    for name, value in given.items():
        text = scalar(value)
        wanted: Wanted
        if name == "publish":
            said = "insert, update, delete, truncate" if text is None else text
            parts = frozenset(part.strip().lower() for part in said.split(",") if part.strip())
            wanted = PublicationIs(name, parts, text is not None)
        elif name == "publish_via_partition_root":
            on = text is None or text.lower() in ("true", "on", "1", "yes")
            wanted = PublicationIs(name, on)
        elif name == "publish_generated_columns":
            wanted = PublicationIs(name, (text or "stored").lower())
        else:
            wanted = Told(f"smoke does not look up {name} of a publication")
        planner.world.claim(thing, Facet.OPTION, wanted, name)


class PublicationIs(OfPublication, frozen=True):
    """An option of a publication has that value; `said` or only because nothing was."""

    option: str
    value: object
    said: bool = True

    def _of(self, sight: Sight, thing: Thing, found: Publication, name: str) -> Finding:
        del sight, thing
        value, words = {
            "all tables": (
                found.all_tables,
                f"is {'' if found.all_tables else 'not '}for all tables",
            ),
            "publish": (found.publish, f"publishes {', '.join(sorted(found.publish))}"),
            "publish_via_partition_root": (
                found.via_root,
                f"publishes partitions {'as' if found.via_root else 'not as'} their root",
            ),
            "publish_generated_columns": (
                found.generated,
                f"publishes generated columns: {found.generated}",
            ),
        }[self.option]
        return Finding(value == self.value, f"{name} {words}", weak=not self.said)
