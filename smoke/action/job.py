"""The job that the action runs in: the files that its runner reads, the lines that it understands."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from smoke.ci.github import command
from smoke.text import safe_line


class RunnerJob:
    """The runner of a job, by its variables."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def put(self, values: Mapping[str, str]) -> None:
        """Set outputs of this step. A delimiter that nobody can guess keeps a value from ending, or adding one."""
        end = f"end-{secrets.token_hex(16)}"
        lines = [f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items()]
        self._add("GITHUB_OUTPUT", "".join(lines))

    def summarize(self, text: str) -> None:
        """Add Markdown to the job's page."""
        self._add("GITHUB_STEP_SUMMARY", text)

    def say(self, level: str, text: str) -> None:
        """An annotation without a place: `notice`, `warning` or `error`."""
        line = command(level, safe_line(text), {"title": "smoke"}) + "\n"
        sys.stdout.flush()
        # GitHub reads UTF-8; on Windows a pipe would be in a code page, which lacks most of what a name may hold
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()

    def _add(self, name: str, text: str) -> None:
        path = self.variables.get(name)
        if path:
            with Path(path).open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as out:  # fmt: skip
                out.write(text)

    def inside(self, folder: Path) -> RunnerJob:
        """The same job, for a step that another use of the action left."""
        return RunnerJob({**self.variables, "ACTION_FOLDER": str(folder)})

    def below_workspace(self, path: str) -> str:
        """A path of the working directory as other actions take it: from the workspace."""
        workspace = self.variables.get("GITHUB_WORKSPACE") or "."
        return Path(os.path.relpath(Path(path).absolute(), workspace)).as_posix()

    @property
    def address(self) -> str:
        """The page of this run of the workflow."""
        server, repository, run = (
            self.variables.get(f"GITHUB_{name}", "")
            for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")
        )
        return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
