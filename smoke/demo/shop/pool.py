"""A few connections to the shop's database, lent for one transaction at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import psycopg
from psycopg import conninfo, sql
from psycopg.abc import Params, Query
from psycopg.pq import TransactionStatus

from smoke.demo.shop.call import Call
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.settings import DbTrace

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]

SIZE = 12
PATIENCE = 15.0


class _Commenting(psycopg.Connection[tuple[object, ...]]):
    """Puts a comment behind each statement."""

    comment = ""

    def execute(
        self,
        query: Query,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool = False,
    ) -> psycopg.Cursor[tuple[object, ...]]:
        """As the base class's."""
        text = _bytes(query, self) + self.comment.encode()
        return super().execute(text, params, prepare=prepare, binary=binary)


def _bytes(query: Query, connection: Connection) -> bytes:
    if isinstance(query, bytes):
        return query
    if isinstance(query, str):
        return query.encode()
    assert isinstance(query, sql.Composable)  # the shop has no template strings
    return query.as_bytes(connection)


def _comment(call: Call) -> str:
    """The trace as sqlcommenter writes it, with the span that the shop's request is."""
    return f" /*traceparent='00-{call.trace_id}-{call.span_id}-01'*/"


class Pool:
    """At most `size` connections, opened when first needed and kept.

    `trace` says how the server learns which request a statement belongs to; most shops do not tell it.
    """

    def __init__(self, dsn: str, size: int = SIZE, *, trace: DbTrace = DbTrace.NAME) -> None:
        self._dsn = dsn
        self._trace = trace
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Commenting] = []
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
    def transaction(self, call: Call | None = None) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back when an exception passes.

        What `trace` puts into `application_name` or behind the statements is in the server's log beside every error.
        """
        if not self._free.acquire(timeout=PATIENCE):
            raise ShopError(
                503, "busy", "The shop is busy, try again", headers=(("Retry-After", "1"),)
            )
        try:
            connection = self._take()
            try:
                named = call.request_id if call and self._trace is DbTrace.NAME else ""
                name = sql.Literal(f"demo-shop {named}".strip())
                connection.comment = ""
                connection.execute(sql.SQL("BEGIN; SET LOCAL application_name = {}").format(name))
                if call and call.trace_id and self._trace is DbTrace.COMMENT:
                    connection.comment = _comment(call)
                yield connection
                connection.comment = ""
                connection.execute("COMMIT")
            finally:
                self._give_back(connection)
        finally:
            self._free.release()

    def _take(self) -> _Commenting:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Commenting.connect(self._dsn, autocommit=True)

    def _give_back(self, connection: _Commenting) -> None:
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
