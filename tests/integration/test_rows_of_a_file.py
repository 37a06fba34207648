"""`for_each: {file: …}`: a round for each row, named in every report; what its columns call secret is masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke import plan
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Removal
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

PAGE = ROOT / "docs" / "how-to" / "loops.md"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def documented(folder: Path) -> str:
    """The scenario of the manual; the file that it names lies in the folder."""
    blocks = {block.title or block.language: block.text for block in blocks_of(PAGE)}
    (text,) = (b.text for b in blocks_of(PAGE) if "name: every-customer" in b.text)
    (folder / "customers.csv").write_text(blocks["scenarios/customers.csv"], encoding="utf-8")
    return text


def test_the_example_of_the_manual_orders_once_for_each_row_and_leaks_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    text = documented(tmp_path)
    numbers = iter(range(1, 9))

    def echo(body: bytes) -> Answer:  # a shop that tells the password under a name that does not
        said = {"welcome": json.loads(body)["password"]}
        return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()

    shop.routes["POST /session"] = echo
    shop.routes["POST /orders"] = lambda _: (
        201, {"Content-Type": "application/json"}, b'{"id": "o%d"}' % next(numbers),
    )  # fmt: skip
    text += """
teardown:
  - {name: Cancel, for_each: "{{ orders }}", request: "DELETE /orders/{{ item.id }}", removes_order: "{{ item.key }}"}
"""
    shop.on("DELETE /orders/o1")
    shop.on("DELETE /orders/o2")
    run = run_text(tmp_path, shop.url, text)
    (scenario,) = run.scenarios
    assert run.outcome is Outcome.PASSED
    assert [step.called for step in scenario.steps if not step.teardown] == [
        "Customer, round 1 (customers.csv:2) › Sign in",
        "Customer, round 1 (customers.csv:2) › Order tea-sencha",
        "Customer, round 2 (customers.csv:3) › Sign in",
        "Customer, round 2 (customers.csv:3) › Order pot-cast-iron",
    ]
    sent = [json.loads(body) for method, _, _, body in shop.seen if method == "POST"]
    assert sent == [
        {"email": "ann@shop.example", "password": "Tea-4711-secret"},
        {"sku": "tea-sencha"},
        {"email": "bob@shop.example", "password": "Tea, 4712"},
        {"sku": "pot-cast-iron"},
    ]
    assert [order.removed for order in run.orders] == [Removal.YES] * 2
    written = b"".join(p.read_bytes() for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert b"ann@shop.example" in written
    for secret in (b"Tea-4711-secret", b"Tea, 4712"):
        assert secret not in written


def test_a_value_of_a_file_is_no_template_and_a_column_that_is_none_is_told_before(
    shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "cases.jsonl").write_text(
        '{"path": "{{ env.HOME }}", "n": 1.10}\n{"path": "b", "n": [2]}\n', encoding="utf-8"
    )
    shop.on("POST /p", body={})
    steps = '{name: A, for_each: {file: cases.jsonl}, request: {url: /p, json: {is: "{{ item.path }}", n: "{{ item.n }}"}}}'
    run = run_text(tmp_path, shop.url, f"name: s\nsteps: [{steps}]\n")
    assert run.outcome is Outcome.PASSED
    assert [body for *_, body in shop.seen] == [
        b'{"is":"{{ env.HOME }}","n":1.10}',
        b'{"is":"b","n":[2]}',
    ]
    shop.seen.clear()
    with pytest.raises(SmokeError) as caught:
        run_text(tmp_path, shop.url, f"name: s\nsteps: [{steps.replace('item.n', 'item.m')}]\n")
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.message) == ("unknown-name", "there is no column 'm' here")
    assert shop.seen == []


def test_a_loop_within_has_items_of_its_own(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sku,password\ntea,secret-4711\n", encoding="utf-8")
    (tmp_path / "part.yaml").write_text(
        'parameters: [sku]\nsteps: [{name: Look, request: "GET /{{ sku }}/{{ item }}"}]\n',
        encoding="utf-8",
    )
    for number in (1, 2):
        shop.on(f"GET /tea/{number}", body={})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        steps:
          - name: Each
            for_each: {file: a.csv}
            group:
              - {name: Twice, for_each: [1, 2], include: {file: part.yaml, with: {sku: tea}}}
        """,
    )
    assert run.outcome is Outcome.PASSED
    assert shop.paths() == ["GET /tea/1", "GET /tea/2"]


def test_a_dry_run_shows_no_value_and_more_secrets_than_can_be_masked_are_refused(
    shop: Shop, tmp_path: Path
) -> None:
    documented(tmp_path)
    path = tmp_path / "s.yaml"
    path.write_text(documented(tmp_path), encoding="utf-8")
    shown = list(plan(str(path), url=shop.url, environ={}))
    assert "<item.email>" in shown[0].body.decode()
    rows = "".join(f"a{number},key-{number}-4711\n" for number in range(1_001))
    (tmp_path / "customers.csv").write_text("email,password,sku\n" + rows.replace("\n", ",s\n"))
    with pytest.raises(SmokeError) as caught:
        run_text(tmp_path, shop.url, path.read_text(encoding="utf-8"))
    (problem,) = caught.value.diagnostics
    assert "hold 1,001 secrets" in problem.message
    assert shop.seen == []


def test_cases_in_the_scenario_are_named_by_a_template(shop: Shop, tmp_path: Path) -> None:
    (text,) = (b.text for b in blocks_of(PAGE) if "Ship to" in b.text)
    shop.on("GET /shipping/de", body={"price": 490})
    shop.on("GET /shipping/at", body={"price": 980})
    steps = "".join(f"  {line}\n" for line in text.splitlines())
    run = run_text(tmp_path, shop.url, f"name: s\nsteps:\n{steps}")
    assert [(step.called, step.outcome.value) for step in run.scenarios[0].steps] == [
        ("Ship to de, round 1", "passed"),
        ("Ship to at, round 2", "failed"),
    ]
