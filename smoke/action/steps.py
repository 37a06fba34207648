"""What each step does, and what one hands to the next: a folder of its own for each use of the action in a job."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from smoke.action.event import Event, read_event, with_pulls
from smoke.action.github_api import ApiError, GitHub
from smoke.action.handed import Handed
from smoke.action.inputs import Inputs, read_inputs
from smoke.action.job import RunnerJob
from smoke.action.task import BYPASS, HISTORY, OUT, Task, history_key, make_task
from smoke.action.told import comment, deployment_status, is_idle, outputs
from smoke.cli.entry import main as command_line
from smoke.diagnostic import SmokeError
from smoke.model.status import ExitStatus
from smoke.report.github import sentence

_LOOKED_UP = ("deployment_status", "workflow_run", "repository_dispatch")
"""Events that name a commit and mostly no pull request."""
_CLEAN_UP_TIME = "3m"
"""A cancelled job has five minutes for its last steps."""


def prepare(job: RunnerJob) -> int:
    """Decide what to do, and set `run`, and what the steps behind this one need."""
    try:
        inputs = read_inputs(job.variables)
        event = _event(job)
        handed = Handed.new(job.variables)
        folder = handed.folder.as_posix()
        task = make_task(inputs, event, folder, job.variables, _project_target())
        if not task.skip:
            _need(inputs, job)
    except SmokeError as error:
        for each in error.diagnostics:
            job.say("error", "; ".join((each.message, *(note.message for note in each.notes))))
        job.put({"run": "false", "exit-status": str(int(ExitStatus.USAGE)), "verdict": "invalid"})
        return ExitStatus.USAGE
    if task.skip:
        return _skip(job, task.skip)
    for notice in task.notices:
        job.say("notice", notice)
    handed.begin(task)
    key, begin = history_key(event, job.variables)
    told = {
        "run": "true",
        "folder": str(handed.folder),
        "history-key": key if inputs.history else "",
        "history-begin": begin,
        "history-path": job.below_workspace(HISTORY),
        "artifact": task.artifact,
        "evidence": "\n".join(_evidence(job, task)),
    }
    job.put(told)
    return 0


def _skip(job: RunnerJob, why: str) -> int:
    job.say("notice", f"nothing was ordered: {why}")
    job.summarize(f"## smoke: ⚪ skipped\n\nNothing was ordered: {sentence(why)}.\n")
    job.put({"run": "false", "verdict": "skipped", "because": why})
    return 0


def _project_target() -> str:
    """The target that smoke.toml names; what is wrong with the file, smoke says itself."""
    try:
        found = tomllib.loads(Path("smoke.toml").read_text(encoding="utf-8")).get("target")
    except (OSError, ValueError):
        return ""
    return found if isinstance(found, str) else ""


def _need(inputs: Inputs, job: RunnerJob) -> None:
    missing = [name for name in inputs.secrets if not job.variables.get(name)]
    if missing:
        raise SmokeError.of(
            "missing-environment",
            f"{', '.join(missing)}: the input secrets names it, and it has no value",
            notes=["set it under env: of the step that uses the action"],
        )


def _evidence(job: RunnerJob, task: Task) -> list[str]:
    paths = (f"{OUT}/", task.targets[0], *task.reports)
    return [job.below_workspace(path) for path in paths if path]


def _event(job: RunnerJob) -> Event:
    name = job.variables.get("GITHUB_EVENT_NAME", "")
    try:
        payload = json.loads(Path(job.variables["GITHUB_EVENT_PATH"]).read_bytes())
    except (KeyError, OSError, ValueError) as error:
        raise SmokeError.of("bad-option", "the event of this job cannot be read") from error
    event = read_event(name, payload, job.variables)
    if name in _LOOKED_UP and event.sha and not event.pull and not event.ours:
        try:
            return with_pulls(event, _api(job, event).pulls_of(event.sha))
        except ApiError as error:
            job.say("notice", f"which pull request this is of is not known: {error}")
    return event


def _api(job: RunnerJob, event: Event) -> GitHub:
    address = job.variables.get("GITHUB_API_URL") or "https://api.github.com"
    return GitHub(address, event.repository, job.variables.get("INPUT_TOKEN", ""))


def run(job: RunnerJob) -> int:
    """Be `smoke run …`, and keep its exit status for the steps behind."""
    handed = Handed.named(job.variables)
    handed.note_before()
    status = _carry_out(handed.task().arguments)
    handed.ended(status)
    return status


def clean_up(job: RunnerJob) -> int:
    """Remove orders that the run left: a process that was killed has them in its journal. Never fails the job.

    Of a run that ended by itself these are orders whose removal failed; where an id is not known it would fail again.
    """
    handed = Handed.named(job.variables)
    found = handed.run()
    known = handed.how_it_ended().status in (0, 1, 3)
    orders = found.run().orders_left_behind if found is not None else ()
    if found is None or not any(order.order_id or not known for order in orders):
        return 0
    words = ("teardown", found.run_id, f"--out={OUT}", f"--max-time={_CLEAN_UP_TIME}")
    if _carry_out(words) != 0:
        job.say("warning", "orders were left behind: see the summary, and smoke orders --left")
    return 0


def tell(job: RunnerJob) -> int:
    """Set the outputs; write the comment and the status of the deployment. What GitHub does not take is a warning."""
    handed = Handed.named(job.variables)
    task, found, ended = handed.task(), handed.run(), handed.how_it_ended()
    event, api = task.event, _api(job, task.event)
    where = "" if found is None else Path(os.path.relpath(found.folder)).as_posix()
    told = outputs(ended) | {"run-folder": where, "comment": ""}
    links = {"job": job.address, "evidence": job.variables.get("ARTIFACT_URL", "")}

    def write_comment() -> None:
        body = comment(ended, found, task.mark, links, event.sha)
        only_update = task.comment == "failure" and ended.status == 0
        told["comment"] = api.comment(event.pull, task.mark, body, only_update=only_update)

    def write_status() -> None:
        status = deployment_status(ended, event.environment, job.address)
        api.set_deployment_status(event.deployment, status)

    idle = is_idle(ended)
    if task.comment != "never" and event.pull and not idle:
        _try(job, write_comment, "the comment was not written", "pull-requests: write")
    if task.deployment_status and not idle:
        _try(job, write_status, "the deployment has no status of smoke", "deployments: write")
    job.put(told)
    handed.mark_told()
    return 0


def left(job: RunnerJob) -> int:
    """Clean up after runs of this job that were cancelled, and say where their evidence lies."""
    evidence: list[str] = []
    name = ""
    for handed in Handed.untold(job.variables):
        os.chdir(handed.place())
        clean_up(job.inside(handed.folder))
        task = handed.task()
        name = name or task.artifact
        evidence += _evidence(job, task)
    job.put({"artifact": name, "evidence": "\n".join(dict.fromkeys(evidence))})
    return 0


def tell_left(job: RunnerJob) -> int:
    """Tell of runs of this job that were cancelled, as is told of others."""
    for handed in Handed.untold(job.variables):
        os.chdir(handed.place())
        tell(job.inside(handed.folder))
    return 0


def _try(job: RunnerJob, write: Callable[[], None], lost: str, permission: str) -> None:
    try:
        write()
    except ApiError as error:
        needs = f"; the job needs permissions: {permission}" if error.status in (403, 404) else ""
        job.say("warning", f"{lost}: {error}{needs}")


def _carry_out(arguments: tuple[str, ...]) -> int:
    """Be the command line with these arguments; its exit status."""
    bypass = os.environ.pop("INPUT_VERCEL_BYPASS", "")
    if bypass:
        os.environ[BYPASS] = bypass
    sys.argv = ["smoke", *arguments]
    try:
        command_line()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
