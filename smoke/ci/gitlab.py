"""GitLab CI: what went wrong in a section of the job's log, and how its test report is had.

Sections as GitLab reads them (docs.gitlab.com/ci/jobs/job_logs): `section_start:TIME:NAME`, CR, `ESC[0K`, the heading.
GitLab shows no problem on its line but from a JUnit report (`artifacts:reports:junit`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from smoke.ci import Job
from smoke.facts.issues import Issue, issues
from smoke.model.run import Run
from smoke.text import plural, safe, safe_line, shorten, without_commands

_NAME = "smoke_problems"
_CLEAR = "\r\x1b[0K"
_LONGEST = 4000


def detect(environment: Mapping[str, str]) -> bool:
    """A job of GitLab CI."""
    return environment.get("GITLAB_CI") == "true"


def finish(run: Run, job: Job) -> Iterator[str]:
    """Nothing when all went well; else the problems as a section, and without a JUnit report how to have one."""
    found = issues(run)
    if not found:
        return
    heading = f"smoke: {plural(len(found), 'problem')}"
    yield f"\x1b[0Ksection_start:{int(time.time())}:{_NAME}{_CLEAR}{heading}"
    for each in found:
        yield issue(each)
    if not any(name == "junit" for name, _ in job.reports):
        yield (
            "For the merge request's test report: --report junit=smoke-junit.xml, and in .gitlab-ci.yml"
            " artifacts: {when: always, reports: {junit: smoke-junit.xml}}"
        )
    yield f"\x1b[0Ksection_end:{int(time.time())}:{_NAME}{_CLEAR}"


def issue(problem: Issue) -> str:
    """A problem in lines of text: safe text holds no ESC and no CR, so that no marker of a section can be in it."""
    place = f"{problem.file}:{problem.line}: " if problem.file else ""
    head = safe_line(f"{place}{problem.level}: {problem.title}")
    text = safe(shorten(problem.message, _LONGEST)).replace("\n", "\n  ")
    return without_commands(f"{shorten(head, 500)}\n  {text}")
