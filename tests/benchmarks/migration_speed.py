"""Prints how long `applied` takes for a whole schema, how often it asks, and in how much memory.

Run it: python tests/benchmarks/migration_speed.py [TABLES …]; also with 50 ms on the way to the server.
"""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import psycopg

from smoke.database.dsn import read_dsn
from smoke.database.migration.applied import applied
from smoke.database.session import connect
from smoke.demo.postgres import EmbeddedServer

LATENCY = 0.05


def schema(tables: int) -> str:
    """Two statements for each table: the table with keys, checks and defaults, and an index or a policy."""
    said: list[str] = []
    for n in range(tables):
        target = f"table_{n - 1}" if n else "table_0"
        said.append(
            f"CREATE TABLE table_{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id bigint REFERENCES {target}(id) ON DELETE CASCADE,"
            " email varchar(200) NOT NULL, state text NOT NULL DEFAULT 'new', price numeric(10, 2) CHECK (price >= 0),"
            " data jsonb DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamp(3),"
            f" CONSTRAINT table_{n}_state CHECK (state IN ('new', 'paid_{n}', 'sent')), CONSTRAINT table_{n}_uq UNIQUE (email, state));"
        )
        said.append(
            f"CREATE INDEX table_{n}_ix ON table_{n} (lower(email), created_at DESC) WHERE state <> 'sent';"
            if n % 2
            else f"ALTER TABLE table_{n} ADD COLUMN note text, ALTER COLUMN email SET DEFAULT 'x{n}';"
        )
    return "\n".join(said)


@contextmanager
def slow_way(address: str, delay: float) -> Iterator[tuple[int, list[int]]]:
    """A port from which everything goes on to the server after a delay, and what the client sent, counted."""
    asked = [0]
    listener = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, sink: socket.socket, *, count: bool) -> None:
        waiting: SimpleQueue[tuple[float, bytes]] = SimpleQueue()

        def deliver() -> None:
            while True:
                at, data = waiting.get()
                time.sleep(max(0.0, at - time.monotonic()))
                if not data:
                    sink.close()
                    return
                sink.sendall(data)

        threading.Thread(target=deliver, daemon=True).start()
        while True:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            asked[0] += count
            waiting.put((time.monotonic() + delay / 2, data))
            if not data:
                return

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(address)
            for pair in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=carry, args=pair[:2], kwargs={"count": pair[2]}, daemon=True
                ).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        listener.close()


def measure(dsn: str, tables: int, way: str) -> None:
    """One line: what it took in this process."""
    sql = schema(tables)
    wall, processor = time.perf_counter(), time.process_time()
    with connect(read_dsn(dsn, "BENCHMARK_DSN")) as database:
        answer = applied(database, [("schema.sql", sql)])
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{tables:5} tables {2 * tables:5} statements {way:9}: {wall:6.1f} s, processor {processor:5.1f} s, {peak:4.0f} MiB, {answer.overall}",
        flush=True,
    )


def main() -> None:
    """Each size in a process of its own, for its memory."""
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])
        return
    sizes = [int(size) for size in sys.argv[1:]] or [250, 500, 1000, 2000]
    with EmbeddedServer() as server:
        for tables in sizes:
            dsn = server.create_database(f"speed_{tables}")
            with psycopg.connect(dsn, autocommit=True) as database:
                for statement in schema(
                    tables
                ).splitlines():  # one transaction for all would want too many locks
                    database.execute(statement.encode())
                address = f"{database.info.host}/.s.PGSQL.{database.info.port}"
            with slow_way(address, 0.0) as (counted, asked):
                by_proxy = psycopg.conninfo.make_conninfo(dsn, host="127.0.0.1", port=counted)
                subprocess.run(
                    [sys.executable, __file__, "--one", by_proxy, str(tables), "loopback"],
                    check=True,
                )
                print(f"{'':12} the client spoke {asked[0]} times", flush=True)
            with slow_way(address, LATENCY) as (far, _):
                by_proxy = psycopg.conninfo.make_conninfo(dsn, host="127.0.0.1", port=far)
                subprocess.run(
                    [sys.executable, __file__, "--one", by_proxy, str(tables), "50 ms"], check=True
                )
            server.drop_database(dsn)


if __name__ == "__main__":
    main()
