"""What happened on GitHub that the job runs for: which deployment, which commit, whose pull request. Pure.

Payloads are as GitHub documents them (docs.github.com, "Events that trigger workflows" and "Webhook events and
payloads"); `repository_dispatch` is that of Vercel ("Trigger GitHub Actions": `vercel.deployment.…`). Every text in
them may be somebody else's, and none is believed to have the type that it should have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

OURS = "smoke: "
"""How the description of a deployment status of our own begins: it starts no run of its own."""


class Event(Struct, frozen=True):
    """What a job knows of what it was started for; empty where the event does not say it."""

    name: str = ""
    repository: str = ""
    """The repository of the job, OWNER/NAME."""
    sha: str = ""
    environment: str = ""
    """Of a deployment: its environment, such as Production."""
    url: str = ""
    """Where the deployment is."""
    state: str = ""
    """How the deployment, or the workflow before this one, ended."""
    deployment: int = 0
    """The deployment's number."""
    pull: int = 0
    """The number of the pull request."""
    fork: str = ""
    """The repository that the commit comes from, where that is another one."""
    ours: bool = False
    """Whether it is our own deployment status that is told."""


def read_event(name: str, payload: Any, variables: Mapping[str, str]) -> Event:
    """The event of a job: its payload, and beside it the variables of GitHub."""
    known = Event(name, variables.get("GITHUB_REPOSITORY", ""), variables.get("GITHUB_SHA", ""))
    read = _READ.get(name.removesuffix("_target"))
    return read(known, payload) if read is not None else known


def _deployment_status(known: Event, payload: Any) -> Event:
    status = _part(payload, "deployment_status")
    return structs.replace(
        known,
        sha=_text(payload, "deployment", "sha") or known.sha,
        environment=_text(status, "environment") or _text(payload, "deployment", "environment"),
        url=_text(status, "environment_url") or _text(status, "target_url"),
        state=_text(status, "state"),
        deployment=_number(payload, "deployment", "id"),
        ours=_text(status, "description").startswith(OURS),
    )


def _pull_request(known: Event, payload: Any) -> Event:
    pull = _part(payload, "pull_request")
    return structs.replace(
        known,
        sha=_text(pull, "head", "sha") or known.sha,
        pull=_number(pull, "number"),
        fork=_fork(known, pull, "head", "repo"),
    )


def _workflow_run(known: Event, payload: Any) -> Event:
    run = _part(payload, "workflow_run")
    pulls = _part(run, "pull_requests")
    return structs.replace(
        known,
        sha=_text(run, "head_sha") or known.sha,
        state=_text(run, "conclusion"),
        pull=_number(pulls[0], "number") if isinstance(pulls, list) and pulls else 0,
        fork=_fork(known, run, "head_repository"),
    )


def _repository_dispatch(known: Event, payload: Any) -> Event:
    action, sent = _text(payload, "action"), _part(payload, "client_payload")
    if not action.startswith("vercel.deployment."):
        return known
    ended = action.rpartition(".")[2]
    return structs.replace(
        known,
        sha=_text(sent, "git", "sha") or known.sha,
        environment=_text(sent, "environment"),
        url=_text(sent, "url"),
        state="success" if ended in ("ready", "success", "promoted") else ended,
    )


_READ = {
    "deployment_status": _deployment_status,
    "pull_request": _pull_request,
    "workflow_run": _workflow_run,
    "repository_dispatch": _repository_dispatch,
}


def with_pulls(event: Event, answer: Any) -> Event:
    """An event of a commit with the open pull request that GitHub names for it (`/commits/SHA/pulls`), if there is one."""
    for pull in answer if isinstance(answer, list) else ():
        if _text(pull, "state") == "open" and _number(pull, "number"):
            fork = _fork(event, pull, "head", "repo")
            return structs.replace(event, pull=_number(pull, "number"), fork=event.fork or fork)
    return event


def _fork(known: Event, value: Any, *keys: str) -> str:
    """The repository a commit comes from, where that is not the job's own; a deleted one is another, too."""
    named = _text(value, *keys, "full_name") or "a deleted repository"
    return "" if named.casefold() == known.repository.casefold() else named


def _part(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any, *keys: str) -> str:
    found = _part(value, *keys)
    return found if isinstance(found, str) else ""


def _number(value: Any, *keys: str) -> int:
    found = _part(value, *keys)
    return found if type(found) is int and found > 0 else 0
