"""`smoke diff` lays two things beside each other, value by value; what differs in every run is no difference."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import smoke
from tests.support.scripted import Answer, Shop, scripted

ORDER = """
name: order
summary: Two orders.
variables: {email: "{{ fake.email }}"}
steps:
  - name: Order 1
    request:
      url: /orders
      json: {email: "{{ email }}", items: [{sku: tea, quantity: 1}]}
    places_order: {id: {json: $.order.id, optional: true}}
    expect: {status: 201}
  - name: Order 2
    request:
      url: /orders
      json: {email: "{{ email }}", items: [{sku: tea, quantity: 2}]}
    places_order: {id: {json: $.order.id, optional: true}}
    expect: {status: 201}
  - {name: Page, request: GET /page, expect: {status: 200}}
"""


class Orders:
    """A shop whose answers have ids and times of their own, and what a test makes of them."""

    def __init__(self) -> None:
        self.count = itertools.count(1000)
        self.state = "new"
        self.valid = True
        self.total = 9.5
        self.page = "<p>Tea"

    def order(self, body: bytes) -> Answer:
        number = next(self.count)
        answer = {
            "order": {"id": f"ORD-{number}", "state": self.state, "valid": self.valid},
            "total": self.total,
            "created_at": f"2026-11-28T10:15:{number % 60:02}.123Z",
            "email": json.loads(body)["email"],
            "trace": str(uuid.uuid4()),
        }
        head = {"Content-Type": "application/json", "X-Request-Id": str(uuid.uuid4())}
        return 201, head, json.dumps(answer).encode()

    def show(self, _: bytes) -> Answer:
        lines = ["<html>", f"<meta id={uuid.uuid4()}>", self.page, "</html>"]
        return 200, {"Content-Type": "text/html"}, "\n".join(lines).encode()


@pytest.fixture(scope="module")
def orders() -> Orders:
    return Orders()


@pytest.fixture(scope="module")
def server(orders: Orders) -> Iterator[Shop]:
    with scripted() as running:
        running.routes["POST /orders"] = orders.order
        running.routes["GET /page"] = orders.show
        yield running


def run_ids(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".smoke/runs").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def folder(orders: Orders, server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: two that are alike, and one in which the shop answers otherwise."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "order.yaml").write_text(ORDER, encoding="utf-8")
    for number in range(3):
        if number == 2:
            orders.state, orders.valid, orders.page = "held", False, "<p>Coffee\x1b[2J"
            orders.total = 9.75
        done = smoke(["run", "order.yaml", "--url", server.url, "--out", f"r{number}"], folder)
        assert done.returncode in (0, 1), done.stderr
    return folder


def one(folder: Path, number: int) -> str:
    """The folder of a run."""
    (found,) = [path for path in (folder / f"r{number}").iterdir() if path.is_dir()]
    return found.relative_to(folder).as_posix()


def as_json(folder: Path, *words: str) -> dict[str, Any]:
    done = smoke(["diff", *words, "--json"], folder)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["same"] is (done.returncode == 0)
    return found


def places(values: list[dict[str, str]], likeness: str) -> dict[str, tuple[str, str]]:
    return {
        value["place"]: (value["left"], value["right"])
        for value in values
        if value["likeness"] == likeness
    }


def test_two_runs_that_are_alike_differ_in_nothing(folder: Path) -> None:
    done = smoke(["diff", one(folder, 0), one(folder, 1)], folder)
    assert done.returncode == 0, done.stdout
    assert "nothing differs but what does in every run" in done.stdout


def test_what_the_shop_answers_otherwise_is_told_value_by_value(folder: Path) -> None:
    found = as_json(folder, one(folder, 1), one(folder, 2))
    steps = {step["step"]: step for step in found["steps"]}
    assert set(steps) == {"Order 1", "Order 2", "Page"}
    values = steps["Order 1"]["values"]
    assert places(values, "differs") == {
        "answer $.order.state": ("new", "held"),
        "answer $.order.valid": ("true", "false"),
        "answer $.total": ("9.5", "9.75"),
    }
    volatile = places(values, "volatile")
    assert {
        "answer $.order.id", "answer $.created_at", "answer $.trace", "answer $.email", "time",
        "request $.email", "request header traceparent", "answer header x-request-id",
    } <= set(volatile)  # fmt: skip
    page = steps["Page"]["values"]
    ((line, told),) = places(page, "differs").items()
    assert line == "answer line 3"
    assert told[0] == "<p>Tea"
    assert "answer line 2" in places(page, "volatile")
    done = smoke(["diff", one(folder, 1), one(folder, 2)], folder)
    assert "- new\n" in done.stdout
    assert "+ held\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert "traceparent" not in done.stdout


def test_two_orders_of_a_run_by_step_by_id_and_by_exchange(folder: Path) -> None:
    for words in (["Order 1", "Order 2"], ["ORD-1000", "ORD-1001"]):
        found = as_json(folder, *words, "--out", "r0")
        assert places(found["values"], "differs") == {"request $.items[0].quantity": ("1", "2")}
    run = one(folder, 0).rpartition("/")[2]
    found = as_json(folder, f"{run}-1", f"{run}-2", "--out", "r0")
    assert found["left"] == {"run": run, "title": f"{run}-1 (Order 1)"}
    assert not found["same"]
    everything = smoke(["diff", "Order 1", "latest/Order 2", "--all", "--out", "r0"], folder)
    assert "(an id)" in everything.stdout
    assert "request $.items[0].sku: tea" in everything.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["latest", "Order 1"], "two of one kind"),
        (["Ordr 1", "Order 2"], "did you mean 'Order 1'?"),
        (["Order 1", "latest-99"], "is no run, and no step or order"),
    ],
)
def test_what_means_nothing_is_told(folder: Path, words: list[str], told: str) -> None:
    done = smoke(["diff", *words, "--out", "r0"], folder)
    assert done.returncode == 2
    assert told in done.stderr
