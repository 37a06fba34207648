"""Linux and macOS; see `smoke.system` for what each name is for."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pwd
import re
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smoke.shell import Shell

if TYPE_CHECKING:
    from ssl import SSLContext

assert sys.platform != "win32"  # for type checkers: nothing below is looked at there

SHELL = Shell.POSIX
"""What a command that is printed is typed into."""

READABLE = select.POLLIN
WRITABLE = select.POLLOUT

STOP_SIGNALS: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to end: Ctrl-C, a CI system, a closed terminal."""

FOLDERS_MOVE_WHILE_OPEN = True
"""Whether a folder can be renamed while a file in it is open."""

EXECUTABLE_SUFFIX = ""

UNIX_SOCKETS = True
"""Whether PostgreSQL and its clients meet at a path that its owner alone can reach."""

BROKEN_PIPES = frozenset({errno.EPIPE})
"""Error numbers of a write whose reader went away."""

_OWN = os.O_NOFOLLOW | os.O_CLOEXEC


def lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock a file for this process until its descriptor is closed; False when another one holds it."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_new(path: Path | str) -> int:
    """A file that did not exist, mode 0600 whatever the umask, open for writing. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OWN, 0o600)
    if os.fstat(descriptor).st_mode & 0o777 != 0o600:  # the umask took some of the owner's rights
        os.fchmod(descriptor, 0o600)
    return descriptor


def open_old(
    path: Path | str, *, write: bool = False, append: bool = False, create: bool = False
) -> int:
    """A file of ours that is there (or made, mode 0600), not the end of a link. Raises OSError."""
    flags = os.O_RDWR if write or append else os.O_RDONLY
    flags |= (os.O_APPEND if append else 0) | (os.O_CREAT if create else 0)
    return os.open(path, flags | _OWN, 0o600)


def open_growing(path: Path | str) -> int:
    """A file that somebody else writes, renames and deletes meanwhile, for reading. Raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def open_input(path: Path | str) -> int:
    """What a person named, for reading without ever waiting for a writer. Raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def wait_for_input(descriptor: int) -> None:
    """A moment, or until there is something to read. The end of a pipe that nobody has opened is no news."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if any(event & ~select.POLLIN for _, event in poll.poll(50)):
        time.sleep(0.05)


def make_private_folder(path: Path) -> None:
    """A folder with mode 0700, whatever the umask. Raises OSError."""
    path.mkdir(mode=0o700)
    path.chmod(0o700)  # the umask may have taken even the owner's rights


def sync_folder(path: Path) -> None:
    """The folder's entries are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """`source` takes the place and name of `target`, at once. Raises OSError."""
    source.replace(target)


def rename(source: Path, target: Path) -> None:
    """Give a file or folder another name, that nothing has yet. Raises OSError."""
    source.rename(target)


def remove(path: Path) -> None:
    """Remove a file, if it is there. Raises OSError."""
    path.unlink(missing_ok=True)


def remove_tree(path: Path) -> None:
    """Remove a folder and all that is in it; a link in it is removed, not followed. Raises OSError."""
    shutil.rmtree(path)


def reserve(descriptor: int, size: int) -> None:
    """Take that much room on the disk for an empty file. Raises OSError."""
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
    else:
        left = size
        while left:
            left -= os.write(descriptor, bytes(left))


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Up to that many bytes from a place of a file, whichever thread asks. Raises OSError."""
    return os.pread(descriptor, size, offset)


def after_hole(descriptor: int, at: int) -> int:
    """Where something was written at or behind a place of a file; a hole reads as NULs, and takes no time to pass."""
    try:
        return os.lseek(descriptor, at, os.SEEK_DATA)
    except OSError:  # nothing is behind it, or the file system does not know
        return at


def disk_use(status: os.stat_result) -> int:
    """Bytes that a file takes on the disk: holes take none."""
    return status.st_blocks * 512


def waiter(descriptor: int, events: int) -> Callable[[float], int]:
    """Waits up to some seconds for a socket; what it is ready for, or 0. An error counts as ready."""
    poll = select.poll()
    poll.register(descriptor, events)

    def wait(seconds: float) -> int:
        ready = poll.poll(seconds * 1000)
        return ready[0][1] if ready else 0

    return wait


def writable_within(descriptors: Collection[int], seconds: float) -> list[int]:
    """The sockets that can be written to, or have failed, within some seconds; none when the time is over."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, WRITABLE)
    return [descriptor for descriptor, _ in poll.poll(seconds * 1000)]


def error_text(number: int) -> str:
    """The system's words for an error number, those of sockets too."""
    return os.strerror(number)


def trust_authorities(context: SSLContext) -> None:
    """Trust the certificate authorities that this system trusts. Nothing is taken from the environment."""
    import ssl  # only where TLS is spoken: it takes 13 ms

    where = ssl.get_default_verify_paths()
    file = where.openssl_cafile if os.path.isfile(where.openssl_cafile) else None  # noqa: PTH113  (a text)
    folder = where.openssl_capath if os.path.isdir(where.openssl_capath) else None  # noqa: PTH112  (a text)
    if file or folder:
        with contextlib.suppress(ssl.SSLError):  # an empty file
            context.load_verify_locations(file, folder)


def is_root() -> bool:
    """Whether this process may do everything."""
    return os.geteuid() == 0


def account(name: str) -> tuple[int, int] | None:
    """The numbers of an account and of its group; None when there is none of that name."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid


def give(path: Path, user: int, group: int) -> None:
    """Let a file belong to an account. Raises OSError."""
    os.chown(path, user, group)


def is_ours(status: os.stat_result) -> bool:
    """Whether a file belongs to who runs this."""
    return status.st_uid == os.geteuid()


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """What a terminal sends comes behind the block; never to processes and threads that are started in it."""
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # the thread that starts it has its signals again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def apart(lock_held: int) -> dict[str, Any]:
    """What `subprocess.Popen` needs for a child that Ctrl-C does not reach and that keeps that lock held."""
    return {"start_new_session": True, "pass_fds": (lock_held,)}


def kill(process: int, *, ask: bool) -> None:
    """End a process: with `ask`, as PostgreSQL takes an immediate shutdown. One that is gone is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGQUIT if ask else signal.SIGKILL)


def ended(process: int) -> bool:
    """Whether a process of ours has ended; then it is gone, and nobody may ask again."""
    return os.waitpid(process, os.WNOHANG)[0] != 0


def start_on_pipes(program: str, options: Sequence[str], errors: Path) -> tuple[int, int, int]:
    """A process that reads its descriptor 3 and writes 4, apart from Ctrl-C: its number, and our ends to write and to read.

    What it complains of goes into `errors`. OSError where that cannot be, or has no way on this system.
    """
    theirs_in, writing = os.pipe()
    reading, theirs_out = os.pipe()
    # none of ours may be 3 or 4: in the child those are made anew, one after the other
    inside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (theirs_in, theirs_out)]
    try:
        process = os.posix_spawn(
            program,
            [program, *options],
            dict(os.environ),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.fspath(errors), os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, inside[0], 3),
                (os.POSIX_SPAWN_DUP2, inside[1], 4),
            ],
            setpgroup=0,
        )
    except OSError:
        os.close(writing)
        os.close(reading)
        raise
    finally:
        for each in (theirs_in, theirs_out, *inside):
            os.close(each)
    return process, writing, reading


def child_environment() -> dict[str, str]:
    """What a program of the system needs of the environment, and nothing that its user set."""
    return {"PATH": "/usr/bin:/bin"}


_KEYS = {
    "A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end",
    "1~": "home", "4~": "end", "5~": "page up", "6~": "page down", "7~": "home", "8~": "end", "Z": "left",
}  # fmt: skip
_KEY = re.compile(
    r"\x1b[\[O](?P<code>[A-Z]|[0-9]{1,2}~)|\x1b[\[O][0-9;]{0,9}[A-Za-z~]|(?P<one>.)", re.DOTALL
)
_PLAIN_KEYS = {
    "\r": "enter",
    "\n": "enter",
    "\t": "right",
    "\x1b": "escape",
    "\x04": "",
    "\x7f": "page up",
}


def drop_typed(descriptor: int) -> None:
    """Forget what was typed into a terminal and nobody read. Raises OSError for what is no terminal."""
    import termios

    try:
        termios.tcflush(descriptor, termios.TCIFLUSH)
    except termios.error as error:
        raise OSError(str(error)) from error


def typed_line(descriptor: int, over: Callable[[], bool]) -> str | None:
    """The next line of a terminal; None when nothing comes any more, or it is `over`, which is looked up now and then.

    What stands before Ctrl-D is no line: it was not sent off.
    """
    line = b""
    try:
        while not line.endswith(b"\n"):
            if select.select([descriptor], [], [], 0.1)[0]:
                data = os.read(descriptor, 4096)
                if not data:
                    return None
                line = (line + data)[-4096:]
            if over():
                return None
    except (OSError, ValueError):  # the terminal has gone
        return None
    return line.decode("utf-8", "replace")


@contextlib.contextmanager
def keys(descriptor: int) -> Iterator[Callable[[], str]]:
    """Keys of a terminal as they are pressed, without an echo: a function that waits for the next one.

    It gives `up`, `page down`, `enter`, `escape` … or the character; empty when nothing comes any more. The terminal is as it
    was afterwards. Raises OSError for what is no terminal.
    """
    import termios  # both are for who browses alone
    import tty

    try:
        before = termios.tcgetattr(descriptor)
    except termios.error as error:
        raise OSError(str(error)) from error
    waiting: list[str] = []

    def key() -> str:
        if not waiting:
            try:
                # a signal that comes just before a read that waits is seen after it only: so look up now and then
                while not select.select([descriptor], [], [], 0.5)[0]:
                    pass
                data = os.read(descriptor, 256)
            except (OSError, ValueError):  # the terminal has gone
                return ""
            waiting.extend(_keys_in(data.decode("utf-8", "replace")))
        return waiting.pop(0) if waiting else ""

    tty.setcbreak(descriptor, termios.TCSADRAIN)
    try:
        yield key
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _keys_in(text: str) -> list[str]:
    """The keys that a terminal's bytes are (ECMA-48, xterm); one that is not known is `unknown`."""
    found = []
    for match in _KEY.finditer(text):
        one = match["one"]
        if one is not None:
            found.append(_PLAIN_KEYS.get(one, one))
        else:
            found.append(_KEYS.get(match["code"] or "", "unknown"))
    return found
