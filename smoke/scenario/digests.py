"""Digests, HMACs, and the spellings of bytes: what providers sign with, as pure functions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from smoke.diagnostic import nearest
from smoke.model.run import JsonValue
from smoke.scenario.filtering import FilterError, kind, text_of

ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")
"""Two of them are broken as digests; payment providers still ask for them."""


def base64url(data: bytes) -> str:
    """Base64 for URLs, without padding (RFC 4648, 5; RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


SPELLINGS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "hex": bytes.hex,
        "base64": lambda data: base64.b64encode(data).decode(),
        "base64url": base64url,
    }
)
_CHARACTERS = re.compile(r"[A-Za-z0-9+/]*+={0,2}")


def spelling_problem(name: JsonValue) -> str:
    """What is wrong with how a digest is to be written; empty when nothing is."""
    return _one_of(name, SPELLINGS, "a digest is written in")


def algorithm_problem(name: JsonValue) -> str:
    """What is wrong with the name of an algorithm; empty when nothing is."""
    return _one_of(name, ALGORITHMS, "the algorithms are")


def _one_of(name: JsonValue, known: Collection[str], words: str) -> str:
    if name in known:
        return ""
    near = nearest(name, known) if isinstance(name, str) else None
    hint = f"; did you mean '{near}'?" if near else ""
    shown = f"'{name}'" if isinstance(name, str) else kind(name)
    return f"{words} {', '.join(known)}, not {shown}{hint}"


def digest_of(algorithm: str, value: JsonValue, spelling: JsonValue = "hex") -> JsonValue:
    """The digest of a text's UTF-8. Raises FilterError."""
    if problem := spelling_problem(spelling):
        raise FilterError(problem)
    made = hashlib.new(algorithm, text_of(value).encode(), usedforsecurity=False)
    return SPELLINGS[str(spelling)](made.digest())


def hmac_digest(algorithm: str, key: bytes, data: bytes) -> bytes:
    """HMAC (RFC 2104)."""
    return hmac.new(key, data, algorithm).digest()


def hmac_of(
    value: JsonValue, algorithm: JsonValue, key: JsonValue, spelling: JsonValue = "hex"
) -> JsonValue:
    """The HMAC of a text with a key, both as UTF-8. Raises FilterError."""
    if problem := algorithm_problem(algorithm) or spelling_problem(spelling):
        raise FilterError(problem)
    made = hmac_digest(str(algorithm), key_of(key), text_of(value).encode())
    return SPELLINGS[str(spelling)](made)


def key_of(key: JsonValue) -> bytes:
    """A key that is a text with something in it."""
    if not isinstance(key, str) or not key:
        raise FilterError("takes a key that is a text, such as secrets.KEY")
    return key.encode()


def encoded(value: JsonValue) -> JsonValue:
    """A text in Base64 for URLs."""
    return base64url(text_of(value).encode())


def decoded(value: JsonValue) -> JsonValue:
    """The text in Base64 of either alphabet, with padding or without. Raises FilterError."""
    try:
        return bytes_of_base64(text_of(value)).decode()
    except UnicodeDecodeError as error:
        raise FilterError("holds bytes that are no text in UTF-8") from error


def bytes_of_base64(text: str) -> bytes:
    """The bytes that a text in Base64 says. Raises FilterError."""
    plain = text.strip().replace("-", "+").replace("_", "/")
    if not _CHARACTERS.fullmatch(plain):
        raise FilterError("takes a text in Base64")
    unpadded = plain.rstrip("=")
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FilterError("takes a text in Base64: a character is missing at its end") from error
