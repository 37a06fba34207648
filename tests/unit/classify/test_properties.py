"""What holds of every response whatever."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smoke.classify import classify, classify_response
from smoke.model.exchange import Body, Completeness, Exchange, Response, StoredRequest, Window
from tests.support.mutate import WORDS, mutations
from tests.support.responses import saved

CASES = list(saved())
QUICK = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAME = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters='"\\…“”„«»‹›「」'),
    min_size=1,
    max_size=40,
).filter(lambda name: not name.endswith(("...", ".")) and name.strip("'`.,:;()") != "")


@QUICK
@given(st.sampled_from([200, 302, 404, 500]), st.binary(max_size=400))
def test_any_bytes_are_answered(status: int, body: bytes) -> None:
    """Classification never raises."""
    assert isinstance(classify_response(status, [], body), list)


@QUICK
@given(st.integers(0, 2**32))
def test_mutated_responses_are_answered(seed: int) -> None:
    """Neither does it for responses that are nearly right."""
    case = CASES[seed % len(CASES)]
    for body in mutations(case.body, seed, count=3):
        classify_response(case.status, case.headers, body, reason=case.reason)


@QUICK
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_words_of_errors_in_any_order_are_answered(words: list[str]) -> None:
    classify_response(500, [("content-type", "text/html")], "".join(words).encode())


@QUICK
@given(NAME, st.sampled_from(["plain", "json", "json twice", "html"]))
def test_any_constraint_name_is_read_whole(name: str, wrapping: str) -> None:
    """A name in straight quotes is found as it is, in any script."""
    message = f'duplicate key value violates unique constraint "{name}"'
    bodies = {
        "plain": message,
        "json": json.dumps({"error": message}),
        "json twice": json.dumps({"body": json.dumps({"error": message})}),
        "html": f"<p>{message.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace(chr(34), '&quot;')}</p>",
    }
    media = {"plain": "text/plain", "html": "text/html"}.get(wrapping, "application/json")
    found = classify_response(500, [("content-type", media)], bodies[wrapping].encode())
    error = found[0].database_error
    assert error is not None
    assert (error.sqlstate, error.constraint_name) == ("23505", name)


@QUICK
@given(st.integers(0, 10_000), st.integers(1, 400))
@example(next(number for number, case in enumerate(CASES) if b'"target": "h2s' in case.body), 45)
def test_a_cut_response_names_no_half_constraint(number: int, kept: int) -> None:
    """Cut anywhere, the name is the whole one or none."""
    case = CASES[number % len(CASES)]
    expected = case.expected["constraint"]
    body = case.body[: min(kept, len(case.body))]
    for finding in classify_response(case.status, case.headers, body, reason=case.reason):
        error = finding.database_error
        if error is not None and error.constraint_name is not None and expected is not None:
            assert error.constraint_name == expected or not expected.startswith(
                error.constraint_name
            )


@QUICK
@given(st.integers(0, 10_000), st.integers(0, 100_000))
@example(
    next(number for number, case in enumerate(CASES) if b"Vercel Authentication" in case.body), 0
)
def test_a_stored_exchange_gives_the_same_however_its_window_is_split(
    number: int, split: int
) -> None:
    """`classify` of the head and the tail is `classify_response` of the whole."""
    case = CASES[number % len(CASES)]
    at = split % (len(case.body) + 1)
    headers = tuple(
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in case.headers
    )
    response = Response(
        status=case.status,
        reason=case.reason.encode("latin-1"),
        headers=headers,
        body=Body(size=len(case.body), decoded=False),
        completeness=Completeness.COMPLETE,
    )
    exchange = Exchange("e1", StoredRequest("POST", "http://shop.test/"), response)
    window = Window(case.body[:at], case.body[at:])
    first = classify(exchange, window)
    second = classify_response(case.status, case.headers, case.body, reason=case.reason)
    assert [f.fingerprint for f in first] == [f.fingerprint for f in second]
    assert [f.database_error for f in first] == [f.database_error for f in second]
