"""Runs `smoke` as if on Windows, as far as that can be had elsewhere: `python narrow_platform.py run …`.

What Windows lacks is really missing: modules, functions and flags are gone, `select` takes sockets only, files that are open
cannot be renamed or removed, no name holds what NTFS refuses, and `smoke.system` takes its Windows half. What remains for
a real Windows is listed in docs/explanations/platforms.md.
"""

from __future__ import annotations

import builtins
import ctypes
import errno
import importlib.abc
import importlib.machinery
import io
import os
import re
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fcntl  # isort: skip

MISSING_MODULES = {
    *("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "readline", "curses", "crypt", "nis"),
}  # fmt: skip
MISSING = {
    os: (
        *("fork", "forkpty", "pread", "pwrite", "preadv", "pwritev", "posix_fallocate", "posix_fadvise"),
        *("fchmod", "chown", "fchown", "lchown", "geteuid", "getuid", "getegid", "getgid", "getgroups"),
        *("killpg", "setsid", "getsid", "getpgid", "setpgid", "mkfifo", "mknod", "fchdir", "nice", "wait"),
        *("sched_getaffinity", "sched_yield", "getloadavg", "sync", "fdatasync", "openpty", "ttyname", "chroot"),
        *("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "O_SYNC", "O_DSYNC", "O_NOCTTY", "O_PATH", "SEEK_DATA"),
    ),
    signal: (
        *("SIGHUP", "SIGQUIT", "SIGKILL", "SIGPIPE", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGXFSZ"),
        *("alarm", "setitimer", "pthread_sigmask", "sigwait", "pthread_kill", "siginterrupt"),
    ),
    select: ("poll", "epoll"),
    socket: ("AF_UNIX", "SO_REUSEPORT", "MSG_DONTWAIT", "recv_fds", "send_fds"),
}  # fmt: skip
DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?")
FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\\]|[. ]$')

_shared: set[int] = set()
"""Descriptors of files that were opened so that others may rename and delete them."""
_opened = os.open


def main() -> None:
    """Narrow this process, and be `smoke` in it."""
    narrow_files()
    narrow_text()
    narrow_processes()
    narrow_waiting()
    give_windows()
    for module, names in MISSING.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    forbid_modules()
    sys.meta_path.insert(0, WindowsHalf())
    sys.argv[0] = "smoke"
    runpy.run_module("smoke", run_name="__main__", alter_sys=True)


def forbid_modules() -> None:
    """What smoke imports itself; other packages were told by `sys.platform` what to expect."""
    found = builtins.__import__

    def asked(
        name: str,
        globals: Any = None,  # noqa: A002  (named so by Python)
        locals: Any = None,  # noqa: A002  (as above)
        fromlist: Any = (),
        level: int = 0,
    ) -> types.ModuleType:
        caller = (globals or {}).get("__name__", "")
        if name in MISSING_MODULES and caller.partition(".")[0] == "smoke":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return found(name, globals, locals, fromlist, level)

    builtins.__import__ = asked


class WindowsHalf(importlib.abc.MetaPathFinder):
    """Loads `smoke.system` as Windows would, and gives its Windows half what stands for Windows here."""

    def find_spec(
        self, name: str, path: Any, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in ("smoke.system", "smoke.system.windows"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        run = spec.loader.exec_module

        def execute(module: types.ModuleType) -> None:
            with as_windows():
                run(module)
            if name.endswith("windows"):
                module.__dict__.update(open_growing=open_growing, _system_folder=lambda: "SYSTEM32")
                module.__dict__["EXECUTABLE_SUFFIX"] = ""

        spec.loader.exec_module = execute  # type: ignore[method-assign]  # this loader is ours alone
        return spec


@contextmanager
def as_windows() -> Iterator[None]:
    """Only while a half is chosen: other packages would look for the real Windows."""
    true = sys.platform
    sys.platform = "win32"
    try:
        yield
    finally:
        sys.platform = true


def give_windows() -> None:
    """The few names that only Windows has."""
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.__dict__.update(get_osfhandle=lambda descriptor: descriptor)
    sys.modules["msvcrt"] = msvcrt
    os.__dict__.update(O_BINARY=0, O_NOINHERIT=os.O_CLOEXEC)
    signal.__dict__["SIGBREAK"] = signal.SIGUSR1
    subprocess.__dict__.update(CREATE_NEW_PROCESS_GROUP=0x200, CREATE_NO_WINDOW=0x0800_0000)
    ctypes.__dict__.update(WinDLL=Kernel)


class Kernel:
    """The functions of kernel32 that `smoke.system` calls; a handle is the descriptor itself."""

    def __init__(self, name: str, *, use_last_error: bool = False) -> None:
        assert name == "kernel32"
        self.LockFileEx = self._lock  # it takes attributes, as a foreign function does

    @staticmethod
    def _lock(handle: int, kind: int, reserved: int, low: int, high: int, where: Any) -> bool:
        """A lock that ends with its descriptor; it keeps others from reading what it covers."""
        assert (kind & 1, reserved, low, high) == (1, 0, 1, 0)
        assert where._obj.Offset > 2**30
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if kind & 2 else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            ctypes.__dict__["get_last_error"] = lambda: 33  # ERROR_LOCK_VIOLATION
            return False
        return True


def open_growing(path: Path | str) -> int:
    descriptor = _opened(path, os.O_RDONLY)
    _shared.add(descriptor)
    return descriptor


def narrow_files() -> None:
    """Names that NTFS takes, no folder opened as a file, and nothing moved or removed that is open."""
    shutil._use_fd_functions = False  # type: ignore[attr-defined]  # what shutil looks at itself

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **named: Any) -> Any:
            if isinstance(path, str | os.PathLike):
                check_name(path)
                path = as_there(path)
            return function(path, *rest, **named)

        return call

    def moved(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **named: Any) -> Any:
            for each in (path, *rest[:1]):
                if isinstance(each, str | os.PathLike):
                    refuse_open(each)
            for target in rest[:1]:
                check_name(target)
            return function(path, *rest, **named)

        return call

    for name in ("rename", "replace", "unlink", "remove", "rmdir"):
        setattr(os, name, moved(getattr(os, name)))
    for name in ("open", "mkdir"):
        setattr(os, name, made(getattr(os, name)))
    opened = made(io.open)

    def text_too(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if len(rest) < 4 and "b" not in mode and set(mode) & set("wax"):
            named["newline"] = "\r\n" if named.get("newline") is None else named["newline"]
        return opened(file, mode, *rest, **named)

    io.open = builtins.open = text_too


class WindowsFile(io.FileIO):
    """A pipe whose reader is gone is told as Windows tells it: there is no number for ERROR_NO_DATA."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise OSError(errno.EINVAL, "Invalid argument") from None


def narrow_text() -> None:
    """Text is written with CRLF wherever nobody says how a line ends."""

    class Text(io.TextIOWrapper):
        def __init__(self, buffer: Any, *rest: Any, **named: Any) -> None:
            if buffer.writable() and len(rest) < 3 and named.get("newline") is None:
                named["newline"] = "\r\n"
            super().__init__(buffer, *rest, **named)

    io.TextIOWrapper = Text  # type: ignore[misc, assignment]  # for this process alone
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is not None:
            raw = io.BufferedWriter(WindowsFile(number, "w", closefd=False))
            given = {"encoding": stream.encoding, "errors": stream.errors}
            setattr(sys, name, Text(raw, **given, line_buffering=stream.line_buffering))


def as_there(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The path of what is there under that name in another case: no two files differ in that alone."""
    if os.path.lexists(path):
        return path
    wanted = Path(path)
    try:
        others = list(wanted.parent.iterdir())
    except OSError:
        return path
    return next((o for o in others if o.name.casefold() == wanted.name.casefold()), path)


def check_name(path: Any) -> None:
    """Raise what Windows raises for a name that it does not take."""
    name = Path(os.fsdecode(path)).name
    if FORBIDDEN.search(name) or DEVICES.fullmatch(name):
        raise OSError(errno.EINVAL, "Invalid argument", os.fspath(path))


def refuse_open(path: Any) -> None:
    """Raise what Windows raises for a file (or a folder with one in it) that this process has open."""
    named = Path(os.fsdecode(path)).absolute()
    whole = str(named.parent.resolve() / named.name)
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            place = str(descriptor.readlink())
        except OSError:
            continue
        shared = int(descriptor.name) in _shared
        if not shared and (place == whole or place.startswith(f"{whole}/")):
            raise PermissionError(
                errno.EACCES, "The process cannot access the file", os.fspath(path)
            )


def narrow_processes() -> None:
    """`Popen` without what it has for POSIX alone; icacls, and no way to end a process but one."""
    start = subprocess.Popen.__init__

    def begin(self: Any, arguments: Any, *rest: Any, **named: Any) -> None:
        posix = {
            "preexec_fn",
            "start_new_session",
            "pass_fds",
            "process_group",
            "user",
            "group",
            "umask",
        }
        if posix & named.keys():
            raise ValueError(f"not on Windows: {posix & named.keys()}")
        named.pop("creationflags", 0)
        if str(arguments[0]).endswith("icacls.exe"):
            assert len(arguments) == 5, arguments
            arguments = ["true"]
        start(self, arguments, *rest, **named)

    subprocess.Popen.__init__ = begin  # type: ignore[method-assign, assignment]  # for this process alone
    subprocess.Popen.kill = subprocess.Popen.terminate  # type: ignore[method-assign]  # as above


def narrow_waiting() -> None:
    """`select` for sockets alone, 512 of them at most."""
    wait = select.select

    def sockets_only(*arguments: Any) -> Any:
        for asked in arguments[:3]:
            assert len(asked) <= 512
            for item in asked:
                number = item if isinstance(item, int) else item.fileno()
                if not str(Path(f"/proc/self/fd/{number}").readlink()).startswith("socket:"):
                    raise OSError(
                        10038, "An operation was attempted on something that is not a socket"
                    )
        return wait(*arguments)

    select.select = sockets_only


if __name__ == "__main__":
    main()
