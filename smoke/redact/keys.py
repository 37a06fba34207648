"""Which names of fields, parameters, headers and variables announce a secret.

A name is split into words (`csrfToken`, `csrf_token` and `CSRF-Token` are two words each), and the end of the name
decides: `access_token` holds a token, `token_type` and `tokenizer` do not. The words are those of the lists that
error trackers and HAR cleaners use, and of card data (PCI DSS 3.3 and 3.4).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Value(StrEnum):
    """What a sensitive name announces: any secret, a card number, or a header with a secret inside."""

    ANY = "any"
    CARD = "card"
    CREDENTIALS = "credentials"
    COOKIES = "cookies"


_SECRET_WORDS = frozenset(
    [
        "password",
        "passwd",
        "passwort",
        "passphrase",
        "pwd",
        "pass",
        "secret",
        "secrets",
        "token",
        "jwt",
        "bearer",
        "apikey",
        "authtoken",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "clientsecret",
        "privatekey",
        "secretkey",
        "accesskey",
        "credential",
        "credentials",
        "auth",
        "authentication",
        "session",
        "sessionid",
        "sessid",
        "sid",
        "phpsessid",
        "jsessionid",
        "aspsessionid",
        "csrf",
        "xsrf",
        "csrftoken",
        "xsrftoken",
        "csrfmiddlewaretoken",
        "otp",
        "totp",
        "pin",
        "cvc",
        "cvc2",
        "cvv",
        "cvv2",
        "csc",
        "cid2",
        "cvn",
        "securitycode",
        "signature",
        "sig",
    ]
)
_KEY_BEFORE = frozenset(
    [
        "api",
        "private",
        "secret",
        "access",
        "auth",
        "encryption",
        "signing",
        "master",
        "account",
        "storage",
        "subscription",
        "shared",
        "app",
        "license",
        "service",
        "role",
        "publishable",
        "webhook",
    ]
)
_PAIRS = frozenset(
    {
        ("session", "id"),
        ("sess", "id"),
        ("security", "code"),
        ("verification", "code"),
        ("verification", "value"),
        ("card", "code"),
        ("connect", "sid"),
        ("recovery", "code"),
        ("mysql", "pwd"),
    }
)
_CARD_WORDS = frozenset(["pan", "card", "cardnumber", "cardno", "ccnumber", "ccnum", "creditcard"])
_CARD_PAIRS = frozenset(
    {("card", "number"), ("card", "no"), ("card", "num"), ("cc", "number"), ("cc", "num")}
)
_QUALIFIERS = frozenset(
    [
        "1",
        "2",
        "hash",
        "hashed",
        "digest",
        "confirm",
        "confirmation",
        "confirmed",
        "repeat",
        "again",
        "new",
        "old",
        "current",
        "plain",
        "plaintext",
        "raw",
        "text",
        "value",
        "string",
        "encrypted",
    ]
)
_HARMLESS = frozenset(
    {"idempotency", "cache", "surrogate", "partition", "sort", "routing", "public", "primary"}
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case; a number behind a word belongs to it (`cvv2`, `password1` is two)."""
    found = [word.lower() for word in _WORDS.findall(name)]
    joined: list[str] = []
    for word in found:
        if word.isdigit() and joined and joined[-1] + word in _SECRET_WORDS:
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


@lru_cache(maxsize=4096)
def sensitive(name: str) -> tuple[str, Value] | None:
    """The word that the mask of such a field shows, and what it holds; None for a name that announces nothing."""
    parts = words(
        name.replace("%5B", ".").replace("%5D", "").replace("%5b", ".").replace("%5d", "")
    )
    while len(parts) > 1 and parts[-1] in _QUALIFIERS:
        parts = parts[:-1]
    if not parts:
        return None
    last, pair = parts[-1], parts[-2:]
    if last == "authorization":
        return "authorization", Value.CREDENTIALS
    if last in {"cookie", "cookies"}:
        return "cookie", Value.COOKIES
    if pair in _CARD_PAIRS or last in _CARD_WORDS:
        return "card", Value.CARD
    if pair in _PAIRS:
        return "_".join(pair), Value.ANY
    if last == "key" and len(parts) > 1 and parts[-2] in _KEY_BEFORE:
        return "_".join(pair), Value.ANY
    if last in _SECRET_WORDS:
        return last, Value.ANY
    return None


def endings() -> tuple[str, ...]:
    """Words or pairs (`session id`) with one of which every sensitive name ends, but for qualifiers."""
    pairs = {" ".join(pair) for pair in _PAIRS | _CARD_PAIRS}
    keys = {f"{word} key" for word in _KEY_BEFORE}
    return tuple(
        sorted(_SECRET_WORDS | _CARD_WORDS | {"authorization", "cookie", "cookies"} | pairs | keys)
    )


def qualifiers() -> tuple[str, ...]:
    """Words that may follow the one that decides (`password_confirmation`)."""
    return tuple(sorted(_QUALIFIERS))


@lru_cache(maxsize=1024)
def sensitive_header(name: str) -> tuple[str, Value] | None:
    """As `sensitive`, for a header: every `X-…-Key`, `-Token` and `-Secret` counts too."""
    found = sensitive(name)
    if found is not None:
        return found
    parts = words(name)
    if len(parts) > 1 and parts[-1] == "key" and not _HARMLESS.intersection(parts):
        return "key", Value.ANY
    return None
