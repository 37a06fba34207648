"""`smoke report` makes each report of a stored run again, from what is stored alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from smoke import plugins
from tests.support.cli import smoke
from tests.support.scripted import Shop, scripted

ORDER = """
name: order
summary: An order.
steps:
  - name: Order
    request: {url: /orders, json: {email: "{{ fake.email }}"}}
    places_order: {id: {json: $.id, optional: true}}
    expect: {status: 201}
  - {name: Look, request: GET /orders, expect: {status: 200}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
UNIQUE = {
    "error": 'duplicate key value violates unique constraint "jobs_uq"',
    "code": "23505",
}
REPORTERS = list(plugins.find("reporters", third_party=False))


@pytest.fixture(scope="module")
def server() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /orders", 500, UNIQUE)
        running.on("GET /orders")
        yield running


@pytest.fixture(scope="module")
def ran(server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project that has a run, with every report that there is in `made`."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "order.yaml").write_text(ORDER, encoding="utf-8")
    wanted = [word for name in REPORTERS for word in ("--report", f"{name}=made/{name}.out")]
    done = smoke(["run", "order.yaml", "--url", server.url, *wanted], folder)
    assert done.returncode == 1, done.stderr
    return folder


def content(path: Path) -> dict[str, bytes]:
    """A report, or each file of one that is a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return {file.name.removeprefix("again-"): file.read_bytes() for file in files}


def test_every_report_is_made_again_byte_for_byte(server: Shop, ran: Path) -> None:
    sent = len(server.seen)
    options = [word for name in REPORTERS for word in (f"--{name}", f"made/again-{name}.out")]
    done = smoke(["report", *options], ran)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name}  made/again-{name}.out" for name in REPORTERS]
    assert len(server.seen) == sent
    for name in REPORTERS:
        made = content(ran / "made" / f"{name}.out")
        assert made, name
        assert content(ran / "made" / f"again-{name}.out") == made, name
    assert smoke(["report", "latest", "--report", "json=x.json"], ran).returncode == 0
    assert (ran / "x.json").read_bytes() == (ran / "made/json.out").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no report is asked for"),
        (["--junit", "."], "it is a folder"),
        (["--report", "jnit=x"], "did you mean 'junit'?"),
        (["--junit", "x", "--html", "x"], "is written there too"),
        (["nowhere", "--junit", "x"], "nowhere"),
        (["--otel", "127.0.0.1:4318"], "--otel is the URL of a collector"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    ran: Path, arguments: list[str], words: str
) -> None:
    done = smoke(["report", *arguments], ran)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (ran / "x").exists()


def test_spans_reach_a_collector_with_the_ids_that_the_requests_carried(
    server: Shop, ran: Path
) -> None:
    with scripted() as collector:
        collector.on("POST /v1/traces")
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=k",
        }
        server.seen.clear()
        done = smoke(["run", "order.yaml", "--url", server.url], ran, env=env)
        assert (done.returncode, done.stderr) == (1, "")
        ((_, _, headers, body),) = collector.seen
        assert headers["x-key"] == "k"
        (of,) = ExportTraceServiceRequest.FromString(body).resource_spans
        spans = {span.span_id.hex(): span for span in of.scope_spans[0].spans}
        sent = [seen[2]["traceparent"].split("-") for seen in server.seen]
        assert sent
        for _, trace, span, _ in sent:
            assert spans[span].trace_id.hex() == trace
            assert spans[spans[span].parent_span_id.hex()].name.startswith("step ")
        again = smoke(["report", "--otel", collector.url], ran)
        assert (again.returncode, again.stderr) == (0, "")
        assert collector.seen[1][3] == body


def test_a_collector_that_takes_nothing_fails_no_run(server: Shop, ran: Path) -> None:
    with scripted() as collector:
        collector.on("POST /v1/traces", 400, "no \x1b[2J")
        words = ["run", "order.yaml", "--url", server.url, "--otel", collector.url]
        done = smoke(words, ran)
        assert done.returncode == 1
        assert "smoke: spans were not sent to the collector" in done.stderr
        assert "\x1b" not in done.stderr
        assert done.stderr.count("\n") == 1
        again = smoke(["report", "--otel", collector.url], ran)
        assert again.returncode == 3
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    done = smoke(["run", "order.yaml", "--url", server.url], ran, env=env)
    assert done.returncode == 1
    assert "its protocol is grpc" in done.stderr
