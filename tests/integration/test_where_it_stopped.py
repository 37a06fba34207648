"""An answer that hides its error, and a DSN alone: where the order stopped, by what the database counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from smoke.advice import advise
from smoke.demo.postgres import EmbeddedServer
from smoke.model.finding import Finding
from tests.support.asked import APP, by
from tests.support.migrations import fresh
from tests.support.running import run_text
from tests.support.scripted import Answer, scripted

SCHEMA = f"""
DO $$ BEGIN CREATE ROLE {APP} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT USAGE ON SCHEMA public TO {APP};
CREATE TABLE steps (id text PRIMARY KEY);
INSERT INTO steps VALUES ('pick'), ('pack');
CREATE TABLE recipients (id int PRIMARY KEY, orders int NOT NULL DEFAULT 0);
INSERT INTO recipients VALUES (7), (9);
CREATE TABLE products (sku text PRIMARY KEY, stock int NOT NULL CHECK (stock >= 0));
INSERT INTO products VALUES ('tea', 1);
CREATE TABLE orders (id text PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY);
CREATE TABLE welcomes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient int);
CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient_id int NOT NULL REFERENCES recipients,
    step_id text NOT NULL REFERENCES steps, order_id text NOT NULL REFERENCES orders,
    CONSTRAINT jobs_recipient_step_uq UNIQUE (recipient_id, step_id));
CREATE TABLE mails (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id text NOT NULL);
"""
SCENARIO = """
name: twice
summary: Two orders.
steps:
  - name: Order 1
    request: {method: POST, url: /orders, json: {a: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Order 2
    like: Order 1
"""
RECIPIENT = "INSERT INTO recipients VALUES (%s) ON CONFLICT (id) DO UPDATE SET orders = recipients.orders + 1"
Statements = list[tuple[str, tuple[object, ...]]]
JOB = "INSERT INTO jobs (recipient_id, step_id, order_id) VALUES (%s, %s, %s)"


def statements(number: int, step: object = "pick", recipient: object = 7) -> Statements:
    """What an order of the shop writes."""
    order = f"ORD-{number}"
    return [
        (RECIPIENT, (7,)),
        ("INSERT INTO orders (id) VALUES (%s)", (order,)),
        (JOB, (recipient, step, order)),
        ("INSERT INTO mails (order_id) VALUES (%s)", (order,)),
    ]


SAME = statements(2)
BEFORE_JOB = 2


@pytest.fixture(scope="module")
def database(demo_server: EmbeddedServer) -> Iterator[str]:
    with fresh(demo_server, SCHEMA + "CREATE EXTENSION pg_stat_statements;") as dsn:
        yield dsn


@pytest.fixture
def counted(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A shop without orders, whose sessions end with each request, so that they tell their statistics at once."""
    monkeypatch.setattr("smoke.app.counting.SETTLES", 0.0)
    yield database
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS extras")
        owner.execute("TRUNCATE orders, jobs, mails, welcomes RESTART IDENTITY CASCADE")


def ordered(dsn: str, orders: list[Statements]) -> Callable[[bytes], Answer]:
    """A shop that answers each order by these statements in one transaction, and tells nothing of an error."""
    left = list(orders)

    def answer(_: bytes) -> Answer:
        number = len(orders) - len(left) + 1
        try:
            with psycopg.connect(dsn) as connection:
                pid = connection.info.backend_pid
                try:
                    for statement, values in left.pop(0):
                        connection.execute(statement.encode(), values)
                finally:
                    gone(connection, dsn, pid)
        except (psycopg.Error, ZeroDivisionError):
            return 500, {"Content-Type": "application/json"}, b'{"error": "Internal Server Error"}'
        return 201, {"Content-Type": "application/json"}, json.dumps({"id": f"ORD-{number}"}).encode()  # fmt: skip

    return answer


def gone(connection: psycopg.Connection[tuple[object, ...]], dsn: str, pid: int) -> None:
    """End a session, and come back when the server has seen it: then its statistics are told."""
    if connection.info.transaction_status is psycopg.pq.TransactionStatus.INERROR:
        connection.rollback()
    else:
        connection.commit()
    connection.close()
    with psycopg.connect(dsn, autocommit=True) as watch:
        for _ in range(3000):
            there = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
            if watch.execute(there, (pid,)).fetchone() is None:
                return
            watch.execute("SELECT pg_sleep(0.002)")
    pytest.fail("the session did not end")


def failing(
    folder: Path,
    dsn: str,
    *orders: Statements,
    asks: str = "",
    answer: Callable[[bytes], Answer] | None = None,
) -> Finding:
    """The finding of the second order, asked as `asks`."""
    with scripted() as shop:
        shop.routes["POST /orders"] = answer or ordered(dsn, [statements(1), *orders])
        run = run_text(folder, shop.url, SCENARIO, environ={"SMOKE_DSN": asks or dsn})
    (finding,) = run.findings
    assert (finding.code, finding.database_error) == ("error-hidden", None)
    return finding


def told(finding: Finding) -> str:
    return "\n".join(finding.database)


def test_the_one_unique_rule_that_can_have_refused_it_is_possible(
    counted: str, tmp_path: Path
) -> None:
    finding = failing(tmp_path, counted, SAME)
    (possible,) = finding.possible
    error = possible.error
    assert (error.sqlstate, error.constraint_name) == ("23505", "jobs_recipient_step_uq")
    assert "lay there already and was undone" in possible.reason
    assert "jobs_id_seq moved on" in possible.reason
    assert "inferred from what the database counted" in possible.reason
    (verify, *_) = advise(finding).verify
    assert "conname = 'jobs_recipient_step_uq'" in verify.sql
    line = next(line for line in finding.database if "came through" in line)
    assert line == (
        "Order 1 made the database carry out 4 statements that write (pg_stat_statements); Order 2 came through 2 of them,"
        " and then not through INSERT INTO jobs (recipient_id, step_id, order_id) VALUES ($1, $2, $3)"
    )


def test_a_column_without_a_value_is_possible_where_nothing_else_can_refuse_the_row(
    counted: str, tmp_path: Path
) -> None:
    finding = failing(tmp_path, counted, statements(2, step=None))
    (possible,) = finding.possible
    assert (possible.error.sqlstate, possible.error.table_name) == ("23502", "jobs")
    assert "of recipient_id, step_id, order_id one had no value" in possible.reason


def refers(number: int, **wrong: object) -> Statements:
    """As `statements`, of a shop that only changes its recipients: they need not be there."""
    change = ("UPDATE recipients SET orders = orders + 1 WHERE id = %s", (7,))
    return [change, *statements(number, **wrong)[1:]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (statements(1), statements(2, step="no-such-step")),
        (refers(1), refers(2, recipient=8)),
    ],
)
def test_a_foreign_key_is_not_taken_for_the_unique_rule(
    counted: str, tmp_path: Path, first: Statements, second: Statements
) -> None:
    """The row lay there then, too. What tells it: the parent was looked for."""
    finding = failing(tmp_path, counted, answer=ordered(counted, [first, second]))
    assert finding.possible == ()
    assert "; a foreign key can refuse one, too: which it was is not known" in told(finding)


REFUSED: Statements = [("UPDATE products SET stock = -1 WHERE sku = %s", ("tea",))]


@pytest.mark.parametrize("between", [REFUSED, [("SELECT * FROM not_there", ())]])
def test_a_statement_that_was_not_reached_is_not_blamed(
    counted: str, tmp_path: Path, between: Statements
) -> None:
    finding = failing(tmp_path, counted, [*SAME[:BEFORE_JOB], *between, *SAME[BEFORE_JOB:]])
    assert finding.possible == ()
    assert "it had not begun a row for public.jobs either (jobs_id_seq did not move on)" in told(
        finding
    )


def test_what_the_first_order_alone_needed_is_not_where_the_second_stopped(
    counted: str, tmp_path: Path
) -> None:
    welcome = ("INSERT INTO welcomes (recipient) VALUES (%s)", (7,))
    shop = ordered(counted, [[welcome, *statements(1)], SAME])
    finding = failing(tmp_path, counted, answer=shop)
    assert "not through INSERT INTO jobs" in told(finding)
    assert [possible.error.constraint_name for possible in finding.possible] == [
        "jobs_recipient_step_uq"
    ]


def test_an_order_whose_statements_all_worked_failed_elsewhere(
    counted: str, tmp_path: Path
) -> None:
    works = ordered(counted, [statements(1), statements(2, step="pack")])

    def answer(body: bytes) -> Answer:
        status, headers, data = works(body)
        return (status, headers, data) if b"ORD-1" in data else (500, headers, b'{"error": "Oops"}')

    with scripted() as shop:
        shop.routes["POST /orders"] = answer
        run = run_text(tmp_path, shop.url, SCENARIO, environ={"SMOKE_DSN": counted})
    assert "and Order 2 the same: none of them failed" in "\n".join(
        line for finding in run.findings for line in finding.database
    )
    assert [finding.possible for finding in run.findings] == [()]


OTHER = "INSERT INTO orders (id) VALUES ('other')"


@pytest.mark.parametrize(
    "other",
    [
        [OTHER],
        # one like it of another customer, which fails at the same place while ours fails before
        [*(text.replace("%s", "'x'") for text, _ in SAME[1:BEFORE_JOB]), "INSERT INTO jobs (recipient_id, step_id, order_id) VALUES (7, 'pick', 'x')"],
    ],
)  # fmt: skip
def test_what_others_wrote_meanwhile_is_not_taken_for_the_orders_own(
    counted: str, tmp_path: Path, other: list[str]
) -> None:
    shop = ordered(counted, [statements(1), [*SAME[:BEFORE_JOB], *REFUSED]])
    seen: list[bytes] = []

    def answer(body: bytes) -> Answer:
        seen.append(body)
        if len(seen) == 2:
            with psycopg.connect(counted) as somebody:
                try:
                    for statement in other:
                        somebody.execute(statement.encode())
                except psycopg.Error:
                    somebody.rollback()
        return shop(body)

    finding = failing(tmp_path, counted, answer=answer)
    assert finding.possible == ()
    assert "where this order stopped is not known: others wrote to the database" in told(finding)
    assert "came through" not in told(finding)


def test_a_session_that_only_stands_there_is_nobody_who_wrote(counted: str, tmp_path: Path) -> None:
    with psycopg.connect(counted) as holder:
        holder.execute("INSERT INTO welcomes (recipient) VALUES (1)")
        finding = failing(tmp_path, counted, SAME)
        holder.rollback()
    assert [possible.error.sqlstate for possible in finding.possible] == ["23505"]


def test_a_number_that_the_sequence_gave_and_that_is_taken_is_another_suspect(
    counted: str, tmp_path: Path
) -> None:
    """A table that was filled from a dump, and a sequence that was not: the key of the row is refused, not the rule."""
    with psycopg.connect(counted, autocommit=True) as owner:
        owner.execute("INSERT INTO orders (id) VALUES ('old')")
        owner.execute(
            "INSERT INTO jobs (id, recipient_id, step_id, order_id) OVERRIDING SYSTEM VALUE VALUES (2, 7, 'pack', 'old')"
        )
    finding = failing(tmp_path, counted, statements(2, step="pick"))
    assert finding.possible == ()
    assert "another unique rule" in told(finding)


def test_a_rule_over_a_number_that_the_shop_makes_is_another_suspect(
    counted: str, tmp_path: Path
) -> None:
    with psycopg.connect(counted, autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE extras (number text UNIQUE, cart int UNIQUE, id bigint GENERATED ALWAYS AS IDENTITY)"
        )
    extra = "INSERT INTO extras (number, cart) VALUES (%s, %s)"
    first: Statements = [*statements(1)[:BEFORE_JOB], (extra, ("ORD-1", 5))]
    second: Statements = [*SAME[:BEFORE_JOB], (extra, ("ORD-1", 6))]
    finding = failing(tmp_path, counted, answer=ordered(counted, [first, second]))
    assert finding.possible == ()
    assert "not through INSERT INTO extras" in told(finding)


def test_a_role_that_may_not_see_the_shops_statements_is_told_how(
    counted: str, tmp_path: Path
) -> None:
    finding = failing(tmp_path, counted, SAME, asks=by(APP, counted))
    assert finding.possible == ()
    assert "GRANT pg_read_all_stats would show the shop's" in told(finding)


def test_without_the_extension_sequences_tell_what_was_begun(counted: str, tmp_path: Path) -> None:
    with psycopg.connect(counted, autocommit=True) as owner:
        owner.execute("DROP EXTENSION pg_stat_statements")
        try:
            finding = failing(tmp_path, counted, SAME)
        finally:
            owner.execute("CREATE EXTENSION pg_stat_statements")
    assert finding.possible == ()
    assert "Order 2 had rows begun for public.jobs, public.orders, which were undone" in told(
        finding
    )
    assert "CREATE EXTENSION pg_stat_statements" in told(finding)


def test_orders_that_are_placed_at_once_are_not_told_apart(counted: str, tmp_path: Path) -> None:
    one = "{method: POST, url: /orders, json: {a: 1}}"
    placed = "places_order: {id: $.id}, expect: {status: 201}"
    both = f"""
name: twice
summary: Orders at once.
steps:
  - {{name: Order 1, request: {one}, {placed}}}
  - name: Both
    together:
      - {{name: Order 2, request: {one}, {placed}}}
      - {{name: Order 3, request: {one}, {placed}}}
"""
    shop_of = ordered(counted, [statements(1), SAME, SAME])
    with scripted() as shop:
        shop.routes["POST /orders"] = shop_of
        run = run_text(tmp_path, shop.url, both, environ={"SMOKE_DSN": counted})
    assert len(run.findings) == 2
    for finding in run.findings:
        assert finding.possible == ()
        assert "another order of this run was under way at the same time" in told(finding)
