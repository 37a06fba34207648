"""Writes docs/recognised.md: each stack's form of an error, and what is recognised in it, found by classifying it.

`--check` writes nothing and fails when the page is not up to date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script from anywhere

from smoke.classify import classify_response  # noqa: E402 - the path comes first
from smoke.model.dberror import DatabaseError  # noqa: E402 - as above
from tests.support.observed import versions  # noqa: E402 - as above
from tests.support.stacks import FORMS, RUNNING, SEEN, Form, errors  # noqa: E402 - as above

TARGET = ROOT / "docs" / "recognised.md"
HEAD = """# What is recognised in which stack

Written by `tools/generate_recognised.py`: each form below is given to the classifier with a duplicate key, a foreign key, a
missing value, a failed check, a missing table, a serialization failure, a deadlock, a full server, a timeout, a text that is too
long, and an error that a function of the database raises under a code of its own (`H2S01`). `yes` means in all that the form can
show; `own codes` says whether a code of a function's own is seen.

`modelled on` is the version whose output the form was written after, from its source or from reports. `seen running` is the version
of the stack that was run against a PostgreSQL 15.18, its errors classified in the forms in which applications send them on; `-`: it was not run.

| stack | modelled on | seen running | SQLSTATE | own codes | constraint | table |
| --- | --- | --- | --- | --- | --- | --- |
"""
TAIL = """
Each form is read bare, in JSON, in JSON inside JSON, in a page, in a `stack` and in GraphQL's `errors`, with the server's messages in
all languages that PostgreSQL speaks. What a form leaves out (`-`) nobody can read from it: such an answer is
[one that hides its error](how-to/logs.md).

Run as well, and read in each form: ALSO.
"""


def _read(text: str) -> DatabaseError | None:
    media = "application/json" if text[:1] in "{[" else "text/plain; charset=utf-8"
    found = classify_response(500, [("content-type", media)], text.encode())
    return found[0].database_error if found else None


def _row(name: str, form: Form) -> str:
    shown = {"code": [0, 0], "own": [0, 0], "constraint": [0, 0], "table": [0, 0]}

    def note(what: str, *, right: bool) -> None:
        shown[what][0] += right
        shown[what][1] += 1

    for error in errors():
        text = form(error)
        if text is None:
            continue
        found = _read(text)
        note(
            "code" if error.cond else "own",
            right=found is not None and found.sqlstate == error.code,
        )
        if error.cond and error.constraint and error.constraint in text:
            note(
                "constraint", right=found is not None and found.constraint_name == error.constraint
            )
        named = found is not None and found.table_name == error.table
        if error.cond and error.table and (named or f'"{error.table}"' in error.msg):
            note("table", right=named)
    stack, version = SEEN[name]
    running = versions().get(RUNNING.get(name, ""), "-")
    cells = (_cell(*shown[what]) for what in ("code", "own", "constraint", "table"))
    return f"| {stack} | {version} | {running} | {' | '.join(cells)} |"


def _cell(right: int, of: int) -> str:
    if right == 0:
        return "-"
    return "yes" if right == of else f"{right} of {of}"


def page() -> str:
    """The text of the page."""
    also = ", ".join(
        f"{stack} {version}"
        for stack, version in versions().items()
        if stack not in RUNNING.values()
    )
    rows = "\n".join(_row(name, form) for name, form in FORMS.items())
    return HEAD + rows + "\n" + TAIL.replace("ALSO", also)


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 1 when `--check` finds that the page is not what would be written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail when the page is not up to date")
    options = parser.parse_args(arguments)
    made = page()
    if options.check:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != made:
            sys.stderr.write("docs/recognised.md: run python tools/generate_recognised.py\n")
            return 1
        return 0
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
