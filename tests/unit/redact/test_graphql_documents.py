"""GraphQL documents: a variable is no secret, a value written into one is; so is a password that only looks like a variable."""

from __future__ import annotations

import json

import pytest

from smoke.redact import Secrets, mask_text

NONE = Secrets()
DOCUMENT = """mutation logIn($email: String!, $password:String!, $code: [Int!]) {
  logIn(email: $email, password: $password) { accessToken }
  again(
    password: $password
    cvv: $code, id: 1
  ) { id }
}"""


@pytest.mark.parametrize(
    "text",
    [
        DOCUMENT,
        " ".join(DOCUMENT.split()),
        json.dumps({"query": DOCUMENT, "operationName": "logIn"}),
        json.dumps(json.dumps({"query": DOCUMENT})),
        json.dumps({"password": "{{ password }}", "token": "${TOKEN}"}),
        "password: {{ password }}\npin: ${PIN}\n",
    ],
)
def test_a_variable_and_a_placeholder_are_no_secret(text: str) -> None:
    assert mask_text(text, NONE) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password: $ecret", "password: [masked:password]"),
        ("(user: $me, password: $ecret, more)", "(user: $me, password: [masked:password]"),
        ('{"password": "$ecret"}', '{"password": "[masked:password]"}'),
        ("mutation m($p: String!) { a(\npassword: $ecret\n) }", "mutation m($p: String!) { a(\npassword: [masked:password]\n) }"),
        ("password: $pass-w0rd $pass: x", "password: [masked:password]"),
        ("$pw: String\npassword: $pw0rd", "$pw: String\npassword: [masked:password]"),
        ("$pw: String\npassword: $pw.more", "$pw: String\npassword: [masked:password]"),
        ('{"password": "{{ a }}b"}', '{"password": "[masked:password]"}'),
        ('{"password": "${PASSWORD:-hunter2}"}', '{"password": "[masked:password]"}'),
        (
            "mutation { pay(number: 1, cvv: 737, pin: 4711) { id } }",
            "mutation { pay(number: 1, cvv: [masked:cvv], pin: [masked:pin]) { id } }",
        ),
        ("failed (user: 1, pin: 4711) { x }", "failed (user: 1, pin: [masked:pin]"),
    ],
)  # fmt: skip
def test_a_secret_that_looks_like_one_is_masked(text: str, shown: str) -> None:
    assert mask_text(text, NONE) == shown
