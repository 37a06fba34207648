"""Drives real checkouts after a deploy, keeps the whole failing response and names the database error behind it.

The public names below are loaded when they are first used, so that importing `smoke` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from smoke.version import __version__ as __version__

if TYPE_CHECKING:
    from smoke.app.databases import db_applied as db_applied
    from smoke.app.databases import db_constraint as db_constraint
    from smoke.app.databases import db_same as db_same
    from smoke.app.databases import db_table as db_table
    from smoke.app.databases import db_which as db_which
    from smoke.app.dry_run import Planned as Planned
    from smoke.app.dry_run import plan as plan
    from smoke.app.judging import Judged as Judged
    from smoke.app.judging import judge as judge
    from smoke.app.merging import merge as merge
    from smoke.app.migrations import db_migrations as db_migrations
    from smoke.app.options import RunOptions as RunOptions
    from smoke.app.reporting import write_report as write_report
    from smoke.app.running import run as run
    from smoke.app.stored import open_run as open_run
    from smoke.app.stored import redacted as redacted
    from smoke.app.trial import db_try as db_try
    from smoke.classify import classify_response as classify_response
    from smoke.diagnostic import Diagnostic as Diagnostic
    from smoke.diagnostic import SmokeError as SmokeError
    from smoke.model import events as events
    from smoke.model.dberror import DatabaseError as DatabaseError
    from smoke.model.events import Event as Event
    from smoke.model.finding import Finding as Finding
    from smoke.model.run import Outcome as Outcome
    from smoke.model.run import Run as Run
    from smoke.model.status import ExitStatus as ExitStatus
    from smoke.model.verdict import exit_status as exit_status
    from smoke.scenario.load import load_scenario as load_scenario
    from smoke.store import RunFolder as RunFolder

_HOMES = {
    "DatabaseError": "smoke.model.dberror",
    "Diagnostic": "smoke.diagnostic",
    "Event": "smoke.model.events",
    "ExitStatus": "smoke.model.status",
    "Finding": "smoke.model.finding",
    "Judged": "smoke.app.judging",
    "Outcome": "smoke.model.run",
    "Planned": "smoke.app.dry_run",
    "Run": "smoke.model.run",
    "RunFolder": "smoke.store",
    "RunOptions": "smoke.app.options",
    "SmokeError": "smoke.diagnostic",
    "classify_response": "smoke.classify",
    "db_applied": "smoke.app.databases",
    "db_constraint": "smoke.app.databases",
    "db_migrations": "smoke.app.migrations",
    "db_same": "smoke.app.databases",
    "db_table": "smoke.app.databases",
    "db_try": "smoke.app.trial",
    "db_which": "smoke.app.databases",
    "events": "smoke.model.events",
    "exit_status": "smoke.model.verdict",
    "judge": "smoke.app.judging",
    "load_scenario": "smoke.scenario.load",
    "merge": "smoke.app.merging",
    "open_run": "smoke.app.stored",
    "plan": "smoke.app.dry_run",
    "redacted": "smoke.app.stored",
    "run": "smoke.app.running",
    "write_report": "smoke.app.reporting",
}
"""Where each public name is made; `events` is a module."""

__all__ = [
    "DatabaseError",
    "Diagnostic",
    "Event",
    "ExitStatus",
    "Finding",
    "Judged",
    "Outcome",
    "Planned",
    "Run",
    "RunFolder",
    "RunOptions",
    "SmokeError",
    "__version__",
    "classify_response",
    "db_applied",
    "db_constraint",
    "db_migrations",
    "db_same",
    "db_table",
    "db_try",
    "db_which",
    "events",
    "exit_status",
    "judge",
    "load_scenario",
    "merge",
    "open_run",
    "plan",
    "redacted",
    "run",
    "write_report",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'smoke' has no attribute {name!r}")
    module = importlib.import_module(home)
    return module if home.endswith(f".{name}") else getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
