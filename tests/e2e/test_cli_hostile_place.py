"""Full disks, shared folders, closed pipes, signals, odd terminals: the exit status and the evidence stay true."""

from __future__ import annotations

import itertools
import json
import os
import re
import select
import signal
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from smoke.app import running
from smoke.app.options import RunOptions
from smoke.engine.control import SystemClock
from smoke.model.run import Outcome, Removal, Run
from smoke.store import RunFolder, list_runs, resolve
from tests.support.checkout import CountingShop
from tests.support.cli import command, environment, smoke, text_of
from tests.support.running import run_text
from tests.support.wire_server import Peer, WireServer

fcntl = pytest.importorskip("fcntl", reason="limits, terminals and devices of POSIX systems")
pty = pytest.importorskip("pty")
resource = pytest.importorskip("resource")
termios = pytest.importorskip("termios")

SCENARIO = """
name: checkout
steps:
  - {name: Order 1, request: {url: /orders, json: {n: 1}}, places_order: {id: $.id}, expect: {status: 201}}
  - {name: Order 2, request: {url: /orders, json: {n: 2}}, places_order: {id: $.id}, expect: {status: 201}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""


def start(
    folder: Path,
    url: str,
    *arguments: str,
    prepare: Callable[[], None] | None = None,
    stdout: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """A started `smoke run` of the scenario."""
    (folder / "checkout.yaml").write_text(SCENARIO, encoding="utf-8")
    return subprocess.Popen(
        command("run", "checkout.yaml", "--url", url, *arguments),
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509  (limits of the child only)
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Exit status, and what it printed."""
    out, err = process.communicate(timeout=60)
    shown = (out or b"") + (err or b"")
    assert b"Traceback" not in shown, shown
    assert b"internal error" not in shown, shown
    assert b"Exception ignored" not in shown, shown
    return process.returncode, shown


def stored(folder: Path) -> Run:
    return resolve(folder / ".smoke" / "runs").run()


LARGE = b'{"id": "ord-00001", "padding": "' + b"x" * 400_000 + b'"}'


class Large(CountingShop):
    """Answers an order with 400 KB."""

    def _break(self, peer: Peer, way: str, order_id: str) -> None:
        body = LARGE.replace(b"ord-00001", order_id.encode())
        peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def limited() -> None:
    """Make every file of the child end at 300,000 bytes, as a quota would."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


def test_a_quota_that_ends_within_a_run_orders_no_more_and_removes_what_was_ordered(
    tmp_path: Path,
) -> None:
    shop = Large()
    with WireServer(shop) as server:
        status, shown = ended(start(tmp_path, server.url, prepare=limited))
    assert status == 3, shown
    assert b"File too large" in b" ".join(shown.split())
    assert shop.posts == 1
    assert shop.orders == {}
    assert [order.removed for order in stored(tmp_path).orders] == [Removal.YES]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "none", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_up_within_a_run_still_holds_the_ledger(
    tmp_path: Path, small_disk: Path
) -> None:
    class Filling(Large):
        def _break(self, peer: Peer, way: str, order_id: str) -> None:
            with (small_disk / "filler").open("wb", buffering=0) as filler:
                try:
                    while filler.write(b"x" * 4096):
                        pass
                except OSError:
                    super()._break(peer, way, order_id)

    shop = Filling()
    with WireServer(shop) as server:
        status, shown = ended(start(small_disk, server.url))
    assert status == 3, shown
    assert b"No space left" in b" ".join(shown.split())
    assert shop.posts == 1
    assert shop.orders == {}
    run = stored(small_disk)
    assert [(order.order_id, order.removed) for order in run.orders] == [("ord-00001", Removal.YES)]
    assert run.outcome is Outcome.ERRORED


def test_where_nothing_can_be_written_nothing_is_ordered(tmp_path: Path) -> None:
    shop = CountingShop()
    (tmp_path / "file").write_bytes(b"")
    for out in ("file/runs", "/proc/runs", "/dev/full"):
        with WireServer(shop) as server:
            status, shown = ended(start(tmp_path, server.url, "--out", out))
        assert status == 2, shown
        assert shop.posts == 0


def test_two_runs_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    both = threading.Barrier(2)

    class Meeting(CountingShop):
        def _commit(self, peer: Peer) -> str:
            if b'"n":1' in peer.request or b'"n": 1' in peer.request:
                both.wait(30)
                # a run that is being written is nobody else's to clean up
                busy.append(
                    smoke(
                        ["teardown", "latest", "--url", "http://127.0.0.1:9"], tmp_path
                    ).returncode
                )
                both.wait(30)
            return super()._commit(peer)

    busy: list[int] = []
    shop = Meeting()
    with WireServer(shop) as server:
        processes = [start(tmp_path, server.url) for _ in range(2)]
        results = [ended(process) for process in processes]
    assert [status for status, _ in results] == [0, 0], results
    assert busy == [2, 2]
    assert shop.orders == {}
    runs = [
        RunFolder.open(tmp_path / ".smoke" / "runs" / each.id)
        for each in list_runs(tmp_path / ".smoke" / "runs")
    ]
    assert len(runs) == 2
    ids = [{order.order_id for order in each.run().orders} for each in runs]
    assert len(ids[0] | ids[1]) == 4
    assert all(each.verify() == () and each.torn() == () for each in runs)


def test_a_clock_that_jumps_changes_no_deadline_and_no_duration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Jumping(SystemClock):
        jumps = itertools.cycle((1, -1, 0, 24))

        def now(self) -> datetime:
            return super().now() + timedelta(hours=next(self.jumps))

    monkeypatch.setattr(running, "SystemClock", Jumping)
    shop = CountingShop()
    with WireServer(shop) as server:
        run = run_text(tmp_path, server.url, SCENARIO, options=RunOptions(timeout=20, max_time=60))
    assert run.outcome is Outcome.PASSED
    assert shop.orders == {}
    assert 0 < run.seconds < 60
    steps = run.scenarios[0].steps
    assert [step.name for step in steps] == ["Order 1", "Order 2", "Cancel", "Cancel"]
    assert all(0 <= step.seconds < 60 for step in steps)


class Hanging(CountingShop):
    """Never answers the second order, and with `clean_up` neither its removal; tells when they came."""

    def __init__(self, *, clean_up: bool = False) -> None:
        super().__init__()
        self.arrived, self.removing = threading.Event(), threading.Event()
        self._clean_up = clean_up

    def __call__(self, peer: Peer) -> None:
        if peer.request.startswith(b"DELETE"):
            self.removing.set()
            if self._clean_up:
                peer.hold()
                return
        super().__call__(peer)

    def _break(self, peer: Peer, way: str, order_id: str) -> None:
        if order_id.endswith("2"):
            self.arrived.set()
            peer.hold()
        else:
            super()._break(peer, way, order_id)


INTERRUPTS = int(os.environ.get("SMOKE_INTERRUPTS", "3"))
"""How often a run is interrupted; 50 times are asked for before a release."""


@pytest.mark.parametrize("clean_up", [False, True], ids=["removal-works", "removal-hangs"])
def test_ctrl_c_ends_a_run_within_five_seconds(tmp_path: Path, clean_up: bool) -> None:
    """The one time that is asserted: CI kills 7.5 s after its first signal."""
    slowest = 0.0
    for number in range(INTERRUPTS if not clean_up else max(1, INTERRUPTS // 5)):
        folder = tmp_path / str(number)
        folder.mkdir()
        shop = Hanging(clean_up=clean_up)
        with WireServer(shop) as server:
            process = start(folder, server.url)
            assert shop.arrived.wait(30)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            status, shown = ended(process)
            slowest = max(slowest, time.monotonic() - begun)
        assert status == 130, shown
        run = stored(folder)
        assert run.interrupted_by == "SIGINT"
        assert [order.state.value for order in run.orders] == ["placed", "may-exist"]
        assert len(run.orders_left_behind) == (2 if clean_up else 1)
        assert b"may exist" in shown.lower()
    assert slowest <= 5


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_second_signal_ends_the_clean_up_too(tmp_path: Path, second: signal.Signals) -> None:
    shop = Hanging(clean_up=True)
    with WireServer(shop) as server:
        process = start(tmp_path, server.url)
        assert shop.arrived.wait(30)
        process.send_signal(signal.SIGINT)
        assert shop.removing.wait(30)
        process.send_signal(second)
        status, shown = ended(process)
    assert status == 130, shown
    run = stored(tmp_path)
    assert run.outcome is not Outcome.UNFINISHED
    assert len(run.orders_left_behind) == 2
    assert shop.posts == 2


def test_a_reader_that_goes_away_changes_neither_the_run_nor_its_status(tmp_path: Path) -> None:
    shop = CountingShop()
    reading, writing = os.pipe()
    os.close(reading)
    with WireServer(shop) as server:
        arguments = ("--verbose", "--report", "json=report.json")
        process = start(tmp_path, server.url, *arguments, stdout=writing)
        os.close(writing)
        status, shown = ended(process)
    assert status == 0, shown
    assert shop.posts == 2
    assert shop.orders == {}
    assert stored(tmp_path).outcome is Outcome.PASSED
    assert json.loads((tmp_path / "report.json").read_text())["outcome"] == "passed"


@pytest.mark.parametrize("closed", [(1,), (1, 2), (0, 1, 2)], ids=str)
def test_a_process_without_standard_streams_still_runs(
    tmp_path: Path, closed: tuple[int, ...]
) -> None:
    def close() -> None:
        for descriptor in closed:
            os.close(descriptor)

    shop = CountingShop()
    with WireServer(shop) as server:
        status, shown = ended(start(tmp_path, server.url, prepare=close))
    assert status == 0, shown
    assert shop.orders == {}
    assert stored(tmp_path).outcome is Outcome.PASSED
    folder = RunFolder.open(Path(stored(tmp_path).folder))
    # no line of output may land in a file of evidence that got the number of a closed stream
    assert folder.torn() == ()
    assert folder.verify() == ()


@pytest.mark.parametrize("path", ["full", "ascii"])
def test_output_that_cannot_be_written_as_it_is_does_not_change_the_status(
    tmp_path: Path, path: str
) -> None:
    shop = CountingShop()
    (tmp_path / "checkout.yaml").write_text(
        SCENARIO + "passed: Bestellung geprüft ✅\n", encoding="utf-8"
    )
    plain = {"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C", "PYTHONUTF8": "0"}
    with (
        WireServer(shop) as server,
        Path("/dev/full" if path == "full" else os.devnull).open("wb") as full,
    ):
        done = subprocess.run(
            command("run", "checkout.yaml", "--url", server.url),
            cwd=tmp_path,
            env=environment(plain if path == "ascii" else {}),
            stdout=full if path == "full" else subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    full_disk = "smoke: standard output could not be written: No space left on device\n"
    assert text_of(done.stderr) == (full_disk if path == "full" else "")
    assert (done.stdout or b"").isascii()
    assert shop.orders == {}


def test_a_narrow_terminal_without_colour_shows_none_and_is_not_overrun(tmp_path: Path) -> None:
    shop = CountingShop(lambda _: "502")
    (tmp_path / "checkout.yaml").write_text(SCENARIO, encoding="utf-8")
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    with WireServer(shop) as server:
        process = subprocess.Popen(
            command("run", "checkout.yaml", "--url", server.url),
            cwd=tmp_path,
            env=environment({"NO_COLOR": "1", "TERM": "xterm-256color"}),
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        shown = b""
        while select.select([master], [], [], 60)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            shown += piece
        assert process.wait(30) == 1
    os.close(master)
    text = shown.decode()
    assert re.search(r"\x1b\[[0-9;]*3[0-7]", text) is None
    after = text[text.rindex("\x1b[?25h") :] if "\x1b[?25h" in text else text
    lines = [
        line
        for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", after).splitlines()
        if " " in line.strip()
    ]
    assert lines
    # paths and commands stay whole, so that they can be copied
    prose = [line for line in lines if "/" not in line and "smoke " not in line]
    assert max(len(line) for line in prose) <= 40, max(prose, key=len)
