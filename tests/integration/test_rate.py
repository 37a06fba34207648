"""How many requests reach a shop in a time, by the shop's own clock, and what the evidence says of the waiting."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.exchange import Exchange
from smoke.model.run import Outcome, Run
from smoke.report import har
from smoke.report.html.waterfall import waterfall
from smoke.store import RunFolder
from tests.support.cli import command, environment, narrow, smoke
from tests.support.one_order import ORDER
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

LOOK = """
name: look-{number}
steps:
  - {{name: Look, request: GET /, expect: {{status: 200}}}}
  - {{name: Again, request: GET /, expect: {{status: 200}}}}
"""
AT_ONCE = """
name: at-once
steps:
  - {name: Before, request: GET /}
  - name: Two tabs
    together:
      - {name: Tab 1, request: GET /tab}
      - {name: Tab 2, request: GET /tab}
      - {name: Tab 3, request: GET /tab}
  - {name: Behind, request: GET /}
"""


class Timed:
    """A shop that notes, by its own clock, when each request came."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.came: list[tuple[float, str]] = []
        for path in ("/", "/tab"):
            shop.routes[f"GET {path}"] = self._answer(path)

    def _answer(self, path: str) -> Callable[[bytes], Answer]:
        def answer(_body: bytes) -> Answer:
            self.came.append((time.monotonic(), path))
            return 200, {"Content-Type": "application/json"}, b"{}"

        return answer


@pytest.fixture
def timed() -> Iterator[Timed]:
    with scripted() as shop:
        yield Timed(shop)


def _exchanges(run: Run) -> list[Exchange]:
    return [
        exchange
        for scenario in run.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
    ]


def test_all_workers_together_send_no_more_than_the_rate_says(timed: Timed, tmp_path: Path) -> None:
    texts = [LOOK.format(number=number) for number in range(6)]
    options = RunOptions(workers=4, rate="10/s")
    run = run_text(tmp_path, timed.shop.url, *texts, options=options)
    assert run.outcome is Outcome.PASSED
    came = sorted(at for at, _ in timed.came)
    assert len(came) == 12
    for begin in came:  # five fit; the others are slack for a machine that is busy
        assert sum(begin <= each < begin + 0.5 for each in came) <= 8
    held = [each.timing.held for each in _exchanges(run)]
    assert sum(seconds > 0 for seconds in held) >= 10
    # what they waited is no time of the steps
    assert sum(step.seconds for each in run.scenarios for step in each.steps) < sum(held)
    (entry, *_) = [each for each in _exchanges(run) if each.timing.held > 0.2]
    assert "held back" in waterfall(entry)
    assert any(each["timings"]["blocked"] > 200 for each in _har(run))


def _har(run: Run) -> list[dict[str, dict[str, float]]]:
    written = io.BytesIO()
    har.write(run, RunFolder.open(Path(run.folder)), written)
    found: list[dict[str, dict[str, float]]] = json.loads(written.getvalue())["log"]["entries"]
    return found


def test_what_leaves_at_one_instant_still_does_and_has_room_around_it(
    timed: Timed, tmp_path: Path
) -> None:
    run = run_text(tmp_path, timed.shop.url, AT_ONCE, options=RunOptions(rate="4/s"))
    assert run.outcome is Outcome.PASSED
    before, *tabs, behind = sorted(timed.came)
    assert [path for _, path in tabs] == ["/tab"] * 3
    assert tabs[0][0] - before[0] > 0.5  # three turns of 0.25 s; evenly it were one
    assert behind[0] - tabs[0][0] > 0.5
    assert tabs[2][0] - tabs[0][0] < 0.45  # evenly it were two turns


def test_more_at_one_instant_than_the_rate_has_are_refused_before_anything_is_sent(
    timed: Timed, tmp_path: Path
) -> None:
    with pytest.raises(SmokeError) as caught:
        run_text(tmp_path, timed.shop.url, AT_ONCE, options=RunOptions(rate="2/s"))
    (problem,) = caught.value.diagnostics
    assert problem.code == "together-rate"
    assert problem.span is not None
    assert problem.span.line == 5
    assert not timed.came


def test_a_targets_rate_holds_and_the_option_goes_before_it(timed: Timed, tmp_path: Path) -> None:
    (tmp_path / "at-once.yaml").write_text(AT_ONCE, encoding="utf-8")
    targets = f"targets:\n  de: {{url: '{timed.shop.url}', rate: 2/s}}\n"
    (tmp_path / "smoke-targets.yaml").write_text(targets, encoding="utf-8")
    words = ["run", "at-once.yaml", "--target", "de"]
    refused = smoke(words, tmp_path)
    assert refused.returncode == 2
    assert "sends 3 requests at one instant, and the rate is 2/s" in refused.stderr
    assert not timed.came
    assert smoke([*words, "--rate", "100/s"], tmp_path).returncode == 0
    (tmp_path / "smoke-targets.yaml").write_text(targets.replace("2/s", "two"), encoding="utf-8")
    wrong = smoke(words, tmp_path)
    assert wrong.returncode == 2
    assert "smoke-targets.yaml:2:" in wrong.stderr
    assert "5/s, 30/m or 100/h" in wrong.stderr


def test_runs_of_one_process_at_one_deployment_share_its_rate(timed: Timed, tmp_path: Path) -> None:
    options = RunOptions(rate="2/s")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    at = [
        run_text(tmp_path / name, timed.shop.url, LOOK.format(number=1), options=options)
        for name in ("first", "second")
    ]
    # a run of its own would send its first request at once
    assert all(each.timing.held > 0 for each in _exchanges(at[1]))


@pytest.mark.skipif(narrow(), reason="signals are sent as POSIX does")
def test_after_an_interruption_what_was_ordered_is_removed_without_a_wait(
    timed: Timed, tmp_path: Path
) -> None:
    shop = timed.shop
    (tmp_path / "order.yaml").write_text(
        ORDER.replace("teardown:", "  - {name: Look, request: GET /}\nteardown:"), encoding="utf-8"
    )
    shop.on("POST /orders", 201, {"id": "o-1"})
    shop.on("DELETE /orders/o-1")
    words = command("run", "order.yaml", "--url", shop.url, "--rate", "1/h", "-v")
    with subprocess.Popen(
        words,
        cwd=tmp_path,
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        assert any("orders: 201" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert shop.paths() == ["POST /orders", "DELETE /orders/o-1"]
