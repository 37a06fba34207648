"""The page of how all targets stand."""

from __future__ import annotations

import re

from smoke.history.rows import FailureRow, RunRecord, RunRow, ScenarioRow
from smoke.overview.status import status_page

HOSTILE = '<img src=x onerror=alert(1)>"\x1b[2J'


def record(number: int, outcome: str, *failures: str, name: str = "order") -> RunRecord:
    run = RunRow(
        id=f"run-{number}",
        target="production",
        url="https://shop.example",
        version="v41",
        version_from="",
        started=f"2026-11-28T12:0{number}:00+00:00",
        outcome=outcome,
        status=0 if outcome == "passed" else 1,
        interrupted="",
        problems=0,
        orders_left=0,
        seconds=1.0,
        message="",
    )
    rows = tuple(
        FailureRow(name, "Order 2", f"f{title}", "unique-violation", title, outcome)
        for title in failures
    )
    return RunRecord(run, (ScenarioRow(name, outcome, 0.5 * number),), failures=rows)


def text_of(page: str) -> str:
    """What a reader sees: the page without its style and its tags."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))


def test_the_worst_is_first_and_the_newest_run_is_at_the_right() -> None:
    good = [record(3, "passed"), record(2, "passed"), record(1, "passed")]
    ill = [record(3, "failed", "orders_sku_key"), record(2, "errored"), record(1, "passed")]
    page = status_page([("well", good), ("ill", ill)], "2026-11-28T13:00:00+00:00")
    text = " ".join(text_of(page).split())
    assert "1 target of 2 not well" in text
    assert re.findall(r" (\w+)</h2>", page) == ["ill", "well"]
    assert "orders_sku_key in order &#x27;Order 2&#x27;" in text
    assert re.findall(r'<span class="(\w+)" title="', page) == [
        *("passed", "errored", "failed"),
        *("passed", "passed", "passed"),
    ]
    assert "50 %" in text  # a round without a verdict counts for nothing
    assert "100 %" in text
    assert "no verdict, 2026-11-28T12:02:00+00:00, run run-2" in page


def test_all_is_well() -> None:
    text = text_of(status_page([("a", [record(1, "passed")])], "now"))
    assert "All is well" in text
    assert "made now" in text


def test_hostile_names_and_causes_are_text() -> None:
    page = status_page([(HOSTILE, [record(1, "failed", HOSTILE, name=HOSTILE)])], "now")
    assert "<img" not in page
    assert "\x1b" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 4
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_a_target_without_runs_says_so() -> None:
    assert "No run of it is kept." in status_page([("a", [])], "now")
