"""What a finished run looks like in a terminal and in a log."""

from __future__ import annotations

import re
import shlex

import pytest
from msgspec import structs

from smoke.cli.choosing import choose
from smoke.cli.summary import render_run
from smoke.model.run import Run
from tests.support import samples
from tests.support.samples import SAMPLES, MemoryEvidence, Sample
from tests.support.snapshots import check_snapshot

# what a hostile text must never become: an escape sequence, a control, an invisible or bidirectional character
CONTROLS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def render(sample: Sample, width: int = 80, **how: bool) -> str:
    options = {"color": False, "unicode": True, "verbose": False, "quiet": False, **how}
    return render_run(sample.run, sample.evidence, width=width, **options)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("name", ["failing", "passing"])
def test_incident_at_every_width(name: str, width: int) -> None:
    check_snapshot(f"summary/{name}-{width}.txt", render(SAMPLES[name](), width))


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"failing", "passing"}))
def test_samples(name: str) -> None:
    check_snapshot(f"summary/{name}-80.txt", render(SAMPLES[name]()))


def test_incident_in_color() -> None:
    check_snapshot("summary/failing-color.txt", render(samples.failing(), color=True))


def test_incident_verbose() -> None:
    check_snapshot("summary/failing-verbose.txt", render(samples.failing(), verbose=True))


def test_incident_in_ascii() -> None:
    text = render(samples.failing(), unicode=False)
    assert text.isascii()
    check_snapshot("summary/failing-ascii.txt", text)


def test_passing_incident_prints_exactly_these_lines() -> None:
    lines = render(samples.passing()).splitlines()
    assert [line for line in lines if "✅" in line] == [
        "✅ Order 1 SUCCESS",
        "✅ Order 2 SUCCESS",
        "✅ VALIDATION PASSED - Repeat customers can place multiple orders",
    ]


def test_passing_incident_in_ascii() -> None:
    lines = render(samples.passing(), unicode=False).splitlines()
    assert [line for line in lines if line.startswith("[ok]")] == [
        "[ok] Order 1 SUCCESS",
        "[ok] Order 2 SUCCESS",
        "[ok] VALIDATION PASSED - Repeat customers can place multiple orders",
    ]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_first_line_names_the_target(name: str) -> None:
    sample = SAMPLES[name]()
    assert render(sample).startswith(f"target {sample.run.target.url[:21]}")


def test_passed_run_says_what_was_checked() -> None:
    assert "no\n               database error in the response" in render(samples.passing())


@pytest.mark.parametrize(
    "wanted",
    [
        "Order 2",
        "POST https://shop.example/api/shop",
        "500 Internal Server Error in 52 ms",
        "expected 201, got 500",
        "scenarios/repeat-customer.yaml:29:15",
        "23505 unique_violation",
        "h2s_dispatch_jobs_recipient_step_uq",
        "public.h2s_dispatch_jobs (recipient_id, step_id)",
        "body bytes 122-127 (labelled field, dialect node-postgres)",
        "X-Vercel-Id: fra1::iad1::",
        "x-request-id: req_7f3a",
        f"{samples.FOLDER}/bodies/2.response",
        "482 bytes, sha256",
        '{"ok": false, "error": "duplicate key',
    ],
)
def test_first_screen_of_the_incident(wanted: str) -> None:
    first_screen = "\n".join(render(samples.failing()).splitlines()[:30])
    assert wanted in first_screen


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("errored", "nothing was sent: no order was placed"),
        ("maybe-sent", "the request may have arrived: an order MAY exist"),
        ("errored", "exit        3:"),
        ("left-behind", "1 order LEFT BEHIND, 1 MAY EXIST"),
        ("left-behind", f"smoke teardown {samples.RUN_ID}"),
        ("unfinished", "the run ended before this step did"),
        ("not-ready", "not ready within 120 s: status 503"),
        ("interrupted", "exit        130:"),
        ("hidden", "look"),
        ("flaky", "FLAKY"),
    ],
)
def test_says(name: str, wanted: str) -> None:
    assert wanted.lower() in render(SAMPLES[name](), 100).lower()


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_text_stays_text(width: int, verbose: bool) -> None:
    text = render(samples.hostile(), width, verbose=verbose)
    assert CONTROLS.search(text) is None
    assert "[bold red]x[/]" in render(samples.hostile(), 160)
    for line in text.splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


def test_colors_only_where_asked() -> None:
    assert "\x1b[" in render(samples.failing(), color=True)
    for name in SAMPLES:
        assert "\x1b" not in render(SAMPLES[name]())


def test_sql_and_commands_are_never_wrapped() -> None:
    text = render(samples.failing(), 40)
    query = (
        "     WHERE conrelid = 'public.h2s_dispatch_jobs'::regclass "
        "AND conname = 'h2s_dispatch_jobs_recipient_step_uq';"
    )
    assert query in text.splitlines()


def test_nothing_is_called_checked_without_an_answer() -> None:
    for name in ("errored", "maybe-sent", "not-ready"):
        assert "checked" not in render(SAMPLES[name]())


def test_quiet_leaves_out_what_passed() -> None:
    assert "Order 1" not in render(samples.several(), quiet=True)
    assert "3 scenarios: 2 passed, 1 skipped" in render(samples.several(), quiet=True)
    assert "Order 2 FAILED" in render(samples.failing(), quiet=True)


def test_the_first_ten_lines_say_what_why_where_and_what_to_type() -> None:
    lines = render(samples.failing()).splitlines()
    start = next(
        number for number, line in enumerate(lines) if line.startswith("❌ Order 2 FAILED")
    )
    first = "\n".join(lines[start : start + 10])
    assert "unique_violation (SQLSTATE 23505)" in first
    assert "500 Internal Server Error" in first
    assert "expected 201, got 500" in first
    assert f"{samples.FOLDER}/bodies/2.response" in first
    for command in (f"smoke show {samples.RUN_ID} 'Order 2' --body", "smoke explain 23505"):
        assert command in first
    assert len(lines) < 85


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_a_body_that_fits_is_shown_whole(width: int) -> None:
    sample = samples.failing()
    (body,) = [data for name, data in sample.evidence.bodies.items() if name == "bodies/2.response"]
    rows = [line.split("│ ")[1] for line in render(sample, width).splitlines() if "│ " in line]
    assert "".join(rows) == body.decode()
    assert "…" not in rows


def test_a_large_body_says_where_all_of_it_is() -> None:
    rows = [line.split("│ ")[1] for line in render(samples.large()).splitlines() if "│ " in line]
    assert len(rows) == 5
    assert rows[-1] == "… (the file has all of it)"


@pytest.mark.parametrize("quiet", [False, True])
def test_one_cause_is_told_once_and_names_the_others(quiet: bool) -> None:
    text = render(samples.same_cause(), quiet=quiet)
    assert "also in     second ('Order 2'), third ('Order 2')" in text
    assert text.count("SQLSTATE    23505") == 1
    assert text.count("verify  ") == 1
    assert text.count("Order 2 FAILED") == (1 if quiet else 3)
    assert text.count("see         the same cause as in 'Order 2' of repeat-customer above") == (
        0 if quiet else 2
    )
    assert "3 scenarios: 3 failed" in text
    for line in text.splitlines():
        if "smoke show" in line:  # the same step is in three scenarios: one is meant
            *_, step = (word for word in shlex.split(line) if not word.startswith("--"))
            assert len(choose(samples.same_cause().run, step)) == 1


def test_an_evidence_file_that_is_gone_hides_nothing_else() -> None:
    class Gone(MemoryEvidence):
        def read(self, body: object, start: int = 0, size: int | None = None) -> bytes:
            raise FileNotFoundError

    sample = samples.failing()
    run: Run = sample.run
    text = render_run(run, Gone(), width=80, color=False, unicode=True)
    assert "cannot be read: FileNotFoundError" in text
    assert "23505" in text


def test_of_several_scenarios_the_cause_comes_first_and_what_failed_before_what_passed() -> None:
    bad, good = samples.failing(), samples.passing().run.scenarios[0]
    passed = structs.replace(good, name="first-in-the-file", passed_message="It works")
    run = structs.replace(bad.run, scenarios=(passed, *bad.run.scenarios))
    lines = render_run(run, bad.evidence, width=200, color=False, unicode=True).split("\n")
    (verdict,) = [
        n for n, line in enumerate(lines) if "FAILED - unique_violation" in line and "(in" in line
    ]
    (step,) = [n for n, line in enumerate(lines) if line.startswith("❌ Order 2 FAILED")]
    (after,) = [n for n, line in enumerate(lines) if "VALIDATION PASSED - It works" in line]
    assert 0 < verdict < step < after
    assert verdict < 4
