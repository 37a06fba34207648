"""The history through the command line: three deploys and a fourth, gates, known failures, and a history that is no good."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from smoke.app.history import HistoryPlace, writing
from smoke.cli.entry import main
from smoke.demo.postgres import EmbeddedServer
from tests.support.past import failure, ran
from tests.support.scripted import Answer, Shop, scripted

SCENARIO = """
name: order
steps:
  - name: Order
    request: {url: /order, json: {n: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/order/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
RULE = "unique_violation (SQLSTATE 23505) by jobs_uq"
SECRET = "9f2b7c41d0e8a6534411"
Smoke = Callable[..., tuple[int, str]]


class Deployment:
    """A shop whose builds differ: `state` is good, broken (a rule), other (a status) or silent."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.state = "good"
        self.cancels = 200
        shop.routes["POST /order"] = self._order
        shop.routes["DELETE /order/o1"] = lambda _: (self.cancels, {}, b"{}")

    def _order(self, _: bytes) -> Answer:
        kind = {"Content-Type": "application/json"}
        if self.state == "broken":
            words = 'duplicate key value violates unique constraint "jobs_uq"'
            told = {"error": words, "code": "23505", "customer": SECRET}
            return 500, kind, json.dumps(told).encode()
        if self.state == "silent":
            return 0, {}, b""
        return (422 if self.state == "other" else 201), kind, b'{"id": "o1"}'


@pytest.fixture(scope="module")
def running() -> Iterator[Shop]:
    with scripted() as shop:
        yield shop


@pytest.fixture
def deployment(running: Shop) -> Deployment:
    running.seen.clear()
    return Deployment(running)


@pytest.fixture
def smoke(
    tmp_path: Path,
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Smoke:
    """Calls a command in the test's folder: its exit status and all that it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")  # no sentence is broken
    for name in [name for name in os.environ if name.startswith(("SMOKE_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "order.yaml").write_text(SCENARIO, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str]:
        words = [*arguments]
        if words[0] == "run":
            words = ["run", "order.yaml", "--url", deployment.shop.url, "--quiet", *words[1:]]
        monkeypatch.setattr("sys.argv", ["smoke", *words])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out + told.err

    return call


def deploy(
    smoke: Smoke, deployment: Deployment, state: str, build: str, *more: str
) -> tuple[int, str]:
    deployment.state = state
    return smoke("run", "--build", build, *more)


def verdict(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return found


def lines(output: str) -> dict[str, str]:
    """The lines of a comparison by their labels, without runs and times."""
    words = [line.split(None, 1) for line in output.splitlines() if line[:1].isalpha()]
    return {each[0]: each[1].partition("  (")[0] for each in words if len(each) == 2}


def test_three_deploys_and_a_fourth_with_the_old_failure(
    smoke: Smoke, deployment: Deployment, tmp_path: Path
) -> None:
    asked = ("--fail-on", "new", "--verdict", "verdict.json")
    first = deploy(smoke, deployment, "good", "v1", *asked)
    assert first[0] == 0, first[1]
    assert verdict(tmp_path)["verdict"] == "passed"

    status, told = deploy(smoke, deployment, "broken", "v2", *asked)
    assert status == 1
    shown = lines(told)
    assert (shown["this"], shown["against"], shown["new"]) == ("v2", "v1", f"order 'Order': {RULE}")
    assert shown["gate"] == "exit status 1"
    found = verdict(tmp_path)
    assert (found["verdict"], found["this_build"], found["last_good"]) == (
        "new-failure",
        "v2",
        "v1",
    )
    assert found["because"] == f"order 'Order': {RULE}"
    assert [each["counts"] for each in found["new"]] == [True]

    again, told = deploy(smoke, deployment, "broken", "v2", *asked)
    assert (again, lines(told)["against"]) == (1, "v1")

    status, told = deploy(smoke, deployment, "good", "v3", *asked)
    assert (status, lines(told)["fixed"]) == (
        0,
        f"order 'Order': {RULE}; it failed since v2 (2 runs)",
    )

    status, told = deploy(smoke, deployment, "broken", "v4", *asked)
    assert status == 1
    assert "it is back: last seen on v2" in told
    assert verdict(tmp_path)["last_good"] == "v3"

    status, told = deploy(smoke, deployment, "broken", "v5", *asked)
    assert status == 0
    assert lines(told)["still"] == f"failing: order 'Order': {RULE}; since v4 (2 runs)"
    assert lines(told)["gate"] == (
        "exit status 0 in place of 1: nothing new failed, 1 failure forgiven"
    )
    assert "VALIDATION FAILED" in told
    assert verdict(tmp_path)["verdict"] == "known-failure"

    status, told = deploy(smoke, deployment, "broken", "v6")
    assert (status, lines(told)["history"]) == (1, "it fails so since v4 (3 runs in a row)")

    status, told = smoke("compare", "v3", "v4")
    assert (status, lines(told)["new"]) == (1, f"order 'Order': {RULE}")
    status, told = smoke("compare", "v2", "v3", "--json")
    assert (status, [each["title"] for each in json.loads(told)["fixed"]]) == (0, [RULE])
    status, told = smoke("compare", "last-pass")
    assert (status, lines(told)["against"]) == (1, "v3")
    status, told = smoke("history", "--json")
    assert [(run["build"], run["status"]) for run in json.loads(told)] == [
        *[(f"v{number}", 1) for number in (6, 5, 4)],
        ("v3", 0), ("v2", 1), ("v2", 1), ("v1", 0),
    ]  # fmt: skip
    status, told = smoke("history")
    assert "✓✗✗✓✗✗✗" in told
    assert "since v4" in told
    stored = (tmp_path / ".smoke" / "history.db").read_bytes()
    assert SECRET.encode() not in stored
    assert RULE.encode() in stored


@pytest.mark.parametrize("state", ["silent", "teardown"])
def test_what_is_not_judged_or_not_cleaned_up_is_never_forgiven(
    smoke: Smoke, deployment: Deployment, state: str
) -> None:
    deployment.cancels = 400 if state == "teardown" else 200
    for build in ("v1", "v2"):
        plain, _ = deploy(smoke, deployment, state, build)
        status, told = smoke("run", "--build", build, "--fail-on", "new")
        assert status == plain != 0, told


def test_without_a_build_or_a_history_every_failure_is_new(
    smoke: Smoke, deployment: Deployment, tmp_path: Path
) -> None:
    deploy(smoke, deployment, "broken", "v1")
    status, told = smoke("run", "--fail-on", "new")
    assert status == 1
    assert "name the build with --build" in told
    assert smoke("run", "--fail-on", "new", "--against", "v1")[0] == 0
    assert smoke("run", "--fail-on", "new", "--against", "last-pass")[0] == 1
    (tmp_path / "junk.db").write_bytes(b"no database at all" * 300)
    more = ("--build", "v2", "--history", "junk.db")
    status, told = smoke("run", "--fail-on", "new", *more)
    assert status == 1
    assert "cannot write the history junk.db" in told
    deployment.state = "good"
    status, told = smoke("run", *more)
    assert (status, "move junk.db away" in told) == (0, True)
    assert smoke("history", "--history", "junk.db")[0] == 2


def test_a_history_that_cannot_be_written_fails_no_run(
    smoke: Smoke, deployment: Deployment, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    status, told = smoke("run", "--history", "folder")
    assert (status, "cannot write the history folder" in told) == (0, True)
    with sqlite3.connect(tmp_path / "later.db") as later:
        later.execute("CREATE TABLE smoke_history (schema INTEGER)")
        later.execute("INSERT INTO smoke_history VALUES (99)")
    status, told = smoke("run", "--history", "later.db")
    assert (status, "was written by a later smoke" in told) == (0, True)
    assert smoke("run", "--history", "off")[0] == 0
    assert not (tmp_path / ".smoke" / "history.db").exists()


KNOWN = """
- {{fingerprint: "{fingerprint}", owner: shop, reason: R-1, expires: "2999-12-31"}}
- {{scenario: order, step: Ordr, owner: shop, reason: R-2, expires: "2999-12-31"}}
- {{scenario: order, owner: shop, reason: R-3, expires: "2020-01-01"}}
"""


def test_known_failures_are_forgiven_until_they_expire(
    smoke: Smoke, deployment: Deployment, tmp_path: Path
) -> None:
    _, told = deploy(smoke, deployment, "broken", "v1", "--fail-on", "new")
    name = told.split("fingerprint ")[1].split()[0]
    file = tmp_path / "known-failures.yaml"
    file.write_text(KNOWN.format(fingerprint=name), encoding="utf-8")
    status, told = deploy(smoke, deployment, "broken", "v1", "--fail-on", "new")
    assert status == 0
    assert "known: R-1 (shop, until 2999-12-31)" in told
    for words in (
        "known-failures.yaml:3:27",
        "did you mean 'Order'?",
        "known-failures.yaml:4:",
        "has expired: it counts again",
    ):
        assert words in told
    status, told = deploy(smoke, deployment, "good", "v2", "--fail-on", "new")
    assert (status, "is no longer needed: it passed" in told) == (0, True)
    file.write_text(KNOWN.format(fingerprint=name).replace("reason", "reazon"), encoding="utf-8")
    deployment.shop.seen.clear()
    status, told = deploy(smoke, deployment, "good", "v2", "--fail-on", "new")
    assert (status, deployment.shop.seen) == (2, [])
    assert "did you mean 'reason'?" in told


def test_another_deployment_is_run_first(smoke: Smoke, deployment: Deployment) -> None:
    with scripted() as other:
        old = Deployment(other)
        old.state = "broken"
        status, told = deploy(
            smoke, deployment, "broken", "v2", "--fail-on", "new", "--against", other.url
        )
        assert (status, "they order there, too" in told or "order there, too" in told) == (0, True)
        assert other.paths() == ["POST /order"]
        old.state = "good"
        again = deploy(
            smoke, deployment, "broken", "v2", "--fail-on", "new", "--against", other.url
        )
        assert again[0] == 1
        old.state = "silent"
        again = deploy(
            smoke, deployment, "broken", "v2", "--fail-on", "new", "--against", other.url
        )
        assert again[0] == 1
        assert "no run to compare with" in again[1].replace("\n            ", " ")


def test_stored_runs_are_taken_in_once(smoke: Smoke, deployment: Deployment) -> None:
    deploy(smoke, deployment, "broken", "v1", "--history", "off")
    arguments = ("history", "--history", "new.db", "--import", ".smoke/runs")
    assert "1 run taken in" in smoke(*arguments)[1]
    status, told = smoke(*arguments)
    assert (status, "0 runs taken in" in told, RULE in told) == (0, True, True)


def test_a_run_is_not_compared_with_itself(smoke: Smoke, deployment: Deployment) -> None:
    deploy(smoke, deployment, "broken", "v1")
    status, told = smoke("compare", "v1", "v1")
    assert status == 2
    assert "'v1' is the run" in told
    deploy(smoke, deployment, "broken", "v1")
    assert "still" in smoke("compare", "v1", "v1")[1]


def test_two_write_at_once(tmp_path: Path) -> None:
    place = HistoryPlace(tmp_path / "history.db")

    def write(minute: int) -> None:
        with writing(place) as history:
            history.add(ran(minute, "v1", failure()))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(24)))
    with writing(place) as history:
        assert len(history.recent("production", 100)) == 24


@pytest.fixture(scope="module")
def team(demo_server: EmbeddedServer) -> Iterator[str]:
    made = demo_server.create_database("history")
    yield made
    demo_server.drop_database(made)


def test_a_team_shares_one_history(
    smoke: Smoke,
    deployment: Deployment,
    team: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEAM", team)
    more = ("--history", "env:TEAM", "--fail-on", "new")
    assert smoke("history", "--history", "env:TEAM")[0] == 2
    assert deploy(smoke, deployment, "good", "v1", *more)[0] == 0
    assert deploy(smoke, deployment, "broken", "v2", *more)[0] == 1
    assert deploy(smoke, deployment, "broken", "v3", *more)[0] == 0
    monkeypatch.setenv("SMOKE_HISTORY", team)
    status, told = smoke("compare", "v1", "v2")
    assert (status, lines(told)["new"]) == (1, f"order 'Order': {RULE}")
    assert "since v2" in smoke("history")[1]
    assert not (tmp_path / ".smoke" / "history.db").exists()


def test_a_team_s_history_that_does_not_answer_fails_no_run_and_tells_no_password(
    smoke: Smoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMOKE_HISTORY", "postgresql://ann:hunter22@127.0.0.1:1/x")
    status, told = smoke("run", "--build", "v1")
    assert (status, "the history in SMOKE_HISTORY cannot be used" in told) == (0, True)
    assert "hunter22" not in told


def test_several_make_the_tables_of_a_team_at_once(demo_server: EmbeddedServer) -> None:
    made = demo_server.create_database("history_at_once")
    place = HistoryPlace(dsn=made, source="TEAM")

    def write(minute: int) -> None:
        with writing(place) as history:
            history.add(ran(minute, "v1", failure()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))
    with writing(place) as history:
        assert len(history.recent("production", 100)) == 8
    demo_server.drop_database(made)


def test_colour_width_and_ascii(
    smoke: Smoke, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(smoke, deployment, "broken", "v1")
    assert "\x1b[" not in smoke("history")[1]
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, smoke("history")[1].splitlines()[1:2])) <= 40
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in smoke("history")[1]


def test_reports_say_since_when_it_fails_as_of_their_run(
    smoke: Smoke, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--report", "html=run.html")
    deploy(smoke, deployment, "good", "v1", *asked)
    assert "new: passed" not in (tmp_path / "run.html").read_text(encoding="utf-8")

    status, told = deploy(smoke, deployment, "broken", "v2", *asked)
    assert status == 1
    assert "new: passed on build v1 (" in told
    new = (tmp_path / "run.html").read_bytes()
    assert b"new: passed on build v1 (" in new.partition(b"</header>")[0]

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    status, told = deploy(smoke, deployment, "broken", "v3", *asked)
    assert status == 1
    assert re.search(r"^ +since +build v2 \(2 runs, ", told, re.MULTILINE)
    head = (tmp_path / "run.html").read_text(encoding="utf-8").partition("</header>")[0]
    assert "since build v2 (2 runs, " in head
    assert "first seen in this run" not in head
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8").partition("### ")[0]
    assert "since build v2 (2 runs, " in summary

    runs = json.loads(smoke("history", "--json")[1])
    smoke("report", runs[1]["run"], "--html", "again.html")
    assert (tmp_path / "again.html").read_bytes() == new
    smoke("report", runs[1]["run"], "--html", "again.html", "--history", "off")
    alone = (tmp_path / "again.html").read_text(encoding="utf-8")
    assert "first seen in this run" in alone
    (tmp_path / ".smoke" / "history.db").write_bytes(b"no database")
    status, told = smoke("report", runs[1]["run"], "--html", "again.html")
    assert (status, (tmp_path / "again.html").read_text(encoding="utf-8")) == (0, alone)
