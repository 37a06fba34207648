"""Which names of fields, parameters, headers and variables announce a secret.

A name is split into words (`csrfToken`, `csrf_token` and `CSRF-Token` are two words each), and the end of the name
decides: `access_token` holds a token, `token_type` and `tokenizer` do not. The words are those of the lists that
error trackers and HAR cleaners use, and of card data (PCI DSS 3.3 and 3.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class ValueKind(StrEnum):
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
        "passcode",
        "psw",
        "pswd",
        "kennwort",
        "motdepasse",
        "contrasena",
        "senha",
        "wachtwoord",
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
        "hotp",
        "pin",
        "cvc",
        "cvc2",
        "cvv",
        "cvv2",
        "ccv",
        "csc",
        "cid2",
        "cv2",
        "cvd",
        "cvn",
        "cvn2",
        "cvx",
        "cvval",
        "cccid",
        "cardcode",
        "onetimecode",
        "onetimepin",
        "otpcode",
        "mfacode",
        "cvvcode",
        "cvccode",
        "cvvnumber",
        "cvnumber",
        "cryptogram",
        "verificationvalue",
        "securityanswer",
        "signature",
        "sig",
        "hmac",
        "nonce",
        "wpnonce",
    ]
)
_SECRET_ENDS = (
    *("token", "secret", "password", "passwd", "passcode", "apikey", "signature"),
    *("cvv", "cvc", "cvv2", "cvc2", "securitycode"),
)
"""Words that are written together with the one before them: `requesttoken`, `__requestverificationtoken`."""
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
        "ephemeral",
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
        ("mysql", "pwd"),
        ("pin", "block"),
        # the check digits of a card: CyberSource's cvNumber, Magento's cc_cid, and their like
        *((word, "code") for word in ("cvv", "cvv2", "cvc", "cvc2", "cvn", "cvd", "csc")),
        *((word, "number") for word in ("cvv", "cvv2", "cvc", "cvc2", "cvn", "cv", "cv2")),
        *((word, "cid") for word in ("cc", "card")),
        # good for one sign-in: codes of a second factor, and answers to a question
        *((word, "code") for word in ("otp", "totp", "mfa", "tfa", "authenticator")),
        *((word, "code") for word in ("sms", "onetime", "verify", "recovery", "backup")),
        *((word, "codes") for word in ("recovery", "backup")),
        *((word, "answer") for word in ("security", "secret", "password")),
    }
)
_TRIPLES = frozenset(
    {
        ("one", "time", "code"),
        ("2", "fa", "code"),
        ("two", "factor", "code"),
        ("second", "factor", "code"),
        ("mot", "de", "passe"),
        ("card", "sec", "val"),
        ("card", "verification", "number"),
        ("card", "validation", "code"),
        ("card", "validation", "number"),
        ("card", "validation", "value"),
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
        "sha",
        "256",
        "384",
        "512",
        "ed",
        "25519",
    ]
)
_HARMLESS = frozenset(
    {"idempotency", "cache", "surrogate", "partition", "sort", "routing", "public", "primary"}
)
_KNOWN: Mapping[str, str | None] = MappingProxyType(
    {
        # walls before a deployment: Vercel's bypass and shared links, Cloudflare Access, Netlify's signed requests
        "x-vercel-protection-bypass": "bypass",
        "x-vercel-set-bypass-cookie": "bypass",
        "x-vercel-share": "bypass",
        "vercel-share": "bypass",
        "cf-access-client-secret": "secret",
        "cf-access-jwt-assertion": "jwt",
        "cf-authorization": "jwt",
        "x-nf-sign": "signature",
        # who a proxy says that the user is, as a token: Google's, Amazon's and Microsoft's
        "x-goog-iap-jwt-assertion": "jwt",
        "x-amzn-oidc-data": "jwt",
        "x-ms-client-principal": "token",
        "x-firebase-appcheck": "token",
        # answers to a captcha are good for one use, by whoever comes first
        "cf-turnstile-response": "captcha",
        "g-recaptcha-response": "captcha",
        "h-captcha-response": "captcha",
        # what ends like a secret and is none: Fetch (CORS), RFC 6455, RFC 9421
        "access-control-allow-credentials": None,
        "dpop": "token",
        "sec-websocket-key": None,
        "accept-signature": None,
    }
)
"""Names of headers, parameters and fields of which the words say too little or too much; None for those that hold no secret."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _squeezed(name: str) -> str:
    """A name without what parts its words, in lower case."""
    return _SIGNS.sub("", name).lower()


_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_SQUEEZED = MappingProxyType({_squeezed(name): word for name, word in _KNOWN.items()})


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
def sensitive(name: str) -> tuple[str, ValueKind] | None:
    """The word that the mask of such a field shows, and what it holds; None for a name that announces nothing."""
    parts = words(
        name.replace("%5B", ".").replace("%5D", "").replace("%5b", ".").replace("%5d", "")
    )
    while len(parts) > 1 and parts[-1] in _QUALIFIERS and not _ends_in_words(parts):
        parts = parts[:-1]
    if not parts:
        return None
    known = _squeezed(name)
    if known in _SQUEEZED:
        word = _SQUEEZED[known]
        return None if word is None else (word, ValueKind.ANY)
    last, pair = parts[-1], parts[-2:]
    if last == "authorization":
        return "authorization", ValueKind.CREDENTIALS
    if last in {"cookie", "cookies"}:
        return "cookie", ValueKind.COOKIES
    if pair in _CARD_PAIRS or last in _CARD_WORDS:
        return "card", ValueKind.CARD
    several = _ends_in_words(parts)
    if several:
        return "_".join(several), ValueKind.ANY
    if last == "key" and len(parts) > 1 and parts[-2] in _KEY_BEFORE:
        return "_".join(pair), ValueKind.ANY
    if last in _SECRET_WORDS:
        return last, ValueKind.ANY
    for end in _SECRET_ENDS:
        if last.endswith(end):
            return end, ValueKind.ANY
    return None


def _ends_in_words(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The two or three words that announce a secret together, when the name ends with them."""
    if parts[-2:] in _PAIRS:
        return parts[-2:]
    return parts[-3:] if parts[-3:] in _TRIPLES else ()


def endings() -> tuple[str, ...]:
    """Words or pairs (`session id`) with one of which every sensitive name ends, but for qualifiers."""
    pairs = {" ".join(pair) for pair in _PAIRS | _CARD_PAIRS | _TRIPLES}
    keys = {f"{word} key" for word in _KEY_BEFORE}
    known = {" ".join(name.rsplit("-", 2)[-2:]) for name, word in _KNOWN.items() if word}
    heads = {"authorization", "cookie", "cookies"}
    own = _SECRET_WORDS.union(_SECRET_ENDS)
    return tuple(sorted(own | _CARD_WORDS | heads | pairs | keys | known))


def qualifiers() -> tuple[str, ...]:
    """Words that may follow the one that decides (`password_confirmation`)."""
    return tuple(sorted(_QUALIFIERS))


@lru_cache(maxsize=1024)
def sensitive_header(name: str) -> tuple[str, ValueKind] | None:
    """As `sensitive`, for a header: every `X-…-Key`, `-Token` and `-Secret` counts too."""
    found = sensitive(name)
    if found is not None or _squeezed(name) in _SQUEEZED:
        return found
    parts = words(name)
    if len(parts) > 1 and parts[-1] == "key" and not _HARMLESS.intersection(parts):
        return "key", ValueKind.ANY
    return None
