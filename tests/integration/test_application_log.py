"""An application's own log, alone: it explains what the answers of every face of a shop hide, and leaks nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smoke.app.log_later import with_log
from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.demo.look import Look
from smoke.model.finding import IN_APPLICATION_LOG, Finding
from smoke.model.run import Run
from smoke.store import RunFolder
from tests.support.app_logs import FORMATS, Failure, lines
from tests.support.cli import smoke
from tests.support.demo import ShopFactory
from tests.support.running import run_text
from tests.support.scripted import Answer, scripted

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"
SCENARIOS = {
    "rest": "repeat-customer",
    "session": "repeat-customer-session",
    "html": "repeat-customer-html",
    "graphql": "repeat-customer-graphql",
}
ORDER = """
name: order
summary: An order.
variables: {email: "{{ fake.email }}"}
steps:
  - name: Order
    request: {method: POST, url: /orders, json: {email: "{{ email }}"}}
    expect: {status: 201}
"""
RID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
NO_ID = frozenset({"laravel", "django", "console", "supabase_js", "next"})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smoke.app.examine.LATE", 0.2)


@pytest.mark.parametrize(
    ("face", "style"),
    [("rest", "pino"), ("session", "winston"), ("html", "text"), ("graphql", "pino"), ("session", "text"), ("html", "winston")],
)  # fmt: skip
def test_it_explains_the_masked_state_of_a_face(
    face: str, style: str, shop: ShopFactory, tmp_path: Path
) -> None:
    log = tmp_path / "app.log"
    look = Look(face, app_log=log, app_log_style=style, db_trace="none")
    done = run(
        options=RunOptions(
            selectors=(SCENARIOS[face],),
            url=shop("masked", look=look).url,
            out=tmp_path / "runs",
            logs=(str(log),),
        ),
        environ={},
    )
    (finding,) = done.findings
    error = finding.database_error
    assert error is not None
    assert (error.sqlstate, error.constraint_name, error.table_name) == ("23505", CONSTRAINT, "h2s_dispatch_jobs")  # fmt: skip
    assert error.message_detail is not None
    assert error.message_detail.endswith("already exists.")
    told = {source.where for source in finding.sources} | {finding.found_in}
    assert IN_APPLICATION_LOG in told


@pytest.mark.parametrize("face", ["html", "graphql"])
def test_what_a_server_prints_without_id_or_time_is_possible_only(
    face: str, shop: ShopFactory, tmp_path: Path
) -> None:
    log = tmp_path / "app.log"
    look = Look(face, app_log=log, app_log_style="bare", db_trace="none")
    done = run(
        options=RunOptions(
            selectors=(SCENARIOS[face],),
            url=shop("masked", look=look).url,
            out=tmp_path / "runs",
            logs=(str(log),),
        ),
        environ={},
    )
    (finding,) = done.findings
    assert finding.database_error is None
    assert [possible.error.constraint_name for possible in finding.possible] == [CONSTRAINT]


def test_what_has_no_time_counts_by_when_it_came(tmp_path: Path, impatient: None) -> None:
    log = tmp_path / "app.log"
    stack = (
        'error: duplicate key value violates unique constraint "{}"\n'
        "    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98) {{\n"
        "  code: '23505',\n  constraint: '{}'\n}}\n"
    )
    log.write_text(stack.format("of_yesterday_uq", "of_yesterday_uq"))

    def refused(_: bytes) -> Answer:
        with log.open("a", encoding="utf-8") as file:
            file.write(stack.format("orders_uq", "orders_uq"))
        return 500, {}, b"Internal Server Error"

    with scripted() as shop:
        shop.routes["POST /orders"] = refused
        done = run_text(tmp_path, shop.url, ORDER, options=RunOptions(logs=(str(log),)))
    (finding,) = done.findings
    assert finding.database_error is None
    (possible,) = finding.possible
    assert possible.error.constraint_name == "orders_uq"
    assert "by when it came into the log alone" in possible.reason


# every shape, looked up afterwards


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run whose order was answered by a 500 that says its request id and nothing else."""
    with scripted() as shop:
        shop.on("POST /orders", 500, {"error": "Internal Server Error"}, X_Request_Id=RID)
        yield run_text(tmp_path_factory.mktemp("hidden"), shop.url, ORDER)


def failure(run: Run, *, ours: bool = True, later: float = 0.001) -> Failure:
    """What the shop's log would have of our request, or of another one at the same time."""
    (exchange,) = run.scenarios[0].steps[0].attempts[0].exchanges
    at = datetime.fromisoformat(exchange.started_at) + timedelta(seconds=later)
    if not ours:
        other = "9c1185a5-c5e9-4fc5-8122-808977ee548e"
        return Failure(at, other, "smoke.ben.pqrstuvwxyz2@example.com", "carts_uq", "carts")
    body = (Path(run.folder) / exchange.request.body.path).read_text()
    return Failure(at, RID, json.loads(body)["email"])


def looked_up(run: Run, tmp_path: Path, text: str) -> Finding:
    log = tmp_path / "app.log"
    log.write_text(text, encoding="utf-8")
    (finding,) = with_log(RunFolder.open(Path(run.folder)), [str(log)], {}).findings
    return finding


@pytest.mark.parametrize("name", FORMATS)
def test_our_error_is_found_in_every_shape_beside_another_ones(
    name: str, hidden: Run, tmp_path: Path
) -> None:
    make = FORMATS[name]
    ours, theirs = failure(hidden), failure(hidden, ours=False)
    finding = looked_up(hidden, tmp_path, f"{make(theirs)}\n{make(ours)}\n{make(theirs)}\n")
    assert finding.database_error is not None, finding
    assert finding.database_error.constraint_name == ours.constraint
    assert finding.found_in == IN_APPLICATION_LOG
    assert "by request id" in finding.reason or "by order key" in finding.reason


@pytest.mark.parametrize("name", FORMATS)
def test_the_error_of_another_request_is_not_taken_in_any_shape(
    name: str, hidden: Run, tmp_path: Path
) -> None:
    theirs = failure(hidden, ours=False)
    finding = looked_up(hidden, tmp_path, f"{FORMATS[name](theirs)}\n")
    assert finding.database_error is None
    assert finding.possible == ()
    assert finding.ambiguous == ()


@pytest.mark.parametrize("name", ["pino", "structlog", "log4j2", "vercel_drain", "cloudflare_tail", "fly", "rails", "python", "compose"])  # fmt: skip
def test_our_error_is_found_in_a_log_that_is_too_large_to_be_kept_whole(
    name: str, hidden: Run, tmp_path: Path
) -> None:
    other = {
        "level": 30,
        "time": 1_795_000_000_000,
        "reqId": "srv-1",
        "msg": "request completed" * 4,
    }
    noise = "\n".join([lines(other)] * 10_000)
    make, ours, theirs = FORMATS[name], failure(hidden), failure(hidden, ours=False)
    finding = looked_up(hidden, tmp_path, f"{noise}\n{make(theirs)}\n{make(ours)}\n{noise}\n")
    assert finding.database_error is not None, finding
    assert finding.database_error.constraint_name == ours.constraint


def nobodys(make: Callable[[Failure], str], run: Run) -> str:
    """What the shape has when the application logs neither id nor customer."""
    ours = failure(run)
    return make(Failure(ours.at, "-", "x", ours.constraint, ours.table))


@pytest.mark.parametrize(
    "name", ["pino", "winston", "zap", "log4j2", "serilog", "vercel_cli", "cloudflare_tail", "fly", "laravel", "python", "console"]
)  # fmt: skip
def test_by_its_time_alone_an_error_is_possible(name: str, hidden: Run, tmp_path: Path) -> None:
    finding = looked_up(hidden, tmp_path, nobodys(FORMATS[name], hidden))
    assert finding.database_error is None
    assert [possible.error.constraint_name for possible in finding.possible] == ["jobs_uq"]
    assert "by its time alone" in finding.possible[0].reason


def test_the_access_line_of_our_request_ties_its_entries(tmp_path: Path, impatient: None) -> None:
    """The server makes ids of its own, and tells them to nobody but its log."""
    log = tmp_path / "app.log"
    log.touch()
    with scripted() as shop:
        shop.routes["POST /orders"] = _logging(log, 1)
        named = run_text(tmp_path, shop.url, ORDER, options=RunOptions(logs=(str(log),)))
        (finding,) = named.findings
        assert finding.database_error is not None
        assert finding.database_error.constraint_name == "jobs_uq"
        assert "by the access line of POST /orders 500 at " in finding.reason
        log.write_text("")
        shop.routes["POST /orders"] = _logging(log, 2)
        unknown = run_text(tmp_path, shop.url, ORDER, options=RunOptions(logs=(str(log),)))
        assert unknown.findings[0].database_error is None


def _logging(log: Path, times: int) -> Callable[[bytes], Answer]:
    """A route that logs its error and its access line under ids of its own, and so many equal requests."""

    def answer(_: bytes) -> Answer:
        now = datetime.now(UTC)
        told = []
        for number in range(times):
            mine = Failure(
                now,
                f"srv-00{number}a-{now.timestamp()}",
                "x",
                f"{'jobs' if not number else 'carts'}_uq",
            )
            told += [
                {"level": 50, "time": mine.ms, "reqId": mine.rid, "err": {"message": mine.message, **mine.fields}, "msg": "failed"},
                {"level": 30, "time": mine.ms, "reqId": mine.rid, "req": {"method": "POST", "url": "/orders"}, "res": {"statusCode": 500}, "msg": "done"},
            ]  # fmt: skip
        with log.open("a", encoding="utf-8") as file:
            file.write(lines(*told) + "\n")
        return 500, {"Content-Type": "application/json"}, b'{"error":"Internal Server Error"}'

    return answer


def test_the_root_cause_of_several_entries_is_first(hidden: Run, tmp_path: Path) -> None:
    """The pool's idle connection was ended, the next one refused; a transaction goes on after its end."""
    ours = failure(hidden)
    base = {"level": 50, "reqId": RID, "msg": "failed"}
    lost = {
        "message": "terminating connection due to administrator command",
        "code": "57P01",
        "severity": "FATAL",
    }
    full = {"message": "sorry, too many clients already", "code": "53300", "severity": "FATAL"}
    text = lines({**base, "time": ours.ms - 1, "err": lost}, {**base, "time": ours.ms, "err": full})
    finding = looked_up(hidden, tmp_path, text)
    assert finding.database_error is not None
    assert finding.database_error.sqlstate == "53300"
    assert any("57P01" in note for note in finding.notes)
    aborted = {
        "message": "current transaction is aborted, commands ignored until end of transaction block",
        "code": "25P02",
    }
    unique = {"message": ours.message, **ours.fields}
    text = lines(
        {**base, "time": ours.ms, "err": unique}, {**base, "time": ours.ms, "err": aborted}
    )
    finding = looked_up(hidden, tmp_path, text)
    assert finding.database_error is not None
    assert finding.database_error.constraint_name == "jobs_uq"
    assert [error.sqlstate for error in finding.consequences] == ["25P02"]


def test_the_line_and_bytes_of_the_log_are_cited(hidden: Run, tmp_path: Path) -> None:
    text = FORMATS["pino"](failure(hidden))
    error = looked_up(hidden, tmp_path, text).database_error
    assert error is not None
    (cited,) = (one for one in error.citations if one.field == "sqlstate")
    assert cited.part == "log:2"
    assert text.split("\n")[1].encode()[cited.start : cited.end] == b"23505"
    shown = smoke(
        [
            "show",
            Path(hidden.folder).name,
            "--out",
            str(Path(hidden.folder).parent),
            "--log",
            "app.log",
        ],
        tmp_path,
    )
    assert f"line 2 bytes {cited.start}-{cited.end}" in " ".join(shown.stdout.split())


SECRETS = (
    "hunter2hunter2",
    "4242424242424242",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2ln",
    "ses_84cf6d29fc5ee316fd643c957f94037e",
)


@pytest.mark.usefixtures("impatient")
def test_nothing_secret_of_the_log_is_kept_or_printed(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch()
    password, card, token, session = SECRETS

    def order(request: bytes) -> Answer:
        email = json.loads(request)["email"]
        now = Failure(datetime.now(UTC), RID, email)
        error = {"message": f"{now.message} for Authorization: Bearer {token}", **now.fields,
                 "detail": f"Key (card, password)=({card}, password={password}) already exists."}  # fmt: skip
        seen = {"method": "POST", "url": f"/orders?token={session}", "headers": {"authorization": f"Bearer {token}", "cookie": f"sid={session}"},
                "body": {"password": password, "card": {"number": card, "cvc": "123"}}}  # fmt: skip
        said = f"Bearer {token} password={password} card {card}"
        with log.open("a", encoding="utf-8") as file:
            file.write(
                lines(
                    {
                        "level": 50,
                        "time": now.ms,
                        "reqId": RID,
                        "req": seen,
                        "err": error,
                        "msg": said,
                    }
                )
                + "\n"
            )
            file.write(lines({"level": 50, "time": now.ms, "reqId": RID, "msg": said}) + "\n")
        return 500, {"Content-Type": "application/json", "X-Request-Id": RID}, b"{}"

    with scripted() as shop:
        shop.routes["POST /orders"] = order
        (tmp_path / "order.yaml").write_text(ORDER)
        done = smoke(
            ["run", "order.yaml", "--url", shop.url, "--log", "app.log", "--verbose", "--report", "json=r.json", "--report", "html=r.html",
             "--report", "junit=r.xml", "--report", "har=r.har"],
            tmp_path,
        )  # fmt: skip
    assert "jobs_uq" in done.stdout, done.stdout + done.stderr
    again = smoke(["show", "--log", "app.log", "--verbose"], tmp_path)
    assert "jobs_uq" in again.stdout
    kept = [
        path.read_text("utf-8", "replace")
        for path in tmp_path.rglob("*")
        if path.is_file() and path != log
    ]
    for secret in SECRETS:
        for text in (done.stdout, done.stderr, again.stdout, *kept):
            assert secret not in text
