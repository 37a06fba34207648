"""Whether a table has what CREATE TABLE … LIKE takes from another one."""

from __future__ import annotations

from smoke.database.catalogue.records import Relation
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import called

# the parser's flags (CreateTableLikeOption)
_CONSTRAINTS, _DEFAULTS, _GENERATED, _IDENTITY, _INDEXES = 4, 8, 16, 32, 64


def like_finding(planner: Planner, table: Thing, like: Thing, options: int) -> Finding:
    """Columns and NOT NULL always, and what INCLUDING names; columns of which the script says more are left out."""
    relation, model = planner.here(table), planner.here(like)
    if relation is None or model is None:
        return planner.no_relation(table if relation is None else like)
    said = {part.name for part in (*table.parts, *like.parts) if part.kind == "column"}
    lacks = _column(planner, relation, model, options, said)
    if not lacks and options & _CONSTRAINTS:
        lacks = _checks(planner, relation, model)
    if not lacks and options & _INDEXES:
        lacks = _indexes(planner, relation, model)
    if lacks:
        return Finding(False, f"{called(table)} lacks {lacks}, which {called(like)} has")
    return Finding(True, f"{called(table)} has the columns of {called(like)}")


def _column(
    planner: Planner, relation: Relation, model: Relation, options: int, said: set[str]
) -> str:
    mine = planner.catalog.columns(relation)
    for name, wanted in planner.catalog.columns(model).items():
        if name in said:
            continue
        found = mine.get(name)
        if found is None or found.type != wanted.type:
            return name
        if wanted.not_null and not found.not_null:
            return f"NOT NULL of {name}"
        if options & _IDENTITY and wanted.identity != found.identity:
            return f"the identity of {name}"
        if options & _GENERATED and wanted.generated != found.generated:
            return f"the generation of {name}"
        plain = not wanted.generated and not wanted.identity
        if options & _DEFAULTS and plain and wanted.default != found.default:
            return f"the default of {name}"
    return ""


def _checks(planner: Planner, relation: Relation, model: Relation) -> str:
    known = {con.definition for con in planner.catalog.constraints(relation)}
    for con in planner.catalog.constraints(model):
        if con.code == "c" and con.definition not in known:
            return con.definition
    return ""


def _indexes(planner: Planner, relation: Relation, model: Relation) -> str:
    known = [_keys(index.definition) for index in planner.catalog.indexes(relation)]
    for index in planner.catalog.indexes(model):
        if _keys(index.definition) not in known:
            return f"an index like {index.name}"
        known.remove(_keys(index.definition))
    return ""


def _keys(definition: str) -> tuple[bool, str]:
    """Whether an index is unique, and all that comes after its table's name."""
    return definition.startswith("CREATE UNIQUE"), definition.partition(" USING ")[2]
