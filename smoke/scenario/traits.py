"""What a step does, as its kind says of it: whether it sends, holds steps, asks the database."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from smoke.model.semantics import SAFE_METHODS


class Holds(StrEnum):
    """Whether a kind's value is steps, and how they are carried out."""

    NOTHING = ""
    IN_ORDER = "in order"
    TOGETHER = "together"


class Sends(Struct, frozen=True):
    """What a step that sends a request says of it before it is built.

    `repeatable`: a key in it keeps the shop from doing the same twice. `body` is what is written as its body, templates
    not filled in. `safe`: the author says that it changes nothing. `reads`: what it asks changes nothing, such as a
    GraphQL query. `graphql`: it is a GraphQL request, which is refused in `errors` of its answer.
    """

    method: str = "POST"
    repeatable: bool = False
    body: str = ""
    url: str = ""
    safe: bool = False
    reads: bool = False
    graphql: bool = False

    def is_safe(self, *, orders: bool) -> bool:
        """Whether it may be asked again: by its method (RFC 9110, 9.2.1), or as is said of it. `orders`: or removes an order."""
        return self.method.upper() in SAFE_METHODS or ((self.safe or self.reads) and not orders)


class Traits(Struct, frozen=True):
    """What a step does, as its kind says of it.

    `sends` is None for one that sends nothing, `receives` is for a call of the shop, `asks` is for the database, `gives` are names that it captures itself,
    beside those of `capture`. `binds` is the step, which no file can write, that gives an included file its parameters.
    """

    sends: Sends | None = None
    asks: bool = False
    holds: Holds = Holds.NOTHING
    gives: tuple[str, ...] = ()
    binds: bool = False
    receives: bool = False
    takes_call: bool = False
    """Of one that receives: whether there is a call to look at when it passes."""
