"""Bodies of one run folder taken into another: the files of both are the same where the system can do that."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec.structs import replace

from smoke import system
from smoke.model.exchange import Body, Exchange
from smoke.store.files import StoreError, cannot, write_all
from smoke.store.folder import BODIES, RunFolder
from smoke.store.names import is_plain


def adopt(exchange: Exchange, source: RunFolder, into: RunFolder, prefix: str) -> Exchange:
    """The exchange with its bodies in the folder `into`, under names that begin with `prefix` (`[a-z0-9-]`).

    A file that is missing stays missing, which `verify` tells of both. Raises StoreError.
    """

    def taken(body: Body | None) -> Body | None:
        if body is None:
            return None
        return replace(
            body,
            path=_taken(body.path, source, into, prefix),
            tail_path=_taken(body.tail_path, source, into, prefix),
            wire_path=_taken(body.wire_path, source, into, prefix),
        )

    request = replace(exchange.request, body=taken(exchange.request.body))
    response = exchange.response
    return replace(
        exchange,
        request=request,
        response=None if response is None else replace(response, body=taken(response.body)),
        undecoded=taken(exchange.undecoded),
        leftover=taken(exchange.leftover),
    )


def _taken(relative: str, source: RunFolder, into: RunFolder, prefix: str) -> str:
    """Where a stored file lies in the other folder; what lay outside its own is named as it was, and is not read."""
    if not relative:
        return ""
    file = source.locate(relative)
    name = f"{BODIES}/{prefix}{file.name}"
    target = into.folder / name
    try:
        if file.is_file() and not file.is_symlink():
            _copy(file, target)
    except OSError as error:
        raise cannot("copy a body to", target, error) from error
    return name


def _copy(file: Path, target: Path) -> None:
    descriptor = system.open_new(target)
    with os.fdopen(descriptor, "wb") as copy, file.open("rb") as original:
        shutil.copyfileobj(original, copy, 1024 * 1024)


class Arrival:
    """A body that comes piece by piece from where it was received; nobody else's file is ever written to."""

    def __init__(self, relative: str, into: RunFolder, prefix: str) -> None:
        """A new file at `relative`, whose name has to begin with `prefix`. Raises StoreError."""
        if not relative.startswith(f"{BODIES}/{prefix}") or not is_plain(BODIES, relative):
            raise StoreError.of("body-outside", "a worker sent a body under a name that is not its")
        self._path = into.folder / relative
        try:
            self._descriptor = system.open_new(self._path)
        except OSError as error:
            raise cannot("write", self._path, error) from error

    def write(self, data: bytes, *, last: bool, sync: bool) -> None:
        """The next piece. Raises StoreError."""
        try:
            write_all(self._descriptor, data)
            if sync:
                os.fsync(self._descriptor)
        except OSError as error:
            self.close()
            raise cannot("write", self._path, error) from error
        if last:
            self.close()

    def close(self) -> None:
        """No more comes."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
