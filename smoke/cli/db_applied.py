"""`smoke db applied`: of a project each migration, of a file or a folder of no known tool each statement."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from smoke.app.databases import WhichDatabase
from smoke.app.migrations import db_migrations, has_layout
from smoke.ci import Here
from smoke.cli import db_lines
from smoke.cli import db_migrations as shown
from smoke.cli.report_paths import check_paths
from smoke.cli.terminal import stdout
from smoke.diagnostic import SmokeError, nearest

_REPORTS = {"junit": shown.junit, "markdown": shown.markdown}


def tell_applied(
    path: Path | None,
    asked: WhichDatabase,
    *,
    tool: str,
    everything: bool,
    statements: bool,
    here_only: bool,
    replay: bool,
    reports: list[str],
    as_json: bool,
) -> NoReturn:
    """Ask, print, write the reports, and leave with the status of the answer."""
    written = _written(reports)
    if replay:
        _replay(path, asked, others=bool(written or tool or statements), as_json=as_json)
    by_statement = path is not None and not tool
    if path is not None and by_statement and (statements or path.is_file() or not has_layout(path)):
        if written:
            raise SmokeError.of(
                "bad-option", "--report is of a project's migrations, not of a file's statements"
            )
        _statements(path, asked, here_only=here_only, as_json=as_json)
    found = db_migrations(path or Path(), tool=tool, here_only=here_only, **asked)
    for name, file in written:
        file.write_text(_REPORTS[name](found), encoding="utf-8")
    terminal = stdout()
    if as_json:
        terminal.write(shown.to_json(found))
    else:
        shown.tell(found, terminal, everything=everything)
        for line in Here.of(os.environ).issues(shown.issues(found)[:10]):
            terminal.write(line)
    sys.exit(found.exit_status)


def _statements(path: Path, asked: WhichDatabase, *, here_only: bool, as_json: bool) -> NoReturn:
    from smoke.app.databases import db_applied
    from smoke.database.migration.verdict import exit_code

    told = db_applied(path, here_only=here_only, **asked)
    if as_json:
        db_lines.tell(db_lines.applied_json(told), lambda _: [], as_json=True)
    else:
        db_lines.tell(told, db_lines.of_applied, as_json=False)
    sys.exit(exit_code(told.answer.overall))


def _replay(path: Path | None, asked: WhichDatabase, *, others: bool, as_json: bool) -> NoReturn:
    from smoke.app.replay import db_replay
    from smoke.cli import db_replay as replayed

    if path is None or path.is_dir() or others:
        raise SmokeError.of(
            "bad-option",
            "--replay takes one migration file, and neither --tool, --statements nor --report",
            notes=["smoke db applied FILE.sql --replay"],
        )
    found = db_replay(path, **asked)
    replayed.tell(found, stdout(), as_json=as_json)
    sys.exit(found.exit_status)


def _written(reports: list[str]) -> list[tuple[str, Path]]:
    """Name and path of each report. Raises SmokeError before anything is asked."""
    found = []
    for each in reports:
        name, _, path = each.partition("=")
        if name not in _REPORTS or not path:
            close = nearest(name, _REPORTS)
            hint = [f"did you mean {close}?"] if close and close != name else []
            raise SmokeError.of(
                "bad-option", f"--report {each}: give junit=PATH or markdown=PATH", notes=hint
            )
        found.append((name, Path(path)))
    check_paths(found)
    return found
