"""Projects that real migration tools made, and databases in the states that such a project can be in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.migrations import run

_RECORDED = Path(__file__).resolve().parent.parent / "corpus" / "layouts"
TOOLS = sorted(file.stem for file in _RECORDED.glob("*.yaml"))
STATES = ("healthy", "pending", "marked, not run", "run by hand")


@dataclass(frozen=True)
class Recorded:
    """What a tool made: its files, its table after all of them, how it is without the last, and the SQL that it ran."""

    tool: str
    made_by: str
    files: dict[str, str]
    table: str
    without_last: str
    runs: list[str]

    def lay(self, root: Path) -> Path:
        """Write the project's files."""
        for name, text in self.files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    def put(self, dsn: str, state: str) -> None:
        """Empty the database, and bring it into a state."""
        run(
            dsn,
            "DROP SCHEMA IF EXISTS drizzle CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
        )
        ran = self.runs if state in ("healthy", "run by hand") else self.runs[:-1]
        run(dsn, ";".join([self.table, *ran]))
        if state in ("pending", "run by hand"):
            run(dsn, self.without_last)


def recorded(tool: str) -> Recorded:
    return Recorded(**yaml.safe_load((_RECORDED / f"{tool}.yaml").read_text(encoding="utf-8")))
