"""Values as a caller gives them, made those that options keep: a text for a path, a list for a tuple; what fits nothing is refused."""

from __future__ import annotations

import os
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from smoke.app.declared import declared
from smoke.diagnostic import Diagnostic, SmokeError, nearest


def words_of(kind: type[Struct]) -> dict[str, str]:
    """The fields of options by their words of the command line: who knows the one tries it for the other."""
    return {item.word: item.field for item in declared(kind).values()}


def refuse_unknown(
    names: Iterable[str], known: Iterable[str], of: str, words: Mapping[str, str] | None = None
) -> None:
    """Raise TypeError for a name that is no option, as Python does, with the one that is meant. `of` was called."""
    known = list(known)
    for name in names:
        if name not in known:
            close = (words or {}).get(name) or nearest(name, known)
            hint = f"; did you mean '{close}'?" if close else ""
            raise TypeError(f"{of}() got an unexpected keyword argument '{name}'{hint}")


def check_called(environ: Any = None, **functions: Any) -> None:
    """Refuse, before anything is sent, what could not be looked up in, or called. Raises SmokeError."""
    problems = [
        f"{name}: a function is expected, not `{type(value).__name__}`"
        for name, value in functions.items()
        if value is not None and not callable(value)
    ]
    if environ is not None and not isinstance(environ, Mapping):
        problems.append(
            f"environ: names and texts are expected, as of os.environ, not `{type(environ).__name__}`"
        )
    if problems:
        raise SmokeError([Diagnostic("bad-option", problem) for problem in problems])


if TYPE_CHECKING:  # a type checker reads the fields; with a `__call__` before them it would not

    class _Named(Struct, frozen=True):
        pass
else:

    class _Names(type(Struct)):
        def __call__(cls, *values: Any, **given: Any) -> Any:
            fields = cls.__struct_fields__
            unknown = [name for name in given if name not in fields]
            if unknown:
                refuse_unknown(unknown, fields, cls.__name__, words_of(cls))
            return super().__call__(*values, **given)

    class _Named(Struct, frozen=True, metaclass=_Names):
        pass


class AsGiven(_Named, frozen=True):
    """Options that take values as a caller has them. Raises SmokeError with each value that is of no use, never showing it."""

    def __post_init__(self) -> None:
        problems: list[Diagnostic] = []
        for name, default in _defaults(type(self)).items():
            value = getattr(self, name)
            if value is default or (type(value) is type(default) and _plain_kind(value)):
                continue
            try:
                force_setattr(self, name, _kept(type(self), name, value))
            except msgspec.ValidationError as error:
                problems.append(Diagnostic("bad-option", f"{name}: {_told(error)}"))
        if problems:
            raise SmokeError(problems)


def _has_null(value: Any) -> bool:
    """Whether a text has a character in it that no path, URL or name can have."""
    if isinstance(value, dict):
        value = tuple(value.items())
    if isinstance(value, tuple):
        return any(_has_null(each) for each in value)
    return isinstance(value, (str, Path)) and "\0" in str(value)


def _plain_kind(value: Any) -> bool:
    """Whether there is nothing in a value that could be of another type."""
    return (
        not value
        or isinstance(value, (int, float))
        or (isinstance(value, str) and "\0" not in value)
    )


@cache
def _defaults(kind: type[Struct]) -> Mapping[str, Any]:
    """The default of each field; of one that is made anew each time nothing that a value could be."""
    plain = zip(kind.__struct_fields__, kind.__struct_defaults__, strict=True)
    return {name: None if _is_made(value) else value for name, value in plain}


def _is_made(default: Any) -> bool:
    return hasattr(default, "factory")


@cache
def _hints(kind: type[Struct]) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _kept(kind: type[Struct], name: str, value: Any) -> Any:
    """The value in the form that the options keep."""
    wanted = _hints(kind)[name]
    if isinstance(value, str) and typing.get_origin(wanted) is tuple:
        value = (value,)  # one, not its letters
    elif isinstance(value, Mapping):
        value = tuple(value.items()) if typing.get_origin(wanted) is tuple else dict(value)
    elif isinstance(value, os.PathLike):
        value = os.fspath(value)
    made = msgspec.convert(value, wanted, dec_hook=_path)
    if _has_null(made):
        raise msgspec.ValidationError("Expected no null character in it")
    return made


def _path(kind: type, value: Any) -> Any:
    """A path; msgspec asks for the types that it does not know."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"Expected a path, got `{type(value).__name__}`")


def _told(error: msgspec.ValidationError) -> str:
    """What msgspec says, in Python's words; it quotes no value."""
    said = (
        str(error)
        .partition(" - at ")[0]
        .replace("`null`", "None")
        .replace("`array`", "a list")
        .replace(" | null`", "` or None")
    )
    return said[0].lower() + said[1:]
