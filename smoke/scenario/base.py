"""Models that are declared like pydantic's, and need no pydantic for what is right.

Loading pydantic takes longer than a short run's requests. So what is plainly right is read here, and whatever is not
(a wrong type, an unknown key, a rule that is broken) goes to a pydantic model that is made of the same declaration: it
alone decides, words the fault, and gives the JSON Schema.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, dataclass_transform

from msgspec import Struct

if TYPE_CHECKING:
    from smoke.scenario.strict import StrictModel

_NO_DEFAULT: Any = object()
_UNSURE: Any = object()
"""What a reader gives when it cannot tell that a value is right."""
_Reader = Callable[[Any], Any]
_RULES = frozenset({"ge", "le", "min_length", "max_length", "pattern"})


class ModelField(Struct, frozen=True):
    """A field: its default, the key that it is written under, and what pydantic is told of it."""

    default: Any
    alias: str | None
    description: str | None
    others: Mapping[str, Any]

    @property
    def has_default(self) -> bool:
        """Whether it has a value of its own; one that is made anew each time apart."""
        return self.default is not _NO_DEFAULT


def Field(  # noqa: N802  (named like pydantic's, whose words it takes)
    default: Any = _NO_DEFAULT,
    *,
    alias: str | None = None,
    description: str | None = None,
    **others: Any,
) -> Any:
    """A field, declared with the words of `pydantic.Field`."""
    return ModelField(default, alias, description, others)


class ReadAs(Struct, frozen=True, eq=False):  # a type is compared by its identity
    """In an `Annotated` type: how a value of several spellings is read (ValueError for none), and its JSON Schema."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import BeforeValidator

        return BeforeValidator(self.read).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> Any:
        from pydantic import WithJsonSchema

        return WithJsonSchema(dict(self.schema)).__get_pydantic_json_schema__(core_schema, handler)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Model:
    """The base of everything that is written in a scenario file. Its values do not change.

    A subclass may have `_short_form`: what is made of a value before it is read.
    """

    model_fields: ClassVar[dict[str, ModelField]] = {}
    _readers: ClassVar[dict[str, tuple[str, _Reader]] | None]
    _defaults: ClassVar[dict[str, Any]]
    _factories: ClassVar[tuple[tuple[str, Any], ...]]
    _needed: ClassVar[frozenset[str]]
    _twin: ClassVar[Any]

    def __init_subclass__(cls) -> None:
        cls._readers = cls._twin = None
        fields: dict[str, ModelField] = dict(cls.model_fields)
        for name in inspect.get_annotations(cls):
            value = cls.__dict__.get(name, _NO_DEFAULT)
            fields[name] = value if isinstance(value, ModelField) else Field(value)
            if name in cls.__dict__:
                delattr(cls, name)  # an instance has it, or nothing does
        cls.model_fields = fields

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return id(type(self))  # they hold mappings, and are no keys

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """The model of what is written. Raises pydantic's ValidationError where it is not right."""
        short = getattr(cls, "_short_form", None)
        given = value if short is None else short(value)
        made = cls._read(given)
        return cls._of_twin(cls.twin().model_validate(given)) if made is _UNSURE else made

    @classmethod
    def model_json_schema(cls, **options: Any) -> dict[str, Any]:
        """The JSON Schema, as pydantic makes it."""
        return cls.twin().model_json_schema(**options)

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with other values, which are not checked."""
        return self._made({**vars(self), **update}, self.model_fields_set | update.keys())

    @property
    def model_fields_set(self) -> frozenset[str]:
        """The fields that are written, whatever their values."""
        given: frozenset[str] = object.__getattribute__(self, "_set")
        return given

    @classmethod
    def twin(cls) -> type[StrictModel]:
        """The pydantic model of the same declaration."""
        if cls._twin is None:
            from smoke.scenario.twin import twin_of

            cls._twin = twin_of(cls, hints_of(cls))
        return typing.cast("type[StrictModel]", cls._twin)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls._of_twin, handler(cls.twin()))

    @classmethod
    def _of_twin(cls, value: StrictModel) -> Self:
        return cls._made(vars(value), frozenset(value.model_fields_set))

    @classmethod
    def _made(cls, values: Mapping[str, Any], given: frozenset[str]) -> Self:
        made = object.__new__(cls)
        vars(made).update(values)
        object.__setattr__(made, "_set", given)
        return made

    @classmethod
    def _read(cls, value: Any) -> Any:
        """The model of a mapping that is plainly right; else _UNSURE."""
        if type(value) is not dict:
            return _UNSURE
        if cls._readers is None:
            cls._sort_out()
        assert cls._readers is not None
        found: dict[str, Any] = {}
        for key, item in value.items():
            name, reader = cls._readers.get(key, _NOBODY)
            read = reader(item)
            if read is _UNSURE:
                return _UNSURE
            found[name] = read
        given = frozenset(found)
        if not cls._needed <= given:
            return _UNSURE
        made = {name: factory() for name, factory in cls._factories if name not in given}
        return cls._made({**cls._defaults, **made, **found}, given)

    @classmethod
    def _sort_out(cls) -> None:
        """What `_read` asks of the fields, once and not for each step of a thousand scenarios."""
        fields = cls.model_fields.items()
        made = {name: field.others.get("default_factory") for name, field in fields}
        plain = {name: field.default for name, field in fields if made[name] is None}
        cls._factories = tuple((name, made[name]) for name in made if made[name] is not None)
        cls._needed = frozenset(name for name in plain if plain[name] is _NO_DEFAULT)
        cls._defaults = {name: plain[name] for name in plain if name not in cls._needed}
        cls._readers = _readers_of(cls)


def _unsure(_value: Any) -> Any:
    return _UNSURE


_NOBODY = ("", _unsure)


def hints_of(model: type[Model]) -> dict[str, Any]:
    """The types of a model's fields."""
    hints = typing.get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


def _readers_of(model: type[Model]) -> dict[str, tuple[str, _Reader]]:
    """By key: the field's name, and what reads its value."""
    return {
        field.alias or name: (name, _ruled(_reader(hint), field.others))
        for (name, hint), field in zip(
            hints_of(model).items(), model.model_fields.values(), strict=True
        )
    }


def _ruled(reader: _Reader, rules: Mapping[str, Any]) -> _Reader:
    """The reader, with the rules of its field."""
    if not _RULES & rules.keys():
        return reader
    low, high = rules.get("ge"), rules.get("le")
    shortest, longest = rules.get("min_length", 0), rules.get("max_length")
    pattern = re.compile(rules["pattern"]) if "pattern" in rules else None

    def ruled(value: Any) -> Any:
        read = reader(value)
        if read is None or read is _UNSURE:
            return read
        if isinstance(read, str):
            if not _is_unicode(read):
                return _UNSURE
            if len(read) < shortest or (longest is not None and len(read) > longest):
                return _UNSURE
            return read if pattern is None or pattern.fullmatch(read) else _UNSURE
        return (
            _UNSURE
            if (low is not None and read < low) or (high is not None and read > high)
            else read
        )

    return ruled


def _is_unicode(text: str) -> bool:
    """Half of a surrogate pair is no character, and pydantic counts no text that has one."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _reader(kind: Any) -> _Reader:
    """What reads a value of this type; whatever is not known here is for pydantic."""
    if kind is Any:
        return lambda value: value
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind._read  # noqa: SLF001  (a model's own reader)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in (str, bool, int):
        return lambda value: value if type(value) is kind else _UNSURE
    if origin is typing.Literal:
        return lambda value: value if type(value) is str and value in arguments else _UNSURE
    if origin is types.UnionType or origin is typing.Union:
        return _first_sure(
            [_reader(argument) for argument in arguments if argument is not type(None)]
        )
    if origin is dict and arguments == (str, Any):
        return _mapping
    if origin is dict and arguments == (str, str):
        return _mapping_of_texts
    if origin is tuple and arguments == (str, ...):
        return _texts
    if origin is typing.Annotated and isinstance(kind.__metadata__[0], ReadAs):
        return _spelled(kind.__metadata__[0].read, arguments[0])
    return _unsure


def _first_sure(readers: list[_Reader]) -> _Reader:
    """Of a union with None, which comes first."""

    def first(value: Any) -> Any:
        if value is None:
            return None
        return next((read for one in readers if (read := one(value)) is not _UNSURE), _UNSURE)

    return first


def _mapping(value: Any) -> Any:
    if type(value) is dict and all(type(key) is str for key in value):
        return dict(value)
    return _UNSURE


def _mapping_of_texts(value: Any) -> Any:
    found = _mapping(value)
    sure = found is not _UNSURE and all(type(item) is str for item in found.values())
    return found if sure else _UNSURE


def _texts(value: Any) -> Any:
    if type(value) in (list, tuple) and all(type(item) is str for item in value):
        return tuple(value)
    return _UNSURE


def _spelled(read: Callable[[Any], Any], kind: Any) -> _Reader:
    def spelled(value: Any) -> Any:
        try:
            found = read(value)
        except ValueError:
            return _UNSURE
        if kind is float:
            return found if type(found) is float else _UNSURE
        return _texts(found)

    return spelled
