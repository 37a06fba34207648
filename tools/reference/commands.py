"""The commands, from typer's own tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from reference.markdown import code, fence, page, sentence, table, unwrapped

from smoke.cli.main import app

_DEFAULT = re.compile(r"\s*\[default: (.+?)\]\s*$")
_TYPES = {"integer": "NUMBER", "int": "NUMBER", "float": "NUMBER", "text": "TEXT", "str": "TEXT"}
_INTRO = """\
Every command, argument and option, as `smoke COMMAND --help` has them. A time is a number with `ms`, `s`, `m` or `h`.
A command that says nothing else of its exit status ends with 0 when it did its work, and 2 when it was asked for what there is not;
[Exit statuses](exit-statuses.md) has all of them."""


def commands_page() -> str:
    """docs/reference/commands.md."""
    return page("Commands", _INTRO, (_command(words, item) for words, item in commands()))


def variables_of_options() -> dict[str, list[str]]:
    """Environment variables that stand for an option, and the options."""
    found: dict[str, list[str]] = {}
    for words, command in commands():
        for parameter in command.params:
            names = parameter.envvar or ()
            for name in (names,) if isinstance(names, str) else names:
                found.setdefault(name, []).append(f"`smoke {words} {_longest(parameter)}`")
    return found


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its words."""
    yield from _below(typer.main.get_command(app), ())


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    names = command.list_commands(None) if hasattr(command, "list_commands") else []
    if words and (not names or command.invoke_without_command):
        yield " ".join(words), command
    for name in names:
        yield from _below(command.get_command(None, name), (*words, name))


def _command(words: str, command: Any) -> str:
    parts = [f"## smoke {words}\n", unwrapped(command.help or "") + "\n"]
    parts.append(fence("text", _usage(words, command)))
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option"]
    parts.append(table(("argument", "meaning"), (_argument(item) for item in arguments)))
    if command.epilog:
        parts.append(f"{sentence(command.epilog)}\n")
    parts.append(table(("option", "meaning"), (_option(item) for item in options)))
    return "\n".join(part for part in parts if part)


def _usage(words: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    named = [_name(item) if item.required else f"[{_name(item)}]" for item in arguments]
    options = ["[OPTIONS]"] if len(arguments) < len(command.params) else []
    below = ["[COMMAND]"] if hasattr(command, "list_commands") else []
    return " ".join(["smoke", words, *named, *options, *below])


def _name(item: Any) -> str:
    """An argument in capitals, `...` behind one that may be given more than once."""
    name: str = (item.metavar or item.name.upper()).replace("[", "").replace("]", "")
    return name if item.nargs != -1 or name.endswith("...") else f"{name}..."


def _argument(item: Any) -> tuple[str, str]:
    help_text, default = _told(item)
    return code(_name(item)), sentence(help_text) + _by_default(default)


def _option(item: Any) -> tuple[str, str]:
    help_text, told = _told(item)
    names = ", ".join([*item.opts, *item.secondary_opts])
    takes = "" if item.is_flag else f" {item.metavar or _type(item)}"
    meaning = sentence(help_text)
    if item.multiple or item.nargs == -1:
        meaning += " May be given more than once."
    if item.envvar:
        meaning += f" Environment: {code(str(item.envvar))}."
    return code(names + takes), meaning + _by_default(told or _default(item))


def _by_default(default: str) -> str:
    """Behind the meaning: a column of its own is empty nearly everywhere, and wider than a phone."""
    if default == "needed":
        return " Needed."
    return f" Default: {default}." if default else ""


def _told(item: Any) -> tuple[str, str]:
    """The help text, and the default that it tells."""
    text = item.help or ""
    told = _DEFAULT.search(text)
    return (text[: told.start()], told[1]) if told else (text, "")


def _type(item: Any) -> str:
    choices = getattr(item.type, "choices", None)
    if choices:
        return "|".join(str(getattr(choice, "value", choice)) for choice in choices)
    name: str = item.type.name
    return _TYPES.get(name.removesuffix(" range"), name.upper())


def _default(item: Any) -> str:
    if item.required:
        return "needed"
    if item.is_flag or item.default in (None, "", ()) or callable(item.default):
        return ""
    return code(str(item.default))


def _longest(parameter: Any) -> str:
    return max(parameter.opts, key=len)
