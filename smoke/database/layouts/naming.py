"""What several migration tools have in common: names of files, sections of a file, rows with one key each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

LANGUAGES = {
    ".js": "JavaScript",
    ".cjs": "JavaScript",
    ".mjs": "JavaScript",
    ".ts": "TypeScript",
    ".cts": "TypeScript",
    ".mts": "TypeScript",
    ".py": "Python",
    ".rb": "Ruby",
    ".go": "Go",
    ".java": "Java",
    ".kt": "Kotlin",
}


def entries(folder: Path) -> list[Path]:
    """The files of a folder by their names as text, without hidden ones."""
    try:
        found = [file for file in folder.iterdir() if file.is_file()]
    except OSError:
        return []
    return sorted(
        (file for file in found if not file.name.startswith(".")), key=lambda file: file.name
    )


def matching(folder: Path, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Path]]:
    """The files of a folder whose whole name fits, by their names as text."""
    for file in entries(folder):
        if found := pattern.fullmatch(file.name):
            yield found, file


def forward(text: str, up: re.Pattern[str], down: re.Pattern[str]) -> str:
    """The text without the sections that take back; each line stays where it is."""
    lines, backwards = [], False
    for line in text.split("\n"):
        if down.match(line):
            backwards = True
        elif up.match(line):
            backwards = False
        lines.append("" if backwards else line)
    return "\n".join(lines)


def number(text: str) -> str:
    """A whole number without leading zeros, as a tool that counts reads it."""
    return text.lstrip("0") or "0"


def printed(file: Path, text_of: Callable[[Path], str]) -> str:
    """What a migration in a programming language printed, where that was kept beside it under the same name."""
    beside = file.with_suffix(".sql")
    return text_of(beside) if beside.is_file() else ""
