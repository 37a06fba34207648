"""A few cells of `tests/benchmarks/chain_matrix.py`: with a log, the truth, and never somebody else's error."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke.demo.postgres import EmbeddedServer
from tests.support.chain import Setting, ask, noise, standing

SHOWN = [
    Setting("rest", masked=False, fault="check"),
    Setting("session", masked=False),
    Setting("html", masked=False, fault="foreign-key"),
    Setting("graphql", masked=False, fault="unique-index"),
]
HIDDEN = [
    Setting("rest", masked=True),
    Setting("rest", masked=True, fault="not-null"),
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
