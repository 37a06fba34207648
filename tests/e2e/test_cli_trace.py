"""Each request carries a name of its own, by which it is found in a log; the shop's own names win."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.model.exchange import Exchange
from smoke.model.run import Outcome, Run
from smoke.store import resolve
from tests.support.cli import smoke
from tests.support.demo import ShopFactory
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01")
JSON = {"Content-Type": "application/json"}
EVERY_KIND = """
name: shop
summary: Every kind of request.
steps:
  - name: Order
    request: {url: /orders, json: {}, idempotency_key: true}
    retry: {attempts: 3, on: ["503"], wait: 0s}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Look
    request: {url: /old, follow_redirects: true}
    expect: {status: 200}
  - name: Wait
    request: GET /status
    until: {deadline: 10s, every: 0.01s}
    expect: {json: {$.done: true}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
ONE = "name: one\nsteps:\n  - {name: Order, request: REQUEST, expect: {status: 200}}\n"


@pytest.fixture
def server() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def in_turn(*answers: Answer) -> Iterator[Answer]:
    yield from answers
    while True:
        yield answers[-1]


def complete(shop: Shop) -> None:
    """A shop that takes the order at the second try, redirects, and is ready the second time it is asked."""
    orders = in_turn((503, JSON, b"{}"), (201, JSON, b'{"id": "A-1"}'))
    status = in_turn((200, JSON, b'{"done": false}'), (200, JSON, b'{"done": true}'))
    shop.on("GET /health")
    shop.routes["POST /orders"] = lambda _: next(orders)
    shop.on("GET /old", 302, b"", Location="/new")
    shop.on("GET /new")
    shop.routes["GET /status"] = lambda _: next(status)
    shop.on("DELETE /orders/A-1")


def named(shop: Shop) -> list[tuple[str, str, str]]:
    """Trace, span and request id of each request that came."""
    found = []
    for _, _, headers, _ in shop.seen:
        lower = {name.lower(): value for name, value in headers.items()}
        match = TRACEPARENT.fullmatch(lower["traceparent"])
        assert match is not None
        found.append((match[1], match[2], lower["x-request-id"]))
    return found


def exchanges(run: Run) -> list[Exchange]:
    first = [run.readiness_exchange] if run.readiness_exchange is not None else []
    steps = [step for scenario in run.scenarios for step in scenario.steps]
    return first + [e for step in steps for attempt in step.attempts for e in attempt.exchanges]


def header(exchange: Exchange, name: str) -> list[str]:
    return [
        value.decode()
        for key, value in exchange.request.headers
        if key.decode().lower() == name.lower()
    ]


def test_every_exchange_has_a_name_of_its_own_in_one_trace(server: Shop, tmp_path: Path) -> None:
    complete(server)
    run = run_text(tmp_path, server.url, EVERY_KIND, options=RunOptions(ready="/health"))
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert server.paths() == [
        "GET /health", "POST /orders", "POST /orders", "GET /old", "GET /new", "GET /status", "GET /status",
        "DELETE /orders/A-1",
    ]  # fmt: skip
    names = named(server)
    assert {trace for trace, _, _ in names} == {run.trace_id}
    assert run.trace_id.strip("0")
    assert len({span for _, span, _ in names}) == len(names)
    assert all(span.strip("0") for _, span, _ in names)
    assert len({request for _, _, request in names}) == len(names)
    assert all(uuid.UUID(request).version == 4 for _, _, request in names)
    # one search by the first group finds the requests of the run
    assert {request[:8] for _, _, request in names} == {run.trace_id[:8]}
    # what is tried again is the same order to the shop, and another request in its logs
    tries = [headers for method, _, headers, _ in server.seen if method == "POST"]
    assert tries[0]["Idempotency-Key"] == tries[1]["Idempotency-Key"]
    # kept as they were sent
    kept = [
        (header(e, "traceparent"), header(e, "x-request-id"), e.redactions) for e in exchanges(run)
    ]
    assert kept == [([f"00-{trace}-{span}-01"], [request], ()) for trace, span, request in names]


def test_two_runs_are_two_traces(server: Shop, tmp_path: Path) -> None:
    server.on("GET /x")
    text = ONE.replace("REQUEST", "GET /x")
    traces = {run_text(tmp_path, server.url, text).trace_id for _ in range(2)}
    assert len(traces) == 2


@pytest.mark.parametrize("name", ["X-Request-Id", "traceparent", "x-REQUEST-id"])
def test_a_header_of_the_scenario_is_the_name(server: Shop, tmp_path: Path, name: str) -> None:
    server.on("POST /x", 500, {"error": "Internal Server Error"})
    own = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00"
    text = ONE.replace("REQUEST", f"{{url: /x, json: {{}}, headers: {{{name}: {own}}}}}")
    run = run_text(tmp_path, server.url, text)
    (exchange,) = exchanges(run)
    assert header(exchange, name) == [own]
    other = "traceparent" if name.lower() == "x-request-id" else "x-request-id"
    assert len(header(exchange, other)) == 1
    (finding,) = run.findings
    assert (name, own, True) in [
        (item.name, item.value, item.sent) for item in finding.correlations
    ]


def test_a_header_of_the_target_is_the_name(server: Shop, tmp_path: Path) -> None:
    server.on("GET /x")
    options = RunOptions(headers=(("X-Request-ID", "mine-12345"),))
    run = run_text(tmp_path, server.url, ONE.replace("REQUEST", "GET /x"), options=options)
    assert header(exchanges(run)[0], "x-request-id") == ["mine-12345"]


def test_null_leaves_one_out(server: Shop, tmp_path: Path) -> None:
    server.on("GET /x")
    text = ONE.replace("REQUEST", "{url: /x, headers: {TraceParent: null}}")
    (exchange,) = exchanges(run_text(tmp_path, server.url, text))
    assert header(exchange, "traceparent") == []
    assert len(header(exchange, "x-request-id")) == 1


@pytest.mark.parametrize("by", ["option", "target"])
def test_they_can_be_switched_off(server: Shop, tmp_path: Path, by: str) -> None:
    server.on("POST /x", 500, b"")
    (tmp_path / "one.yaml").write_text(ONE.replace("REQUEST", "POST /x"), encoding="utf-8")
    (tmp_path / "smoke-targets.yaml").write_text(
        f"targets:\n  quiet: {{url: '{server.url}', trace: false}}\n", encoding="utf-8"
    )
    given = ["--url", server.url, "--no-trace"] if by == "option" else ["--target", "quiet"]
    done = smoke(["run", "one.yaml", *given], tmp_path)
    assert done.returncode == 1, done.stderr
    (_, _, headers, _) = server.seen[0]
    assert {"traceparent", "x-request-id"}.isdisjoint(name.lower() for name in headers)
    assert "search your logs" not in done.stdout
    assert resolve(tmp_path / ".smoke" / "runs").run().trace_id == ""
    assert ("--no-trace" in done.stdout) is (by == "option")  # in the command to run it again


def test_another_origin_that_is_allowed_gets_a_name_too(server: Shop, tmp_path: Path) -> None:
    with scripted() as backend:
        backend.on("GET /x")
        options = RunOptions(allow_hosts=(backend.url,), headers=(("X-Own", "for the target"),))
        text = ONE.replace("REQUEST", f"GET {backend.url}/x")
        run = run_text(tmp_path, server.url, text, options=options)
        assert [trace for trace, _, _ in named(backend)] == [run.trace_id]
        assert "X-Own" not in backend.seen[0][2]


@pytest.mark.parametrize("broken", ["no answer", "an expectation", "a finding"])
def test_a_failure_says_what_to_search_for(server: Shop, tmp_path: Path, broken: str) -> None:
    answers: dict[str, Answer] = {"no answer": (0, {}, b""), "an expectation": (404, {}, b"")}
    server.routes["POST /x"] = lambda _: answers.get(broken, (500, {}, b"oops"))
    (tmp_path / "one.yaml").write_text(ONE.replace("REQUEST", "POST /x"), encoding="utf-8")
    written = ("json=r.json", "junit=r.xml", "html=r.html", "github=r.md", "har=r.har")
    reports = [word for report in written for word in ("--report", report)]
    wide = {"COLUMNS": "250"}
    done = smoke(["run", "one.yaml", "--url", server.url, *reports], tmp_path, env=wide)
    ((trace, span, request),) = named(server)
    said = f"search your logs for X-Request-Id {request}, or for trace id {trace} (span {span})"
    assert said in done.stdout
    assert said in smoke(["show", "latest"], tmp_path, env=wide).stdout
    for report in ("r.xml", "r.html", "r.md"):
        assert said in (tmp_path / report).read_text()
    (entry,) = json.loads((tmp_path / "r.har").read_text())["log"]["entries"]
    assert entry["_smoke"]["request_id"] == request
    assert (entry["_smoke"]["trace_id"], entry["_smoke"]["span_id"]) == (trace, span)
    assert {"name": "X-Request-Id", "value": request} in entry["request"]["headers"]
    stored = json.loads((tmp_path / "r.json").read_text())
    assert stored["run"]["trace_id"] == trace
    for finding in stored["findings"]:
        assert finding["correlations"][:2] == [
            {"name": "X-Request-Id", "value": request, "sent": True},
            {"name": "traceparent", "value": f"00-{trace}-{span}-01", "sent": True},
        ]
    assert bool(stored["findings"]) is (broken == "a finding")


def test_a_failure_behind_a_redirect_names_every_hop(server: Shop, tmp_path: Path) -> None:
    server.on("POST /x", 303, b"", Location="/sorry")
    server.on("GET /sorry", 500, b"oops")
    text = ONE.replace("REQUEST", "{method: POST, url: /x, follow_redirects: true}")
    (tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    done = smoke(["run", "one.yaml", "--url", server.url], tmp_path, env={"COLUMNS": "300"})
    (trace, first, asked), (_, second, shown) = named(server)
    assert (
        f"search your logs for X-Request-Id {asked} (POST), or for X-Request-Id {shown} (GET), "
        f"or for trace id {trace} (spans {first}, {second})"
    ) in " ".join(done.stdout.split())


def test_a_target_that_does_not_become_ready_is_searched_for_too(
    server: Shop, tmp_path: Path
) -> None:
    server.on("GET /health", 500)
    (tmp_path / "one.yaml").write_text(ONE.replace("REQUEST", "POST /x"), encoding="utf-8")
    given = ["run", "one.yaml", "--url", server.url, "--ready", "/health", "--ready-timeout", "1ms"]
    done = smoke(given, tmp_path, env={"COLUMNS": "250"})
    assert done.returncode == 3
    trace, span, request = named(server)[-1]
    said = f"search your logs for X-Request-Id {request}, or for trace id {trace} (span {span})"
    assert said in done.stdout


def test_an_id_that_the_shop_gives_back_is_told_once(server: Shop, tmp_path: Path) -> None:
    def echo(_: bytes) -> Answer:
        return 500, {"X-Request-Id": server.seen[-1][2]["X-Request-Id"]}, b"oops"

    server.routes["POST /x"] = echo
    run = run_text(tmp_path, server.url, ONE.replace("REQUEST", "POST /x"))
    (finding,) = run.findings
    ((trace, span, request),) = named(server)
    assert [item.value for item in finding.correlations] == [request, f"00-{trace}-{span}-01"]


def test_what_was_not_sent_is_in_nobodys_log(tmp_path: Path) -> None:
    with scripted() as gone:
        url = gone.url
    (tmp_path / "one.yaml").write_text(ONE.replace("REQUEST", "POST /x"), encoding="utf-8")
    done = smoke(["run", "one.yaml", "--url", url], tmp_path)
    assert done.returncode == 3
    assert "search your logs" not in done.stdout


def test_a_dry_run_shows_them_the_same_every_time(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(ONE.replace("REQUEST", "POST /x"), encoding="utf-8")
    dry = ["run", "one.yaml", "--url", "http://shop.test", "--dry-run"]
    first, second = (smoke(dry, tmp_path).stdout for _ in range(2))
    assert first == second
    assert "traceparent: 00-00000000000000000000000000000000-0000000000000000-01" in first
    assert "X-Request-Id: 00000000-0000-4000-8000-000000000000" in first
    assert "traceparent" not in smoke([*dry, "--no-trace"], tmp_path).stdout


def test_a_later_teardown_goes_on_with_the_runs_trace(server: Shop, tmp_path: Path) -> None:
    complete(server)
    (tmp_path / "shop.yaml").write_text(EVERY_KIND, encoding="utf-8")
    server.on("DELETE /orders/A-1", 503)
    smoke(["run", "shop.yaml", "--url", server.url], tmp_path)
    seen = len(server.seen)
    server.on("DELETE /orders/A-1")
    assert smoke(["teardown"], tmp_path).returncode == 0
    names = named(server)
    assert len(names) > seen
    assert len({trace for trace, _, _ in names}) == 1
    assert len({request for _, _, request in names}) == len(names)


def test_the_error_is_found_by_its_request_in_the_log_of_a_shop_that_tells_no_id(
    shop: ShopFactory, tmp_path: Path
) -> None:
    running = shop("masked")
    log = str(running.log_path)
    for _ in range(2):  # another run's same error stands in the log already
        done = smoke(
            ["run", "repeat-customer", "--url", running.url, "--postgres-log", log], tmp_path
        )
        assert "23505" in done.stdout
        assert "by request id" in " ".join(done.stdout.split())
