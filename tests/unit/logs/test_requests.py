"""Our request in a log whose server makes request ids of its own: known by its access line, when that is the only one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.readers import read_log
from smoke.logs.requests import LoggedRequest, served
from tests.support.app_logs import FORMATS, Failure

AT = datetime(2026, 11, 20, 12, 0, 0, 100_000, tzinfo=UTC)
ASKED = LoggedRequest("POST", "/orders", 500, AT, AT + timedelta(seconds=0.2))
LINE = LogEntry(
    at=AT + timedelta(seconds=0.15), kind=LogKind.APPLICATION, ids=("srv-0001",), method="POST", path="/orders?x=1", status=500
)  # fmt: skip


def test_the_only_request_of_that_kind_at_that_time_is_ours() -> None:
    found = served([LINE, replace(LINE, ids=("srv-0002",), path="/other")], ASKED)
    assert found is not None
    assert found.ids == ("srv-0001",)
    assert found.line == "of POST /orders 500 at 12:00:00.250 UTC"


@pytest.mark.parametrize(
    "other",
    [{"ids": ("srv-0002",)}, {"ids": ()}, {"ids": ("srv-0002",), "at": AT}],
    ids=["another id", "no id", "another time within"],
)
def test_of_two_such_requests_none_is_ours(other: dict[str, object]) -> None:
    assert served([LINE, replace(LINE, **other)], ASKED) is None  # type: ignore[arg-type]  # names and types are LogEntry's


@pytest.mark.parametrize(
    "changed",
    [{"method": "GET"}, {"path": "/orders/1"}, {"status": 201}, {"status": 0}, {"at": None}, {"ids": ()}, {"ids": ("1",)},
     {"at": AT + timedelta(seconds=2)}, {"at": AT - timedelta(seconds=2)}, {"kind": LogKind.POSTGRES}],
)  # fmt: skip
def test_what_does_not_fit_is_not_ours(changed: dict[str, object]) -> None:
    assert served([replace(LINE, **changed)], ASKED) is None  # type: ignore[arg-type]  # names and types are LogEntry's


def test_lines_that_share_an_id_tell_of_one_request() -> None:
    """Rails says where a request began, and what it was answered, in two lines."""
    failure = Failure(
        AT + timedelta(seconds=0.1), "7f0e8b1c-0000-4000-8000-00000000000a", "x@example.com"
    )
    found = served(read_log(FORMATS["rails"](failure)), ASKED)
    assert found is not None
    assert found.ids == (failure.rid,)


def test_an_answer_without_a_status_is_not_looked_for() -> None:
    assert served([replace(LINE, status=0)], replace(ASKED, status=0)) is None
