"""Which scenarios a run carries out: the types of those fields of `RunOptions`, each with its option."""

from typing import Annotated

from smoke.app.declared import Option, Takes, commit_problems, line_problems

Selectors = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.WORDS,
        metavar="[NAME|PATH|TAG]...",
        help="Scenarios to run; with --tag, --skip, --failed or --changed-since the project's by default.",
        project=False,
    ),
]

Tags = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        names=("--tag",),
        metavar="EXPRESSION",
        remembered=True,
        project=False,
        help="Only scenarios whose tags are so: 'checkout and not (slow or payment)'. Given again, all have to hold.",
    ),
]

Skip = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        metavar="NAME|PATH|EXPRESSION",
        remembered=True,
        project=False,
        help="Leave these scenarios out, by name, path or tags. May be given again.",
    ),
]

Failed = Annotated[
    bool,
    Option(
        takes=Takes.FLAG,
        remembered=True,
        project=False,
        help="Only scenarios that did not pass in the last run at this target (below --out).",
    ),
]

ChangedSince = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="COMMIT",
        filled=True,
        check=commit_problems,
        remembered=True,
        project=False,
        help="Only scenarios that changed since this commit, or a file that they read did. Where none did: exit 0.",
    ),
]

UntilStep = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="STEP",
        filled=True,
        check=line_problems,
        remembered=True,
        project=False,
        help="Carry each scenario out up to this step, then its teardown. What is left out makes it no verdict (exit 3).",
    ),
]
