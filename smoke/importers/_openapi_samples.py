"""Values of the right kind for what an OpenAPI document asks for: its examples, else what its schema says."""

from __future__ import annotations

from itertools import islice
from typing import Any

from smoke.importers._openapi_document import OpenApiDocument
from smoke.importers._shapes import as_dict, as_list, as_text
from smoke.importers._yaml_bodies import marked
from smoke.redact.keys import words

# a person's values are told by their look and become made-up data behind the importer, as those of a recording do
_BY_NAME = {
    "email": "ann.berg@shop.example", "phone": "+1 555 0100", "telephone": "+1 555 0100", "mobile": "+1 555 0100", "firstname": "Ann",
    "givenname": "Ann", "lastname": "Berg", "familyname": "Berg", "surname": "Berg", "name": "Ann Berg", "fullname": "Ann Berg", "street": "12 Mill Lane",
    "address1": "12 Mill Lane", "line1": "12 Mill Lane", "city": "Lakeside", "postcode": "11627", "postalcode": "11627", "zip": "11627", "zipcode": "11627",
    "country": "US", "countrycode": "US", "currency": "EUR", "currencycode": "EUR", "locale": "en", "language": "en", "password": "correct horse 4711",
    "cardnumber": "4242424242424242", "cvc": "737", "cvv": "737",
}  # fmt: skip
_BY_FORMAT = {"email": "ann.berg@shop.example", "date-time": "$now", "date": "2030-01-15", "time": "12:00:00Z", "uuid": "$uuid", "uri": "https://shop.example/", "url": "https://shop.example/", "ipv4": "192.0.2.1", "hostname": "shop.example", "password": "correct horse 4711", "byte": "dGVh"}  # fmt: skip
_DEEPEST = 10
_MOST_VALUES = 2000
_MOST_PARTS = 500
"""Properties of an object, and schemas that are joined, of one schema."""
_LONGEST = 200
_MOST_LEFT_OUT = 12


class Samples:
    """Values for one request; `guesses` say what was not read in an example."""

    def __init__(self, file: OpenApiDocument) -> None:
        self._file = file
        self._left = _MOST_VALUES
        self.guesses: list[str] = []
        self.left_out: list[str] = []
        """What need not be sent."""

    def of(self, spec: dict[str, Any], name: str) -> Any:
        """The value for a parameter or a media type; None where nothing is told."""
        found = self._example(spec)
        if found is not None:
            return found
        for each in as_dict(spec.get("examples")).values():
            example = self._file.resolved(each)
            if "value" in example:
                return example["value"]
            if "externalValue" in example:
                self._file.say("an example that stands elsewhere: nothing is fetched")
        if "schema" not in spec:
            return None
        return self._value(spec["schema"], name, 0)

    def _example(self, spec: dict[str, Any]) -> Any:
        for key in ("example", "const"):
            if spec.get(key) is not None:
                return spec[key]
        examples = spec.get("examples")
        return examples[0] if isinstance(examples, list) and examples else None

    def _value(self, schema: Any, name: str, depth: int) -> Any:
        spec = self._file.resolved(schema)
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return None
        found = self._example(spec)
        if found is None:
            found = spec.get("default")
        if found is not None:
            return found
        if as_list(spec.get("enum")):
            return spec["enum"][0]
        if "allOf" in spec:
            return self._joined(spec, name, depth)
        for key in ("oneOf", "anyOf"):
            for each in as_list(spec.get(key)):
                if self._file.resolved(each).get("type") != "null":
                    self._guess(
                        f"of the ways that '{name or 'the body'}' may be written the first one"
                    )
                    return self._value(each, name, depth + 1)
        return self._by_type(spec, name, depth)

    def _joined(self, spec: dict[str, Any], name: str, depth: int) -> Any:
        made: dict[str, Any] = {}
        value: Any = None
        for each in [*as_list(spec["allOf"])[:_MOST_PARTS], {**spec, "allOf": None}]:
            inner = {
                key: item for key, item in self._file.resolved(each).items() if item is not None
            }
            value = self._value(inner, name, depth + 1) if inner and inner.keys() - {"description"} else None  # fmt: skip
            if isinstance(value, dict):
                made |= value
            elif value is not None and not made:
                return value
        return made

    def _by_type(self, spec: dict[str, Any], name: str, depth: int) -> Any:
        kinds = spec.get("type")
        kind = next((each for each in as_list(kinds) if each != "null"), "") if isinstance(kinds, list) else kinds  # fmt: skip
        if kind == "object" or "properties" in spec:
            return self._object(spec, depth)
        if kind == "array" or "items" in spec:
            return [self._value(spec.get("items"), name, depth + 1)] if spec.get("items") else []
        if kind in {"integer", "number"}:
            return _number(spec)
        if kind == "boolean":
            return True
        return self._text(spec, name) if kind == "string" or not kind else None

    def _object(self, spec: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = dict(islice(as_dict(spec.get("properties")).items(), _MOST_PARTS))
        required = {as_text(each) for each in as_list(spec.get("required"))} & properties.keys()
        resolved = {key: self._file.resolved(each) for key, each in properties.items()}
        asked = [
            key
            for key, each in resolved.items()
            if key in required
            or not required
            or self._example(each) is not None
            or "default" in each
        ]
        self.left_out += [
            key for key in properties if key not in asked and len(self.left_out) < _MOST_LEFT_OUT
        ]
        return {
            key: self._value(properties[key], key, depth + 1)
            for key in asked
            if resolved[key].get("readOnly") is not True
        }

    def _text(self, spec: dict[str, Any], name: str) -> str:
        form = as_text(spec.get("format"))
        parts = words(name)
        ends = ["".join(parts[-count:]) for count in (3, 2, 1) if len(parts) >= count]
        found = next((_BY_NAME[each] for each in ends if each in _BY_NAME), "")
        if form == "binary":
            self._file.say(f"the file '{name[:60]}'")
            return ""
        if form in _BY_FORMAT and not found:
            found = _BY_FORMAT[form]
            return marked(found) if found[0] == "$" else found
        if not found:
            self._guess(f"'{name}'" if name else "the body")
            found = name[:40].lower() or "text"
        least = spec.get("minLength")
        if isinstance(least, int) and len(found) < least <= _LONGEST:
            found += "x" * (least - len(found))
        most = spec.get("maxLength")
        return found[:most] if isinstance(most, int) and most > 0 else found

    def _guess(self, what: str) -> None:
        if what not in self.guesses and len(self.guesses) < 10:
            self.guesses.append(what)


def _number(spec: dict[str, Any]) -> Any:
    """The least number that is allowed, from 1."""
    least = spec.get("minimum")
    above = spec.get("exclusiveMinimum")
    if isinstance(above, (int, float)) and not isinstance(above, bool):
        least = above + 1
    elif above is True and isinstance(least, (int, float)):
        least += 1
    if not isinstance(least, (int, float)) or isinstance(least, bool) or least < 1:
        return 1
    return least
