"""What `smoke watch` is asked beside what a run is asked, as a value."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Struct

from smoke.app.declared import Option, Takes


def window_problems(texts: Iterable[str]) -> Iterator[str]:
    """What means no window of the week."""
    from smoke.watching.schedule import WindowError, window_of

    for text in texts:
        try:
            window_of(text)
        except WindowError as error:
            yield f": {error}"


class WatchOptions(Struct, frozen=True):
    """Times are in seconds."""

    every: Annotated[
        float,
        Option(
            takes=Takes.TIME,
            metavar="TIME",
            help="Time between two rounds of a target; one that goes on failing is asked more seldom, up to 8 times this.",
        ),
    ] = 300.0
    jitter: Annotated[
        float | None,
        Option(
            takes=Takes.TIME,
            metavar="TIME",
            help="How much sooner or later a round may be, by chance. [default: a tenth of --every]",
        ),
    ] = None
    maintenance: Annotated[
        tuple[str, ...],
        Option(
            takes=Takes.TEXTS,
            metavar="'DAYS FROM-TO ZONE'",
            check=window_problems,
            help="Order nothing in this time, e.g. 'Sun 02:00-04:00 Europe/Berlin'; may be given again.",
        ),
    ] = ()
    notify_env: Annotated[
        tuple[str, ...],
        Option(
            takes=Takes.TEXTS,
            metavar="NAME",
            help="Environment variable with the addresses, one in a line, that changes are told: http(s) for a webhook, "
            "any other as apprise spells it (extra notify); may be given again.",
        ),
    ] = ()
    notify_secret_env: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="NAME",
            variable=True,
            help="Environment variable with the secret (whsec_…) that webhooks are signed with, as Standard Webhooks says.",
        ),
    ] = ""
    keep_runs: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="N|AGE",
            filled=True,
            help="Prune after each round: keep the newest N runs, or those younger than 36h, 30d, 8w. [default: all are kept]",
        ),
    ] = ""
    state_file: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            metavar="FILE",
            help="Where it is kept what was told, for a restart. [default: watch.json beside the runs]",
        ),
    ] = None
    status_page: Annotated[
        Path | None,
        Option(
            takes=Takes.PATH,
            metavar="FILE",
            help="Write how all targets of the history stand as a page (HTML) after each round.",
        ),
    ] = None
    rounds: Annotated[
        int,
        Option(
            takes=Takes.NUMBER,
            at_least=0,
            project=False,
            help="End after this many rounds of each target; 0 for never.",
        ),
    ] = 0
