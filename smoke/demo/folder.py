"""The server's folder under the temporary folder: made, locked while somebody uses it, swept when nobody does.

```
smokepg-XXXXXXXX/    ours; 0700, or 0711 when the server runs as another account and has to pass through
  lock               locked (flock) by the demo and its watchdog: the kernel frees it when both are gone
  server/            the server account's, 0700: data, socket, log
  pg/                a copy of the binaries, where the account could not reach the installed ones
```
A free lock is the proof of death, which a stored process id is not: numbers are used again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from smoke import system
from smoke.demo.account import Account, cannot_change_account
from smoke.demo.reach import SOCKET
from smoke.diagnostic import SmokeError

PREFIX = "smokepg-"
SOCKET_LIMIT = 103
"""Bytes that a Unix socket's path may have on macOS; Linux takes four more (`sun_path` in sys/un.h)."""

_REFUSALS = frozenset({errno.EPERM, errno.EACCES, errno.EINVAL})
"""What `chown` says to a root that is none: without the capability, or in a namespace that has no such account."""
PATIENCE = 5.0
"""Seconds that an orphaned server gets to shut down."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is ours while `lock` is open."""

    path: Path
    lock: int

    @property
    def server(self) -> Path:
        return self.path / "server"


def base_folder() -> Path:
    """`/tmp` where it can be used: the path of a Unix socket holds 103 bytes on macOS, and $TMPDIR is long there."""
    if not system.UNIX_SOCKETS:
        return Path(tempfile.gettempdir())
    short = Path("/tmp")  # noqa: S108  (mkdtemp makes an unguessable 0700 folder in it)
    return short if os.access(short, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def make_folder(account: Account | None, base: Path | None = None) -> Folder:
    """A new folder, locked; SmokeError where it cannot be made, or not be given to the account."""
    try:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base or base_folder()))
    except OSError as error:
        raise unusable(base or base_folder(), error) from error
    server = path / "server"
    if system.UNIX_SOCKETS and len(os.fsencode(server / SOCKET)) > SOCKET_LIMIT:
        path.rmdir()
        raise SmokeError.of(
            "demo-socket-path",
            f"the path of a Unix socket in {path.parent} would be longer than {SOCKET_LIMIT} bytes",
            notes=("set TMPDIR to a folder with a short path",),
        )
    lock = -1
    try:
        # a sweep looks only at folders with a `lock`, so it never sees one that is not locked yet
        lock = system.open_new(path / ("lock.new" if system.FOLDERS_MOVE_WHILE_OPEN else "lock"))
        if not system.lock(lock):
            raise BlockingIOError(errno.EAGAIN, "a sweep was faster")
        if system.FOLDERS_MOVE_WHILE_OPEN:
            (path / "lock.new").rename(path / "lock")
        server.mkdir(mode=0o700)
        if account is not None:
            path.chmod(0o711)
            system.give(server, account.uid, account.gid)
            list(server.iterdir())  # a root without DAC_OVERRIDE may not look into it any more
    except OSError as error:
        with contextlib.suppress(OSError):
            server.rmdir()
        shutil.rmtree(path, ignore_errors=True)
        if lock >= 0:
            os.close(lock)
        if account is not None and error.errno in _REFUSALS:
            raise cannot_change_account() from error
        raise unusable(path.parent, error) from error
    return Folder(path, lock)


def unusable(base: Path, error: OSError) -> SmokeError:
    """What to say when the temporary folder does not take what the server needs."""
    return SmokeError.of(
        "demo-folder",
        f"cannot make a folder for the demo's PostgreSQL in {base}: {error.strerror or error}",
        notes=("it needs about 80 MB there",),
    )


def sweep(base: Path | None = None, binaries: Path | None = None) -> list[Path]:
    """The folders of dead demos that were removed, with their servers: only our own, and only dead ones.

    `binaries` are PostgreSQL's: where no /proc tells whose a process is, its `pg_ctl` ends an orphaned server.
    """
    removed = []
    for path in sorted((base or base_folder()).glob(f"{PREFIX}*")):
        lock = _lock_of_dead(path)
        if lock is not None:
            remove(path, lock, binaries)
            removed.append(path)
    return removed


def _lock_of_dead(path: Path) -> int | None:
    """The folder's lock, now held by us; None when it is not ours or somebody still uses it."""
    try:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or not system.is_ours(status):
            return None
        lock = system.open_old(path / "lock", write=True)
    except OSError:
        return None
    if not system.lock(lock):
        os.close(lock)
        return None
    return lock


def remove(path: Path, lock: int, binaries: Path | None = None) -> None:
    """The folder gone and its lock closed; before that ends a server that still runs in it (its watchdog was killed).

    The lock goes last, since an open file cannot be removed everywhere, and stays with what could not be removed: the
    next sweep finds both.
    """
    _end_server(path / "server" / "data", binaries)
    try:
        for part in path.iterdir():
            if part.name != "lock":
                with contextlib.suppress(OSError):
                    system.remove_tree(part)
    except FileNotFoundError:  # its watchdog was faster
        os.close(lock)
        return
    os.close(lock)
    with contextlib.suppress(OSError):
        if [part.name for part in path.iterdir()] == ["lock"]:
            system.remove_tree(path)


def _end_server(data: Path, binaries: Path | None) -> None:
    """End the server of that data folder; a process of the same number that is another program is left alone."""
    if binaries is not None and not system.UNIX_SOCKETS and (data / "postmaster.pid").exists():
        # there it asks through a pipe that only a PostgreSQL of that number has (`pgsignal_PID`)
        subprocess.run(  # noqa: S603  (PostgreSQL's own program, on a folder of ours)
            [str(binaries / "pg_ctl"), "-D", str(data), "-t", "5", "-m", "immediate", "stop"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=system.child_environment(),
            check=False,
        )
        return
    pid = _server_pid(data)
    for ask in (True, False):  # immediate shutdown, then without asking
        deadline = time.monotonic() + PATIENCE
        while pid is not None and _server_pid(data) == pid and time.monotonic() < deadline:
            system.kill(pid, ask=ask)
            time.sleep(0.01)


def _server_pid(data: Path) -> int | None:
    """The process that serves that data folder; None when it ended, or where no /proc tells for sure.

    There (macOS) a server ends by itself within a minute: it looks whether its `postmaster.pid` is still there.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        process = Path(f"/proc/{pid}")
        arguments = (process / "cmdline").read_bytes().split(b"\0")
        same_owner = process.stat().st_uid == data.stat().st_uid
    except (OSError, ValueError):
        return None
    return pid if pid > 1 and same_owner and os.fsencode(data) in arguments else None
