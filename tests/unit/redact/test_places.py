"""Secrets nobody declared: by the name in front of them, by their shape, by their check digit."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from smoke.model.run import JsonValue, Mismatch
from smoke.redact import Masker, Secrets, mask_mismatch, mask_text, mask_value
from smoke.redact.cards import is_card
from smoke.redact.keys import sensitive, sensitive_header

NONE = Secrets()


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "Password",
        "newPassword",
        "password_confirmation",
        "password2",
        "user[password]",
        "passwd",
        "client_secret",
        "clientSecret",
        "api_key",
        "apiKey",
        "apikey",
        "X-Api-Key",
        "token",
        "access_token",
        "accessToken",
        "csrfToken",
        "csrf",
        "_csrf",
        "csrfmiddlewaretoken",
        "XSRF-TOKEN",
        "sessionid",
        "session_id",
        "sessionId",
        "PHPSESSID",
        "connect.sid",
        "JSESSIONID",
        "authorization",
        "cookie",
        "set-cookie",
        "cvc",
        "cvv",
        "cvv2",
        "card_cvc",
        "cardCvc",
        "securityCode",
        "security_code",
        "private_key",
        "secretKey",
        "mysql_pwd",
        "credentials",
        "otp",
        "pin",
    ],
)
def test_names_that_announce_a_secret(name: str) -> None:
    assert sensitive(name) is not None


@pytest.mark.parametrize(
    "name",
    [
        "tokenizer",
        "token_type",
        "tokens_used",
        "password_required",
        "passwordPolicy",
        "session_duration",
        "cookie_banner",
        "key",
        "primary_key",
        "public_key",
        "idempotency_key",
        "sort_key",
        "secretary",
        "author",
        "authority",
        "authorized",
        "shipping",
        "pinned",
        "spin",
        "company",
        "panel",
        "discard",
        "postcard_id",
        "code",
        "sqlstate",
        "constraint",
        "constraint_name",
        "table",
        "column",
        "detail",
        "hint",
        "id",
        "passage",
        "compass",
    ],
)
def test_names_that_announce_nothing(name: str) -> None:
    assert sensitive(name) is None


@pytest.mark.parametrize("name", ["X-Shop-Key", "X-Anything-Token", "X-My-Secret", "Cookie"])
def test_header_names_that_announce_a_secret(name: str) -> None:
    assert sensitive_header(name) is not None


@pytest.mark.parametrize(
    "name", ["Idempotency-Key", "X-Idempotency-Key", "X-Request-Id", "Surrogate-Key", "ETag"]
)
def test_header_names_that_are_evidence(name: str) -> None:
    assert sensitive_header(name) is None


PLACES = {
    '{"password":"HIDE","a":"b"}': '{"password":"[masked:password]","a":"b"}',
    '{"password" : "HI\\"DE" , "a":1}': '{"password" : "[masked:password]" , "a":1}',
    '{"password":"HIDE\\\\","a":"b"}': '{"password":"[masked:password]","a":"b"}',
    '{"password":"HIDE': '{"password":"[masked:password]',
    '{"cvc":737,"n":5}': '{"cvc":"[masked:cvc]","n":5}',
    '{"pin": 1234}': '{"pin": "[masked:pin]"}',
    "{'token': 'HIDE', 'x': 1}": "{'token': '[masked:token]', 'x': 1}",
    '{"token":null,"session":true,"secret":{"a":1},"password":""}': None,
    '{"tokens":["a"],"token":["HIDE","HIDE2"],"n":1}': '{"tokens":["a"],"token":["[masked:token]","[masked:token]"],"n":1}',
    '{"authorization":"Bearer HIDE"}': '{"authorization":"Bearer [masked:authorization]"}',
    '{"cookie":"a=HIDE; b=HIDE2"}': '{"cookie":"a=[masked:cookie]; b=[masked:cookie]"}',
    "a=1&password=HIDE&b=2": "a=1&password=[masked:password]&b=2",
    "password=HIDE": "password=[masked:password]",
    "user%5Bpassword%5D=HIDE&b=2": "user%5Bpassword%5D=[masked:password]&b=2",
    "https://x.test/?access_token=HIDE#top": "https://x.test/?access_token=[masked:token]",
    "https://x.test/cb#access_token=HIDE&n=1": "https://x.test/cb#access_token=[masked:token]&n=1",
    "next=%2Fcb%3Ftoken%3DHIDE%26n%3D1": "next=%2Fcb%3Ftoken%3D[masked:token]%26n%3D1",
    "Authorization: Bearer HIDE\nHost: x": "Authorization: Bearer [masked:authorization]\nHost: x",
    "GET / HTTP/1.1\r\nCookie: s=HIDE; t=HIDE2\r\nHost: x\r\n": "GET / HTTP/1.1\r\nCookie: s=[masked:cookie]; t=[masked:cookie]\r\nHost: x\r\n",
    "X-Api-Key: HIDE\r\nA: b": "X-Api-Key: [masked:api_key]\r\nA: b",
    "postgres://shop:HIDE@db:5432/shop?sslmode=require": "postgres://shop:[masked:password]@db:5432/shop?sslmode=require",
    "https://user:HIDE@x.test/": "https://user:[masked:password]@x.test/",
    "host=db password=HIDE user=shop": "host=db password=[masked:password] user=shop",
    '{"password"=>"HIDE", "a"=>1}': '{"password"=>"[masked:password]", "a"=>1}',
    "&quot;password&quot;:&quot;HIDE&quot;,&quot;a&quot;": "&quot;password&quot;:&quot;[masked:password]&quot;,&quot;a&quot;",
    "AWS AKIAABCDEFGHIJKLMNOP!": "AWS [masked:api_key]!",
    "key rk_live_abcdefghij0123 end": "key [masked:api_key] end",
    "ghp_abcdefghijklmnopqrst0123456789abcdef": "[masked:github_token]",
    "xoxb-123456789012-abcdefghij": "[masked:slack_token]",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nafter": "-----BEGIN RSA PRIVATE KEY-----[masked:private_key]-----END RSA PRIVATE KEY-----\nafter",
    "-----BEGIN PRIVATE KEY-----\\nMIIE\\nabc": "-----BEGIN PRIVATE KEY-----[masked:private_key]",
    "t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl0123 u": "t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.[masked:jwt] u",
}


@pytest.mark.parametrize("text", PLACES, ids=range(len(PLACES)))
def test_a_value_is_masked_by_its_place_or_shape(text: str) -> None:
    assert mask_text(text, NONE) == (PLACES[text] or text)


@pytest.mark.parametrize("levels", range(4))
def test_json_in_json_stays_json(levels: int) -> None:
    value = {
        "a": "BEFORE",
        "password": 'hi"d\\e',
        "cvc": 737,
        "pan": 4242424242424242,
        "z": "AFTER",
    }
    text = json.dumps(value)
    for _ in range(levels):
        text = json.dumps(text)
    shown = mask_text(text, NONE)
    for _ in range(levels):
        shown = json.loads(shown)
    assert json.loads(shown) == {
        "a": "BEFORE",
        "password": "[masked:password]",
        "cvc": "[masked:cvc]",
        "pan": "424242******4242",
        "z": "AFTER",
    }


CARDS = {
    "4242424242424242": "424242******4242",
    "4000 0566 5566 5556": "400005******5556",
    "3782-822463-10005": "378282*****0005",
    "5555.5555.5555.4444": "555555******4444",
    "6011111111111117": "601111******1117",
    "30569309025904": "305693****5904",
    "3530111333300000": "353011******0000",
    "2223003122003222": "222300******3222",
    "4242+4242+4242+4242": "424242******4242",
    "4242%204242%204242%204242": "424242******4242",
    "4242\u00a04242\u00a04242\u00a04242": "424242******4242",
    "4242\u202f4242\u202f4242\u202f4242": "424242******4242",
    "4242&nbsp;4242&nbsp;4242&nbsp;4242": "424242******4242",
    "3782&#160;822463&#160;10005": "378282*****0005",
    "4242\\u00a04242\\u00a04242\\u00a04242": "424242******4242",
    "4242\\u00A04242\\u00A04242\\u00A04242": "424242******4242",
    "4242_4242_4242_4242": "424242******4242",
    "4242/4242/4242/4242": "424242******4242",
    "3782:822463:10005": "378282*****0005",
    "4242\u20104242\u20104242\u20104242": "424242******4242",
    "4242\u20144242\u20144242\u20144242": "424242******4242",
    "4242\\u20094242\\u20094242\\u20094242": "424242******4242",
    "6200000000000005": "620000******0005",
}


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize(
    "around", ["{}", "card {}.", '"{}"', "no {}, 5", "x={}&y", "<b>{}</b>", "7 {} 8"]
)
def test_card_numbers_show_six_and_four_digits(number: str, around: str) -> None:
    assert mask_text(around.format(number), NONE) == around.format(CARDS[number])


@pytest.mark.parametrize("space", [b"\xa0", b"\xc2\xa0", b"&nbsp;", b" -&#45;", b"%20%20"])
@pytest.mark.parametrize("place", range(90, 130, 3))
def test_a_card_number_in_groups_is_found_where_blocks_meet(space: bytes, place: int) -> None:
    masker = Masker(NONE, block=128, ahead=128)
    text = masker.feed(b"x" * place + b" " + space.join([b"4242"] * 4) + b" y" * 300)
    assert text + masker.finish() == b"x" * place + b" 424242******4242" + b" y" * 300


def test_a_card_number_behind_an_escape_is_found() -> None:
    assert mask_text("a%204242424242424242", NONE) == "a%20424242******4242"
    assert mask_text('"\\n4242424242424242"', NONE) == '"\\n424242******4242"'
    assert mask_text(quote("a 4242424242424242\n"), NONE) == "a%20424242******4242%0A"


@pytest.mark.parametrize(
    "text",
    [
        "1234567812345678",
        "4242424242424241",
        "42424242424242424242",
        "1763900000123",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-11-23 10:11:12.123456",
        "0.4242424242424242",
        "e3b0c44298fc4242424242424242c149afbf4c8996fb924",
        '{"order":"1234567812345678","ts":1763900000123456}',
        "+49 30 1234567 8901",
        "4242_4242_4242_4241",
        "4242/4242/4242/4242/4242",
        "2001:4242:4242:4242:4242",
        "4242:4242:4242:4242::1",
        "4242,4242,4242,4242",
        "4242\t4242\t4242\t4242",
        "4242/4242_4242/4242",
        "424/2424/2424/2424/242",
    ],
)
def test_numbers_that_are_no_cards_stay(text: str) -> None:
    assert mask_text(text, NONE) == text


def test_key_names_need_no_check_digit() -> None:
    assert mask_text('{"card":"1234567812345678"}', NONE) == '{"card":"123456******5678"}'
    assert mask_text('{"card":"visa","card_number":"**** 4242"}', NONE) == (
        '{"card":"visa","card_number":"**** 4242"}'
    )


def test_the_check_digit_and_the_issuer_both_count() -> None:
    assert is_card(b"4242424242424242")
    assert not is_card(b"4242424242424243")
    assert not is_card(b"9999999999999995")


def test_values_are_masked_by_key_and_content() -> None:
    secrets = Secrets.of({"KEY": "sesame-open"})
    value: JsonValue = {
        "token": "abc",
        "n": 1,
        "list": ["sesame-open", None, True, 4242424242424242],
        "pin": 1,
    }
    assert mask_value(value, secrets) == {
        "token": "[masked:token]",
        "n": 1,
        "list": ["[masked:KEY]", None, True, "424242******4242"],
        "pin": "[masked:pin]",
    }


FIELDS = {
    '<input type="hidden" name="csrf_token" value="HIDE">': '<input type="hidden" name="csrf_token" value="[masked:token]">',
    "<input value='HIDE' name='_csrf'/>": "<input value='[masked:csrf]' name='_csrf'/>",
    '<meta name="csrf-token" content="HIDE">': '<meta name="csrf-token" content="[masked:token]">',
    '"<input name=\\"user[password]\\" value=\\"HIDE\\">"': '"<input name=\\"user[password]\\" value=\\"[masked:password]\\">"',
    "<INPUT NAME=token VALUE=HIDE class=a>": "<INPUT NAME=token VALUE=[masked:token] class=a>",
    '<input name="token" value="">': '<input name="token" value="">',
    '<input name="quantity" value="2" title="no password here">': '<input name="quantity" value="2" title="no password here">',
    '<label for="password">x</label><input name="a" value="b">': '<label for="password">x</label><input name="a" value="b">',
}


@pytest.mark.parametrize("text", FIELDS, ids=range(len(FIELDS)))
def test_a_form_field_is_masked_by_its_name(text: str) -> None:
    assert mask_text(text, NONE) == FIELDS[text]


def test_huge_and_deep_values_are_said_and_not_written() -> None:
    deep: JsonValue = []
    for _ in range(5000):
        deep = [deep]
    shown = mask_value(deep, NONE)
    for _ in range(100):
        assert isinstance(shown, list)
        shown = shown[0]
    assert shown == "[too deep]"
    assert mask_value({"n": 10**5000}, NONE) == {"n": "[a number of 16610 bits]"}


def test_a_mismatch_shows_no_secret() -> None:
    secrets = Secrets.of({"KEY": "sesame-open"})
    found = Mismatch("$.password", "sesame-open", "other", "it is sesame-open, not other")
    assert mask_mismatch(found, secrets) == Mismatch(
        "$.password", "[masked:password]", "[masked:password]", "it is [masked:KEY], not other"
    )
    plain = Mismatch("$.total", {"greater": 0}, 5)
    assert mask_mismatch(plain, secrets) == plain
