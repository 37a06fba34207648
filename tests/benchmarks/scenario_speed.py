"""Prints what reading scenarios and judging answers costs, in CPU time. Run it: python tests/benchmarks/scenario_speed.py [N].

Import and first load are measured in a process of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from smoke.model.exchange import RawBody, RawExchange, RawResponse, Request, Window
from smoke.scenario.answer import StepAnswer
from smoke.scenario.expect import evaluate
from smoke.scenario.extract import extract
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.scenario.scope import Scope
from smoke.steps.request import from_templates as build

STEP = """
  - name: step {n}
    request: {{url: /api/shop, json: {{action: place_order, email: "{{{{ email }}}}", n: {n}}}}}
    expect: {{status: 201, json: {{$.ok: true, $.order.id: {{exists: true}}, $.order.total: {{greater: 0}}}}}}
    capture: {{order_{n}: $.order.id}}
"""
COLD = """
import time
begun = time.process_time()
import smoke.scenario.load
imported = time.process_time()
import sys
smoke.scenario.load.load_scenario(sys.argv[1])
print(imported - begun, time.process_time() - imported, "regex" in sys.modules, "jsonpath_rfc9535" in sys.modules)
"""


def scenario(steps: int) -> bytes:
    head = 'name: speed\nvariables: {email: "{{ fake.email }}"}\nsteps:'
    return (head + "".join(STEP.format(n=n) for n in range(steps))).encode()


def measure(what: str, times: int, action: Callable[[], object]) -> None:
    action()
    begun = time.process_time()
    for _ in range(times):
        action()
    spent = time.process_time() - begun
    print(f"{what:<44} {spent / times * 1000:9.3f} ms CPU")


def main(times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "speed.yaml"
        top.write_bytes(scenario(6))
        cold = subprocess.run(
            [sys.executable, "-c", COLD, str(top)], capture_output=True, text=True, check=True
        ).stdout.split()
        print(
            f"{'import of the loader (pydantic included)':<44} {float(cold[0]) * 1000:9.3f} ms CPU"
        )
        print(f"{'first load of 6 steps':<44} {float(cold[1]) * 1000:9.3f} ms CPU")
        print(f"{'regex, jsonpath_rfc9535 imported':<44} {cold[2]:>9} {cold[3]}")
        files = Files(top)
        small, large = scenario(6), scenario(2000)
        measure("load of 6 steps", times, lambda: load_text(small, str(top), files))
        measure("load of 2,000 steps", 2, lambda: load_text(large, str(top), files))
        step = load_text(small, str(top), files).scenario.steps[0]
    scope = Scope(names={"email": "a@example.com"})
    body = json.dumps({"ok": True, "order": {"id": "o-1", "total": 5, "items": [{"a": 1}] * 40}})
    raw = RawExchange(
        "x",
        Request("POST", "https://shop.example/api/shop", (), b""),
        RawResponse(
            201,
            b"Created",
            headers=((b"Content-Type", b"application/json"),),
            body=RawBody(Window(body.encode())),
        ),
    )

    def judged() -> None:
        answer = StepAnswer(raw, elapsed=0.1)
        evaluate(step.expect, answer, scope, step.lines)
        for spec in step.capture.values():
            extract(spec, answer, {}, scope)

    def built() -> None:
        build(step.spec, scope, base_url="https://shop.example", new_uuid=str, files={})

    measure("request built from templates", times * 10, built)
    measure("answer judged, one value captured", times * 10, judged)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
