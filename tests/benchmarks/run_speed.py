"""What a whole `smoke` process costs: start-up, requests per second, memory. Prints figures, asserts nothing.

    python -m tests.benchmarks.run_speed [--rounds 5]

The server is a small one in a process of its own; the bare httpx script does the same requests without evidence.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
client = httpx.Client()
for _ in range(int(sys.argv[2])):
    for path in ("/api/cart", "/api/shop"):
        assert client.post(sys.argv[1] + path, json={"a": 1}).json()["ok"]
    assert client.get(sys.argv[1] + "/api/orders/o1").json()["order_id"] == "o1"
"""
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


def timed(command: list[str], folder: Path, rounds: int) -> tuple[float, float]:
    """Median wall and CPU seconds of a command."""
    walls, cpus = [], []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls[1:]), statistics.median(cpus[1:])


def peak(command: list[str], folder: Path) -> float:
    """Peak RSS in MiB of one run of a command."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = multiprocessing.get_context("fork").Process(
        target=serve, args=(listener,), daemon=True
    )
    server.start()
    smoke = [sys.executable, "-m", "smoke"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one.yaml").write_text(ONE, encoding="utf-8")
        (folder / "big.yaml").write_text(BIG, encoding="utf-8")
        (folder / "x100.yaml").write_text(
            "name: x100\nsteps:\n" + "".join(CHECKOUT.format(n=n) for n in range(200)),
            encoding="utf-8",
        )
        (folder / "many").mkdir()
        for number in range(100):
            (folder / "many" / f"s{number}.yaml").write_text(
                f"name: s{number}\nsteps:\n" + CHECKOUT.format(n=1) + CHECKOUT.format(n=2),
                encoding="utf-8",
            )
        run = ["run", "--url", url]
        rows = [
            ("smoke --version", [*smoke, "--version"], 0),
            ("smoke --help", [*smoke, "--help"], 0),
            ("smoke run, one request", [*smoke, *run, "one.yaml"], 1),
            ("bare httpx, 3 requests", [sys.executable, "-c", BARE, url, "1"], 3),
            ("600 requests in one scenario", [*smoke, *run, "x100.yaml"], 600),
            ("100 scenarios, 1 worker", [*smoke, *run, "many"], 600),
            ("100 scenarios, 8 workers", [*smoke, *run, "many", "--workers", "8"], 600),
            ("bare httpx, 600 requests", [sys.executable, "-c", BARE, url, "200"], 600),
            ("a 500 of 100 MiB, kept and classified", [*smoke, *run, "big.yaml"], 1),
        ]
        print(f"{'':40} {'wall s':>8} {'cpu s':>8} {'req/s':>8} {'peak MiB':>9}")
        for label, command, requests in rows:
            wall, cpu = timed(command, folder, rounds)
            rate = f"{requests / wall:8.0f}" if requests > 3 else " " * 8
            print(f"{label:40} {wall:8.3f} {cpu:8.3f} {rate} {peak(command, folder):9.1f}")
    server.terminate()
    os.close(listener.detach())


if __name__ == "__main__":
    main()
