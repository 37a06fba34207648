"""Every case of the hostile server, through the installed command: its judge finds nothing wrong, nor do we."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile import driver, expectations
from tests.hostile.driver import Hostile
from tests.hostile.scenarios import Case

PLACE = driver.folder()
CASES = driver.cases(PLACE)
WAITING = [name for name, case in CASES.items() if expectations.waits(case)]
"""Cases whose end is a time-out or a pause: run side by side, most of their time is spent asleep."""

pytestmark = pytest.mark.skipif(
    PLACE is None, reason="the hostile server is not beside the repository (SMOKE_HOSTILE names it)"
)


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    assert PLACE is not None
    with driver.server(PLACE) as running:
        yield running


def faults(hostile: Hostile, case: Case, folder: Path) -> list[str]:
    """Everything that is wrong with one run of a case."""
    # the assumption of cases.json is 10 s; where the time-out itself is the case, waiting longer shows no more
    timeout = "3s" if case.get("kind") == "timeout" else "10s"
    if case.get("group") == "secret":
        timeout = "40s"  # 40 MB of secrets, on a machine that is busy with other tests
    done = driver.run_case(hostile, case, folder, timeout=timeout)
    return [*driver.judged(hostile, done), *expectations.wrong(done)]


@pytest.mark.parametrize("name", [name for name in CASES if name not in WAITING])
def test_a_case_meets_its_expectation(hostile: Hostile, tmp_path: Path, name: str) -> None:
    hostile.reset()
    assert faults(hostile, CASES[name], tmp_path) == []


def test_the_cases_that_wait_meet_their_expectations(hostile: Hostile, tmp_path: Path) -> None:
    hostile.reset()
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = pool.map(
            lambda name: faults(hostile, CASES[name], tmp_path / name.replace(":", "-")), WAITING
        )
        assert {name: wrong for name, wrong in zip(WAITING, found, strict=True) if wrong} == {}
