"""What variables, captures, parameters and secrets may be called."""

from __future__ import annotations

import re

from smoke.scenario.model import VARIABLE
from smoke.scenario.scope import LOOP_NAMES, NAMESPACES

_VARIABLE = re.compile(VARIABLE)
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


def name_problem(name: str) -> str:
    """Why a name cannot be given to a value; empty when it can."""
    if not _VARIABLE.fullmatch(name):
        return f"'{name}' is no name: letters, digits, _ and -, beginning with a letter"
    if name in NAMESPACES or name in LOOP_NAMES:
        return f"'{name}' has a meaning of its own in templates: choose another name"
    return ""


def environment_problem(name: str) -> str:
    """Why a name cannot be one of the environment (POSIX 8.1); empty when it can."""
    if _ENVIRONMENT.fullmatch(name):
        return ""
    return f"'{name}' is no name of an environment variable: letters, digits and _"
