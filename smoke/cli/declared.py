"""Options as they are declared (`smoke.app.declared`), made parameters of a typer command."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar

import typer
from msgspec import Struct
from msgspec.structs import replace

from smoke.app.declared import Declared, Takes
from smoke.app.options import every_option
from smoke.cli.option_values import as_text, check_variables, values

R = TypeVar("R")
CONTEXT = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)


class OwnOption(Struct, frozen=True):
    """What a command means by an option of another one: its words, and its default where that differs too."""

    help: str
    default: Any = ...

    def of(self, item: Declared) -> Declared:
        """The option as this command has it. It stands for something else: no variable and no project sets it."""
        option = replace(item.option, help=self.help, environment="", project=False)
        default = item.default if self.default is ... else self.default
        return Declared(item.field, default, option)


def declared_options(
    *, project: bool = True, **own: OwnOption | str
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Make a command of a function whose bare keywords are declared options, by their field: `*, out: Path, dsn_env: str`.

    Their names, help, default, variable and checks are those of the declaration, and a project's file gives their
    defaults (unless not `project`), but for those that have words of the command's `own`. The function gets values as
    `RunOptions` keeps them.
    """
    meant = {
        name: words if isinstance(words, OwnOption) else OwnOption(words)
        for name, words in own.items()
    }

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        hints = typing.get_type_hints(function, include_extras=True)
        items: list[Declared] = []
        shown: list[Parameter] = []
        for param in signature(function).parameters.values():
            if param.kind is Parameter.KEYWORD_ONLY and param.default is Parameter.empty:
                item = every_option()[param.name]
                item = meant.pop(param.name).of(item) if param.name in meant else item
                items.append(item)
                shown += parameters([item])
            else:
                shown.append(
                    param.replace(annotation=hints[param.name], kind=Parameter.KEYWORD_ONLY)
                )
        assert not meant, f"no options of this command: {sorted(meant)}"
        hands_on = any(param.annotation is typer.Context for param in shown)

        @functools.wraps(function)
        def command(context: typer.Context, **written: Any) -> R:
            options = {item.word: written.pop(item.word) for item in items}
            found = found_options(context, items, options, project=project)
            if hands_on:
                written["context"] = context
            return function(**written, **found)

        asked = [CONTEXT, *(param for param in shown if param.annotation is not typer.Context)]
        command.__signature__ = Signature(asked)  # type: ignore[attr-defined]  # typer reads it
        command.__annotations__ = {
            param.name: param.annotation for param in asked
        }  # and this, first
        return command

    return decorate


def found_options(
    context: typer.Context, items: list[Declared], written: Mapping[str, Any], *, project: bool
) -> dict[str, Any]:
    """The values of a command's options by field, checked, with the project's defaults. Raises SmokeError."""
    from smoke.app.checked import check_values
    from smoke.cli.project import given_fields, project_here

    found = values(items, written)
    check_variables(context, items, found)
    check_values(items, found)
    asked = [item for item in items if item.option.project]
    here = project_here() if project and asked else None
    if here is None:
        return found
    from smoke.app.defaults import values_with_defaults

    completed = values_with_defaults(found, asked, given_fields(context, items), here)
    here.check_files(completed)
    return completed


def parameters(options: Iterable[Declared]) -> list[Parameter]:
    """The parameters of a command, in the order of the options."""
    return [
        Parameter(item.word, Parameter.KEYWORD_ONLY, default=shown, annotation=kind)
        for item in options
        for shown, kind in [_typed(item)]
    ]


def _typed(item: Declared) -> tuple[Any, Any]:
    """What typer shows and asks for, and the type that it makes of it."""
    option = item.option
    if option.takes is Takes.WORDS:
        return typer.Argument(None, metavar=option.metavar, help=option.help), list[str] | None
    default, kind = as_text(item)
    shown = typer.Option(
        default,
        *item.names,
        metavar=option.metavar,
        help=option.help,
        envvar=option.environment or None,
        min=option.at_least,
        max=option.at_most,
    )
    return shown, kind
