"""What a failed run asks the database: once for each error, within its time, and whatever the database does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

import smoke.database.enrich
from smoke.app.in_database import MOST
from smoke.app.options import RunOptions
from smoke.database.dsn import read_dsn
from smoke.database.enrich import enrich
from smoke.database.session import Limits, connect
from smoke.demo.postgres import EmbeddedServer
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding
from smoke.model.run import Outcome
from tests.support.demo import ShopFactory
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"
TABLE = "h2s_dispatch_jobs"
ORDERS = """
name: orders
summary: Many orders.
steps:
  - name: Order
    repeat: {count}
    request: {{method: POST, url: /orders, json: {{a: 1}}}}
    expect: {{status: 201}}
teardown:
  - name: Clean up
    request: {{method: DELETE, url: /orders}}
    expect: {{status: 200}}
"""


@pytest.fixture
def shop_of_errors() -> Iterator[Shop]:
    with scripted() as running:
        running.on("DELETE /orders", body={})
        yield running


def refused(name: str, detail: str = "Key (a)=(1) already exists.") -> dict[str, str]:
    message = f'duplicate key value violates unique constraint "{name}"'
    return {"code": "23505", "message": message, "detail": detail, "severity": "ERROR"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The constraints that the database was asked about."""
    names: list[str] = []

    def counting(database: object, finding: Finding, **more: object) -> object:
        assert finding.database_error is not None
        names.append(str(finding.database_error.constraint_name))
        return enrich(database, finding, **more)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(smoke.database.enrich, "enrich", counting)
    return names


def test_the_same_error_is_asked_about_once(
    shop_of_errors: Shop, demo_server: EmbeddedServer, tmp_path: Path, asked: list[str]
) -> None:
    shop_of_errors.on("POST /orders", 500, refused("jobs_uq"))
    environ = {"SMOKE_DSN": demo_server.dsn()}
    run = run_text(tmp_path, shop_of_errors.url, once_more(3), environ=environ)
    assert len(run.findings) == 1  # a scenario ends with its first failure
    many = [ORDERS.format(count=1).replace("orders\n", f"orders-{n}\n", 1) for n in range(12)]
    (tmp_path / "many").mkdir()
    asked.clear()
    run = run_text(tmp_path / "many", shop_of_errors.url, *many, environ=environ)
    assert len(run.findings) == 12
    assert asked == ["jobs_uq"]
    for finding in run.findings:
        assert "jobs_uq is not in this database" in finding.database[0]


def once_more(count: int) -> str:
    return ORDERS.format(count=count)


def test_after_some_different_errors_the_rest_is_not_asked_about(
    shop_of_errors: Shop, demo_server: EmbeddedServer, tmp_path: Path, asked: list[str]
) -> None:
    names = iter(f"rule_{n}_uq" for n in range(100))

    def other(_: bytes) -> Answer:
        shop_of_errors.on("POST /never", 500, refused(next(names)))
        return shop_of_errors.routes["POST /never"](b"")

    shop_of_errors.routes["POST /orders"] = other
    many = [ORDERS.format(count=1).replace("orders\n", f"orders-{n}\n", 1) for n in range(MOST + 2)]
    run = run_text(tmp_path, shop_of_errors.url, *many, environ={"SMOKE_DSN": demo_server.dsn()})
    assert len(asked) == MOST
    assert "was about 5 other errors already" in run.findings[-1].database[0]


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            try:
                while True:
                    taken.append(server.accept()[0])
            except OSError:
                return  # closed: the test is over

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in taken:
            connection.close()


def test_a_silent_database_takes_no_time_from_the_teardown(
    shop_of_errors: Shop, tmp_path: Path
) -> None:
    shop_of_errors.on("POST /orders", 500, refused("jobs_uq"))
    with silent() as port:
        run = run_text(
            tmp_path,
            shop_of_errors.url,
            ORDERS.format(count=1),
            environ={"SMOKE_DSN": f"postgresql://reader@127.0.0.1:{port}/shop"},
            options=RunOptions(max_time=6.0),
        )
    assert run.outcome is Outcome.FAILED
    assert "the database could not be asked (SMOKE_DSN)" in run.findings[0].database[0]
    assert shop_of_errors.paths()[-1] == "DELETE /orders"
    assert run.scenarios[0].steps[-1].outcome is Outcome.PASSED


def test_a_locked_table_leaves_the_other_answers(shop: ShopFactory) -> None:
    running = shop("broken")
    finding = Finding(
        code="unique-violation",
        title="t",
        database_error=DatabaseError(
            sqlstate="23505",
            constraint_name=CONSTRAINT,
            table_name=TABLE,
            message_detail="Key (recipient_id, step_id)=(x, 1) already exists.",
        ),
    )
    with (
        psycopg.connect(running.dsn) as other,
        connect(read_dsn(running.dsn, "SMOKE_DSN"), Limits(lock=0.2)) as database,
    ):
        other.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        told = enrich(
            database, finding, fix=Path("scenarios/fixes/0007_one_dispatch_job_per_order.sql")
        )
        other.rollback()
    lines = "\n".join(told.lines())
    assert told.database.line() in lines
    assert "lock timeout" in lines
    assert told.remedies


def test_a_statement_that_takes_too_long_ends_alone(demo_server: EmbeddedServer) -> None:
    with connect(read_dsn(demo_server.dsn(), "SMOKE_DSN")) as database:
        database.limit(0.1)
        with pytest.raises(Exception, match="did not answer in time"):
            database.rows("SELECT pg_sleep(30)")
        assert database.rows("SELECT 1") == [(1,)]
