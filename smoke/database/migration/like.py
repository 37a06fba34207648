"""Whether a table has what CREATE TABLE … LIKE takes from another one."""

from __future__ import annotations

from smoke.database.catalogue.records import Relation
from smoke.database.migration.claims import Finding, Thing, Wanted
from smoke.database.migration.sight import Sight, called

# the parser's flags (CreateTableLikeOption)
_CONSTRAINTS, _DEFAULTS, _GENERATED, _IDENTITY, _INDEXES = 4, 8, 16, 32, 64


class Like(Wanted, frozen=True):
    """The table has what CREATE TABLE … LIKE takes from another one; `options` are the parser's flags."""

    like: Thing
    options: int

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Columns and NOT NULL always, and what INCLUDING names; columns of which the script says more are left out."""
        relation, model = sight.here(thing), sight.here(self.like)
        if relation is None or model is None:
            return sight.no_relation(thing if relation is None else self.like)
        said = {part.name for part in (*thing.parts, *self.like.parts) if part.kind == "column"}
        lacks = _column(sight, relation, model, self.options, said)
        if not lacks and self.options & _CONSTRAINTS:
            lacks = _checks(sight, relation, model)
        if not lacks and self.options & _INDEXES:
            lacks = _indexes(sight, relation, model)
        if lacks:
            return Finding(False, f"{called(thing)} lacks {lacks}, which {called(self.like)} has")
        return Finding(True, f"{called(thing)} has the columns of {called(self.like)}")


def _column(sight: Sight, relation: Relation, model: Relation, options: int, said: set[str]) -> str:
    mine = sight.catalog.columns(relation)
    for name, wanted in sight.catalog.columns(model).items():
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


def _checks(sight: Sight, relation: Relation, model: Relation) -> str:
    known = {con.definition for con in sight.catalog.constraints(relation)}
    for con in sight.catalog.constraints(model):
        if con.code == "c" and con.definition not in known:
            return con.definition
    return ""


def _indexes(sight: Sight, relation: Relation, model: Relation) -> str:
    known = [_keys(index.definition) for index in sight.catalog.indexes(relation)]
    for index in sight.catalog.indexes(model):
        if _keys(index.definition) not in known:
            return f"an index like {index.name}"
        known.remove(_keys(index.definition))
    return ""


def _keys(definition: str) -> tuple[bool, str]:
    """Whether an index is unique, and all that comes after its table's name."""
    return definition.startswith("CREATE UNIQUE"), definition.partition(" USING ")[2]
