"""A few connections to the shop's database, lent for one transaction at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import psycopg
from psycopg import conninfo, sql
from psycopg.pq import TransactionStatus

from smoke.demo.shop.errors import ShopError

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]

SIZE = 12
PATIENCE = 15.0


class Pool:
    """At most `size` connections, opened when first needed and kept.

    With `trace` the server knows which request a transaction belongs to; most shops do not tell it.
    """

    def __init__(self, dsn: str, size: int = SIZE, *, trace: bool = True) -> None:
        self._dsn = dsn
        self._trace = trace
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False

    def open(self) -> None:
        """Open the first connection: where it cannot be opened, the shop does not start."""
        with self.transaction():
            pass

    @property
    def database(self) -> str:
        """The database's name."""
        return str(conninfo.conninfo_to_dict(self._dsn).get("dbname", ""))

    @contextmanager
    def transaction(self, request_id: str = "") -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back when an exception passes.

        With `trace` the request id is in `application_name`, and so in the server's log beside every error of this request.
        """
        if not self._free.acquire(timeout=PATIENCE):
            raise ShopError(
                503, "busy", "The shop is busy, try again", headers=(("Retry-After", "1"),)
            )
        try:
            connection = self._take()
            try:
                name = sql.Literal(f"demo-shop {request_id if self._trace else ''}".strip())
                connection.execute(sql.SQL("BEGIN; SET LOCAL application_name = {}").format(name))
                yield connection
                connection.execute("COMMIT")
            finally:
                self._give_back(connection)
        finally:
            self._free.release()

    def _take(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return psycopg.connect(self._dsn, autocommit=True)

    def _give_back(self, connection: Connection) -> None:
        if connection.info.transaction_status in {
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        }:
            connection.execute("ROLLBACK")
        with self._lock:
            if connection.info.transaction_status is TransactionStatus.IDLE and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close every idle connection, and each of the others when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
