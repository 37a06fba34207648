"""Errors that responses hide, in a server's log that is written while the run goes on."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from smoke.app.log_later import with_log
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.finding import Finding
from smoke.model.run import Outcome, Run
from smoke.store import RunFolder, resolve
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted
from tests.support.written_log import Log

HIDDEN = {"error": "Internal Server Error"}
UNIQUE = 'duplicate key value violates unique constraint "jobs_uq"'
CHECK = 'new row for relation "orders" violates check constraint "orders_ck"'
ORDER = """
name: order
summary: An order.
variables: {email: "{{ fake.email }}"}
steps:
  - name: Order
    request: {method: POST, url: /orders, json: {email: "{{ email }}"}}
    expect: {status: 201}
"""


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "postgres.log")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """By time alone an error is taken when no surer one came within the patience: here that is short."""
    monkeypatch.setattr("smoke.app.examine.LATE", 0.2)


def failing(
    before: Callable[[bytes], None], body: object = None, status: int = 500
) -> Callable[[bytes], Answer]:
    """A route that does something and answers with a masked 500."""
    data = json.dumps(HIDDEN if body is None else body).encode()

    def answer(request: bytes) -> Answer:
        before(request)
        return status, {"Content-Type": "application/json"}, data

    return answer


def email(request: bytes) -> str:
    """The customer of an order."""
    found: str = json.loads(request)["email"]
    return found


def key(request: bytes) -> str:
    """The detail of an error that an order's customer met."""
    return f"Key (email)=({email(request)}) already exists."


def ran(tmp_path: Path, shop: Shop, log: Log, text: str = ORDER, **more: object) -> Run:
    options = RunOptions(postgres_log=str(log.path), **more)  # type: ignore[arg-type]  # names and types are RunOptions'
    return run_text(tmp_path, shop.url, text, options=options)


def only(run: Run) -> Finding:
    (finding,) = run.findings
    return finding


def test_an_error_of_that_time_is_possible_and_never_the_cause(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    shop.routes["POST /orders"] = failing(lambda _: None)
    without = only(ran(tmp_path, shop, log))
    (tmp_path / "second").mkdir()
    shop.routes["POST /orders"] = failing(
        lambda _: log.writes(UNIQUE, "Key (a)=(1) already exists.")
    )
    run = ran(tmp_path / "second", shop, log)
    finding = only(run)
    assert (finding.code, finding.found_in) == ("error-hidden", "response")
    assert finding.database_error is None
    assert finding.fingerprint == without.fingerprint
    assert [told.error.constraint_name for told in finding.possible] == ["jobs_uq"]
    assert "by its time alone" in finding.possible[0].reason
    assert run.outcome is Outcome.FAILED
    assert RunFolder.open(Path(run.folder)).run() == run  # the events tell it again


def test_two_errors_of_that_time_stay_two(tmp_path: Path, shop: Shop, log: Log) -> None:
    def both(_: bytes) -> None:
        log.writes(UNIQUE)
        log.writes(CHECK, state="23514")

    shop.routes["POST /orders"] = failing(both)
    finding = only(ran(tmp_path, shop, log))
    assert (finding.code, finding.found_in) == ("error-hidden", "response")
    assert finding.database_error is None
    assert [told.error.sqlstate for told in finding.possible] == ["23505", "23514"]


def test_the_error_of_another_runs_customer_is_not_taken(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    theirs = "Key (email)=(smoke.ben.pqrstuvwxyz2@example.com) already exists."
    shop.routes["POST /orders"] = failing(lambda _: log.writes(UNIQUE, theirs))
    finding = only(ran(tmp_path, shop, log))
    assert finding.database_error is None
    assert finding.ambiguous == ()
    assert "of other requests" in " ".join(finding.notes)


def test_a_customer_that_was_sent_in_a_form_is_known_by_its_address(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    def refused(request: bytes) -> None:
        email = unquote(request.decode().partition("=")[2])
        log.writes(CHECK, "Key (email)=(smoke.ben.pqrstuvwxyz2@example.com)", state="23514")
        log.writes(UNIQUE, f"Key (email)=({email}) already exists.")

    shop.routes["POST /orders"] = failing(refused)
    finding = only(ran(tmp_path, shop, log, ORDER.replace("json:", "form:")))
    assert finding.database_error is not None
    assert finding.database_error.sqlstate == "23505"
    assert "by order key" in finding.reason


def test_two_runs_at_once_without_request_ids_each_take_their_customers_error(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    met = threading.Barrier(2)
    turn = iter([(UNIQUE, "23505"), (CHECK, "23514")])

    def refused(request: bytes) -> None:
        email = json.loads(request)["email"]
        met.wait(30)
        with lock:
            message, state = next(turn)
            expected[email] = state
            log.writes(message, f"Key (email)=({email}) already exists.", state=state)
        met.wait(30)

    lock = threading.Lock()
    expected: dict[str, str] = {}
    shop.routes["POST /orders"] = failing(refused)
    runs: list[Run] = []
    folders = [tmp_path / "one", tmp_path / "two"]

    def one(folder: Path) -> None:
        folder.mkdir()
        runs.append(ran(folder, shop, log))

    threads = [threading.Thread(target=one, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = []
    for run in runs:
        finding = only(run)
        assert finding.database_error is not None
        assert finding.database_error.message_detail is not None
        email = finding.database_error.message_detail.partition("(email)=(")[2].partition(")")[0]
        body = run.scenarios[0].steps[0].attempts[0].exchanges[0].request.body
        assert email == json.loads((Path(run.folder) / body.path).read_bytes())["email"]
        assert finding.database_error.sqlstate == expected[email]
        assert "by order key" in finding.reason
        states.append(finding.database_error.sqlstate)
    assert sorted(state or "" for state in states) == ["23505", "23514"]


@pytest.mark.parametrize(
    "value",
    [
        "{{ fake.uuid }}",
        "{{ fake.uuid | upper }}",
        "ORD{{ fake.hex(12) }}",
        "{{ fake.digits(15) }}x",
    ],
)
def test_a_long_random_value_that_the_run_made_up_is_its_own(
    tmp_path: Path, shop: Shop, log: Log, value: str
) -> None:
    text = ORDER.replace('"{{ fake.email }}"', f'"{value}"')
    shop.routes["POST /orders"] = failing(lambda request: log.writes(UNIQUE, key(request)))
    run = ran(tmp_path, shop, log, text)
    finding = only(run)
    assert finding.database_error is not None
    assert (finding.database_error.sqlstate, finding.found_in) == ("23505", "log")
    assert "by order key" in finding.reason
    assert RunFolder.open(Path(run.folder)).run() == run


def test_a_short_random_value_is_not_and_a_masked_one_is_not_kept(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    text = ORDER.replace("fake.email", "fake.hex(8)").replace(
        'email: "{{ email }}"', 'email: "{{ email }}", password: "{{ fake.uuid }}"'
    )
    shop.routes["POST /orders"] = failing(lambda request: log.writes(UNIQUE, key(request)))
    run = ran(tmp_path, shop, log, text)
    assert only(run).database_error is None
    assert len(only(run).possible) == 1
    (attempt,) = run.scenarios[0].steps[0].attempts
    assert attempt.made == ()
    body = Path(run.folder) / attempt.exchanges[0].request.body.path
    assert '"password":"[masked' in body.read_text(encoding="utf-8")


def test_what_fails_in_the_teardown_is_looked_up_too(tmp_path: Path, shop: Shop, log: Log) -> None:
    teardown = """
teardown:
  - name: Cancel
    request: {method: DELETE, url: "/orders?of={{ email }}"}
    expect: {status: 200}
"""
    customers: list[str] = []

    def placed(request: bytes) -> Answer:
        customers.append(email(request))
        return 201, {"Content-Type": "application/json"}, b"{}"

    def referenced(_: bytes) -> None:
        detail = f'Key (email)=({customers[0]}) is still referenced from table "invoices".'
        log.writes("still referenced", detail, state="23503")

    shop.routes["POST /orders"] = placed
    shop.routes["DELETE /orders"] = failing(referenced)
    run = ran(tmp_path, shop, log, ORDER + teardown)
    finding = only(run)
    assert finding.database_error is not None
    assert (finding.database_error.sqlstate, finding.found_in) == ("23503", "log")
    assert finding.step == "Cancel"
    assert RunFolder.open(Path(run.folder)).run() == run


def test_an_answer_that_tells_another_error_takes_none_by_time(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    body = {"error": "TypeError: Cannot read properties of undefined (reading 'total')"}
    shop.routes["POST /orders"] = failing(lambda _: log.writes(UNIQUE), body)
    finding = only(ran(tmp_path, shop, log))
    assert (finding.code, finding.database_error) == ("server-error", None)
    assert (finding.possible, finding.ambiguous) == ((), ())
    assert "the response tells of another one" in " ".join(finding.notes)


def test_an_error_that_is_written_late_is_waited_for(
    tmp_path: Path, shop: Shop, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smoke.app.examine.LATE", 30.0)

    def late(request: bytes) -> None:
        email = json.loads(request)["email"]
        threading.Timer(0.3, log.writes, (UNIQUE, f"Key (email)=({email}) already exists.")).start()

    shop.routes["POST /orders"] = failing(late)
    assert only(ran(tmp_path, shop, log)).found_in == "log"


def test_a_log_that_is_rotated_meanwhile_is_read(tmp_path: Path, shop: Shop, log: Log) -> None:
    log.path.write_text("2026-01-01 00:00:00 UTC [1] LOG:  long ago\n" * 5000)

    def rotated(request: bytes) -> None:
        log.path.rename(tmp_path / "postgres.log.1")
        log.writes(UNIQUE, key(request))

    shop.routes["POST /orders"] = failing(rotated)
    assert only(ran(tmp_path, shop, log)).found_in == "log"


def test_a_log_that_vanishes_is_a_note_and_changes_no_outcome(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    shop.routes["POST /orders"] = failing(lambda _: log.path.unlink())
    run = ran(tmp_path, shop, log)
    assert run.outcome is Outcome.FAILED
    assert "postgres.log is not there any more" in " ".join(only(run).notes)


def test_a_named_pipe_is_listened_to(tmp_path: Path, shop: Shop) -> None:
    pipe = tmp_path / "log.pipe"
    os.mkfifo(pipe)
    log = Log(pipe)
    shop.routes["POST /orders"] = failing(lambda request: log.writes(UNIQUE, key(request)))
    finding = only(ran(tmp_path, shop, log))
    assert finding.found_in == "log"
    assert str(pipe) in finding.reason


def test_a_pipe_into_which_nobody_writes_holds_no_run_up(tmp_path: Path, shop: Shop) -> None:
    pipe = tmp_path / "log.pipe"
    os.mkfifo(pipe)
    shop.routes["POST /orders"] = failing(lambda _: None)
    run = ran(tmp_path, shop, Log(pipe))
    assert run.outcome is Outcome.FAILED
    assert "the log has no error of that time" in " ".join(only(run).notes)
    pipe.open("w").close()  # who listens to it may go


def test_a_secret_where_a_column_should_be_is_masked(tmp_path: Path, shop: Shop, log: Log) -> None:
    secret = "k9-hunter2-Qx71"
    shop.routes["POST /orders"] = failing(
        lambda request: log.writes(
            UNIQUE, f"Key (a, {secret})=(1, {email(request)}) already exists."
        )
    )
    text = ORDER.replace("variables:", "secrets: [SHOP_KEY]\nvariables:")
    options = RunOptions(postgres_log=str(log.path))
    run = run_text(tmp_path, shop.url, text, environ={"SHOP_KEY": secret}, options=options)
    error = only(run).database_error
    assert error is not None
    assert (len(error.columns), error.columns[0]) == (2, "a")
    assert secret not in repr(run)


def test_secrets_in_the_log_are_masked_wherever_they_stand(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    secret, card = "k9-hunter2-Qx71", "4242424242424242"

    def leaking(_: bytes) -> None:
        log.writes(UNIQUE, f"Key (token)=({secret}) already exists.")
        log.writes(f"value {secret} of card {card}", state="22023")

    text = ORDER.replace("variables:", "secrets: [SHOP_KEY]\nvariables:")
    shop.routes["POST /orders"] = failing(leaking)
    options = RunOptions(postgres_log=str(log.path))
    run = run_text(tmp_path, shop.url, text, environ={"SHOP_KEY": secret}, options=options)
    assert len(only(run).possible) == 2
    kept = b"".join(path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file())
    assert b"jobs_uq" in kept
    assert secret.encode() not in kept
    assert card.encode() not in kept
    assert secret not in repr(run)


def test_a_step_that_passed_when_it_was_tried_again_is_explained_too(
    tmp_path: Path, shop: Shop, log: Log
) -> None:
    answers = iter(
        [
            failing(lambda request: log.writes(UNIQUE, key(request))),
            failing(lambda _: None, {"ok": True}, 201),
        ]
    )

    def answer(request: bytes) -> Answer:
        return next(answers)(request)

    shop.routes["POST /orders"] = answer
    retry = "    retry: {attempts: 2, on: [5xx], wait: 10ms, idempotent: true}\n"
    run = ran(tmp_path, shop, log, ORDER + retry)
    assert run.outcome is Outcome.PASSED
    assert only(run).found_in == "log"


def test_an_error_long_before_the_run_is_not_taken(tmp_path: Path, shop: Shop, log: Log) -> None:
    log.writes(UNIQUE, ago=3600)
    shop.routes["POST /orders"] = failing(lambda _: log.writes(CHECK, state="23514", ago=-3600))
    finding = only(ran(tmp_path, shop, log))
    assert finding.database_error is None
    assert "the log has no error of that time" in " ".join(finding.notes)


def test_a_saved_run_is_explained_by_an_answer_of_supabase(tmp_path: Path, shop: Shop) -> None:
    shop.routes["POST /orders"] = failing(lambda _: None)
    run = run_text(tmp_path, shop.url, ORDER)
    at = datetime.fromisoformat(run.scenarios[0].steps[0].attempts[0].exchanges[0].started_at)
    parsed = {
        "error_severity": "ERROR",
        "sql_state_code": "23505",
        "detail": key(shop.seen[-1][3]),
    }
    row = {
        "event_message": UNIQUE,
        "timestamp": int(at.timestamp() * 1e6),
        "metadata": [{"parsed": [parsed]}],
    }
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps({"result": [row]}, indent=1))
    folder = resolve(tmp_path / "runs", "latest")
    finding = only(with_log(folder, str(answer), {}))
    assert finding.database_error is not None
    assert finding.database_error.sqlstate == "23505"
    assert folder.run() == run
    answer.write_text('{"result": [{"event')
    (note,) = [
        n for n in only(with_log(folder, str(answer), {})).notes if "log" in n and "torn" in n
    ]
    assert "is torn JSON" in note
    with pytest.raises(SmokeError, match="cannot read the server's log"):
        with_log(folder, str(tmp_path / "nowhere.json"), {})
