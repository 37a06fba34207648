"""The filters of templates: a fixed list of pure functions."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote

from smoke.model.numbers import json_text
from smoke.model.run import JsonValue
from smoke.scenario.filtering import MAX_TEXT, FilterError, kind, text_of


def _int(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or value is None:
        raise FilterError(f"takes a number or digits, not {kind(value)}")
    text = text_of(value).strip()
    if not re.fullmatch(r"[-+]?[0-9]{1,300}", text):
        raise FilterError("takes a whole number")
    return int(text)


def _string(value: JsonValue) -> JsonValue:
    return value if isinstance(value, str) else json_text(value, spaced=True)


def _edge(index: int) -> Callable[[JsonValue], JsonValue]:
    def take(value: JsonValue) -> JsonValue:
        if not isinstance(value, (list, str)):
            raise FilterError(f"takes a list or a text, not {kind(value)}")
        if not value:
            raise FilterError("there is nothing in it")
        return value[index]

    return take


def _list(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _length(value: JsonValue) -> JsonValue:
    if not isinstance(value, (list, str, dict)):
        raise FilterError(f"takes a list, a text or an object, not {kind(value)}")
    return len(value)


def _replace(value: JsonValue, old: JsonValue, new: JsonValue) -> JsonValue:
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        raise FilterError("takes two texts, the first not empty")
    text = text_of(value)
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise FilterError(f"would give more than {MAX_TEXT:,} characters")
    return text.replace(old, new)


def _slug(value: JsonValue) -> JsonValue:
    return re.sub(r"[^a-z0-9]+", "-", text_of(value).lower()).strip("-")


def _is_span(other: JsonValue) -> bool:
    """Whether it is a stretch of time (`3 days`) and no number."""
    return isinstance(other, str) and any(character.isalpha() for character in other)


def _plus(value: JsonValue, other: JsonValue) -> JsonValue:
    if _is_span(other):
        return _shifted(value, other, 1)
    from smoke.scenario.decimals import plus

    return plus(value, other)


def _minus(value: JsonValue, other: JsonValue) -> JsonValue:
    if _is_span(other):
        return _shifted(value, other, -1)
    from smoke.scenario.decimals import minus

    return minus(value, other)


def _shifted(value: JsonValue, other: JsonValue, sign: int) -> JsonValue:
    from smoke.scenario.dates import shifted

    return shifted(value, str(other), sign)


def _times(value: JsonValue, other: JsonValue) -> JsonValue:
    from smoke.scenario.decimals import times

    return times(value, other)


def _divided_by(value: JsonValue, other: JsonValue, *places: JsonValue) -> JsonValue:
    from smoke.scenario.decimals import divided_by

    return divided_by(value, other, *places)


def _round(value: JsonValue, places: JsonValue, *how: JsonValue) -> JsonValue:
    from smoke.scenario.decimals import rounded

    return rounded(value, places, *how)


def _sum(value: JsonValue, *key: JsonValue) -> JsonValue:
    from smoke.scenario.decimals import summed

    return summed(value, *key)


def _date(value: JsonValue, pattern: JsonValue) -> JsonValue:
    from smoke.scenario.dates import formatted

    return formatted(value, pattern)


def _zone(value: JsonValue, name: JsonValue) -> JsonValue:
    from smoke.scenario.dates import in_zone

    return in_zone(value, name)


def _unix(value: JsonValue) -> JsonValue:
    from smoke.scenario.dates import unix

    return unix(value)


def _from_unix(value: JsonValue) -> JsonValue:
    from smoke.scenario.dates import from_unix

    return from_unix(value)


def _digest(algorithm: str) -> Callable[..., JsonValue]:
    def digest(value: JsonValue, *spelling: JsonValue) -> JsonValue:
        from smoke.scenario.digests import digest_of

        return digest_of(algorithm, value, *spelling)

    return digest


def _hmac(
    value: JsonValue, algorithm: JsonValue, key: JsonValue, *spelling: JsonValue
) -> JsonValue:
    from smoke.scenario.digests import hmac_of

    return hmac_of(value, algorithm, key, *spelling)


def _base64url(value: JsonValue) -> JsonValue:
    from smoke.scenario.digests import encoded

    return encoded(value)


def _base64_decode(value: JsonValue) -> JsonValue:
    from smoke.scenario.digests import decoded

    return decoded(value)


def _jwt_sign(
    value: JsonValue, algorithm: JsonValue, key: JsonValue, *key_id: JsonValue
) -> JsonValue:
    from smoke.scenario.tokens import signed

    return signed(value, algorithm, key, *key_id)


def _jwt_verify(value: JsonValue, algorithm: JsonValue, key: JsonValue) -> JsonValue:
    from smoke.scenario.tokens import verified

    return verified(value, algorithm, key)


def _jwt_claim(value: JsonValue, name: JsonValue) -> JsonValue:
    from smoke.scenario.tokens import claim

    return claim(value, name)


ARGUMENTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "date": (1, 1),
        "default": (1, 1),
        "divided_by": (1, 2),
        "hmac": (2, 3),
        "jwt_claim": (1, 1),
        "jwt_sign": (2, 3),
        "jwt_verify": (2, 2),
        "md5": (0, 1),
        "minus": (1, 1),
        "plus": (1, 1),
        "replace": (2, 2),
        "round": (1, 2),
        "sha1": (0, 1),
        "sha256": (0, 1),
        "sha384": (0, 1),
        "sha512": (0, 1),
        "sum": (0, 1),
        "times": (1, 1),
        "zone": (1, 1),
    }
)
"""How many arguments a filter takes, at least and at most; one that is not here takes none."""

FILTERS: Mapping[str, Callable[..., JsonValue]] = MappingProxyType(
    {
        "base64": lambda value: base64.b64encode(text_of(value).encode()).decode(),
        "base64_decode": _base64_decode,
        "base64url": _base64url,
        "date": _date,
        "default": lambda value, other: other if value is None or value == "" else value,
        "divided_by": _divided_by,
        "first": _edge(0),
        "from_unix": _from_unix,
        "hmac": _hmac,
        "int": _int,
        "json": json_text,
        "jwt_claim": _jwt_claim,
        "jwt_sign": _jwt_sign,
        "jwt_verify": _jwt_verify,
        "last": _edge(-1),
        "length": _length,
        "list": _list,
        "lower": lambda value: text_of(value).lower(),
        "md5": _digest("md5"),
        "minus": _minus,
        "plus": _plus,
        "replace": _replace,
        "round": _round,
        "sha1": _digest("sha1"),
        "sha256": _digest("sha256"),
        "sha384": _digest("sha384"),
        "sha512": _digest("sha512"),
        "slug": _slug,
        "string": _string,
        "sum": _sum,
        "times": _times,
        "trim": lambda value: text_of(value).strip(),
        "unix": _unix,
        "upper": lambda value: text_of(value).upper(),
        "urlencode": lambda value: quote(text_of(value), safe=""),
        "zone": _zone,
    }
)
"""Name to function of the value and the filter's arguments; each raises FilterError for what it cannot take.

What needs a module of its own loads it when it is used: most scenarios reckon nothing.
"""
