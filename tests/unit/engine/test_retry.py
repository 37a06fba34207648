"""The retry decision: what may be sent again, and when."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.engine.retry import Policy, Tried, decide, parse_retry_after
from smoke.model.exchange import Delivery, ErrorKind, Phase, TransportError
from smoke.model.semantics import SAFE_METHODS

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "post"]


def error(delivery: Delivery, kind: ErrorKind = ErrorKind.RESET) -> TransportError:
    return TransportError(kind, Phase.WAIT, delivery, "reset by the server")


def decision(tried: Tried, policy: Policy, remaining: float = 60.0) -> tuple[bool, str]:
    made = decide(tried, policy, remaining=remaining, jitter=0.0, now=NOW)
    return made.retry, made.reason


errors = st.builds(error, st.sampled_from(Delivery), st.sampled_from(ErrorKind))
tries = st.builds(
    Tried,
    number=st.integers(1, 12),
    method=st.sampled_from(METHODS),
    passed=st.booleans(),
    status=st.one_of(st.none(), st.integers(0, 1000)),
    error=st.one_of(st.none(), errors),
    retry_after=st.one_of(st.none(), st.text(max_size=40), st.integers().map(str)),
    has_key=st.booleans(),
    followed=st.booleans(),
    safe=st.booleans(),
)
policies = st.builds(
    Policy,
    attempts=st.integers(1, 30),
    on=st.just((*(f"{n}xx" for n in range(11)), "transport")),
    wait=st.floats(0, 5),
    max_wait=st.floats(0, 30),
    idempotent=st.booleans(),
    named=st.sampled_from([(), ("5xx", "4xx"), ("429",), ("503",), ("500", "502", "transport")]),
)


@given(tries, policies)
def test_what_may_have_been_delivered_is_never_repeated_unless_declared(
    tried: Tried, policy: Policy
) -> None:
    """An unsafe request is sent again only with a key, a declaration, or when it was surely not carried out."""
    made = decide(tried, policy, remaining=1e9, jitter=0.5, now=NOW)
    if made.retry:
        assert (
            tried.safe
            or tried.method.upper() in SAFE_METHODS
            or tried.has_key
            or policy.idempotent
            or (
                not tried.followed
                and (
                    (tried.error is not None and tried.error.delivery is Delivery.NOT_SENT)
                    or (tried.status in (429, 503) and str(tried.status) in policy.named)
                )
            )
        )
        assert tried.number < 10


@given(tries, policies, st.floats(0, 20))
def test_a_pause_is_bounded_and_fits_the_deadline(
    tried: Tried, policy: Policy, remaining: float
) -> None:
    """No pause is negative, longer than max_wait, or passes the deadline; every decision has a reason."""
    made = decide(tried, policy, remaining=remaining, jitter=1.0, now=NOW)
    assert made.reason
    if made.retry:
        assert 0 <= made.wait <= policy.max_wait
        assert made.wait < remaining


def test_a_post_that_was_reset_is_not_sent_again() -> None:
    again, reason = decision(
        Tried(1, "POST", passed=False, error=error(Delivery.MAYBE_SENT)), Policy(attempts=3)
    )
    assert not again
    assert "may have been carried out" in reason


def test_a_post_that_never_left_is_sent_again() -> None:
    tried = Tried(1, "POST", passed=False, error=error(Delivery.NOT_SENT))
    assert decision(tried, Policy(attempts=2)) == (True, "no byte of the request had left")


def test_a_status_that_the_scenario_does_not_name_ends_it() -> None:
    tried = Tried(1, "GET", passed=False, status=500)
    assert decision(tried, Policy(attempts=3))[0] is False
    assert decision(tried, Policy(attempts=3, on=("5xx",)))[0] is True


def test_a_retry_after_beyond_max_wait_gives_up_and_says_so() -> None:
    tried = Tried(1, "GET", passed=False, status=503, retry_after="9999")
    again, reason = decision(tried, Policy(attempts=3))
    assert not again
    assert "9999" in reason


def test_a_pause_that_would_pass_the_deadline_ends_it() -> None:
    tried = Tried(1, "GET", passed=False, status=503, retry_after="5")
    again, reason = decision(tried, Policy(attempts=3), remaining=3)
    assert not again
    assert "deadline" in reason


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("9" * 400, math.inf),
        ("-5", None),
        ("1.5", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),  # RFC 5322: UTC, of no known zone
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 99 Foo 2026 11:00:00 GMT", None),
        ("x" * 10_000, None),
    ],
)
def test_retry_after_takes_seconds_and_dates_and_survives_the_rest(
    value: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text())
def test_no_retry_after_raises(value: str) -> None:
    parsed = parse_retry_after(value, NOW)
    assert parsed is None or parsed >= 0


def test_the_pause_doubles_up_to_max_wait() -> None:
    policy = Policy(attempts=9, wait=1, max_wait=4)
    waits = [
        decide(
            Tried(number, "GET", passed=False, status=503),
            policy,
            remaining=60,
            jitter=1.0,
            now=NOW + timedelta(hours=1),
        ).wait
        for number in (1, 2, 3, 4)
    ]
    assert waits == [1, 2, 4, 4]


@pytest.mark.parametrize(
    ("status", "retry_after", "named", "again"),
    [
        (429, None, ("429",), True),
        (429, "1", ("429", "503"), True),
        (429, "1", (), False),  # in the default list, which nobody wrote
        (429, "1", ("4xx",), False),  # a class means many answers
        (503, "1", ("503",), True),
        (503, "Mon, 23 Nov 2026 12:00:01 GMT", ("503",), True),
        (503, None, ("503",), False),  # a shop that broke down says 503 too
        (503, "soon", ("503",), False),
        (503, "1", ("5xx",), False),
        (500, "1", ("500",), False),
    ],
)
def test_an_author_who_names_a_refusal_is_taken_at_his_word(
    status: int, retry_after: str | None, named: tuple[str, ...], again: bool
) -> None:
    """RFC 6585 4, RFC 9110 15.6.4: whoever answers so turned the request away."""
    policy = Policy(attempts=3, on=("429", "503", "4xx", "5xx", "500"), named=named)
    tried = Tried(1, "POST", passed=False, status=status, retry_after=retry_after)
    assert decision(tried, policy)[0] is again


@pytest.mark.parametrize("delivery", [None, *Delivery])
def test_a_post_that_was_answered_with_a_redirect_is_not_sent_again(
    delivery: Delivery | None,
) -> None:
    """What came of the page behind it says nothing of the POST, which was carried out."""
    policy = Policy(attempts=3, on=("429", "transport"), named=("429", "transport"))
    tried = Tried(
        1,
        "POST",
        passed=False,
        status=429 if delivery is None else None,
        error=None if delivery is None else error(delivery),
        followed=True,
    )
    again, reason = decision(tried, policy)
    assert not again
    assert "was carried out" in reason


NOT_SENT, SENT = error(Delivery.NOT_SENT), error(Delivery.SENT)
ALL = Policy(attempts=3, on=("5xx", "429", "transport"))
NO_RETRY = "not sent again: the request may have been carried out"
REASONS: list[tuple[Tried, Policy, bool, str]] = [
    (Tried(1, "GET", passed=True), ALL, False, "nothing speaks against the answer"),
    (Tried(1, "get", passed=False, status=500), Policy(), False, "the step declares no retry"),
    (Tried(1, "POST", False, None, NOT_SENT), Policy(), False, "the step declares no retry"),
    (Tried(1, "POST", False, 429), Policy(), False, "the step declares no retry"),
    (Tried(1, "POST", False, 429, followed=True), Policy(), False, NO_RETRY),
    (Tried(1, "POST", False, None, SENT), Policy(), False, NO_RETRY),
    (Tried(1, "POST", False, 500), Policy(), False, NO_RETRY),
    (
        Tried(1, "POST", False, 500),
        Policy(attempts=2),
        False,
        "the scenario does not retry after status 500",
    ),
    (Tried(3, "GET", False, 500), ALL, False, "that was attempt 3 of 3"),
    (Tried(2, "get", False, 500), ALL, True, "GET is a safe method"),
    (Tried(1, "post", False, 500, safe=True), ALL, True, "this POST only reads"),
    (
        Tried(1, "post", False, 500, has_key=True),
        ALL,
        True,
        "the request has an Idempotency-Key, and the same key is sent again",
    ),
    (
        Tried(1, "post", False, 500),
        Policy(3, ("5xx",), idempotent=True),
        True,
        "the scenario declares the request idempotent",
    ),
    (
        Tried(1, "post", False, 500, followed=True),
        ALL,
        False,
        "the POST was carried out: the answer is that of a redirect behind it",
    ),
    (
        Tried(1, "post", False, 429),
        ALL,
        False,
        (
            "status 429 repeats a POST only where retry.on names nothing else (on: [429]),"
            " or the request has an Idempotency-Key or is declared `idempotent: true`"
        ),
    ),
    (
        Tried(1, "post", False, None, SENT),
        ALL,
        False,
        (
            "after a transport error (reset) the POST may have been carried out, and neither an "
            "Idempotency-Key nor `idempotent: true` says that it can be repeated"
        ),
    ),
    (
        Tried(1, "post", False, 500, SENT),
        ALL,
        False,
        (
            "after status 500 the POST may have been carried out, and neither an "
            "Idempotency-Key nor `idempotent: true` says that it can be repeated"
        ),
    ),
]


@pytest.mark.parametrize(("tried", "policy", "again", "why"), REASONS)
def test_every_decision_says_why(tried: Tried, policy: Policy, again: bool, why: str) -> None:
    made = decide(tried, policy, remaining=60.0, jitter=0.0, now=NOW)
    assert made.retry is again
    assert made.reason == why


@pytest.mark.parametrize(
    ("asked", "jitter", "remaining", "again", "wait"),
    [
        (None, 0.0, 60, True, 1.0),
        (None, 1.0, 60, True, 2.0),
        ("5", 0.0, 60, True, 5.0),
        ("10", 0.0, 60, True, 10.0),
        ("11", 0.0, 60, False, 0.0),
        (None, 1.0, 2, False, 0.0),
        ("Mon, 23 Nov 2026 12:00:04 GMT", 0.0, 60, True, 4.0),
    ],
)
def test_the_pause_before_the_next_try(
    asked: str | None,
    jitter: float,
    remaining: float,
    again: bool,
    wait: float,
) -> None:
    policy = Policy(attempts=3, on=("5xx",), wait=1.0, max_wait=10.0)
    tried = Tried(2, "GET", passed=False, status=503, retry_after=asked)
    made = decide(tried, policy, remaining=remaining, jitter=jitter, now=NOW)
    assert made.retry is again
    assert made.wait == wait


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("9" * 12, float("9" * 12)),
        ("9" * 13, math.inf),
        ("Mon, 23 Nov 2026 12:00:04 GMT".ljust(65), 4.0),
        ("Mon, 23 Nov 2026 12:00:04 GMT" + "x" * 40, None),
    ],
)
def test_a_retry_after_has_bounds(text: str, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW) == seconds
