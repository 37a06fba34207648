"""How providers sign the webhooks that they send: pure functions of body, key and time.

Each gives the headers that its provider's own libraries verify. Where the facts are from: Stripe's and Shopify's and
GitHub's manuals, chapters on verifying webhooks, and their libraries `stripe`, `shopify-api` and `octokit/webhooks`;
the specification of Standard Webhooks 1.0 and Svix's libraries.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import Struct

from smoke.scenario.digests import hmac_digest

_PREFIX = "whsec_"


class KeyUnusableError(ValueError):
    """The signing secret is none of this provider's; the message says what it has to be."""


class ProviderEvent(Struct, frozen=True):
    """One event as it is delivered: its bytes, the id of the delivery, when it was signed (seconds since 1970)."""

    body: bytes
    id: str
    at: int


class Signature(Struct, frozen=True):
    """The header with the signature, and those that stand beside it."""

    name: str
    value: str
    beside: tuple[tuple[str, str], ...] = ()


Digest = Callable[[bytes, bytes], bytes]
"""Key and data to the digest that is written down."""


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC with SHA-256 (RFC 2104)."""
    return hmac_digest("sha256", key, data)


def hmac_sha256_wrong(key: bytes, data: bytes) -> bytes:
    """A digest of the same length that is not the right one, to see it refused."""
    right = hmac_sha256(key, data)
    return bytes([right[0] ^ 1]) + right[1:]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _stripe(sent: ProviderEvent, secret: str, digest: Digest) -> Signature:
    """Hexadecimal, of the time, a dot and the body; the key is the secret as it stands, `whsec_` included."""
    signed = digest(secret.encode(), b"%d." % sent.at + sent.body)
    return Signature("Stripe-Signature", f"t={sent.at},v1={signed.hex()}")


def _github(sent: ProviderEvent, secret: str, digest: Digest) -> Signature:
    """Hexadecimal, of the body alone."""
    value = f"sha256={digest(secret.encode(), sent.body).hex()}"
    return Signature("X-Hub-Signature-256", value, (("X-GitHub-Delivery", sent.id),))


def _shopify(sent: ProviderEvent, secret: str, digest: Digest) -> Signature:
    """Base64, of the body alone."""
    value = _base64(digest(secret.encode(), sent.body))
    return Signature("X-Shopify-Hmac-Sha256", value, (("X-Shopify-Webhook-Id", sent.id),))


def _svix(sent: ProviderEvent, secret: str, digest: Digest) -> Signature:
    return _standard("svix", sent, secret, digest)


def _standard_webhooks(sent: ProviderEvent, secret: str, digest: Digest) -> Signature:
    return _standard("webhook", sent, secret, digest)


def _standard(prefix: str, sent: ProviderEvent, secret: str, digest: Digest) -> Signature:
    """Base64, of id, time and body with dots between; the key is what the Base64 behind `whsec_` says."""
    signed = digest(_key(secret), f"{sent.id}.{sent.at}.".encode() + sent.body)
    beside = ((f"{prefix}-id", sent.id), (f"{prefix}-timestamp", str(sent.at)))
    return Signature(f"{prefix}-signature", f"v1,{_base64(signed)}", beside)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise KeyUnusableError("the signing secret is not whsec_ and Base64 behind it")
    return key


_SCHEMES: Mapping[str, Callable[[ProviderEvent, str, Digest], Signature]] = MappingProxyType(
    {
        "github": _github,
        "shopify": _shopify,
        "standard_webhooks": _standard_webhooks,
        "stripe": _stripe,
        "svix": _svix,
    }
)
TIMED = frozenset({"standard_webhooks", "stripe", "svix"})
"""Providers whose signature covers a time, which the receiver holds against its own clock."""
WITH_ID = frozenset({"github", "shopify", "standard_webhooks", "svix"})
"""Providers that write the delivery's id beside the body; Stripe's is the event's own."""


def sign(provider: str, sent: ProviderEvent, secret: str, *, wrong: bool = False) -> Signature:
    """The headers with which `provider` sends an event. Raises KeyUnusableError for a secret that cannot be its key."""
    if not secret:
        raise KeyUnusableError("the signing secret is empty")
    return _SCHEMES[provider](sent, secret, hmac_sha256_wrong if wrong else hmac_sha256)
