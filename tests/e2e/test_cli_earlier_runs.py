"""Runs that another version stored: those of schema 1 are read as they always were, those of a later one are refused."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from smoke import codec
from smoke.model.asked import Target
from smoke.model.events import SCHEMA, RunStarted
from smoke.model.run import Run
from smoke.store import RunFolder
from smoke.store.folder import EVENTS
from tests.support.cli import smoke
from tests.support.scripted import scripted

STORED = Path(__file__).resolve().parent.parent / "corpus" / "runs" / "schema-1"
RUN_ID = "20261128-140310-082fee"
URL = "http://127.0.0.1:38983"
RUNS = Path(".smoke") / "runs"
KEYS = ("order/Order#1", "order/Order#2")

Line = dict[str, Any]


def rewritten(run: Path, change: Callable[[Line], None]) -> None:
    """The events with each line changed, and its checksum made anew: as text, since no writer of them is left."""
    lines = []
    for line in (run / EVENTS).read_text(encoding="ascii").splitlines():
        event = json.loads(line)
        del event["crc"]
        change(event)
        text = json.dumps(event, separators=(",", ":"))
        lines.append(f'{{"crc":"{zlib.crc32(text.encode()):08x}",{text[1:]}\n')
    (run / EVENTS).write_text("".join(lines), encoding="ascii")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The stored run, with its scenario, where smoke looks for it."""
    shutil.copy(STORED / "order.yaml", tmp_path)
    shutil.copytree(STORED / RUN_ID, tmp_path / RUNS / RUN_ID)
    return tmp_path / RUNS / RUN_ID


def test_a_run_of_schema_1_is_what_it_was(run: Path) -> None:
    then = codec.decode(Run, json.loads((STORED / "run.json").read_text(encoding="utf-8")))
    assert replace(RunFolder.open(run).run(), folder="") == then
    assert then.schema == 1
    assert RunFolder.open(run).torn() == ()


def test_every_command_tells_of_it_what_it_told(run: Path, tmp_path: Path) -> None:
    before = (run / EVENTS).read_bytes()
    shown = smoke(["show"], tmp_path)
    assert shown.returncode == 0
    for words in (
        "Look SUCCESS but FLAKY: it took 2 attempts",
        "Order, round 2 FAILED - unique_violation (SQLSTATE 23505) by jobs_uq",
        "(order.yaml:19:22)",
        "Look again SKIPPED - step 'Order, round 2' did not pass",
        "1 order LEFT BEHIND, 1 MAY EXIST",
        "remove      DELETE FROM orders WHERE id = 'A-1'",
        "6 responses, 1 order placed, 0 removed, 1.8 s",
    ):
        assert words in shown.stdout
    listed = smoke(["orders", "--left"], tmp_path).stdout
    assert "order/Order#1  id A-1  left behind" in listed
    assert "order/Order#2  id unknown  may exist" in listed
    judged = smoke(["judge"], tmp_path)
    assert (judged.returncode, judged.stderr) == (1, "")
    assert "unique_violation (SQLSTATE 23505) by jobs_uq" in judged.stdout
    verified = smoke(["verify"], tmp_path)
    assert (verified.returncode, verified.stdout) == (
        0,
        f"{RUN_ID}: every body is as it was received\n",
    )
    with RunFolder.create(tmp_path / RUNS, "newer") as newer:
        newer.append(RunStarted("t", Run("newer", SCHEMA, "0", Target(), "t")))
    pruned = smoke(["prune", "--keep", "1"], tmp_path)
    assert "2 orders may be left of it" in pruned.stdout
    assert (run / EVENTS).read_bytes() == before


def test_its_orders_are_removed_and_what_is_told_of_them_is_written_behind(
    run: Path, tmp_path: Path
) -> None:
    with scripted() as shop:
        shop.on("DELETE /orders/A-1")
        rewritten(
            run, lambda event: event.update(json.loads(json.dumps(event).replace(URL, shop.url)))
        )
        done = smoke(["teardown"], tmp_path)
        assert shop.paths() == ["DELETE /orders/A-1"]
    assert "1 order MAY EXIST" in done.stdout, done.stdout + done.stderr
    folder = RunFolder.open(run)
    assert folder.torn() == ()
    told = folder.run()
    assert [order.key for order in told.orders_left_behind] == [KEYS[1]]
    assert [scenario.teardown_of for scenario in told.scenarios] == ["", "order"]
    ids = [x.id for s in told.scenarios for t in s.steps for a in t.attempts for x in a.exchanges]
    assert len(ids) == len(set(ids)) == 7
    why = ["--why", "not in the back office"]
    assert smoke(["orders", "forget", RUN_ID, *why], tmp_path).returncode == 0
    assert smoke(["orders", "--left"], tmp_path).stdout == "no orders left behind\n"


def test_the_end_of_what_never_began_and_a_torn_last_line_hide_nothing_else(run: Path) -> None:
    lines = (run / EVENTS).read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"StepStarted"' not in line or b'"Rest"' not in line]
    assert len(kept) == len(lines) - 1
    kept[-1] = kept[-1][: len(kept[-1]) // 2]
    (run / EVENTS).write_bytes(b"".join(kept))
    folder = RunFolder.open(run)
    assert [torn.unfinished for torn in folder.torn()] == [True]
    told = folder.run()
    assert told.outcome == "unfinished"
    assert "Rest" not in [step.id for step in told.scenarios[0].steps]
    assert [order.key for order in told.orders_left_behind] == list(KEYS)


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["show", RUN_ID],
        ["orders"],
        ["orders", "--left"],
        ["orders", "forget", RUN_ID, "--why", "x"],
        ["judge"],
        ["verify"],
        ["teardown"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("shape", ["of today", "unheard of"])
def test_a_run_of_a_later_version_is_refused_with_a_word(
    run: Path, tmp_path: Path, words: list[str], shape: str
) -> None:
    def later(event: Line) -> None:
        if event["event"] == "RunStarted":
            told = {"schema": SCHEMA + 1, "smoke_version": "9.4\x1b[31m"}
            event.clear()
            event.update({"event": "RunStarted", "run": told})
            if shape == "of today":
                told["id"] = RUN_ID
                event["at"] = "t"

    rewritten(run, later)
    before = (run / EVENTS).read_bytes()
    done = smoke(words, tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    said = " ".join(done.stderr.split())
    assert RUN_ID in said
    assert f"in format {SCHEMA + 1}, and this smoke reads up to {SCHEMA}" in said
    assert "smoke 9.4" in said
    assert "\x1b" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (run / EVENTS).read_bytes() == before


def test_a_run_of_a_later_version_is_not_pruned(run: Path, tmp_path: Path) -> None:
    def later(event: Line) -> None:
        if event["event"] == "RunStarted":
            event["schema"] = SCHEMA + 1

    rewritten(run, later)
    with RunFolder.create(tmp_path / RUNS, "today") as today:
        today.append(RunStarted("t", Run("today", SCHEMA, "0", Target(), "t")))
    done = smoke(["prune", "--keep", "1"], tmp_path)
    assert f"this smoke reads up to {SCHEMA}" in " ".join(done.stdout.split())
    assert (run / EVENTS).is_file()
