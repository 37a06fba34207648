"""What a request step sends: every body, every header, and values that cannot steer it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.scenario.scope import Scope, TemplateError
from smoke.steps.request import BuildError, Built, Spec
from smoke.steps.request import from_templates as build

UUID = "6f1c1d0e-0000-4000-8000-000000000001"


def built(
    spec: Any,
    *,
    files: Mapping[str, bytes] | None = None,
    base_url: str = "https://shop.example",
    **names: Any,
) -> Built:
    scope = Scope(names=names, secrets={"KEY": "s3cret"}, target_url=base_url)
    return build(
        Spec.model_validate(spec),
        scope,
        base_url=base_url,
        new_uuid=lambda: UUID,
        files=files or {},
    )


def refusal(spec: Any, **names: Any) -> str:
    with pytest.raises((BuildError, TemplateError)) as caught:
        built(spec, **names)
    return str(caught.value)


def headers(of: Built) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in of.request.headers]


@pytest.mark.parametrize(
    ("spec", "names", "method", "url"),
    [
        ("/health", {}, "GET", "/health"),
        ("DELETE /orders/{{ id }}", {"id": "ORD-1"}, "DELETE", "/orders/ORD-1"),
        ("/orders/{{ id }}", {"id": 7}, "GET", "/orders/7"),
        ("/orders/{{ id }}/x", {"id": "a/b?c#d e"}, "GET", "/orders/a%2Fb%3Fc%23d%20e/x"),
        ("/a*b/{{ id }}?f=*{{ id }}", {"id": "x*y"}, "GET", "/a*b/x*y?f=*x*y"),
        ("/s?q={{ q }}&n=1", {"q": "a&b=c d"}, "GET", "/s?q=a%26b%3Dc%20d&n=1"),
        ("{{ link }}", {"link": "/orders/9?t=1"}, "GET", "/orders/9?t=1"),
        ("{{ link }}", {"link": "https://shop.example/x"}, "GET", "/x"),
        ("{{ target.url }}/orders/{{ id }}", {"id": "a/b"}, "GET", "/orders/a%2Fb"),
        ("{{ base }}{{ path }}", {"base": "/shop", "path": "/x"}, "GET", "/shop/x"),
        ({"url": "/s", "query": {"a": 1, "b": ["x", "y z"], "c": None, "d": True}}, {}, "GET", "/s?a=1&b=x&b=y%20z&d=true"),
        ({"url": "/s?x=1", "query": {"a": "{{ q }}"}}, {"q": "*&"}, "GET", "/s?x=1&a=*%26"),
        ({"url": "/s#part"}, {}, "GET", "/s"),
        ({"url": "/s", "json": None}, {}, "POST", "/s"),
        ({"url": "/s", "method": "patch", "json": {}}, {}, "PATCH", "/s"),
    ],
    ids=str,
)  # fmt: skip
def test_method_and_url(spec: Any, names: Mapping[str, Any], method: str, url: str) -> None:
    request = built(spec, **names).request
    assert (request.method, request.url) == (method, f"https://shop.example{url}")


@pytest.mark.parametrize("prefix", ["", "{{ target.url }}", "{{ base }}"])
@pytest.mark.parametrize("hostile", ["..", ".", "", None])
def test_a_value_that_would_lead_to_another_resource_is_not_sent(
    prefix: str, hostile: str | None
) -> None:
    assert "template in the path" in refusal(
        f"DELETE {prefix}/orders/{{{{ id }}}}/cancel", id=hostile, base="https://shop.example"
    )


@given(st.text(max_size=12), st.sampled_from(["", "{{ target.url }}", "{{ base }}"]))
def test_a_value_in_a_path_is_one_segment_or_nothing_is_sent(value: str, prefix: str) -> None:
    """A hostile order id must not steer the request that cancels it (T21)."""
    try:
        request = built(
            f"DELETE {prefix}/orders/{{{{ id }}}}/cancel", id=value, base="/api"
        ).request
    except BuildError:
        return
    root = "/api" if "base" in prefix else ""
    parts = urlsplit(request.url)
    head, segment, tail = parts.path.removeprefix(root + "/").split("/")
    assert (parts.netloc, parts.query, parts.fragment) == ("shop.example", "", "")
    assert (head, tail) == ("orders", "cancel")
    assert unquote(segment) == value
    assert segment.lower().replace("%2e", ".") not in (".", "..")


@given(st.text(max_size=12))
def test_a_value_in_a_query_is_one_value(value: str) -> None:
    try:
        url = built({"url": "/s?a={{ v }}", "query": {"b": "{{ v }}"}}, v=value).request.url
    except BuildError:
        return
    first, second = urlsplit(url).query.split("&")
    assert unquote(first) == f"a={value}"
    assert unquote(second) == f"b={value}"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"url": "{{ v }}"}, "empty"),
        ({"url": "/a b"}, "space"),
        ({"url": "{{ bad }}"}, "space"),
        ({"url": "https://me:pw@shop.example/"}, "credentials"),
        ({"url": "https://[::1/"}, "none"),
        ({"url": "/", "headers": {"X": "{{ crlf }}"}}, "control character"),
        ({"url": "/", "bearer": "{{ crlf }}"}, "control character"),
        ({"url": "/", "text": "x", "media_type": "{{ crlf }}"}, "control character"),
        ({"url": "/", "idempotency_key": "{{ v }}"}, "empty"),
        ({"url": "/", "idempotency_key": "{{ crlf }}"}, "control character"),
        ({"url": "/", "basic": {"username": "a:b", "password": "x"}}, "colon"),
        ({"url": "/", "json": "{{ inf }}"}, "JSON"),
        ({"url": "/", "text": "{{ missing }}"}, "nothing is called 'missing'"),
    ],
    ids=str,
)
def test_what_cannot_be_sent_is_said_and_not_sent(spec: Any, words: str) -> None:
    names = {"v": "", "bad": "/x\r\nHost: evil", "crlf": "a\r\nX-Evil: 1", "inf": float("inf")}
    assert words in refusal(spec, **names)


@pytest.mark.parametrize(
    "spec",
    [
        {"url": "/{{ half }}"}, {"url": "/?a={{ half }}"}, {"url": "/", "query": {"a": "{{ half }}"}},
        {"url": "/", "headers": {"A": "{{ half }}"}}, {"url": "/", "json": "{{ half }}"},
        {"url": "/", "form": {"a": "{{ half }}"}}, {"url": "/", "multipart": {"a": "{{ half }}"}},
        {"url": "/", "text": "{{ half }}"}, {"url": "/", "bearer": "{{ half }}"},
        {"url": "/", "basic": {"username": "{{ half }}", "password": ""}},
        {"url": "/", "graphql": {"query": "{{ half }}"}}, {"url": "/", "idempotency_key": "{{ half }}"},
        {"url": "/", "json": "{{ half | base64 }}"}, {"url": "/", "json": "{{ half | sha256 }}"},
        {"url": "/", "json": "{{ half | urlencode }}"},
    ],
    ids=str,
)  # fmt: skip
def test_half_a_character_of_a_server_ends_in_a_message(spec: Any) -> None:
    r"""JSON allows "\ud83d" alone; UTF-8 has no way to write it, and a crash would leave orders behind."""
    assert refusal(spec, half=json.loads(r'"\ud83d"'))


def test_headers_are_sent_as_written_and_in_their_order() -> None:
    made = built(
        {
            "url": "/",
            "json": {"a": "ä"},
            "headers": {
                "X-One": 1,
                "x-two": "{{ secrets.KEY }}",
                "Accept": "text/html",
                "X-None": None,
            },
            "bearer": "{{ token }}",
            "idempotency_key": True,
        },
        token="t",
    )
    assert headers(made) == [
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer t"),
        ("Idempotency-Key", UUID),
        ("X-One", "1"),
        ("x-two", "s3cret"),
        ("Accept", "text/html"),
    ]
    assert made.idempotency_key == UUID
    assert made.request.body == '{"a":"ä"}'.encode()


def test_a_header_of_the_step_wins_over_the_one_that_would_be_made() -> None:
    spec = {
        "url": "/",
        "json": {},
        "bearer": "no",
        "headers": {"authorization": "own", "content-type": "application/vnd.x+json"},
    }
    assert headers(built(spec)) == [
        ("Accept", "application/json, */*;q=0.5"),
        ("authorization", "own"),
        ("content-type", "application/vnd.x+json"),
    ]


@pytest.mark.parametrize(
    ("spec", "body", "media_type"),
    [
        ({"json": {"id": "{{ id }}", "n": [1, 2.5, None]}}, b'{"id":12345678901234567890,"n":[1,2.5,null]}', "application/json"),
        ({"json": "{{ order }}"}, b'{"a":{"b":[1]}}', "application/json"),
        ({"json": None}, b"null", "application/json"),
        ({"json": {"t": "#{{ id }}"}}, b'{"t":"#12345678901234567890"}', "application/json"),
        ({"form": {"a": "x y&z", "b": ["1", "2"], "c": None, "d": ""}}, b"a=x+y%26z&b=1&b=2&d=", "application/x-www-form-urlencoded"),
        ({"text": "hello {{ name }}"}, b"hello <b>", "text/plain; charset=utf-8"),
        ({"text": "<x/>", "media_type": "application/xml"}, b"<x/>", "application/xml"),
        ({"file": "a/b.json"}, b"{{ not a template }}", "application/json"),
        ({"file": "raw"}, b"\x00\xff", "application/octet-stream"),
        ({"graphql": {"query": "mutation A{a}", "variables": {"id": "{{ id }}"}, "operation": "A"}},
         b'{"query":"mutation A{a}","variables":{"id":12345678901234567890},"operationName":"A"}', "application/json"),
        ({"graphql": {"query": "{a{b}}"}}, b'{"query":"{a{b}}"}', "application/json"),
    ],
    ids=str,
)  # fmt: skip
def test_bodies(spec: Mapping[str, Any], body: bytes, media_type: str) -> None:
    made = built(
        {"url": "/", **spec},
        files={"a/b.json": b"{{ not a template }}", "raw": b"\x00\xff"},
        id=12345678901234567890,
        order={"a": {"b": [1]}},
        name="<b>",
    )
    assert made.request.method == "POST"
    assert made.request.body == body
    assert dict(headers(made))["Content-Type"] == media_type


def test_a_multipart_form_is_the_same_bytes_for_the_same_boundary() -> None:
    spec = {
        "url": "/",
        "multipart": {
            "name": "{{ name }}",
            'q"\r\nx': "1",
            "photo": {"file": "img/p.png"},
            "doc": {"file": "img/p.png", "filename": 'a"b.txt', "media_type": "text/x"},
        },
    }
    made = built(spec, files={"img/p.png": b"\x89PNG\r\n"}, name="Zoë")
    line = f"--smoke-{UUID}\r\n".encode()
    assert made.request.body == (
        line + b'Content-Disposition: form-data; name="name"\r\n\r\nZo\xc3\xab\r\n'
        + line + b'Content-Disposition: form-data; name="q%22%0D%0Ax"\r\n\r\n1\r\n'
        + line + b'Content-Disposition: form-data; name="photo"; filename="p.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\r\n"
        + line + b'Content-Disposition: form-data; name="doc"; filename="a%22b.txt"\r\n'
        b"Content-Type: text/x\r\n\r\n\x89PNG\r\n\r\n"
        + f"--smoke-{UUID}--\r\n".encode()
    )  # fmt: skip
    assert dict(headers(made))["Content-Type"] == f"multipart/form-data; boundary=smoke-{UUID}"
    assert made == built(spec, files={"img/p.png": b"\x89PNG\r\n"}, name="Zoë")


def test_what_goes_with_a_request() -> None:
    made = built(
        {"url": "/", "customer": "{{ who }}", "follow_redirects": True, "timeout": "1500ms",
         "basic": {"username": "u", "password": "{{ secrets.KEY }}"}, "idempotency_key": "{{ who }}-1"},
        who="alice",
    )  # fmt: skip
    assert (made.customer, made.follow_redirects, made.timeout) == ("alice", True, 1.5)
    assert made.idempotency_key == "alice-1"
    assert dict(headers(made))["Authorization"] == "Basic dTpzM2NyZXQ="
    plain = built("/")
    assert (plain.customer, plain.follow_redirects, plain.timeout) == ("default", False, None)
    assert plain.idempotency_key is None


@given(st.text(max_size=30))
def test_a_captured_template_is_sent_as_its_characters(text: str) -> None:
    """What a server gave is never expanded again (G3)."""
    captured = f"{{{{ secrets.KEY }}}}{text}"
    try:
        body = built(
            {"url": "/", "json": {"a": "{{ v }}", "b": "x{{ v }}"}}, v=captured
        ).request.body
    except BuildError:
        return
    assert json.loads(body) == {"a": captured, "b": f"x{captured}"}
