"""Drives real checkouts after a deploy, keeps the whole failing response and names the database error behind it.

The public names below are loaded when they are first used, so that importing `smoke` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from smoke.version import __version__ as __version__

if TYPE_CHECKING:
    from smoke.app.judging import Judged as Judged
    from smoke.app.judging import judge as judge
    from smoke.app.options import RunOptions as RunOptions
    from smoke.app.running import run as run
    from smoke.classify import classify_response as classify_response
    from smoke.diagnostic import Diagnostic as Diagnostic
    from smoke.diagnostic import SmokeError as SmokeError
    from smoke.model.finding import Finding as Finding
    from smoke.model.run import Run as Run
    from smoke.scenario.load import load_scenario as load_scenario

_HOMES = {
    "Diagnostic": "smoke.diagnostic",
    "Finding": "smoke.model.finding",
    "Run": "smoke.model.run",
    "SmokeError": "smoke.diagnostic",
    "classify_response": "smoke.classify",
    "load_scenario": "smoke.scenario.load",
    "RunOptions": "smoke.app.options",
    "run": "smoke.app.running",
    "judge": "smoke.app.judging",
    "Judged": "smoke.app.judging",
}

__all__ = [  # noqa: PLE0604  (the names are resolved by __getattr__)
    *sorted(_HOMES),
    "__version__",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'smoke' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
