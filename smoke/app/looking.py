"""A deployment looked at, to tell which kind of shop it is: a few requests that only read, until one answer leaves no doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from smoke.app.addresses import base_of
from smoke.diagnostic import SmokeError
from smoke.engine.ports import Spill
from smoke.engine.redirects import origin_of
from smoke.model.exchange import MEMORY_LIMIT, Completeness, RawExchange, Request
from smoke.scenario.address import below
from smoke.starters import OWN, QUESTIONS, Recognised, SeenAnswer, ShopQuestion, certain, likely
from smoke.text import safe_line, shorten

_PATIENCE = 10.0
"""Seconds for each answer."""
_HOPS = 3


def look_at(url: str) -> Recognised:
    """The kind of the shop at a URL. Raises SmokeError where nothing answers, or where another origin does."""
    base_of(url, "--url")
    answers: list[SeenAnswer] = []
    for answer in _answers(url):
        found = certain(answer)
        if found is not None:
            own = urlsplit(url).path if answer.question is OWN else found.path
            return Recognised(found.kind, found.why, own)
        if answer.question is not OWN:  # what it answers to a POST is no page
            answers.append(answer)
    guessed = likely(answers)
    assert guessed is not None  # the first of them raises where nothing answered
    return guessed


def _answers(url: str) -> Iterator[SeenAnswer]:
    # nothing is sent by POST to an address that may be one that orders
    if re.search(r"graphql|gql", urlsplit(url).path, re.IGNORECASE):
        yield _seen(_asked(url, OWN), OWN)
    for question in QUESTIONS:
        told = _asked(below(url, question.path), question)
        if told.response is None and question is QUESTIONS[0]:
            why = told.error.message if told.error is not None else "no answer"
            raise SmokeError.of(
                "not-recognised",
                f"{safe_line(url)} does not answer: {safe_line(shorten(why, 200))}",
                notes=["without --url, --kind says which kind of shop it is"],
            )
        yield _seen(told, question)


def _asked(url: str, question: ShopQuestion) -> RawExchange:
    """The answer, behind redirects within the origin. Raises SmokeError for one that leads elsewhere."""
    for _ in range(_HOPS):
        told = _sent(url, question)
        where = _header(told, b"location")
        if told.response is None or told.response.status not in {301, 302, 303, 307, 308}:
            return told
        if question is not QUESTIONS[0] or not where:
            return told
        try:
            target = urljoin(url, where)
            other = origin_of(target)
        except ValueError:
            return told
        if other != origin_of(url):
            raise SmokeError.of(
                "not-recognised",
                f"{safe_line(url)} leads to another origin: {safe_line(shorten(target, 200))}",
                notes=["give that one with --url, where it is the shop"],
            )
        url = target
    return told


def _sent(url: str, question: ShopQuestion) -> RawExchange:
    from smoke.transport import Client, Options

    headers = [(b"Accept", b"application/json, text/html;q=0.9, */*;q=0.5")]
    body = b""
    if question.query:
        headers.append((b"Content-Type", b"application/json"))
        body = json.dumps({"query": question.query}).encode()
    request = Request("POST" if body else "GET", url, headers=tuple(headers), body=body)
    with Client(Options(max_body=MEMORY_LIMIT)) as client:
        return client.send(request, exchange_id="look", timeout=_PATIENCE, spill=_no_spill)


def _seen(told: RawExchange, question: ShopQuestion) -> SeenAnswer:
    response = told.response
    if response is None:
        return SeenAnswer(question, 0)
    window = response.body.window
    whole = response.body.completeness is Completeness.COMPLETE
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }
    body = window.head + (window.tail if whole else b"")
    return SeenAnswer(question, response.status, headers, body.decode("utf-8", "replace"))


def _header(told: RawExchange, wanted: bytes) -> str:
    headers = told.response.headers if told.response is not None else ()
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), "")


def _no_spill() -> Spill:
    raise AssertionError("an answer that is looked at stays in memory")
