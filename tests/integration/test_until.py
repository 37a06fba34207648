"""`--until STEP`: nothing behind the step is sent but the teardown, and what was left out is no success."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Removal, Run
from smoke.model.verdict import exit_status
from tests.support.cli import smoke as smoke_command
from tests.support.scripted import Shop, scripted

LOGIN = "parameters: [who]\nsteps: [{name: Enter, request: 'GET /login/{{ who }}'}, {name: Stay, request: GET /stay}]\n"
FLOW = """
name: flow
steps:
  - {name: Login, include: {file: parts/login.yaml, with: {who: ann}}}
  - name: Carts
    for_each: [tea, pot]
    group:
      - {name: Put, request: "POST /put/{{ item }}"}
      - {name: Look, request: GET /look}
  - {name: Once more, like: Carts, for_each: [mug]}
  - name: Race
    repeat: 2
    together:
      - {name: Left, request: GET /left}
      - {name: Right, group: [{name: First, request: GET /r1}, {name: Second, request: GET /r2}]}
  - {name: Gift, when: "{{ gift }}", group: [{name: Wrap, request: GET /wrap}]}
  - {name: "Order {{ gift }}", request: {url: /orders, json: {}}, places_order: {id: $.id}}
  - {name: Look, request: GET /look}
variables: {gift: ""}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
CARTS = ["GET /login/ann", "GET /stay", "POST /put/tea", "GET /look", "POST /put/pot", "GET /look"]
MORE = ["POST /put/mug", "GET /look"]
RACE = sorted(["GET /left", "GET /r1"])
RACES = sorted(["GET /left", "GET /r1", "GET /r2"] * 2)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    parts = tmp_path / "scenarios" / "parts"
    parts.mkdir(parents=True)
    (parts / "login.yaml").write_text(LOGIN)
    (parts.parent / "flow.yaml").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        gets = ("login/ann", "stay", "look", "left", "r1", "r2", "wrap", "a", "b", "c")
        for name in gets:
            running.on(f"GET /{name}", body={})
        for name in ("put/tea", "put/pot", "put/mug"):
            running.on(f"POST /{name}", body={})
        running.on("POST /orders", body={"id": "o1"})
        running.on("DELETE /orders/o1", body={})
        yield running


def up_to(shop: Shop, step: str, *names: str) -> Run:
    return smoke.run(*(names or ("flow",)), until=step, url=shop.url, environ={})


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("step", "sent", "raced"),
    [
        ("Login", CARTS[:2], []),
        ("Login/Enter", CARTS[:1], []),
        ("flow/Enter", CARTS[:1], []),
        ("Carts/Put", CARTS[:3], []),
        ("carts › look", CARTS[:4], []),
        ("CARTS", CARTS, []),
        ("Once more/Put", [*CARTS, *MORE[:1]], []),
        ("First", [*CARTS, *MORE], RACE),
        ("Left", [*CARTS, *MORE], sorted([*RACE, "GET /r2"])),
        ("Race", [*CARTS, *MORE], RACES),
    ],
)
def test_nothing_behind_the_step_is_sent(
    shop: Shop, step: str, sent: list[str], raced: list[str]
) -> None:
    run = up_to(shop, step)
    assert shop.paths()[: len(sent)] == sent
    assert sorted(shop.paths()[len(sent) :]) == raced
    assert exit_status(run) == 3
    (flow,) = run.scenarios
    assert flow.outcome is Outcome.ERRORED
    assert "(--until) was not carried out" in flow.message
    left = [each.message for each in flow.steps if each.outcome is Outcome.SKIPPED]
    assert any("(--until)" in each for each in left)
    assert run.asked is not None
    assert run.asked.options == ("--until", step)


@pytest.mark.usefixtures("folder")
def test_a_step_that_is_not_wanted_is_reached_all_the_same(shop: Shop) -> None:
    """The group around it is skipped: what is behind it must not order."""
    run = up_to(shop, "Wrap")
    assert "POST /orders" not in shop.paths()
    assert "GET /wrap" not in shop.paths()
    assert exit_status(run) == 3


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("step", ["Order gift", "Order {{ gift }}"])
def test_what_was_ordered_is_removed(shop: Shop, step: str) -> None:
    run = up_to(shop, step)
    assert shop.paths()[-2:] == ["POST /orders", "DELETE /orders/o1"]
    assert [order.removed for order in run.orders] == [Removal.YES]
    assert exit_status(run) == 3


@pytest.mark.usefixtures("folder")
def test_a_failure_before_it_is_a_failure(shop: Shop) -> None:
    shop.on("GET /stay", status=500, body={})
    assert exit_status(up_to(shop, "Carts")) == 1


@pytest.mark.usefixtures("folder")
def test_where_nothing_is_left_out_the_run_is_judged_like_any_other() -> None:
    with scripted() as shop:
        shop.on("GET /a", body={})
        Path("scenarios/one.yaml").write_text("name: one\nsteps: [{name: A, request: GET /a}]\n")
        assert exit_status(up_to(shop, "A", "one")) == 0


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("Cart/Put", ["'flow' has no step 'Cart/Put'", "did you mean 'Carts/Put'?", "Race"]),
        ("Put", ["'Put' is 2 steps of 'flow': name one", "steps: Carts/Put, Once more/Put"]),
        ("Carts#2/Put", ["did you mean 'Carts/Put'?"]),
        ("Cancel", ["has no step 'Cancel' but in its teardown"]),
        ("\x1b[2J", ["--until"]),
    ],
)
def test_a_name_that_is_none_is_told_and_nothing_is_sent(
    folder: Path, shop: Shop, step: str, words: list[str]
) -> None:
    done = smoke_command(["run", "flow", "--until", step, "--url", shop.url], folder)
    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    assert all(word in told for word in words)
    assert "\x1b" not in done.stderr
    assert shop.seen == []


def write(name: str, step: str, more: str = "") -> None:
    text = f"name: {name}\n{more}steps: [{{name: {step}, request: GET /{name}}}, {{name: End, request: GET /look}}]\n"
    Path(f"scenarios/{name}.yaml").write_text(text)


@pytest.mark.usefixtures("folder")
def test_each_of_several_has_the_step_and_what_is_needed_is_carried_out_whole(shop: Shop) -> None:
    write("a", "Enter")
    write("b", "Order", "needs: a.yaml\n")
    write("c", "Order")
    run = smoke.run("a", "b", "c", until="Order", fail_fast=True, url=shop.url, environ={})
    assert shop.paths() == ["GET /a", "GET /look", "GET /b", "GET /c"]
    outcomes = {each.name: each.outcome for each in run.scenarios}
    assert outcomes == {"a": Outcome.PASSED, "b": Outcome.ERRORED, "c": Outcome.ERRORED}
    write("c", "Other")
    with pytest.raises(SmokeError, match="'c' has no step 'Order'"):
        up_to(shop, "Order", "b", "c")
    assert len(shop.seen) == 4


@pytest.mark.usefixtures("folder")
def test_what_would_be_sent_ends_there_too() -> None:
    planned = smoke.plan("flow", until="First", url="http://127.0.0.1:9", environ={})
    steps = [each.step for each in planned]
    assert steps[-4:] == ["Once more › Look", "Left", "Right › First", "Cancel"]
