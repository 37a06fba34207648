"""The account that the server runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

from dataclasses import dataclass

from smoke import system
from smoke.demo.binaries import DSN_VARIABLE
from smoke.diagnostic import SmokeError

_NAMES = ("nobody", "daemon", "postgres")


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    name: str


def server_account() -> Account | None:
    """The unprivileged account to change to, or None when we are not root.

    None is made: `initdb` wants a name in the password file, and every system has one of these.
    """
    if not system.is_root():
        return None
    for name in _NAMES:
        numbers = system.account(name)
        if numbers is not None and numbers[0] != 0:
            return Account(*numbers, name)
    raise SmokeError.of(
        "demo-no-account",
        f"running as root, and none of the accounts {', '.join(_NAMES)} exists for the server to run as",
        notes=(
            f"run as an ordinary user, or name a server that is already there with {DSN_VARIABLE}",
        ),
    )


def cannot_change_account() -> SmokeError:
    """What to say to a root that lacks the capabilities that make it root, as in hardened containers."""
    return SmokeError.of(
        "demo-cannot-change-account",
        "PostgreSQL does not run as root, and this root may not change to another account",
        notes=(
            "containers without the capabilities CHOWN, SETUID, SETGID and DAC_OVERRIDE, or with one user, are like that",
            f"run as an ordinary user, or name a server that is already there with {DSN_VARIABLE}",
        ),
    )
