"""What a whole `smoke` process costs beside a bare httpx script that does the same without evidence. Asserts nothing.

    python -m tests.benchmarks.run_speed [--rounds 5] [--tasks one,checkout,x100,c500,big,version]

Both take turns in each round, against a small server in a process of its own. `x wall` is the median of the rounds'
ratios and needs a quiet machine; `x cpu` compares the least processor time of each and stands some company. `x apart` is `x wall`
with a bare script that opens a connection for each request, as smoke does; the usual one keeps its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

CHECKOUT = """\
  - name: cart {n}
    request: {{url: /api/cart, json: {{sku: SKU-1, quantity: 1}}}}
    expect: {{status: 200}}
    capture: {{cart: $.cart_id}}
  - name: order {n}
    request: {{url: /api/shop, json: {{email: new@example.com, cart_id: "{{{{ cart }}}}"}}}}
    expect: {{status: 200, json: {{$.ok: true}}}}
    capture: {{order: $.order_id}}
  - name: look {n}
    request: {{url: "/api/orders/{{{{ order }}}}"}}
    expect: {{status: 200, json: {{$.order_id: "{{{{ order }}}}"}}}}
"""
ONE = "name: one\nsteps:\n  - {name: one, request: {url: /api/shop, json: {a: 1}}, expect: {status: 200, json: {$.ok: true}}}\n"
BIG = "name: big\nsteps:\n  - {name: big, request: {url: /big, timeout: 60s}, expect: {status: 500}}\n"
BARE = """
import sys, httpx
from functools import partial
from concurrent.futures import ThreadPoolExecutor
task, url, count, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
kept = None if sys.argv[5] == "kept" else 0
Client = partial(httpx.Client, base_url=url, limits=httpx.Limits(max_keepalive_connections=kept))

def work(times):
    with Client() as client:
        for _ in range(times):
            for _ in (1, 2):
                cart = client.post("/api/cart", json={"sku": "SKU-1", "quantity": 1})
                assert cart.status_code == 200
                order = client.post("/api/shop", json={"email": "new@example.com", "cart_id": cart.json()["cart_id"]})
                assert order.status_code == 200 and order.json()["ok"] is True
                look = client.get("/api/orders/" + order.json()["order_id"])
                assert look.status_code == 200 and look.json()["order_id"] == order.json()["order_id"]

if task == "one":
    with Client() as client:
        assert client.post("/api/shop", json={"a": 1}).json()["ok"]
elif task == "big":
    with Client() as client, client.stream("GET", "/big") as answer, open("kept", "wb") as out:
        for part in answer.iter_raw(1 << 16):
            out.write(part)
elif threads == 1:
    work(count)
else:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [count // threads] * threads))
"""


class Task(NamedTuple):
    """A name, the scenarios of it, the options of `smoke run`, the bare script's numbers, and how many times it may be."""

    name: str
    files: int
    options: tuple[str, ...]
    threads: int
    bar: float | None


TASKS = (
    Task("one", 1, (), 1, 1.5),
    Task("checkout", 1, (), 1, 1.5),
    Task("x100", 100, (), 1, 2.0),
    Task("c500", 500, ("--workers", "8"), 8, 2.2),
    Task("big", 1, (), 1, 2.2),
    Task("version", 0, (), 1, None),
)
ANSWER = b'{"ok":true,"cart_id":"c1","order_id":"o1"}'
BIG_BYTES = 100 * 1024 * 1024


def serve(listener: socket.socket) -> None:
    """Answer every request on kept connections; `/big` with a 500 of 100 MiB."""
    import threading

    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    small = head % len(ANSWER) + ANSWER
    large = (
        b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % BIG_BYTES
    )
    text = b"".join(b"line %d of an ordinary page, with words in it\n" % n for n in range(30_000))

    def connection(sock: socket.socket) -> None:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                piece = sock.recv(65536)
                if not piece:
                    sock.close()
                    return
                data += piece
            first, _, rest = data.partition(b"\r\n\r\n")
            length = 0
            for line in first.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line[15:])
            while len(rest) < length:
                rest += sock.recv(65536)
            data = rest[length:]
            if first.startswith(b"GET /big"):
                sock.sendall(large)
                left = BIG_BYTES
                while left:
                    piece = text[:left]
                    left -= len(piece)
                    sock.sendall(piece)
            else:
                sock.sendall(small)

    while True:
        sock, _ = listener.accept()
        threading.Thread(target=connection, args=(sock,), daemon=True).start()


class Cost(NamedTuple):
    """Of one process: seconds of wall time and of processor time, and its peak of memory in MiB."""

    wall: float
    cpu: float
    peak: float


def cost(command: list[str], folder: Path) -> Cost:
    """Run a command, which has to pass."""
    environ = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environ) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if child.returncode:
        sys.exit(f"{command} left with {child.returncode}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def write_scenarios(task: Task, folder: Path) -> None:
    """The task's scenario files, in a folder of its name."""
    (folder / task.name).mkdir()
    for number in range(task.files):
        steps = CHECKOUT.format(n=1) + CHECKOUT.format(n=2)
        text = {"one": ONE, "big": BIG}.get(task.name, f"name: s{number}\nsteps:\n{steps}")
        (folder / task.name / f"s{number}.yaml").write_text(text, encoding="utf-8")


def measure(task: Task, url: str, folder: Path, rounds: int) -> None:
    """Let both take turns, and print a line."""
    write_scenarios(task, folder)
    ours = [sys.executable, "-m", "smoke", "--version"]
    if task.files:
        ours[3:] = ["run", task.name, "--url", url, *task.options]
    bare = [sys.executable, "-c", BARE, task.name, url, str(task.files), str(task.threads)]
    found: list[tuple[Cost, Cost, Cost]] = []
    for _ in range(rounds + 1):
        one = cost(ours, folder)
        kept, apart = (
            cost([*bare, how], folder) if task.files else one for how in ("kept", "apart")
        )
        found.append((one, kept, apart))
    del found[0]  # it wrote bytecode
    wall = statistics.median(smoke.wall for smoke, *_ in found)
    cpu = min(smoke.cpu for smoke, *_ in found)
    line = f"{task.name:10} {wall:8.3f} {cpu:8.3f} {found[0][0].peak:9.1f}"
    if task.files:
        kept_ratio = statistics.median(smoke.wall / kept.wall for smoke, kept, _ in found)
        apart_ratio = statistics.median(smoke.wall / apart.wall for smoke, _, apart in found)
        cpu_ratio = cpu / min(kept.cpu for _, kept, _ in found)
        line += f" {kept_ratio:8.2f} {cpu_ratio:8.2f} {task.bar:7.1f} {apart_ratio:8.2f}"
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", default=",".join(task.name for task in TASKS))
    asked = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = multiprocessing.get_context("fork").Process(
        target=serve, args=(listener,), daemon=True
    )
    server.start()
    print(
        f"{'':10} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'x wall':>8} {'x cpu':>8} {'at most':>7} {'x apart':>8}"
    )
    with tempfile.TemporaryDirectory() as name:
        for task in TASKS:
            if task.name in asked.tasks.split(","):
                measure(task, url, Path(name), asked.rounds)
    server.terminate()
    os.close(listener.detach())


if __name__ == "__main__":
    main()
