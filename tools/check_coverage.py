"""Holds how much of the code the tests reach, lines and branches.

python tools/check_coverage.py           the pure rooms, by unit tests alone: no less than the ratchet says
python tools/check_coverage.py --write   the same, and raise the ratchet
python tools/check_coverage.py --all     everything by the whole suite, subprocesses too: 95 %; takes twice its time

In pieces, each of which adds to what the folder has, and tells what all of them have reached so far:

python tools/check_coverage.py --all --into FOLDER tests/unit
python tools/check_coverage.py --all --into FOLDER tests/plugins tests/e2e/test_cli_run.py
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
SHOWN = 20
"""Modules of which most is not reached."""
STARTED = "smoke/__main__.py"
"""Carried out by processes that tests start, and by nothing else."""

PURE = (
    "smoke/advice/",
    "smoke/classify/read/merge.py",
    "smoke/codec.py",
    "smoke/diagnostic.py",
    "smoke/engine/retry.py",
    "smoke/engine/verdict.py",
    "smoke/facts/",
    "smoke/model/",
    "smoke/overview/status.py",
    "smoke/recording/",
    "smoke/redact/",
    "smoke/scenario/diff.py",
    "smoke/scenario/expect.py",
    "smoke/scenario/json_schema.py",
    "smoke/scenario/matcher.py",
    "smoke/scenario/matcher_rules.py",
    "smoke/scenario/measured.py",
    "smoke/scenario/merge.py",
    "smoke/scenario/openapi.py",
    "smoke/scenario/pairing.py",
    "smoke/scenario/schema_documents.py",
    "smoke/scenario/xpath.py",
    "smoke/sql.py",
    "smoke/text.py",
    "smoke/watching/",
)
"""Files and folders that decide or draw, without I/O: a test can reach all of them at once."""

TESTS = (
    *(
        "tests/unit/advice",
        "tests/unit/engine",
        "tests/unit/importers",
        "tests/unit/model",
        "tests/unit/recording",
        "tests/unit/redact",
        "tests/unit/report",
        "tests/unit/watching",
    ),
    *(
        "tests/unit/scenario/test_body_schema.py",
        "tests/unit/scenario/test_captures.py",
        "tests/unit/scenario/test_expect.py",
        "tests/unit/scenario/test_like.py",
        "tests/unit/scenario/test_matchers.py",
        "tests/unit/scenario/test_openapi.py",
        "tests/unit/scenario/test_schema.py",
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


def measured(tests: list[str], folder: Path) -> tuple[dict[str, Any], int]:
    """Coverage's report of a run of tests, with what was measured into the folder before, and pytest's exit status."""
    environment = {**os.environ, "COVERAGE_FILE": str(folder / "data")}
    coverage = [sys.executable, "-m", "coverage"]

    def run(*command: str) -> int:
        return subprocess.run(  # noqa: S603  (our own command line)
            [*coverage, *command], cwd=ROOT, env=environment, check=False
        ).returncode

    status = run("run", "-m", "pytest", *tests)
    report = folder / "report.json"
    if run("combine", "-q", "--append") or run("json", "-q", "-o", str(report)):
        raise SystemExit("coverage measured nothing")
    return json.loads(report.read_text(encoding="utf-8")), status


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


def missed(report: dict[str, Any]) -> list[str]:
    """The modules of which most is not reached, in lines and branches, with how many those are."""
    rows = sorted(
        (-summary["missing_lines"] - summary["missing_branches"], name, summary["percent_covered"])
        for name, summary in ((name, file["summary"]) for name, file in report["files"].items())
    )
    return [f"{-missing:5} {percent:5.1f} %  {name}" for missing, name, percent in rows if missing]


def everything(tests: list[str], folder: Path) -> int:
    """Measure all modules by these tests, and tell."""
    report, status = measured(tests, folder)
    started = report["files"].get(STARTED)
    if not started or not started["summary"]["covered_lines"]:
        tell(
            "no process that a test started was measured: either none of these tests starts one, or this Python does not read",
            "coverage's .pth file (in site-packages, directly; https://coverage.readthedocs.io/en/latest/subprocess.html)",
        )
    percent = report["totals"]["percent_covered"]
    tell(*missed(report)[:SHOWN])
    tell(f"{percent:.1f} % of lines and branches, {LEAST:.0f} % is the least")
    return status or (0 if percent >= LEAST else 1)


def pure(*, write: bool) -> int:
    """Measure the pure modules by unit tests, and hold them against the ratchet or write it."""
    tests = ["-n", "auto", *TESTS, "-k", " and ".join(f"not {name}" for name in SLOW)]
    with tempfile.TemporaryDirectory() as folder:
        report, status = measured(tests, Path(folder))
    if status:
        return status
    found = reached(report)
    least = tomllib.loads(RATCHET.read_text(encoding="utf-8")) if RATCHET.exists() else {}
    if write:
        raised = {name: max(percent, least.get(name, 0)) for name, percent in found.items()}
        RATCHET.write_text(written(raised), encoding="utf-8")
        return 0
    problems = compared(found, least)
    whole = sum(percent == 100 for percent in found.values())
    tell(f"unit tests reach {whole} of {len(found)} pure modules wholly", *problems)
    return 1 if problems else 0


def main() -> int:
    """Measure, compare, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="the whole suite, subprocesses too")
    parser.add_argument("--write", action="store_true", help="raise the ratchet")
    parser.add_argument("--into", type=Path, help="with --all: where measurements are added up")
    parser.add_argument("tests", nargs="*", help="with --all: only these, or options of pytest")
    given, options = parser.parse_known_args()
    if not given.all:
        if given.into or given.tests or options:
            parser.error("--into and tests are for --all")
        return pure(write=given.write)
    tests = [*given.tests, *options]
    if given.into is None:
        with tempfile.TemporaryDirectory() as folder:
            return everything(tests, Path(folder))
    given.into.mkdir(parents=True, exist_ok=True)
    return everything(tests, given.into.resolve())


if __name__ == "__main__":
    sys.exit(main())
