"""What is wrong with a filter as it is written, told before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from smoke.model.run import JsonValue
from smoke.scenario.filtering import FilterError
from smoke.scenario.filters import ARGUMENTS
from smoke.scenario.template import Call, NamedValue

_COUNTS = ("no arguments", "one argument", "two arguments", "three arguments")


def call_problem(call: Call) -> str:
    """What is wrong with a filter's arguments; empty when nothing is. What a name stands for is not known yet."""
    least, most = ARGUMENTS.get(call.name, (0, 0))
    if not least <= len(call.arguments) <= most:
        wanted = _COUNTS[least] if least == most else f"{_COUNTS[least]} or {most}"
        return f"the filter '{call.name}' takes {wanted}, not {len(call.arguments)}"
    for place, value in enumerate(call.arguments):
        check = _CHECKS.get((call.name, place))
        if check is not None and not isinstance(value, NamedValue) and (problem := check(value)):
            return f"filter '{call.name}': {problem}"
    return ""


def missing_package(call: Call) -> str:
    """What a filter needs that is not installed, as far as its arguments are written out; empty when nothing is missing."""
    if call.name not in ("jwt_sign", "jwt_verify") or isinstance(call.arguments[0], NamedValue):
        return ""
    from smoke.scenario.tokens import missing_package

    return missing_package(call.arguments[0])


def _span_or_number(value: JsonValue) -> str:
    try:
        if isinstance(value, str) and any(character.isalpha() for character in value):
            from smoke.scenario.dates import steps

            steps(value)
        else:
            from smoke.scenario.decimals import number

            number(value)
    except FilterError as error:
        return str(error)
    return ""


def _number(value: JsonValue) -> str:
    from smoke.scenario.decimals import number

    try:
        number(value)
    except FilterError as error:
        return str(error)
    return ""


def _divisor(value: JsonValue) -> str:
    from smoke.scenario.decimals import number

    return _number(value) or ("" if number(value) else "nothing is divided by zero")


def _places(value: JsonValue) -> str:
    from smoke.scenario.decimals import places_problem

    return places_problem(value)


def _rounding(value: JsonValue) -> str:
    from smoke.scenario.decimals import rounding_problem

    return rounding_problem(value)


def _format(value: JsonValue) -> str:
    from smoke.scenario.dates import format_problem

    return format_problem(value)


def _zone(value: JsonValue) -> str:
    from smoke.scenario.dates import zone_problem

    return zone_problem(value)


def _digest(value: JsonValue) -> str:
    from smoke.scenario.digests import algorithm_problem

    return algorithm_problem(value)


def _spelling(value: JsonValue) -> str:
    from smoke.scenario.digests import spelling_problem

    return spelling_problem(value)


def _signing(value: JsonValue) -> str:
    from smoke.scenario.tokens import algorithm_problem

    return algorithm_problem(value)


def _text(value: JsonValue) -> str:
    return "" if isinstance(value, str) and value else "takes a text with something in it"


_CHECKS: Mapping[tuple[str, int], Callable[[JsonValue], str]] = MappingProxyType(
    {
        ("date", 0): _format,
        ("divided_by", 0): _divisor,
        ("divided_by", 1): _places,
        ("hmac", 0): _digest,
        ("hmac", 1): _text,
        ("hmac", 2): _spelling,
        ("jwt_claim", 0): _text,
        ("jwt_sign", 0): _signing,
        ("jwt_sign", 1): _text,
        ("jwt_sign", 2): _text,
        ("jwt_verify", 0): _signing,
        ("jwt_verify", 1): _text,
        ("md5", 0): _spelling,
        ("minus", 0): _span_or_number,
        ("plus", 0): _span_or_number,
        ("round", 0): _places,
        ("round", 1): _rounding,
        ("sha1", 0): _spelling,
        ("sha256", 0): _spelling,
        ("sha384", 0): _spelling,
        ("sha512", 0): _spelling,
        ("sum", 0): _text,
        ("times", 0): _number,
        ("zone", 0): _zone,
    }
)
"""By filter and place of an argument: what is wrong with one that is written out."""
