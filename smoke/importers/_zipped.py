"""Files in a ZIP, read in memory and under bounds: nothing is unpacked, and a name is a key and no path."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib

from smoke.diagnostic import SmokeError

# PKWARE's APPNOTE 4.3.7 and 4.3.12: what a file and an entry of the directory begin with
_FILE, _ENTRY = b"PK\x03\x04", b"PK\x01\x02"
MOST_FILES = 100_000
LARGEST = 256 * 1024 * 1024
"""Bytes of all files that are looked at, as they are when unpacked."""
_WRONG = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,  # a password is wanted
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    struct.error,
)


def first_names(head: bytes) -> list[str]:
    """The names of the files that begin in these bytes; none where they are no ZIP's."""
    found: list[str] = []
    at = 0 if head.startswith(_FILE) else -1
    while at >= 0 and len(head) >= at + 30:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        found.append(head[at + 30 : at + 30 + length].decode("utf-8", "replace"))
        at = head.find(_FILE, at + 30)
    return found


class Zipped:
    """The files of a ZIP. Raises SmokeError where it is damaged, and where it holds too much."""

    def __init__(self, data: bytes, source: str) -> None:
        self._source = source
        self._left = LARGEST
        if data.count(_ENTRY) > MOST_FILES:
            raise SmokeError.of(
                "file-too-large", f"{source} has more than {MOST_FILES:,} files in it"
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _WRONG as error:
            raise self._damaged(error) from error
        self.names = self._zip.namelist()

    def whole(self, name: str) -> bytes:
        """A file of it. Raises SmokeError where it is damaged, or larger than all may be."""
        found = self._read(name, self._left)
        if len(found) > self._left:
            raise SmokeError.of(
                "file-too-large",
                f"{self._source} holds more than {LARGEST:,} bytes when it is unpacked",
            )
        self._left -= len(found)
        return found

    def part(self, name: str, most: int) -> bytes | None:
        """A file of it that has no more bytes than `most`; None for any other, and where there is none. Raises SmokeError as `whole`."""
        try:
            large = self._zip.getinfo(name).file_size > most
        except KeyError:
            return None
        # what the directory says of the size is not to be trusted
        found = None if large else self._read(name, min(most, self._left))
        if found is None or len(found) > most:
            return None
        if len(found) > self._left:
            return self.whole(name)
        self._left -= len(found)
        return found

    def _read(self, name: str, most: int) -> bytes:
        try:
            with self._zip.open(name) as file:
                return file.read(most + 1)
        except _WRONG as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> SmokeError:
        said = "it wants a password" if "password" in str(error) else "it is damaged"
        return SmokeError.of("cannot-read", f"{self._source} is no ZIP that can be read: {said}")
