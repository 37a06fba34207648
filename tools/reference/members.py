"""What stands below the members of a class in its source: Python keeps none of it."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools


@functools.cache
def told_members(kind: type) -> dict[str, str]:
    """The sentence below each field or member of a class, of its own and of those that it is made of."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.startswith("smoke."):
            found |= _told(each)
    return found


def _told(kind: type) -> dict[str, str]:
    module = ast.parse(inspect.getsource(inspect.getmodule(kind) or kind))
    classes = (node for node in ast.walk(module) if isinstance(node, ast.ClassDef))
    body = next((node.body for node in classes if node.name == kind.__name__), [])
    found = {}
    for member, told in itertools.pairwise(body):
        if isinstance(told, ast.Expr) and isinstance(told.value, ast.Constant):
            if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
                found[member.targets[0].id] = " ".join(str(told.value.value).split())
            elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                found[member.target.id] = " ".join(str(told.value.value).split())
    return found
