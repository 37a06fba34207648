"""What `smoke run` is asked of the runs before it, as a value: where they are kept, what to compare with, what counts."""

from pathlib import Path
from typing import Annotated

from msgspec import Struct

from smoke.app.declared import Option, Takes


class PastOptions(Struct, frozen=True):
    """Options of the history: none changes what a run sends, but an address in `against`, where it runs first."""

    build: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="BUILD",
            environment="SMOKE_VERSION",
            project=False,
            help="The build that is deployed, for the history. [default: what the target or --expect-version tells]",
        ),
    ] = ""
    history: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="FILE|env:NAME|off",
            environment="SMOKE_HISTORY",
            file=True,
            help="Where finished runs are kept to compare with: a file, or a PostgreSQL whose DSN a variable holds. "
            "[default: history.db beside the runs]",
        ),
    ] = ""
    against: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="last-pass|RUN|BUILD|URL",
            help="Compare with the last run that passed, a run, a build, or another deployment, where the same "
            "scenarios are run first: they order there, too.",
        ),
    ] = ""
    fail_on: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="any|new",
            help="new: end with 0 also when all that failed was failing on the build before, or is a known failure.",
        ),
    ] = "any"
    known_failures: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            metavar="FILE",
            help="Failures that are not new, each with owner, reason and last day. [default with --fail-on new: "
            "known-failures.yaml]",
        ),
    ] = None
    verdict: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            metavar="FILE",
            help="Write what the history says of this build as JSON, for a rollback.",
        ),
    ] = None
