"""Watching a shop: rounds, notices at the changes and nowhere else, also over restarts and with receivers that are down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smoke.app.delivering import Receiver, deliver
from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.app.watch_rounds import WatchedTarget, WatchPlan, watch
from smoke.app.watch_state import WatchState, load_state
from smoke.overview.table import Shop as Round
from smoke.transport.options import Options
from smoke.watching.notice import Notice
from smoke.watching.schedule import window_of
from smoke.watching.standing import Standing, What
from tests.support.cli import command, environment, narrow, smoke
from tests.support.one_order import ORDER, REFUSED
from tests.support.proxy import forwards
from tests.support.scripted import Answer, Shop, scripted
from tests.support.wire_server import WireServer

SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
TOOK = 30.0


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as found:
        well(found)
        found.on("DELETE /orders/o-1", 200, {})
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "order.yaml").write_text(ORDER, encoding="utf-8")
    return tmp_path


def well(shop: Shop) -> None:
    shop.on("POST /orders", 201, {"id": "o-1"})


def ill(shop: Shop) -> None:
    shop.on("POST /orders", 500, REFUSED)


class Fast:
    """A clock on which each sleep is over at once."""

    def __init__(self, start: datetime) -> None:
        self.start, self.passed = start, 0.0

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        time.sleep(0)


class Heard:
    """What a watch had to say."""

    def __init__(self) -> None:
        self.rounds: list[tuple[str, What | None]] = []
        self.rests: list[datetime] = []
        self.problems: list[str] = []

    def round(self, shop: Round, standing: Standing, what: What | None) -> None:
        self.rounds.append((standing.state.value, what))

    def expecting(self, target: str, due: float) -> None:
        pass

    def resting(self, until: datetime) -> None:
        self.rests.append(until)

    def problem(self, text: str) -> None:
        self.problems.append(text)


def watched(
    project: Path,
    shop: Shop,
    rounds: int,
    before: Callable[[int], None],
    *,
    windows: tuple[str, ...] = (),
    clock: Fast | None = None,
) -> tuple[Heard, WatchState, list[int]]:
    """`rounds` rounds five minutes apart; `before` is called with the number of each. The minutes at which they were."""
    clock = clock or Fast(datetime(2026, 11, 28, 12, tzinfo=UTC))
    heard = Heard()
    at: list[int] = []
    options = RunOptions(selectors=(str(project / "order.yaml"),), url=shop.url, out=project / "r")

    def carry_out(place: WatchedTarget) -> Round:
        before(len(at))
        at.append(round(clock.passed / 60))
        return Round(place.target, place.url, run(options=options, environ={}))

    state = watch(
        [WatchedTarget("production", shop.url, shop.url)],
        WatchPlan(300, 0, tuple(window_of(text) for text in windows), rounds=rounds),
        WatchState(),
        project / "watch.json",
        run=carry_out,
        deliver=lambda _receiver, _notice: "",
        hearing=heard,
        finished=lambda _round: None,
        stopped=lambda: False,
        sleep=clock.sleep,
        clock=clock,
    )
    return heard, state, at


def test_a_day_is_told_in_its_changes(project: Path, shop: Shop) -> None:
    """Twelve hours with two failures in them."""
    bad = {*range(30, 34), *range(90, 93)}

    def before(number: int) -> None:
        (ill if number in bad else well)(shop)

    heard, state, at = watched(project, shop, 110, before)
    told = [(number, what) for number, (_, what) in enumerate(heard.rounds) if what]
    assert told == [
        (30, What.FAILING),
        (34, What.RECOVERED),
        (90, What.FAILING),
        (93, What.RECOVERED),
    ]
    gaps = [after - earlier for earlier, after in itertools.pairwise(at)]
    assert gaps[28:36] == [5, 5, 5, 10, 20, 40, 5, 5]
    assert not heard.problems
    assert load_state(project / "watch.json") == state


def test_nothing_is_run_in_a_window_of_maintenance(project: Path, shop: Shop) -> None:
    heard, _, at = watched(
        project, shop, 20, lambda _: None, windows=("Sat 12:30-13:30", "Sat 13:00-14:00 UTC")
    )
    assert not [minute for minute in at if 30 <= minute < 120]
    assert [each.strftime("%H:%M") for each in heard.rests] == ["13:30", "14:00"]
    assert len(at) == 20


def started(project: Path, shop: Shop, *options: str, **env: str) -> subprocess.Popen[str]:
    words = ["watch", "order.yaml", "--url", shop.url, "--every", "0.2s", "--jitter", "1ms"]
    return subprocess.Popen(
        command(*words, *options),
        cwd=project,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until(found: Callable[[], object]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + TOOK
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def ended(process: subprocess.Popen[str], number: int = signal.SIGINT) -> str:
    process.send_signal(number)
    out, _ = process.communicate(timeout=TOOK)
    assert process.returncode == 128 + number, out
    return out


def hooks(shop: Shop) -> list[dict[str, object]]:
    """What came at the receiver."""
    return [json.loads(body) for _, path, _, body in shop.seen if path == "/hook"]


needs_signals = pytest.mark.skipif(narrow(), reason="signals are sent as POSIX does")


@needs_signals
def test_signed_webhooks_at_the_changes_and_nothing_twice_after_a_restart(
    project: Path, shop: Shop
) -> None:
    shop.on("POST /hook", 204)
    to = {"HOOKS": f"{shop.url}/hook", "KEY": SECRET}
    options = ("--notify-env", "HOOKS", "--notify-secret-env", "KEY")
    process = started(project, shop, *options, **to)
    until(lambda: shop.paths().count("POST /orders") >= 2)
    assert not hooks(shop)
    ill(shop)
    until(lambda: hooks(shop))
    # between an answer and its note in the file is the one moment in which a kill makes a receiver get one id twice
    until(lambda: not load_state(project / ".smoke" / "watch.json").pending)
    process.kill()
    process.communicate(timeout=TOOK)
    again = started(project, shop, *options, **to)
    count = shop.paths().count("POST /orders")
    until(lambda: shop.paths().count("POST /orders") >= count + 2)
    well(shop)
    until(lambda: len(hooks(shop)) >= 2)
    ended(again)
    assert [each["type"] for each in hooks(shop)] == ["smoke.failing", "smoke.recovered"]
    _, _, headers, body = next(each for each in shop.seen if each[1] == "/hook")
    names = {name.lower(): value for name, value in headers.items()}
    signed = f"{names['webhook-id']}.{names['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert names["webhook-signature"] == f"v1,{digest}"
    data = json.loads(body)["data"]
    assert "orders_sku_key" in data["causes"][0]["title"]
    assert data["run_id"]


@needs_signals
def test_a_receiver_that_is_down_is_told_after_a_restart(project: Path, shop: Shop) -> None:
    ill(shop)
    shop.on("POST /hook", 503)
    to = {"HOOKS": f"{shop.url}/hook"}
    process = started(project, shop, "--notify-env", "HOOKS", **to)
    until(lambda: hooks(shop))
    until(lambda: shop.paths().count("POST /orders") >= 2)
    out = ended(process, signal.SIGTERM)
    assert "HOOKS was not told: it answered 503" in out
    assert shop.url + "/hook" not in out
    assert len(load_state(project / ".smoke" / "watch.json").pending) == 1
    shop.on("POST /hook", 204)
    shop.seen.clear()
    shop.on("POST /other", 204)
    to = {"HOOKS": f"{shop.url}/other\n{shop.url}/hook"}  # it is another one's place now
    again = started(project, shop, "--notify-env", "HOOKS", "--rounds", "1", **to)
    again.communicate(timeout=TOOK)
    assert again.returncode == 0
    assert [each["type"] for each in hooks(shop)] == ["smoke.failing"]
    assert "POST /other" not in shop.paths()
    assert not load_state(project / ".smoke" / "watch.json").pending


@needs_signals
def test_one_watch_at_a_time(project: Path, shop: Shop) -> None:
    process = started(project, shop)
    until(lambda: shop.paths().count("POST /orders"))
    other = smoke(["watch", "order.yaml", "--url", shop.url, "--rounds", "1"], project)
    assert (other.returncode, "another watch is running" in other.stderr) == (2, True)
    ended(process)


@needs_signals
def test_an_order_that_is_under_way_is_removed_before_the_end(project: Path, shop: Shop) -> None:
    came, go_on = threading.Event(), threading.Event()

    def look(_: bytes) -> Answer:
        came.set()
        go_on.wait(TOOK)
        return 200, {}, b""

    shop.routes["GET /orders/o-1"] = look
    text = ORDER.replace("teardown:", "  - name: Look\n    request: GET /orders/o-1\nteardown:")
    (project / "order.yaml").write_text(text, encoding="utf-8")
    process = started(project, shop)
    assert came.wait(TOOK)
    process.send_signal(signal.SIGTERM)
    go_on.set()
    process.communicate(timeout=TOOK)
    assert process.returncode == 143
    assert "DELETE /orders/o-1" in shop.paths()


@pytest.mark.parametrize("scheme", ["http", "json"])
def test_notices_leave_through_the_proxy_with_its_password(
    scheme: str, project: Path, shop: Shop
) -> None:
    ill(shop)
    shop.on("POST /told", 200, {})
    with WireServer(forwards("ann:p/w@1")) as proxy:
        to = {
            "PLACES": shop.url.replace("http://", f"{scheme}://") + "/told",
            "PROXY_PASSWORD": "p/w@1",
        }
        options = ["--proxy", proxy.url.replace("://", "://ann@"), "--proxy-password-env"]
        process = started(
            project,
            shop,
            "--notify-env",
            "PLACES",
            "--rounds",
            "1",
            *options,
            "PROXY_PASSWORD",
            **to,
        )
        process.communicate(timeout=TOOK)
        came = [head.split(b"\r\n")[0] for head in proxy.requests]
    assert any(b"/told" in line for line in came)
    assert "POST /told" in shop.paths()


def test_other_services_are_told_through_apprise(project: Path, shop: Shop) -> None:
    ill(shop)
    shop.on("POST /apprise", 200, {})
    to = {"PLACES": shop.url.replace("http://", "json://") + "/apprise"}
    process = started(project, shop, "--notify-env", "PLACES", "--rounds", "1", **to)
    process.communicate(timeout=TOOK)
    (body,) = [json.loads(body) for _, path, _, body in shop.seen if path == "/apprise"]
    assert "is failing: unique_violation (SQLSTATE 23505)" in body["title"]
    assert "orders_sku_key" in body["message"]


# what apprise itself imports
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_the_proxy_of_a_notice_is_in_no_environment_behind_it(shop: Shop) -> None:
    shop.on("POST /told", 200, {})
    before = dict(os.environ)
    with WireServer(forwards("ann:pw")) as proxy:
        sending = Options(proxy=proxy.url.replace("://", "://ann@"), proxy_password="pw")
        to = Receiver("PLACES", shop.url.replace("http://", "json://") + "/told")
        assert deliver(to, Notice("1", "now", "title", "body", "{}"), sending) == ""
    assert shop.paths() == ["POST /told"]
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("options", "env", "said"),
    [
        (["--notify-env", "NOT_THERE"], {}, "NOT_THERE is not set"),
        (["--notify-env", "https://x.example/tok"], {}, "takes the name of an environment"),
        (["--notify-env", "PLACES"], {"PLACES": "slakc://token-a/b"}, "PLACES is no address"),
        (["--notify-env", "PLACES"], {"PLACES": "http://:tok@"}, "PLACES is no URL"),
        (
            ["--notify-env", "PLACES", "--notify-secret-env", "KEY"],
            {"PLACES": "https://x.example/tok", "KEY": "tok"},
            "cannot be signed for",
        ),
        (["--maintenance", "Sum 02:00-04:00"], {}, "did you mean 'Sun'"),
        (["--keep-runs", "soon"], {}, "--keep-runs"),
        (["--every", "0s"], {}, "--every"),
    ],
)
def test_what_cannot_be_watched_is_told_at_once(
    options: list[str], env: dict[str, str], said: str, project: Path, shop: Shop
) -> None:
    done = smoke(["watch", "order.yaml", "--url", shop.url, *options], project, env=env)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    if "PLACES" in env:  # what it holds is a token, and is not said again
        assert "tok" not in done.stdout + done.stderr
    assert not shop.seen


@pytest.mark.skipif(narrow(), reason="there are no named pipes")
def test_what_is_given_from_outside_is_read_once(project: Path, shop: Shop) -> None:
    pipe = project / "values"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("SKU=tea\n",), daemon=True)
    writer.start()
    words = ["watch", "order.yaml", "--url", shop.url, "--rounds", "1", "--env-file", "values"]
    done = smoke(words, project)
    assert done.returncode == 0, done.stderr
    assert "POST /orders" in shop.paths()


def test_a_page_shows_how_the_target_stands(project: Path, shop: Shop) -> None:
    ill(shop)
    done = smoke(
        ["watch", "order.yaml", "--url", shop.url, "--rounds", "1", "--status-page", "www/s.html"],
        project,
    )
    assert done.returncode == 0, done.stderr
    page = (project / "www" / "s.html").read_text(encoding="utf-8")
    assert "orders_sku_key" in page
    again = smoke(["history", "--html", "again.html"], project)
    assert again.returncode == 0, again.stderr
    made = (project / "again.html").read_text(encoding="utf-8")
    assert made.partition("<footer")[0] == page.partition("<footer")[0]
    off = smoke(
        ["watch", "order.yaml", "--url", shop.url, "--history", "off", "--status-page", "s.html"],
        project,
    )
    assert (off.returncode, "--status-page" in off.stderr) == (2, True)


def test_a_state_that_is_something_else_is_left_alone(project: Path, shop: Shop) -> None:
    (project / ".smoke").mkdir()
    path = project / ".smoke" / "watch.json"
    path.write_text('{"targets": 1}')
    done = smoke(["watch", "order.yaml", "--url", shop.url, "--rounds", "1"], project)
    assert done.returncode == 2
    assert "is not what a watch wrote" in done.stderr
    assert path.read_text() == '{"targets": 1}'
