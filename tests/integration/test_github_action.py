"""The GitHub Action in a fake runner: every promised output, whatever happened to the deployment or to the job."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smoke.action.github_api import GitHub
from tests.support.action_runner import (
    REPOSITORY,
    SHA,
    Done,
    FakeGitHub,
    Runner,
)
from tests.support.one_order import ORDER
from tests.support.scripted import Answer, Shop, scripted
from tests.support.wall_answers import WALLS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of a POSIX system")

REFUSED = {
    "error": 'duplicate key value violates unique constraint "jobs_step_uq" ::error::@everyone',
    "code": "23505",
}
BYPASS = "vercelbypass0123456789abcdefghij"
PULL: dict[str, Any] = {
    "pull_request": {
        "number": 7,
        "head": {"sha": SHA, "repo": {"full_name": REPOSITORY}},
        "title": "$(touch injected) `touch injected`",
    }
}
DEPLOYED: dict[str, Any] = {
    "deployment": {"id": 31, "sha": SHA, "environment": "Production"},
    "deployment_status": {"state": "success", "environment": "Production", "environment_url": ""},
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /orders", 201, {"id": "ord-1"})
        running.on("DELETE /orders/ord-1", 204, b"")
        yield running


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with scripted() as running:
        yield FakeGitHub(running)


@pytest.fixture
def runner(tmp_path: Path, github: FakeGitHub) -> Runner:
    workspace, temp = tmp_path / "checkout", tmp_path / "temp"
    (workspace / "scenarios").mkdir(parents=True)
    (workspace / "scenarios/order.yaml").write_text(ORDER)
    temp.mkdir()
    return Runner(workspace, temp, github.shop.url)


def kept(runner: Runner, done: Done) -> Path:
    """The artifact of a run; it has the whole run, whatever became of it."""
    (folder,) = [f for f in runner.artifacts.values() if (f / done.outputs["run-folder"]).is_dir()]
    assert (folder / done.outputs["run-folder"] / "events.jsonl").stat().st_size
    return folder


def pull(commit: str) -> tuple[str, Any]:
    """A push to the pull request."""
    head = {**PULL["pull_request"]["head"], "sha": commit * 40}
    return "pull_request", {"pull_request": {**PULL["pull_request"], "head": head}}


def test_good_broken_old_and_fixed_are_one_comment_that_changes(
    runner: Runner, shop: Shop, github: FakeGitHub
) -> None:
    """Four builds one after the other; the history is carried by the cache."""
    asked = {"scenarios": "order", "url": shop.url}
    done = runner.use(asked, pull("a"))
    assert not done.failed, done.log
    told = done.outputs
    assert (told["exit-status"], told["verdict"], told["orders-left"]) == ("0", "passed", "0")
    assert (told["failed-scenarios"], told["fingerprints"]) == ("[]", "[]")
    assert "✅ passed" in github.comments[0]["body"]

    shop.on("POST /orders", 500, REFUSED)
    done = runner.use(asked, pull("b"))
    told = done.outputs
    assert done.failed
    assert (told["exit-status"], told["verdict"], told["orders-left"]) == ("1", "new-failure", "1")
    assert "jobs_step_uq" in told["because"]
    assert json.loads(told["failed-scenarios"]) == ["order"]
    assert json.loads(told["orders"]) == [""]
    (cause,) = json.loads(told["fingerprints"])
    assert len(cause) == 16
    reports = ["smoke-report.html", "smoke-junit.xml", "smoke-run.json"]
    assert told["reports"].splitlines() == reports
    evidence = kept(runner, done)
    assert told["run"] == Path(told["run-folder"]).name
    assert told["artifact-url"] == "https://github.example/artifacts/2"
    assert {path.name for path in evidence.iterdir()} >= set(reports)
    assert "smoke: ❌ failed" in done.summary
    assert "::error file=scenarios/order.yaml,line=3,title=order%3A Order::" in done.log
    (comment,) = github.comments
    assert told["comment"] == comment["html_url"]
    assert "- **new**: order, Order: unique_violation" in comment["body"]
    assert "bbbbbbbbbbbb" in comment["body"]
    assert told["artifact-url"] in comment["body"]
    assert "/actions/runs/4002" in comment["body"]
    assert "@everyone" in comment["body"]
    assert "@" not in re.sub(r"(?s)```.*?```", "", comment["body"])
    assert runner.token not in json.dumps(github.comments) + done.log + done.summary
    assert not (runner.workspace / "injected").exists()

    done = runner.use(asked | {"fail-on": "new"}, pull("c"))
    told = done.outputs
    assert (done.failed, told["exit-status"], told["verdict"]) == (False, "0", "known-failure")
    assert json.loads(told["fingerprints"]) == [cause]
    assert f"since build {'b' * 40}" in comment["body"]
    assert "- **still**: order, Order: " in comment["body"]

    shop.on("POST /orders", 201, {"id": "ord-1"})
    done = runner.use(asked, pull("d"))
    assert (done.failed, done.outputs["verdict"]) == (False, "passed")
    assert github.comments == [comment]
    assert "- **fixed**: order, Order" in comment["body"]
    assert "❌" not in comment["body"]
    assert done.outputs["comment"] == comment["html_url"]
    assert len(runner.cache) == 4


def test_the_comment_is_ours_alone(github: FakeGitHub) -> None:
    """One that a person wrote, quoting ours with its mark, is left alone; so is a text that goes on behind the mark."""
    api = GitHub(github.shop.url, REPOSITORY, "token")
    assert api.comment(7, "<!-- mark -->", "ok <!-- mark -->", only_update=True) == ""
    assert github.comments == []
    api.comment(7, "<!-- mark -->", "first <!-- mark -->")
    api.comment(7, "<!-- other -->", "other <!-- other -->")
    github.comments[0]["user"]["type"] = "User"
    api.comment(7, "<!-- mark -->", "second <!-- mark -->")
    github.comments[1]["body"] += " and more"
    api.comment(7, "<!-- mark -->", "third <!-- mark -->", only_update=True)
    assert [each["body"].partition(" ")[0] for each in github.comments] == [
        "first",
        "other",
        "third",
    ]
    assert github.shop.seen[0][2]["Authorization"] == "Bearer token"


def test_a_token_without_rights_changes_no_verdict(
    runner: Runner, shop: Shop, github: FakeGitHub
) -> None:
    github.refuses = True
    done = runner.use({"scenarios": "order", "url": shop.url}, ("pull_request", PULL))
    assert (done.failed, done.outputs["exit-status"], done.outputs["comment"]) == (False, "0", "")
    assert "::warning title=smoke::the comment was not written: " in done.log
    assert "Resource not accessible by integration" in done.log
    assert "the job needs permissions: pull-requests: write" in done.log


@pytest.fixture
def held(runner: Runner, shop: Shop) -> Iterator[threading.Event]:
    """A scenario that waits in its second step, below the checkout: what happens to it there is the test's."""
    let_go = threading.Event()
    below = runner.workspace / "below/scenarios"
    below.mkdir(parents=True)
    waits = "  - {name: Wait, request: GET /wait}\nteardown:"
    (below / "order.yaml").write_text(ORDER.replace("teardown:", waits))

    def wait(_: bytes) -> Answer:
        let_go.wait(30)
        return 200, {}, b""

    shop.routes["GET /wait"] = wait
    yield let_go
    let_go.set()


@pytest.mark.parametrize(
    ("by", "status"), [(signal.SIGINT, "130"), (signal.SIGKILL, "")], ids=["cancelled", "killed"]
)
def test_of_a_job_that_was_cancelled_the_orders_are_removed_and_the_evidence_is_kept(
    runner: Runner,
    shop: Shop,
    github: FakeGitHub,
    held: threading.Event,
    by: signal.Signals,
    status: str,
) -> None:
    """The signal reaches smoke itself; what it leaves, also one that is killed, is dealt with behind it."""

    def cancel(child: subprocess.Popen[bytes]) -> None:
        while "GET /wait" not in shop.paths():
            assert child.poll() is None
            held.wait(0.02)
        os.kill(child.pid, by)

    asked = {"scenarios": "order", "url": shop.url, "working-directory": "below"}
    done = runner.use(asked, ("pull_request", PULL), meanwhile=cancel)
    assert done.steps[-1] == "Place the orders"
    assert runner.artifacts == {}
    done = runner.use({}, ("pull_request", PULL), action="smoke-cancelled")
    assert not done.failed, done.log
    assert (done.outputs["verdict"], done.outputs["exit-status"]) == ("cancelled", status)
    assert done.outputs["orders-left"] == "0"
    assert shop.paths() == ["POST /orders", "GET /wait", "DELETE /orders/ord-1"]
    (evidence,) = runner.artifacts.values()
    assert list(evidence.glob("below/.smoke/runs/*/events.jsonl"))
    assert "no verdict" in github.comments[0]["body"]
    assert runner.use({}, ("push", {}), action="smoke-cancelled").outputs["verdict"] == ""


def test_a_protected_deployment_has_no_verdict_and_opens_with_vercels_secret(
    runner: Runner, shop: Shop, github: FakeGitHub
) -> None:
    wall = WALLS["vercel cookie"][0]

    def guarded(_: bytes) -> Answer:
        headers = {name.lower(): value for name, value in shop.seen[-1][2].items()}
        if headers.get("x-vercel-protection-bypass") != BYPASS:
            return wall
        return 201, {"Content-Type": "application/json"}, b'{"id": "ord-1"}'

    shop.routes["POST /orders"] = shop.routes["DELETE /orders/ord-1"] = guarded
    github.pulls = [
        {"number": 5, "state": "closed", "head": {"repo": None}},
        {"number": 7, "state": "open", "head": {"repo": {"full_name": REPOSITORY}}},
    ]
    status = DEPLOYED["deployment_status"] | {
        "environment": "Preview – storefront",
        "environment_url": shop.url,
    }
    event = ("deployment_status", DEPLOYED | {"deployment_status": status})
    asked = {"scenarios": "order", "environments": "Preview*", "deployment-status": "true"}
    done = runner.use(asked, event)
    assert (done.failed, done.outputs["exit-status"]) == (True, "3")
    assert done.outputs["verdict"] == "no-verdict"
    assert "Vercel Deployment Protection" in done.outputs["because"]
    assert "Vercel Deployment Protection" in github.comments[0]["body"]
    assert github.statuses[-1]["state"] == "error"
    assert github.statuses[-1]["description"].startswith("smoke: no-verdict: ")
    assert github.statuses[-1]["auto_inactive"] is False

    done = runner.use(asked | {"vercel-bypass": BYPASS}, event)
    assert (done.failed, done.outputs["verdict"]) == (False, "passed"), done.log
    assert github.statuses[-1]["state"] == "success"
    assert github.statuses[-1]["log_url"] == f"https://github.example/{REPOSITORY}/actions/runs/4002"  # fmt: skip
    evidence = kept(runner, done)
    for file in [path for path in evidence.rglob("*") if path.is_file()]:
        assert BYPASS.encode() not in file.read_bytes(), file
    assert BYPASS not in done.log + done.summary + json.dumps(github.comments)

    before = len(shop.seen)
    done = runner.use({"scenarios": "order"}, event)
    assert (done.failed, done.outputs["verdict"]) == (False, "skipped")
    assert "Preview – storefront" in done.outputs["because"]
    assert "the environment 'Preview – storefront' is none of those" in done.log
    ours = status | {"environment": "Production", "description": "smoke: passed: it"}
    done = runner.use({"scenarios": "order"}, (event[0], DEPLOYED | {"deployment_status": ours}))
    assert done.outputs["verdict"] == "skipped"
    assert len(shop.seen) == before


def test_a_fork_gets_no_secrets_and_no_comment_and_is_told_so(
    runner: Runner, shop: Shop, github: FakeGitHub
) -> None:
    head = {"sha": SHA, "repo": {"full_name": "mallory/storefront"}}
    event = ("pull_request", {"pull_request": {"number": 7, "head": head}})
    asked = {"scenarios": "order", "url": shop.url}
    done = runner.use(asked, event)
    assert (done.failed, done.outputs["verdict"], done.outputs["comment"]) == (False, "passed", "")
    assert "::notice title=smoke::the pull request comes from mallory/storefront: no comment" in done.log  # fmt: skip
    before = len(shop.seen)
    done = runner.use(asked | {"secrets": "SHOP_KEY"}, event, env={"SHOP_KEY": "k" * 20})
    assert (done.failed, done.outputs["verdict"]) == (False, "skipped")
    assert "a fork, which gets no secrets" in done.outputs["because"]
    assert "Nothing was ordered: the commit comes from mallory/storefront" in done.summary
    assert len(shop.seen) == before
    assert github.comments == []
    assert runner.artifacts.keys() == {next(iter(runner.artifacts))}


def test_tags_and_what_is_skipped_choose_without_a_name(runner: Runner, shop: Shop) -> None:
    for name, tags in (("a", "[checkout]"), ("b", "[checkout, slow]"), ("c", "[payment]")):
        text = f"name: {name}\ntags: {tags}\nsteps: [{{name: Look, request: GET /{name}}}, {{name: End, request: GET /end}}]\n"
        (runner.workspace / f"scenarios/{name}.yaml").write_text(text)
        shop.on(f"GET /{name}", body={})
    shop.on("GET /end", body={})
    done = runner.use({"tags": "checkout or payment\nnot payment", "skip": "slow", "url": shop.url}, ("schedule", {}))  # fmt: skip
    assert (done.failed, done.outputs["verdict"]) == (False, "passed")
    assert shop.paths() == ["GET /a", "GET /end"]
    done = runner.use({"tags": "slow", "until": "Look", "url": shop.url}, ("schedule", {}))
    assert (done.failed, done.outputs["verdict"]) == (True, "no-verdict")
    assert shop.paths()[2:] == ["GET /b"]
    hostile = {"tags": "$(touch injected)", "skip": "order", "url": shop.url}
    assert runner.use(hostile, ("schedule", {})).outputs["exit-status"] == "2"
    assert not (runner.workspace / "injected").exists()


def test_where_no_scenario_changed_the_job_passes_and_claims_nothing(
    runner: Runner, shop: Shop, github: FakeGitHub
) -> None:
    git = ["git", "-C", str(runner.workspace), "-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]  # fmt: skip
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    asked = {"changed-since": "HEAD", "url": shop.url, "deployment-status": "true"}
    done = runner.use(asked, pull("a"))
    assert (done.failed, done.outputs["exit-status"], done.outputs["verdict"]) == (False, "0", "skipped")  # fmt: skip
    assert done.outputs["because"] == "nothing was run: no scenario changed"
    assert "nothing to run: of 1 scenario none changed since HEAD" in done.log
    dry = runner.use({"scenarios": "order", "args": "--dry-run", "url": shop.url}, pull("a"))
    assert (dry.failed, dry.outputs["because"]) == (False, "nothing was run")
    assert shop.seen == []
    assert github.comments == []
    order = runner.workspace / "scenarios/order.yaml"
    order.write_text(order.read_text() + "\n")
    done = runner.use(asked, pull("b"))
    assert (done.failed, done.outputs["verdict"]) == (False, "passed")
    assert len(github.comments) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scenarios": ""}, "names, paths or tags of scenarios are expected"),
        ({"scenarios": "order '--url=https://elsewhere.example'"}, "those stand in args"),
        ({"until": "Ordr"}, "did you mean 'Order'?"),
        ({"tags": "checkout and"}, "--tag"),
        ({"changed-since": "--output=x"}, "begins with no dash"),
        ({"secrets": "SHOP_KEY"}, "SHOP_KEY: the input secrets names it, and it has no value"),
        ({"args": "'"}, "the input args: no closing quotation"),
        ({"args": "--out=x"}, "--out is the action's own"),
        ({"comment": "sometimes"}, "expected one of always, failure, never"),
        ({"vercel-bypass": BYPASS}, "the input vercel-bypass needs a url"),
    ],
)
def test_inputs_that_are_none_are_told_before_anything_is_sent(
    runner: Runner, shop: Shop, asked: dict[str, str], said: str
) -> None:
    done = runner.use({"scenarios": "order"} | asked, ("schedule", {}))
    assert done.failed
    assert (done.outputs["exit-status"], done.outputs["verdict"]) == ("2", "invalid")
    assert f"::error title=smoke::{said}" in done.log or said in done.log
    assert shop.seen == []


def test_an_address_of_an_event_is_nothing_but_an_address(runner: Runner, shop: Shop) -> None:
    """Whoever can make a deployment writes it."""
    hostile = DEPLOYED["deployment_status"] | {
        "environment_url": "$(touch injected)\n--insecure --url=`touch injected`"
    }
    event = ("deployment_status", DEPLOYED | {"deployment_status": hostile})
    done = runner.use({"scenarios": "order", "vercel-bypass": BYPASS}, event)
    assert (done.outputs["exit-status"], done.outputs["verdict"]) == ("2", "invalid")
    assert not list(runner.workspace.glob("injected*"))
    assert shop.seen == []
