"""Buildkite: the run's summary as an annotation of the build, through the job's `buildkite-agent`.

`buildkite-agent annotate` (buildkite.com/docs/agent/cli/reference/annotate) takes Markdown of at most 1 MiB.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

from smoke.ci import Job
from smoke.facts.issues import issues
from smoke.model.run import Outcome, Run
from smoke.text import safe_line, shorten

_SECONDS = 30
_STYLES = {Outcome.PASSED: "success", Outcome.FAILED: "error"}


def detect(environment: Mapping[str, str]) -> bool:
    """A job of Buildkite."""
    return environment.get("BUILDKITE") == "true"


def finish(run: Run, job: Job) -> list[str]:
    """Annotate the build; without an agent on PATH there is no way. Raises OSError when the agent does not take it."""
    agent = shutil.which("buildkite-agent", path=job.environment.get("PATH"))
    if agent is None:
        return []
    from smoke.report.github import job_summary

    style = _STYLES.get(run.outcome, "warning")
    if style == "success" and issues(run):
        style = "warning"
    try:
        done = subprocess.run(  # noqa: S603  (the agent of this job; the run is on its standard input only)
            # a context of its own: the annotation of another run in this build stays
            [agent, "annotate", "--style", style, "--context", f"smoke-{run.id}"],
            input=job_summary(run, job.evidence).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise OSError(0, f"buildkite-agent did not end within {_SECONDS} s") from late
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or "nothing"
        raise OSError(
            0, f"buildkite-agent ended with {done.returncode}: {safe_line(shorten(said, 300))}"
        )
    return []
