"""What `smoke run` is asked of several targets, as a value."""

from pathlib import Path
from typing import Annotated

from msgspec import Struct

from smoke.app.declared import MOST_WORKERS, Option, Takes


class SweepOptions(Struct, frozen=True):
    """Options of a sweep: the same scenarios at every target, a run for each."""

    all_targets: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            project=False,
            help="Run at every target of the targets files, each in a run of its own, and show shop by scenario.",
        ),
    ] = False
    targets_at_once: Annotated[
        int,
        Option(
            takes=Takes.NUMBER,
            at_least=1,
            at_most=MOST_WORKERS,
            help="Targets side by side with --all-targets; those at one origin never are.",
        ),
    ] = 1
    overview: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            metavar="FILE",
            help="Write the table of --all-targets: .html, .md or .json.",
        ),
    ] = None
