"""Flyway: `V1.2__name.sql` in the order of the version's numbers, then `R__name.sql` by name; `U…` takes back.

documentation.red-gate.com/fd: versioned migrations, repeatable migrations, schema history table. The checksum is the CRC-32
of the lines without their ends: ChecksumCalculator.java in flyway/flyway, flyway-core/…/internal/resolver.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from smoke.database.layouts.layout import Layout
from smoke.database.layouts.marks import Mark
from smoke.database.layouts.model import Migration, Record, Seen
from smoke.database.layouts.naming import LANGUAGES
from smoke.database.layouts.tree import Tree, text_of

_FILE = re.compile(r"(?:(V)([0-9]+(?:[._][0-9]+)*)|R)__(.+)\.(sql|java|kt)")
_TAKES_BACK = ("UNDO", "DELETE")
_BELOW = "Flyway's baseline is above it: the schema was there when Flyway began"


class Flyway(Layout):
    """Flyway."""

    name = "Flyway"
    tables = ("Flyway",)

    def folders(self, tree: Tree) -> Sequence[Path]:
        """The topmost folders with such files: Flyway looks into the folders below as well."""
        found = tree.folders(lambda f: f.suffix == ".sql" and _FILE.fullmatch(f.name) is not None)
        return [folder for folder in found if not set(found) & set(folder.parents)]

    def migrations(self, folder: Path) -> list[Migration]:
        """By version, then the repeatable ones by name. Those in Java beside `resources/` belong to them."""
        beside = [
            f
            for language in ("java", "kotlin")
            for f in _source(folder, language).rglob("*")
            if f.suffix in (".java", ".kt")
        ]
        versioned, repeatable = [], []
        for file in [*folder.rglob("*.sql"), *beside]:
            match = _FILE.fullmatch(file.name)
            if match is None or not file.is_file():
                continue
            migration = _migration(match, file)
            if match[1]:
                versioned.append((_numbers(match[2]), migration))
            else:
                repeatable.append(migration)
        versioned.sort(key=lambda item: (item[0], item[1].name))
        return [m for _, m in versioned] + sorted(repeatable, key=lambda m: m.name)

    def record(self, marks: Sequence[Mark], migrations: Sequence[Migration]) -> Record:
        """The last row of each; what is below a baseline counts as applied, as Flyway has it."""
        seen: dict[str, Seen] = {}
        names: dict[str, str] = {}
        baseline: tuple[int, ...] = ()
        for mark in marks:
            key = _key(mark.version) if mark.version else f"R {_described(mark.label)}"
            if mark.kind.endswith("BASELINE"):
                baseline = max(baseline, _numbers(mark.version))
            elif mark.kind.startswith(_TAKES_BACK):
                seen.pop(key, None)
            elif mark.kind != "SCHEMA":
                seen[key] = Seen(mark.done, mark.at, mark.checksum)
                names[key] = mark.label
        for migration in migrations:
            if (
                migration.key[0] != "R"
                and migration.key not in seen
                and _numbers(migration.key) <= baseline
            ):
                seen[migration.key] = Seen(done=True, note=_BELOW)
        return Record(seen, names=names)


def _source(folder: Path, language: str) -> Path:
    parts = folder.resolve().parts
    if "resources" not in parts:
        return folder / language / "none"
    at = len(parts) - 1 - parts[::-1].index("resources")
    return Path(*parts[:at], language, *parts[at + 1 :])


def _migration(match: re.Match[str], file: Path) -> Migration:
    key = _key(match[2]) if match[1] else f"R {_described(file.name)}"
    if match[4] != "sql":
        return Migration(
            key,
            file.stem,
            file,
            "",
            LANGUAGES[file.suffix],
            prints="`flyway migrate -dryRunOutput=FILE.sql` prints it",
        )
    text = text_of(file)
    return Migration(key, file.stem, file, text, digests=frozenset([_checksum(text)]))


def _checksum(text: str) -> str:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    value = zlib.crc32("".join(lines).encode())
    return str(value - (1 << 32) if value >= 1 << 31 else value)


def _numbers(version: str) -> tuple[int, ...]:
    """The parts of a version; 1.0 is 1."""
    parts = [int(part) for part in re.findall("[0-9]+", version)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _key(version: str) -> str:
    return ".".join(map(str, _numbers(version)))


def _described(script: str) -> str:
    return re.sub(r"^R__|\.(sql|java|kt)$", "", Path(script).name)


LAYOUT = Flyway()
