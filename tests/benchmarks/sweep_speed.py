"""What many shops and many scenarios take: `python -m tests.benchmarks.sweep_speed [SHOPS] [MOST_SCENARIOS]`.

A shop in a process of its own, which answers after 20 ms at as many addresses of the loopback as there are shops (Linux has them
all): five scenarios at each, with 1, 2, 4 and 8 targets at once. Then one run with more and more scenarios at a shop that
answers at once: what each costs may not grow with their number.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.app.sweep import sweep
from smoke.model.run import Outcome
from tests.support.one_order import ORDER

AT_ONCE = (1, 2, 4, 8)
SCENARIOS = 5
DELAY = 0.02
GROWN = 1.5
"""How much more a scenario of the largest run may cost than one of a hundred."""


def _serve(delay: float, told: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            time.sleep(delay)
            body = b'{"id": "o-1"}'
            self.send_response(201 if self.command == "POST" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  (names of http.server)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("0.0.0.0", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def shop(delay: float) -> Iterator[int]:
    """A shop in a process of its own; its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(delay, theirs), daemon=True
    )
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def scenarios(folder: Path, count: int) -> tuple[str, ...]:
    """So many files with an order and its removal each."""
    found = []
    for number in range(count):
        path = folder / f"order-{number}.yaml"
        path.write_text(ORDER.replace("name: order", f"name: order-{number}", 1), encoding="utf-8")
        found.append(str(path))
    return tuple(found)


def swept(shops: int, at_once: int, port: int) -> tuple[float, float]:
    """Seconds, and seconds of the processor, for all shops."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        lines = ["targets:"]
        for number in range(shops):
            host = f"127.0.{1 + number // 200}.{1 + number % 200}"
            lines.append(f"  shop-{number}: {{url: 'http://{host}:{port}'}}")
        (folder / "targets.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        options = RunOptions(
            selectors=scenarios(folder, SCENARIOS),
            targets_file=folder / "targets.yaml",
            out=folder / "runs",
        )
        begun, computed = time.perf_counter(), time.process_time()
        found = list(sweep(options, at_once=at_once, environ={}))
        assert all(each.outcome is Outcome.PASSED for each in found)
        assert len(found) == shops
        return time.perf_counter() - begun, time.process_time() - computed


def alone(count: int, port: int) -> float:
    """Milliseconds of the processor that a scenario costs in a run of so many."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        options = RunOptions(
            selectors=scenarios(folder, count), url=f"http://127.0.0.1:{port}", out=folder / "runs"
        )
        computed = time.process_time()
        done = run(options=options, environ={})
        assert done.outcome is Outcome.PASSED
        return (time.process_time() - computed) / count * 1000


def main(shops: int, most: int) -> int:
    print(f"{shops} shops, {SCENARIOS} scenarios each, {os.cpu_count()} processors")
    with shop(DELAY) as port:
        for at_once in AT_ONCE:
            seconds, computed = swept(shops, at_once, port)
            each = seconds / shops / SCENARIOS * 1000
            share = computed / seconds
            print(
                f"  {at_once} at once   {seconds:7.1f} s   {each:6.1f} ms a scenario   processor {share:4.0%}",
                flush=True,
            )
    costs = {}
    with shop(0.0) as port:
        count = 10
        while count <= most:
            costs[count] = alone(count, port)
            print(
                f"  {count:>6} scenarios   {costs[count]:6.2f} ms of the processor each", flush=True
            )
            count *= 10
    flat = costs[max(costs)] <= GROWN * costs[min(100, max(costs))]
    print(f"the cost of a scenario is {'flat' if flat else 'NOT FLAT'}")
    return 0 if flat else 1


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(main(*(given + [200, 10_000][len(given) :])))
