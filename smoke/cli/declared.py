"""Options as they are declared (`smoke.app.declared`), made parameters of a typer command, and read from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import Parameter
from pathlib import Path
from typing import Any

import typer

from smoke.app.declared import Declared, Takes
from smoke.app.written import duration, given, header, pair


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
        return typer.Argument(metavar=option.metavar, help=option.help), list[str]
    default, kind = _as_text(item)
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


def _as_text(item: Declared) -> tuple[Any, Any]:
    """The default as it would be written, and the type of what is written."""
    default = item.default
    match item.option.takes:
        case Takes.FLAG:
            return default, bool
        case Takes.NUMBER:
            return default, int if default is not None else int | None
        case Takes.PATH:
            return default, Path if default is not None else Path | None
        case Takes.TIME:
            return "" if default is None else f"{default:g}s", str
        case Takes.TEXT:
            return (None, str | None) if item.option.filled else (default, str)
        case _:
            return None, list[str] | None


def values(options: Iterable[Declared], written: Mapping[str, Any]) -> dict[str, Any]:
    """The values of options by field, of what was written. Raises SmokeError for the first that cannot be read."""
    return {item.field: _value(item, written[item.word]) for item in options}


def _value(item: Declared, text: Any) -> Any:
    match item.option.takes:
        case Takes.TIME:
            return duration(text, item.name) if text or item.default is not None else None
        case Takes.TEXT:
            return given(text, item.name) if item.option.filled else text
        case Takes.PAIRS:
            return dict(pair(each, item.name) for each in text or ())
        case Takes.HEADERS:
            return tuple(header(each, item.name) for each in text or ())
        case Takes.TEXTS | Takes.WORDS:
            return tuple(text or ())
        case _:
            return text
