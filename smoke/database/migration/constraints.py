"""Claims on constraints, compared by their parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from smoke.database.catalogue.records import Constraint, Relation
from smoke.database.migration.chosen_names import chosen_name
from smoke.database.migration.claims import Facet, Finding, Shape, Thing, Wanted
from smoke.database.migration.column_rules import claim_not_null
from smoke.database.migration.columns import InTable, in_table
from smoke.database.migration.exclusions import same_exclusion
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import Sight, called
from smoke.database.migration.tree import (
    columns_in,
    enum_name,
    expression_sql,
    parse_one,
    range_name,
    strings,
)
from smoke.sql import identifier

CODES = {
    "CONSTR_PRIMARY": "p",
    "CONSTR_UNIQUE": "u",
    "CONSTR_FOREIGN": "f",
    "CONSTR_CHECK": "c",
    "CONSTR_EXCLUSION": "x",
    "CONSTR_NOTNULL": "n",
}
WORDS = {
    "p": "primary key",
    "u": "unique constraint",
    "f": "foreign key",
    "c": "check constraint",
    "x": "exclusion constraint",
    "n": "not-null constraint",
}

_PLAIN_KEY = re.compile(
    r"(?:PRIMARY KEY|UNIQUE) \([^()\"]*\)(?: DEFERRABLE(?: INITIALLY DEFERRED)?)?$"
)
"""A key without INCLUDE, NULLS NOT DISTINCT or WITHOUT OVERLAPS, as the server prints it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint as the script writes it; `column` is the one it is written at."""

    node: Any
    code: str
    columns: tuple[str, ...]
    target: Thing | None
    statement: int
    path: tuple[str, ...]
    thing: Thing


def claim_constraint(planner: Planner, table: Thing, node: Any, column: str = "") -> None:
    """The table has that constraint; without a name, any with that definition."""
    code = CODES.get(enum_name(node, "contype"), "")
    if not code:
        return
    columns = strings(node.fk_attrs if code == "f" else node.keys) or ((column,) if column else ())
    target = planner.relation(range_name(node.pktable)) if code == "f" else None
    world = planner.world
    if code == "n":
        kept = bool(node.conname) and planner.catalog.version >= 180000
        for name in columns:
            part = planner.part("column", name, table)
            claim_not_null(planner, part, wanted=True, weak=kept)
        if not kept:
            return  # there is nothing else to see of it
    if node.conname:
        thing = world.make("constraint", node.conname, parent=table)
    else:
        thing = world.new(
            "constraint", chosen_name(table, code, node, columns, column), parent=table
        )
        thing.shape = Shape.UNNAMED
    used = columns_in(node.raw_expr) if node.HasField("raw_expr") else columns
    needed = [world.get("column", name, parent=table) for name in used]
    if target is not None and target is not table:
        needed.append(target)
    world.need(thing, needed)
    if node.indexname:
        _takes_index(planner, table, thing, node)
    rule = Rule(node, code, columns, target, world.statement, planner.expression_path, thing)
    world.made(thing, world.claim(thing, Facet.THERE, ConstraintThere(rule)))
    if not node.skip_validation and code in "cfn":
        world.claim(thing, Facet.VALID, Validated(rule))


class ConstraintThere(Wanted, frozen=True):
    """A table has the constraint that a rule says; under its name, if it has one."""

    rule: Rule

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        assert thing.parent is not None
        return _judge(sight, thing, thing.parent, self.rule)


class Validated(Wanted, frozen=True):
    """A constraint was checked on all rows; `rule` says which one it is, None when VALIDATE names it."""

    rule: Rule | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        assert thing.parent is not None
        return _validated(sight, thing, thing.parent, self.rule)


class ConstraintGone(Wanted, frozen=True):
    """A table no longer has anything of that name that refuses rows."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        assert thing.parent is not None
        return _gone(sight, thing, thing.parent)


def _takes_index(planner: Planner, table: Thing, thing: Thing, node: Any) -> None:
    """ADD CONSTRAINT … USING INDEX: the index goes on under the constraint's name."""
    index = planner.world.find("relation", node.indexname, table.schema)
    if index is None:
        return
    planner.world.need(thing, index.needs)
    if node.conname and node.conname != node.indexname:
        planner.world.rename(index, node.conname)


def _all(sight: Sight, table: Thing) -> list[Constraint] | Finding:
    relation = sight.here(table)
    if relation is None:
        return sight.no_relation(table)
    return sight.catalog.constraints(relation)


def _judge(sight: Sight, thing: Thing, table: Thing, rule: Rule) -> Finding:
    known = _all(sight, table)
    if isinstance(known, Finding):
        return known
    if rule.node.indexname:
        return _judge_by_index(thing, rule, known)
    here = in_table(sight, table, rule.statement, rule.path)
    if rule.code == "n" and (thing.shape is Shape.UNNAMED or sight.catalog.version < 180000):
        return _judge_not_null(sight, table, here.now(rule.columns))
    if thing.shape is Shape.UNNAMED:
        unknown: list[Constraint] = []
        for con in _likely_first(thing, known):
            same = same_constraint(rule, con, here)
            if same:
                return Finding(
                    True, f"{WORDS[rule.code]} {identifier(con.name)} is there: {con.definition}"
                )
            unknown += [con] if same is None else []
        if unknown:
            return Finding(
                None, f"{identifier(unknown[0].name)} cannot be compared: {unknown[0].definition}"
            )
        return Finding(
            False,
            f"{called(table)} has no {WORDS[rule.code]} {_words(rule)}{_index_instead(sight, table, rule)}",
        )
    found = next((con for con in known if con.name == thing.name), None)
    if found is None:
        return Finding(False, _missing(thing, rule, known, here))
    same = same_constraint(rule, found, here)
    if same is None:
        return Finding(
            None, f"constraint {called(thing)} is there, but cannot be compared: {found.definition}"
        )
    words = "is there" if same else "is there with another definition"
    return Finding(
        same, f"constraint {called(thing)} on {called(table)} {words}: {found.definition}"
    )


def _likely_first(thing: Thing, known: list[Constraint]) -> list[Constraint]:
    """The constraints, that of the name which PostgreSQL chooses before the others."""
    return sorted(known, key=lambda con: con.name != thing.name)


def _missing(thing: Thing, rule: Rule, known: list[Constraint], here: InTable) -> str:
    sight, table = here.sight, here.table
    words = f"there is no constraint {called(thing)} on {called(table)}"
    like = [con.name for con in known if same_constraint(rule, con, here)]
    if like:
        return f"{words}; {identifier(like[0])} is the same under another name"
    index = sight.catalog.index(table.schema, thing.name)
    if index is not None:
        return f"{words}; a unique index of that name is there without one: {index.definition}"
    return words + _index_instead(sight, table, rule)


def _index_instead(sight: Sight, table: Thing, rule: Rule) -> str:
    relation = sight.here(table)
    if rule.code not in "pu" or relation is None:
        return ""
    wanted = f"({', '.join(identifier(column) for column in rule.columns)})"
    for index in sight.catalog.indexes(relation):
        if (
            not index.constraint
            and "UNIQUE" in index.definition
            and index.definition.endswith(wanted)
        ):
            return f"; unique index {identifier(index.name)} does the same without a constraint"
    return ""


def _words(rule: Rule) -> str:
    if rule.code == "c":
        return f"({expression_sql(rule.node.raw_expr)})"
    columns = f"({', '.join(identifier(column) for column in rule.columns)})"
    return f"{columns} to {called(rule.target)}" if rule.target is not None else columns


def _judge_by_index(thing: Thing, rule: Rule, known: list[Constraint]) -> Finding:
    name = thing.name if thing.shape is not Shape.UNNAMED else rule.node.indexname
    found = next((con for con in known if con.name == name), None)
    if found is None or found.code != rule.code:
        return Finding(False, f"there is no {WORDS[rule.code]} {identifier(name)}")
    same = _deferral(rule.node) == (found.deferrable, found.deferred)
    return Finding(same, f"{WORDS[rule.code]} {identifier(name)} is there: {found.definition}")


def _judge_not_null(sight: Sight, table: Thing, columns: list[str]) -> Finding:
    relation = sight.here(table)
    assert relation is not None
    known = sight.catalog.columns(relation)
    missing = [name for name in columns if name not in known or not known[name].not_null]
    if missing:
        return Finding(
            False, f"column {identifier(missing[0])} takes NULL: its NOT NULL is missing"
        )
    return Finding(True, f"column {', '.join(columns)} is NOT NULL")


def _validated(sight: Sight, thing: Thing, table: Thing, rule: Rule | None) -> Finding:
    known = _all(sight, table)
    if isinstance(known, Finding):
        return known
    if rule is not None and thing.shape is Shape.UNNAMED:
        here = in_table(sight, table, rule.statement, rule.path)
        likely = _likely_first(thing, known)
        found = next((con for con in likely if same_constraint(rule, con, here)), None)
    else:
        found = next((con for con in known if con.name == thing.name), None)
    if found is None:
        if rule is not None and rule.code == "n":
            return _judge(sight, thing, table, rule)
        return Finding(False, f"there is no constraint {called(thing)} on {called(table)}")
    if rule is not None:
        same = same_constraint(rule, found, in_table(sight, table, rule.statement, rule.path))
        if not same:
            words = "has another definition" if same is False else "cannot be compared"
            return Finding(same, f"constraint {identifier(found.name)} {words}")
    words = "is validated" if found.validated else "is NOT VALID: it was never checked on old rows"
    return Finding(found.validated, f"constraint {identifier(found.name)} {words}")


def claim_validated(planner: Planner, table: Thing, name: str) -> None:
    """VALIDATE CONSTRAINT."""
    thing = planner.world.get("constraint", name, parent=table)
    planner.world.claim(thing, Facet.VALID, Validated(None))


def drop_constraint(planner: Planner, table: Thing, name: str) -> None:
    """The table no longer has anything of that name that refuses rows."""
    thing = planner.world.get("constraint", name, parent=table)
    planner.world.drop(thing, ConstraintGone())


def _gone(sight: Sight, thing: Thing, table: Thing) -> Finding:
    relation = sight.here(table)
    if relation is None:
        return sight.no_relation(table)
    names = {thing.name, *(name for _, name in thing.former)}
    for con in sight.catalog.constraints(relation):
        again = sight.world.find("constraint", con.name, parent=table)
        if con.name in names and (again is None or sight.unlike(again) is not None):
            return Finding(
                False,
                f"constraint {identifier(con.name)} is still there on {called(table)}: {con.definition}",
            )
    index = sight.catalog.index(relation.schema, thing.name)
    also = ""
    if index is not None and index.table == (relation.schema, relation.name):
        also = (
            f"; but an index of that name is there, which refuses what it refuses until DROP INDEX: {index.definition}"
            if index.definition.startswith("CREATE UNIQUE")
            else f"; an index of that name is there: {index.definition}"
        )
    return Finding(True, f"there is no constraint {called(thing)} on {called(table)}{also}")


def _deferral(node: Any) -> tuple[bool, bool]:
    return bool(node.deferrable), bool(node.initdeferred)


def same_constraint(rule: Rule, found: Constraint, here: InTable) -> bool | None:
    """Whether a constraint of the script is the one that was found, whatever their names."""
    if rule.code != found.code:
        return False
    key = ("same constraint", id(rule.thing), rule.statement, found.name)
    return here.sight.once(key, lambda: _same(rule, found, here))


def _same(rule: Rule, found: Constraint, here: InTable) -> bool | None:
    node, columns = rule.node, here.now(rule.columns)
    if rule.code == "f" and len(rule.columns) != len(found.columns):
        return False
    altered = here.sight.world.altered_since(rule.thing, rule.statement)
    deferral = (found.deferrable, found.deferred)
    if rule.code != "n" and (Facet.DEFERRABLE, "") not in altered and _deferral(node) != deferral:
        return False
    if (
        rule.code in "cf"
        and (Facet.ENFORCED, "") not in altered
        and node.is_enforced != found.enforced
    ):
        return False
    if rule.code == "f":
        return _same_key(rule, found, here)
    if rule.code in "pun" and columns != list(found.columns):
        return False
    if rule.code == "n":
        return True
    plain = rule.code in "pu" and not (node.nulls_not_distinct or node.including)
    plain = plain and not getattr(node, "without_overlaps", False)
    if plain and _PLAIN_KEY.match(found.definition):
        return True
    other = _parsed(found.definition)
    if rule.code in "pu":
        return (
            bool(node.nulls_not_distinct == other.nulls_not_distinct)
            and here.now(strings(node.including)) == list(strings(other.including))
            and getattr(node, "without_overlaps", False)
            == getattr(other, "without_overlaps", False)
        )
    if rule.code == "c":
        if node.is_no_inherit != other.is_no_inherit:
            return False
        return here.same(node.raw_expr, other.raw_expr)
    return same_exclusion(node, other, here)


@lru_cache(maxsize=128)
def _parsed(definition: str) -> Any:
    """The tree of a constraint as the server prints it; many tables of a schema have the same ones."""
    statement = parse_one(f"ALTER TABLE t ADD CONSTRAINT c {definition}")
    return getattr(statement.alter_table_stmt.cmds[0].alter_table_cmd, "def").constraint


def _same_key(rule: Rule, found: Constraint, here: InTable) -> bool:
    node, target, sight = rule.node, rule.target, here.sight
    assert target is not None
    if here.now(rule.columns) != list(found.columns):
        return False
    if found.target != (target.schema, target.name):
        return False
    theirs = sight.world.renamed_since(target, rule.statement)
    wanted = [theirs.get(c, c) for c in strings(node.pk_attrs)] or _primary(sight, target)
    if wanted != list(found.target_columns):
        return False
    actions = (node.fk_upd_action or "a", node.fk_del_action or "a", node.fk_matchtype or "s")
    if actions != (found.on_update, found.on_delete, found.match):
        return False
    kept = sorted(here.now(strings(node.fk_del_set_cols)))
    return kept == sorted(found.set_columns)


def _primary(sight: Sight, table: Thing) -> list[str]:
    relation: Relation | None = sight.here(table)
    if relation is None:
        return []
    keys = [con for con in sight.catalog.constraints(relation) if con.code == "p"]
    return list(keys[0].columns) if keys else []
