"""A few cells of `tests/benchmarks/chain_matrix.py`: with a log, the truth, and never somebody else's error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smoke.demo.postgres import EmbeddedServer
from tests.support.chain import Setting, ask, noise, recipient, standing, together

SHOWN = [
    Setting("rest", masked=False, fault="check"),
    Setting("session", masked=False),
    Setting("html", masked=False, fault="foreign-key"),
    Setting("graphql", masked=False, fault="unique-index"),
]
HIDDEN = [
    Setting("rest", masked=True),
    Setting("rest", masked=True, fault="not-null"),
    Setting("session", masked=True, fault="unique-index"),
    Setting("session", masked=True, fault="check"),
    Setting("html", masked=True),
    Setting("graphql", masked=True, fault="foreign-key"),
]


@pytest.mark.parametrize("setting", SHOWN, ids=str)
def test_an_answer_that_shows_its_error_is_believed(
    demo_server: EmbeddedServer, tmp_path: Path, setting: Setting
) -> None:
    with (
        standing(demo_server, setting, tmp_path) as (shop, log),
        noise(demo_server, shop, log),
    ):
        said = ask(shop, log, setting, "both", tmp_path)
    assert said.verdict(setting.truth) == "right", said


@pytest.mark.parametrize("source", ["postgres log", "application log", "both"])
@pytest.mark.parametrize("setting", HIDDEN, ids=str)
def test_a_log_tells_what_the_answer_hides(
    demo_server: EmbeddedServer, tmp_path: Path, setting: Setting, source: str
) -> None:
    with (
        standing(demo_server, setting, tmp_path) as (shop, log),
        noise(demo_server, shop, log),
    ):
        said = ask(shop, log, setting, source, tmp_path)
    assert said.verdict(setting.truth) == "right", said


@pytest.mark.parametrize("setting", HIDDEN, ids=str)
def test_without_a_log_nothing_is_made_up(
    demo_server: EmbeddedServer, tmp_path: Path, setting: Setting
) -> None:
    with (
        standing(demo_server, setting, tmp_path) as (shop, log),
        noise(demo_server, shop, log),
    ):
        said = ask(shop, log, setting, "response", tmp_path)
    assert said.verdict(setting.truth) in {"nothing", "part"}, said


@pytest.mark.parametrize(
    ("setting", "source"),
    [
        (Setting("html", masked=True), "postgres log"),
        (Setting("graphql", masked=True), "application log"),
        (Setting("session", masked=True, mask="unknown", trace="none"), "postgres log"),
        (Setting("rest", masked=True, trace="none"), "postgres log"),
    ],
    ids=str,
)
def test_runs_at_once_never_take_each_others_error(
    demo_server: EmbeddedServer, tmp_path: Path, setting: Setting, source: str
) -> None:
    """Four customers meet the same error at the same time, and the log has all of them."""
    with standing(demo_server, setting, tmp_path) as (shop, log):
        emails = [f"smoke.at.once.{number}@example.com" for number in range(4)]
        reports = together(shop, log, setting, source, tmp_path, emails)
        for email, report in zip(emails, reports, strict=True):
            own = recipient(shop, email)
            text = json.dumps(report["findings"])
            others = [recipient(shop, other) for other in emails if other != email]
            assert [other for other in others if other in text and own not in text] == []
            errors = [each["database_error"] for each in report["findings"]]
            named = [each for each in errors if each is not None]
            assert {each["constraint_name"] for each in named} <= {setting.truth.constraint}
            assert [each for each in named if own not in each["message_detail"]] == []
            assert named or setting.trace == "none"
