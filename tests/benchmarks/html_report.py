"""How long the HTML report takes to be written and to be opened in Chromium: a thousand scenarios, 50 MB of evidence.

python -m tests.benchmarks.html_report [SCENARIOS] [MEGABYTES] [FAILING]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from smoke.model.run import OrderState, Outcome
from smoke.report import html
from tests.support import samples
from tests.support.browser import page
from tests.support.samples import Sample, Teller

MOST_SECONDS = 1.0


def large(scenarios: int, megabytes: float, failing: int) -> Sample:
    """A run of many scenarios, some of which fail, whose answers have so many bytes in all."""
    teller = Teller()
    filler = "x" * int(megabytes * 1e6 / scenarios)
    answer = json.dumps(
        {"ok": True, "order": {"id": "ORD-AAA", "total": 1250}, "filler": filler}
    ).encode()
    for number in range(scenarios):
        name = f"scenario-{number}"
        teller.scenario(name)
        teller.step(
            "Order 1",
            [teller.exchange(sent=samples.ORDER, body=answer, reason=b"Created")],
            scenario=name,
            order=(OrderState.PLACED, f"ORD-{number}"),
            checked=samples.CHECKED,
        )
        if number % max(1, scenarios // failing) == 0 and failing:
            samples._order_2(teller, scenario=name)
            teller.end(Outcome.FAILED, name)
        else:
            teller.cancel(scenario=name, of="Order 1")
            teller.end(Outcome.PASSED, name)
    return teller.done(Outcome.FAILED if failing else Outcome.PASSED)


def main() -> int:
    given = [float(word) for word in sys.argv[1:]] + [1000, 50, 20][len(sys.argv) - 1 :]
    sample = large(int(given[0]), given[1], int(given[2]))
    run = sample.run
    with tempfile.TemporaryDirectory() as folder, page(Path(folder) / "profile") as browser:
        path = Path(folder) / "report.html"
        started = time.perf_counter()
        with path.open("wb") as out:
            html.write(run, sample.evidence, out)
        print(
            f"written in {time.perf_counter() - started:.2f} s, {path.stat().st_size / 1e6:.1f} MB"
        )
        worst = 0.0
        for _ in range(3):
            browser.width(1280)
            browser.open("about:blank")
            browser.open(path.as_uri())
            told = browser.evaluate(
                "(() => { const n = performance.getEntriesByType('navigation')[0]; const p = performance.getEntriesByName('first-contentful-paint')[0];"
                " return [p?.startTime ?? 0, n.domInteractive, n.loadEventStart] })()"
            )
            worst = max(worst, told[2] / 1000)
            print(f"first paint {told[0]:.0f} ms, read {told[1]:.0f} ms, ready {told[2]:.0f} ms")
        typed = browser.evaluate(
            "(() => { const field = document.querySelector('input'); const at = performance.now(); field.value = 'scenario-77';"
            " field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})); return performance.now() - at })()"
        )
        print(f"searched in {typed:.0f} ms")
    print("fast enough" if worst <= MOST_SECONDS else f"SLOW: {worst:.2f} s")
    return worst > MOST_SECONDS


if __name__ == "__main__":
    raise SystemExit(main())
