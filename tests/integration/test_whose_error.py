"""Whose error a log tells: known by all that the customer of a scenario sent and got, and never somebody else's."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smoke.app.log_later import with_log
from smoke.app.options import RunOptions
from smoke.demo.postgres import EmbeddedServer
from smoke.model.finding import Finding, Severity, Source
from smoke.model.run import Outcome, Run
from smoke.store import RunFolder
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted
from tests.support.written_log import Log

UNIQUE = 'duplicate key value violates unique constraint "jobs_uq"'
CHECK = 'new row for relation "orders" violates check constraint "orders_ck"'
CART = "cart_01JDAQ7XK2M9R4T8V6W3Y5Z0AB"
OTHER_CART = "cart_01JDAQ7XK2M9R4T8V6W3Y5Z0AC"
VARIANT = "variant_01JAAAAAK2M9R4T8V6W3Y5Z0AB"
SESSION = """
name: session
summary: A customer signs up, fills a cart and completes it by an empty request.
variables: {email: "{{ fake.email }}"}
steps:
  - name: Products
    request: GET /products
    capture: {variant_id: "$[0].id"}
  - name: Sign up
    request: {url: /customers, form: {email: "{{ email }}"}}
    expect: {status: 201}
    capture: {customer_id: $.id}
  - name: Cart
    request: {url: /carts, json: {variant: "{{ variant_id }}"}}
    capture: {cart_id: $.cart.id}
  - name: Complete
    request: {method: POST, url: "/carts/{{ cart_id }}/complete"}
    expect: {status: 201}
"""


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "postgres.log")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /products", 200, [{"id": VARIANT}])
        running.on("POST /customers", 201, {"id": 1042})
        running.on("POST /carts", 201, {"cart": {"id": CART}})
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smoke.app.examine.LATE", 0.2)


def completing(
    shop: Shop, before: Callable[[str], None], body: object = None, status: int = 500
) -> None:
    """What the shop does and answers when the cart is completed; `before` gets the customer's address."""
    data = b"" if body is None else json.dumps(body).encode()

    def answer(_: bytes) -> Answer:
        before(customer(shop))
        return status, {"Content-Type": "application/json"}, data

    shop.routes[f"POST /carts/{CART}/complete"] = answer


def customer(shop: Shop) -> str:
    """The address with which the last customer signed up."""
    bodies = [
        body for method, path, _, body in shop.seen if (method, path) == ("POST", "/customers")
    ]
    found = re.search(rb"email=(\S+)%40example.com", bodies[-1])
    assert found is not None
    return f"{found[1].decode()}@example.com"


def ran(tmp_path: Path, shop: Shop, log: Log, text: str = SESSION, **more: object) -> Run:
    options = RunOptions(logs=(str(log.path),), **more)  # type: ignore[arg-type]  # names and types are RunOptions'
    return run_text(tmp_path, shop.url, text, options=options)


def only(run: Run) -> Finding:
    (finding,) = run.findings
    return finding


def test_the_customer_of_an_earlier_step_ties_the_error_of_an_empty_request(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(shop, lambda email: log.writes(UNIQUE, f"Key (email)=({email}) already exists."))
    run = ran(tmp_path, shop, log)
    finding = only(run)
    assert (finding.code, finding.found_in) == ("unique-violation", "log")
    assert "by order key smoke." in finding.reason
    assert RunFolder.open(Path(run.folder)).run() == run
    # and from the evidence alone, when the log comes later
    again = only(with_log(RunFolder.open(Path(run.folder)), str(log.path), {}))
    assert again.database_error == finding.database_error


@pytest.mark.parametrize(
    ("detail", "by"),
    [
        (f"Key (cart_id)=({CART}) already exists.", CART),
        (f"Key (cart_id)=({CART.lower()}) already exists.", CART.lower()),
        (f"Key (cart_id)=({OTHER_CART}) already exists.", ""),
        # what every customer gets ties nothing
        (f"Key (variant_id)=({VARIANT}) already exists.", ""),
        # a number that counts up means something under its name alone
        ("Key (customer_id, step)=(1042, 1) already exists.", "customer_id 1042"),
        ("Key (product_id)=(1042) already exists.", ""),
        ("Key (customer_id)=(1043) already exists.", ""),
    ],
)
def test_ids_that_the_shop_gave_this_customer_tie_an_error_and_others_do_not(
    tmp_path: Path, shop: Shop, log: Log, detail: str, by: str
) -> None:
    completing(shop, lambda _: log.writes(UNIQUE, detail))
    finding = only(ran(tmp_path, shop, log))
    if by:
        assert finding.found_in == "log"
        assert f"by an id that the shop gave {by}" in finding.reason
    else:
        assert (finding.code, finding.database_error) == ("error-hidden", None)
        assert len(finding.possible) == 1


def test_a_made_up_phone_number_ties_an_error_however_it_is_written(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    def called(_: str) -> None:
        sent = next(body for method, path, _, body in shop.seen if path == "/customers")
        found = re.search(rb"phone=%2B1(\d{3})(\d{3})(\d{4})", sent)
        assert found is not None
        area, exchange, line = (part.decode() for part in found.groups())
        log.writes(UNIQUE, f"Key (phone)=(({area}) {exchange}-{line}) already exists.")
        log.writes(CHECK, f"Failing row contains (+1 {area} {exchange} {line}).", state="23514")
        log.writes(CHECK, f"Failing row contains (+1 {area} {exchange} 0000).", state="23514")

    text = SESSION.replace(
        '{email: "{{ email }}"}', '{email: "{{ email }}", phone: "{{ fake.phone }}"}'
    )
    completing(shop, called)
    finding = only(ran(tmp_path, shop, log, text))
    assert finding.code == "check-violation"
    assert "by a made-up phone number +1" in finding.reason


def test_of_three_runs_at_once_each_takes_its_own(tmp_path: Path, shop: Shop, log: Log) -> None:
    theirs = [f"smoke.ben.pqrstuvwxyz{n}@example.com" for n in "23"]

    def all_of_them(email: str) -> None:
        log.writes(CHECK, f"Failing row contains (1, {theirs[0]}).", state="23514")
        log.writes(UNIQUE, f"Key (email)=({email}) already exists.")
        log.writes("deadlock detected", f"Process 1 waits for {theirs[1]}", state="40P01")

    completing(shop, all_of_them)
    finding = only(ran(tmp_path, shop, log))
    assert finding.database_error is not None
    assert finding.database_error.sqlstate == "23505"
    assert (finding.ambiguous, finding.possible) == ((), ())


def test_an_error_that_an_earlier_step_survived_is_not_the_last_ones(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    def signed_up(body: bytes) -> Answer:
        email = re.search(rb"email=(\S+)%40", body)
        assert email is not None
        log.writes(CHECK, f"Failing row contains ({email[1].decode()}@example.com).", state="23514")
        return 201, {"Content-Type": "application/json"}, b'{"id": 1042}'

    shop.routes["POST /customers"] = signed_up
    text = SESSION.replace("  - name: Cart\n", "  - {name: Wait, pause: 300ms}\n  - name: Cart\n")
    completing(shop, lambda _: None)
    finding = only(ran(tmp_path, shop, log, text))
    assert (finding.code, finding.database_error) == ("error-hidden", None)
    assert "another request of the run" in " ".join(told.reason for told in finding.possible)


def test_a_key_is_not_dropped_for_a_clock_that_is_wrong(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(
        shop, lambda email: log.writes(UNIQUE, f"Key (e)=({email}) already exists.", ago=7200)
    )
    finding = only(ran(tmp_path, shop, log))
    assert finding.found_in == "log"
    assert "clock or time zone is another" in finding.reason


def test_with_a_fixed_seed_the_same_customer_of_an_earlier_run_is_not_taken(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(
        shop, lambda email: log.writes(UNIQUE, f"Key (e)=({email}) already exists.", ago=7200)
    )
    finding = only(ran(tmp_path, shop, log, seed="again"))
    assert finding.database_error is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"alert": "Something is wrong with your basket."}),
        (200, {"data": None, "errors": [{"message": "Unexpected error."}]}),
        (400, {"message": "It cannot be done."}),
        (409, None),
        (0, None),
    ],
    ids=["red box", "graphql", "refused", "conflict", "cut off"],
)
def test_whatever_the_answer_a_failed_step_is_looked_up(
    tmp_path: Path, shop: Shop, log: Log, status: int, body: object
) -> None:
    completing(
        shop, lambda email: log.writes(UNIQUE, f"Key (e)=({email}) already exists."), body, status
    )
    run = ran(tmp_path, shop, log)
    assert run.outcome is not Outcome.PASSED
    finding = only(run)
    assert (finding.code, finding.found_in) == ("unique-violation", "log")
    assert finding.severity is Severity.ERROR
    assert finding.exchange_id


def test_an_answer_without_any_error_gets_a_possible_cause_as_a_note_only(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(shop, lambda _: log.writes(UNIQUE), {"alert": "Try again."}, 200)
    finding = only(ran(tmp_path, shop, log))
    assert (finding.code, finding.severity) == ("possible-cause", Severity.NOTE)
    assert [told.error.constraint_name for told in finding.possible] == ["jobs_uq"]


def test_a_step_that_passed_is_not_looked_up(tmp_path: Path, shop: Shop, log: Log) -> None:
    completing(
        shop, lambda email: log.writes(UNIQUE, f"Key (e)=({email}) already exists."), {}, 201
    )
    run = ran(tmp_path, shop, log)
    assert (run.outcome, run.findings) == (Outcome.PASSED, ())


TOLD = {"error": {"code": "23505", "message": "duplicate key value", "severity": "ERROR"}}


def test_what_an_answer_leaves_out_is_completed_and_each_field_has_its_source(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(shop, lambda email: log.writes(UNIQUE, f"Key (e)=({email}) already exists."), TOLD)
    finding = only(ran(tmp_path, shop, log))
    error = finding.database_error
    assert error is not None
    assert (error.sqlstate, error.constraint_name, error.columns) == ("23505", "jobs_uq", ("e",))
    assert finding.found_in == "response"
    assert Source("constraint_name", "log", "order key") in finding.sources
    assert "sqlstate" not in {source.field for source in finding.sources}


def test_nothing_that_an_answer_says_is_replaced_and_a_contradiction_is_shown(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(
        shop, lambda email: log.writes(CHECK, f"Failing row ({email}).", state="23514"), TOLD
    )
    finding = only(ran(tmp_path, shop, log))
    assert finding.database_error is not None
    assert finding.database_error.sqlstate == "23505"
    assert [error.sqlstate for error in finding.ambiguous] == ["23514"]
    assert "both are shown" in " ".join(finding.notes)


def test_the_code_alone_is_not_completed_by_an_error_of_that_time(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    completing(shop, lambda _: log.writes(UNIQUE), TOLD)
    error = only(ran(tmp_path, shop, log)).database_error
    assert error is not None
    assert error.constraint_name is None


def test_a_rule_that_the_answer_names_is_completed_without_the_row_of_somebody_else(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    message = {"error": {"code": "23505", "message": UNIQUE, "severity": "ERROR"}}
    completing(shop, lambda _: log.writes(UNIQUE, "Key (a)=(1) already exists."), message)
    error = only(ran(tmp_path, shop, log)).database_error
    assert error is not None
    assert (error.columns, error.message_detail) == (("a",), None)


def test_what_a_request_tried_again_is_told_beside_what_it_died_of(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    def tried(_: str) -> None:
        about = shop.seen[-1][2]["X-Request-Id"]
        log.writes("could not serialize access", state="40001", about=about)
        log.writes(UNIQUE, state="23505", about=about)

    completing(shop, tried)
    finding = only(ran(tmp_path, shop, log))
    assert finding.code == "unique-violation"
    assert "by request id" in finding.reason
    assert "the request met 40001 before, and went on after it" in finding.notes


def test_two_errors_of_one_request_are_both_candidates(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    def met(_: str) -> None:
        about = shop.seen[-1][2]["X-Request-Id"]
        log.writes(UNIQUE, about=about)
        log.writes(CHECK, state="23514", about=about)

    completing(shop, met)
    finding = only(ran(tmp_path, shop, log))
    assert finding.database_error is None
    assert [error.sqlstate for error in finding.ambiguous] == ["23505", "23514"]


def test_an_applications_line_without_a_database_error_hides_none_of_the_servers(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    application = tmp_path / "app.log"

    def both(email: str) -> None:
        line = {
            "level": 50,
            "time": int(datetime.now(UTC).timestamp() * 1000),
            "reqId": shop.seen[-1][2]["X-Request-Id"],
            "msg": "checkout went wrong",
        }
        application.write_text(json.dumps(line) + "\n")
        log.writes(UNIQUE, f"Key (email)=({email}) already exists.")

    application.touch()
    completing(shop, both)
    options = RunOptions(logs=(str(application), str(log.path)))
    finding = only(run_text(tmp_path, shop.url, SESSION, options=options))
    assert (finding.code, finding.found_in) == ("unique-violation", "log")
    assert any("checkout went wrong" in note for note in finding.notes)


def test_the_servers_log_completes_what_an_applications_log_tells(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    application = tmp_path / "app.log"

    def both(_: str) -> None:
        line = {
            "level": 50,
            "time": int(datetime.now(UTC).timestamp() * 1000),
            "reqId": shop.seen[-1][2]["X-Request-Id"],
            "msg": UNIQUE,
        }
        application.write_text(json.dumps(line) + "\n")
        log.writes(UNIQUE, "Key (a)=(1) already exists.")
        log.writes(UNIQUE.replace("jobs_uq", "t_pkey"), "Key (b)=(1) already exists.")

    application.touch()
    completing(shop, both)
    options = RunOptions(logs=(str(application), str(log.path)))
    finding = only(run_text(tmp_path, shop.url, SESSION, options=options))
    error = finding.database_error
    assert error is not None
    assert (error.constraint_name, error.columns) == ("jobs_uq", ("a",))
    assert error.message_detail is None  # by its time it may be the row of somebody else
    assert finding.found_in == "application log"
    assert ("columns", "log") in {(source.field, source.where) for source in finding.sources}


def test_a_digest_names_the_error_and_not_the_request(tmp_path: Path, shop: Shop, log: Log) -> None:
    application = tmp_path / "app.log"

    def logged(_: str, days: int = 0) -> None:
        at = datetime.now(UTC) - timedelta(days=days)
        line = {"level": 50, "time": int(at.timestamp() * 1000), "digest": "2389617541"}
        application.write_text(json.dumps({**line, "msg": UNIQUE}) + "\n")

    application.touch()
    page = {"message": "An error occurred", "digest": "2389617541"}
    completing(shop, logged, page)
    options = RunOptions(logs=(str(application), str(log.path)))
    finding = only(run_text(tmp_path, shop.url, SESSION, options=options))
    assert finding.found_in == "application log"
    assert "by the digest that the answer shows 2389617541" in finding.reason
    (tmp_path / "later").mkdir()
    completing(shop, lambda email: logged(email, days=1), page)
    old = only(run_text(tmp_path / "later", shop.url, SESSION, options=options))
    assert (old.database_error, old.possible) == (None, ())


def test_errors_of_another_database_than_the_dsns_are_out(
    tmp_path: Path, shop: Shop, log: Log, demo_server: EmbeddedServer
) -> None:
    dsn = demo_server.create_database("ours")

    def elsewhere(_: str) -> None:
        for _each in range(3):
            log.writes(UNIQUE, about="app@elsewhere")

    completing(shop, elsewhere)
    options = RunOptions(logs=(str(log.path),))
    run = run_text(tmp_path, shop.url, SESSION, environ={"SMOKE_DSN": dsn}, options=options)
    finding = only(run)
    assert (finding.possible, finding.ambiguous) == ((), ())
    assert "of another database (elsewhere)" in " ".join(finding.notes)


def test_the_trace_of_the_run_ties_no_error_of_a_scenario_beside(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    def traced(_: str) -> None:
        trace = shop.seen[-1][2]["traceparent"].split("-")[1]
        # a span of the server's own, in the trace of the run
        log.writes(UNIQUE, about=f"traceparent='00-{trace}-00f067aa0ba902b7-01'")

    text = SESSION.replace(
        "  - name: Complete\n", "  - {name: Wait, pause: 1s}\n  - name: Complete\n"
    )
    beside = text.replace("name: session\n", "name: beside\n")
    completing(shop, traced)
    alone = only(ran(tmp_path, shop, log))
    assert alone.found_in == "log"
    (tmp_path / "both").mkdir()
    options = RunOptions(logs=(str(log.path),), workers=2)
    run = run_text(tmp_path / "both", shop.url, text, beside, options=options)
    for finding in run.findings:
        assert (finding.code, finding.database_error) == ("error-hidden", None)


@pytest.mark.parametrize("small", [7, 20_417])
def test_a_small_number_proves_nothing_where_another_database_counts_up_to_it_too(
    tmp_path: Path, shop: Shop, log: Log, small: int
) -> None:
    shop.on("POST /customers", 201, {"id": small})
    of_others = f"Key (customer_id, step)=({small}, 1) already exists."

    def both(_: str) -> None:
        log.writes(CHECK, state="23514", about="shop@shop")
        log.writes(UNIQUE, of_others, about="shop@other")

    completing(shop, both)
    finding = only(ran(tmp_path, shop, log))
    if small > 10_000:
        assert finding.database_error is not None
        return
    assert (finding.code, finding.database_error) == ("error-hidden", None)
    said = {item.error.sqlstate: item.reason for item in finding.possible}
    assert set(said) == {"23505", "23514"}
    assert "several databases (other, shop)" in said["23505"]
    assert "--dsn-env" in said["23505"]
    assert "by its time alone" in said["23514"]


def test_a_number_of_another_database_than_the_dsns_is_out(
    tmp_path: Path, shop: Shop, log: Log, demo_server: EmbeddedServer
) -> None:
    dsn = demo_server.create_database("counting")

    def both(_: str) -> None:
        log.writes(CHECK, state="23514", about="shop@counting")
        log.writes(UNIQUE, "Key (customer_id, step)=(1042, 1) already exists.", about="shop@other")

    completing(shop, both)
    options = RunOptions(logs=(str(log.path),))
    finding = only(
        run_text(tmp_path, shop.url, SESSION, environ={"SMOKE_DSN": dsn}, options=options)
    )
    assert finding.database_error is None
    assert [item.error.sqlstate for item in finding.possible] == ["23514"]


def test_tokens_and_cut_off_passwords_of_a_logged_row_are_in_no_evidence(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    row = "Failing row contains ({}, auth Bearer abcDEF123456tok, postgres://till:geheim-..., -1)."
    completing(shop, lambda email: log.writes(CHECK, row.format(email), state="23514"))
    run = ran(tmp_path, shop, log)
    error = only(run).database_error
    assert error is not None
    assert "Bearer [masked:bearer_token], postgres://till:[masked:password]..." in (
        error.message_detail or ""
    )
    kept = b"".join(path.read_bytes() for path in Path(run.folder).rglob("*") if path.is_file())
    assert b"abcDEF123456tok" not in kept
    assert b"geheim-" not in kept


@pytest.mark.parametrize("cut", [True, False])
def test_a_compressed_log_that_breaks_off_is_said_to(
    tmp_path: Path, shop: Shop, log: Log, cut: bool
) -> None:
    completing(shop, lambda _: None)
    run = ran(tmp_path, shop, log)
    packed = gzip.compress("\n".join(f"a line {number}" for number in range(5000)).encode())
    later = tmp_path / "later.log.gz"
    later.write_bytes(packed[:-2000] if cut else packed)
    notes = " ".join(only(with_log(RunFolder.open(Path(run.folder)), str(later), {})).notes)
    assert "the log has no error of that time" in notes
    assert ("breaks off" in notes) is cut


@pytest.mark.parametrize("often", [1, 2])
def test_an_error_in_both_logs_counts_once(
    tmp_path: Path, shop: Shop, log: Log, often: int
) -> None:
    application = tmp_path / "app.log"
    application.touch()

    def both(_: str) -> None:
        for _each in range(often):
            log.writes(CHECK, state="23514")
            at = int(datetime.now(UTC).timestamp() * 1000)
            with application.open("a") as file:
                file.write(json.dumps({"level": 50, "time": at, "msg": CHECK}) + "\n")

    completing(shop, both)
    options = RunOptions(logs=(str(application), str(log.path)))
    (possible,) = only(run_text(tmp_path, shop.url, SESSION, options=options)).possible
    assert ("times" in possible.reason.partition(", by its time")[0]) is (often > 1)
    assert "4 times" not in possible.reason
