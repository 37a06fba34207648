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

from smoke.diagnostic import Diagnostic, SmokeError, nearest


def refuse_unknown(names: Iterable[str], known: Iterable[str], of: str) -> None:
    """Raise TypeError for a name that is no option, as Python does, with the nearest that is. `of` was called."""
    known = list(known)
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean '{close}'?" if close else ""
            raise TypeError(f"{of}() got an unexpected keyword argument '{name}'{hint}")


if TYPE_CHECKING:  # a type checker reads the fields; with a `__call__` before them it would not

    class _Named(Struct, frozen=True):
        pass
else:

    class _Names(type(Struct)):
        def __call__(cls, *values: Any, **given: Any) -> Any:
            refuse_unknown(given, cls.__struct_fields__, cls.__name__)
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


def _plain_kind(value: Any) -> bool:
    """Whether there is nothing in a value that could be of another type."""
    return isinstance(value, (str, int, float, Path)) or not value


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
    return msgspec.convert(value, wanted, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    """A path; msgspec asks for the types that it does not know."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"Expected a path, got `{type(value).__name__}`")


def _told(error: msgspec.ValidationError) -> str:
    """What msgspec says, in Python's words; it quotes no value."""
    said = str(error).partition(" - at ")[0].replace("`null`", "None").replace("`array`", "a list")
    return said[0].lower() + said[1:]
