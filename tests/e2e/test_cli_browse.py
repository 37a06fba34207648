"""`smoke show` in a terminal: pages to walk through with keys; into a pipe it prints as ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke import system
from tests.support.cli import smoke
from tests.support.samples import failing
from tests.support.sitting import Sitting, at_a_terminal

pytestmark = at_a_terminal

IN = b"\x1b[?1049h"
"""The alternate screen (xterm), which leaves what stood in the terminal as it was."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the incident as its run, its bodies on the disk."""
    from smoke.store import RunFolder

    folder = tmp_path_factory.mktemp("project")
    sample = failing()
    runs = folder / ".smoke/runs"
    with RunFolder.create(runs, sample.run.id) as made:
        for event in sample.events:
            made.append(event)
    for path, data in sample.evidence.bodies.items():
        (runs / sample.run.id / path).write_bytes(data)
    return folder


@pytest.fixture
def sitting(project: Path) -> Iterator[Sitting]:
    found = Sitting(["show"], project)
    yield found
    found.close()


def test_one_walks_from_step_to_step_and_unfolds_bodies(sitting: Sitting) -> None:
    first = sitting.until(IN, b"q quit")
    assert b"Order 2" in first
    second = sitting.press(b"n", b"Order 1 (passed)")
    assert b"HTTP/1.1 201" not in second
    sitting.press(b"f", b"Order 2 (failed)")
    sitting.press(b"h", b"HTTP/1.1 500")
    sitting.press(b"b", b"23505")
    sitting.press(b"\x1b[Dp", b"n goes on")
    assert sitting.leave() == 0


def test_ctrl_c_and_an_arrow_that_nobody_knows_break_nothing(sitting: Sitting) -> None:
    sitting.until(IN, b"q quit")
    sitting.press(b"\x1b[1;5Q\x1b[6~", b"q quit")
    sitting.process.send_signal(signal.SIGINT)
    assert sitting.leave(b"") == 0


def test_a_step_is_the_first_page_and_options_print(project: Path) -> None:
    at = Sitting(["show", "latest", "Order 2"], project)
    at.until(IN, b"Order 2 (failed)")
    assert at.leave() == 0
    at.close()
    printed = smoke(["show"], project)
    assert "VALIDATION FAILED" in printed.stdout
    for words, kind in ((["show", "--plain"], "xterm"), (["show"], "dumb")):
        plain = Sitting(words, project, TERM=kind)
        plain.until(b"VALIDATION FAILED")
        assert plain.process.wait(timeout=60) == 0
        assert IN not in plain.seen
        plain.close()


def test_keys_of_what_is_no_terminal_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        (tmp_path / "file").open("rb") as file,
        pytest.raises(OSError, match=r"."),
        system.keys(file.fileno()),
    ):
        raise AssertionError
