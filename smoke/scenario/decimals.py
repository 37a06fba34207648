"""Arithmetic for money: in decimals, every digit exact or refused. No binary fractions. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from types import MappingProxyType

from smoke.diagnostic import nearest
from smoke.model.numbers import fraction
from smoke.model.run import JsonValue
from smoke.scenario.filtering import FilterError, kind

_DIGITS = 100
"""Of a result at most: more than any price has, and little enough to be reckoned at once."""
_EXACT = Context(
    prec=_DIGITS,
    Emin=-_DIGITS,
    Emax=_DIGITS,
    traps=[Inexact, InvalidOperation, Overflow, Underflow],
)
_NUMBER = re.compile(r"[-+]?[0-9]{1,100}(?:\.[0-9]{1,100})?(?:[eE][-+]?[0-9]{1,3})?")
MOST_PLACES = 20
ROUNDINGS = MappingProxyType(
    {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP, "down": ROUND_DOWN}
)
"""How the digit behind the last is taken: `half_up` is the merchants' (and PostgreSQL's), away from zero."""


def number(value: JsonValue) -> Decimal:
    """A number, or a text that is one, digit by digit. Raises FilterError."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise FilterError(f"takes a number, not {kind(value)}")
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        raise FilterError(
            "takes a number such as 19.90" + (", not this text" if isinstance(value, str) else "")
        )
    return Decimal(text)


def _given(result: Decimal) -> JsonValue:
    """A number of JSON that keeps its digits: 39.80, not 39.8."""
    text = f"{result:f}"
    if len(text) > 2 * _DIGITS:
        raise FilterError(_TOO_LARGE)
    return fraction(text) if "." in text else int(text)


_TOO_LARGE = f"gives a number of more than {_DIGITS} digits"


def plus(value: JsonValue, other: JsonValue) -> JsonValue:
    """The sum."""
    return _reckoned(_EXACT.add, value, other)


def minus(value: JsonValue, other: JsonValue) -> JsonValue:
    """The difference."""
    return _reckoned(_EXACT.subtract, value, other)


def times(value: JsonValue, other: JsonValue) -> JsonValue:
    """The product."""
    return _reckoned(_EXACT.multiply, value, other)


def _reckoned(
    how: Callable[[Decimal, Decimal], Decimal], value: JsonValue, other: JsonValue
) -> JsonValue:
    try:
        return _given(how(number(value), number(other)))
    except ArithmeticError as error:
        raise FilterError(_TOO_LARGE) from error


def divided_by(value: JsonValue, other: JsonValue, places: JsonValue = None) -> JsonValue:
    """The quotient, rounded to `places` where they are given. Raises FilterError for one that has no end."""
    dividend, divisor = number(value), number(other)
    if not divisor:
        raise FilterError("nothing is divided by zero")
    if places is not None:
        return rounded_fraction(dividend, divisor, places)
    try:
        return _given(_EXACT.divide(dividend, divisor))
    except Inexact as error:
        raise FilterError(
            "gives digits without an end: say how many, as in divided_by(3, 2)"
        ) from error
    except ArithmeticError as error:
        raise FilterError(_TOO_LARGE) from error


def rounded_fraction(dividend: Decimal, divisor: Decimal, places: JsonValue) -> JsonValue:
    """A quotient with so many places, half up, rounded once."""
    if problem := places_problem(places):
        raise FilterError(problem)
    context = Context(prec=4 * _DIGITS)
    scale = Decimal(10) ** int(str(places))
    numerator = context.multiply(context.multiply(abs(dividend), scale), 2)
    twice = context.add(numerator, abs(divisor))
    try:
        whole = context.divide_int(twice, context.multiply(abs(divisor), 2))
        signed = -whole if (dividend < 0) is not (divisor < 0) else whole
        return _given(context.scaleb(signed, -int(str(places))))
    except ArithmeticError as error:
        raise FilterError(_TOO_LARGE) from error


def rounded(value: JsonValue, places: JsonValue, how: JsonValue = "half_up") -> JsonValue:
    """The number with so many places behind the point, zeros included."""
    if problem := places_problem(places) or rounding_problem(how):
        raise FilterError(problem)
    step = Decimal(1).scaleb(-int(str(places)))
    context = Context(prec=2 * _DIGITS + MOST_PLACES)
    try:
        return _given(number(value).quantize(step, ROUNDINGS[str(how)], context))
    except ArithmeticError as error:
        raise FilterError(_TOO_LARGE) from error


def places_problem(places: JsonValue) -> str:
    """What is wrong with a number of places; empty when nothing is."""
    fits = isinstance(places, int) and not isinstance(places, bool) and 0 <= places <= MOST_PLACES
    return "" if fits else f"takes the number of places behind the point, from 0 to {MOST_PLACES}"


def rounding_problem(how: JsonValue) -> str:
    """What is wrong with the name of a rounding; empty when nothing is."""
    if how in ROUNDINGS:
        return ""
    near = nearest(how, ROUNDINGS) if isinstance(how, str) else None
    hint = f"; did you mean '{near}'?" if near else ""
    return f"rounds {', '.join(ROUNDINGS)}, not {how if isinstance(how, str) else kind(how)}{hint}"


def summed(values: JsonValue, key: JsonValue = None) -> JsonValue:
    """The sum of a list of numbers, or of what its objects have at a key."""
    if not isinstance(values, list):
        raise FilterError(f"takes a list, not {kind(values)}")
    total: JsonValue = 0
    for place, item in enumerate(values):
        total = plus(total, item if key is None else _at(item, key, place))
    return total


def _at(item: JsonValue, key: JsonValue, place: int) -> JsonValue:
    if not isinstance(item, dict) or not isinstance(key, str) or key not in item:
        raise FilterError(f"the item [{place}] has no '{key}'")
    return item[key]
