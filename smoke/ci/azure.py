"""Azure Pipelines: problems in the job's list of issues, the run's summary on its page, secrets masked in the log.

Logging commands as the agent reads them (learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands):
`##vso[area.action key=value;…]message`, with `%AZP25`, `%0D`, `%0A`, and in properties `%3B` and `%5D`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex

from smoke.ci import Job
from smoke.facts.issues import Issue, issues
from smoke.model.run import Run
from smoke.text import safe, safe_line, shorten, without_commands

_LONGEST = 4000


def detect(environment: Mapping[str, str]) -> bool:
    """A job of Azure Pipelines."""
    return environment.get("TF_BUILD", "").lower() == "true"


def finish(run: Run, job: Job) -> Iterator[str]:
    """The issues; a summary for the run's page. Raises OSError when that cannot be written."""
    for each in issues(run):
        yield issue(each)
    if job.environment.get("AGENT_TEMPDIRECTORY"):
        from smoke.report.github import job_summary

        yield from _summary(f"smoke-{run.id}.md", job_summary(run, job.evidence), job.environment)


def page(markdown: str, environment: Mapping[str, str]) -> Iterator[str]:
    """A summary for the run's page. Raises OSError when that cannot be written."""
    yield from _summary(f"smoke-{token_hex(8)}.md", markdown, environment)


def _summary(name: str, text: str, environment: Mapping[str, str]) -> Iterator[str]:
    folder = environment.get("AGENT_TEMPDIRECTORY")
    if folder:
        # it is read when the task ends, and the agent empties this folder behind each job
        path = Path(folder).absolute() / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(text.encode())
        yield f"##vso[task.uploadsummary]{_data(str(path))}"


def issue(problem: Issue) -> str:
    """The command that lists a problem; the agent knows errors and warnings."""
    given: dict[str, str | int] = {
        "type": "error" if problem.level == "error" else "warning",
        "sourcepath": problem.file,
        "linenumber": problem.line,
        "columnnumber": problem.column,
    }
    properties = "".join(f"{key}={_property(str(value))};" for key, value in given.items() if value)
    text = f"{problem.title}: {problem.message}"
    return (
        f"##vso[task.logissue {properties}]{_data(without_commands(shorten(safe(text), _LONGEST)))}"
    )


def hide(value: str) -> Iterator[str]:
    """The commands that mask a secret, line by line."""
    for line in value.splitlines():
        if line.strip():
            yield f"##vso[task.setsecret]{_data(line)}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    escaped = _data(without_commands(shorten(safe_line(text), 500)))
    return escaped.replace(";", "%3B").replace("]", "%5D")
