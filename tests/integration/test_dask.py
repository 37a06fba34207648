"""A run whose scenarios Dask's workers carry out is the run that one process carries out."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smoke.app import dask_cluster
from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.diagnostic import SmokeError
from smoke.model.exchange import MEMORY_LIMIT
from smoke.model.finding import Finding
from smoke.model.run import Outcome, Run
from smoke.model.verdict import exit_status
from smoke.store import RunFolder
from tests.support.cli import environment, smoke
from tests.support.dask_cluster import Workers, cluster
from tests.support.scripted import Answer, Shop, scripted
from tests.support.wall_answers import WALLS

pytest.importorskip("distributed")

LOGIN = """\
name: login
steps:
  - name: Log in
    request: {url: /login, json: {user: smoke, password: "{{ secrets.SHOP_PASSWORD }}"}}
    capture: {visitor: $.visitor}
secrets: [SHOP_PASSWORD]
"""
ORDER = """\
name: order-NAME
variables: {{email: "{{{{ fake.email }}}}"}}
steps:
  - name: Order
    request: {{url: /orders, json: {{sku: NAME, email: "{{{{ email }}}}", at: "{{{{ env.SHOP_AREA | default('nowhere') }}}}"}}}}
    places_order: {{id: $.id}}
    expect: {{status: 201}}
"""
WITH_LOGIN = """\
name: member-NAME
needs: login.yaml
steps:
  - name: Order
    request: {{url: /orders, json: {{sku: NAME, by: "{{{{ visitor }}}}"}}}}
    places_order: {{id: $.id}}
    expect: {{status: 201}}
"""
OF_FILES = """\
name: of-files
steps:
  - name: Of rows
    for_each: {file: rows.csv}
    request: {url: /orders, json: {sku: "{{ item.sku }}"}}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Of a file
    request: {url: /orders, file: body.json}
    places_order: {id: $.id}
    expect: {status: 201, schema: answer.schema.json}
"""
BROKEN = frozenset({"c", "f"})
REFUSED = {
    "error": 'duplicate key value violates unique constraint "orders_sku_key"',
    "code": "23505",
    "stack": "x" * 9000,  # so large that it has a file of its own
}
ENVIRONMENT = {"SHOP_PASSWORD": "tea-with-milk-4711", "SHOP_AREA": "north", "UNNAMED": "nobody's"}


def shop_answer(body: bytes) -> Answer:
    sku = json.loads(body)["sku"]
    if sku in BROKEN:
        return 500, {"Content-Type": "application/json"}, json.dumps(REFUSED).encode()
    answer = {"id": f"o-{sku}", "note": "y" * (MEMORY_LIMIT + 1 if sku == "large" else 5)}
    return 201, {"Content-Type": "application/json"}, json.dumps(answer).encode()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as found:
        found.on("POST /login", 200, {"visitor": "v-1"})
        found.routes["POST /orders"] = shop_answer
        yield found


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "login.yaml").write_text(LOGIN, encoding="utf-8")
    for name in ("a", "b", "c", "large"):
        text = ORDER.format().replace("NAME", name)
        (scenarios / f"order-{name}.yaml").write_text(text, encoding="utf-8")
    for name in "def":
        text = WITH_LOGIN.format().replace("NAME", name)
        (scenarios / f"member-{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def run_of(project: Path, shop: Shop, on: str = "", **given: Any) -> Run:
    options = RunOptions(
        selectors=(str(project / "scenarios"),),
        url=shop.url,
        seed="the same",
        on=on,
        out=project / ("dask" if on else "plain"),
    )
    return run(options=options, environ=ENVIRONMENT, **given)


def told(found: Run) -> list[tuple[str, str, Outcome, str, list[Finding]]]:
    """What a run says of its scenarios, but for the ids that each run draws and how often it logged in."""
    return sorted(
        (
            scenario.name,
            step.id,
            step.outcome,
            str([mismatch for attempt in step.attempts for mismatch in attempt.mismatches]),
            [
                dataclasses.replace(each, exchange_id="", correlations=())
                for attempt in step.attempts
                for each in attempt.findings
            ],
        )
        for scenario in found.scenarios
        for step in scenario.steps
        if scenario.name != "login (2/2)"
    )


def bodies(found: Run) -> list[bytes]:
    folder = RunFolder.open(Path(found.folder))
    return sorted(
        folder.read(exchange.response.body)
        for scenario in found.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
        if exchange.response is not None and step.name == "Order"
    )


def sent(shop: Shop) -> list[bytes]:
    found = sorted(body for _, path, _, body in shop.seen if path == "/orders")
    shop.seen.clear()
    return found


def test_the_run_of_workers_is_that_of_one_process(
    project: Path, shop: Shop, workers: Workers
) -> None:
    plain = run_of(project, shop)
    as_plain = sent(shop)
    events: list[object] = []
    found = run_of(project, shop, workers.address, listener=events.append)
    assert sent(shop) == as_plain
    assert told(found) == told(plain)
    assert found.outcome is plain.outcome is Outcome.FAILED
    assert exit_status(found) is exit_status(plain)
    assert not found.problems
    assert sorted(each.order_id for each in found.orders) == sorted(
        each.order_id for each in plain.orders
    )
    assert bodies(found) == bodies(plain)
    assert not RunFolder.open(Path(found.folder)).verify()
    assert RunFolder.open(Path(found.folder)).run() == found
    assert len(events) == len(list(RunFolder.open(Path(found.folder)).events()))
    ids = [
        exchange.id
        for scenario in found.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
    ]
    assert len(set(ids)) == len(ids) == 9  # seven orders, and a login of each worker
    assert all(re.fullmatch(rf"{found.id}-[0-9]+\.[0-9]+", each) for each in ids)
    logins = [each.name for each in found.scenarios if each.name.startswith("login")]
    assert sorted(logins) == ["login", "login (2/2)"]


def test_what_a_scenario_reads_goes_along(tmp_path: Path, shop: Shop, workers: Workers) -> None:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "of-files.yaml").write_text(OF_FILES, encoding="utf-8")
    (scenarios / "rows.csv").write_text("sku\na\nb\n", encoding="utf-8")
    (scenarios / "body.json").write_text('{"sku": "from a file"}', encoding="utf-8")
    schema = {"type": "object", "required": ["id"]}
    (scenarios / "answer.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    for on in ("", workers.address):
        found = run_of(tmp_path, shop, on)
        assert found.outcome is Outcome.PASSED, [each.message for each in found.scenarios]
        assert sent(shop) == [b'{"sku": "from a file"}', b'{"sku":"a"}', b'{"sku":"b"}']


def test_a_cluster_of_this_machine_is_started_and_gone(project: Path, shop: Shop) -> None:
    done = smoke(
        [
            "run",
            "scenarios/order-a.yaml",
            "scenarios/order-b.yaml",
            "--url",
            shop.url,
            "--on",
            "local:2",
        ],
        project,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Order" in done.stdout
    assert smoke(["verify"], project).returncode == 0
    assert len(sent(shop)) == 2


WALL = WALLS["vercel page"][0]


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        ((500, {}, b"{}"), Outcome.SKIPPED, "an earlier scenario did not pass (--fail-fast)"),
        (WALL, Outcome.ERRORED, "not started: "),
    ],
    ids=["--fail-fast", "wall"],
)
def test_nothing_is_begun_behind_what_stops_a_run(
    answer: Answer, outcome: Outcome, said: str, tmp_path: Path, shop: Shop, workers: Workers
) -> None:
    shop.routes["POST /orders"] = lambda _: answer
    for name in "abcdef":
        text = ORDER.format().replace("NAME", name)
        (tmp_path / f"order-{name}.yaml").write_text(text, encoding="utf-8")
    found = run(
        str(tmp_path),
        url=shop.url,
        on=workers.address,
        out=tmp_path / "runs",
        fail_fast=outcome is Outcome.SKIPPED,
        environ={},
    )
    # each worker has told of its first before it asks for another
    assert 1 <= len(shop.seen) <= 2
    rest = [each for each in found.scenarios if not each.steps]
    assert len(rest) == 6 - len(shop.seen)
    assert all(each.outcome is outcome and each.message.startswith(said) for each in rest)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"workers": 2}, "--workers is for scenarios in this process"),
        ({"shard": "1/2"}, "--shard divides the scenarios among jobs"),
        ({"rate": "5/s"}, "the rate 5/s holds within one process"),
        ({"logs": ("app.log",)}, "--log is read where the run is"),
        ({"on": "tcp://127.0.0.1:1"}, "--on: tcp://127.0.0.1:1 cannot be used"),
        ({"on": "tcp://scheduler"}, "is local:N (1 to 64 workers on this machine)"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    given: dict[str, Any],
    said: str,
    project: Path,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_cluster, "REACH", 0.5)
    (project / "app.log").touch()
    monkeypatch.chdir(project)
    options = {"on": "local:2", "url": shop.url, "out": project / "runs", **given}
    with pytest.raises(SmokeError, match=re.escape(said)):
        run("scenarios/order-a.yaml", environ=ENVIRONMENT, **options)
    assert not shop.seen
    assert not (project / "runs").exists()


def test_a_run_without_it_loads_nothing_of_dask(project: Path, shop: Shop) -> None:
    code = (
        "import sys, smoke\n"
        f"smoke.run('scenarios/order-a.yaml', url={shop.url!r})\n"
        "loaded = {'dask', 'distributed', 'cloudpickle', 'cryptography'} & {*sys.modules}\n"
        "sys.exit(str(loaded) if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, env=environment(), check=False)
    assert done.returncode == 0
