"""Old runs go, and the room that each kept for itself; what somebody still needs stays."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from smoke.store import RunFolder, list_runs
from tests.support.checkout import CountingShop
from tests.support.cli import command, environment, smoke
from tests.support.processes import with_signals
from tests.support.wire_server import Peer, WireServer

ORDER = """
name: it
steps:
  - name: Order
    request: {method: POST, url: /orders, json: {n: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
"""
LOOK = "name: it\nsteps:\n  - name: Look\n    request: GET /\n    expect: {status: 200}\n"
WRONG = LOOK.replace("200", "404")


def run(folder: Path, url: str, text: str) -> str:
    """The id of a run of this scenario."""
    (folder / "it.yaml").write_text(text, encoding="utf-8")
    smoke(["run", "it.yaml", "--url", url], folder)
    return (folder / ".smoke" / "runs" / "latest").read_text(encoding="utf-8").strip()


def age(folder: Path, run_id: str, days: float) -> None:
    """Let a run have begun so long ago."""
    begun = time.time() - days * 86400
    os.utime(folder / ".smoke" / "runs" / run_id / "lock", (begun, begun))


def there(folder: Path) -> set[str]:
    return {found.id for found in list_runs(folder / ".smoke" / "runs")}


def test_old_runs_go_and_those_that_are_needed_stay(tmp_path: Path) -> None:
    with WireServer(CountingShop()) as server:
        ordered = run(tmp_path, server.url, ORDER)
        failed_before = run(tmp_path, server.url, WRONG)
        failed = run(tmp_path, server.url, WRONG)
        passed = run(tmp_path, server.url, LOOK)
        newest = run(tmp_path, server.url, LOOK)
    everything = (ordered, failed_before, failed, passed, newest)
    for number, run_id in enumerate(everything):
        age(tmp_path, run_id, 50 - number)

    dry = smoke(["prune", "--keep", "30d", "--dry-run"], tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert there(tmp_path) == set(everything)
    assert f"would remove  {passed}" in dry.stdout
    assert "2 runs would be removed" in dry.stdout

    done = smoke(["prune", "--keep", "30d"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert there(tmp_path) == {ordered, failed, newest}
    assert f"kept  {ordered}" in done.stdout
    assert "1 order may be left of it" in done.stdout
    assert "it is the last run that did not pass" in done.stdout
    assert f"removed  {passed}" in done.stdout
    assert "2 runs removed, " in done.stdout
    assert "bytes" in done.stdout.splitlines()[-1] or "kB" in done.stdout.splitlines()[-1]
    assert smoke(["show"], tmp_path).returncode == 0


def test_the_newest_are_kept_by_number_or_by_age(tmp_path: Path) -> None:
    with WireServer(CountingShop()) as server:
        runs = [run(tmp_path, server.url, LOOK) for _ in range(4)]
    for number, run_id in enumerate(runs):
        age(tmp_path, run_id, 10 - number)
    assert "0 runs removed" in smoke(["prune", "--keep", "30d"], tmp_path).stdout
    assert "0 runs removed" in smoke(["prune", "--keep", "4"], tmp_path).stdout
    assert "2 runs removed" in smoke(["prune", "--keep", "2"], tmp_path).stdout
    assert there(tmp_path) == set(runs[2:])
    assert "1 run removed" in smoke(["prune", "--keep", "1h"], tmp_path).stdout
    assert there(tmp_path) == {runs[3]}


@pytest.mark.parametrize("value", ["", "0", "-1", "3 days", "0d", "1m", "1.5d", "d", "30D"])
def test_a_bad_value_removes_nothing(value: str, tmp_path: Path) -> None:
    with WireServer(CountingShop()) as server:
        run_id = run(tmp_path, server.url, LOOK)
        run(tmp_path, server.url, LOOK)
    age(tmp_path, run_id, 500)
    done = smoke(["prune", f"--keep={value}"], tmp_path)
    assert done.returncode == 2
    assert "--keep takes a number of runs or an age above zero" in done.stderr
    assert run_id in there(tmp_path)
    assert smoke(["prune"], tmp_path).returncode == 2


def test_a_run_that_is_being_written_and_one_that_cannot_be_read_stay(tmp_path: Path) -> None:
    out = tmp_path / ".smoke" / "runs"
    with WireServer(CountingShop()) as server:
        broken = run(tmp_path, server.url, LOOK)
        written = run(tmp_path, server.url, LOOK)
        run(tmp_path, server.url, LOOK)
    for run_id in (broken, written):
        age(tmp_path, run_id, 90)
    events = out / broken / "events.jsonl"
    lines = events.read_bytes().splitlines(keepends=True)
    events.write_bytes(b"".join([lines[0], b"altered\n", *lines[2:]]))
    folder = RunFolder.open(out / written)
    folder.lock()
    try:
        done = smoke(["prune", "--keep", "1"], tmp_path)
    finally:
        folder.close()
    assert "it is being written" in done.stdout
    assert "not all of its events can be read" in done.stdout
    assert len(there(tmp_path)) == 3


@with_signals
def test_a_link_in_a_run_is_removed_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_bytes(b"x")
    out = tmp_path / ".smoke" / "runs"
    with WireServer(CountingShop()) as server:
        old = run(tmp_path, server.url, LOOK)
        run(tmp_path, server.url, LOOK)
    age(tmp_path, old, 90)
    (out / old / "bodies" / "link").symlink_to(precious)
    (out / "20000101-000000-abcdef").symlink_to(precious)
    smoke(["prune", "--keep", "1"], tmp_path)
    assert (precious / "file").exists()
    assert old not in there(tmp_path)


@with_signals
def test_a_run_gives_its_reserve_back_however_it_ends(tmp_path: Path) -> None:
    out = tmp_path / ".smoke" / "runs"

    def hangs(peer: Peer) -> None:
        peer.hold()

    with WireServer(CountingShop()) as server:
        run(tmp_path, server.url, LOOK)
        run(tmp_path, server.url, WRONG)
    assert list(out.glob("*/reserve")) == []
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with WireServer(hangs) as server:
            (tmp_path / "it.yaml").write_text(LOOK, encoding="utf-8")
            process = subprocess.Popen(
                command("run", "it.yaml", "--url", server.url),
                cwd=tmp_path,
                env=environment(),
                stdout=subprocess.DEVNULL,
            )
            while not server.requests:
                time.sleep(0.02)
            assert len(list(out.glob("*/reserve"))) == 1
            process.send_signal(ending)
            process.wait(30)
        assert len(list(out.glob("*/reserve"))) == (ending is signal.SIGKILL)
    with WireServer(
        CountingShop()
    ) as server:  # the next run gives back what a killed one could not
        run(tmp_path, server.url, LOOK)
    assert list(out.glob("*/reserve")) == []
