"""`smoke show` in a terminal: pages to walk through with keys; into a pipe it prints as ever."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke import system
from tests.support.cli import command, environment, narrow, smoke
from tests.support.samples import failing

pty = pytest.importorskip("pty")
pytestmark = pytest.mark.skipif(
    narrow() or sys.platform == "win32", reason="there is no pseudo terminal"
)

IN, OUT = b"\x1b[?1049h", b"\x1b[?1049l"
"""The alternate screen (xterm), which leaves what stood in the terminal as it was."""


def _heeds_ctrl_c() -> None:
    """What a shell started in the background ignores SIGINT, and so does all that it starts; a terminal's programs do not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Sitting:
    """Somebody at a terminal of 100 columns and 30 rows."""

    def __init__(self, words: list[str], folder: Path, **env: str) -> None:
        import fcntl
        import struct
        import termios

        self._termios = termios
        self.terminal, own = pty.openpty()
        fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self._own = own
        self.before = termios.tcgetattr(own)
        self.process = subprocess.Popen(
            command(*words),
            cwd=folder,
            env=environment({"TERM": "xterm-256color", **env}),
            stdin=own,
            stdout=own,
            stderr=own,
            preexec_fn=_heeds_ctrl_c,  # noqa: PLW1509  (one call in the child)
        )
        self.seen = b""

    def until(self, *wanted: bytes) -> bytes:
        """What comes until all of it is there; a test waits a long time for it, and no longer."""
        came = b""
        end = time.monotonic() + 60
        while not all(each in came for each in wanted):
            assert time.monotonic() < end, (wanted, came)
            if select.select([self.terminal], [], [], 0.2)[0]:
                came += os.read(self.terminal, 65536)
        self.seen += came
        return came

    def press(self, keys: bytes, *wanted: bytes) -> bytes:
        os.write(self.terminal, keys)
        return self.until(*wanted)

    def leave(self, keys: bytes = b"q") -> int:
        os.write(self.terminal, keys)
        self.until(OUT)
        status = self.process.wait(timeout=60)
        assert self._termios.tcgetattr(self._own) == self.before
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)
        os.close(self._own)


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
    for words, env in ((["show", "--plain"], {}), (["show"], {"TERM": "dumb"})):
        plain = Sitting(words, project, **env)
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
