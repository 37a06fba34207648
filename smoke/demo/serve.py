"""The demo in one call: a PostgreSQL, its databases in a state, and the shop on top."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from smoke.demo.binaries import DSN_VARIABLE
from smoke.demo.shop.settings import (
    DEFAULT_MASK,
    DEFAULT_STYLE,
    ErrorStyle,
    FaceName,
    LogStyle,
    Mask,
    Settings,
)
from smoke.demo.states import State, apply_fix, prepare
from smoke.diagnostic import SmokeError, nearest
from smoke.extras import install_command

if TYPE_CHECKING:
    from smoke.demo.postgres import LogFormat
    from smoke.demo.shop.payments import CardProcessor
    from smoke.demo.shop.server import ShopServer

STATES: tuple[str, ...] = tuple(State)
FACES: tuple[str, ...] = tuple(FaceName)
ERROR_STYLES: tuple[str, ...] = tuple(ErrorStyle)
MASKS: tuple[str, ...] = tuple(Mask)
LOG_STYLES: tuple[str, ...] = tuple(LogStyle)


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


@dataclass(frozen=True, slots=True)
class Look:
    """How a shop looks: its face, how it shows or hides database errors, and the log that it keeps.

    Without an `error_style` or `mask` it has the face's own; a `mask` hides errors in every state, not in `masked` alone.
    Without `db_trace` the database does not learn which request a statement belongs to.
    """

    face: str = "rest"
    error_style: str | None = None
    mask: str | None = None
    app_log: Path | None = None
    app_log_style: str = "pino"
    db_trace: bool = True


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
    wanted = State(_one_of("state", state, STATES))
    look = look or Look()
    face = FaceName(_one_of("face", look.face, FACES))
    style = look.error_style if error_style is None else error_style
    style = DEFAULT_STYLE[face] if style is None else style
    shown = ErrorStyle(_one_of("error style", style, ERROR_STYLES))
    mask = DEFAULT_MASK[face] if look.mask is None else look.mask
    mask = Mask(_one_of("mask", mask, MASKS))
    hides = look.mask is not None or wanted is State.MASKED
    log_style = LogStyle(_one_of("app log style", look.app_log_style, LOG_STYLES))
    with contextlib.ExitStack() as stack:
        shared = server is not None
        if server is None:
            server = start_server(log_format=log_format)
            stack.callback(server.close)
        from smoke.demo.shop import faces
        from smoke.demo.shop.app_log import AppLog
        from smoke.demo.shop.checkout import Checkout
        from smoke.demo.shop.payments import CardProcessor
        from smoke.demo.shop.pool import Pool
        from smoke.demo.shop.server import ShopServer
        from smoke.demo.shop.service import Shop

        app_log = None
        if look.app_log is not None:
            try:
                app_log = AppLog(look.app_log, log_style, mask if hides else None)
            except OSError as error:
                raise SmokeError.of(
                    "demo-app-log", f"cannot write to {look.app_log}: {error.strerror}"
                ) from error
            stack.callback(app_log.close)
        dsns = prepare(server, wanted)
        if shared:  # its owner goes on; a database is 8 MB on the disk
            for dsn in dsns.values():
                stack.callback(server.drop_database, dsn)
        pool = Pool(dsns["shop"], trace=look.db_trace)
        stack.callback(pool.close)
        pool.open()
        payments = CardProcessor(slow_card_seconds)
        settings = Settings(
            state=wanted,
            version=version,
            database=pool.database,
            error_style=shown,
            mask=mask if hides else None,
        )
        write = log or _nothing
        checkout = Checkout(pool, payments)
        service = Shop(checkout, faces.make(face, checkout, settings), settings, write, app_log)
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
            wanted,
            dsns=dsns,
            shop=shop,
            payments=payments,
            end=stack.pop_all().close,
        )


def _one_of(kind: str, given: str, known: tuple[str, ...]) -> str:
    if given in known:
        return given
    near = nearest(given, known)
    meant = f"; did you mean '{near}'?" if near else ""
    raise SmokeError.of(
        "demo-option",
        f"the demo has no {kind} '{given}'{meant}",
        notes=(f"known: {', '.join(known)}",),
    )


def _nothing(*_: object) -> None:
    """Do nothing."""
