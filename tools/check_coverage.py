"""Holds how much of the code the tests reach, lines and branches.

python tools/check_coverage.py           the pure rooms, by unit tests alone: no less than the ratchet says
python tools/check_coverage.py --write   the same, and raise the ratchet
python tools/check_coverage.py --all     everything by the whole suite, subprocesses too: 95 %; takes twice its time
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RATCHET = ROOT / "tools" / "data" / "reached.toml"
STEP = 5
"""Percent: less than that is noise of a line here and there."""
LEAST = 95.0
"""Percent of all lines and branches."""

PURE = (
    "smoke/advice/",
    "smoke/classify/read/merge.py",
    "smoke/codec.py",
    "smoke/diagnostic.py",
    "smoke/engine/retry.py",
    "smoke/engine/verdict.py",
    "smoke/facts/",
    "smoke/model/",
    "smoke/redact/",
    "smoke/scenario/diff.py",
    "smoke/scenario/expect.py",
    "smoke/scenario/matcher.py",
    "smoke/scenario/matcher_rules.py",
    "smoke/scenario/measured.py",
    "smoke/scenario/merge.py",
    "smoke/scenario/pairing.py",
    "smoke/sql.py",
    "smoke/text.py",
)
"""Files and folders that decide or draw, without I/O: a test can reach all of them at once."""

TESTS = (
    *(
        "tests/unit/advice",
        "tests/unit/engine",
        "tests/unit/model",
        "tests/unit/redact",
        "tests/unit/report",
    ),
    *(
        "tests/unit/scenario/test_expect.py",
        "tests/unit/scenario/test_like.py",
        "tests/unit/scenario/test_matchers.py",
    ),
    *(
        "tests/unit/classify/test_causes.py",
        "tests/unit/classify/test_merge.py",
        "tests/unit/test_codec.py",
        "tests/unit/test_text.py",
    ),
    "tests/unit/test_sql_quoting.py",
)
SLOW = (
    "test_a_thousand_random_secrets_leak_in_no_form",
    "test_every_telling_name_comes_through",
    "test_no_form_of_any_secret_survives",
    "test_the_sql_of_every_code_runs_for_every_name",
)
"""They try much and reach nothing that others do not."""


def measured(tests: list[str]) -> tuple[dict[str, Any], int]:
    """Coverage's report of a run of tests, and pytest's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COVERAGE_FILE": f"{folder}/data"}
        coverage = [sys.executable, "-m", "coverage"]

        def run(*command: str) -> int:
            return subprocess.run(  # noqa: S603  (our own command line)
                [*coverage, *command], cwd=ROOT, env=environment, check=False
            ).returncode

        status = run("run", "-m", "pytest", *tests)
        report = f"{folder}/report.json"
        if run("combine", "-q") or run("json", "-q", "-o", report):
            raise SystemExit("coverage measured nothing")
        return json.loads(Path(report).read_text(encoding="utf-8")), status


def reached(report: dict[str, Any]) -> dict[str, int]:
    """Percent of the lines and branches of each pure module that a test reaches, rounded down to a multiple of five."""
    return {
        name: int(file["summary"]["percent_covered"] // STEP) * STEP
        for name, file in sorted(report["files"].items())
        if name.startswith(PURE)
    }


def compared(found: dict[str, int], least: dict[str, int]) -> list[str]:
    """What is worse than the ratchet allows."""
    problems = [
        f"{name}: {percent} % are reached, {least.get(name, 100)} % were"
        for name, percent in found.items()
        if percent < least.get(name, 100)
    ]
    return [*problems, *(f"{name}: it is not there any more" for name in least.keys() - found)]


def written(found: dict[str, int]) -> str:
    """The ratchet with these numbers."""
    rows = [f'"{name}" = {percent}' for name, percent in found.items() if percent < 100]
    head = (
        "# Percent of lines and branches that unit tests reach, of pure modules which they do not reach wholly.\n"
        "# The numbers only go up, and their rows away: python tools/check_coverage.py --write\n"
    )
    return head + "\n".join(rows) + "\n"


def tell(*lines: str) -> None:
    """Print lines."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def main() -> int:
    """Measure, compare, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="the whole suite, subprocesses too")
    parser.add_argument("--write", action="store_true", help="raise the ratchet")
    given = parser.parse_args()
    report, status = measured(
        []
        if given.all
        else ["-n", "auto", *TESTS, "-k", " and ".join(f"not {name}" for name in SLOW)]
    )
    if status:
        return status
    if given.all:
        percent = report["totals"]["percent_covered"]
        tell(f"{percent:.1f} % of lines and branches, {LEAST:.0f} % is the least")
        return 0 if percent >= LEAST else 1
    found = reached(report)
    least = tomllib.loads(RATCHET.read_text(encoding="utf-8")) if RATCHET.exists() else {}
    if given.write:
        raised = {name: max(percent, least.get(name, 0)) for name, percent in found.items()}
        RATCHET.write_text(written(raised), encoding="utf-8")
        return 0
    problems = compared(found, least)
    whole = sum(percent == 100 for percent in found.values())
    tell(f"unit tests reach {whole} of {len(found)} pure modules wholly", *problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
