"""Finds scenarios by name, path or tag: the project's own first, then the ones that ship."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from smoke.app.parts import parts_among
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.inputs import is_folder
from smoke.scenario.load import Loaded, load_scenario
from smoke.text import plural

OWN_FOLDERS = (Path("scenarios"), Path(".smoke/scenarios"))
"""Where a project keeps its scenarios, looked at in this order."""


class Entry(Struct, frozen=True):
    """A scenario file: its name (the file's), and whether it ships with smoke."""

    name: str
    path: Path
    shipped: bool


def shipped_folder() -> Path:
    """The folder of the scenarios that ship: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def entries() -> tuple[Entry, ...]:
    """All scenarios that a name can mean. One of the project hides a shipped one of the same name."""
    found: dict[str, Entry] = {}
    shipped = shipped_folder()
    for folder in OWN_FOLDERS:
        for path in _files(folder):
            own = path.resolve().parent != shipped.resolve()
            found.setdefault(path.stem, Entry(path.stem, path, shipped=not own))
    for path in _files(shipped):
        found.setdefault(path.stem, Entry(path.stem, path, shipped=True))
    return tuple(found[name] for name in sorted(found))


def without_parts(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that can be run: without the project's files that are only included."""
    found = tuple(found)
    parts = parts_among([entry.path for entry in found if not entry.shipped])
    return tuple(entry for entry in found if entry.path not in parts)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.y*ml") if p.suffix in (".yaml", ".yml") and p.is_file())


def select(selectors: Sequence[str]) -> list[Loaded]:
    """The scenarios that the words mean, each once, in the words' order.

    A word is a path, a scenario's name, or a tag. Raises SmokeError with every diagnostic of every file at once,
    and for a word that means nothing.
    """
    paths, problems = meant(selectors)
    loaded: list[Loaded] = []
    for path in paths:
        try:
            loaded.append(load_scenario(path))
        except SmokeError as error:
            problems += error.diagnostics
    if problems:  # one that others need has its mistakes once
        raise SmokeError(list(dict.fromkeys(problems)))
    return loaded


def meant(selectors: Sequence[str]) -> tuple[list[Path], list[Diagnostic]]:
    """The files that the words mean, each once, in the words' order; what is wrong with the words, or keeps a tag from being read."""
    known = {entry.name: entry for entry in entries()}
    paths: dict[Path, None] = {}
    problems: list[Diagnostic] = []
    for word in selectors:
        if is_path(word):
            paths.update(dict.fromkeys(under(Path(word), problems)))
        elif word in known:
            paths[known[word].path] = None
        else:
            tagged = _tagged(word, without_parts(known.values()), problems)
            if not tagged:
                problems.append(_unknown(word, known))
            paths.update(dict.fromkeys(tagged))
    return list(paths), problems


def scenarios_beside(folders: Iterable[Path]) -> Iterator[Loaded]:
    """The scenarios in these folders and of the project, as far as they can be read."""
    paths = [path for folder in sorted({*folders, *OWN_FOLDERS}) for path in _files(folder)]
    for path in paths:
        with suppress(SmokeError):
            yield load_scenario(path)


class Described(Struct, frozen=True):
    """A scenario for a listing; `problem` says in a few words why its file cannot be used."""

    name: str
    path: str
    shipped: bool
    summary: str = ""
    tags: tuple[str, ...] = ()
    problem: str = ""


def described() -> tuple[Described, ...]:
    """Every scenario that a name can mean, with what it says of itself."""
    return tuple(_describe(entry) for entry in without_parts(entries()))


def _describe(entry: Entry) -> Described:
    try:
        scenario = load_scenario(entry.path).scenario
    except SmokeError as error:
        count = len(error.diagnostics)
        problem = f"cannot be used: {plural(count, 'mistake')}"
        return Described(
            entry.name,
            entry.path.as_posix(),
            entry.shipped,
            problem=f"{problem} (smoke check {entry.path.as_posix()})",
        )
    return Described(
        entry.name, entry.path.as_posix(), entry.shipped, scenario.summary, tuple(scenario.tags)
    )


def is_path(word: str) -> bool:
    """Whether a word means a file or a folder, and no name."""
    return word.endswith((".yaml", ".yml")) or "/" in word or "\\" in word or is_folder(Path(word))


def under(path: Path, problems: list[Diagnostic]) -> list[Path]:
    """The file, or the scenarios in the folder; that there are none is one of the `problems`."""
    if not is_folder(path):
        return [path]  # whether it is there is the loader's business, with its message
    files = _files(path)
    parts = parts_among(files)
    files = [file for file in files if file not in parts]
    if not files:
        problems.append(Diagnostic("no-scenarios", f"no scenario file (*.yaml) in {path}"))
    return files


def _tagged(tag: str, candidates: Iterable[Entry], problems: list[Diagnostic]) -> list[Path]:
    found = []
    for entry in candidates:
        try:
            loaded = load_scenario(entry.path)
        except SmokeError as error:
            if not entry.shipped:
                problems += error.diagnostics  # a broken file might be the one that carries the tag
            continue
        if tag in loaded.scenario.tags:
            found.append(entry.path)
    return found


def _unknown(word: str, known: Iterable[str]) -> Diagnostic:
    names = sorted(known)
    return Diagnostic(
        "unknown-scenario",
        f"no scenario, file or tag named '{word}'",
        suggestion=nearest(word, names),
        notes=(
            Note(f"scenarios: {', '.join(names) or '(none)'}"),
            Note(f"looked in {', '.join(f'{folder}/' for folder in OWN_FOLDERS)} and what ships"),
            Note("a path ends in .yaml or has a slash; `smoke list` shows them all"),
        ),
    )
