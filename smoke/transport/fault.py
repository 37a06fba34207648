"""Why an exchange broke, as one exception with the words for it."""

from __future__ import annotations

import errno
import socket

from smoke import system
from smoke.model.exchange import Completeness, ErrorKind

NO_ANSWER = "the server closed the connection without an answer"


class Fault(Exception):  # noqa: N818  (what went wrong with an exchange is no error of ours)
    """An exchange cannot go on. What was read before stays in the exchange's record."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


_COMPLETENESS = {
    ErrorKind.RESET: Completeness.RESET,
    ErrorKind.TIMEOUT: Completeness.TIMEOUT,
    ErrorKind.TOO_LARGE: Completeness.TOO_LARGE,
    ErrorKind.INTERRUPTED: Completeness.INTERRUPTED,
    ErrorKind.PROTOCOL: Completeness.PROTOCOL,
    ErrorKind.HEADERS_TOO_LARGE: Completeness.PROTOCOL,
}


def completeness_of(kind: ErrorKind) -> Completeness:
    """How a body ended that an error of this kind ended."""
    return _COMPLETENESS.get(kind, Completeness.TRUNCATED)


_RESETS = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ESHUTDOWN})


def connection_fault(error: OSError, where: str) -> Fault:
    """The fault of a TCP connect that failed."""
    if error.errno == errno.ECONNREFUSED:
        return Fault(ErrorKind.CONNECTION_REFUSED, f"{where} refused the connection")
    if error.errno == errno.ETIMEDOUT:
        return Fault(ErrorKind.CONNECT_TIMEOUT, f"no connection to {where}: it does not answer")
    if error.errno in _RESETS:
        return Fault(ErrorKind.RESET, f"{where} reset the connection as soon as it was made")
    return Fault(ErrorKind.CONNECT, f"no connection to {where}: {reason_of(error)}")


def transfer_fault(error: OSError, doing: str) -> Fault:
    """The fault of a send or a receive that failed."""
    if error.errno in _RESETS:
        return Fault(ErrorKind.RESET, f"the server reset the connection while {doing}")
    return Fault(ErrorKind.RESET, f"the connection broke while {doing}: {reason_of(error)}")


def reason_of(error: OSError) -> str:
    """The operating system's words for an error, without Python's numbers."""
    if isinstance(error, socket.gaierror):
        return str(error.args[1] if len(error.args) > 1 else error)
    return system.error_text(error.errno) if error.errno else str(error)
