"""Claims of ALTER FUNCTION and ALTER PROCEDURE."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.claims import Facet, Finding, Thing, Wanted
from smoke.database.migration.functions import (
    FLAGS,
    Routine,
    costs,
    find_routine,
    function_words,
    loose,
    number,
    routine,
    setting_text,
)
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sight import Sight
from smoke.database.migration.tree import enum_name, options, parse_one, scalar


def alter_function(planner: Planner, node: Any) -> Planned:
    """ALTER FUNCTION … volatility, strictness, security, SET."""
    thing = routine(planner, node.func)
    for item in node.actions:
        name, value = item.def_elem.defname, FunctionOption(item.def_elem)
        if name != "set":
            planner.world.claim(thing, Facet.OPTION, value, name)
            continue
        setting = item.def_elem.arg.variable_set_stmt.name.lower()
        planner.world.claim(thing, Facet.SETTING, value, setting)
        if not setting:  # RESET ALL
            planner.world.overrule([thing], Facet.SETTING)
    if not node.actions:
        return Unjudged("nothing is altered", no_effect=True)
    return None


class FunctionOption(Wanted, frozen=True):
    """An option of a function is as ALTER FUNCTION (a part of its tree) makes it."""

    node: Any

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        found = find_routine(sight, thing)
        words = function_words(sight, thing)
        if found is None:
            return Finding(False, f"there is no function {words} in this database")
        given = self.node.arg if self.node.HasField("arg") else None
        name, value = self.node.defname, scalar(given) or ""
        match name:
            case "volatility":
                same = found.volatility == FLAGS.get(value)
                return Finding(same, f"{words} has volatility {found.volatility}")
            case "strict" | "security" | "leakproof":
                has = {"strict": found.strict, "security": found.definer}
                on = has.get(name, found.leakproof)
                said = f"{words}: {name} is {'on' if on else 'off'}"
                return Finding(on == (value == "true"), said)
            case "parallel":
                same = found.parallel == (value or "u")[0]
                return Finding(same, f"{words} has parallel {found.parallel}")
            case "set":
                return _setting(found, self.node.arg.variable_set_stmt, words)
        if name not in costs(found) or not found.definition:
            return Finding(None, f"smoke does not know how to look up {name} of a function")
        other = options(parse_one(found.definition).create_function_stmt.options)
        usual = costs(found)[name]
        has_that = number(other.get(name), usual)
        same = has_that == number(given, usual)
        return Finding(same, f"{words} has {name} {has_that}")


def _setting(found: Routine, statement: Any, words: str) -> Finding:
    values = {k.lower(): v for k, v in found.config.items()}
    kind = enum_name(statement, "kind")
    if kind == "VAR_RESET_ALL":
        return Finding(not values, f"{words} has SET {values or 'nothing'}")
    has = values.get(statement.name.lower())
    if kind in ("VAR_RESET", "VAR_SET_DEFAULT"):
        return Finding(has is None, f"{words} has {statement.name} {has or 'not set'}")
    wanted = setting_text(statement)
    same = has is not None and (wanted is None or loose(wanted) == loose(has))
    return Finding(same, f"{words} has {statement.name} {has or 'not set'}")
