"""Signatures of JSON Web Tokens by a private key, and their verification by its public one (RFC 7518, 3.3 to 3.5; RFC 8037).

By PyJWT with cryptography, which are loaded where a scenario names such an algorithm.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from smoke.extras import install_command
from smoke.model.run import JsonValue
from smoke.scenario.filtering import FilterError

if TYPE_CHECKING:
    from collections.abc import Iterator

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
_LONGEST = 32 * 1024
_MOST_KEYS = 100
# RFC 7518, 6.3.2 and 6.2.2: only a private key has it
_PRIVATE = "d"


def missing_package() -> str:
    """What is to be installed for these algorithms; empty when everything is there."""
    try:
        importlib.import_module("jwt.algorithms")
        importlib.import_module("cryptography.hazmat.primitives.asymmetric.ec")
    except ImportError:
        return f"this algorithm needs a package that is not installed: {install_command('jwt')}"
    return ""


def signature(algorithm: str, key: JsonValue, data: bytes) -> bytes:
    """The signature by a private key in PEM. Raises FilterError."""
    if not isinstance(key, str) or not key:
        raise FilterError("takes a private key in PEM that is a text, such as secrets.KEY")
    known = _algorithm(algorithm)
    private = _prepared(known, _pem(key), f"takes a private key in PEM that {algorithm} can use")
    if not hasattr(private, "sign"):
        raise FilterError("takes a private key: a public one signs nothing")
    try:
        signed: bytes = known.sign(data, private)
    except ValueError as error:
        raise FilterError(f"takes a larger key: this one is too small for {algorithm}") from error
    return signed


def is_signed(
    algorithm: str, key: JsonValue, data: bytes, found: bytes, *, key_id: JsonValue
) -> bool:
    """Whether one of these keys signed it: a text in PEM, a JWK, or a set of them, of which `key_id` chooses. Raises FilterError."""
    known = _algorithm(algorithm)
    words = f"takes a public key in PEM, a JWK or a set of JWKs that {algorithm} can use"
    for each in _public(known, key, key_id, words):
        prepared = _prepared(known, each, words)
        public = prepared.public_key() if hasattr(prepared, "public_key") else prepared
        try:
            if known.verify(data, public, found):
                return True
        except ValueError:  # a key that is too small for it signs nothing
            continue
    return False


def _algorithm(name: str) -> Any:
    if problem := missing_package():
        raise FilterError(problem)
    from jwt.api_jws import PyJWS

    return PyJWS().get_algorithm_by_name(name)


def _pem(text: str) -> str:
    """A key as it is written between dashes; or all in one line with its line ends escaped, as CI systems have it."""
    plain = text.strip()
    return plain if "\n" in plain else plain.replace("\\n", "\n")


def _public(known: Any, key: JsonValue, key_id: JsonValue, words: str) -> Iterator[Any]:
    if isinstance(key, str) and key:
        yield _pem(key)
        return
    if not isinstance(key, dict):
        raise FilterError(words)
    for each in _chosen(key, key_id):
        if not isinstance(each, dict) or any(len(str(part)) > _LONGEST for part in each.values()):
            raise FilterError(words)
        if _PRIVATE in each:
            raise FilterError("takes public keys: a private JWK belongs into no scenario")
        yield _loaded(known.from_jwk, each, words)


def _chosen(key: dict[str, JsonValue], key_id: JsonValue) -> list[JsonValue]:
    """The keys that may have signed: RFC 7517, 4.5 and 5."""
    keys = key.get("keys")
    if not isinstance(keys, list):
        return [key]
    if key_id is None:
        return keys[:_MOST_KEYS]
    named: list[JsonValue] = [
        each for each in keys if isinstance(each, dict) and each.get("kid") == key_id
    ]
    if not named:
        raise FilterError("none of the set's keys has the 'kid' of the token")
    return named[:_MOST_KEYS]


def _prepared(known: Any, key: Any, words: str) -> Any:
    return _loaded(known.prepare_key, key, words)


def _loaded(load: Any, key: Any, words: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from jwt.exceptions import PyJWTError

    if isinstance(key, str) and len(key) > _LONGEST:
        raise FilterError(words)
    try:
        return load(key)
    except (PyJWTError, UnsupportedAlgorithm, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:  # fmt: skip
        raise FilterError(words) from error
