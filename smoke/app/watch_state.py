"""What a watch knows of its targets, in a file: read when it begins, replaced whole after each round."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, field

from smoke import system
from smoke.diagnostic import SmokeError
from smoke.inputs import read_input
from smoke.store.files import make_folder, replace_file
from smoke.watching.notice import Notice
from smoke.watching.standing import Standing

_LARGEST = 64 * 1024 * 1024
MOST_PENDING = 200
"""Notices that wait to be delivered; the oldest go first when there are more."""


class Undelivered(Struct, frozen=True):
    """A notice that one receiver has not got yet; `to` is the receiver's key, whatever its place among the addresses."""

    notice: Notice
    to: str


class WatchState(Struct, frozen=True):
    """The targets by name, and what is still to be delivered."""

    schema: int = 1
    targets: dict[str, Standing] = field(default_factory=dict)
    pending: tuple[Undelivered, ...] = ()


def load_state(path: Path) -> WatchState:
    """The stored state; a blank one where there is none. Raises SmokeError for a file that is something else."""
    try:
        return msgspec.json.decode(read_input(path, _LARGEST), type=WatchState)
    except FileNotFoundError:
        return WatchState()
    except (OSError, msgspec.MsgspecError) as error:
        raise SmokeError.of(
            "bad-watch-state",
            f"{path} is not what a watch wrote: {error}",
            notes=["look at it, and move it away: the watch then begins anew"],
        ) from error


def save_state(path: Path, state: WatchState) -> None:
    """Replace the file. Raises OSError."""
    replace_file(path, msgspec.json.encode(state))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """While inside, no other watch has this state. Raises SmokeError where one has."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        make_folder(path.parent, exist_ok=True)
        descriptor = system.open_old(lock, write=True, create=True)
    except OSError as error:
        raise SmokeError.of(
            "bad-watch-state", f"cannot lock {path}: {error.strerror or error}"
        ) from error
    try:
        if not system.lock(descriptor):
            raise SmokeError.of(
                "watch-in-use",
                f"another watch is running with {path}",
                notes=[
                    "two would place orders side by side; another --state-file is for other targets"
                ],
            )
        yield
    finally:
        os.close(descriptor)
