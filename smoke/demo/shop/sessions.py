"""What a shop with customers' accounts remembers between requests: accounts, sessions, carts. Gone when it ends."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field, replace

from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.fields import Customer, invalid


@dataclass(frozen=True, slots=True)
class Account:
    """Who has signed up; `customer_id` is the row in the database."""

    customer: Customer
    customer_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Cart:
    """Quantities by SKU, of the account whose e-mail is `email`."""

    id: str
    email: str
    items: dict[str, int] = field(default_factory=dict)
    recipient: Customer | None = None


class Sessions:
    """Safe to be called by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        self._accounts: dict[str, Account] = {}
        self._tokens: dict[str, str] = {}
        self._carts: dict[str, Cart] = {}
        self._current: dict[str, str] = {}

    def sign_up(self, customer: Customer, customer_id: str, password: str) -> Account:
        """A new account; ShopError 422 when the e-mail has one."""
        account = Account(customer, customer_id, self._digest(password))
        with self._lock:
            if customer.email in self._accounts:
                raise ShopError(422, "email_taken", "This e-mail has an account already")
            self._accounts[customer.email] = account
        return account

    def sign_in(self, email: str, password: str) -> str:
        """The token of a new session; ShopError 401 for a wrong e-mail or password."""
        with self._lock:
            account = self._accounts.get(email.lower())
            if account is None or not secrets.compare_digest(
                account.digest, self._digest(password)
            ):
                raise ShopError(401, "unauthorized", "Invalid email or password")
            token = f"ses_{secrets.token_hex(16)}"
            self._tokens[token] = account.customer.email
            return token

    def account(self, token: str) -> Account:
        """Whose session it is; ShopError 401 when it is nobody's."""
        with self._lock:
            email = self._tokens.get(token)
            if email is None:
                raise ShopError(401, "unauthorized", "Sign in first")
            return self._accounts[email]

    def new_cart(self, account: Account) -> Cart:
        """An empty cart of that account."""
        cart = Cart(f"cart_{secrets.token_hex(13).upper()}", account.customer.email)
        with self._lock:
            self._current[cart.email] = cart.id
            return self._keep(cart)

    def current_cart(self, account: Account) -> Cart:
        """The newest cart of that account, or a new one."""
        with self._lock:
            known = self._current.get(account.customer.email)
            if known is not None:
                return self._carts[known]
        return self.new_cart(account)

    def cart(self, account: Account, cart_id: str) -> Cart:
        """A cart of that account; ShopError 404 when it has none of that id."""
        with self._lock:
            cart = self._carts.get(cart_id)
        if cart is None or cart.email != account.customer.email:
            raise ShopError(404, "not_found", f"Cart with id: {cart_id} was not found")
        return cart

    def add(self, cart: Cart, sku: str, quantity: int) -> Cart:
        """The cart with more of that product."""
        if not 1 <= quantity <= 99:
            raise invalid("quantity", "The quantity must be a whole number from 1 to 99")
        with self._lock:
            known = self._carts[cart.id]
            items = {**known.items, sku: known.items.get(sku, 0) + quantity}
            return self._keep(replace(known, items=items))

    def send_to(self, cart: Cart, recipient: Customer) -> Cart:
        """The cart with the recipient of its parcel."""
        with self._lock:
            return self._keep(replace(self._carts[cart.id], recipient=recipient))

    def _keep(self, cart: Cart) -> Cart:
        self._carts[cart.id] = cart
        return cart

    def _digest(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode(), salt=self._salt).digest()
