"""Customers that smoke makes up, and how they are known again wherever they turn up: maker and recogniser in one place.

RFC 2606 reserves example.com, and the North American plan keeps 555-0100 to 555-0199 for fiction: nobody has these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

FIRST = ("Ada", "Ben", "Cleo", "Dana", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jun", "Kaia", "Leo", "Mina", "Nils", "Oda", "Pia")  # fmt: skip
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 12
_AT = r"(?:@|%(?:25)?40|\\{1,4}u0040|&\#(?:64|[xX]40);|&commat;|=40)"
"""An at sign as it is, in URLs and forms (once or twice encoded), JSON, HTML and quoted-printable."""
_PLUS = r"(?:\+|%(?:25)?2[bB]|\\{1,4}u002[bB]|&\#(?:43|[xX]2[bB]);)"
_SEPARATOR = r"[ ().-]{0,2}"


def email(random: Random) -> str:
    """An address with 12 random characters (59 bits): two runs at once never share a customer."""
    # drawn first: the same seed has always made the same customer
    unique = "".join(random.choices(_ALPHABET, k=_LENGTH))
    return f"smoke.{random.choice(FIRST).lower()}.{unique}@example.com"


def phone(random: Random) -> str:
    """A number of 80,000 that are nobody's: two runs may share one."""
    area = random.randrange(200, 1000)
    return f"+1{area}55501{''.join(random.choices('0123456789', k=2))}"


@dataclass(frozen=True, slots=True)
class MadeUpKind:
    """A kind of made-up value that can be known again in any text.

    `unique`: no other run can have made the same one. `plain` gives the value as it was made, whatever was done to it
    on its way: a form or URL encodes it, JSON and HTML escape it, a shop writes it in capitals or with spaces.
    """

    name: str
    pattern: re.Pattern[str]
    plain: Callable[[re.Match[str]], str]
    unique: bool


KINDS = (
    MadeUpKind(
        "email",
        re.compile(
            rf"smoke\.([a-z]{{2,12}})\.([a-hjkmnp-z2-9]{{{_LENGTH}}}){_AT}example\.com",
            re.IGNORECASE,
        ),
        lambda match: f"smoke.{match[1]}.{match[2]}@example.com".lower(),
        unique=True,
    ),
    MadeUpKind(
        "phone",
        re.compile(
            rf"(?:{_PLUS}|(?<!\d))1{_SEPARATOR}([2-9]\d\d){_SEPARATOR}555{_SEPARATOR}(01\d\d)(?!\d)"
        ),
        lambda match: f"+1{match[1]}555{match[2]}",
        unique=False,
    ),
)


ENOUGH = {"uuid": 32, "hex": 12, "digits": 15}
"""Characters from which on a random value of these kinds (`fake.uuid` …) is one run's alone: 48 bits or more.

Nothing in it tells that smoke made it, so that a run has to remember those that it made.
"""
_MOST = 200
_WORD = re.compile(r"\w{0,64}")


def is_unique(kind: str, value: str) -> bool:
    """Whether a made-up value of a kind without a form of its own is one that no other run has."""
    return len(value) >= ENOUGH.get(kind, len(value) + 1)


def sent_in(text: str, values: Sequence[str]) -> tuple[str, ...]:
    """The words of a text that have one of the values in them, as they stand there: `ORD4711…` of a number, capitals."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that has two in lower case: places would differ
        lowered = text
    found: dict[str, None] = {}
    for value in values[-_MOST:]:
        at = lowered.find(value)
        if at < 0:
            continue
        before = _WORD.match(text[max(0, at - 64) : at][::-1])
        after = _WORD.match(text, at + len(value))
        start, end = at - len(before[0] if before else ""), after.end() if after else at
        found[text[start:end]] = None
    return tuple(found)


def found_in(text: str, *, unique: bool = True) -> tuple[str, ...]:
    """The made-up values in a text as they were made, each once; with `unique` those that one run alone can have."""
    return tuple(
        dict.fromkeys(
            kind.plain(match)
            for kind in KINDS
            if kind.unique or not unique
            for match in kind.pattern.finditer(text)
        )
    )
