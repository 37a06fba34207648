"""Ctrl-C, SIGTERM and kill -9 in the middle of the second order."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smoke.app.history import HistoryPlace, reading
from smoke.model.run import Outcome, Run
from smoke.store import resolve
from tests.support.cli import command, environment, smoke
from tests.support.processes import with_signals
from tests.support.scripted import Answer, Shop, scripted

SCENARIO = """
name: two-orders
steps:
  - {name: Order 1, request: {url: /order, json: {n: 1}}, places_order: {id: $.id}}
  - {name: Order 2, request: {url: /order, json: {n: 2}}, places_order: {id: $.id}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/order/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""


@contextmanager
def hanging() -> Iterator[tuple[Shop, threading.Event]]:
    """A shop whose second order is never answered; the event says that it has arrived."""
    arrived, over = threading.Event(), threading.Event()

    def order(body: bytes) -> Answer:
        if json.loads(body)["n"] == 2:
            arrived.set()
            over.wait(60)
        return 201, {}, b'{"id": "o1"}'

    with scripted() as shop:
        shop.routes["POST /order"] = order
        shop.on("DELETE /order/o1", body={})
        try:
            yield shop, arrived
        finally:
            over.set()


def interrupted(
    folder: Path, number: signal.Signals
) -> tuple[subprocess.CompletedProcess[bytes], Shop]:
    (folder / "two.yaml").write_text(SCENARIO, encoding="utf-8")
    with hanging() as (shop, arrived):
        process = subprocess.Popen(
            command("run", "two.yaml", "--url", shop.url),
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert arrived.wait(30)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err), shop


def stored(folder: Path) -> Run:
    return resolve(folder / ".smoke" / "runs").run()


@with_signals
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_one_signal_ends_the_steps_and_the_teardown_still_runs(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    done, shop = interrupted(tmp_path, number)
    assert done.returncode == status, done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    run = stored(tmp_path)
    assert run.interrupted_by == number.name
    with reading(HistoryPlace(tmp_path / ".smoke" / "history.db")) as history:
        assert history is not None
        (kept,) = history.named(run.id)
    assert (kept.interrupted, kept.status, kept.passed) == (number.name, status, False)
    first, second, cancel = run.scenarios[0].steps
    assert first.outcome is Outcome.PASSED
    answer = first.attempts[0].exchanges[0].response
    assert answer is not None
    assert answer.body.size == len(b'{"id": "o1"}')
    assert second.attempts[0].exchanges[0].error is not None
    assert cancel.outcome is Outcome.PASSED
    assert shop.paths() == ["POST /order", "POST /order", "DELETE /order/o1"]
    assert [order.state.value for order in run.orders] == ["placed", "may-exist"]
    assert [order.step for order in run.orders_left_behind] == ["Order 2"]


@with_signals
def test_after_kill_9_the_folder_reads_back_and_the_orders_are_listed(tmp_path: Path) -> None:
    done, shop = interrupted(tmp_path, signal.SIGKILL)
    assert done.returncode == -signal.SIGKILL
    run = stored(tmp_path)
    assert run.outcome is Outcome.UNFINISHED
    assert [(order.step, order.state.value) for order in run.orders] == [
        ("Order 1", "placed"),
        ("Order 2", "intended"),
    ]
    listed = smoke(["orders"], tmp_path)
    assert listed.returncode == 0
    assert "o1" in listed.stdout
    assert [listed.stdout.count(word) for word in ("left behind", "may exist")] == [1, 1]
    assert shop.paths() == ["POST /order", "POST /order"]


@with_signals
def test_teardown_of_a_dead_run_works_from_its_journal_and_can_be_repeated(tmp_path: Path) -> None:
    interrupted(tmp_path, signal.SIGKILL)
    with scripted() as shop:
        shop.on("DELETE /order/o1", body={})
        first = smoke(["teardown", "latest", "--url", shop.url], tmp_path)
        assert shop.paths() == ["DELETE /order/o1"]
        # Order 2 may exist and nobody knows its id: it stays on the list, and the exit status says so
        assert first.returncode == 1, first.stdout + first.stderr
        assert [order.removed.value for order in stored(tmp_path).orders] == ["yes", "no"]
        second = smoke(["teardown", "latest", "--url", shop.url], tmp_path)
        assert second.returncode == 1
        assert shop.paths() == ["DELETE /order/o1"]
