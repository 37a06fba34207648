"""Whether a job is to order anything, and with which command line. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from msgspec import Struct

from smoke.action.event import Event
from smoke.action.inputs import Inputs, report_paths
from smoke.diagnostic import SmokeError
from smoke.text import safe_line

OUT = ".smoke/runs"
HISTORY = ".smoke/history.db"
BYPASS = "VERCEL_BYPASS"
"""The variable that holds the secret of Vercel's protection bypass for the run."""
OF_A_BUILD = frozenset(
    {"deployment_status", "pull_request", "push", "repository_dispatch", "workflow_run"}
)
"""Events whose commit is the one that is deployed."""
VERDICT = "verdict.json"
"""What the history says of the run, in the action's folder."""


class Task(Struct, frozen=True):
    """What is to be done. `skip` says why nothing is; `notices` what a reader of the job has to know.

    `artifact` and `evidence` are the name and the paths of what is kept, `mark` is what a comment of ours is known by.
    """

    skip: str = ""
    arguments: tuple[str, ...] = ()
    targets: tuple[str, str] = ("", "")
    """Path and text of a targets file of our own, kept with the evidence; empty where none is needed."""
    reports: tuple[str, ...] = ()
    artifact: str = ""
    mark: str = ""
    event: Event = Event()
    comment: str = "never"
    deployment_status: bool = False
    notices: tuple[str, ...] = ()


def make_task(
    inputs: Inputs,
    event: Event,
    folder: str,
    variables: Mapping[str, str],
    project_target: str = "",
) -> Task:
    """What to do for an event, in a job with these variables.

    `folder` is the action's own, for what it hands from step to step; `project_target` is the target that smoke.toml names.
    """
    skip = reason_to_skip(inputs, event)
    if skip:
        return Task(skip=skip, event=event)
    notices = []
    comment = inputs.comment
    if event.fork and comment != "never":
        comment = "never"
        notices.append(
            f"the pull request comes from {event.fork}: no comment, its token may not write"
        )
    own = _own_target(inputs, event, project_target)
    return Task(
        arguments=_arguments(inputs, event, folder, own),
        targets=_targets(own, inputs.url or event.url, inputs.vercel_bypass) if own else ("", ""),
        reports=report_paths(inputs.reports),
        artifact=_artifact(inputs, variables, folder),
        mark=_mark(event, variables),
        event=event,
        comment=comment,
        deployment_status=inputs.deployment_status and event.deployment > 0,
        notices=tuple(notices),
    )


def reason_to_skip(inputs: Inputs, event: Event) -> str:
    """Why nothing is ordered for this event; empty where it is to be."""
    if event.ours:
        return "this deployment status is smoke's own"
    if event.state not in ("", "success"):
        what = "workflow" if event.name == "workflow_run" else "deployment"
        return f"the {what} ended as '{event.state}'"
    if event.environment and not _matches(event.environment, inputs.environments):
        wanted = ", ".join(inputs.environments) or "none"
        return f"the environment '{event.environment}' is none of those to be tested ({wanted})"
    if event.fork and (inputs.secrets or inputs.vercel_bypass):
        return f"the commit comes from {event.fork}, a fork, which gets no secrets"
    return ""


def _matches(environment: str, patterns: tuple[str, ...]) -> bool:
    name = environment.casefold()
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns)


def _own_target(inputs: Inputs, event: Event, project_target: str) -> str:
    """The name of a target of our own; empty where none is wanted.

    It carries Vercel's header, since one of the command line may hold no secret; and it makes one target, for the
    history, of deployments that have an address each.
    """
    if inputs.target:
        return ""
    moves = bool(event.url) and not inputs.url and not project_target
    return slug(event.environment or "deployment") if moves or inputs.vercel_bypass else ""


def _arguments(inputs: Inputs, event: Event, folder: str, own: str) -> tuple[str, ...]:
    version = inputs.version
    if inputs.version_from and not version:
        version = event.sha
    values = {
        # a URL of an event is somebody else's text: behind `=` it can be nothing but a value
        "--url": inputs.url or event.url,
        "--target": own or inputs.target,
        "--targets": targets_path(own) if own else inputs.targets,
        "--ready": inputs.ready,
        "--ready-timeout": inputs.ready_timeout,
        "--expect-version": version,
        "--version-from": inputs.version_from,
        "--max-time": inputs.max_time,
        "--workers": inputs.workers,
        "--against": inputs.against,
        "--fail-on": inputs.fail_on,
        "--known-failures": inputs.known_failures,
        "--changed-since": inputs.changed_since,
        "--until": inputs.until,
        **_remembered(inputs, event, folder, version),
    }
    given = [f"{name}={value}" for name, value in values.items() if value]
    reports = [f"--report={report}" for report in inputs.reports]
    chosen = [f"--tag={each}" for each in inputs.tags] + [f"--skip={each}" for each in inputs.skip]
    return ("run", *inputs.scenarios, f"--out={OUT}", *chosen, *given, *reports, *inputs.args)


def _remembered(inputs: Inputs, event: Event, folder: str, version: str) -> dict[str, str]:
    """What the history needs: a file that outlives the job, the build, and a place for its verdict."""
    elsewhere = any(word.partition("=")[0] == "--history" for word in inputs.args)
    build = "" if version or event.name not in OF_A_BUILD else event.sha
    if not inputs.history and not elsewhere:
        return {"--build": build}
    return {
        "--history": "" if elsewhere else HISTORY,
        "--build": build,
        "--verdict": f"{folder}/{VERDICT}",
    }


def targets_path(name: str) -> str:
    """Where our own targets file lies: commands that are printed name it, and find it where the artifact was unpacked."""
    return f".smoke/target-{name}.yaml"


def _targets(name: str, url: str, bypass: bool) -> tuple[str, str]:
    """A targets file with that target: path and text."""
    if not url:
        raise SmokeError.of(
            "bad-option",
            "the input vercel-bypass needs a url",
            notes=["with a target, the header stands there: smoke explain auth-wall"],
        )
    text = f"targets:\n  {name}:\n    url: {_quoted(url)}\n"
    if bypass:
        text += (
            f"    secrets: [{BYPASS}]\n"
            f'    headers: {{x-vercel-protection-bypass: "{{{{ secrets.{BYPASS} }}}}"}}\n'
        )
    return targets_path(name), text


def _quoted(text: str) -> str:
    """A text as YAML's and as a template's own: whoever set the URL fills in nothing."""
    return "'" + safe_line(text).replace("'", "''").replace("{", "%7B") + "'"


def history_key(event: Event, variables: Mapping[str, str]) -> tuple[str, str]:
    """The key under which this attempt keeps the history in GitHub's cache, and the beginning of those before it."""
    begin = f"smoke-history-{slug(event.environment or 'all')}-"
    run = "-".join(variables.get(f"GITHUB_RUN_{part}", "0") for part in ("ID", "ATTEMPT"))
    return f"{begin}{run}-{slug(variables.get('GITHUB_JOB', 'job'))}", begin


def _artifact(inputs: Inputs, variables: Mapping[str, str], folder: str) -> str:
    """A name that no other use of the action in this run has: GitHub refuses a second artifact of a name."""
    attempt = variables.get("GITHUB_RUN_ATTEMPT", "1")
    unique = hashlib.sha256(folder.encode()).hexdigest()[:8]
    job = slug(variables.get("GITHUB_JOB", "job"))
    return f"{slug(inputs.artifact)}-{job}-{attempt}-{unique}"


def _mark(event: Event, variables: Mapping[str, str]) -> str:
    """What is hidden in a comment, by which the next run of this job knows it: one comment a job and environment."""
    parts = (
        *(variables.get(name, "") for name in ("GITHUB_WORKFLOW", "GITHUB_JOB")),
        event.environment,
    )
    return f"<!-- checkout-smoke {hashlib.sha256(repr(parts).encode()).hexdigest()[:16]} -->"


def slug(text: str) -> str:
    """A text as part of a name that GitHub takes for keys and artifacts."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text)[:60].strip("-").lower() or "x"
