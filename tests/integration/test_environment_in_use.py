"""Variables of the environment are demanded only where what they give is used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.dry_run import plan
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

SCENARIO = """
    name: a
    variables:
      email: "{{ env.SHOP_EMAIL }}"
      greeting: "Dear {{ email }}"
      count: "{{ env.SHOP_COUNT | int }}"
      twice: "{{ count | times(2) }}"
      spare: "{{ env.SPARE }}"
      of_spare: "{{ spare }}!"
    steps:
      - name: x
        request: {method: POST, url: /x, json: {greeting: "{{ greeting }}", count: "{{ count }}", twice: "{{ twice }}"}}
        expect: {status: 200}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /x", body={})
        yield running


def sent(shop: Shop) -> object:
    return json.loads(shop.seen[0][3])


def demanded(folder: Path, text: str, **variables: str) -> list[str]:
    """What a run says that the environment lacks; nothing is sent."""
    with pytest.raises(SmokeError) as refused:
        run_text(folder, "http://127.0.0.1:9", text, options=RunOptions(variables=variables))
    assert {each.code for each in refused.value.diagnostics} == {"missing-environment"}
    assert all(each.span is not None for each in refused.value.diagnostics)
    return [each.message.split()[4].rstrip(",") for each in refused.value.diagnostics]


def test_a_variable_that_is_given_demands_nothing(shop: Shop, tmp_path: Path) -> None:
    options = RunOptions(variables={"email": "ann@shop.example", "count": "3"})
    run = run_text(tmp_path, shop.url, SCENARIO, options=options)
    assert run.outcome is Outcome.PASSED
    # the count is the number that the scenario would make of the environment's text
    assert sent(shop) == {"greeting": "Dear ann@shop.example", "count": 3, "twice": 6}


def test_one_that_only_a_given_one_uses_demands_nothing(shop: Shop, tmp_path: Path) -> None:
    options = RunOptions(variables={"greeting": "Hello", "count": "1", "twice": "7"})
    assert run_text(tmp_path, shop.url, SCENARIO, options=options).outcome is Outcome.PASSED
    assert sent(shop) == {"greeting": "Hello", "count": 1, "twice": 7}


def test_one_that_nobody_uses_is_given_all_the_same_where_it_can_be(
    shop: Shop, tmp_path: Path
) -> None:
    given = {"SHOP_EMAIL": "a@b.example", "SHOP_COUNT": "2", "SPARE": "s"}
    assert run_text(tmp_path, shop.url, SCENARIO, environ=given).outcome is Outcome.PASSED
    assert sent(shop) == {"greeting": "Dear a@b.example", "count": 2, "twice": 4}


def test_what_is_used_is_demanded_with_its_place(tmp_path: Path) -> None:
    assert demanded(tmp_path, SCENARIO) == ["SHOP_COUNT", "SHOP_EMAIL"]
    assert demanded(tmp_path, SCENARIO, email="a@b.example") == ["SHOP_COUNT"]
    assert demanded(tmp_path, SCENARIO, greeting="Hello") == ["SHOP_COUNT"]
    assert demanded(tmp_path, SCENARIO, twice="4", greeting="Hello") == ["SHOP_COUNT"]


def test_a_step_demands_what_it_names_itself(tmp_path: Path) -> None:
    text = SCENARIO + '      - {name: y, request: "GET /y?{{ env.SHOP_EMAIL }}"}\n'
    assert demanded(tmp_path, text, email="a@b.example", count="1") == ["SHOP_EMAIL"]


@pytest.mark.parametrize("key", ["teardown", "when", "for_each", "with"])
def test_what_any_part_of_a_scenario_uses_is_demanded(tmp_path: Path, key: str) -> None:
    (tmp_path / "part.yaml").write_text(
        'parameters: [who]\nsteps:\n  - {name: p, request: "GET /p?{{ who }}"}\n', encoding="utf-8"
    )
    step = {
        "teardown": 'teardown:\n  - {name: t, request: "GET /t?{{ email }}"}\n',
        "when": '  - {name: w, when: "{{ email }}", request: GET /w}\n',
        "for_each": '  - {name: f, for_each: ["{{ email }}"], request: GET /f}\n',
        "with": '  - include: {file: part.yaml, with: {who: "{{ email }}"}}\n',
    }[key]
    text = (
        'name: a\nvariables: {email: "{{ env.SHOP_EMAIL }}"}\n'
        f"steps:\n  - {{name: x, request: GET /x}}\n{step}"
    )
    assert demanded(tmp_path, text) == ["SHOP_EMAIL"]


def test_a_default_of_a_parameter_demands_nothing_where_a_value_is_given(
    shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "part.yaml").write_text(
        'parameters: {email: "{{ env.SHOP_EMAIL }}"}\n'
        'steps:\n  - {name: p, request: {method: POST, url: /x, json: {email: "{{ email }}"}}}\n',
        encoding="utf-8",
    )
    given = "name: a\nsteps:\n  - include: {file: part.yaml, with: {email: a@b.example}}\n"
    assert run_text(tmp_path, shop.url, given).outcome is Outcome.PASSED
    assert sent(shop) == {"email": "a@b.example"}
    assert demanded(tmp_path, "name: a\nsteps: [{include: {file: part.yaml}}]\n") == ["SHOP_EMAIL"]


def test_a_parameter_hides_a_variable_of_its_name(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        "parameters: [email]\n"
        'steps:\n  - {name: p, request: {method: POST, url: /x, json: {email: "{{ email }}"}}}\n',
        encoding="utf-8",
    )
    text = (
        'name: a\nvariables: {email: "{{ env.SHOP_EMAIL }}"}\n'
        "steps:\n  - include: {file: part.yaml, with: {email: a@b.example}}\n"
    )
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED


def test_what_like_replaces_demands_nothing(shop: Shop, tmp_path: Path) -> None:
    text = """
        name: a
        steps:
          - {name: x, request: {method: POST, url: /x, json: {email: a@b.example}}}
          - {name: y, like: x, request: {json: {email: "{{ env.SHOP_EMAIL }}"}}}
          - {name: z, like: y, request: {json: {email: c@d.example}}}
    """
    assert demanded(tmp_path, text) == ["SHOP_EMAIL"]
    without = text.replace(
        '          - {name: y, like: x, request: {json: {email: "{{ env.SHOP_EMAIL }}"}}}\n', ""
    )
    assert (
        run_text(tmp_path, shop.url, without.replace("like: y", "like: x")).outcome
        is Outcome.PASSED
    )


def test_a_needed_scenario_demands_what_it_uses(tmp_path: Path) -> None:
    (tmp_path / "login.yaml").write_text(
        'name: login\nvariables: {email: "{{ env.SHOP_EMAIL }}"}\n'
        'steps:\n  - {name: l, request: "GET /l?{{ email }}"}\n',
        encoding="utf-8",
    )
    text = "name: a\nneeds: login.yaml\nsteps: [{name: x, request: GET /x}]\n"
    assert demanded(tmp_path, text) == ["SHOP_EMAIL"]


def test_a_dry_run_demands_as_little(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        'name: a\nvariables: {email: "{{ env.SHOP_EMAIL }}"}\n'
        'steps: [{name: x, request: "GET /x?{{ email }}"}]\n',
        encoding="utf-8",
    )
    url, given = "http://127.0.0.1:9", {"email": "ann"}
    (planned,) = plan(str(path), url=url, variables=given, environ={})
    assert planned.request is not None
    assert planned.request.url.endswith("/x?ann")
    with pytest.raises(SmokeError, match="the environment has no SHOP_EMAIL"):
        plan(str(path), url=url, environ={})
