"""The small rules of the records: headers by name, what is left behind, names of requests, and old event files."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from msgspec import NODEFAULT

from smoke.model import events as e
from smoke.model.asked import Target
from smoke.model.correlation import CorrelationKind, id_header, sent_with, trace_and_span
from smoke.model.earlier import Earlier, schema_of
from smoke.model.exchange import Response, Window
from smoke.model.fields import fields_of
from smoke.model.fold import Fold
from smoke.model.run import OrderState, Outcome, PlacedOrder, Removal, Run, ScenarioResult

AT = "2026-11-23T10:15:00.000+00:00"


def test_a_header_is_found_in_any_case_and_the_first_counts() -> None:
    response = Response(200, headers=((b"X-A", b"1"), (b"x-b", b"2"), (b"X-B", b"3")))
    assert (response.header("X-b"), response.header("x-c")) == ("2", None)


def test_a_window_counts_what_it_leaves_out() -> None:
    assert Window(b"ab", b"c", omitted=10).size == 13


@pytest.mark.parametrize(
    ("state", "removed", "forgotten", "left"),
    [
        (OrderState.PLACED, Removal.NO, "", True),
        (OrderState.INTENDED, Removal.UNKNOWN, "", True),
        (OrderState.MAY_EXIST, Removal.FAILED, "", True),
        (OrderState.NOT_PLACED, Removal.NO, "", False),
        (OrderState.PLACED, Removal.YES, "", False),
        (OrderState.PLACED, Removal.GONE, "", False),
        (OrderState.PLACED, Removal.NO, "removed by hand", False),
    ],
)
def test_an_order_is_left_behind(
    state: OrderState,
    removed: Removal,
    forgotten: str,
    left: bool,
) -> None:
    order = PlacedOrder("k", "s", "x", state, removed=removed, forgotten=forgotten)
    assert order.left_behind is left


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("X-Request-ID", CorrelationKind.REQUEST),
        ("x-shop-request-id", CorrelationKind.REQUEST),
        ("x-shop-traceid", CorrelationKind.TRACE),
        ("x-error-id", CorrelationKind.ERROR),
        ("x-shop", None),
    ],
)
def test_a_header_that_names_a_request_is_known(name: str, kind: CorrelationKind | None) -> None:
    found = id_header(name)
    assert (found.names if found else None) is kind


def test_a_requests_own_names_have_the_request_id_first() -> None:
    headers = (
        (b"traceparent", b"t"),
        (b"x-error-id", b"e"),
        (b"X-Request-Id", b"r"),
        (b"b3", b" "),
    )
    assert [item.value for item in sent_with(headers)] == ["r", "t"]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (f"00-{'a' * 32}-{'b' * 16}-01", ("a" * 32, "b" * 16)),
        (f"00-{'0' * 32}-{'b' * 16}-01", None),
        (f"00-{'a' * 32}-{'0' * 16}-01", None),
        ("req-1", None),
    ],
)
def test_trace_and_span(value: str, ids: tuple[str, str] | None) -> None:
    assert trace_and_span(value) == ids


@dataclass
class Record:
    plain: int
    given: str = "x"
    made: list[int] = field(default_factory=list)


def test_the_fields_of_a_dataclass_have_their_defaults() -> None:
    fields = fields_of(Record)
    assert fields is not None
    assert [(each.name, each.default) for each in fields] == [
        *(("plain", NODEFAULT), ("given", "x"), ("made", []))
    ]
    assert fields_of(int) is None


@pytest.mark.parametrize(
    ("line", "schema"),
    [
        ({"run": {"schema": 2}}, 2),
        ({}, 1),
        ({"schema": 1}, 1),
        ({"run": 5}, 1),
        ({"schema": "x"}, 1),
    ],
)
def test_the_number_of_a_format(line: dict[str, object], schema: int) -> None:
    assert schema_of(line) == schema


def test_an_order_of_an_old_file_has_its_record() -> None:
    line = {"event": "OrderIntended", "at": AT, "key": "k", "scenario": "s"}
    told = Earlier().today(line)
    assert told is not None
    assert told["order"]["intended_at"] == AT
    ended = {"event": "AttemptFinished", "at": AT, "number": 2}
    told = Earlier().today(ended)
    assert told is not None
    assert told["attempt"] == ended
    run = {"event": "RunStarted", "at": AT, "run_id": "r"}
    told = Earlier().today(run)
    assert told is not None
    assert (told["run"]["id"], told["run"]["schema"]) == ("r", 1)


def test_the_end_of_an_old_file_is_told_in_full_by_its_beginning() -> None:
    earlier = Earlier()
    told = earlier.today({"event": "ScenarioStarted", "at": AT, "scenario": "s"})
    assert told is not None
    assert told["result"]["outcome"] == "unfinished"
    ended = {"event": "ScenarioFinished", "at": AT, "scenario": "s", "outcome": "passed"}
    told = earlier.today(ended)
    assert told is not None
    assert (told["result"]["outcome"], told["result"]["name"]) == ("passed", "s")
    new = {"event": "TargetReady", "at": AT}
    assert earlier.today(new) is new
    assert (
        Earlier().today({"event": "StepFinished", "at": AT, "scenario": "s", "step": "x"}) is None
    )


def test_events_of_what_was_never_announced_are_ignored() -> None:
    fold = Fold()
    fold.add(e.RunFinished(AT, Outcome.PASSED))
    fold.add(e.OrderForgotten(AT, "nobody's", "x"))
    assert fold.run() is None
    assert fold.scenario("nobody's") is None
    fold.add(e.RunStarted(AT, Run("r", e.SCHEMA, "0", Target(), AT)))
    fold.add(e.ScenarioStarted(AT, ScenarioResult("s", "", "", Outcome.UNFINISHED)))
    order = PlacedOrder("k", "s", "x")
    fold.add(e.OrderIntended(AT, order))
    fold.add(e.OrderForgotten(AT, "k", "by hand"))
    assert fold.orders()[0].forgotten == "by hand"
    fold.add("no event")  # type: ignore[arg-type]  # of a later version: it is left out
    run = fold.run()
    assert run is not None
    assert run.outcome is Outcome.UNFINISHED
