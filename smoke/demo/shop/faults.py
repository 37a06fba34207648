"""What can go wrong with the second order of a customer beside the incident: real errors of the real server."""

from __future__ import annotations

import secrets
import threading
from typing import LiteralString

import psycopg
from psycopg import conninfo, sql

from smoke.demo.shop.fields import Customer
from smoke.demo.shop.pool import Connection
from smoke.demo.shop.settings import Fault
from smoke.diagnostic import SmokeError

_PATIENCE = "250ms"
_HELD = 3
"""How many foreign transactions are kept open at most, so that a shop that runs for days has connections left."""

_PREPARE: dict[Fault, LiteralString] = {
    # what a CREATE UNIQUE INDEX makes is no constraint: the catalogue lists it elsewhere, the message is the same
    Fault.UNIQUE_INDEX: (
        "ALTER TABLE h2s_dispatch_jobs DROP CONSTRAINT IF EXISTS h2s_dispatch_jobs_recipient_step_uq;"
        "CREATE UNIQUE INDEX h2s_dispatch_jobs_recipient_step_idx ON h2s_dispatch_jobs (recipient_id, step_id)"
    ),
    # rows may be read, and nobody but the owner may add any
    Fault.ROW_SECURITY: (
        "ALTER TABLE h2s_dispatch_jobs ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY jobs_are_read ON h2s_dispatch_jobs FOR SELECT USING (true)"
    ),
    # the table is there, in a schema that the shop does not look into
    Fault.UNDEFINED_TABLE: (
        "CREATE SCHEMA dispatch; CREATE TABLE dispatch.h2s_dispatch_queue (order_id text PRIMARY KEY)"
    ),
}
_WITH_ROLE = frozenset({Fault.PERMISSION, Fault.ROW_SECURITY, Fault.TOO_MANY_CONNECTIONS})
_JOB: LiteralString = (
    "INSERT INTO h2s_dispatch_jobs (recipient_id, step_id, order_id) VALUES (%s, %s, %s)"
)


class Faults:
    """One fault, or none, of the shop on that database. `close()` ends what it holds."""

    def __init__(self, fault: Fault | None, dsn: str) -> None:
        self._fault = fault
        self._dsn = dsn
        self._lock = threading.Lock()
        self._held: list[Connection] = []
        self._role = f"shop_app_{secrets.token_hex(4)}"
        self._password = secrets.token_urlsafe(16)

    def prepare(self) -> None:
        """Bring the database, and for some faults a role of the server, into the state that the fault needs.

        SmokeError where the account may not.
        """
        if self._fault is None:
            return
        try:
            self._prepare(self._fault)
        except psycopg.Error as error:
            raise SmokeError.of(
                "demo-fault",
                f"the server does not let the demo prepare the fault '{self._fault}': {str(error).strip()}",
                notes=("some faults need an account with the right CREATEROLE",),
            ) from error

    def _prepare(self, fault: Fault) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as database:
            if fault in _PREPARE:
                database.execute(_PREPARE[fault])
            role = sql.Identifier(self._role)
            if fault in _WITH_ROLE:
                database.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT 1 PASSWORD {}").format(
                        role, sql.Literal(self._password)
                    )
                )
            if fault is Fault.ROW_SECURITY:
                database.execute(
                    sql.SQL("GRANT SELECT, INSERT ON h2s_dispatch_jobs TO {}").format(role)
                )

    def at_start(self, database: Connection, customer: Customer) -> None:
        """Called in an order's transaction, before anything of it is written."""
        if self._fault in {Fault.LOCK_TIMEOUT, Fault.STATEMENT_TIMEOUT}:
            recipient = _ordered_before(database, customer)
            if recipient is not None:
                self._hold(recipient)
                setting = "lock" if self._fault is Fault.LOCK_TIMEOUT else "statement"
                database.execute(f"SET LOCAL {setting}_timeout = '{_PATIENCE}'".encode())

    def at_dispatch(
        self, database: Connection, customer: Customer, recipient_id: str, order_id: str
    ) -> None:
        """Called in an order's transaction, where its dispatch job is to be made."""
        if self._fault is None or _ordered_before(database, customer) is None:
            return
        match self._fault:
            case Fault.FOREIGN_KEY:
                database.execute(_JOB, (recipient_id, "step-0", order_id))
            case Fault.NOT_NULL:
                database.execute(_JOB, (recipient_id, "step-2", None))
            case Fault.CHECK:
                database.execute("UPDATE products SET stock = -1 WHERE sku = 'gift-card'")
            case Fault.UNDEFINED_TABLE:
                database.execute("INSERT INTO h2s_dispatch_queue VALUES (%s)", (order_id,))
            case Fault.UNDEFINED_COLUMN:
                database.execute(
                    "UPDATE h2s_dispatch_jobs SET priority = 1 WHERE recipient_id = %s",
                    (recipient_id,),
                )
            case Fault.PERMISSION | Fault.ROW_SECURITY:
                database.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self._role)))
                database.execute(_JOB, (recipient_id, "step-2", order_id))
            case Fault.TOO_MANY_CONNECTIONS:
                self._connect_twice(database)
            case Fault.DEADLOCK:
                self._deadlock(database, recipient_id)
            case Fault.UNIQUE_INDEX | Fault.LOCK_TIMEOUT | Fault.STATEMENT_TIMEOUT:
                pass  # the order's own statements meet these

    def _hold(self, recipient_id: str) -> None:
        """Lock a recipient's row in another transaction, which stays open: a job that somebody forgot."""
        holder = psycopg.connect(self._dsn, application_name="demo-shop stock-sync")
        holder.execute("SELECT 1 FROM recipients WHERE id = %s FOR UPDATE", (recipient_id,))
        self._keep(holder)

    def _deadlock(self, database: Connection, recipient_id: str) -> None:
        """Wait for a row of a transaction that waits for a row of this one: the order is the one that gives way."""
        holder = psycopg.connect(self._dsn, application_name="demo-shop stock-sync")
        # who looks first for a deadlock is its victim
        holder.execute("SET deadlock_timeout = '1min'")
        holder.commit()
        database.execute("SET LOCAL deadlock_timeout = '100ms'")
        product = "SELECT 1 FROM products WHERE sku = 'cup-last-one' FOR UPDATE"
        database.execute(product.encode())
        job = "SELECT 1 FROM h2s_dispatch_jobs WHERE recipient_id = %s FOR UPDATE"
        holder.execute(job.encode(), (recipient_id,))
        waiting = threading.Thread(target=_run, args=(holder, product), daemon=True)
        waiting.start()
        while waiting.is_alive() and not _waits(database, holder.info.backend_pid):
            waiting.join(0.01)
        database.execute(job.encode(), (recipient_id,))

    def _connect_twice(self, database: Connection) -> None:
        """Connect as a role that may have one connection, as a worker of the shop with a pool of its own would."""
        row = database.execute("SHOW application_name").fetchone()
        assert row is not None
        dsn = conninfo.make_conninfo(
            self._dsn, user=self._role, password=self._password, application_name=str(row[0])
        )
        for _ in range(2):
            self._keep(psycopg.connect(dsn))

    def _keep(self, connection: Connection) -> None:
        with self._lock:
            self._held.append(connection)
            while len(self._held) > _HELD:
                self._held.pop(0).close()

    def close(self) -> None:
        """End the foreign transactions, and drop the role."""
        with self._lock:
            held, self._held = self._held, []
        for connection in held:
            connection.close()
        if self._fault in _WITH_ROLE:
            with psycopg.connect(self._dsn, autocommit=True) as database:
                role = sql.Identifier(self._role)
                database.execute(sql.SQL("DROP OWNED BY {}").format(role))
                database.execute(sql.SQL("DROP ROLE {}").format(role))


def _run(holder: Connection, statement: str) -> None:
    """Run a statement that waits until the order has ended."""
    with holder:
        holder.execute(statement.encode())


def _waits(database: Connection, pid: int) -> bool:
    row = database.execute("SELECT pg_blocking_pids(%s) <> '{}'", (pid,)).fetchone()
    return row is not None and bool(row[0])


def _ordered_before(database: Connection, customer: Customer) -> str | None:
    """The recipient of a customer who has an order under way."""
    row = database.execute(
        "SELECT recipients.id::text FROM recipients"
        " JOIN h2s_dispatch_jobs AS jobs ON jobs.recipient_id = recipients.id"
        " WHERE recipients.email = %s AND recipients.phone = %s LIMIT 1",
        (customer.email, customer.phone),
    ).fetchone()
    return None if row is None else str(row[0])
