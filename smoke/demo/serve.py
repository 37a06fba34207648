"""The demo in one call: a PostgreSQL, its databases in a state, and the shop on top."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from smoke.demo.binaries import DSN_VARIABLE
from smoke.demo.look import Look, choose
from smoke.demo.shop.settings import LogStyle, Mask, Settings
from smoke.demo.states import State, apply_fix, prepare
from smoke.diagnostic import SmokeError
from smoke.extras import install_command

if TYPE_CHECKING:
    from smoke.demo.postgres import LogFormat
    from smoke.demo.shop.app_log import AppLog
    from smoke.demo.shop.payments import CardProcessor
    from smoke.demo.shop.server import ShopServer


class Server(Protocol):
    """A PostgreSQL server that a demo can use; it may be shared."""

    @property
    def log_path(self) -> Path | None:
        """Its log, where we know it."""

    def create_database(self, label: str) -> str:
        """Make a new database and return the DSN of it."""

    def drop_database(self, dsn: str) -> None:
        """Drop a database that was made here."""

    def close(self) -> None:
        """Leave nothing behind."""


class Demo:
    """A running shop. Use it as a context manager, or call `close()`."""

    def __init__(
        self,
        server: Server,
        state: State,
        *,
        dsns: Mapping[str, str],
        shop: ShopServer,
        payments: CardProcessor,
        end: Callable[[], None],
    ) -> None:
        self.state = state
        self.dsns = dict(dsns)
        self._server = server
        self._shop = shop
        self._payments = payments
        self._end = end

    @property
    def url(self) -> str:
        """Where the shop listens, such as `http://127.0.0.1:40123`."""
        return self._shop.url

    @property
    def dsn(self) -> str:
        """How to connect to the shop's database."""
        return self.dsns["shop"]

    @property
    def database(self) -> str:
        """The name of the shop's database."""
        return self._shop.shop.database

    @property
    def log_path(self) -> Path | None:
        """The PostgreSQL server's log; None for a server that is not ours."""
        return self._server.log_path

    def apply_fix(self) -> str:
        """Run the fix on the shop's database; the SQL that was run."""
        return apply_fix(self.dsn)

    def orders(self) -> list[dict[str, Any]]:
        """Every order in the shop's database, oldest first."""
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(self.dsn, row_factory=dict_row) as database:
            return database.execute(
                "SELECT orders.id, orders.status, orders.total, customers.email,"
                " (SELECT count(*) FROM h2s_dispatch_jobs WHERE order_id = orders.id) AS dispatch_jobs"
                " FROM orders JOIN customers ON customers.id = orders.customer_id"
                " ORDER BY orders.created_at, orders.id"
            ).fetchall()

    def stats(self) -> dict[str, Any]:
        """What the shop was asked and what it answered, as `GET /api/_stats` has it."""
        return self._shop.shop.report()

    def release_slow_cards(self) -> None:
        """Let the slow card go through at once, from now on."""
        self._payments.close()

    def close(self) -> None:
        """Stop the shop, then the server if it was started for this demo; a second call does nothing."""
        end, self._end = self._end, _nothing
        end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def start_server(*, log_format: LogFormat = "stderr") -> Server:
    """The server that SMOKE_DEMO_DSN names, or else one of our own; SmokeError says what is missing."""
    try:
        import psycopg as _  # noqa: F401  (the first of many: said once, and well)
    except ImportError as error:
        raise SmokeError.of(
            "demo-not-installed",
            f"the demo needs a package that is not installed: {error.name or error}",
            notes=(install_command("demo"),),
        ) from error
    dsn = os.environ.get(DSN_VARIABLE)
    if dsn:
        from smoke.demo.external import ExternalServer

        return ExternalServer(dsn)
    from smoke.demo.postgres import EmbeddedServer

    return EmbeddedServer(log_format=log_format)


def demo(
    state: str = "broken",
    *,
    port: int = 0,
    look: Look | None = None,
    error_style: str | None = None,
    version: str = "demo-1",
    log: Callable[[str], None] | None = None,
    log_format: LogFormat = "stderr",
    server: Server | None = None,
    slow_card_seconds: float = 2.0,
) -> Demo:
    """A shop that answers on a loopback port, on databases in that state.

    `server` is used and left running when given; else one is started, and stopped with the demo. `log` takes the
    shop's log lines. `version` is the build that the shop says it is. `error_style` is that of `look`. SmokeError for
    an unknown state, face or style, for a port that is taken, for a log that cannot be written, and for everything
    that keeps a server from starting.
    """
    look = look or Look()
    chosen = choose(state, look, error_style)
    with contextlib.ExitStack() as stack:
        shared = server is not None
        if server is None:
            server = start_server(log_format=log_format)
            stack.callback(server.close)
        from smoke.demo.shop import faces
        from smoke.demo.shop.checkout import Checkout
        from smoke.demo.shop.faults import Faults
        from smoke.demo.shop.payments import CardProcessor
        from smoke.demo.shop.pool import Pool
        from smoke.demo.shop.server import ShopServer
        from smoke.demo.shop.service import Shop

        app_log = None
        if look.app_log is not None:
            app_log = _opened(look.app_log, chosen.log_style, chosen.mask)
            stack.callback(app_log.close)
        dsns = prepare(server, chosen.state)
        if shared:  # its owner goes on; a database is 8 MB on the disk
            for dsn in dsns.values():
                stack.callback(server.drop_database, dsn)
        pool = Pool(dsns["shop"], trace=chosen.db_trace)
        stack.callback(pool.close)
        pool.open()
        payments = CardProcessor(slow_card_seconds)
        settings = Settings(
            state=chosen.state,
            version=version,
            database=pool.database,
            error_style=chosen.error_style,
            mask=chosen.mask,
        )
        write = log or _nothing
        faults = Faults(chosen.fault, dsns["shop"])
        faults.prepare()
        stack.callback(faults.close)
        checkout = Checkout(pool, payments, faults)
        service = Shop(
            checkout, faces.make(chosen.face, checkout, settings), settings, write, app_log
        )
        try:
            shop = ShopServer(service, port, write)
        except OSError as error:
            raise SmokeError.of(
                "demo-port", f"cannot listen on port {port}: {error.strerror}"
            ) from error
        shop.start()
        stack.callback(shop.close)
        stack.callback(payments.close)  # first of all, so that no slow card holds up the end
        return Demo(
            server,
            chosen.state,
            dsns=dsns,
            shop=shop,
            payments=payments,
            end=stack.pop_all().close,
        )


def _opened(path: Path, style: LogStyle, mask: Mask | None) -> AppLog:
    from smoke.demo.shop.app_log import AppLog

    try:
        return AppLog(path, style, mask)
    except OSError as error:
        raise SmokeError.of("demo-app-log", f"cannot write to {path}: {error.strerror}") from error


def _nothing(*_: object) -> None:
    """Do nothing."""
