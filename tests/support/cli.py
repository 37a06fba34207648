"""Starts the installed `smoke` as a process, in a folder of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from smoke import system

NARROW_PLATFORM = Path(__file__).with_name("narrow_platform.py")
REPOSITORY = Path(__file__).resolve().parent.parent.parent


def narrow() -> bool:
    """Whether `smoke` runs where what only POSIX systems have is missing (`SMOKE_NARROW=1 pytest tests/e2e`)."""
    return os.environ.get("SMOKE_NARROW") == "1"


for_a_posix_shell = pytest.mark.skipif(
    narrow() or sys.platform == "win32", reason="what is printed there is for PowerShell"
)
with_its_own_server = pytest.mark.skipif(
    narrow() and system.is_root(),
    reason="PostgreSQL does not run as root, and there no account is changed to",
)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The test's environment without what would change smoke's output, and `extra`."""
    dropped = (
        "SMOKE_", "GITHUB_", "GITLAB_", "BUILDKITE", "TF_BUILD", "AGENT_", "NO_COLOR", "FORCE_COLOR", "COLUMNS",
        "PYTHONPATH",
    )  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONUTF8": "1", **(extra or {})}


def command(*arguments: str) -> list[str]:
    """How the installed smoke is started: the package that this interpreter imports, on a narrow platform if wanted."""
    start = [str(NARROW_PLATFORM)] if narrow() else ["-m", "smoke"]
    return [sys.executable, *start, *arguments]


def smoke(
    arguments: Sequence[str],
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float = 90,
) -> subprocess.CompletedProcess[str]:
    """A finished `smoke ARGUMENTS`, started in `folder`."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(env),
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, text_of(done.stdout), text_of(done.stderr)
    )


def text_of(output: bytes) -> str:
    """What a smoke wrote, its lines ended as Python writes them on any system."""
    text = output.decode()
    return text.replace("\r\n", "\n") if narrow() or sys.platform == "win32" else text
