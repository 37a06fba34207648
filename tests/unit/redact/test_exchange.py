"""`redact`: every part of an exchange is masked, counted, and otherwise as it was."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from smoke.model.exchange import (
    Body,
    Completeness,
    Delivery,
    ErrorKind,
    Exchange,
    Headers,
    Phase,
    RawBody,
    RawExchange,
    RawResponse,
    Redaction,
    Request,
    TransportError,
    Window,
)
from smoke.redact import Secrets, redact

TOKEN = "tok_demo_51f0c2d9e8a74b36"
PASSWORD = "a b&=+%/\"\\<ü>'€z9q"
SECRETS = Secrets.of({"TOKEN": TOKEN, "PASSWORD": PASSWORD})
BASIC = base64.b64encode(f"customer:{PASSWORD}".encode()).decode()


class Shelf:
    """Keeps bodies in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def __call__(self, part: str, data: bytes) -> Body:
        self.kept[part] = data
        return Body(len(data), hashlib.sha256(data).hexdigest(), f"bodies/{part}")


def _redact(raw: RawExchange, secrets: Secrets = SECRETS) -> tuple[Exchange, dict[str, bytes]]:
    shelf = Shelf()
    return redact(raw, secrets, shelf, started_at="t", digest_key=b"k"), shelf.kept


def _raw(
    *, headers: Headers = (), body: RawBody | bytes = b"", request: Headers = (), sent: bytes = b""
) -> RawExchange:
    raw = body if isinstance(body, RawBody) else RawBody(Window(body))
    return RawExchange(
        "x1",
        Request("POST", f"http://shop.test/a?pin=4711&x={TOKEN}", request, sent),
        RawResponse(500, f"Bad {TOKEN}".encode(), headers=headers, body=raw),
    )


def test_no_part_of_an_exchange_shows_a_secret() -> None:
    echo = json.dumps(
        {"a": "BEFORE", "h": f"Basic {BASIC}", "t": TOKEN, "p": PASSWORD, "z": "AFTER"}
    )
    raw = RawExchange(
        id="x1",
        request=Request(
            "POST",
            f"http://user:{TOKEN}@shop.test/{TOKEN}?pin=4711",
            (
                (b"Authorization", f"Bearer {TOKEN}".encode()),
                (b"X-Api-Key", b"undeclared-key-1"),
                (b"Cookie", b"session=c00kie-value-77; lang=en"),
                (b"X-" + TOKEN.encode(), b"v"),
            ),
            json.dumps({"password": PASSWORD, "card": "4242424242424242", "cvc": "737"}).encode(),
        ),
        response=RawResponse(
            500,
            f"No {TOKEN}".encode(),
            headers=(
                (b"Set-Cookie", b"sid=fresh-c00kie-99; Path=/; HttpOnly"),
                (b"X-Echo", TOKEN.encode()),
            ),
            body=RawBody(
                Window(echo.encode() + b" undeclared-key-1 c00kie-value-77 fresh-c00kie-99")
            ),
            trailers=((b"X-End", TOKEN.encode()),),
            interim=((103, ((b"Link", TOKEN.encode()),)),),
        ),
        error=TransportError(ErrorKind.RESET, Phase.RECEIVE, Delivery.SENT, f"reset after {TOKEN}"),
        undecoded=f"junk {TOKEN}".encode(),
        leftover=f"more {TOKEN}".encode(),
    )
    exchange, kept = _redact(raw)
    everything = repr(exchange) + repr(kept) + repr([data.decode() for data in kept.values()])
    for secret in (
        TOKEN,
        PASSWORD,
        json.dumps(PASSWORD)[1:-1],
        BASIC,
        base64.b64encode(PASSWORD.encode()).decode().rstrip("="),
        "undeclared-key-1",
        "c00kie-value-77",
        "fresh-c00kie-99",
        "4242424242424242",
        "737",
        "4711",
    ):
        assert secret not in everything
    assert b"BEFORE" in kept["response"]
    assert b"AFTER" in kept["response"]
    assert exchange.redaction_count >= 20
    assert exchange.request.headers[0] == (b"Authorization", b"Bearer [masked:TOKEN]")
    assert exchange.request.headers[2][1] == b"session=[masked:cookie]; lang=[masked:cookie]"
    assert exchange.response is not None
    assert exchange.response.headers[0][1] == b"sid=[masked:cookie]; Path=/; HttpOnly"


def test_basic_credentials_are_secret_in_their_own_base64() -> None:
    twice = base64.b64encode(f"Basic {BASIC}".encode())
    _, kept = _redact(
        _raw(request=((b"Authorization", f"Basic {BASIC}".encode()),), body=twice), Secrets()
    )
    assert BASIC.encode() not in base64.b64decode(kept["response"].split(b"[")[0] + b"===")
    assert b"[masked:authorization]" in kept["response"]


def test_an_exchange_without_secrets_is_kept_byte_for_byte() -> None:
    headers: Headers = (
        (b"x-a", b"1"),
        (b"X-A", b"\xff\x00"),
        (b"Content-Type", b'Text/HTML; Charset="UTF-8"'),
    )
    raw = RawExchange(
        "x1",
        Request("GET", "http://shop.test/a?b=c", ((b"Host", b"shop.test"),)),
        RawResponse(
            200, b"OK", headers=headers, body=RawBody(Window(b"\x00\xffbody"), wire_size=6)
        ),
    )
    exchange, kept = _redact(raw)
    assert kept == {"response": b"\x00\xffbody"}
    assert exchange.response is not None
    assert exchange.response.headers == headers
    body = exchange.response.body
    assert (body.media_type, body.charset) == ("text/html", "utf-8")
    assert (body.original_size, body.original_digest, body.wire_size) == (6, "", 6)
    assert (exchange.redactions, exchange.redaction_count, exchange.notes) == ((), 0, ())
    assert exchange.request.body == Body()


def test_a_changed_body_tells_size_and_keyed_digest_of_its_original() -> None:
    data = f"x {TOKEN} y".encode()
    exchange, kept = _redact(_raw(body=data))
    assert exchange.response is not None
    body = exchange.response.body
    assert kept["response"] == b"x [masked:TOKEN] y"
    assert body.size == len(b"x [masked:TOKEN] y")
    assert body.original_size == len(data)
    assert body.original_digest == hmac.new(b"k", data, hashlib.sha256).hexdigest()
    assert Redaction("body", "declared", "TOKEN", 2, 14) in exchange.redactions


@pytest.mark.parametrize("leaks", [True, False])
def test_undecoded_bytes_are_withheld_when_the_decoded_part_has_secrets(leaks: bool) -> None:
    decoded = f"begin {TOKEN if leaks else 'nothing'}".encode()
    raw = RawBody(
        Window(decoded),
        wire=b"\x1f\x8b-wire",
        wire_size=7,
        content_encoding="gzip",
        decode_error="the gzip stream ends early",
        completeness=Completeness.TRUNCATED,
    )
    exchange, kept = _redact(_raw(body=raw))
    assert exchange.response is not None
    body = exchange.response.body
    assert (body.decoded, body.decode_error) == (True, "the gzip stream ends early")
    assert exchange.response.completeness is Completeness.TRUNCATED
    assert ("wire" in kept) is not leaks
    assert bool(body.wire_path) is not leaks
    assert bool(exchange.notes) is leaks


def test_a_streamed_body_keeps_what_was_masked_on_its_way() -> None:
    stored = Body(10, "ab", "bodies/big", original_size=12, original_digest="cd")
    raw = RawBody(
        Window(b"head", b"tail", 5),
        stored=stored,
        redactions=(Redaction("body", "declared", "TOKEN", 3, 14),),
        redaction_count=2000,
        wire_size=12,
    )
    exchange, kept = _redact(_raw(body=raw))
    assert kept == {}
    assert exchange.response is not None
    assert exchange.response.body.path == "bodies/big"
    assert exchange.response.body.original_digest == "cd"
    assert exchange.redaction_count == 2000 + 3  # pin and token in the URL, token in the reason


def test_ordinary_cookie_words_are_not_masked_elsewhere() -> None:
    _, kept = _redact(
        _raw(request=((b"Cookie", b"lang=english; cart=order"),), body=b"english order")
    )
    assert kept["response"] == b"english order"


def test_an_exchange_without_a_response_keeps_its_error() -> None:
    error = TransportError(ErrorKind.TLS, Phase.TLS, Delivery.NOT_SENT, "certificate has expired")
    exchange, kept = _redact(RawExchange("x1", Request("GET", "https://shop.test/"), error=error))
    assert (exchange.error, exchange.response, kept) == (error, None, {})
