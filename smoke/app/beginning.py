"""What `smoke new` puts into a project: a first scenario, targets, an editor's settings, a CI workflow. Nothing is overwritten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from msgspec import Struct

from smoke.app.exchanging import exchange
from smoke.diagnostic import SmokeError
from smoke.recording.yaml_text import dump
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.starters import github_workflow, starter

SCENARIO = Path("scenarios/first-order.yaml")
TARGETS = Path("smoke-targets.yaml")
SETTINGS = Path(".vscode/settings.json")
SCHEMA = Path(".vscode/smoke-scenario.schema.json")
IGNORED = Path(".gitignore")
WORKFLOW = Path(".github/workflows/checkout-smoke.yml")
EXAMPLE = "https://shop.example"
_MAPPING = {f"./{SCHEMA.as_posix()}": ["scenarios/*.yaml", "scenarios/*.yml"]}
_LARGEST = 1024 * 1024


class FileOutcome(Struct, frozen=True):
    """What became of one file: `wrote`, `added` to it, `kept` as it is, or `by hand`: then `lines` are to be put there."""

    path: Path
    did: str
    lines: tuple[str, ...] = ()


class NewProject(Struct, frozen=True):
    """The files of a new project, and the secrets that its scenario asks for."""

    files: tuple[FileOutcome, ...]
    secrets: tuple[str, ...]


def begin(folder: Path, kind: str, url: str, target: str, ci: str, path: str = "") -> NewProject:
    """Write what is not there yet; `path` is where a GraphQL API is. Raises SmokeError for a file that cannot be written; what is there stays."""
    text = starter(kind, path)
    url = url.removesuffix(path) if text != starter(kind) else url
    loaded = load_text(text.encode(), SCENARIO.as_posix(), Files(SCENARIO))
    secrets = tuple(loaded.scenario.secrets)
    done = [
        _new(folder, SCENARIO, text),
        _new(folder, TARGETS, targets_text(url, target)),
        _new(folder, SCHEMA, _schema()),
        _settings(folder),
        _ignored(folder),
    ]
    if ci == "github":
        done.append(_new(folder, WORKFLOW, github_workflow(target, secrets)))
    return NewProject(tuple(done), secrets)


def targets_text(url: str, target: str) -> str:
    """A targets file with one deployment."""
    head = "# Deployments by name: `smoke run first-order --target NAME`.\n"
    if not url:
        head += f"# Change {EXAMPLE} to the URL of your shop.\n"
    return head + dump({"targets": {target: {"url": url or EXAMPLE}}})


def check_target(name: str) -> None:
    """Refuse a name of a target that is not plain. Raises SmokeError."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", name):
        raise SmokeError.of(
            "bad-option",
            "--target: a name is a letter, then letters, digits, - and _, up to 40 of them",
        )


def merged_settings(text: str) -> str | None:
    """Settings with the mapping put in; None where that would change more than it adds.

    They are written anew only where that gives the very text that was there: no comments, no other layout, no key twice.
    """
    indent = re.match(r"\{\n([ \t]+)", text)
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    end = "\n" if text.endswith("\n") else ""

    def written() -> str:
        return json.dumps(found, indent=indent[1] if indent else 2, ensure_ascii=False) + end

    if not isinstance(found, dict) or (found and written() != text):
        return None
    schemas = found.setdefault("yaml.schemas", {})
    if not isinstance(schemas, dict):
        return None
    for name, patterns in _MAPPING.items():
        if schemas.setdefault(name, patterns) != patterns:
            return None
    return written()


def _schema() -> str:
    from smoke.scenario.schema import json_schema

    return json.dumps(json_schema(), indent=1) + "\n"


def _settings(folder: Path) -> FileOutcome:
    there = _read(folder / SETTINGS)
    if there is None:
        return _new(folder, SETTINGS, json.dumps({"yaml.schemas": _MAPPING}, indent=2) + "\n")
    made = merged_settings(there)
    if made is None:
        wanted = json.dumps({"yaml.schemas": _MAPPING}, indent=2).splitlines()[1:-1]
        return FileOutcome(SETTINGS, "by hand", tuple(wanted))
    if made == there:
        return FileOutcome(SETTINGS, "kept")
    _exchange(folder, SETTINGS, there, made)
    return FileOutcome(SETTINGS, "added", ("yaml.schemas",))


def _ignored(folder: Path) -> FileOutcome:
    there = _read(folder / IGNORED)
    if there is None:
        return _new(folder, IGNORED, ".smoke/\n")
    if {".smoke", ".smoke/", "/.smoke", "/.smoke/"} & {line.strip() for line in there.splitlines()}:
        return FileOutcome(IGNORED, "kept")
    before = "" if not there or there.endswith("\n") else "\n"
    _exchange(folder, IGNORED, there, f"{there}{before}.smoke/\n")
    return FileOutcome(IGNORED, "added", (".smoke/",))


def _new(folder: Path, path: Path, text: str) -> FileOutcome:
    try:
        _write(folder / path, path, text)
    except FileExistsError:
        return FileOutcome(path, "kept")
    return FileOutcome(path, "wrote")


def _exchange(folder: Path, path: Path, before: str, after: str) -> None:
    """Raises SmokeError."""
    exchange(folder / path, before.encode(), after.encode())


def _write(where: Path, path: Path, text: str) -> None:
    """A new file. Raises FileExistsError where one is, else SmokeError."""
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        with where.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        if where.exists():
            raise
        raise _unwritable(path, error) from error
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> SmokeError:
    return SmokeError.of("bad-option", f"cannot write {path.as_posix()}: {error.strerror}")


def _read(path: Path) -> str | None:
    """The text of a file that is there; None where none is. Raises SmokeError for what cannot be read."""
    from smoke.inputs import read_input

    try:
        return read_input(path, _LARGEST).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SmokeError.of(
            "cannot-read", f"cannot read {path.as_posix()}: it is not UTF-8"
        ) from error
    except OSError as error:
        raise SmokeError.of(
            "cannot-read", f"cannot read {path.as_posix()}: {error.strerror}"
        ) from error
