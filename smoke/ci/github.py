"""GitHub Actions: annotations on the lines of the scenario, the job summary, secrets masked in the log.

Workflow commands as the runner reads them: `%`, CR and LF are escaped in the message; in properties also `:` and `,`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from smoke.ci import Job
from smoke.facts.issues import Issue, issues
from smoke.model.run import Run
from smoke.text import safe, safe_line, shorten, without_commands

_LONGEST = 4000


def detect(environment: Mapping[str, str]) -> bool:
    """A job of GitHub Actions, or of what speaks its commands (Gitea, Forgejo)."""
    return environment.get("GITHUB_ACTIONS") == "true"


def finish(run: Run, job: Job) -> list[str]:
    """The annotations; a summary is added to the job's page. Raises OSError when that cannot be written."""
    if job.environment.get("GITHUB_STEP_SUMMARY"):
        from smoke.report.github import job_summary

        page(job_summary(run, job.evidence), job.environment)
    return [issue(each) for each in issues(run)]


def page(markdown: str, environment: Mapping[str, str]) -> list[str]:
    """Add a text to the job's summary. Raises OSError when that cannot be written."""
    path = environment.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as out:
            out.write(markdown)
    return []


def issue(problem: Issue) -> str:
    """The workflow command that puts a problem on its line."""
    properties: dict[str, str | int] = {
        "file": problem.file,
        "line": problem.line,
        "col": problem.column,
        "endColumn": problem.end_column,
        "title": problem.title,
    }
    return command(problem.level, problem.message, properties)


def hide(value: str) -> Iterator[str]:
    """The commands that mask a secret, line by line."""
    for line in value.splitlines():
        if line.strip():
            escaped = line.replace("%", "%25").replace("\r", "%0D")
            yield f"::add-mask::{escaped}"


def command(name: str, message: str, properties: Mapping[str, str | int] | None = None) -> str:
    """One line `::name key=value,…::message`. Foreign text is made safe and cannot end or add anything."""
    given = ",".join(
        f"{key}={_property(str(value))}" for key, value in (properties or {}).items() if value
    )
    return f"::{name}{' ' if given else ''}{given}::{_data(without_commands(shorten(safe(message), _LONGEST)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return (
        _data(without_commands(shorten(safe_line(text), 500)))
        .replace(":", "%3A")
        .replace(",", "%2C")
    )
