"""A selection in parts: each scenario in one of them, and the merged run is the run that was not divided."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from smoke.app.ledger import ledger
from smoke.app.merging import merge
from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.app.sharding import parts, times_of
from smoke.diagnostic import SmokeError
from smoke.model.finding import Finding
from smoke.model.run import Outcome, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.report.json import report
from smoke.store import RunFolder
from tests.support.scripted import Answer, Shop, scripted

LOGIN = """\
name: login
steps:
  - name: Log in
    request: {url: /login, json: {user: smoke}}
    capture: {visitor: $.visitor}
"""
ORDER = """\
name: order-NAME
needs: login.yaml
variables: {{email: "{{{{ fake.email }}}}"}}
steps:
  - name: Order
    request: {{url: /orders, json: {{sku: NAME, email: "{{{{ email }}}}", by: "{{{{ visitor }}}}"}}}}
    places_order: {{id: $.id}}
    expect: {{status: 201}}
"""
BROKEN = frozenset({"c", "f"})
REFUSED = {
    "error": 'duplicate key value violates unique constraint "orders_sku_key"',
    "code": "23505",
    "stack": "x" * 9000,  # so large that it has a file of its own
}


def shop_answer(body: bytes, shop: Shop) -> Answer:
    sku = json.loads(body)["sku"]
    if sku in BROKEN:
        return 500, {"Content-Type": "application/json"}, json.dumps(REFUSED).encode()
    return 201, {"Content-Type": "application/json"}, json.dumps({"id": f"o-{sku}"}).encode()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as found:
        found.on("POST /login", 200, {"visitor": "v-1"})
        found.on("GET /", 200, {})
        found.routes["POST /orders"] = lambda body: shop_answer(body, found)
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "login.yaml").write_text(LOGIN, encoding="utf-8")
    for name in "abcdefg":
        text = ORDER.format().replace("NAME", name)
        (scenarios / f"order-{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def selection(project: Path, names: str = "abcdefg") -> tuple[str, ...]:
    return tuple(str(project / "scenarios" / f"order-{name}.yaml") for name in names)


def run_part(project: Path, shop: Shop, shard: str = "", names: str = "abcdefg") -> Run:
    options = RunOptions(
        selectors=selection(project, names),
        url=shop.url,
        shard=shard,
        seed="the same",
        out=project / f"runs-{shard.replace('/', '-of-')}",
    )
    return run(options=options, environ={})


def told(found: Run) -> list[tuple[str, str, Outcome, list[Finding]]]:
    """What a run says of the scenarios that were asked for, but for the ids that each run draws."""
    rows = [
        (
            scenario.name,
            step.id,
            step.outcome,
            [
                dataclasses.replace(each, exchange_id="", correlations=())
                for attempt in step.attempts
                for each in attempt.findings
            ],
        )
        for scenario in found.scenarios
        for step in scenario.steps
        if scenario.name.startswith("order-")
    ]
    return sorted(rows, key=lambda each: each[:2])


def folders(project: Path) -> list[Path]:
    return sorted(project.glob("runs-*"))


def test_the_merged_run_is_the_one_that_was_not_divided(project: Path, shop: Shop) -> None:
    whole = run_part(project, shop)
    sent = sorted(body for method, path, _, body in shop.seen if path == "/orders")
    shutil.rmtree(project / "runs-")
    shop.seen.clear()
    divided = [run_part(project, shop, f"{number}/3") for number in (1, 2, 3)]
    assert sorted(body for _, path, _, body in shop.seen if path == "/orders") == sent
    assert [len(each.shard.scenarios) for each in divided if each.shard] == [3, 2, 2]
    merged = merge(folders(project), out=project / "merged")
    assert told(merged) == told(whole)
    assert merged.outcome is whole.outcome is Outcome.FAILED
    assert merged.merged == tuple(each.id for each in divided)
    assert sorted(o.order_id for o in merged.orders) == sorted(o.order_id for o in whole.orders)
    assert not merged.problems
    assert [s.name for s in merged.scenarios if s.name.startswith("login")] == [
        "login",
        "login (2/3)",
        "login (3/3)",
    ]
    folder = RunFolder.open(Path(merged.folder))
    assert not folder.verify()
    bodies = [
        folder.read(exchange.response.body)
        for scenario in merged.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
        if exchange.response and exchange.response.status == 500
    ]
    assert bodies == [json.dumps(REFUSED).encode()] * 2


def test_a_missing_shard_is_no_green(project: Path, shop: Shop) -> None:
    for number in (1, 3):
        run_part(project, shop, f"{number}/3", "abd")
    merged = merge(folders(project), out=project / "merged")
    assert merged.outcome is Outcome.ERRORED
    assert merged.problems == ("1 shard is missing (2/3): what was to run there is not judged",)
    assert exit_status(merged) == 3
    assert "not every part of the run is there" in meaning_of(merged)


def test_a_shard_that_was_killed_is_no_green_and_its_order_is_listed(
    project: Path, shop: Shop
) -> None:
    parted = [run_part(project, shop, f"{number}/2", "ab") for number in (1, 2)]
    events = Path(parted[1].folder) / "events.jsonl"
    lines = events.read_bytes().splitlines(keepends=True)
    intended = next(at for at, line in enumerate(lines) if b'"OrderIntended"' in line)
    events.write_bytes(b"".join(lines[: intended + 1]) + b'{"crc":"01')
    merged = merge(folders(project), out=project / "merged")
    assert exit_status(merged) == 3
    assert merged.problems == (f"shard 2/2 ({parted[1].id}) did not come to its end",)
    assert [order.key for order in merged.orders_left_behind] == ["order-a/Order", "order-b/Order"]


def test_runs_that_do_not_belong_together_are_refused(project: Path, shop: Shop) -> None:
    first = run_part(project, shop, "1/2", "ab")
    again = run_part(project, shop, "1/2", "ab")
    run_part(project, shop, "3/3", "ab")
    with pytest.raises(SmokeError) as refused:
        merge(folders(project), out=project / "merged")
    text = " ".join(each.message for each in refused.value.diagnostics)
    assert f"{first.id}" in text
    assert f"{again.id}" in text
    assert "one of 2 parts, the other of 3" in text
    assert not (project / "merged").exists()
    whole = run_part(project, shop, "", "a")
    with pytest.raises(SmokeError, match="no run of a shard is there"):
        merge([Path(whole.folder)], out=project / "merged")


def test_shards_of_different_selections_are_no_green(project: Path, shop: Shop) -> None:
    run_part(project, shop, "1/2", "ab")
    run_part(project, shop, "2/2", "abd")
    merged = merge(folders(project), out=project / "merged")
    assert merged.outcome is Outcome.ERRORED
    assert "is of another selection than" in merged.problems[0]


def test_a_shard_without_a_scenario_passes_and_says_so(project: Path, shop: Shop) -> None:
    empty = run_part(project, shop, "2/2", "a")
    assert (empty.outcome, empty.scenarios, exit_status(empty)) == (Outcome.PASSED, (), 0)
    assert empty.shard is not None
    assert empty.shard.selected == ("order-a",)
    run_part(project, shop, "1/2", "a")
    merged = merge(folders(project), out=project / "merged")
    assert merged.outcome is Outcome.PASSED
    assert not merged.problems


def test_orders_of_merged_runs_are_listed_once(project: Path, shop: Shop) -> None:
    for number in (1, 2):
        options = RunOptions(
            selectors=selection(project, "abd"),
            url=shop.url,
            shard=f"{number}/2",
            out=project / "runs",
        )
        run(options=options, environ={})
    merged = merge([project / "runs"], out=project / "runs")
    rows = list(ledger(project / "runs"))
    assert sorted(row.order.order_id for row in rows) == ["o-a", "o-b", "o-d"]
    assert {row.run_id for row in rows} == {merged.id}


def test_a_variable_of_another_shards_scenario_is_known(project: Path, shop: Shop) -> None:
    path = project / "scenarios" / "order-b.yaml"
    path.write_text(path.read_text().replace("variables: {", "variables: {colour: red, "))
    for number in (1, 2):
        options = RunOptions(
            selectors=selection(project, "ab"),
            url=shop.url,
            shard=f"{number}/2",
            variables={"colour": "blue"},
            out=project / "runs",
        )
        assert run(options=options, environ={}).outcome is Outcome.PASSED


def test_recorded_times_make_the_parts_even(project: Path, shop: Shop) -> None:
    whole = run_part(project, shop)
    slow = replace(
        whole,
        scenarios=tuple(
            replace(each, seconds=60 if each.name == "order-d" else 1) for each in whole.scenarios
        ),
    )
    times = project / "times.json"
    times.write_text(json.dumps(report(slow)), encoding="utf-8")
    assert times_of(times)["order-d"] == 60
    shards = []
    for number in (1, 2):
        options = RunOptions(
            selectors=selection(project),
            url=shop.url,
            shard=f"{number}/2",
            shard_times=times,
            out=project / f"timed-{number}",
        )
        shards.append(run(options=options, environ={}).shard)
    assert [shard.scenarios for shard in shards if shard] == [
        ("order-d",),
        tuple(f"order-{name}" for name in "abcefg"),
    ]
    times.write_text('{"scenarios": 1}')
    with pytest.raises(SmokeError, match="is no JSON report"):
        run(options=replace(options, shard_times=times), environ={})


def test_parts_hold_everything_once_and_are_even() -> None:
    weights = [float(7 * number % 40 + 1) for number in range(200)]
    found = parts([f"s-{number}" for number in range(200)], weights, 7)
    assert sorted(at for part in found for at in part) == list(range(200))
    loads = [sum(weights[at] for at in part) for part in found]
    assert max(loads) - min(loads) <= max(weights)
