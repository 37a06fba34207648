"""Writes docs/reference/*.md from the code (commands, scenario language, codes, report …) and the contracts in docs/plugins/.

`--check` writes nothing and fails when a page is not up to date.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
FOLDER = DOCS / "reference"
sys.path.insert(0, str(ROOT))


def pages() -> dict[str, str]:
    """The text of each page, by path below `docs`."""
    os.environ["COLUMNS"] = "120"  # nothing of the terminal is in a page
    from reference import (
        codes,
        commands,
        configuration,
        language,
        library,
        plugin_doors,
        report,
        values,
    )

    made = {
        "commands.md": commands.commands_page(),
        "configuration.md": configuration.configuration_page(),
        "scenarios.md": language.scenario_page(),
        "targets.md": language.targets_page(),
        "templates.md": values.templates_page(),
        "matchers.md": values.matchers_page(),
        "exit-statuses.md": library.statuses_page(),
        "environment.md": library.environment_page(),
        "codes.md": codes.own_page(),
        "database-codes.md": codes.database_page(),
        "report.md": report.report_page(),
        "python.md": library.python_page(),
        "scenario.schema.json": language.schema_file(),
    }
    return {f"reference/{name}": text for name, text in made.items()} | plugin_doors.door_pages()


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 1 when `--check` finds a page that is not what would be written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail when a page is not up to date")
    options = parser.parse_args(arguments)
    made = pages()
    listed = {*(DOCS / name for name in made), *FOLDER.glob("*.md")}
    there = {
        str(path.relative_to(DOCS)): path.read_text(encoding="utf-8")
        for path in listed
        if path.is_file()
    }
    stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
    if options.check:
        for name in stale:
            sys.stderr.write(
                f"docs/{name} is not what the code says: run python tools/generate_reference.py\n"
            )
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        path = DOCS / name
        if name in made:
            path.write_text(made[name], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
