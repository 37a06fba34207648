"""A hint that a person is meant to paste holds no text of a server that could do more than name something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smoke.facts.orders import removal_hint
from tests.support.running import run_text
from tests.support.scripted import scripted

SCENARIO = """
name: hints
variables: {{mail: "a.b+c@example.com", base: "https://shop.example/admin"}}
steps:
  - name: Cart
    request: {{url: /cart}}
    capture: {{ref: $.ref}}
  - name: Order
    request: {{method: POST, url: /orders}}
    places_order: {{id: $.id, remove: {hint}}}
"""


def _hint(folder: Path, hint: str, ref: str, order_id: str = "1001") -> str:
    with scripted() as shop:
        shop.on("GET /cart", 200, {"ref": ref})
        shop.on("POST /orders", 201, {"id": order_id})
        run = run_text(folder, shop.url, SCENARIO.format(hint=json.dumps(hint)))
    (order,) = run.orders
    return removal_hint(order)


@pytest.mark.parametrize(
    "value", ["'\"; rm -rf x #", "$(reboot)", "`id`", "a b", "-rf", "1;2", "x'--", "1--", "../users", "a&b", "*", "\n2", "http://h/?a&b"],
)  # fmt: skip
@pytest.mark.parametrize("which", ["ref", "order_id"])
def test_a_value_that_could_be_more_than_a_value_is_left_out(
    tmp_path: Path, value: str, which: str
) -> None:
    values = {"ref": "r1", "order_id": "1001", which: value}
    hint = "curl -X DELETE '{{ base }}/{{ order_id }}?ref={{ ref }}'"
    said = _hint(tmp_path, hint, values["ref"], values["order_id"])
    shown = {"ref": "r1", "order_id": "1001", which: f"<{which}>"}
    path = f"https://shop.example/admin/{shown['order_id']}?ref={shown['ref']}"
    assert said == f"curl -X DELETE '{path}'"


@pytest.mark.parametrize(
    ("hint", "ref", "said"),
    [
        ("DELETE FROM o WHERE ref = {{ ref }}", "ref", "DELETE FROM o WHERE ref = 'ref'"),
        ("DELETE FROM o WHERE ref = '{{ ref }}'", "ref", "DELETE FROM o WHERE ref = 'ref'"),
        ("DELETE FROM o WHERE id = {{ order_id }};", "r", "DELETE FROM o WHERE id = 1001;"),
        ("DELETE FROM o WHERE mail = '{{ mail }}'", "r", "DELETE FROM o WHERE mail = 'a.b+c@example.com'"),
        ("delete it: /o/{{ ref | urlencode }}", "a b'c", "delete it: /o/a%20b%27c"),
        ("ask for {{ ref }}", "r-1:2", "ask for r-1:2"),
    ],
)  # fmt: skip
def test_what_is_only_a_value_is_put_in(tmp_path: Path, hint: str, ref: str, said: str) -> None:
    assert _hint(tmp_path, hint, ref) == said
