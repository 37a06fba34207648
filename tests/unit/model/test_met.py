"""A wall is told by its own marks, in every form that it takes; an answer of the shop never is one."""

from __future__ import annotations

import pytest

from smoke.model.exchange import (
    Exchange,
    Headers,
    RawExchange,
    RawResponse,
    Request,
    Response,
    StoredRequest,
    Window,
)
from smoke.model.met import Met, in_kept, in_raw, recognise
from tests.support.scripted import Answer
from tests.support.wall_answers import HTML, OWN, WALLS, page

MORE: dict[str, tuple[Answer, str]] = {
    "vercel login": (
        (307, {"Location": "https://vercel.com/login?next=%2Fsso-api%3Furl%3Dx"}, b""),
        "Vercel Deployment",
    ),
    "vercel denies": ((403, {"x-vercel-mitigated": "deny"}, b""), "Vercel's firewall"),
    "vercel checkpoint": (
        (429, HTML, page("Vercel Security Checkpoint")),
        "Vercel's firewall",
    ),
    "access asks": ((401, {"WWW-Authenticate": "Cloudflare-Access realm=x"}, b""), "Access"),
    "access page": ((403, HTML, page("Error ・ Cloudflare Access")), "Access"),
    "attention": ((403, HTML, page("Attention Required! | Cloudflare")), "bot check"),
    "just a moment": (
        (503, HTML, page("Just a moment...", '<script src="/cdn-cgi/challenge-platform/x">')),
        "bot check",
    ),
    "just a moment by cloudflare": (
        (503, {**HTML, "Server": "cloudflare"}, page("Just a moment...")),
        "bot check",
    ),
    "netlify login": (
        (302, {"Location": "https://app.netlify.com/authorize?response_type=code"}, b""),
        "team login",
    ),
    "netlify login page": (
        (401, {**HTML, "Server": "Netlify"}, page("x", "https://app.netlify.com/authorize")),
        "team login",
    ),
    "entra": (
        (
            302,
            {
                "Location": "https://login.microsoftonline.com/t/oauth2?redirect_uri="
                "https%3A%2F%2Fx%2F.auth%2Flogin%2Faad%2Fcallback"
            },
            b"",
        ),
        "Azure",
    ),
}
NOT: dict[str, Answer] = {
    "vercel's page for persons": (302, {"Location": "https://vercel.com/login?next=%2F"}, b""),
    "a place that is none": (302, {"Location": "http://[bad"}, b""),
    "a mark of the firewall that lets through": (302, {"x-vercel-mitigated": "challenge"}, b""),
    "somebody's own login": (302, {"Location": "https://login.microsoftonline.com/t"}, b""),
    "iap at an error": (500, {"X-Goog-IAP-Generated-Response": "true"}, b""),
    "a form without fields on netlify": (401, {**HTML, "Server": "Netlify"}, page("x")),
}
BASIC = (401, {"WWW-Authenticate": "Basic realm=x", "Content-Type": "text/plain"}, b"no")


def headers(given: dict[str, str]) -> Headers:
    return tuple((name.encode(), value.encode()) for name, value in given.items())


def met(answer: Answer, sent: dict[str, str] | None, *of_target: str) -> Met | None:
    status, given, body = answer
    assert isinstance(body, bytes)
    wanted = None if sent is None else headers(sent)
    return recognise(status, headers(given), body, sent=wanted, of_target=frozenset(of_target))


ALL = {
    **{name: (answer, wall) for name, (answer, wall, _) in WALLS.items()},
    **MORE,
}


@pytest.mark.parametrize(("answer", "wall"), ALL.values(), ids=list(ALL))
def test_each_wall_is_told(answer: Answer, wall: str) -> None:
    found = met(answer, {})
    assert found is not None
    assert wall in found.wall.name
    assert found.message == f"{found.title}. {found.advice}"
    assert all(line in found.notes for line in found.wall.setting)
    assert all(line in found.advice for line in found.wall.setting)
    assert found.wall.where in found.advice


@pytest.mark.parametrize("answer", [*OWN.values(), *NOT.values()], ids=[*OWN, *NOT])
def test_an_answer_of_the_shop_is_none(answer: Answer) -> None:
    assert met(answer, {}) is None


def test_basic_is_told_only_where_the_request_is_known_and_not_the_steps_own() -> None:
    assert met(BASIC, None) is None
    assert met(BASIC, {}) is not None
    assert met(BASIC, {"Authorization": "Basic eDp5"}) is None
    assert met(BASIC, {"Authorization": "Bearer x"}, "authorization") is None
    refused = met(BASIC, {"Authorization": "Basic eDp5"}, "authorization")
    assert refused is not None
    assert refused.tried == "the target's `basic`"
    assert refused.notes == (refused.advice,)
    assert "was sent and not accepted" in refused.advice


def test_the_headers_that_should_have_let_in_are_named() -> None:
    answer = WALLS["access refused"][0]
    found = met(answer, {"CF-Access-Client-Id": "a", "CF-Access-Client-Secret": "b"})
    assert found is not None
    assert found.tried == "cf-access-client-id and cf-access-client-secret"


def test_several_headers_of_a_name_are_looked_at() -> None:
    cookies = ((b"Set-Cookie", b"a=1"), (b"set-cookie", b"_vercel_sso_nonce=x"))
    assert recognise(401, cookies, b"") is not None


def test_a_raw_and_a_kept_answer_are_told_alike() -> None:
    given = headers(WALLS["access refused"][0][1])
    body = b"<html>"
    raw = RawExchange("1", Request("GET", "https://x/"), RawResponse(403, headers=given))
    kept = Exchange("1", StoredRequest("GET", "https://x/"), Response(403, headers=given))
    assert in_raw(raw) == in_kept(kept, Window(body))
    assert in_raw(raw) is not None
    assert in_raw(RawExchange("1", raw.request)) is None
    assert in_kept(Exchange("1", kept.request), Window()) is None
