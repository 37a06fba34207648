"""`smoke run --on`: Ctrl-C, workers that are lost, a scheduler that is gone, secrets, and workers that are other than this one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smoke.app.running import run
from smoke.diagnostic import SmokeError
from smoke.model.run import OrderState, Outcome, Run
from smoke.store import resolve
from tests.support.cli import REPOSITORY, command, environment, smoke
from tests.support.dask_cluster import Workers, cluster
from tests.support.dask_killed import killed_at_random
from tests.support.demo import ShopFactory
from tests.support.processes import heeds_ctrl_c, with_signals
from tests.support.scripted import Answer, Shop, scripted

pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")  # which it needs itself

KILLS = int(os.environ.get("SMOKE_DASK_KILLS", "3"))
"""Workers that are killed; `python -m tests.benchmarks.dask_killed` kills fifty."""
CANARY = "canary-tea-with-milk-4711"
SCENARIO = """
name: buys-NAME
steps:
  - {name: Order 1, request: {url: /order, json: {n: 1, by: NAME}}, places_order: {id: $.id}}
  - {name: Order 2, request: {url: /order, json: {n: 2, by: NAME}}, places_order: {id: $.id}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/order/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
NAMES = ("a", "b", "c")


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


@contextmanager
def hanging(names: str = "abc") -> Iterator[tuple[Shop, threading.Semaphore]]:
    """A shop that never answers the second order of those; the semaphore counts those that arrived."""
    arrived, over = threading.Semaphore(0), threading.Event()

    def order(body: bytes) -> Answer:
        asked = json.loads(body)
        if asked["n"] == 2 and asked["by"] in names:
            arrived.release()
            over.wait(60)
        return 201, {}, json.dumps({"id": f"{asked['by']}{asked['n']}"}).encode()

    with scripted() as shop:
        shop.routes["POST /order"] = order
        for name in NAMES:
            shop.on(f"DELETE /order/{name}1", body={})
            shop.on(f"DELETE /order/{name}2", body={})
        try:
            yield shop, arrived
        finally:
            over.set()


def begun(folder: Path, shop: Shop, on: str) -> subprocess.Popen[bytes]:
    """`smoke run` of all three, in a group of processes of its own, as a terminal has it."""
    for name in NAMES:
        (folder / f"{name}.yaml").write_text(SCENARIO.replace("NAME", name), encoding="utf-8")
    return subprocess.Popen(
        command("run", *(f"{name}.yaml" for name in NAMES), "--url", shop.url, "--on", on),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=None if sys.platform == "win32" else heeds_ctrl_c,  # noqa: PLW1509  (one call in the child)
    )


def interrupt_all(process: subprocess.Popen[bytes]) -> None:
    """What a terminal does for Ctrl-C: the signal goes to every process of the group."""
    if sys.platform != "win32":
        os.killpg(process.pid, signal.SIGINT)


def stored(folder: Path) -> Run:
    return resolve(folder / ".smoke" / "runs").run()


@with_signals
@pytest.mark.parametrize("local", [False, True], ids=["scheduler", "this machine"])
def test_ctrl_c_begins_nothing_more_and_the_workers_remove_their_orders(
    local: bool, tmp_path: Path, workers: Workers
) -> None:
    workers.start()
    with hanging() as (shop, arrived):
        process = begun(tmp_path, shop, "local:2" if local else workers.address)
        assert arrived.acquire(timeout=60)
        assert arrived.acquire(timeout=60)
        interrupt_all(process)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b""), out
    run = stored(tmp_path)
    assert run.interrupted_by == "SIGINT"
    assert sorted(path for path in shop.paths() if path.startswith("DELETE")) == [
        "DELETE /order/a1",
        "DELETE /order/b1",
    ]
    assert sorted(each.state for each in run.orders) == sorted(
        2 * [OrderState.PLACED, OrderState.MAY_EXIST]
    )
    assert {each.step for each in run.orders_left_behind} == {"Order 2"}
    waiting = next(each for each in run.scenarios if each.name == "buys-c")
    assert (waiting.outcome, waiting.message) == (Outcome.ERRORED, "interrupted (SIGINT)")


@with_signals
def test_ctrl_c_while_workers_are_started_ends_it_without_a_trace(tmp_path: Path) -> None:
    with scripted() as shop:
        process = begun(tmp_path, shop, "local:2")
        starting = psutil.Process(process.pid)
        while not starting.children():  # the first that it starts: none of them works yet
            time.sleep(0.01)
        interrupt_all(process)
        _, err = process.communicate(timeout=60)
        assert not shop.seen
    assert (process.returncode, err) == (130, b"")


@with_signals
def test_a_second_ctrl_c_ends_the_teardowns_and_lists_the_orders(
    tmp_path: Path, workers: Workers
) -> None:
    workers.start()
    removing, over = threading.Event(), threading.Event()

    def remove(_: bytes) -> Answer:
        removing.set()
        over.wait(60)
        return 200, {}, b"{}"

    with hanging() as (shop, arrived):
        for name in NAMES:
            shop.routes[f"DELETE /order/{name}1"] = remove
        process = begun(tmp_path, shop, workers.address)
        assert arrived.acquire(timeout=60)
        assert arrived.acquire(timeout=60)
        process.send_signal(signal.SIGINT)
        assert removing.wait(30)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        over.set()
    assert process.returncode == 130, out
    run = stored(tmp_path)
    assert sorted(each.order_id for each in run.orders_left_behind) == ["", "", "a1", "b1"]


def test_a_killed_worker_loses_no_order_and_none_is_ordered_twice(
    tmp_path: Path, workers: Workers
) -> None:
    found = [killed_at_random(tmp_path / str(number), workers, number) for number in range(KILLS)]
    assert [what for each in found for what in each.wrong] == []
    assert any(each.errored for each in found)


def test_a_scheduler_that_is_gone_leaves_no_order_behind(tmp_path: Path) -> None:
    with (
        cluster(tmp_path) as workers,
        hanging() as (shop, arrived),
    ):
        process = begun(tmp_path, shop, workers.address)
        assert arrived.acquire(timeout=60)
        assert arrived.acquire(timeout=60)
        workers.scheduler.close()
        out, err = process.communicate(timeout=90)
    assert (process.returncode, err) == (3, b""), out
    run = stored(tmp_path)
    own = [each for each in run.scenarios if not each.teardown_of]
    assert [each.outcome for each in own] == [Outcome.ERRORED] * 3
    assert all("the scheduler is gone" in each.message for each in own)
    removed = {path for path in shop.paths() if path.startswith("DELETE")}
    assert {"DELETE /order/a1", "DELETE /order/b1"} <= removed
    assert {each.step for each in run.orders_left_behind} == {"Order 2"}
    assert len([path for path in shop.paths() if path.startswith("POST")]) == len(run.orders) == 4


HASTY = "import smoke.app.dask_line\nsmoke.app.dask_line.PATIENCE = 1.0\n"
"""A worker that waits a second for an answer, where others wait for fifteen."""


@with_signals
def test_a_worker_that_could_not_tell_its_end_is_not_waited_for(tmp_path: Path) -> None:
    """The one who asked is stopped (Ctrl-Z) for longer than its worker waits for an answer, and goes on afterwards."""
    (tmp_path / "hasty.py").write_text(HASTY, encoding="utf-8")
    asked, go_on = threading.Event(), threading.Event()

    def order(_: bytes) -> Answer:
        asked.set()
        go_on.wait(60)
        return 201, {}, b'{"id": "a1"}'

    with cluster(tmp_path, workers=0) as workers, scripted() as shop:
        shop.routes["POST /order"] = order
        shop.on("DELETE /order/a1", body={})
        preload = repr([str(tmp_path / "hasty.py")])
        workers.start(1, env={"DASK_DISTRIBUTED__WORKER__PRELOAD": preload})
        process = begun(tmp_path, shop, workers.address)
        assert asked.wait(60)
        process.send_signal(signal.SIGSTOP)
        go_on.set()
        with workers.client() as client:
            deadline = time.monotonic() + 60
            while any(client.processing().values()) and time.monotonic() < deadline:
                time.sleep(0.1)
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (3, b""), out
    run = stored(tmp_path)
    assert "was lost" in run.scenarios[0].message
    assert shop.paths().count("POST /order") == len(run.orders) == 1
    assert run.orders_left_behind == ()


def test_what_a_scheduler_was_told_to_forget_is_not_waited_for(
    tmp_path: Path, workers: Workers
) -> None:
    from distributed import Future

    workers.start()
    with hanging() as (shop, arrived):
        process = begun(tmp_path, shop, workers.address)
        assert arrived.acquire(timeout=60)
        assert arrived.acquire(timeout=60)
        with workers.client() as client:
            tasks = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks))
            client.cancel([Future(key, client) for key in tasks], force=True)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (3, b""), out
    own = [each for each in stored(tmp_path).scenarios if not each.teardown_of]
    assert [each.outcome for each in own] == [Outcome.ERRORED] * 3
    assert "not started: the scheduler gave it up" in {each.message for each in own}


def test_one_who_asked_and_is_gone_is_ordered_nothing_for(tmp_path: Path, workers: Workers) -> None:
    workers.start()
    asked, go_on = threading.Event(), threading.Event()

    def order(body: bytes) -> Answer:
        asked.set()
        go_on.wait(60)
        return 201, {}, json.dumps({"id": f"{json.loads(body)['by']}1"}).encode()

    with scripted() as shop:
        shop.routes["POST /order"] = order
        for name in NAMES:
            shop.on(f"DELETE /order/{name}1", body={})
        process = begun(tmp_path, shop, workers.address)
        assert asked.wait(60)
        time.sleep(0.5)  # until the other worker's order is there as well
        process.kill()
        process.communicate()
        go_on.set()
        deadline = time.monotonic() + 90
        while len(shop.seen) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
    ordered = [json.loads(body)["by"] for method, _, _, body in shop.seen if method == "POST"]
    assert len(ordered) == 2  # whichever two began
    assert sorted(path for path in shop.paths() if path.startswith("DELETE")) == [
        f"DELETE /order/{name}1" for name in sorted(ordered)
    ]
    assert sorted(each.state for each in stored(tmp_path).orders) == [OrderState.INTENDED] * 2


def test_the_database_tells_workers_the_same(
    tmp_path: Path, workers: Workers, shop: ShopFactory
) -> None:
    workers.start()
    told = []
    for on in ("", workers.address):
        broken = shop("broken")
        found = run(
            str(REPOSITORY / "scenarios" / "repeat-customer.yaml"),
            url=broken.url,
            on=on,
            out=tmp_path / "runs",
            environ={"SMOKE_DSN": broken.dsn},
            seed="the same",
        )
        (finding,) = [
            each
            for scenario in found.scenarios
            for step in scenario.steps
            for attempt in step.attempts
            for each in attempt.findings
            if each.code == "unique-violation"
        ]
        told.append(
            (
                found.outcome,
                finding.known,
                finding.fingerprint,
                finding.database[:-1],
                finding.remedies,
            )
        )
    assert told[0] == told[1]
    assert told[0][1].fix == "not applied"


def test_a_fix_that_a_worker_does_not_have_is_told_before_anything_is_ordered(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database is asked whether it is applied; without the file that would not be told."""
    workers.start()
    (tmp_path / "fix.sql").write_text("SELECT 1;", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(
        f"fix: fix.sql\n{SCENARIO.replace('NAME', 'a')}", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    with scripted() as shop:
        with pytest.raises(SmokeError, match=r"has no such fix\.sql, or another one"):
            run(
                "a.yaml",
                url=shop.url,
                on=workers.address,
                environ={"SMOKE_DSN": "postgresql://127.0.0.1:1/shop"},
            )
        assert not shop.seen


def test_a_secret_is_in_nothing_that_dask_keeps(tmp_path: Path) -> None:
    """Keys, the states of scheduler and workers with their stories and logs, output of the workers, and their folders."""
    place, output = tmp_path / "dask", tmp_path / "output"
    place.mkdir()
    text = SCENARIO.replace("NAME", "a").replace("n: 1,", 'n: 1, card: "{{ secrets.SHOP_TOKEN }}",')
    (tmp_path / "a.yaml").write_text(f"secrets: [SHOP_TOKEN]\n{text}", encoding="utf-8")
    with cluster(place, 0) as workers, hanging("a") as (shop, arrived):
        workers.start(1, {"DASK_LOGGING__DISTRIBUTED": "debug"}, output)
        process = subprocess.Popen(
            command("run", "a.yaml", "--url", shop.url, "--on", workers.address),
            cwd=tmp_path,
            env=environment({"SHOP_TOKEN": CANARY}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert arrived.acquire(timeout=60)
        kept = _kept_by_dask(workers, tmp_path / "during")
        files = _files(place)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        kept += _kept_by_dask(workers, tmp_path / "afterwards")
        files += _files(place)
    assert CANARY.encode() in shop.seen[0][3]
    assert b"smoke-" in kept
    assert files
    for what in (kept, files, output.read_bytes(), said, _files(tmp_path / ".smoke")):
        assert CANARY.encode() not in what
        assert b"canary" not in what.lower()


def _kept_by_dask(workers: Workers, file: Path) -> bytes:
    with workers.client() as client:
        client.dump_cluster_state(str(file), format="yaml")
        logs = [client.get_scheduler_logs(), client.get_worker_logs(), client.get_events()]
        story = client.run_on_scheduler(
            lambda dask_scheduler: (
                [dask_scheduler.story(key) for key in dask_scheduler.tasks]
                + [str(task.run_spec) for task in dask_scheduler.tasks.values()]
            )
        )
    return file.with_name(f"{file.name}.yaml").read_bytes() + repr([logs, story]).encode()


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_workers_with_another_smoke_are_refused(tmp_path: Path) -> None:
    changes: list[tuple[str, str | None]] = [
        ("smoke/version.py", '__version__ = "9.9.9"\n'),
        ("smoke/another.py", "A = 1\n"),
        ("smoke/app/dask_facts.py", None),
    ]
    place = tmp_path / "dask"
    place.mkdir()
    with cluster(place, 0) as workers, scripted() as shop:
        for number, (name, text) in enumerate(changes, 1):
            other = tmp_path / f"other-{number}"
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / "smoke", other / "smoke", ignore=ignored)
            if text is None:
                (other / name).unlink()
            else:
                (other / name).write_text(text, encoding="utf-8")
            workers.start(number, {"PYTHONPATH": str(other)})
        process = begun(tmp_path, shop, workers.address)
        _, err = process.communicate(timeout=60)
        assert not shop.seen
    said = err.decode()
    assert process.returncode == 2
    assert said.count("the worker tcp://") == len(changes)
    assert "has smoke 9.9.9, and this is " in said
    assert "of other files than this one" in said
    assert "has no smoke of this kind" in said
    assert not (tmp_path / ".smoke").exists()


def test_a_scheduler_without_workers_is_refused(tmp_path: Path) -> None:
    with cluster(tmp_path, 0) as workers:
        (tmp_path / "a.yaml").write_text(SCENARIO.replace("NAME", "a"), encoding="utf-8")
        done = smoke(
            ["run", "a.yaml", "--url", "http://127.0.0.1:9", "--on", workers.address], tmp_path
        )
    assert done.returncode == 2
    assert "no worker is there" in done.stderr
