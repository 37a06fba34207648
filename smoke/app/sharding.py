"""`--shard K/N`: a selection in parts, the same on every machine that is given the same files."""

from __future__ import annotations

import heapq
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from smoke.app.declared import part_of
from smoke.app.ending_early import ending_early
from smoke.app.needs import place_of, unique_names, with_needs
from smoke.app.options import RunOptions
from smoke.app.selecting import picked
from smoke.diagnostic import SmokeError
from smoke.inputs import read_input
from smoke.model.asked import Shard
from smoke.scenario.load import Loaded
from smoke.scenario.model import every_step

_LARGEST_REPORT = 64 * 1024 * 1024


class Chosen(Struct, frozen=True):
    """The scenarios of a run with what they need, the name that each has in it, and which part of a selection they are.

    `selection` are those of all parts.
    """

    loaded: list[Loaded]
    names: list[str]
    selection: list[Loaded]
    shard: Shard | None = None


def choose(options: RunOptions) -> Chosen:
    """The scenarios that a run carries out, each after what it needs. Raises SmokeError.

    A scenario has the name that it has where all of them run, whichever part it is in: its made-up data come from it.
    """
    chosen = ending_early(picked(options), options.until)
    loaded = with_needs(chosen)
    names = unique_names(loaded)
    part = part_of(options.shard) if options.shard else None
    if part is None:
        return Chosen(loaded, names, loaded)
    called = {place_of(item.scenario): name for item, name in zip(loaded, names, strict=True)}
    selected = [called[place_of(item.scenario)] for item in chosen]
    weights = _weights(chosen, selected, options.shard_times)
    number, count = part
    mine = [chosen[at] for at in parts(selected, weights, count)[number - 1]]
    own = with_needs(mine)
    shard = Shard(
        number,
        count,
        tuple(selected),
        tuple(called[place_of(item.scenario)] for item in mine),
    )
    return Chosen(own, [called[place_of(item.scenario)] for item in own], loaded, shard)


def parts(names: Sequence[str], weights: Sequence[float], count: int) -> list[list[int]]:
    """Places of `names` in `count` parts, each once: the heaviest first, each to the part that is lightest so far.

    The same for the same input wherever it is asked; within a part the order stays.
    """
    heaviest = sorted(range(len(names)), key=lambda at: (-weights[at], names[at], at))
    found: list[list[int]] = [[] for _ in range(count)]
    lightest = [(0.0, 0, part) for part in range(count)]
    for at in heaviest:
        load, held, part = lightest[0]
        found[part].append(at)
        heapq.heapreplace(lightest, (load + weights[at], held + 1, part))
    return [sorted(part) for part in found]


def _weights(picked: Sequence[Loaded], names: Sequence[str], times: Path | None) -> list[float]:
    """How long each scenario takes: as a report tells it, and what the report does not know by its steps."""
    steps = [
        1.0 + sum(1 for _ in every_step((*item.scenario.steps, *item.scenario.teardown)))
        for item in picked
    ]
    if times is None:
        return steps
    told = times_of(times)
    known = [(told[name], count) for name, count in zip(names, steps, strict=True) if name in told]
    each = sum(seconds for seconds, _ in known) / sum(count for _, count in known) if known else 1.0
    return [told.get(name, count * (each or 1.0)) for name, count in zip(names, steps, strict=True)]


def times_of(path: Path) -> Mapping[str, float]:
    """Seconds by scenario, of a JSON report. Raises SmokeError for a file that is none."""
    try:
        data = read_input(path, limit=_LARGEST_REPORT)
    except OSError as error:
        raise SmokeError.of(
            "bad-times", f"--shard-times: cannot read {path}: {error.strerror or error}"
        ) from error
    try:
        report: Any = json.loads(data)
        return {
            str(each["name"]): float(each["seconds"])
            for each in report["run"]["scenarios"]
            if 0 <= float(each["seconds"]) < 1e9
        }
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SmokeError.of(
            "bad-times",
            f"--shard-times: {path} is no JSON report of a run",
            notes=["`smoke run --report json=FILE` and `smoke merge --report json=FILE` write one"],
        ) from error
