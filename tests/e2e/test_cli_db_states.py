"""The states after an incident, each told apart from the others by one command."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke.app.catalog import shipped_folder
from tests.support.cli import smoke
from tests.support.demo import ShopFactory

FIX = str(shipped_folder() / "fixes/0007_one_dispatch_job_per_order.sql")
SENTENCES = {
    "fixed": (0, "APPLIED in this database", "marked as applied"),
    "fix-not-applied": (1, "NOT APPLIED in this database", "but its effect is missing"),
    "wrong-database": (1, "NOT APPLIED in this database", "was it run there by mistake?"),
    "broken": (1, "NOT APPLIED in this database", "does not list it"),
}
ONLY = {
    "fix-not-applied": "but its effect is missing",
    "wrong-database": "shop_staging",
    "fixed": "and its effect is there",
}


@pytest.mark.parametrize("state", SENTENCES)
def test_one_question_tells_the_state(shop: ShopFactory, tmp_path: Path, state: str) -> None:
    made = shop(state)
    status, *sentences = SENTENCES[state]
    # the server of the tests holds other tests' databases, which only the one state is about
    here = [] if state == "wrong-database" else ["--here-only"]
    done = smoke(["db", "applied", FIX, *here], tmp_path, env={"SMOKE_DSN": made.dsn})
    assert done.returncode == status, done.stdout + done.stderr
    for sentence in sentences:
        assert sentence in done.stdout, done.stdout
    for other, words in ONLY.items():
        assert (words in done.stdout) == (other == state), words


def test_a_run_says_that_the_fix_went_to_another_database(
    shop: ShopFactory, tmp_path: Path
) -> None:
    made = shop("wrong-database")
    done = smoke(
        ["run", "repeat-customer", "--url", made.url], tmp_path, env={"SMOKE_DSN": made.dsn}
    )
    assert done.returncode == 1, done.stdout
    assert "of the same server: was it run there by mistake?" in " ".join(done.stdout.split())
