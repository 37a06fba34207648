"""The order that worked against the one that failed."""

from __future__ import annotations

import json

import pytest

from smoke.advice.orders import LARGEST, Comparison, Difference, compare_orders
from smoke.model.exchange import Body, Exchange, Headers, StoredRequest
from smoke.model.run import Attempt, Outcome, StepResult


def step(
    name: str, *, url: str = "https://a.example/shop", headers: Headers = (), media_type: str = ""
) -> StepResult:
    exchange = Exchange(name, StoredRequest("POST", url, headers, Body(media_type=media_type)))
    return StepResult(name, name, "request", Outcome.PASSED, (Attempt(1, (exchange,)),))


def compared(first: object, second: object) -> Comparison:
    result = compare_orders(
        step("1"), step("2"), json.dumps(first).encode(), json.dumps(second).encode()
    )
    assert result is not None
    return result


def test_same_request() -> None:
    comparison = compared({"a": {"b": [1, "x"]}}, {"a": {"b": [1, "x"]}})
    assert comparison.identical
    assert comparison.same == ("$.a.b[0]", "$.a.b[1]")


def test_different_values() -> None:
    comparison = compared(
        {"email": "a@b.example", "coupon": None, "n": 1},
        {"email": "a@b.example", "n": 2, "gift": True},
    )
    assert not comparison.identical
    assert comparison.differences == (
        Difference("$.coupon", "null", None),
        Difference("$.n", "1", "2"),
        Difference("$.gift", None, "true"),
    )
    assert comparison.same == ("$.email",)


def test_url_and_headers_count_but_not_those_of_the_transport() -> None:
    comparison = compare_orders(
        step(
            "1",
            headers=(
                (b"Idempotency-Key", b"1"),
                (b"Content-Length", b"1"),
                (b"X-A", b"1"),
                (b"X-A", b"2"),
            ),
        ),
        step(
            "2",
            url="https://a.example/v2",
            headers=((b"Idempotency-Key", b"2"), (b"Content-Length", b"2"), (b"X-A", b"1, 2")),
        ),
        b"",
        b"",
    )
    assert comparison is not None
    assert [difference.path for difference in comparison.differences] == [
        "url",
        "header Idempotency-Key",
    ]


def test_forms() -> None:
    kind = "application/x-www-form-urlencoded"
    comparison = compare_orders(
        step("1", media_type=kind), step("2", media_type=kind), b"a=1&b=x+y", b"a=1&b=z"
    )
    assert comparison is not None
    assert comparison.differences == (Difference("$.b", "x y", "z"),)


def test_other_bodies_are_one_value() -> None:
    comparison = compare_orders(step("1"), step("2"), b"<a/>", b"<b/>")
    assert comparison is not None
    assert comparison.differences == (Difference("body", "<a/>", "<b/>"),)


def test_a_step_that_sent_nothing_is_not_compared() -> None:
    nothing = StepResult("1", "1", "request", Outcome.SKIPPED)
    assert compare_orders(nothing, step("2"), b"", b"") is None
    assert compare_orders(step("1"), nothing, b"", b"") is None


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 10_000,
        b"\xff\xfe\x00",
        b"[" + b"1," * 50_000 + b"1]",
    ],
)
def test_hostile_bodies(body: bytes) -> None:
    comparison = compare_orders(step("1"), step("2"), body, body)
    assert comparison is not None
    assert comparison.differences == ()
    assert compare_orders(step("1"), step("2"), body, b"{}") is not None


def test_large_bodies_are_not_called_equal() -> None:
    large = b"x" * (LARGEST + 1)
    different = compare_orders(step("1"), step("2"), large, large[:-1] + b"y")
    assert different is not None
    assert not different.identical
    same = compare_orders(step("1"), step("2"), large, large)
    assert same is not None
    assert same.identical


def test_masked_values_without_digests_are_said_to_be_left_out() -> None:
    headers = ((b"X-Token", b"[masked:token]"),)
    body = b'{"a": 1, "csrf": "[masked:csrf]"}'
    result = compare_orders(step("1", headers=headers), step("2", headers=headers), body, body)
    assert result is not None
    assert result.identical
    assert result.unknown == ("header X-Token", "$.csrf")
    assert result.same == ("$.a",)
