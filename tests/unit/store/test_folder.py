"""Run folders: only their owner reads them, nothing is overwritten, altered evidence is noticed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.model.asked import Target
from smoke.model.events import ExchangeRecorded, RunFinished
from smoke.model.exchange import WINDOW_HEAD, WINDOW_TAIL, Body, Exchange, Response, StoredRequest
from smoke.model.run import Outcome
from smoke.redact import Masker, Secrets
from smoke.store import (
    PartlyKeptError,
    RunFolder,
    StoreError,
    last_failed,
    list_runs,
    mark_latest,
    resolve,
)
from smoke.store.folder import SMALL
from tests.support.told import order_intended, run_started

STARTED = run_started("t0", "r1", "0.1.0", Target(url="http://shop.test"))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    with RunFolder.create(tmp_path / ".smoke" / "runs", "r1") as made:
        yield made


def _modes(root: Path) -> set[tuple[str, int]]:
    return {
        ("folder" if path.is_dir() else "file", path.stat().st_mode & 0o777)
        for path in [root, *root.rglob("*")]
    }


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_only_the_owner_may_read_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with RunFolder.create(tmp_path / ".smoke" / "runs", "r1") as folder:
            folder.append(STARTED)
            folder.keep("Order 1.response", b"body")
            spill = folder.spill("Order 2.response", Masker(Secrets()))
            spill.write(b"x" * 100)
            spill.finish()
            mark_latest(tmp_path / ".smoke" / "runs", "r1")
    finally:
        os.umask(before)
    assert _modes(tmp_path / ".smoke") == {("folder", 0o700), ("file", 0o600)}


def test_git_ignores_what_is_kept(folder: RunFolder, tmp_path: Path) -> None:
    assert (tmp_path / ".smoke" / ".gitignore").read_text() == "*\n"


def test_bodies_are_kept_and_read_back(folder: RunFolder) -> None:
    body = folder.keep("Order 1.response", b"\x00body\xff")
    assert folder.read(body) == b"\x00body\xff"
    assert folder.read(body, 1, 4) == b"body"
    assert folder.window(body).head == b"\x00body\xff"
    assert folder.path(body).read_bytes() == b"\x00body\xff"
    assert folder.read(Body()) == b""


def test_a_small_text_may_lie_in_its_event(folder: RunFolder) -> None:
    data = '{"größe": 1,\n"ok": true}'.encode()
    body = folder.keep("Order 1.response", data, in_event=True)
    assert (body.path, body.file, body.kept) == ("", "events.jsonl", True)
    assert (folder.read(body), folder.read(body, 2, 4)) == (data, data[2:6])
    assert folder.window(body).head == data
    nothing = folder.keep("Order 1.request", b"", in_event=True)
    assert (nothing.file, nothing.kept, folder.read(nothing)) == ("", True, b"")
    response = Response(200, body=body)
    for known in (response, Response(200, body=replace(body, sha256="0" * 64))):
        exchange = Exchange("x1", StoredRequest("GET", "http://shop.test/", body=nothing), known)
        folder.append(ExchangeRecorded("t", "s", "Order 1", 1, exchange))
    stored = [each for each in folder.events() if isinstance(each, ExchangeRecorded)]
    assert stored[0].exchange.response == response
    differing = [(each.path, each.problem) for each in folder.verify()]
    assert differing == [("events.jsonl", "sha256")]
    assert list((folder.folder / "bodies").iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [b"x" * (SMALL + 1), b"\xff", b"\0", b"a\x1b[2Jb", b"line\r\n", "\u202e".encode()],
    ids=["long", "binary", "nul", "escape", "return", "invisible"],
)
def test_what_is_no_small_plain_text_has_a_file_of_its_own(folder: RunFolder, data: bytes) -> None:
    body = folder.keep("Order 1.response", data, in_event=True)
    assert body.text == ""
    assert folder.path(body).read_bytes() == data


def test_a_large_body_shows_its_head_and_tail(folder: RunFolder) -> None:
    data = os.urandom(1024) * 9000
    window = folder.window(folder.keep("Big.response", data))
    assert window.head == data[:WINDOW_HEAD]
    assert window.tail == data[-WINDOW_TAIL:]
    assert window.size == len(data)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a/b",
        "CON",
        "",
        ".",
        "x" * 5000,
        "näme\x00\x1b[2J",
        "%2e%2e/",
        "a\nb",
        "-rf",
    ],
)
def test_no_name_leads_out_of_the_folder(folder: RunFolder, name: str) -> None:
    body = folder.keep(f"{name}.response", b"1")
    path = folder.path(body)
    assert path.parent == (folder.folder / "bodies").resolve()
    assert len(path.name) <= 110
    assert path.name.removesuffix(".1.response.body").replace("-", "").isalnum()


def test_the_parts_of_an_exchange_share_a_number(folder: RunFolder) -> None:
    paths = [
        folder.keep(f"Order 1.{part}", b"").path
        for part in ("request", "response", "request", "response", "response")
    ]
    assert [path.removeprefix("bodies/order-1.").removesuffix(".body") for path in paths] == [
        "1.request",
        "1.response",
        "2.request",
        "2.response",
        "3.response",
    ]


def test_stored_paths_do_not_lead_out_of_the_folder(folder: RunFolder) -> None:
    for path in ("../../x", "/etc/passwd", "bodies/../../../x"):
        with pytest.raises(StoreError, match="outside"):
            folder.read(Body(1, "", path))


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    with RunFolder.create(tmp_path / "runs", "r1") as folder:
        folder.keep("order.response", b"first")
        (folder.folder / "bodies" / "order.2.response.body").symlink_to(outside)
        body = folder.keep("order.response", b"second")
        assert folder.path(body).name == "order.3.response.body"
    assert not outside.exists()
    (tmp_path / "runs" / "latest").symlink_to(outside)
    mark_latest(tmp_path / "runs", "r1")
    assert not outside.exists()
    assert (tmp_path / "runs" / "latest").read_text() == "r1\n"


def test_a_run_is_never_written_over(folder: RunFolder) -> None:
    with pytest.raises(StoreError, match="File exists"):
        RunFolder.create(folder.folder.parent, "r1")


def test_a_lock_dies_with_its_process_and_is_seen(folder: RunFolder) -> None:
    folder.append(STARTED)
    with RunFolder.open(folder.folder) as other:
        assert other.in_use
        with pytest.raises(StoreError, match="still being written"):
            other.lock()
        folder.close()
        other.lock()
        assert RunFolder.open(folder.folder).in_use
    assert not RunFolder.open(folder.folder).in_use


def test_altered_evidence_is_named(folder: RunFolder) -> None:
    names = ["same", "flipped", "longer", "gone"]
    bodies = {name: folder.keep(f"{name}.response", b"evidence") for name in names}
    folder.append(STARTED)
    for name, body in bodies.items():
        exchange = Exchange(name, StoredRequest("GET", "/"), Response(500, body=body))
        folder.append(ExchangeRecorded("t", "s", name, 1, exchange))
    assert folder.verify() == ()
    folder.path(bodies["flipped"]).write_bytes(b"evidencE")
    folder.path(bodies["longer"]).write_bytes(b"evidence+")
    folder.path(bodies["gone"]).unlink()
    assert [(found.exchange_id, found.problem) for found in folder.verify()] == [
        ("flipped", "sha256"),
        ("longer", "size"),
        ("gone", "missing"),
    ]


def test_a_spilled_body_is_masked_on_its_way(folder: RunFolder) -> None:
    secret = "tok_demo_51f0c2d9e8a74b36"
    masker = Masker(Secrets.of({"KEY": secret}), digest_key=b"k")
    spill = folder.spill("Big.response", masker)
    data = (b"x" * 999 + secret.encode()) * 3000
    for at in range(0, len(data), 10_007):
        spill.write(data[at : at + 10_007])
        stored = folder.folder / "bodies" / "big.1.response.body"
        assert b"tok_demo" not in stored.read_bytes()[-2000:]
    body, redactions = spill.finish()
    assert folder.read(body) == data.replace(secret.encode(), b"[masked:KEY]")
    assert (body.size, body.original_size) == (3000 * 1011, len(data))
    assert body.original_digest
    assert len(redactions) == 1000
    assert spill.redaction_count == 3000


def test_a_discarded_spill_leaves_nothing(folder: RunFolder) -> None:
    spill = folder.spill("Big.response", Masker(Secrets()))
    spill.write(b"x" * 3_000_000)
    spill.discard()
    assert list((folder.folder / "bodies").iterdir()) == []


def test_threads_may_share_a_folder(folder: RunFolder) -> None:
    folder.append(STARTED)

    def work(number: int) -> None:
        for index in range(50):
            body = folder.keep("Same name.response", f"{number} {index}".encode())
            folder.append(order_intended("t", "s", "x", f"{number}-{index}", body.path))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert folder.torn() == ()
    orders = folder.run().orders
    assert len(orders) == 400
    assert len({order.exchange_id for order in orders}) == 400


_WRITER = """
import sys
from pathlib import Path
from smoke.store import RunFolder
from tests.support.told import order_intended, run_started
folder = RunFolder.create(Path(sys.argv[1]), "r1")
folder.append(run_started("t", "r1"), sync=True)
number = 0
while True:
    folder.keep("Order.request", b"x" * 5000)
    folder.append(order_intended("t", "s", "Order", str(number), "x" * 3000), sync=True)
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("lines", [1, 7, 40])
def test_a_killed_writer_leaves_every_order_it_spoke_of(tmp_path: Path, lines: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        spoken = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        spoken += writer.stdout.readlines()
    with RunFolder.open(tmp_path / "r1") as folder:
        assert not folder.in_use
        run = folder.run()
    assert run.outcome is Outcome.UNFINISHED
    keys = [order.key for order in run.orders]
    assert keys[: len(spoken)] == [line.strip() for line in spoken if line.endswith("\n")]
    assert len(folder.torn()) <= 1


def _limit_file_size(size: int) -> Callable[[], None]:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))

    def restore() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)

    return restore


@pytest.mark.parametrize("pieces", [1, 30])
def test_a_spilled_body_that_the_disk_refuses_is_said_at_its_end_at_the_latest(
    folder: RunFolder, pieces: int
) -> None:
    spill = folder.spill("Big.response", Masker(Secrets(), block=1000, ahead=100))
    restore = _limit_file_size(2000)
    try:
        with pytest.raises(StoreError) as caught:  # noqa: PT012  (written behind: which call tells is not said)
            for _ in range(pieces):
                spill.write(b"x" * 5000)
            spill.finish()
    finally:
        restore()
    assert caught.value.diagnostics[0].code == "disk-full"
    spill.discard()
    assert list((folder.folder / "bodies").iterdir()) == []


@pytest.mark.parametrize("pieces", [1, 30])
def test_a_spilled_body_whose_writer_fails_of_something_else_is_said_and_waits_for_nobody(
    folder: RunFolder, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill = folder.spill("Big.response", Masker(Secrets(), block=1000, ahead=100))

    def without_memory(_descriptor: int, _data: bytes) -> int:
        raise MemoryError

    monkeypatch.setattr(os, "write", without_memory)
    with pytest.raises(StoreError, match="MemoryError"):  # noqa: PT012  (written behind: which call tells is not said)
        for _ in range(pieces):
            spill.write(b"x" * 5000)
        spill.finish()
    monkeypatch.undo()
    spill.discard()
    assert list((folder.folder / "bodies").iterdir()) == []


def test_a_body_for_which_there_is_no_thread_is_refused_and_leaves_nothing(
    folder: RunFolder,
) -> None:
    before = threading.stack_size(1 << 50)  # more memory than any system gives
    try:
        with pytest.raises(StoreError, match="new thread"):
            folder.spill("Big.response", Masker(Secrets()))
    finally:
        threading.stack_size(before)
    assert list((folder.folder / "bodies").iterdir()) == []


def test_a_file_that_may_not_grow_is_said_and_keeps_the_beginning(folder: RunFolder) -> None:
    folder.append(STARTED)
    restore = _limit_file_size(2000)
    try:
        with pytest.raises(PartlyKeptError) as caught:
            folder.keep("Big.response", b"x" * 5000)
        for number in range(30):
            try:
                folder.append(order_intended("t", "s", "x", str(number), "x" * 300))
            except StoreError as error:
                assert error.diagnostics[0].code == "disk-full"  # noqa: PT017
                break
        else:
            pytest.fail("the limit was not reached")
    finally:
        restore()
    assert caught.value.diagnostics[0].code == "disk-full"
    kept = caught.value.body
    assert (kept.size, kept.omitted, kept.original_size) == (1000, 4000, 5000)
    assert folder.read(kept) == b"x" * 1000
    folder.append(RunFinished("t", Outcome.ERRORED))
    run = folder.run()
    assert run.outcome is Outcome.ERRORED
    assert len(run.orders) == number
    assert len(folder.torn()) <= 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("no right to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def _keep_many(folder: RunFolder) -> None:
    for _ in range(100):
        folder.keep("Big.response", b"x" * 100_000)


def test_events_still_fit_on_a_full_disk(small_disk: Path) -> None:
    with RunFolder.create(small_disk / "runs", "r1") as folder:
        folder.append(STARTED)
        with pytest.raises(StoreError) as caught:
            _keep_many(folder)
        assert caught.value.diagnostics[0].code == "disk-full"
        with pytest.raises(StoreError, match="needed before an order"):
            folder.check_space(1_000_000)
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError) as full:
            file.writelines([b"x" * 4096] * 1000)
        assert full.value.errno == errno.ENOSPC
        for number in range(100):
            folder.append(order_intended("t", "s", "x", str(number), "x" * 300), sync=True)
        assert len(folder.run().orders) == 100
        assert len(folder.torn()) <= 1


def test_runs_are_found_newest_first_and_by_the_beginning_of_their_id(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == ()
    with pytest.raises(SmokeError, match="no run"):
        resolve(tmp_path)
    outcomes = {"a1": Outcome.PASSED, "a2": Outcome.FAILED, "b1": Outcome.PASSED}
    for number, (run_id, outcome) in enumerate(outcomes.items()):
        with RunFolder.create(tmp_path, run_id) as folder:
            folder.append(run_started("t", run_id, "0", Target()))
            folder.append(RunFinished("t", outcome))
        os.utime(tmp_path / run_id / "lock", (number, number))
        mark_latest(tmp_path, run_id)
    (tmp_path / "stray").mkdir()
    assert [run.id for run in list_runs(tmp_path)] == ["b1", "a2", "a1"]
    assert resolve(tmp_path).run_id == "b1"
    assert resolve(tmp_path, "latest").run_id == "b1"
    assert resolve(tmp_path, "b").run_id == "b1"
    assert resolve(tmp_path, str(tmp_path / "a1")).run_id == "a1"
    failed = last_failed(tmp_path)
    assert failed is not None
    assert failed.run_id == "a2"
    with pytest.raises(SmokeError, match="begins 2 runs"):
        resolve(tmp_path, "a")
    with pytest.raises(SmokeError, match="no run 'zz'"):
        resolve(tmp_path, "zz")


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not the folder of a run"):
        RunFolder.open(tmp_path)
    with (
        RunFolder.create(tmp_path, "r1") as folder,
        pytest.raises(StoreError, match="holds no run"),
    ):
        folder.run()


def test_runs_that_begin_at_once_in_a_new_project_all_begin(tmp_path: Path) -> None:
    for attempt in range(20):
        out = tmp_path / str(attempt) / ".smoke" / "runs"
        begin = threading.Barrier(4)

        def start(number: int, out: Path = out, begin: threading.Barrier = begin) -> bool:
            begin.wait()
            RunFolder.create(out, f"run-{number}").close()
            return True

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(start, range(4)))
        assert (out.parent / ".gitignore").read_bytes() == b"*\n"
