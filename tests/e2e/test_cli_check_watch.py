"""`smoke check --watch`: what is saved is checked, with what includes it and nothing else, until Ctrl-C."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import command, environment, smoke
from tests.support.processes import heeds_ctrl_c

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")

GOOD = "name: {}\nsteps:\n  - {{name: x, request: GET /x}}\n"
BAD = "name: {}\nsteps:\n  - {{name: x, reqest: GET /x}}\n"
INCLUDES = "name: b\nsteps:\n  - include: parts/login.yaml\n"
PART = "parameters: []\nsteps:\n  - {name: Log in, request: POST /login}\n"


class Watching:
    """A `smoke check --watch` whose lines are read as they come."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            command("check", "--watch", *words),
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=heeds_ctrl_c,  # noqa: PLW1509  (one call in the child)
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.decode().rstrip("\r\n"))
        self.process.stdout.close()

    def until(self, wanted: str) -> list[str]:
        """The lines up to one with these words: a test waits a long time for it, and no longer."""
        came: list[str] = []
        while not came or wanted not in came[-1]:
            try:
                came.append(self._lines.get(timeout=60))
            except queue.Empty:
                raise AssertionError((wanted, came)) from None
        return came

    def save(self, name: str, text: str, wanted: str) -> list[str]:
        """Save a file as editors do, beside it and then in its place; what is said up to these words."""
        beside = self.folder / f"{name}.tmp"
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.folder / name)
        return self.until(wanted)

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=60)
        self._reader.join()
        return status

    def rest(self) -> list[str]:
        return [self._lines.get() for _ in range(self._lines.qsize())]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    parts = tmp_path / "scenarios" / "parts"
    parts.mkdir(parents=True)
    (tmp_path / "scenarios/a.yaml").write_text(GOOD.format("a"), encoding="utf-8")
    (tmp_path / "scenarios/b.yaml").write_text(INCLUDES, encoding="utf-8")
    (parts / "login.yaml").write_text(PART, encoding="utf-8")
    return tmp_path


@pytest.fixture
def watching(project: Path) -> Iterator[Watching]:
    found = Watching(project)
    yield found
    found.end()


def test_what_is_saved_is_checked_with_what_includes_it(watching: Watching) -> None:
    assert watching.until("watching") == [
        "scenarios/a.yaml: all right",
        "scenarios/b.yaml: all right",
        "watching: a file is checked when it is saved; Ctrl-C ends it",
    ]
    broken = watching.save("scenarios/a.yaml", BAD.format("a"), "a.yaml: ")
    assert any("did you mean 'request'?" in line for line in broken)
    assert broken[-1] == "scenarios/a.yaml: 1 mistake"
    part = watching.save("scenarios/parts/login.yaml", PART.replace("POST", "PAST /"), "as before")
    assert "scenarios/b.yaml: 1 mistake" in part
    assert part[-1] == "1 other file with mistakes, as before"
    assert not any("reqest" in line for line in part)
    again = watching.save("scenarios/parts/login.yaml", PART, "as before")
    assert again == ["scenarios/b.yaml: all right", "1 other file with mistakes, as before"]
    mended = watching.save("scenarios/a.yaml", GOOD.format("a"), "a.yaml: ")
    assert mended == ["scenarios/a.yaml: all right"]
    assert watching.end() == 130
    assert watching.rest() == []


def test_a_ci_system_ends_it_with_its_own_signal(watching: Watching) -> None:
    watching.until("watching")
    watching.process.send_signal(signal.SIGTERM)
    assert watching.process.wait(timeout=60) == 143


def test_files_come_and_go(watching: Watching) -> None:
    watching.until("watching")
    assert watching.save("scenarios/c.yaml", GOOD.format("c"), "c.yaml") == [
        "scenarios/c.yaml: all right"
    ]
    (watching.folder / "scenarios/a.yaml").unlink()
    assert watching.until("a.yaml") == ["scenarios/a.yaml: not there any more"]
    (watching.folder / "scenarios/parts/login.yaml").unlink()
    gone = watching.until("b.yaml: ")
    assert any("there is no file" in line for line in gone)
    assert watching.save("scenarios/parts/login.yaml", PART, "b.yaml: ") == [
        "scenarios/b.yaml: all right"
    ]
    assert watching.end() == 130


def test_files_of_values_are_watched_too(project: Path) -> None:
    (project / "v.yaml").write_text("who: ada\n", encoding="utf-8")
    text = GOOD.format("a").replace("steps", "variables: {who: bob}\nsteps")
    (project / "scenarios/a.yaml").write_text(text, encoding="utf-8")
    at = Watching(project, "scenarios/a.yaml", "--vars-file", "v.yaml")
    try:
        at.until("watching")
        assert any("wo" in line for line in at.save("v.yaml", "wo: ada\n", "smoke explain"))
    finally:
        assert at.end() == 130


def test_words_that_mean_nothing_and_formats_are_refused(project: Path) -> None:
    nothing = smoke(["check", "--watch", "nope"], project)
    assert nothing.returncode == 2
    assert "nope" in nothing.stderr
    form = smoke(["check", "--watch", "--format", "json"], project)
    assert form.returncode == 2
    assert "leave out --format" in " ".join(form.stderr.split())
    empty = project / "empty"
    empty.mkdir()
    assert smoke(["check", "--watch"], empty).returncode == 2


def test_a_reader_that_went_away_ends_it(project: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command("check", "--watch"),
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        timeout=90,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 141
