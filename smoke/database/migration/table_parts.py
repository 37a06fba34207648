"""Claims on what hangs at a table: triggers, policies, rules, extended statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smoke.database.catalogue.records import POLICIES, ROUTINE_NAMES, RULES, TRIGGERS
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.columns import sources
from smoke.database.migration.functions import function_thing
from smoke.database.migration.plain_tree import plain
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.rights import WHO_RAN, role_name
from smoke.database.migration.sight import called
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
    statement, path = world.statement, planner.expression_path

    def judge() -> Finding:
        return _judge_trigger(planner, node, trigger, table, calls, statement, path)

    claim = world.claim(trigger, "there", judge)
    world.made(trigger, claim)
    world.claim(
        trigger,
        "enabled",
        lambda: _enabled(planner, trigger, table, judge()),
    )
    return None


def _trigger(planner: Planner, trigger: Thing, table: Thing) -> tuple[Any, ...] | Finding:
    relation = planner.here(table)
    if relation is None:
        return planner.no_relation(table)
    known = planner.catalog.rows(TRIGGERS, relation.schema, relation.name)
    row = next((row for row in known if row[0] == trigger.name), None)
    return row or Finding(False, f"there is no trigger {called(trigger)} on {called(table)}")


def _enabled(planner: Planner, trigger: Thing, table: Thing, definition: Finding) -> Finding:
    if not definition.holds:
        return definition
    row = _trigger(planner, trigger, table)
    if isinstance(row, Finding):
        return row
    words = "is disabled" if row[1] == "D" else "is enabled"
    return Finding(row[1] != "D", f"trigger {called(trigger)} {words}")


def _judge_trigger(
    planner: Planner,
    node: Any,
    trigger: Thing,
    table: Thing,
    calls: Thing,
    statement: int,
    path: tuple[str, ...],
) -> Finding:
    row = _trigger(planner, trigger, table)
    if isinstance(row, Finding):
        return row
    definition, schema, function = row[2:5]
    other = parse_one(definition).create_trig_stmt
    names = planner.world.renamed_since(table, statement)
    same = (
        _calls(planner, strings(node.funcname), calls, (schema, function), path)
        and strings(node.args) == strings(other.args)
        and (node.row, node.timing, node.events) == (other.row, other.timing, other.events)
        and sorted(names.get(c, c) for c in strings(node.columns)) == sorted(strings(other.columns))
        and (node.isconstraint, node.deferrable, node.initdeferred)
        == (other.isconstraint, other.deferrable, other.initdeferred)
        and sorted(str(plain(t)) for t in node.transition_rels)
        == sorted(str(plain(t)) for t in other.transition_rels)
    )
    when: bool | None = True
    if same:
        both = (node.HasField("when_clause"), other.HasField("when_clause"))
        columns = next(iter(sources(planner, table).values()), {})
        if both == (True, True):
            when = planner.canon.same(
                expression_sql(renamed(node.when_clause, names)),
                expression_sql(other.when_clause),
                {"old": columns, "new": columns},
                path=path,
            )
        elif both != (False, False):
            same = False
    if same and when is None:
        return Finding(
            None, f"trigger {called(trigger)} is there; its WHEN cannot be compared: {definition}"
        )
    holds = bool(same and when)
    words = "is there" if holds else "is there with another definition"
    return Finding(holds, f"trigger {called(trigger)} {words}: {definition}")


def _calls(
    planner: Planner,
    wanted: Sequence[str],
    calls: Thing,
    there: tuple[str, str],
    path: tuple[str, ...],
) -> bool:
    """Whether a trigger calls the function that it should, also under a name that this has got since."""
    if calls.former:
        known = [(calls.schema, calls.name), *calls.former]
        return there in [(schema, name.partition("(")[0]) for schema, name in known]
    schemas = path or planner.catalog.path
    home = wanted[0] if len(wanted) > 1 else _home(planner, wanted[-1], schemas)
    return there == (home, wanted[-1])


def _home(planner: Planner, function: str, schemas: tuple[str, ...]) -> str:
    """The schema in which an unqualified function is found first."""
    known = {schema for schema, _ in planner.catalog.rows(ROUTINE_NAMES, function)}
    return next((schema for schema in ("pg_catalog", *schemas) if schema in known), "")


def create_policy(planner: Planner, node: Any) -> Planned:
    """CREATE POLICY."""
    table = planner.relation(range_name(node.table))
    world = planner.world
    policy = world.make("policy", node.policy_name, parent=table)
    said = (*columns_in(node.qual), *columns_in(node.with_check))
    world.need(policy, [planner.part("column", name, table) for name in dict.fromkeys(said)])
    statement, path = world.statement, planner.expression_path
    roles = [role_name(n.role_spec) for n in node.roles]
    claim = world.claim(
        policy,
        "there",
        lambda: _judge_policy(planner, node, policy, table, roles, statement, path, whole=True),
    )
    world.made(policy, claim)
    return None


def alter_policy(planner: Planner, node: Any) -> Planned:
    """ALTER POLICY: what it names is as it says."""
    table = planner.relation(range_name(node.table))
    policy = planner.part("policy", node.policy_name, table)
    statement, path = planner.world.statement, planner.expression_path
    roles = [role_name(n.role_spec) for n in node.roles]
    planner.world.claim(
        policy,
        "altered",
        lambda: _judge_policy(planner, node, policy, table, roles, statement, path, whole=False),
    )
    return None


_COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}


def _judge_policy(
    planner: Planner,
    node: Any,
    policy: Thing,
    table: Thing,
    roles: list[str],
    statement: int,
    path: tuple[str, ...],
    *,
    whole: bool,
) -> Finding:
    relation = planner.here(table)
    if relation is None:
        return planner.no_relation(table)
    row = planner.catalog.one(POLICIES, relation.schema, relation.name, policy.name)
    if row is None:
        return Finding(False, f"there is no policy {called(policy)} on {called(table)}")
    command, permissive, using, check, found_roles = row[1:]
    differs: list[str] = []
    if whole and (node.cmd_name or "all") != _COMMANDS.get(command):
        differs.append(f"command ({_COMMANDS.get(command)})")
    if whole and node.permissive != permissive:
        differs.append("permissive" if permissive else "restrictive")
    known = WHO_RAN not in roles
    if known and (whole or roles) and sorted(found_roles) != sorted(roles or [""]):
        differs.append(f"roles ({', '.join(name or 'public' for name in found_roles)})")
    names = planner.world.renamed_since(table, statement)
    unknown = False
    for field, found, word in (("qual", using, "USING"), ("with_check", check, "WITH CHECK")):
        given = getattr(node, field) if node.HasField(field) else None
        if given is None and not whole:
            continue
        if given is None or found is None:
            same: bool | None = given is None and found is None
        else:
            same = planner.canon.same(
                expression_sql(renamed(given, names)),
                expression_sql(parse_expression(found)),
                sources(planner, table),
                path=path,
            )
        unknown = unknown or same is None
        if same is False:
            differs.append(f"{word} ({found})")
    if differs:
        return Finding(False, f"policy {called(policy)} is there with another {', '.join(differs)}")
    if unknown:
        return Finding(
            None,
            f"policy {called(policy)} is there; its expression cannot be compared: {using or check}",
        )
    return Finding(True, f"policy {called(policy)} is there on {called(table)}")


def create_rule(planner: Planner, node: Any) -> Planned:
    """CREATE RULE: by its name; its actions are compared as text."""
    table = planner.relation(range_name(node.relation))
    rule = planner.world.make("rule", node.rulename, parent=table)

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        row = planner.catalog.one(RULES, relation.schema, relation.name, rule.name)
        if row is None:
            return Finding(False, f"there is no rule {called(rule)} on {called(table)}")
        other = parse_one(row[2]).rule_stmt
        head = [(n.event, n.instead, len(n.actions)) for n in (node, other)]
        if head[0] != head[1]:
            return Finding(False, f"rule {called(rule)} is there with another definition: {row[2]}")
        same = [
            [plain(n.where_clause) if n.HasField("where_clause") else None]
            + [plain(a) for a in n.actions]
            for n in (node, other)
        ]
        if (same[0][0] is None) != (same[1][0] is None):
            return Finding(False, f"rule {called(rule)} is there with another definition: {row[2]}")
        if same[0] == same[1]:
            return Finding(True, f"rule {called(rule)} is there")
        return Finding(None, f"rule {called(rule)} is there, but cannot be compared: {row[2]}")

    claim = planner.world.claim(rule, "there", judge)
    planner.world.made(rule, claim)
    return None
