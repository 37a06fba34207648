"""An error that nobody names: what stands out in the database is told as a perhaps, and nothing is called the cause."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from smoke.database.dsn import read_dsn
from smoke.database.enrich import Enrichment, enrich
from smoke.database.session import connect
from smoke.demo.postgres import EmbeddedServer
from smoke.model.finding import Finding
from tests.support.asked import APP, CONNECTS, READER, SNAKE, by, shop_of, until_it_waits

HIDDEN = Finding(code="error-hidden", title="")
PERHAPS = "perhaps, since the answer does not name its error: "


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


def asked(dsn: str, *orders: str) -> Enrichment:
    placed = {f"Order {number}": order for number, order in enumerate(orders, 1)}
    with connect(read_dsn(dsn, "SMOKE_DSN")) as database:
        answer = enrich(database, HIDDEN, orders=placed)
        assert database.row("SELECT pg_current_xact_id_if_assigned()") == (None,)
    assert answer.completed is None
    return answer


def told(dsn: str, *orders: str) -> str:
    return "\n".join(asked(dsn, *orders).lines()[:-1])


@pytest.mark.parametrize("role", ["", READER, CONNECTS])
def test_nothing_stands_out(garden: str, role: str) -> None:
    text = told(by(role, garden) if role else garden)
    assert "in the database nothing stands out now" in text
    assert "perhaps" not in text


@pytest.mark.parametrize("role", ["", READER, CONNECTS])
def test_somebody_waits_for_a_lock(garden: str, role: str) -> None:
    update = "UPDATE garden.orders SET status = 'paid' WHERE id = 'ord-1'"
    with psycopg.connect(garden) as holder, psycopg.connect(garden) as waiter:
        holder.execute(update.encode())
        waiting = threading.Thread(target=waiter.execute, args=(update,))
        waiting.start()
        until_it_waits(garden, waiter.info.backend_pid)
        text = told(by(role, garden) if role else garden)
        pids = holder.info.backend_pid, waiter.info.backend_pid
        holder.rollback()
        waiting.join()
    assert text.startswith(f"{PERHAPS}now pid {pids[0]} (postgres, ")
    assert f"pid {pids[1]} waits for it" in text
    assert "nothing stands out" not in text


def test_a_limit_is_reached_and_writing_is_off(garden: str) -> None:
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute(f"ALTER ROLE {APP} CONNECTION LIMIT 1".encode())
        owner.execute(f"ALTER ROLE {APP} SET default_transaction_read_only = on".encode())
        try:
            with psycopg.connect(make_conninfo(by(APP, garden), application_name="pool")):
                answer = asked(by(CONNECTS, garden))
        finally:
            owner.execute(f"ALTER ROLE {APP} RESET ALL".encode())
            owner.execute(f"ALTER ROLE {APP} CONNECTION LIMIT -1".encode())
    off, full = answer.possible
    assert (off.error.sqlstate, full.error.sqlstate) == ("25006", "53300")
    assert off.reason.startswith(
        f"writing is off: default_transaction_read_only=on for the role {APP};"
    )
    assert full.reason.startswith(f"the role {APP} may have 1 connection and has 1 now;")
    assert "whether the shop met it is not told" in full.reason


@pytest.mark.parametrize("role", ["", READER])
def test_an_earlier_order_is_in_the_way_of_another(garden: str, role: str) -> None:
    text = told(by(role, garden) if role else garden, "ord-1")
    # not jobs_slot_uq, whose key names the order
    assert text == (
        f"{PERHAPS}another order that comes with the same key as Order 1 would be refused (23505) by"
        " jobs_recipient_step_uq on garden.h2s_dispatch_jobs (recipient_id, step_id)"
    )


@pytest.mark.parametrize(("role", "order"), [("", "ord-2"), ("", "ord-9"), (CONNECTS, "ord-1")])
def test_no_row_of_an_earlier_order_is_seen(garden: str, role: str, order: str) -> None:
    assert "in the database nothing stands out now" in told(
        by(role, garden) if role else garden, order
    )


def test_the_key_that_leads_to_a_customer_comes_first(garden: str) -> None:
    # a % in a name is none of a parameter
    with psycopg.connect(garden, autocommit=True) as owner:
        owner.execute(
            'CREATE TABLE garden."100% Zettel" ("orderId" text, "customerId" int UNIQUE REFERENCES garden.customers (id))'
        )
        owner.execute("""INSERT INTO garden."100% Zettel" VALUES ('ord-1', 1)""")
    text = told(garden, "ord-1")
    assert text.index('garden."100% Zettel" (customerId)') < text.index("jobs_recipient_step_uq")
