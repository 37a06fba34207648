"""A GraphQL shop refuses at 200, in `errors`: that is neither a pass nor a removal, unless the author expects it so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.late_teardown import teardown
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Removal, Run
from smoke.store import resolve
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

FORBIDDEN = {
    "data": None,
    "errors": [{"message": "You may not", "extensions": {"code": "FORBIDDEN"}}, {"message": "b"}],
}
HEADLINE = "GraphQL errors: You may not (FORBIDDEN), and 1 more"
BUY = """
name: buy
steps:
  - {name: Buy, request: {url: /buy, json: {sku: tea}}, places_order: {id: $.id}}
teardown:
  - name: Delete
    for_each: "{{ %s }}"
    request: {url: /graphql, %s}
    removes_order: "{{ item.key }}"
"""
AS_STEP = 'graphql: {query: "mutation { orderDelete { number } }"}'
AS_BODY = 'json: {query: "mutation { orderDelete { number } }", variables: {number: 1}}'
IN_URL = 'method: GET, query: {query: "{ orders { number } }"}'
BATCH = 'json: [{query: "mutation { orderDelete { number } }"}]'
NO_GRAPHQL = "json: {query: tea}"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /buy", 201, {"id": 7})
        for method in ("POST", "GET"):
            running.on(f"{method} /graphql", 200, FORBIDDEN)
        yield running


def asked(folder: Path, shop: Shop, keys: str) -> Run:
    return run_text(
        folder, shop.url, f"name: ask\nsteps:\n- {{name: Ask, request: {{url: /graphql, {keys}}}}}"
    )


def removed(run: Run) -> list[tuple[Removal, str]]:
    return [(order.removed, order.removal_note) for order in run.orders]


@pytest.mark.parametrize("way", [AS_STEP, AS_BODY, IN_URL, BATCH])
def test_a_removal_that_is_refused_removes_nothing(shop: Shop, tmp_path: Path, way: str) -> None:
    if way is BATCH:
        shop.on("POST /graphql", 200, [FORBIDDEN])
    run = run_text(tmp_path, shop.url, BUY % ("orders", way))
    assert removed(run) == [(Removal.FAILED, f"status 200; {HEADLINE}")]
    assert [order.order_id for order in run.orders_left_behind] == ["7"]
    assert run.outcome is Outcome.FAILED


def test_a_later_teardown_is_no_more_easily_content(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /graphql", 500)
    run = run_text(tmp_path, shop.url, BUY % ("orders", AS_BODY))
    shop.on("POST /graphql", 200, FORBIDDEN)
    folder = resolve(tmp_path / "runs", run.id)
    assert len(teardown(folder, RunOptions(), environ={}).left) == 1
    shop.on("POST /graphql", 200, {"data": {"orderDelete": {"number": 7}}, "errors": []})
    assert not teardown(folder, RunOptions(), environ={}).left


@pytest.mark.parametrize("way", [AS_STEP, AS_BODY])
def test_a_lookup_that_fails_finds_nothing_out(shop: Shop, tmp_path: Path, way: str) -> None:
    shop.on("POST /buy", 201, {})
    run = run_text(tmp_path, shop.url, BUY % ("orders_without_id", way))
    assert removed(run) == [(Removal.FAILED, f"status 200; {HEADLINE}")]
    shop.on("POST /graphql", 200, {"data": {"orders": []}})
    run = run_text(tmp_path, shop.url, BUY % ("orders_without_id", way))
    assert [state for state, _ in removed(run)] == [Removal.YES]


def test_errors_that_the_author_expects_or_that_are_not_of_graphql_stop_no_removal(
    shop: Shop, tmp_path: Path
) -> None:
    gone = BUY % ("orders", AS_BODY) + (
        "    expect: {json: {'$.errors[0].extensions.code': FORBIDDEN}}\n"
    )
    run = run_text(
        tmp_path, shop.url, gone, BUY.replace("buy\n", "other\n") % ("orders", NO_GRAPHQL)
    )
    assert [state for state, _ in removed(run)] == [Removal.YES, Removal.YES]


def test_a_graphql_step_fails_with_the_errors_of_its_answer(shop: Shop, tmp_path: Path) -> None:
    query = 'graphql: {query: "{ stock }"}'
    run = asked(tmp_path, shop, query)
    (step,) = run.scenarios[0].steps
    assert (run.outcome, step.message) == (Outcome.FAILED, HEADLINE)
    assert asked(tmp_path, shop, 'json: {query: "{ stock }"}').outcome is Outcome.PASSED
    shop.on("POST /graphql", 200, {"data": {"stock": 1}, "errors": []})
    run = asked(tmp_path, shop, query)
    assert run.outcome is Outcome.PASSED
    assert "no GraphQL errors" in run.scenarios[0].steps[0].checked


@pytest.mark.parametrize(
    ("expect", "passes"),
    [
        ("$.data: null", False),
        ("$.errorsOfMine: {exists: false}", False),
        ("$.errors: {exists: false}", False),
        ("'$.errors[0].message': You may not", True),
        ("\"$['errors'][0].extensions.code\": FORBIDDEN", True),
        ("$.errors: {length: 2}", True),
    ],
)
def test_a_refusal_is_expected_by_what_is_said_of_errors(
    shop: Shop, tmp_path: Path, expect: str, *, passes: bool
) -> None:
    text = f"""
    name: ask
    steps:
      - name: Ask
        request: {{url: /graphql, graphql: {{query: "{{ stock }}"}}}}
        expect: {{json: {{{expect}}}}}
    """
    run = run_text(tmp_path, shop.url, text)
    assert (run.outcome is Outcome.PASSED) is passes


def test_a_status_that_is_expected_tells_of_its_refusal_itself(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /graphql", 401, FORBIDDEN)
    text = """
    name: ask
    steps:
      - {name: Ask, request: {url: /graphql, graphql: {query: "{ stock }"}}, expect: {status: 401}}
    """
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED


def test_polling_goes_on_until_there_are_no_errors(shop: Shop, tmp_path: Path) -> None:
    answers = iter([FORBIDDEN, FORBIDDEN, {"data": {"stock": 1}}])
    shop.routes["POST /graphql"] = lambda _: (
        200, {"Content-Type": "application/json"}, json.dumps(next(answers)).encode(),
    )  # fmt: skip
    text = """
    name: ask
    steps:
      - {name: Ask, request: {url: /graphql, graphql: {query: "{ stock }"}}, until: {deadline: 30s, every: 1ms}}
    """
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    assert len(shop.seen) == 3


DECLINED = {"data": {"checkout": {"order": None, "userErrors": [{"code": "CARD_DECLINED"}]}}}
CHECKOUT = """
name: declined
steps:
  - name: Checkout
    request: {url: /checkout, graphql: {query: "mutation { checkout { order { number } } }"}}
    places_order: {id: $.data.checkout.order.number%s}
    expect: {json: {"$.data.checkout.userErrors[0].code": CARD_DECLINED}}
teardown:
  - name: Delete
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
MAY_BE_NONE = CHECKOUT % ", may_place_none: true"


def states(run: Run) -> list[str]:
    return [order.state.value for order in run.orders]


def test_a_refusal_at_200_that_is_expected_places_no_order(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /checkout", 200, DECLINED)
    run = run_text(tmp_path, shop.url, CHECKOUT % "")
    assert (run.outcome, states(run)) == (Outcome.FAILED, ["placed"])
    run = run_text(tmp_path, shop.url, MAY_BE_NONE)
    assert (run.outcome, states(run)) == (Outcome.PASSED, ["not-placed"])
    assert [fact.label for fact in run.scenarios[0].steps[0].facts] == ["order"]
    assert not run.orders_left_behind


def test_an_order_that_came_all_the_same_is_known_and_removed(shop: Shop, tmp_path: Path) -> None:
    shop.on(
        "POST /checkout", 200, {"data": {"checkout": {"order": {"number": 8}, "userErrors": []}}}
    )
    shop.on("DELETE /orders/8", 204)
    run = run_text(tmp_path, shop.url, MAY_BE_NONE)
    assert (run.outcome, states(run)) == (Outcome.FAILED, ["placed"])
    assert shop.paths()[-1] == "DELETE /orders/8"


@pytest.mark.parametrize("status", [200, 500, 302])
def test_an_answer_that_is_not_as_expected_may_have_placed_one(
    shop: Shop, tmp_path: Path, status: int
) -> None:
    shop.on("POST /checkout", status, {} if status == 200 else DECLINED, Location="/x")
    run = run_text(tmp_path, shop.url, MAY_BE_NONE)
    assert (run.outcome, states(run)) == (Outcome.FAILED, ["may-exist"])


def test_a_refusal_with_a_status_of_failure_may_have_placed_one(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /checkout", 500, DECLINED)
    run = run_text(
        tmp_path, shop.url, MAY_BE_NONE.replace("expect: {json", "expect: {status: 500, json")
    )
    assert (run.scenarios[0].steps[0].outcome, states(run)) == (Outcome.PASSED, ["may-exist"])


def test_a_refusal_behind_a_redirect_is_no_word_that_nothing_was_ordered(
    shop: Shop, tmp_path: Path
) -> None:
    shop.on("POST /checkout", 303, b"", Location="/done")
    shop.on("GET /done", 200, DECLINED)
    run = run_text(
        tmp_path,
        shop.url,
        MAY_BE_NONE.replace("url: /checkout,", "url: /checkout, follow_redirects: true,"),
    )
    assert (run.outcome, states(run)) == (Outcome.FAILED, ["placed"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: $.data.checkout.order.number, ", ""),
        ('json: {"$.data.checkout.userErrors[0].code": CARD_DECLINED}', "status: 200"),
    ],
)
def test_what_may_be_none_is_told_by_its_id_and_the_body(
    shop: Shop, tmp_path: Path, old: str, new: str
) -> None:
    assert old in MAY_BE_NONE
    with pytest.raises(SmokeError, match="may_place_none tells"):
        run_text(tmp_path, shop.url, MAY_BE_NONE.replace(old, new))
    assert not shop.seen
