"""Somebody at a terminal: a `smoke` in a pseudo terminal, what it shows, and the keys that are pressed."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.cli import command, environment, narrow
from tests.support.processes import heeds_ctrl_c

pty = pytest.importorskip("pty")
at_a_terminal = pytest.mark.skipif(
    narrow() or sys.platform == "win32", reason="there is no pseudo terminal"
)

OUT = b"\x1b[?1049l"
"""The end of the alternate screen (xterm): what stood in the terminal is there again."""


class Sitting:
    """Somebody at a terminal of 30 rows."""

    def __init__(self, words: list[str], folder: Path, columns: int = 100, **env: str) -> None:
        import fcntl
        import struct
        import termios

        self._termios = termios
        self.terminal, own = pty.openpty()
        fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self._own = own
        self.folder = folder
        self.before = termios.tcgetattr(own)
        self.process = subprocess.Popen(
            command(*words),
            cwd=folder,
            env=environment({"TERM": "xterm-256color", **env}),
            stdin=own,
            stdout=own,
            stderr=own,
            preexec_fn=heeds_ctrl_c,  # noqa: PLW1509  (one call in the child)
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

    def ended(self) -> tuple[int, str]:
        """The exit status, and all that was shown."""
        end = time.monotonic() + 60
        over = False
        while not over:
            assert time.monotonic() < end, self.seen
            over = self.process.poll() is not None
            while select.select([self.terminal], [], [], 0.05)[0]:
                self.seen += os.read(self.terminal, 65536)
        return self.process.returncode, self.seen.decode().replace("\r\n", "\n")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)
        os.close(self._own)


@contextmanager
def ordering(
    folder: Path, scenario: str, url: str, *options: str, **always: str
) -> Iterator[Callable[..., Sitting]]:
    """Starts `smoke run order.yaml` at a terminal, as often as it is called; what is left of them is ended behind it."""
    (folder / "order.yaml").write_text(scenario, encoding="utf-8")
    sitting: list[Sitting] = []

    def start(*words: str, columns: int = 100, **env: str) -> Sitting:
        line = ["run", "order.yaml", "--url", url, *options, *words]
        sitting.append(Sitting(line, folder, columns, **always, **env))
        return sitting[-1]

    yield start
    for each in sitting:
        each.close()


def let_go(at: Sitting, asked: bytes, times: int) -> None:
    """Send so many requests, each when it is asked about."""
    for _ in range(times):
        at.until(asked)
        at.press(b"s\n")


def typed_at_once(words: list[str], folder: Path, typed: str) -> bytes:
    """What a program that asks shows at a terminal without abilities; all answers are typed before its questions. It has to end well."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        command(*words),
        cwd=folder,
        env=environment({"TERM": "dumb"}),
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        os.write(leader, typed.encode())
        shown = _until_the_end(leader)
        assert process.wait(60) == 0, shown
    return shown


def _until_the_end(terminal: int) -> bytes:
    shown = b""
    while True:
        try:
            more = os.read(terminal, 1 << 16)
        except OSError:  # nobody has it open any more
            return shown
        if not more:
            return shown
        shown += more
