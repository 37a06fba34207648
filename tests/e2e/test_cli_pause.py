"""`smoke run --on-failure pause`: before the teardown of what failed, somebody looks at the answer, and nothing is sent meanwhile."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smoke.model.run import Outcome, Removal, Run
from smoke.store import resolve
from tests.support.cli import smoke
from tests.support.one_order import ORDER, REFUSED
from tests.support.scripted import Shop, scripted
from tests.support.sitting import Sitting, at_a_terminal, ordering

pytestmark = at_a_terminal

SCENARIO = ORDER.replace(
    "teardown:\n",
    "  - name: Again\n    request: {url: /again, json: {sku: tea, password: hunter2-hunter2}}\n    expect: {status: 201}\nteardown:\n",
)
ASKED = b"q quit\r\n> "
REFUSAL = {**REFUSED, "hint": "\x1b]0;owned\x07\x1b[2J"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as made:
        made.on("POST /orders", 201, {"id": "o-1"})
        body = json.dumps(REFUSAL, ensure_ascii=False).encode()
        made.on("POST /again", 500, body, X_Build="42")
        made.on("DELETE /orders/o-1", 204, b"")
        yield made


@pytest.fixture
def run(tmp_path: Path, shop: Shop) -> Iterator[Callable[..., Sitting]]:
    """Starts `smoke run order.yaml --on-failure pause` at a terminal."""
    with ordering(tmp_path, SCENARIO, shop.url, "--on-failure", "pause") as start:
        yield start


def stored(folder: Path) -> Run:
    return resolve(folder / ".smoke/runs").run()


SENT = ["POST /orders", "POST /again"]


def test_a_failure_is_shown_and_looked_at_before_the_teardown(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    first = at.until(b"Before the teardown of order", b"Again failed", b"23505", ASKED)
    assert b"500" in first
    assert b"HTTP/1.1 500" in at.press(b"h\n", b"X-Build: 42", ASKED)
    at.press(b"show\n", b"ROLLBACK", ASKED)
    asked = at.press(b"r\n", b"POST " + shop.url.encode() + b"/again", ASKED)
    assert b"hunter2" not in asked
    body = at.press(b"b\n", b"orders_sku_key", ASKED)
    assert b"\x1b]0;" not in body
    assert b"\x07" not in body
    at.press(b"eval $.code\n", b'"23505"', ASKED)
    at.press(b"e header: X-Build\n", b"42", ASKED)
    at.press(b"e $.[\n", b"error[", ASKED)
    at.press(b"show Order\n", b"201 Created", ASKED)
    at.press(b"show Nothing\n", b"no step 'Nothing'", ASKED)
    at.press(b"\n", ASKED)
    assert shop.paths() == SENT
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 1, shown
    assert shop.paths() == [*SENT, "DELETE /orders/o-1"]
    assert [order.removed for order in stored(tmp_path).orders] == [Removal.YES]


@pytest.mark.parametrize("how", ["q", "ctrl-c", "ctrl-d"])
def test_leaving_is_an_interruption_that_still_removes_the_order(
    how: str, run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    at.until(ASKED)
    if how == "ctrl-c":
        at.process.send_signal(signal.SIGINT)
    else:
        at.press({"q": b"q\n", "ctrl-d": b"\x04"}[how])
    status, shown = at.ended()
    assert status == 130, shown
    assert shop.paths() == [*SENT, "DELETE /orders/o-1"]
    found = stored(tmp_path)
    assert found.scenarios[0].outcome is Outcome.FAILED
    by = "SIGINT" if how == "ctrl-c" else "the person at the terminal"
    assert found.interrupted_by == by


def test_what_passes_stops_nowhere_and_a_narrow_terminal_without_colours_is_enough(
    run: Callable[..., Sitting], shop: Shop
) -> None:
    narrow = run(columns=40, NO_COLOR="1")
    narrow.until(ASKED)
    narrow.press(b"b\n", b"orders_sku_key", ASKED)
    assert b"\x1b" not in narrow.seen
    narrow.press(b"g\n")
    assert narrow.ended()[0] == 1
    shop.on("POST /again", 201, {})
    at = run()
    status, shown = at.ended()
    assert status == 0, shown
    assert "Before the teardown" not in shown


def test_time_at_a_failure_is_nobodys_deadline(run: Callable[..., Sitting], shop: Shop) -> None:
    at = run("--max-time", "2")
    at.until(ASKED)
    time.sleep(2.5)  # longer than the whole run may take
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 1, shown
    assert shop.paths()[-1] == "DELETE /orders/o-1"


def test_where_nobody_is_nothing_is_sent(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / "order.yaml").write_text(SCENARIO, encoding="utf-8")
    done = smoke(["run", "order.yaml", "--url", shop.url, "--on-failure", "pause"], tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "--on-failure pause asks somebody at a terminal" in done.stderr
    assert shop.paths() == []
