"""Every command of `smoke` with its parameters, as typer knows them: a new one is in every table test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from smoke.cli.main import app


def commands() -> dict[str, list[Any]]:
    """The commands by their words (`db applied`), with their parameters; a group that does something alone is one too."""
    return {words: [*command.params] for words, command in all_commands().items()}


def all_commands() -> dict[str, Any]:
    """The commands themselves."""
    return dict(_below(typer.main.get_command(app), ()))


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    names = list(getattr(command, "commands", {}) or [])
    if hasattr(command, "list_commands"):
        names = command.list_commands(None)
    if words and (not names or command.invoke_without_command):
        yield " ".join(words), command
    for name in names:
        yield from _below(command.get_command(None, name), (*words, name))
