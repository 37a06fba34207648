"""The fields of the model's classes: of msgspec's Structs (what a run is made of) and of dataclasses (findings)."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

from msgspec import NODEFAULT, Struct


class Field(NamedTuple):
    """A field's name, its annotation as it is written, and its default (`NODEFAULT` when it has none)."""

    name: str
    annotation: str
    default: object


@functools.cache
def fields_of(kind: type) -> tuple[Field, ...] | None:
    """The fields of a class in order; None for a class without such."""
    if issubclass(kind, Struct):
        return _of_struct(kind)
    if dataclasses.is_dataclass(kind):
        return tuple(
            Field(field.name, str(field.type), _default(field))
            for field in dataclasses.fields(kind)
        )
    return None


def _default(field: dataclasses.Field[Any]) -> object:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return NODEFAULT


def _of_struct(kind: type[Struct]) -> tuple[Field, ...]:
    # msgspec.structs.fields would resolve every annotation, which takes milliseconds
    names, given = kind.__struct_fields__, kind.__struct_defaults__
    defaults = (NODEFAULT,) * (len(names) - len(given)) + tuple(
        default.factory() if type(default).__name__ == "Factory" else default for default in given
    )
    return tuple(
        Field(name, str(kind.__annotations__[name]), default)
        for name, default in zip(names, defaults, strict=True)
    )
