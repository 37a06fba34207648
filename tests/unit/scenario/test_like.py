"""`like`: what an earlier step with changes comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from smoke.scenario import merge
from smoke.scenario.load import load_scenario
from smoke.scenario.model import Step

HEAD = """name: twice
steps:
  - name: first
    request:
      method: POST
      url: /orders
      headers: {X-Shop: a, Accept: application/json}
      json: {items: [1], customer: {name: A, mail: m}}
    expect:
      status: 201
      json: {$.a: {greater: 1}, $.b: 2}
      headers: {etag: {contains: x}}
      text: {contains: x}
    capture: {id: {json: $.id}}
  - name: second
    like: first
"""


def second(folder: Path, change: str) -> Step:
    path = folder / "s.yaml"
    path.write_text(HEAD + "".join(f"    {line}\n" for line in change.splitlines()))
    return load_scenario(path).scenario.steps[1]


def request(step: Step) -> dict[str, Any]:
    """What its request says, under the names that are written."""
    values = {name.rstrip("_"): getattr(step.spec, name) for name in type(step.spec).model_fields}
    return {name: value for name, value in values.items() if value not in (None, {}, False)}


def test_without_changes_all_but_the_name_is_the_same(tmp_path: Path) -> None:
    step = second(tmp_path, "")
    assert step.name == "second"
    assert request(step)["json"] == {"items": [1], "customer": {"name": "A", "mail": "m"}}
    assert step.expect.status == ("201",)


def test_maps_merge_other_values_replace_and_null_takes_away(tmp_path: Path) -> None:
    made = request(
        second(tmp_path, "request: {json: {items: [2, 3], customer: {mail: null, age: 4}}}")
    )
    assert made["json"] == {"items": [2, 3], "customer": {"name": "A", "age": 4}}
    assert made["url"] == "/orders"


def test_names_of_headers_have_no_case_but_other_keys_have(tmp_path: Path) -> None:
    made = request(
        second(tmp_path, "request: {headers: {x-shop: b, ACCEPT: null}, json: {Items: 5}}")
    )
    assert made["headers"] == {"x-shop": "b"}
    assert made["json"]["items"] == [1]
    assert made["json"]["Items"] == 5


@pytest.mark.parametrize(
    ("body", "key"),
    [("form: {a: b}", "form"), ("text: hello", "text"), ("graphql: {query: '{a}'}", "graphql")],
)
def test_a_body_of_another_kind_takes_the_earlier_one_away(
    tmp_path: Path, body: str, key: str
) -> None:
    made = request(second(tmp_path, f"request: {{{body}}}"))
    assert key in made
    assert "json" not in made


def test_one_expectation_and_one_capture_are_replaced_not_mixed(tmp_path: Path) -> None:
    step = second(
        tmp_path,
        "expect: {json: {$.a: {less: 9}}, headers: {etag: {starts_with: y}}, text: {matches: z}}\n"
        "capture: {id: {header: location}}",
    )
    assert step.expect.json_ == {"$.a": {"less": 9}, "$.b": 2}
    assert step.expect.headers == {"etag": {"starts_with": "y"}}
    assert step.expect.text == {"matches": "z"}
    assert step.capture["id"].header == "location"
    assert step.capture["id"].json_ is None


def test_a_map_where_a_value_was_takes_its_place(tmp_path: Path) -> None:
    assert request(second(tmp_path, "request: {json: {items: {n: 1}}}"))["json"]["items"] == {
        "n": 1
    }


@pytest.mark.parametrize(("short", "method"), [("GET /cart", "GET"), ("/cart", None)])
def test_a_short_request_is_written_out_before_it_changes(
    tmp_path: Path, short: str, method: str | None
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        f"name: short\nsteps:\n  - {{name: a, request: {short}}}\n"
        "  - {name: b, like: a, request: {headers: {X-A: b}}}\n"
    )
    made = request(load_scenario(path).scenario.steps[1])
    assert made["url"] == "/cart"
    assert made["headers"] == {"X-A": "b"}
    assert made.get("method") == method


def test_a_mistake_in_what_was_taken_over_is_told_where_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "name: short\nsteps:\n  - name: a\n    request: GET /${{ nobody }}\n"
        "  - {name: b, like: a, request: {headers: {X-A: b}}}\n"
    )
    with pytest.raises(SmokeError) as caught:
        load_scenario(path)
    places = {(each.span.line, each.code) for each in caught.value.diagnostics if each.span}
    assert places == {(4, "unknown-name")}


def test_steps_that_take_over_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "MAX_NODES", 20)
    path = tmp_path / "s.yaml"
    path.write_text(HEAD)
    assert load_scenario(path).scenario.steps[1].name == "second"
    path.write_text(HEAD + "  - {name: third, like: first}\n")
    with pytest.raises(SmokeError, match="too many values"):
        load_scenario(path)


def test_it_takes_the_defaults_of_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        """name: s
defaults: {headers: {x-a: outer}, timeout: 2s, retry: {attempts: 2}}
steps:
  - {name: First, request: GET /}
  - name: Group
    defaults: {headers: {X-A: inner}, retry: null}
    group: [{name: Second, like: First}, {name: Third, like: First, request: {timeout: 5s, headers: {x-a: null}}}]
""",
        encoding="utf-8",
    )
    first, group = load_scenario(path).scenario.steps
    steps = (first, *group.children)
    assert [step.spec.headers for step in steps] == [{"x-a": "outer"}, {"X-A": "inner"}, {}]
    assert [step.spec.timeout for step in steps] == [2.0, 2.0, 5.0]
    assert [step.retry is not None for step in steps] == [True, False, False]


def test_defaults_are_not_taken_over_without_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "MAX_NODES", 5)
    path = tmp_path / "s.yaml"
    steps = "".join(f"  - {{name: S{number}, request: GET /}}\n" for number in range(3))
    path.write_text(f"name: s\ndefaults: {{timeout: 2s}}\nsteps:\n{steps}", encoding="utf-8")
    with pytest.raises(SmokeError) as caught:
        load_scenario(path)
    (found,) = caught.value.diagnostics
    assert found.code == "too-many-nodes"
    assert found.span is not None
