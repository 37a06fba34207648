"""For which events the GitHub Action orders, where, and of which build: a case for each kind of payload."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.action.event import read_event, with_pulls
from smoke.action.inputs import Inputs
from smoke.action.task import history_key, make_task, reason_to_skip

HERE = {"GITHUB_REPOSITORY": "shop/storefront", "GITHUB_SHA": "of-the-job", "GITHUB_JOB": "checkout"}  # fmt: skip
ASKED = Inputs(scenarios=("order",), environments=("Production*", "staging"))
OWN = {"full_name": "Shop/Storefront"}
OTHER = {"full_name": "mallory/storefront"}


def deployed(**status: Any) -> dict[str, Any]:
    told = {"state": "success", "environment": "Production", "environment_url": "https://d.example"}
    return {
        "deployment": {"id": 3, "sha": "deployed"},
        "deployment_status": {**told, **status},
    }


def vercel(kind: str, environment: str = "production") -> dict[str, Any]:
    sent = {"environment": environment, "url": "https://v.example", "git": {"sha": "built"}}
    return {"action": f"vercel.deployment.{kind}", "client_payload": sent}


@pytest.mark.parametrize(
    ("name", "payload", "skipped"),
    [
        ("deployment_status", deployed(), ""),
        ("deployment_status", deployed(environment="PRODUCTION – shop"), ""),
        ("deployment_status", deployed(environment="Staging"), ""),
        ("deployment_status", deployed(environment="Preview"), "the environment 'Preview' is none"),
        ("deployment_status", deployed(environment="Staging 2"), "the environment 'Staging 2'"),
        ("deployment_status", deployed(state="failure"), "the deployment ended as 'failure'"),
        ("deployment_status", deployed(description="smoke: passed: x"), "smoke's own"),
        ("repository_dispatch", vercel("success"), ""),
        ("repository_dispatch", vercel("promoted"), ""),
        ("repository_dispatch", vercel("error"), "ended as 'error'"),
        ("repository_dispatch", vercel("success", "preview"), "the environment 'preview'"),
        ("repository_dispatch", {"action": "of-ours", "client_payload": {"url": "x"}}, ""),
        ("workflow_run", {"workflow_run": {"conclusion": "success", "head_repository": OWN}}, ""),
        (
            "workflow_run",
            {"workflow_run": {"conclusion": "cancelled", "head_repository": OWN}},
            "the workflow ended as 'cancelled'",
        ),
        ("schedule", {}, ""),
        ("workflow_dispatch", {"inputs": {}}, ""),
        ("push", [], ""),
    ],
)
def test_what_is_ordered_for(name: str, payload: Any, skipped: str) -> None:
    said = reason_to_skip(ASKED, read_event(name, payload, HERE))
    assert said.startswith(skipped) if not skipped else skipped in said


@pytest.mark.parametrize(
    ("name", "payload", "fork"),
    [
        ("pull_request", {"pull_request": {"number": 7, "head": {"repo": OWN}}}, ""),
        ("pull_request", {"pull_request": {"number": 7, "head": {"repo": OTHER}}}, OTHER["full_name"]),
        ("pull_request_target", {"pull_request": {"head": {"repo": OTHER}}}, OTHER["full_name"]),
        ("pull_request", {"pull_request": {"head": {"repo": None}}}, "a deleted repository"),
        ("workflow_run", {"workflow_run": {"head_repository": OTHER}}, OTHER["full_name"]),
        ("deployment_status", deployed(), ""),
    ],
)  # fmt: skip
def test_whose_commit_it_is(name: str, payload: Any, fork: str) -> None:
    event = read_event(name, payload, HERE)
    assert event.fork == fork
    secret = Inputs(scenarios=("order",), environments=("*",), secrets=("KEY",))
    assert ("gets no secrets" in reason_to_skip(secret, event)) == bool(fork)
    plain = Inputs(scenarios=("order",), environments=("*",))
    assert reason_to_skip(plain, event) == ""
    assert (make_task(plain, event, "f", HERE).comment == "never") == bool(fork)


def test_a_deployment_is_of_the_open_pull_request_of_its_commit() -> None:
    event = read_event("deployment_status", deployed(), HERE)
    closed = {"number": 4, "state": "closed", "head": {"repo": OTHER}}
    for nothing in ([], None, {"message": "no"}, [closed], [{"state": "open"}]):
        assert with_pulls(event, nothing) == event
    found = with_pulls(event, [closed, {"number": 5, "state": "open", "head": {"repo": OTHER}}])
    assert (found.pull, found.fork) == (5, OTHER["full_name"])


@pytest.mark.parametrize(
    ("name", "payload", "given"),
    [
        ("deployment_status", deployed(), ["--url=https://d.example", "--target=production", "--build=deployed"]),
        ("repository_dispatch", vercel("success"), ["--url=https://v.example", "--build=built"]),
        ("workflow_run", {"workflow_run": {"head_sha": "theirs", "head_repository": OWN}}, ["--build=theirs"]),
        ("push", {}, ["--build=of-the-job"]),
    ],
)  # fmt: skip
def test_where_and_which_build(name: str, payload: Any, given: list[str]) -> None:
    task = make_task(ASKED, read_event(name, payload, HERE), "f", HERE)
    assert set(given) <= set(task.arguments)


def test_of_a_schedule_nobody_knows_the_build() -> None:
    task = make_task(ASKED, read_event("schedule", {}, HERE), "f", HERE)
    assert not [word for word in task.arguments if word.startswith(("--build", "--target", "--url"))]  # fmt: skip


def test_the_targets_of_the_project_go_before_one_of_ours() -> None:
    event = read_event("deployment_status", deployed(), HERE)
    for task in (
        make_task(ASKED, event, "f", HERE, "production"),
        make_task(Inputs(("order",), target="eu", environments=("*",)), event, "f", HERE),
        make_task(Inputs(("order",), url="https://own.example", environments=("*",)), event, "f", HERE),
    ):  # fmt: skip
        assert task.targets == ("", "")
        assert not [word for word in task.arguments if word.startswith("--targets=")]


def test_a_build_is_waited_for_where_its_answer_tells_it() -> None:
    asked = Inputs(("order",), version_from="json:$.version", environments=("*",), history=False)
    task = make_task(asked, read_event("deployment_status", deployed(), HERE), "f", HERE)
    assert "--expect-version=deployed" in task.arguments
    assert not [word for word in task.arguments if word.startswith(("--build", "--verdict"))]


def test_what_is_in_a_payload_is_text_or_nothing() -> None:
    payloads: list[Any] = [None, [], "x", {"deployment_status": 3, "deployment": {"id": True, "sha": ["x"]}}]  # fmt: skip
    for payload in payloads:
        event = read_event("deployment_status", payload, HERE)
        assert (event.sha, event.url, event.deployment) == ("of-the-job", "", 0)


def test_the_history_of_an_environment_is_found_by_how_its_key_begins() -> None:
    event = read_event("deployment_status", deployed(environment="Préview – eu/1, x"), HERE)
    key, begin = history_key(event, {**HERE, "GITHUB_RUN_ID": "9", "GITHUB_RUN_ATTEMPT": "2"})
    assert key == "smoke-history-pr-view-eu-1-x-9-2-checkout"
    assert key.startswith(begin)
    assert "," not in key
