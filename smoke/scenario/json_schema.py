"""Holds a JSON value against a JSON Schema, by the library `jsonschema`; it is loaded where a scenario names one.

Patterns have a time limit, `multipleOf` counts decimal digits, and `uniqueItems` takes no longer than the list: what
comes out of an answer must not hold the run up, and 19.99 is a multiple of 0.01. `format` is a note, as the standard
has it (JSON Schema Validation 2020-12, 7.2.1).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from types import MappingProxyType
from typing import Any

from smoke.diagnostic import nearest
from smoke.extras import install_command
from smoke.model.numbers import exact, json_text
from smoke.model.run import JsonValue, ValueDifference
from smoke.scenario.diff import MOST, step_to
from smoke.scenario.files import FileRefusedError
from smoke.scenario.matcher import TYPES, is_number
from smoke.scenario.pairing import hashable
from smoke.scenario.patterns import check_pattern, search
from smoke.scenario.schema_documents import SchemaDocuments

_SEEN = 1000
_NOT_EXPECTED = ("additionalProperties", "properties", "unevaluatedProperties")
"""Keywords that say of themselves only that something must not be there."""
_DIALECTS = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-04/schema",
)


class JsonSchema:
    """A schema that was found to be one. Raises FileRefusedError where it is none."""

    def __init__(
        self,
        documents: SchemaDocuments,
        pointer: str = "",
        *,
        uri: str = "",
        dialect: str = "",
        nullable: bool = False,
    ) -> None:
        """The first document; with a JSON Pointer, what lies there in the document `uri`, which was looked at before.

        `dialect` goes for a `$schema` that is not there. `nullable` is a keyword of OpenAPI 3.0.
        """
        dialect = _dialect_of(documents, dialect)
        if not pointer:
            _check(documents, dialect)
        validator = _validator(dialect, nullable=nullable)
        registry = _registry(documents, dialect)
        self._validator = validator(
            {"$ref": f"{uri or documents.first}#{pointer}"}, registry=registry
        )

    def differences(
        self, value: JsonValue, path: str = "$"
    ) -> tuple[tuple[ValueDifference, ...], int]:
        """The first places where a value is not what the schema asks for, and how many more were seen.

        Raises PatternError for a pattern that takes too long, RecursionError for what is nested too deep.
        """
        found = list(islice(self._places(value, path), _SEEN))
        return tuple(found[:MOST]), max(0, len(found) - MOST)

    def _places(self, value: JsonValue, path: str) -> Iterator[ValueDifference]:
        from jsonschema.exceptions import best_match

        for error in self._validator.iter_errors(value):
            place = path
            telling = best_match(
                [error]
            )  # of alternatives, what is wrong with the one that fits best
            for step in telling.absolute_path:
                place = step_to(place, step)
            yield _difference(telling, place)


def _difference(error: Any, path: str) -> ValueDifference:
    rule = str(error.validator or "")
    if rule == "required":
        return ValueDifference(path, "a value", rule=rule, absent="actual")
    if not rule or rule in _NOT_EXPECTED:
        return ValueDifference(path, actual=error.instance, rule=rule, absent="expected")
    wanted = error.validator_value
    if isinstance(wanted, dict) or (
        isinstance(wanted, list) and any(isinstance(item, dict) for item in wanted)
    ):
        wanted = f"{len(wanted)} schemas" if isinstance(wanted, list) else "a schema"
    return ValueDifference(path, wanted, error.instance, rule=rule)


def _dialect_of(documents: SchemaDocuments, otherwise: str) -> str:
    content = documents.content
    given = content.get("$schema") if isinstance(content, dict) and not otherwise else None
    if given is None:
        return otherwise or _DIALECTS[0]
    word = str(given).rstrip("#")
    if word in _DIALECTS:
        return word
    raise FileRefusedError(
        "bad-schema",
        f"'{documents.name_of(documents.first)}' has an unknown $schema, {str(given)[:200]}",
        [f"known are {', '.join(_DIALECTS)}"],
        nearest(word, _DIALECTS),
    )


def _check(documents: SchemaDocuments, dialect: str) -> None:
    """Raises FileRefusedError for a document that is no schema."""
    for uri, content in documents.contents.items():
        if not isinstance(content, (dict, bool)):
            name = documents.name_of(uri)
            raise FileRefusedError("bad-schema", f"'{name}' is no JSON Schema: it is no object")
        check_schema(content, documents.name_of(uri), dialect)


def check_schema(schema: Any, name: str, dialect: str) -> None:
    """Raises FileRefusedError for what is no schema, with the place and, of a type, the word that was meant."""
    base = _base_validator(dialect)

    from jsonschema.exceptions import best_match

    error = best_match(base(base.META_SCHEMA).iter_errors(schema))
    if error is not None:
        place = functools.reduce(step_to, error.absolute_path, "$")
        near = nearest(error.instance, TYPES) if isinstance(error.instance, str) else None
        raise FileRefusedError(
            "bad-schema",
            f"'{name}' is no JSON Schema: {json_text(error.instance)[:60]} cannot stand at {place}",
            suggestion=near,
        )
    for pattern in _patterns(schema):
        if problem := check_pattern(pattern):
            raise FileRefusedError("bad-schema", f"'{name}' has a pattern that is {problem}")


def _patterns(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(pattern := value.get("pattern"), str):
                yield pattern
            if isinstance(by_pattern := value.get("patternProperties"), dict):
                yield from by_pattern
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _base_validator(dialect: str) -> Any:
    try:
        from jsonschema import validators
    except ImportError as error:
        raise FileRefusedError(
            "schema-missing",
            f"schemas are read with a package that is not installed: {install_command('schema')}",
        ) from error
    return validators.validator_for({"$schema": dialect})


@functools.cache
def _validator(dialect: str, *, nullable: bool) -> Any:
    from jsonschema import validators

    base = _base_validator(dialect)
    extend: Any = validators.extend
    ours = {name: test for name, test in _OURS.items() if name in base.VALIDATORS}
    if nullable:
        ours["type"] = _nullable_type(base.VALIDATORS["type"])
    return extend(base, ours)


def _nullable_type(plain: Any) -> Any:
    """`type` as OpenAPI 3.0 has it (Schema Object): null is of each type with `nullable: true` beside it."""

    def test(validator: Any, kind: Any, value: Any, schema: Any) -> Any:
        is_null = value is None and schema.get("nullable") is True
        return () if is_null else plain(validator, kind, value, schema)

    return test


def _registry(documents: SchemaDocuments, dialect: str) -> Any:
    """The documents, and the schemas of JSON Schema itself. It fetches nothing."""
    from jsonschema_specifications import REGISTRY
    from referencing.jsonschema import specification_with

    specification = specification_with(dialect)
    return REGISTRY.with_resources(
        (uri, specification.create_resource(_without_dialect(content)))
        for uri, content in documents.contents.items()
    )


def _without_dialect(value: Any) -> Any:
    """A schema without its `$schema`: the validator would go on with a plain one of that dialect."""
    if isinstance(value, dict):
        return {
            key: _without_dialect(item)
            for key, item in value.items()
            if key != "$schema" or not isinstance(item, str)
        }
    return [_without_dialect(item) for item in value] if isinstance(value, list) else value


# keywords: each gets the validator, what stands behind the keyword, the value, and the schema around it


def _error(message: str, **of: Any) -> Any:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message, **of)


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    if isinstance(value, str) and search(pattern, value) is None:
        yield _error("no match")


def _pattern_properties(validator: Any, rules: dict[str, Any], value: Any, _: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for pattern, schema in rules.items():
            for name, item in value.items():
                if search(pattern, name) is not None:
                    yield from validator.descend(item, schema, path=name, schema_path=pattern)


def _additional(validator: Any, rule: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, item in value.items():
        if name in known or any(search(pattern, name) is not None for pattern in patterns):
            continue
        if rule is False:
            yield _error("not expected", path=[name], instance=item)
        else:
            yield from validator.descend(item, rule, path=name)


def _properties(validator: Any, rules: Any, value: Any, _: Any) -> Iterator[Any]:
    if not isinstance(value, dict):
        return
    for name, rule in rules.items():
        if name in value and rule is False:
            yield _error("not expected", path=[name], instance=value[name])
        elif name in value:
            yield from validator.descend(value[name], rule, path=name, schema_path=name)


def _required(_: Any, names: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(value, dict) or not isinstance(names, list):
        return
    properties = schema.get("properties", {})
    for name in names:
        rules = properties.get(name)
        # OpenAPI 3, Schema Object: what is only written is required of requests only
        only_written = isinstance(rules, dict) and rules.get("writeOnly") is True
        if name not in value and not only_written:
            yield _error("required", path=[name], instance=None)


def _multiple_of(_: Any, step: Any, value: Any, __: Any) -> Iterator[Any]:
    if is_number(value) and Decimal(exact(value)) % Decimal(exact(step)):
        yield _error("no multiple")


def _unique(_: Any, wanted: Any, value: Any, __: Any) -> Iterator[Any]:
    if wanted and isinstance(value, list) and len({hashable(item) for item in value}) < len(value):
        yield _error("not unique")


_OURS: Mapping[str, Any] = MappingProxyType(
    {
        "additionalProperties": _additional,
        "multipleOf": _multiple_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "properties": _properties,
        "required": _required,
        "uniqueItems": _unique,
    }
)
