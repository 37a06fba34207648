"""Claims on publications: which tables and schemas they publish, and what of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Thing, Told
from smoke.database.migration.columns import sources
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import claim_there
from smoke.database.migration.sight import called
from smoke.database.migration.tree import (
    enum_name,
    expression_sql,
    options,
    parse_expression,
    range_name,
    scalar,
    strings,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A row of pg_publication."""

    oid: int
    all_tables: bool
    publish: frozenset[str]
    via_root: bool
    generated: str


def _publication(planner: Planner, name: str) -> Publication | None:
    row = planner.catalog.one(_PUBLICATIONS, name)
    return None if row is None else Publication(row[0], row[1], frozenset(row[2]), *row[3:])


_PUBLICATIONS = ObjectKind(
    "SELECT pubname, oid::int8, puballtables, ARRAY(SELECT k FROM unnest(ARRAY['insert','update','delete','truncate'],"
    " ARRAY[pubinsert, pubupdate, pubdelete, pubtruncate]) u(k, is_on) WHERE is_on), pubviaroot,"
    " coalesce(to_jsonb(p) ->> 'pubgencols', '') FROM pg_publication p"
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


def _tables(planner: Planner, found: Publication) -> list[tuple[Any, ...]]:
    """Schema, name, condition and columns of each table that is named in a publication."""
    kind = _TABLES if planner.catalog.version >= 150000 else _TABLES_BEFORE_15
    return planner.catalog.rows(kind, found.oid)


def _look(
    planner: Planner, thing: Thing, judge: Callable[[Publication], Finding]
) -> Callable[[], Finding]:
    def look() -> Finding:
        found = _publication(planner, thing.name)
        if found is None:
            return Finding(False, f"there is no publication {called(thing)} in this database")
        return judge(found)

    return look


def create_publication(planner: Planner, node: Any) -> Planned:
    """CREATE PUBLICATION: there, for these tables and no others, with these options."""
    thing = claim_there(planner, "PUBLICATION", node.pubname)
    wanted = bool(node.for_all_tables)
    planner.world.claim(
        thing,
        "all tables",
        _look(
            planner,
            thing,
            lambda p: Finding(
                p.all_tables == wanted,
                f"publication {called(thing)} is {'' if p.all_tables else 'not '}for all tables",
                weak=not wanted,
            ),
        ),
    )
    _claim_objects(planner, thing, node.pubobjects, wanted=True)
    _claim_options(planner, thing, {"publish": None, **options(node.options)})
    return None


def alter_publication(planner: Planner, node: Any) -> Planned:
    """ALTER PUBLICATION … ADD, SET, DROP, and its options."""
    thing = planner.world.get("publication", node.pubname)
    action = enum_name(node, "action")
    if node.for_all_tables:
        return Unjudged("smoke does not know how to look up this change of a publication")
    if action == "AP_SetObjects" and node.pubobjects:
        said = [c for part in thing.parts for c in part.claims if c.by is None]
        _claim_objects(planner, thing, node.pubobjects, wanted=True)
        for earlier in said:  # what is set takes the place of what was added
            earlier.by = earlier.by or planner.world.claims[-1]
    else:
        _claim_objects(planner, thing, node.pubobjects, wanted=action != "AP_DropObjects")
    if action == "AP_SetObjects" and node.pubobjects:
        _claim_no_others(planner, thing, node.pubobjects)
    _claim_options(planner, thing, options(node.options))
    return None


def _claim_objects(planner: Planner, thing: Thing, nodes: Any, *, wanted: bool) -> None:
    for item in nodes:
        spec = item.publication_obj_spec
        if spec.HasField("pubtable"):
            table = planner.relation(range_name(spec.pubtable.relation))
            judge = partial(_judge_table, planner, thing, table, spec.pubtable, wanted=wanted)
            part = planner.part("published", str(id(table)), thing)
            planner.world.need(part, [table])
            planner.world.claim(part, "published", _look(planner, thing, judge))
        else:
            schema = _schema(planner, spec)
            judge_schema = partial(_judge_schema, planner, thing, schema, wanted=wanted)
            planner.world.claim(thing, f"schema {schema}", _look(planner, thing, judge_schema))


def _schema(planner: Planner, spec: Any) -> str:
    return str(spec.name) or planner.home(None)


def _judge_table(
    planner: Planner, thing: Thing, table: Thing, node: Any, found: Publication, *, wanted: bool
) -> Finding:
    relation = planner.here(table)
    if relation is None:
        missing = planner.no_relation(table)
        return missing if wanted else Finding(True, missing.words)
    place = (relation.schema, relation.name)
    row = next((known[2:] for known in _tables(planner, found) if known[:2] == place), None)
    words = "publishes" if row else "does not publish"
    said = f"publication {called(thing)} {words} {called(table)}"
    if row is None or not wanted:
        return Finding((row is not None) == wanted, said)
    if sorted(strings(node.columns)) != list(row[1]):
        return Finding(False, f"{said} with other columns ({', '.join(row[1]) or 'all'})")
    has = node.HasField("where_clause")
    if has != (row[0] is not None):
        return Finding(False, f"{said} {'without its' if has else 'with a'} WHERE")
    if not has:
        return Finding(True, said)
    same = planner.canon.same(
        expression_sql(node.where_clause),
        expression_sql(parse_expression(row[0])),
        sources(planner, table),
    )
    return Finding(same, f"{said} where {row[0]}")


def _judge_schema(
    planner: Planner, thing: Thing, schema: str, found: Publication, *, wanted: bool
) -> Finding:
    there = (schema,) in planner.catalog.rows(_SCHEMAS, found.oid)
    words = "publishes" if there else "does not publish"
    return Finding(there == wanted, f"publication {called(thing)} {words} schema {schema}")


def _claim_no_others(planner: Planner, thing: Thing, nodes: Any) -> None:
    specs = [item.publication_obj_spec for item in nodes]
    tables = [
        planner.relation(range_name(s.pubtable.relation)) for s in specs if s.HasField("pubtable")
    ]
    schemas = {_schema(planner, s) for s in specs if not s.HasField("pubtable")}
    statement = planner.world.statement

    def judge(found: Publication) -> Finding:
        rows = [row[:2] for row in _tables(planner, found)]
        later = planner.world.altered_since(thing, statement)
        added = planner.world.spoken_of_since(thing, "published", statement)
        known = {(t.schema, t.name) for t in tables} | {
            (t.schema, t.name) for t in planner.world.things if str(id(t)) in added
        }
        other = [name for schema, name in rows if (schema, name) not in known]
        other += [
            schema
            for (schema,) in planner.catalog.rows(_SCHEMAS, found.oid)
            if schema not in schemas and f"schema {schema}" not in later
        ]
        if other:
            return Finding(False, f"publication {called(thing)} publishes {other[0]} as well")
        return Finding(True, f"publication {called(thing)} publishes no other table", weak=True)

    planner.world.claim(thing, "others", _look(planner, thing, judge))


def _claim_options(planner: Planner, thing: Thing, given: dict[str, Any]) -> None:
    for name, value in given.items():
        text = scalar(value)
        if name == "publish":
            said = "insert, update, delete, truncate" if text is None else text
            wanted = frozenset(part.strip().lower() for part in said.split(",") if part.strip())
            planner.world.claim(
                thing,
                "publish",
                _look(planner, thing, partial(_judge_publish, thing, wanted, weak=text is None)),
            )
        elif name == "publish_via_partition_root":
            on = text is None or text.lower() in ("true", "on", "1", "yes")
            planner.world.claim(
                thing, "via root", _look(planner, thing, partial(_judge_root, thing, on))
            )
        elif name == "publish_generated_columns":
            judge = partial(_judge_generated, thing, (text or "stored").lower())
            planner.world.claim(thing, "generated columns", _look(planner, thing, judge))
        else:
            words = f"smoke does not look up {name} of a publication"
            planner.world.claim(thing, Facet.UNSEEN, Told(words), name)


def _judge_publish(
    thing: Thing, wanted: frozenset[str], found: Publication, *, weak: bool
) -> Finding:
    return Finding(
        found.publish == wanted,
        f"publication {called(thing)} publishes {', '.join(sorted(found.publish))}",
        weak=weak,
    )


def _judge_root(thing: Thing, wanted: bool, found: Publication) -> Finding:
    words = "as" if found.via_root else "not as"
    return Finding(
        found.via_root == wanted,
        f"publication {called(thing)} publishes partitions {words} their root",
    )


def _judge_generated(thing: Thing, wanted: str, found: Publication) -> Finding:
    kept = {"n": "none", "s": "stored"}.get(found.generated, "none")
    return Finding(
        kept == wanted, f"publication {called(thing)} publishes generated columns: {kept}"
    )
