"""The values of declared options as they are written on the command line, whoever takes it apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from smoke.app.declared import Declared, Takes
from smoke.app.written import duration, given, header, pair
from smoke.diagnostic import SmokeError


class ValueSource(Protocol):
    """One of the places that a value can come from: `COMMANDLINE`, `ENVIRONMENT`, `DEFAULT`."""

    @property
    def name(self) -> str: ...


class Sources(Protocol):
    """Knows where a command's values came from; typer's context is one."""

    def get_parameter_source(self, name: str, /) -> ValueSource | None:
        """The place, by the name of the parameter."""


def as_text(item: Declared) -> tuple[Any, Any]:
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
            return "" if default is None else _time(default), str
        case Takes.TEXT:
            return (None, str | None) if item.option.filled else (default, str)
        case _:
            return None, list[str] | None


def _time(seconds: float) -> str:
    return f"{seconds / 60:g}m" if seconds % 60 == 0 else f"{seconds:g}s"


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


def check_variables(
    context: Sources, options: Iterable[Declared], found: Mapping[str, Any]
) -> None:
    """Refuse an address of an environment variable under the variable's name: nobody typed the option. Raises SmokeError."""
    for item in options:
        source = context.get_parameter_source(item.word)
        if item.option.address is None or source is None or source.name != "ENVIRONMENT":
            continue
        from smoke.scenario.address import AddressError

        try:
            item.option.address(found[item.field])
        except AddressError as error:
            words = f"{item.option.environment} {error}"
            raise SmokeError.of("bad-url", words, notes=error.notes) from error
