"""A project's defaults for the options of a run: `smoke.toml`, or `[tool.smoke]` of `pyproject.toml`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.declared import Declared
from smoke.app.options import every_option
from smoke.app.project_values import ValueRefusedError, value_of
from smoke.app.toml_places import Places
from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest
from smoke.inputs import read_input

OWN_FILE = "smoke.toml"
SHARED_FILE = "pyproject.toml"
MAX_BYTES = 1024 * 1024
_PLACE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_NOT_HERE = {
    "selectors": "scenarios are named on the command line",
    "dry_run": "a file that says so would let every run send nothing, and pass",
    "step": "it asks somebody at a terminal: say so on the command line",
    "on_failure": "it asks somebody at a terminal: say so on the command line",
    "watch": "it wants somebody at a terminal: say so on the command line",
    "dsn": 'a DSN is a secret: name the environment variable that has it, dsn_env = "NAME"',
}


class ProjectDefaults(Struct, frozen=True):
    """The file, and the values that it gives: by field of the options, as these keep them."""

    path: Path
    values: Mapping[str, Any]
    places: Mapping[str, tuple[tuple[Span, str], ...]] = {}
    """Where each file that is to be opened is named, and the line; of a list one for each."""

    def check_files(self, used: Mapping[str, Any]) -> None:
        """Refuse files of the project among the values that are used, by field, where they cannot be opened.

        Raises SmokeError with all of them, each at its place.
        """
        problems: list[Diagnostic] = []
        for name, places in self.places.items():
            value, opens = self.values[name], every_option()[name].option.opens
            if used.get(name) != value or opens is None:
                continue
            for each, (span, line) in zip(_parts(value), places, strict=True):
                try:
                    opens(each)
                except SmokeError as error:
                    excerpt = () if "@" in line else ((span.line, line),)
                    problems += (
                        replace(found, span=span, excerpt=excerpt) for found in error.diagnostics
                    )
        if problems:
            raise SmokeError(problems)


def options_of_projects() -> dict[str, Declared]:
    """The options that a file may set, by field."""
    return {name: item for name, item in every_option().items() if item.option.project}


def find_project(start: Path) -> ProjectDefaults | None:
    """The nearest file from a folder upwards, to the root of its repository; without one only in the folder itself.

    Raises SmokeError with every mistake of the file.
    """
    for folder in _folders(start):
        own = folder / OWN_FILE
        table = _table(folder / SHARED_FILE)
        if os.path.lexists(own):
            if table is not None:
                message = (
                    f"{_shown(own)} and [tool.smoke] of {SHARED_FILE} are both there: keep one"
                )
                raise SmokeError.of("two-project-files", message)
            return _project(own, *_parsed(own, _text(own)), ())
        if table is not None:
            return _project(folder / SHARED_FILE, *table, ("tool", "smoke"))
    return None


def _folders(start: Path) -> Iterator[Path]:
    folders = [start, *start.parents]
    roots = [place for place, folder in enumerate(folders) if os.path.lexists(folder / ".git")]
    yield from folders[: roots[0] + 1 if roots else 1]


def _table(path: Path) -> tuple[Any, str] | None:
    """What `[tool.smoke]` holds, and the file's text; None where there is none."""
    if not os.path.isfile(path):  # noqa: PTH113  (pathlib raises in a folder that may not be searched)
        return None
    text = _text(path)
    if "smoke" not in text:  # other tools' file: it need not be understood
        return None
    content, text = _parsed(path, text)
    tools = content.get("tool")
    if not isinstance(tools, dict) or "smoke" not in tools:
        return None
    return tools["smoke"], text


def _shown(path: Path) -> str:
    """A path as it would be written here."""
    return os.path.relpath(path)


def _text(path: Path) -> str:
    source = _shown(path)
    try:
        data = read_input(path, MAX_BYTES + 1)
    except OSError as error:
        message = f"cannot read {source}: {error.strerror}"
        raise SmokeError.of("cannot-read", message, span=Span(source)) from error
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes"
        raise SmokeError.of("file-too-large", message, span=Span(source))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        span = Span(source, line, column, line, column + 1)
        raise SmokeError.of("not-utf8", "the file is not UTF-8", span=span) from error


def _parsed(path: Path, text: str) -> tuple[dict[str, Any], str]:
    import tomllib

    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        place = _PLACE.search(words)
        told = text.rstrip()
        line = int(place[1]) if place and place[1] else told.count("\n") + 1
        column = int(place[2]) if place and place[2] else len(told) - told.rfind("\n")
        message = f"this is not TOML: {words[: place.start()] if place else words}"
        span = Span(_shown(path), line, column, line, column + 1)
        raise SmokeError.of("toml-syntax", message, span=span) from error
    except RecursionError as error:
        message = "the lists and tables of the file are nested too deep"
        raise SmokeError.of("too-deep", message, span=Span(_shown(path))) from error


def _project(path: Path, table: Any, text: str, above: tuple[str, ...]) -> ProjectDefaults:
    places = Places(text, _shown(path))
    if not isinstance(table, dict):
        message = "tool.smoke is a table of options"
        raise SmokeError.of("wrong-type", message, span=places.value(above))
    known = options_of_projects()
    by_key = {name: item for item in known.values() for name in (item.word, item.field)}
    found: dict[str, Any] = {}
    problems: list[Diagnostic] = []
    for key, value in table.items():
        item = by_key.get(key.replace("-", "_"))
        if item is None:
            problems.append(_unknown(key, places.key((*above, key)), text, by_key))
        elif item.field in found:
            message = f"{key} is here twice, under two spellings"
            problems.append(Diagnostic("duplicate-key", message, span=places.key((*above, key))))
        else:
            try:
                found[item.field] = value_of(item, key, value, _folder(path))
            except ValueRefusedError as error:
                span = places.value((*above, key, *error.path))
                problems.append(_refused(error, span, text))
    if problems:
        raise SmokeError(sorted(problems, key=lambda each: (each.span or Span("")).line))
    return ProjectDefaults(path, found, dict(_files(table, found, places, text, above)))


def _parts(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def _files(
    table: Mapping[str, Any],
    found: Mapping[str, Any],
    places: Places,
    text: str,
    above: tuple[str, ...],
) -> Iterator[tuple[str, tuple[tuple[Span, str], ...]]]:
    """Where each file that an option opens is named, by field."""
    lines = text.split("\n")
    for key, written in table.items():
        for name in found:
            item = every_option()[name]
            if item.option.opens is None or key.replace("-", "_") not in (item.word, item.field):
                continue
            ends = [(str(at),) for at in range(len(written))] if isinstance(written, list) else [()]
            spans = [places.value((*above, key, *end)) for end in ends]
            yield name, tuple((span, lines[span.line - 1]) for span in spans)


def _folder(path: Path) -> Path:
    """The file's folder as its paths are read below it: nothing is put before them where smoke is started there."""
    return Path() if path.parent == Path.cwd() else path.parent


def _unknown(key: str, span: Span, text: str, known: Mapping[str, Declared]) -> Diagnostic:
    """A key that is none. Its value is not quoted: what somebody took for an option may be a secret."""
    line = text.split("\n")[span.line - 1][: span.end_column - 1]
    plain = key.replace("-", "_")
    words = sorted({item.field for item in known.values()})
    reason = _NOT_HERE.get(plain, "")
    near = None if reason else nearest(plain, known)
    return Diagnostic(
        "unknown-key",
        f"a project's file has no key '{key}'",
        span=span,
        label=f"did you mean '{near}'?" if near else "",
        suggestion=near,
        notes=() if near else (Note(reason or f"keys: {', '.join(words)}"),),
        excerpt=() if "=" in line else ((span.line, line),),
    )


def _refused(error: ValueRefusedError, span: Span, text: str) -> Diagnostic:
    """A value that cannot be used, with its line unless a secret may stand there."""
    line = text.split("\n")[span.line - 1]
    return Diagnostic(
        error.code,
        str(error),
        span=span,
        notes=tuple(Note(note) for note in error.notes),
        excerpt=() if error.private or "@" in line else ((span.line, line),),
    )
