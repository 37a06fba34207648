"""Windows; see `smoke.system` for what each name is for.

Facts are from Microsoft's documentation of `LockFileEx`, `CreateFileW`, `MoveFileExW`, `CreateProcessW` and of the C
run-time library (`_open`), and from Python's of `os.mkdir`, `signal` and `select`.
"""

from __future__ import annotations

import contextlib
import errno
import msvcrt
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smoke.shell import Shell

if TYPE_CHECKING:
    from ssl import SSLContext

assert sys.platform == "win32"  # for type checkers: nothing below is looked at elsewhere

SHELL = Shell.POWERSHELL

READABLE = 1
WRITABLE = 4

# SIGBREAK is Ctrl-Break, and what comes when the console's window is closed
STOP_SIGNALS: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)

FOLDERS_MOVE_WHILE_OPEN = False

EXECUTABLE_SUFFIX = ".exe"

UNIX_SOCKETS = False

BROKEN_PIPES = frozenset({errno.EPIPE, errno.EINVAL})
"""The system says ERROR_NO_DATA where a reader went away, for which the C library has no number but EINVAL."""

_OWN = os.O_BINARY | os.O_NOINHERIT
_LOCKED_BYTE = 0x7FFF_0000
"""A byte beyond what any of our files holds: a lock on Windows keeps others from reading what it covers."""
_LOCK_VIOLATION, _IO_PENDING = 33, 997
"""ERROR_LOCK_VIOLATION and ERROR_IO_PENDING: somebody else holds the lock."""
_PATIENCE = 2.0
"""Seconds that a virus scanner or an indexer may hold a file that is to be replaced, renamed or removed."""
_OWNER = "*S-1-3-4:(OI)(CI)F"
"""Full control for the owner, whoever that is, of a folder and of what will lie in it (well-known SID OWNER RIGHTS)."""

_position = threading.Lock()
"""Held while a descriptor's one position is moved and read from: there is no pread."""


def lock(descriptor: int, *, shared: bool = False) -> bool:
    import ctypes  # only where a run is written: it takes a tenth of a short command
    from ctypes import wintypes

    class Overlapped(ctypes.Structure):
        _fields_ = (
            ("Internal", ctypes.c_size_t),
            ("InternalHigh", ctypes.c_size_t),
            ("Offset", wintypes.DWORD),
            ("OffsetHigh", wintypes.DWORD),
            ("hEvent", wintypes.HANDLE),
        )

    fail_immediately, exclusive = 0x1, 0x2
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.LockFileEx.argtypes = (
        *(wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD),
        ctypes.POINTER(Overlapped),
    )
    kernel.LockFileEx.restype = wintypes.BOOL
    where = Overlapped(Offset=_LOCKED_BYTE)
    kind = fail_immediately | (0 if shared else exclusive)
    handle = msvcrt.get_osfhandle(descriptor)
    if kernel.LockFileEx(handle, kind, 0, 1, 0, ctypes.byref(where)):
        return True
    why = ctypes.get_last_error()
    if why in (_LOCK_VIOLATION, _IO_PENDING):
        return False
    raise ctypes.WinError(why)


def open_new(path: Path | str) -> int:
    # who may read it comes from its folder: see make_private_folder
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OWN, 0o600)


def open_old(
    path: Path | str, *, write: bool = False, append: bool = False, create: bool = False
) -> int:
    if os.path.islink(path):  # noqa: PTH114  (a text; O_NOFOLLOW is not known here)
        raise OSError(errno.ELOOP, "it is a link", os.fspath(path))
    flags = os.O_RDWR if write or append else os.O_RDONLY
    flags |= (os.O_APPEND if append else 0) | (os.O_CREAT if create else 0)
    return os.open(path, flags | _OWN, 0o600)


def open_growing(path: Path | str) -> int:
    import ctypes  # only where a log is watched

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    generic_read, share_all, open_existing, normal = 0x8000_0000, 0x7, 3, 0x80
    handle = kernel.CreateFileW(
        ctypes.c_wchar_p(os.fspath(path)),
        ctypes.c_uint32(generic_read),
        ctypes.c_uint32(share_all),  # os.open would keep its writer from renaming and deleting it
        None,
        ctypes.c_uint32(open_existing),
        ctypes.c_uint32(normal),
        None,
    )
    if handle in (None, ctypes.c_void_p(-1).value):
        error = ctypes.WinError(ctypes.get_last_error())
        error.filename = os.fspath(path)
        raise error
    return msvcrt.open_osfhandle(handle, os.O_RDONLY | _OWN)


def open_input(path: Path | str) -> int:
    return os.open(path, os.O_RDONLY | _OWN)


def wait_for_input(descriptor: int) -> None:  # noqa: ARG001  (pipes cannot be waited for here)
    time.sleep(0.05)


def make_private_folder(path: Path) -> None:
    path.mkdir(mode=0o700)
    if sys.version_info < (
        3,
        12,
        4,
    ):  # later ones give 0o700 its meaning: an ACL for the user alone
        done = subprocess.run(  # noqa: S603  (the folder that was just made is its one argument of ours)
            [
                rf"{_system_folder()}\icacls.exe",
                os.fspath(path),
                "/inheritance:r",
                "/grant:r",
                _OWNER,
            ],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            path.rmdir()
            raise PermissionError(errno.EACCES, "icacls could not make it private", os.fspath(path))


def _system_folder() -> str:
    """Where the system's own programs lie: PATH and the environment may be somebody else's."""
    import ctypes

    folder = ctypes.create_unicode_buffer(300)
    ctypes.WinDLL("kernel32").GetSystemDirectoryW(folder, len(folder))
    return folder.value


def sync_folder(path: Path) -> None:
    """Nothing: a folder cannot be flushed there, and NTFS keeps its entries in a journal."""


def replace(source: Path, target: Path) -> None:
    _patiently(lambda: source.replace(target))


def rename(source: Path, target: Path) -> None:
    _patiently(lambda: source.rename(target))


def remove(path: Path) -> None:
    _patiently(lambda: path.unlink(missing_ok=True))


def remove_tree(path: Path) -> None:
    def gone() -> None:
        with contextlib.suppress(FileNotFoundError):  # the try before this one got that far
            shutil.rmtree(path)

    path.stat()
    _patiently(gone)


def _patiently(step: Callable[[], object]) -> None:
    """Again while somebody has the file open (ERROR_SHARING_VIOLATION, ERROR_ACCESS_DENIED): a scanner, an indexer, a reader."""
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            step()
        except PermissionError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)
        else:
            return


def reserve(descriptor: int, size: int) -> None:
    left = size
    while left:
        left -= os.write(descriptor, bytes(left))


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    with _position:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)


def after_hole(descriptor: int, at: int) -> int:  # noqa: ARG001  (holes cannot be asked for: they are read)
    return at


def disk_use(status: os.stat_result) -> int:
    return status.st_size


def waiter(descriptor: int, events: int) -> Callable[[float], int]:
    reading = [descriptor] if events & READABLE else []
    writing = [descriptor] if events & WRITABLE else []

    def wait(seconds: float) -> int:
        readable, writable, failed = select.select(reading, writing, [descriptor], seconds)
        if failed:  # a connection that was refused is told here, not as writable
            return events
        return (READABLE if readable else 0) | (WRITABLE if writable else 0)

    return wait


def writable_within(descriptors: Collection[int], seconds: float) -> list[int]:
    _, writable, failed = select.select([], descriptors, descriptors, seconds)
    return [*{*writable, *failed}]


def error_text(number: int) -> str:
    if number < 10_000:  # WSABASEERR: the C library knows nothing of sockets' numbers
        return os.strerror(number)
    import ctypes

    return ctypes.FormatError(number).strip().rstrip(".")


def trust_authorities(context: SSLContext) -> None:
    import ssl  # only where TLS is spoken

    for certificate, encoding, purposes in ssl.enum_certificates("ROOT"):
        wanted = purposes is True or (purposes and ssl.Purpose.SERVER_AUTH.oid in purposes)
        if encoding == "x509_asn" and wanted:
            with contextlib.suppress(ssl.SSLError):  # one that OpenSSL cannot read
                context.load_verify_locations(cadata=certificate)


def is_root() -> bool:
    return False  # pg_ctl and initdb leave an administrator's rights by themselves


def account(name: str) -> tuple[int, int] | None:  # noqa: ARG001  (nobody changes to one here)
    return None


def give(path: Path, user: int, group: int) -> None:
    """Never asked for: no account is changed to."""


def is_ours(status: os.stat_result) -> bool:  # noqa: ARG001  (the temporary folder is the user's own)
    return True


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    yield


def apart(lock_held: int) -> dict[str, Any]:  # noqa: ARG001  (a lock is the process's own)
    # a console of its own that nobody sees: neither Ctrl-C and Ctrl-Break nor a closed window reach it
    return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}


def kill(process: int, *, ask: bool) -> None:  # noqa: ARG001  (there is one way to end a process)
    with contextlib.suppress(OSError):
        os.kill(process, signal.SIGTERM)


def ended(process: int) -> bool:  # noqa: ARG001  (as the other half; nothing is started that could be asked about)
    return True


def start_on_pipes(program: str, options: Sequence[str], errors: Path) -> tuple[int, int, int]:  # noqa: ARG001  (as the other half)
    raise OSError(errno.ENOSYS, "on Windows smoke cannot speak to it yet")


def child_environment() -> dict[str, str]:
    kept = ("SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "COMSPEC", "PATHEXT")
    return {"PATH": _system_folder()} | {n: os.environ[n] for n in kept if n in os.environ}


_KEYS = {
    "H": "up", "P": "down", "M": "right", "K": "left", "G": "home", "O": "end", "I": "page up", "Q": "page down",
}  # fmt: skip
"""What follows 00 or E0 (`_getwch` of the C run-time library)."""
_PLAIN_KEYS = {
    "\r": "enter",
    "\n": "enter",
    "\t": "right",
    "\x1b": "escape",
    "\x08": "page up",
    "\x1a": "",
}


def drop_typed(descriptor: int) -> None:
    if not os.isatty(descriptor):
        raise OSError("not a terminal")
    while msvcrt.kbhit():
        msvcrt.getwch()


def typed_line(descriptor: int, over: Callable[[], bool]) -> str | None:  # noqa: ARG001  (the console's own)
    typed = ""
    while not over():
        if not msvcrt.kbhit():
            time.sleep(0.05)
            continue
        key = msvcrt.getwche()
        if key == "\x03":  # getwche takes Ctrl-C for a key
            raise KeyboardInterrupt
        if key in ("\x04", "\x1a"):  # Ctrl-D and Ctrl-Z end the input
            return None
        if key in "\r\n":
            msvcrt.putwch("\n")
            return typed
        typed = typed[:-1] if key == "\b" else typed + key
    return None


@contextlib.contextmanager
def keys(descriptor: int) -> Iterator[Callable[[], str]]:
    if not os.isatty(descriptor):
        raise OSError("not a terminal")

    def key() -> str:
        pressed = msvcrt.getwch()
        if pressed in ("\x00", "\xe0"):
            return _KEYS.get(msvcrt.getwch(), "unknown")
        if pressed == "\x03":  # getwch takes Ctrl-C for a key
            raise KeyboardInterrupt
        return _PLAIN_KEYS.get(pressed, pressed)

    yield key
