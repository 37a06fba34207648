"""`smoke run --watch`: what is saved is checked, and nothing is sent until somebody presses Enter."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smoke.store import list_runs
from tests.support.cli import smoke
from tests.support.one_order import ORDER
from tests.support.scripted import Answer, Shop, scripted
from tests.support.sitting import Sitting, at_a_terminal, ordering

pytestmark = at_a_terminal

ASKED = b"Ctrl-C ends\r\n"
ALL = ["POST /orders", "DELETE /orders/o-1"]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as made:
        made.on("POST /orders", 201, {"id": "o-1"})
        made.on("DELETE /orders/o-1", 204, b"")
        yield made


@pytest.fixture
def watch(tmp_path: Path, shop: Shop) -> Iterator[Callable[..., Sitting]]:
    """Starts `smoke run order.yaml --watch` at a terminal."""
    with ordering(tmp_path, ORDER, shop.url, "--watch") as start:
        yield start


def save(folder: Path, text: str) -> None:
    """Save the scenario as editors do, beside it and then in its place."""
    (folder / "order.yaml.tmp").write_text(text, encoding="utf-8")
    (folder / "order.yaml.tmp").replace(folder / "order.yaml")


def runs(folder: Path) -> int:
    return len(list_runs(folder / ".smoke/runs"))


def interrupted(at: Sitting) -> tuple[int, str]:
    at.process.send_signal(signal.SIGINT)
    return at.ended()


def test_what_is_saved_is_checked_and_only_enter_sends(
    watch: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = watch()
    at.until(b"order.yaml: all right", ASKED)
    save(tmp_path, ORDER.replace("status: 201", "statuss: 201"))
    at.until(b"did you mean 'status'?", b"order.yaml: 1 mistake", ASKED)
    at.press(b"\n", b"error[", ASKED)  # it cannot be run: told, and gone on
    save(tmp_path, ORDER)
    at.until(b"order.yaml: all right", ASKED)
    at.press(b"send it\n", ASKED)  # no bare Enter
    assert shop.paths() == []
    assert not (tmp_path / ".smoke").exists()
    at.press(b"\n", b"VALIDATION PASSED", ASKED)
    assert shop.paths() == ALL
    save(tmp_path, ORDER.replace("status: 201", "status: 202"))
    at.until(b"order.yaml: all right", ASKED)
    assert shop.paths() == ALL
    at.press(b"\n", b"expected 202, got 201", ASKED)
    assert shop.paths() == ALL * 2
    assert runs(tmp_path) == 2
    status, shown = interrupted(at)
    assert status == 130, shown
    assert "Traceback" not in shown


def test_ctrl_c_while_it_runs_removes_the_order_and_ends_the_watch(
    watch: Callable[..., Sitting], shop: Shop
) -> None:
    came, go = threading.Event(), threading.Event()

    def slow(_: bytes) -> Answer:
        came.set()
        assert go.wait(60)
        return 200, {}, b"{}"

    text = ORDER.replace("teardown:", "  - {name: Slow, request: GET /slow}\nteardown:")
    shop.routes["GET /slow"] = slow
    at = watch()
    at.until(ASKED)
    save(at.folder, text)
    at.until(b"all right", ASKED)
    at.press(b"\n")
    assert came.wait(60)
    at.press(b"\n\n")  # of what was not asked for yet nothing comes
    status, shown = interrupted(at)
    go.set()
    assert status == 130, shown
    assert shop.paths() == ["POST /orders", "GET /slow", "DELETE /orders/o-1"]


def test_each_request_of_a_watched_run_may_be_asked_about_at_a_narrow_terminal(
    watch: Callable[..., Sitting], shop: Shop
) -> None:
    at = watch("--step", columns=40, NO_COLOR="1")
    at.until(ASKED)
    at.press(b"\n", b"q quit\r\n> ")
    assert shop.paths() == []
    assert b"\x1b" not in at.seen
    at.press(b"g\n", b"VALIDATION PASSED", ASKED)
    assert shop.paths() == ALL
    at.press(b"\n", b"q quit\r\n> ")  # the next run asks again
    at.press(b"q\n")
    assert at.ended()[0] == 130
    assert shop.paths() == ALL


def test_the_end_of_the_input_ends_the_watch(watch: Callable[..., Sitting], shop: Shop) -> None:
    at = watch()
    at.until(ASKED)
    at.press(b"\x04")
    assert at.ended()[0] == 130
    assert shop.paths() == []


def test_what_means_no_scenario_is_not_watched(tmp_path: Path, shop: Shop) -> None:
    with closing(Sitting(["run", "--url", shop.url, "--watch"], tmp_path)) as at:
        status, shown = at.ended()
    assert status == smoke(["run", "--url", shop.url], tmp_path).returncode
    assert "no scenario selected" in shown
    assert "Enter runs" not in shown


def test_where_nobody_is_nothing_is_watched(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / "order.yaml").write_text(ORDER, encoding="utf-8")
    done = smoke(["run", "order.yaml", "--url", shop.url, "--watch"], tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "--watch" in done.stderr
    assert shop.paths() == []
