"""A fake card processor: approves, declines, and takes its time, by the number of the card."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from smoke.demo.shop.errors import ShopError

APPROVED = "4242424242424242"
DECLINED = "4000000000000002"
NO_FUNDS = "4000000000009995"
SLOW = "4000000000000077"

_REFUSALS = {
    DECLINED: ("card_declined", "The card was declined"),
    NO_FUNDS: ("insufficient_funds", "The card has insufficient funds"),
}


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Money that is reserved on a card, until it is captured or voided."""

    id: str
    last_four: str
    amount: int


class CardProcessor:
    """Authorises, captures, voids and refunds; keeps only the last four digits of a card."""

    def __init__(self, slow_seconds: float = 2.0) -> None:
        self._slow_seconds = slow_seconds
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._states: dict[str, str] = {}

    def authorise(self, number: str, amount: int) -> Authorisation:
        """Money reserved; ShopError 402 when the card is refused, 422 when it is no card."""
        digits = number.replace(" ", "").replace("-", "")
        if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
            raise ShopError(
                422, "invalid_card", "That is not a card number", field="payment.card_number"
            )
        if digits in _REFUSALS:
            code, message = _REFUSALS[digits]
            raise ShopError(402, code, message)
        if digits == SLOW:
            self._closing.wait(self._slow_seconds)
        elif digits != APPROVED:
            raise ShopError(402, "test_card_needed", "This shop takes test cards only")
        authorisation = Authorisation(f"auth_{secrets.token_hex(8)}", digits[-4:], amount)
        self._set(authorisation.id, "authorised")
        return authorisation

    def capture(self, authorisation: Authorisation) -> None:
        """Take the reserved money."""
        self._set(authorisation.id, "captured")

    def void(self, authorisation: Authorisation) -> None:
        """Let the reserved money go: the order was not placed."""
        self._set(authorisation.id, "voided")

    def refund(self, authorisation_id: str) -> None:
        """Give captured money back."""
        self._set(authorisation_id, "refunded")

    def states(self) -> dict[str, int]:
        """How many authorisations there are in each state."""
        with self._lock:
            values = list(self._states.values())
        return {state: values.count(state) for state in sorted(set(values))}

    def _set(self, authorisation_id: str, state: str) -> None:
        with self._lock:
            self._states[authorisation_id] = state

    def close(self) -> None:
        """Let slow cards go through at once."""
        self._closing.set()
