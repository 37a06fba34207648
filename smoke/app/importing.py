"""A recording that somebody has, made into a scenario file: what is read, what is written, and that it is right."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.importers import read_folder, read_recording
from smoke.inputs import is_folder, read_input
from smoke.recording.assemble import Imported, assemble
from smoke.recording.records import RecordedRequest
from smoke.recording.reimporting import marked
from smoke.scenario.files import Files
from smoke.scenario.load import load_text

LARGEST = 512 * 1024 * 1024
"""Bytes of a recording that are read at most."""
_COLLECTED = {".bru", ".json", ".yml", ".yaml", ".har", ".html", ".txt", ".xml", ".dat"}
"""Files of collections; and a HAR file with the bodies that Playwright puts beside it."""
_MOST_FILES = 10_000
FOLDER = Path("scenarios")


def imported(
    word: str,
    beside: Sequence[str] = (),
    *,
    name: str = "",
    twice: bool = False,
    operations: Sequence[str] = (),
) -> tuple[Imported, str]:
    """The scenario of a file, or of standard input for `-`, and its name; `beside` are files with values, `operations` names of an OpenAPI document's. It loads. Raises SmokeError."""
    others = {each: _bounded(each) for each in beside if each != word}
    source = "standard input" if word == "-" else word
    called = _plain_name(name) if name else _name_of(word)
    if word != "-" and is_folder(Path(word)):
        if operations:
            raise SmokeError.of("bad-option", f"--operation is for a file: {word} is a folder")
        requests = read_folder({**_folder(Path(word)), **others}, source)
    else:
        requests = read_recording(_bounded(word), source, others, operations)
    return scenario_of(requests, called, twice=twice), called


def scenario_of(requests: Sequence[RecordedRequest], name: str, *, twice: bool) -> Imported:
    """The scenario of recorded requests. It loads. Raises SmokeError."""
    made = assemble(requests, name, twice=twice)
    made = replace(made, text=marked(made.text))
    load_text(made.text.encode(), f"{name}.yaml", Files(FOLDER / f"{name}.yaml"))
    return made


def write(made: Imported, path: Path) -> None:
    """Write a scenario where no file is. Raises SmokeError where one is, or where none can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(made.text)
    except FileExistsError as error:
        raise _occupied(path) from error
    except (OSError, ValueError) as error:
        raise SmokeError.of("bad-option", f"cannot write {path}: {error}") from error


def is_there(path: Path) -> bool:
    """Whether a scenario stands there, to be held against the recording."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # such as a name that is too long: `write` tells it
        return False


def check_place(path: Path) -> None:
    """Refuse a path that `write` would, before there is something to write. Raises SmokeError."""
    try:
        if path.exists():
            raise _occupied(path)
        folder = next((each for each in path.parents if each.exists()), Path())
        fits = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:  # such as a name that is too long
        raise SmokeError.of("bad-option", f"cannot write {path}: {error}") from error
    if not fits:
        raise SmokeError.of("bad-option", f"cannot write {path}: nothing can be put into {folder}")


def _occupied(path: Path) -> SmokeError:
    return SmokeError.of(
        "bad-option",
        f"{path} is there already, and nothing is overwritten",
        notes=["give another path with --to"],
    )


def _folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their paths in it; nothing that a link leads to, nor what is hidden or installed."""
    found: dict[str, bytes] = {}
    size = 0
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each[0] != "." and each != "node_modules")
        for name in sorted(names):
            path = Path(at) / name
            if path.suffix in _COLLECTED and path.is_file() and not path.is_symlink():
                data = _read(str(path))
                size += len(data)
                if size > LARGEST or len(found) >= _MOST_FILES:
                    raise SmokeError.of(
                        "file-too-large", f"{folder} holds too much for a collection"
                    )
                found[path.relative_to(folder).as_posix()] = data
    return found


def _bounded(word: str) -> bytes:
    data = _read(word)
    if len(data) > LARGEST:
        raise SmokeError.of("file-too-large", f"{word} is larger than {LARGEST:,} bytes")
    return data


def _read(word: str) -> bytes:
    if word == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        if Path(word).is_char_device():
            raise SmokeError.of("cannot-read", f"cannot read {word}: it is a device, no file")
        return read_input(Path(word), LARGEST + 1)
    except OSError as error:
        raise SmokeError.of("cannot-read", f"cannot read {word}: {error.strerror}") from error


def _name_of(word: str) -> str:
    """A scenario's name of a file's."""
    return _plain_name("" if word == "-" else Path(word).stem)


def _plain_name(text: str) -> str:
    """Small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "imported"
