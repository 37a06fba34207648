"""`smoke show`: which step is meant, and everything that was kept of it."""

from __future__ import annotations

import json

import msgspec
import pytest

from smoke.cli.choosing import choose
from smoke.cli.present import BODY_LIMIT, ShownParts, render_step
from smoke.diagnostic import SmokeError
from smoke.model.run import Capture, Outcome, Run
from tests.support import samples
from tests.support.samples import SAMPLES, Sample, Teller
from tests.support.snapshots import check_snapshot

ALL = ShownParts(headers=True, body=True, request=True)


def show(sample: Sample, step: str = "", parts: ShownParts = ShownParts(), **how: bool) -> str:
    run = sample.run
    ((scenario, chosen),) = choose(run, step)
    options = {"color": False, "unicode": True, **how}
    return render_step(run, scenario, chosen, sample.evidence, parts=parts, width=80, **options)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("failing", ShownParts()),
        ("failing", ALL),
        ("failing", ShownParts(body=True)),
        ("flaky", ShownParts(headers=True)),
        ("errored", ALL),
        ("hostile", ALL),
        ("passing", ShownParts()),
    ],
)
def test_shown(name: str, parts: ShownParts) -> None:
    words = [word for word in ("headers", "body", "request") if getattr(parts, word)]
    check_snapshot(f"show/{'-'.join([name, *words])}.txt", show(SAMPLES[name](), parts=parts))


@pytest.mark.parametrize(
    ("name", "wanted", "chosen"),
    [
        ("failing", "", "Order 2"),
        ("left-behind", "", "Order 2"),
        ("passing", "", "Cancel the orders#2"),
        ("errored", "", "Order 1"),
        ("failing", "Order 1", "Order 1"),
        ("failing", "order-1", "Order 1"),
        ("failing", "repeat-customer/Order 1", "Order 1"),
        ("several", "repeat-customer/order-2", "Order 2"),
        ("passing", "Cancel the orders#2", "Cancel the orders#2"),
    ],
)
def test_chosen_step(name: str, wanted: str, chosen: str) -> None:
    assert [step.id for _, step in choose(SAMPLES[name]().run, wanted)] == [chosen]


def test_unknown_step_names_the_nearest() -> None:
    with pytest.raises(SmokeError) as caught:
        choose(samples.failing().run, "Order 3")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-step"
    assert diagnostic.suggestion in ("Order 1", "Order 2")


def test_run_without_steps() -> None:
    run: Run = samples.not_ready().run
    with pytest.raises(SmokeError):
        choose(run)


def test_whole_body_is_shown_as_it_is() -> None:
    text = show(samples.failing(), parts=ShownParts(body=True))
    assert json.dumps(samples.INCIDENT) in text.splitlines()


def test_a_large_body_is_cut_and_says_so() -> None:
    teller = Teller()
    teller.scenario()
    teller.step("Big", [teller.exchange(status=200, body=b"ab\n" * BODY_LIMIT)])
    text = show(teller.done(Outcome.PASSED), parts=ShownParts(body=True))
    assert len(text) < BODY_LIMIT + 1000
    assert "the first 1.0 MB are shown" in text
    assert "sha256" in text


def test_headers_keep_order_case_and_repeats() -> None:
    teller = Teller()
    teller.scenario()
    headers = ((b"X-B", b"1"), (b"x-a", b"2"), (b"X-B", b"3"), (b"X-L", b"caf\xe9"))
    teller.step("One", [teller.exchange(status=200, headers=headers)])
    lines = show(teller.done(Outcome.PASSED), parts=ShownParts(headers=True)).splitlines()
    at = lines.index("X-B: 1")
    assert lines[at : at + 4] == ["X-B: 1", "x-a: 2", "X-B: 3", "X-L: café"]


def test_secret_captures_are_not_shown() -> None:
    sample = samples.passing()
    scenario = sample.run.scenarios[0]
    step = msgspec.structs.replace(
        scenario.steps[0], captures=(Capture("token", "never-print-me", secret=True),)
    )
    text = render_step(
        sample.run, scenario, step, sample.evidence, width=80, color=False, unicode=True
    )
    assert "never-print-me" not in text


@pytest.mark.parametrize("parts", [ShownParts(), ALL])
def test_hostile_text_stays_text(parts: ShownParts) -> None:
    text = show(samples.hostile(), parts=parts)
    for line in text.splitlines():
        assert line.replace("\xa0", " ").isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
