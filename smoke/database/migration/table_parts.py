"""Claims on what hangs at a table: triggers, policies, rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smoke.database.catalogue.records import POLICIES, ROUTINE_NAMES, RULES, TRIGGERS, Relation
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.columns import in_table, sources
from smoke.database.migration.functions import function_thing
from smoke.database.migration.plain_tree import plain
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.rights import WHO_RAN, role_name
from smoke.database.migration.sight import OfRelation, Sight, called
from smoke.database.migration.tree import (
    columns_in,
    expression_sql,
    name_of,
    parse_expression,
    parse_one,
    range_name,
    renamed,
    strings,
)


def create_trigger(planner: Planner, node: Any) -> Planned:
    """CREATE TRIGGER: there with that definition, and not disabled."""
    table = planner.relation(range_name(node.relation))
    world = planner.world
    trigger = world.make("trigger", node.trigname, parent=table)
    calls = function_thing(planner, name_of(node.funcname), [])
    world.need(trigger, [calls])
    made = TriggerThere(node, calls, world.statement, planner.expression_path)
    world.made_there(trigger, made)
    world.claim(trigger, Facet.ENABLED, TriggerFires(made))
    return None


class OfTrigger(OfRelation, frozen=True):
    """What a trigger should be."""

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        known = sight.catalog.rows(TRIGGERS, relation.schema, relation.name)
        row = next((row for row in known if row[0] == thing.name), None)
        if row is None:
            return _none(thing)
        return self._is(sight, thing, row)

    def _is(self, sight: Sight, thing: Thing, row: Sequence[Any]) -> Finding:
        raise NotImplementedError


def _none(thing: Thing) -> Finding:
    assert thing.parent is not None
    return Finding(False, f"there is no {thing.kind} {called(thing)} on {called(thing.parent)}")


class TriggerThere(OfTrigger, frozen=True):
    """There is the trigger that CREATE TRIGGER (a tree) makes, and it calls that function."""

    node: Any
    calls: Thing
    statement: int
    path: tuple[str, ...]

    def _is(self, sight: Sight, thing: Thing, row: Sequence[Any]) -> Finding:
        table, definition = thing.parent, row[2]
        assert table is not None
        other = parse_one(definition).create_trig_stmt
        names = sight.world.renamed_since(table, self.statement)
        same = self._calls(sight, (row[3], row[4])) and _same_trigger(self.node, other, names)
        when = self._same_when(sight, other, table, names) if same else False
        words = f"trigger {called(thing)} is there"
        if when is None:
            return Finding(None, f"{words}; its WHEN cannot be compared: {definition}")
        return Finding(when, f"{words}{'' if when else ' with another definition'}: {definition}")

    def _calls(self, sight: Sight, there: tuple[str, str]) -> bool:
        """Whether it calls the function that it should, also under a name that this has got since."""
        calls, wanted = self.calls, strings(self.node.funcname)
        if calls.former:
            return there in [(calls.schema, calls.name), *calls.former]
        known = {schema for schema, _ in sight.catalog.rows(ROUTINE_NAMES, wanted[-1])}
        path = ("pg_catalog", *(self.path or sight.catalog.path))
        home = wanted[0] if len(wanted) > 1 else next((s for s in path if s in known), "")
        return there == (home, wanted[-1])

    def _same_when(
        self, sight: Sight, other: Any, table: Thing, names: dict[str, str]
    ) -> bool | None:
        both = [n.HasField("when_clause") for n in (self.node, other)]
        if not all(both):
            return not any(both)
        columns = next(iter(sources(sight, table).values()), {})
        return sight.canon.same(
            expression_sql(renamed(self.node.when_clause, names)),
            expression_sql(other.when_clause),
            {"old": columns, "new": columns},
            path=self.path,
        )


def _same_trigger(node: Any, other: Any, names: dict[str, str]) -> bool:
    """Whether two triggers are the same but for what they call and when."""
    mine = sorted(names.get(column, column) for column in strings(node.columns))
    return mine == sorted(strings(other.columns)) and _shape(node) == _shape(other)


def _shape(node: Any) -> tuple[Any, ...]:
    deferral = node.isconstraint, node.deferrable, node.initdeferred
    tables = sorted(str(plain(t)) for t in node.transition_rels)
    return strings(node.args), node.row, node.timing, node.events, deferral, tables


class TriggerFires(OfTrigger, frozen=True):
    """The trigger that was made is not disabled."""

    made: TriggerThere

    def _is(self, sight: Sight, thing: Thing, row: Sequence[Any]) -> Finding:
        found = self.made.judge(sight, thing)
        if not found.holds:
            return found
        words = "is disabled" if row[1] == "D" else "is enabled"
        return Finding(row[1] != "D", f"trigger {called(thing)} {words}")


def create_policy(planner: Planner, node: Any) -> Planned:
    """CREATE POLICY."""
    table = planner.relation(range_name(node.table))
    world = planner.world
    policy = world.make("policy", node.policy_name, parent=table)
    said = (*columns_in(node.qual), *columns_in(node.with_check))
    world.need(policy, [planner.part("column", name, table) for name in dict.fromkeys(said)])
    world.made_there(policy, _policy(planner, node, whole=True))
    return None


def alter_policy(planner: Planner, node: Any) -> Planned:
    """ALTER POLICY: what it names is as it says."""
    table = planner.relation(range_name(node.table))
    policy = planner.part("policy", node.policy_name, table)
    planner.world.claim(policy, Facet.DEFINITION, _policy(planner, node, whole=False))
    return None


def _policy(planner: Planner, node: Any, *, whole: bool) -> Policy:
    roles = tuple(role_name(n.role_spec) for n in node.roles)
    return Policy(node, roles, planner.world.statement, planner.expression_path, whole)


_COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}


class Policy(OfRelation, frozen=True):
    """A policy is as CREATE (`whole`) or ALTER POLICY (a tree) makes it."""

    node: Any
    roles: tuple[str, ...]
    statement: int
    path: tuple[str, ...]
    whole: bool

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        row = sight.catalog.one(POLICIES, relation.schema, relation.name, thing.name)
        if row is None:
            return _none(thing)
        found = {"USING": row[3], "WITH CHECK": row[4]}
        same = {word: self._same(sight, thing, word, sql) for word, sql in found.items()}
        differs = self._head(row)
        differs += [f"{word} ({found[word]})" for word in found if same[word] is False]
        words = f"policy {called(thing)} is there"
        if differs:
            return Finding(False, f"{words} with another {', '.join(differs)}")
        if None in same.values():
            printed = row[3] or row[4]
            return Finding(None, f"{words}; its expression cannot be compared: {printed}")
        assert thing.parent is not None
        return Finding(True, f"{words} on {called(thing.parent)}")

    def _head(self, row: Sequence[Any]) -> list[str]:
        node, differs = self.node, []
        if self.whole and (node.cmd_name or "all") != _COMMANDS.get(row[1]):
            differs.append(f"command ({_COMMANDS.get(row[1])})")
        if self.whole and node.permissive != row[2]:
            differs.append("permissive" if row[2] else "restrictive")
        said = WHO_RAN not in self.roles and (self.whole or self.roles)
        if said and sorted(row[5]) != sorted(self.roles or [""]):
            differs.append(f"roles ({', '.join(name or 'public' for name in row[5])})")
        return differs

    def _same(self, sight: Sight, thing: Thing, word: str, found: str | None) -> bool | None:
        field, table = {"USING": "qual", "WITH CHECK": "with_check"}[word], thing.parent
        assert table is not None
        if not self.node.HasField(field):
            return not self.whole or found is None
        if found is None:
            return False
        here = in_table(sight, table, self.statement, self.path)
        return here.same(getattr(self.node, field), parse_expression(found))


def create_rule(planner: Planner, node: Any) -> Planned:
    """CREATE RULE: by its name; its actions are compared as text."""
    table = planner.relation(range_name(node.relation))
    rule = planner.world.make("rule", node.rulename, parent=table)
    planner.world.made_there(rule, RuleThere(node))
    return None


class RuleThere(OfRelation, frozen=True):
    """There is the rule that CREATE RULE (a tree) makes."""

    node: Any

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        row = sight.catalog.one(RULES, relation.schema, relation.name, thing.name)
        if row is None:
            return _none(thing)
        words = f"rule {called(thing)} is there"
        heads, bodies = zip(*map(_rule, (self.node, parse_one(row[2]).rule_stmt)), strict=True)
        if heads[0] != heads[1]:
            return Finding(False, f"{words} with another definition: {row[2]}")
        if bodies[0] == bodies[1]:
            return Finding(True, words)
        return Finding(None, f"{words}, but cannot be compared: {row[2]}")


def _rule(node: Any) -> tuple[object, object]:
    """What of a rule is compared surely, and what only as it is written."""
    has = node.HasField("where_clause")
    where = plain(node.where_clause) if has else None
    head = node.event, node.instead, len(node.actions), has
    return head, [where, *(plain(action) for action in node.actions)]
