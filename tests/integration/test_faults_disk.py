"""Every call on the disk or a socket fails once during one checkout: none of the five sins happens in any of them."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import OrderState, Outcome, Run
from smoke.model.status import ExitStatus
from smoke.model.verdict import exit_status
from smoke.store import RunFolder, StoreError, list_runs
from tests.support.checkout import GOOD, CountingShop
from tests.support.running import run_text
from tests.support.wire_server import WireServer

SECRET = "geheim-4c1f7a90b2"

SCENARIO = """
name: checkout
secrets: [KEY]
steps:
  - name: Order 1
    request: {method: POST, url: /orders, bearer: "{{ secrets.KEY }}", json: {n: 1}}
    places_order: {id: $.id}
    retry: {attempts: 3, on: [429, 5xx, transport], wait: 1ms}
    expect: {status: 201}
  - name: Order 2
    request: {method: POST, url: /orders, json: {n: 2, key: "{{ secrets.KEY }}"}}
    places_order: {id: $.id}
    expect: {status: 201}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""

DISK = (
    "open",
    "write",
    "fsync",
    "rename",
    "replace",
    "mkdir",
    "unlink",
    "symlink",
    "posix_fallocate",
    "pread",
)
SOCKET = ("connect", "send", "recv")


@dataclass
class Fault:
    """Fails the call of one number; counts only calls on the run's own files and sockets, in the run's own thread."""

    at: int
    number: int
    folder: str
    seen: int = 0
    failed: str = ""
    thread: int = field(default_factory=threading.get_ident)
    names: set[str] = field(default_factory=set)

    def count(self, name: str) -> None:
        """Raise when it is this call's turn."""
        if threading.get_ident() != self.thread:
            return
        self.seen += 1
        self.names.add(name)
        if self.seen - 1 == self.at:
            self.failed = name
            raise OSError(self.number, os.strerror(self.number))

    def wrapped(self, name: str) -> Callable[..., Any]:
        """The call of `os`, counted when it touches the run's folder."""
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            if self._mine(arguments[0]):
                self.count(name)
            return real(*arguments, **options)

        return call

    def _mine(self, where: object) -> bool:
        if isinstance(where, int):
            try:
                where = Path(f"/proc/self/fd/{where}").readlink()
            except OSError:
                return False
        return str(where).startswith(self.folder)

    def sockets(self) -> type[socket.socket]:
        """A socket class whose calls are counted."""
        fault = self

        class Counted(socket.socket):
            def connect(self, address: Any) -> None:
                fault.count("connect")
                super().connect(address)

            def send(self, data: Any, flags: int = 0) -> int:
                fault.count("send")
                return super().send(data, flags)

            def recv(self, size: int, flags: int = 0) -> bytes:
                fault.count("recv")
                return super().recv(size, flags)

        return Counted


@dataclass
class Ended:
    """What a run with one fault came to."""

    fault: Fault
    shop: CountingShop
    out: Path
    run: Run | None
    refused: SmokeError | None


def checkout(folder: Path, at: int, number: int, monkeypatch: pytest.MonkeyPatch) -> Ended:
    """One checkout whose call of number `at` fails."""
    folder.mkdir()
    shop = CountingShop(lambda _: GOOD)
    fault = Fault(at, number, str(folder / "runs"))
    run, refused = None, None
    with WireServer(shop) as server, monkeypatch.context() as patch:
        for name in DISK:
            patch.setattr(os, name, fault.wrapped(name))
        patch.setattr(socket, "socket", fault.sockets())
        try:
            run = run_text(
                folder,
                server.url,
                SCENARIO,
                environ={"KEY": SECRET},
                options=RunOptions(timeout=10),
            )
        except SmokeError as error:
            refused = error
    return Ended(fault, shop, folder / "runs", run, refused)


def stored(out: Path) -> Run | None:
    """What another process reads back; None when the run had not begun."""
    folders = list_runs(out) if out.is_dir() else []
    if not folders:
        return None
    try:
        return RunFolder.open(out / folders[0].id).run()
    except StoreError:
        return None


def sins(ended: Ended) -> list[str]:
    """Which of the five was committed."""
    shop, run = ended.shop, ended.run
    found = []
    if shop.posts > 2 or len(shop.orders) + len(shop.removed & shop.answered) > 2:
        found.append(f"ordered twice: {shop.posts} posts")
    again = stored(ended.out)
    if run is None:
        if shop.posts:
            found.append(
                f"{shop.posts} orders were sent, and then there was no run: {ended.refused}"
            )
    else:
        found += _unlisted(shop, run, "told")
        if again is None:
            found.append("the folder does not read back")
        else:
            found += _unlisted(shop, again, "stored")
        found += _green(ended, run)
    for path in ended.out.rglob("*"):
        if path.is_file() and SECRET.encode() in path.read_bytes():
            found.append(f"the secret is in {path.name}")
    if ended.refused is not None and SECRET in str(ended.refused):
        found.append("the secret is in the message")
    return found


def _unlisted(shop: CountingShop, run: Run, where: str) -> list[str]:
    """Orders that the shop still has and that are not on the list."""
    listed = {order.order_id for order in run.orders_left_behind}
    unknown = sum(not order.order_id for order in run.orders_left_behind)
    missing = [order for order in shop.orders if order not in listed]
    return [f"{missing} not listed ({where})"] if len(missing) > unknown else []


def _green(ended: Ended, run: Run) -> list[str]:
    """A green that does not hold: an order was left, or evidence is missing without a word."""
    status = exit_status(run)
    if status is not ExitStatus.PASSED:
        return []
    found = []
    if len(ended.shop.removed) != 2 or ended.shop.orders:
        found.append(f"green, but the shop has {list(ended.shop.orders)}")
    if run.problems or run.outcome is not Outcome.PASSED:
        found.append(f"green with problems: {run.problems}")
    bodies = [
        exchange.response.body
        for scenario in run.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
        if exchange.response is not None
    ]
    folder = RunFolder.open(Path(run.folder))
    if len(bodies) != 4 or any(len(folder.read(body)) != body.size for body in bodies):
        found.append("green, but evidence is missing")
    if folder.verify():
        found.append("green, but evidence is not as it was written")
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to know whose descriptor it is")
@pytest.mark.parametrize(
    "number", [errno.EIO, errno.ENOSPC, errno.ECONNRESET], ids=errno.errorcode.get
)
def test_each_call_fails_once(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, list[str]] = {}
    failed: dict[str, int] = {}
    for at in range(1000):
        ended = checkout(tmp_path / str(at), at, number, monkeypatch)
        if not ended.fault.failed:
            assert ended.run is not None
            assert ended.run.outcome is Outcome.PASSED
            assert [order.state for order in ended.run.orders] == [OrderState.PLACED] * 2
            break
        name = ended.fault.failed
        failed[name] = failed.get(name, 0) + 1
        if sinned := sins(ended):
            found[f"{at} {name}"] = sinned
    assert found == {}
    assert {"open", "write", "fsync", "mkdir", "connect", "send", "recv"} <= set(failed)


def test_a_run_whose_folder_fails_ends_and_still_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first answer on nothing can be written: no second order, the first one is removed, nothing is green."""
    shop = CountingShop(lambda _: GOOD)
    real = os.write

    def write(descriptor: int, data: Any) -> int:
        if shop.posts and threading.current_thread() is threading.main_thread():
            raise OSError(errno.EIO, "planted")
        return real(descriptor, data)

    with WireServer(shop) as server, monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        run = run_text(tmp_path, server.url, SCENARIO, environ={"KEY": SECRET})
    assert shop.posts == 1
    assert shop.orders == {}
    assert shop.removed == {"ord-00001"}
    assert exit_status(run) is ExitStatus.NO_VERDICT
    assert run.problems
    assert [order.order_id for order in run.orders] == ["ord-00001"]
    assert stored(tmp_path / "runs") is not None
