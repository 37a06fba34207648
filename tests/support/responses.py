"""Saved responses of the corpus: a status line, headers, a blank line, the body as it came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "corpus" / "dialects"


@dataclass(frozen=True, slots=True)
class Saved:
    """One case: its response, and what is to be found in it."""

    name: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    expected: dict[str, Any]


def parse(raw: bytes) -> tuple[int, str, list[tuple[str, str]], bytes]:
    """Status, reason, headers and body of a saved response."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    _, status, reason = [*lines[0].split(" ", 2), ""][:3]
    pairs = [line.partition(": ") for line in lines[1:]]
    return int(status), reason, [(name, value) for name, _, value in pairs], body


def load(folder: Path) -> Saved:
    """The case in a folder."""
    expected = json.loads((folder / "finding.json").read_text(encoding="utf-8"))
    status, reason, headers, body = parse((folder / "response.http").read_bytes())
    return Saved(f"{folder.parent.name}/{folder.name}", status, reason, headers, body, expected)


def saved() -> Iterator[Saved]:
    """Every case, sorted by name."""
    for path in sorted(CORPUS.glob("*/*/finding.json")):
        yield load(path.parent)
