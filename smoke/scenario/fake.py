"""Made-up customers: the same for the same seed, and nobody's. `smoke.model.made_up` knows the ones that are unique again."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Callable, Sequence
from functools import cached_property

from smoke.model import made_up
from smoke.model.run import JsonValue

_LAST = ("Ames", "Berg", "Cole", "Dahl", "Eden", "Frost", "Gale", "Hart", "Ives", "Jarl", "Kent", "Lund", "Marsh", "North", "Olsen", "Penn")  # fmt: skip
_STREETS = (
    "Mill Lane",
    "High Street",
    "Station Road",
    "Park Avenue",
    "Church Street",
    "Harbour Way",
)
_CITIES = ("Springfield", "Riverton", "Lakeside", "Northport", "Fairview", "Ashford")
_COUNTRIES = ("US", "DE", "FR", "GB", "NL", "SE")
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heron", "iris", "juniper")
MOST = 1000
"""Characters of one value at most."""

KINDS = (
    "choice", "city", "company", "country", "digits", "email", "first_name", "hex", "last_name", "name", "number", "phone", "postcode",
    "street", "uuid", "word",
)  # fmt: skip
WITH_COUNT = frozenset({"digits", "hex"})
_FARTHEST = 10**15


def arguments_problem(name: str, arguments: Sequence[JsonValue]) -> str:
    """What is wrong with the arguments of a kind of made-up data; empty when nothing is."""
    if name == "choice":
        return "" if _choices(arguments) else "fake.choice takes values to choose from, or a list"
    if name == "number":
        whole = [each for each in arguments if isinstance(each, int) and abs(each) <= _FARTHEST]
        fits = len(whole) == len(arguments) == 2 and whole[0] <= whole[1]
        return (
            "" if fits else "fake.number takes the least and the largest, as in fake.number(1, 6)"
        )
    if name not in WITH_COUNT:
        return f"fake.{name} takes no argument" if arguments else ""
    counts = [each for each in arguments if isinstance(each, int) and 1 <= each <= MOST]
    if len(arguments) > 1 or len(counts) != len(arguments):
        return f"fake.{name} takes a number from 1 to {MOST}"
    return ""


def _choices(arguments: Sequence[JsonValue]) -> Sequence[JsonValue]:
    """The values themselves, or those of the list that is the only argument."""
    only = arguments[0] if len(arguments) == 1 else None
    return only if isinstance(only, list) else arguments


class Fake:
    """Gives made-up data from a seed; each call gives the next value."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    @cached_property
    def _random(self) -> random.Random:
        """Made when something is drawn: most scenarios make up nothing."""
        digest = hashlib.sha256(self._seed.encode()).digest()
        return random.Random(digest)  # noqa: S311  (made-up data has to be repeatable, not secret)

    def make(self, kind: str, arguments: Sequence[JsonValue] = ()) -> JsonValue:
        """One value of a kind in KINDS. Raises KeyError, and ValueError for arguments that it does not take."""
        if problem := arguments_problem(kind, arguments):
            raise ValueError(problem)
        if kind in WITH_COUNT:
            count = arguments[0] if arguments else 8
            assert isinstance(count, int)
            return self._characters("0123456789" if kind == "digits" else "0123456789abcdef", count)
        if kind == "choice":
            return self._random.choice(_choices(arguments))
        if kind == "number":
            least, largest = arguments
            assert isinstance(least, int)
            assert isinstance(largest, int)
            return self._random.randint(least, largest)
        made: JsonValue = _MAKERS[kind](self)
        return made

    def _characters(self, alphabet: str, count: int) -> str:
        return "".join(self._random.choices(alphabet, k=count))

    def _one(self, words: tuple[str, ...]) -> str:
        return self._random.choice(words)

    def _name(self) -> str:
        return f"{self._one(made_up.FIRST)} {self._one(_LAST)}"

    def _email(self) -> str:
        return made_up.email(self._random)

    def _phone(self) -> str:
        return made_up.phone(self._random)

    def _street(self) -> str:
        return f"{self._random.randrange(1, 200)} {self._one(_STREETS)}"

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


_MAKERS: dict[str, Callable[[Fake], str]] = {
    "city": lambda fake: fake._one(_CITIES),  # noqa: SLF001  (own class)
    "company": lambda fake: f"{fake._one(_LAST)} & {fake._one(_LAST)} Ltd",  # noqa: SLF001
    "country": lambda fake: fake._one(_COUNTRIES),  # noqa: SLF001
    "email": Fake._email,  # noqa: SLF001
    "first_name": lambda fake: fake._one(made_up.FIRST),  # noqa: SLF001
    "last_name": lambda fake: fake._one(_LAST),  # noqa: SLF001
    "name": Fake._name,  # noqa: SLF001
    "phone": Fake._phone,  # noqa: SLF001
    "postcode": lambda fake: fake._characters("0123456789", 5),  # noqa: SLF001
    "street": Fake._street,  # noqa: SLF001
    "uuid": Fake._uuid,  # noqa: SLF001
    "word": lambda fake: fake._one(_WORDS),  # noqa: SLF001
}
