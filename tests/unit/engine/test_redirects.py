"""Redirects: within the origin only, and never an unsafe request again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.engine.redirects import Blocked, Hop, next_hop, origin_of

HERE = "http://shop.example:8080/cart?x=1"


def go(location: str | None, *, method: str = "GET", status: int = 302) -> Hop | Blocked | None:
    return next_hop(
        method=method, url=HERE, status=status, location=location, seen=(Hop(method, HERE),)
    )


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/orders/1", "http://shop.example:8080/orders/1"),
        ("orders/1", "http://shop.example:8080/orders/1"),
        ("?y=2", "http://shop.example:8080/cart?y=2"),
        ("http://SHOP.example:8080/a#frag", "http://SHOP.example:8080/a"),
    ],
)
def test_within_the_origin_it_is_followed(location: str, url: str) -> None:
    assert go(location) == Hop("GET", url)


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("http://other.example/", "cross-origin"),
        ("//other.example/x", "cross-origin"),
        ("https://shop.example:8080/", "cross-origin"),
        ("http://shop.example:8081/", "cross-origin"),
        ("http://shop.example:8080@other.example/", "cross-origin"),
        ("http://u:p@shop.example:8080/", "cross-origin"),
        ("http://shop.example:8080.other.example/", "bad-location"),
        ("http://[::bad/", "bad-location"),
        ("http://shop.example:99999/", "bad-location"),
        ("/\\other.example/", "bad-location"),
        ("javascript:alert(1)", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("data:text/html,x", "scheme"),
        ("/" + "x" * 20_000, "bad-location"),
        ("/a\r\nb", "bad-location"),
    ],
)
def test_everything_else_is_blocked_with_its_reason(location: str, kind: str) -> None:
    blocked = go(location)
    assert isinstance(blocked, Blocked)
    assert blocked.kind == kind
    assert blocked.reason


@pytest.mark.parametrize("status", [307, 308])
def test_an_order_is_not_sent_again_by_a_redirect(status: int) -> None:
    blocked = go("/again", method="POST", status=status)
    assert isinstance(blocked, Blocked)
    assert blocked.kind == "unsafe"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_after_a_form_the_page_is_fetched(status: int) -> None:
    assert go("/thanks", method="POST", status=status) == Hop(
        "GET", "http://shop.example:8080/thanks"
    )


def test_a_loop_ends() -> None:
    blocked = go(HERE)
    assert isinstance(blocked, Blocked)
    assert blocked.kind == "loop"


def test_a_long_chain_ends() -> None:
    seen = tuple(Hop("GET", f"http://shop.example:8080/{n}") for n in range(11))
    blocked = next_hop(method="GET", url=seen[-1].url, status=302, location="/11", seen=seen)
    assert isinstance(blocked, Blocked)


def test_no_location_and_no_redirect_is_the_answer_itself() -> None:
    assert go(None) is None
    assert go("/x", status=200) is None


@given(st.text(), st.sampled_from([301, 302, 303, 307, 308]), st.sampled_from(["GET", "POST"]))
def test_no_location_leaves_the_origin(location: str, status: int, method: str) -> None:
    """Whatever the Location says, the next request goes to the same origin or nowhere."""
    hop = go(location, method=method, status=status)
    if isinstance(hop, Hop):
        assert origin_of(hop.url) == origin_of(HERE)
