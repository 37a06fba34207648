"""Claims of ALTER FUNCTION and ALTER PROCEDURE."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.claims import Finding
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
from smoke.database.migration.tree import enum_name, parse_one, scalar


def alter_function(planner: Planner, node: Any) -> Planned:
    """ALTER FUNCTION … volatility, strictness, security, SET."""
    thing = routine(planner, node.func)
    for item in node.actions:
        element = item.def_elem
        name, value = element.defname, scalar(element.arg) if element.HasField("arg") else None

        def judge(name: str = name, value: str | None = value, element: Any = element) -> Finding:
            found = find_routine(planner, thing)
            words = function_words(planner, thing)
            if found is None:
                return Finding(False, f"there is no function {words} in this database")
            if name == "volatility":
                return Finding(
                    found.volatility == FLAGS.get(value or ""),
                    f"{words} has volatility {found.volatility}",
                )
            if name in ("strict", "security", "leakproof"):
                has = {"strict": found.strict, "security": found.definer}.get(name, found.leakproof)
                return Finding(
                    has == (value == "true"), f"{words}: {name} is {'on' if has else 'off'}"
                )
            if name == "parallel":
                return Finding(
                    found.parallel == (value or "u")[0], f"{words} has parallel {found.parallel}"
                )
            if name == "set":
                return _judge_setting(found, element.arg.variable_set_stmt, words)
            if name in costs(found) and found.definition:
                other = parse_one(found.definition).create_function_stmt
                theirs = {item.def_elem.defname: item.def_elem.arg for item in other.options}
                usual = costs(found)[name]
                has_that = number(theirs.get(name), usual)
                return Finding(
                    has_that == number(element.arg, usual), f"{words} has {name} {has_that}"
                )
            return Finding(None, f"smoke does not know how to look up {name} of a function")

        planner.world.claim(thing, f"option {name}", judge)
    if not node.actions:
        return Unjudged("nothing is altered", no_effect=True)
    return None


def _judge_setting(found: Routine, statement: Any, words: str) -> Finding:
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
