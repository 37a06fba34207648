"""The documentation as data: every block of code in README and the manual, with its place and its mark."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from msgspec import Struct

from smoke.cli.main import app
from tests.support.command_tree import commands

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
_FENCE = re.compile(r"^( *)```(\S*)([^\n]*)\n(.*?)^ *```[ \t]*$", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"<!-- not run: ([^>]{10,300}) -->\s*\Z")
_TITLE = re.compile(r'title="([^"]+)"')


class Block(Struct, frozen=True):
    """A block of code. `title` is the file that it is; `not_run` the reason in the source why nothing carries it out."""

    page: Path
    line: int
    language: str
    title: str
    not_run: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str, marked: bool = False) -> list[Block]:
    """The blocks of these languages in all pages; those with a mark only where they are asked for."""
    return [
        block
        for page in PAGES
        for block in blocks_of(page)
        if block.language in languages and (marked or not block.not_run)
    ]


def blocks_of(page: Path) -> Iterator[Block]:
    """Every block of a page."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        mark = _MARK.search(text, 0, found.start())
        title = _TITLE.search(found[3])
        yield Block(
            page=page,
            line=text.count("\n", 0, found.start()) + 1,
            language=found[2],
            title=title[1] if title else "",
            not_run=mark[1] if mark else "",
            text=textwrap.dedent(found[1] + found[4].removeprefix(found[1])),
        )


def typed(block: Block) -> list[str]:
    """The lines that a console or shell block has somebody type, continued ones joined."""
    text = block.text.replace("\\\n", " ")
    if block.language == "console":
        return [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return text.splitlines()


def smoke_commands(line: str) -> list[list[str]]:
    """The arguments of each `smoke …` in a line of a shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    found: list[list[str]] = []
    words: list[str] | None = None
    tokens = list(lexer)
    for at, word in enumerate(tokens):
        if re.fullmatch(r"[();<>|&]+", word):
            words = None
        elif words is not None:
            words.append(word)
        elif word == "smoke" and (at == 0 or tokens[at - 1] not in ("cd", "pip", "git")):
            words = []
            found.append(words)
    return found


def usage_problem(arguments: list[str]) -> str:
    """What is wrong with the arguments of `smoke`, as typer sees them; empty when nothing is."""
    if arguments and arguments[0].startswith("-"):
        return "" if arguments in (["--version"], ["--help"], ["--install-completion"]) else "?"
    known = commands()
    if f"{arguments[0]} list" in known and " ".join(arguments[:2]) not in known:
        arguments = [arguments[0], "list", *arguments[1:]]  # the word may be left out
    words = next((" ".join(arguments[:n]) for n in (2, 1) if " ".join(arguments[:n]) in known), "")
    if not words:
        return f"there is no command `smoke {' '.join(arguments[:2])}`"
    command = _command(words.split())
    context = typer.Context(command)
    rest = [word for word in arguments[len(words.split()) :] if word not in ("…", "...")]
    try:
        given, left, _ = command.make_parser(context).parse_args(rest)
    except Exception as error:  # noqa: BLE001  (click's own exceptions, whichever package brings them)
        return f"`smoke {' '.join(arguments)}`: {error}"
    missing = [
        str(item.name)
        for item in command.params
        if item.param_type_name == "argument" and item.required and not given.get(item.name)
    ]
    problems = [f"too many words {left}"] * bool(left) + [f"no {name}" for name in missing]
    return f"`smoke {' '.join(arguments)}`: {', '.join(problems)}" if problems else ""


def _command(words: list[str]) -> Any:
    command: Any = typer.main.get_command(app)
    for word in words:
        command = command.get_command(None, word)
    return command
