"""JSON Web Tokens: signed, read, verified (RFC 7515, 7518, 7519).

Those of HMAC here, which needs no package; those of key pairs by `key_pairs`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from smoke.diagnostic import nearest
from smoke.model.numbers import json_text, loads
from smoke.model.run import JsonValue
from smoke.scenario import key_pairs
from smoke.scenario.digests import base64url, bytes_of_base64, hmac_digest, key_of
from smoke.scenario.filtering import FilterError, kind, text_of

_HMAC: Mapping[str, str] = MappingProxyType(
    {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
)
ALGORITHMS = (*_HMAC, *key_pairs.ALGORITHMS)
_LONGEST = 100_000


def algorithm_problem(name: JsonValue) -> str:
    """What is wrong with the name of an algorithm; empty when nothing is."""
    if name not in ALGORITHMS:
        near = nearest(name, ALGORITHMS) if isinstance(name, str) else None
        hint = f"; did you mean '{near}'?" if near else ""
        shown = f"'{name}'" if isinstance(name, str) else kind(name)
        return f"the algorithms are {', '.join(ALGORITHMS)}, not {shown}{hint}"
    return ""


def missing_package(name: JsonValue) -> str:
    """What an algorithm needs that is not installed; empty when nothing is missing."""
    return key_pairs.missing_package() if name in key_pairs.ALGORITHMS else ""


def signed(
    claims: JsonValue, algorithm: JsonValue, key: JsonValue, key_id: JsonValue = None
) -> JsonValue:
    """A token with these claims. `key_id` is the `kid` of its header. Raises FilterError."""
    if not isinstance(claims, dict):
        raise FilterError(f"takes an object of claims, not {kind(claims)}")
    if problem := algorithm_problem(algorithm):
        raise FilterError(problem)
    header: dict[str, JsonValue] = {"alg": algorithm, "typ": "JWT"}
    if key_id is not None:
        header["kid"] = key_id
    said = f"{base64url(json_text(header).encode())}.{base64url(json_text(claims).encode())}"
    return f"{said}.{base64url(_signature(str(algorithm), key, said.encode()))}"


def _signature(algorithm: str, key: JsonValue, data: bytes) -> bytes:
    if algorithm in _HMAC:
        return hmac_digest(_HMAC[algorithm], key_of(key), data)
    return key_pairs.signature(algorithm, key, data)


def verified(token: JsonValue, algorithm: JsonValue, key: JsonValue) -> JsonValue:
    """The token itself, if that key signed it with that algorithm. Raises FilterError. Its times are not looked at."""
    if problem := algorithm_problem(algorithm):
        raise FilterError(problem)
    header, _, signature = _parts(token)
    if header.get("alg") != algorithm:
        raise FilterError(f"the token says that it is signed otherwise than by {algorithm}")
    said = text_of(token).strip().rpartition(".")[0].encode()
    if algorithm in key_pairs.ALGORITHMS:
        right = key_pairs.is_signed(str(algorithm), key, said, signature, key_id=header.get("kid"))
    else:
        made = hmac_digest(_HMAC[str(algorithm)], key_of(key), said)
        right = hmac.compare_digest(made, signature)
    if not right:
        raise FilterError("the token's signature is not one of this key")
    return token


def claim(token: JsonValue, name: JsonValue) -> JsonValue:
    """One of a token's claims, as it stands there: nothing is verified. Raises FilterError."""
    claims = _parts(token)[1]
    if not isinstance(name, str) or name not in claims:
        near = nearest(name, claims) if isinstance(name, str) else None
        hint = f"; did you mean '{near}'?" if near else ""
        raise FilterError(f"the token has no claim '{name}'{hint}")
    value: JsonValue = claims[name]
    return value


def _parts(token: JsonValue) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    text = text_of(token).strip()
    parts = text.split(".")
    if len(parts) != 3 or len(text) > _LONGEST:
        raise FilterError("takes a JSON Web Token: three texts with dots between them")
    try:
        header, claims = (loads(bytes_of_base64(part)) for part in parts[:2])
    except (ValueError, RecursionError) as error:
        raise FilterError("takes a JSON Web Token: its header or its claims are no JSON") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise FilterError("takes a JSON Web Token: its header and its claims are objects")
    return header, claims, bytes_of_base64(parts[2])
