"""Data that one receiver can read: what stands between, such as a scheduler, passes it on and sees nothing of it.

X25519, HKDF with SHA-256 and ChaCha20-Poly1305 (RFC 7748, 5869, 8439), as `cryptography` has them. It tells nothing of who
sealed it: whoever may give tasks to a worker may do what he likes there anyway.
"""

from __future__ import annotations

from typing import Any


class Seal:
    """One receiver's pair of keys: `public` is told, what was sealed with it is opened here."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def open(self, sealed: bytes) -> bytes:
        """What was sealed for this receiver. Raises ValueError for what was not, or was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

        sender, box = sealed[:32], sealed[32:]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(sender))
            data: bytes = _cipher(shared, sender + self.public).decrypt(_NONCE, box, None)
        except InvalidTag as error:
            raise ValueError("it was not sealed for this receiver") from error
        return data


def seal(public: bytes, data: bytes) -> bytes:
    """`data`, for the one who has the other half of `public` alone. Raises ValueError for what is no key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    own = X25519PrivateKey.generate()
    sender = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(public))
    box: bytes = _cipher(shared, sender + public).encrypt(_NONCE, data, None)
    return sender + box


_NONCE = bytes(12)
"""The key is used once."""


def _cipher(shared: bytes, context: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(SHA256(), 32, salt=None, info=b"smoke task " + context).derive(shared)
    return ChaCha20Poly1305(key)
