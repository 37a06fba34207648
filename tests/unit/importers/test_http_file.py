""".http files: variables, names and references of three tools, and what is left out is told with its line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"


def test_what_is_taken_of_a_named_answer_is_a_capture() -> None:
    text = """@host = https://shop.example
# @name login
POST {{host}}/login
Content-Type: application/x-www-form-urlencoded

user=u
&password={{pw}}

### Order
PUT {{host}}/orders
    ?a=1
    &b=x y
Authorization: Bearer {{login.response.body.$.token}}
X-Etag: {{login.response.headers.ETag}}
"""
    found = document_of(text, {"http-client.env.json": b'{"dev": {"pw": "p4ssw0rd-1"}}'})
    login, order = found["steps"]
    assert login["request"]["form"]["password"] == "{{ secrets.SHOP_PASSWORD }}"
    assert login["capture"] == {
        "login_token": {"json": "$.token", "secret": True},
        "login_e_tag": {"header": "ETag"},
    }
    assert order["name"] == "Order"
    assert order["request"]["query"] == {"a": "1", "b": "x y"}
    assert order["request"]["bearer"] == "{{ login_token }}"
    assert order["request"]["headers"] == {"X-Etag": "{{ login_e_tag }}"}


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "bare": (URL, {"method": "GET", "url": "/orders"}),
    "host": ("###\nGET /orders HTTP/1.1\nHost: shop.example", {"method": "GET", "url": "/orders"}),
    "made up": (f'POST {URL}\n\n{{"a": "{{{{$guid}}}}", "n": {{{{$randomInt 1 6}}}}, "e": "{{{{$random.email}}}}", "v": "{{{{$processEnv SHOP}}}}"}}',
                {"json": {"a": "{{ fake.uuid }}", "n": "{{ fake.number(1, 6) }}", "e": "{{ fake.email }}", "v": "{{ env.SHOP }}"}}),
    "graphql": (f'GRAPHQL {URL}\n\nquery A {{ a }}\n\n{{"n": 1}}', {"graphql": {"query": "query A { a }", "variables": {"n": 1}}}),
    "parts": (f'POST {URL}\nContent-Type: multipart/form-data; boundary=X\n\n--X\nContent-Disposition: form-data; name="a"\n\nb\n--X--', {"multipart": {"a": "b"}}),
    "text": (f"POST {URL}\nContent-Type: text/plain\n\nhello\n\nyou", {"text": "hello\n\nyou", "media_type": "text/plain"}),
    "basic": (f"GET {URL}\nAuthorization: Basic ann p4ssw0rd-1", {"basic": {"username": "{{ secrets.SHOP_USER }}", "password": "{{ secrets.SHOP_PASSWORD }}"}}),
    "token": (f"GET {URL}\nAuthorization: Bearer {{{{$dotenv SHOP}}}}", {"bearer": "{{ secrets.SHOP }}"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request(name: str) -> None:
    text, expected = REQUESTS[name]
    request = document_of(text)["steps"][0]["request"]
    assert {key: request.get(key) for key in expected} == expected


def test_redirects_stay_where_the_file_says_so() -> None:
    first, second = requests_of(f"# @no-redirect\nGET {URL}\n###\nGET {URL}")
    assert (first.follows, second.follows) == (False, True)


def test_every_script_of_a_request_is_expected() -> None:
    scripts = "".join(
        f"> {{% client.assert({each}); %}}\n"
        for each in (
            "response.body.id === 5",
            "response.body.ok === true",
            "response.body.id === 6",
        )
    )
    (made,) = requests_of(f"POST {URL}\n\n{scripts}")
    assert made.expect == {"json": {"$.id": 5, "$.ok": True}}
    assert made.unread == ("script, line 5: it contradicts another one",)


def test_what_is_left_out_is_told_with_its_line() -> None:
    text = f"""# @prompt word
POST {URL}

< ./body.json

> ./check.js
?? xpath //a == b
>> answer.json
###
POST {URL}

{{{{
  console.info('x');
}}}}
> {{%
  client.global.set("a", Math.random());
%}}
"""
    assert made_of(text).unread == (
        "line 1: @prompt",
        "line 6: a script in another file",
        "line 7: an assert",
        "line 2: its body is a file; put its text into the step",
        "line 12: a script of httpYac",
        'script, line 16: client.global.set("a", Math.random())',
    )


def test_a_host_that_is_not_known_is_not_made_up() -> None:
    made = made_of("POST {{host}}/orders\n\n{}\n\n###\nGET {{host}}/orders/1")
    assert made.text.startswith("# Made from requests that name no host: read it once")
    assert made.text.count("request:") == 2
    assert made.origin == ""
