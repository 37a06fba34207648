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


def place_of_metrics(text: str) -> tuple[str, int]:
    """Host and port of `9464`, `0.0.0.0:9464` or `[::1]:9464`; the loopback where no host is said. Raises ValueError."""
    host, _, port = text.strip().rpartition(":")
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) < 65536):
        raise ValueError("HOST:PORT, or a PORT of the loopback")
    bare = host.removeprefix("[").removesuffix("]")
    if (":" in bare) != host.startswith("[") or not all(c.isalnum() or c in ".:-_" for c in bare):
        raise ValueError("HOST:PORT, an IPv6 address in brackets")
    return bare or "127.0.0.1", int(port)


def metrics_problems(text: str) -> Iterator[str]:
    """What says no place to listen at."""
    try:
        if text:
            place_of_metrics(text)
    except ValueError as error:
        yield f" takes {error}, not '{text}'"


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
    metrics: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="[HOST:]PORT",
            filled=True,
            check=metrics_problems,
            help="Serve metrics for Prometheus at /metrics, and at /healthz whether rounds are going on (extra metrics); at "
            "the loopback where no host is said.",
        ),
    ] = ""
    rounds: Annotated[
        int,
        Option(
            takes=Takes.NUMBER,
            at_least=0,
            project=False,
            help="End after this many rounds of each target; 0 for never.",
        ),
    ] = 0
