"""A customer's cookies: kept and sent by RFC 6265, within one origin, bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from smoke.engine.cookies import MAX_HEADER, Jar

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://shop.example/cart/items"


def jar(*cookies: str, url: str = URL) -> Jar:
    made = Jar()
    made.take(url, tuple((b"Set-Cookie", cookie.encode()) for cookie in cookies), NOW)
    return made


def test_it_comes_back_in_order_with_longer_paths_first() -> None:
    cookies = jar("a=1; Path=/", "b=2", "c=3; Path=/")
    assert cookies.header(URL, NOW) == b"b=2; a=1; c=3"


def test_a_path_bounds_where_it_goes() -> None:
    cookies = jar("b=2")
    assert cookies.header("https://shop.example/cart", NOW) == b"b=2"
    assert cookies.header("https://shop.example/cartoon", NOW) is None


def test_another_origin_gets_nothing() -> None:
    cookies = jar("a=1; Path=/; Domain=shop.example")
    assert cookies.header("https://shop.example:8443/", NOW) is None
    assert cookies.header("https://www.shop.example/", NOW) is None
    assert cookies.header("http://shop.example/", NOW) is None


def test_a_foreign_domain_is_refused() -> None:
    assert jar("a=1; Domain=other.example").header(URL, NOW) is None


def test_secure_stays_on_https_but_for_loopback() -> None:
    assert (
        jar("a=1; Secure", url="http://shop.example/").header("http://shop.example/", NOW) is None
    )
    assert (
        jar("a=1; Secure", url="http://127.0.0.1:1/").header("http://127.0.0.1:1/", NOW) == b"a=1"
    )


def test_max_age_and_expires_end_it() -> None:
    cookies = jar("a=1; Max-Age=10; Path=/", "b=2; Expires=Mon, 23-Nov-2026 13:00:00 GMT; Path=/")
    assert cookies.header(URL, NOW) == b"a=1; b=2"
    assert cookies.header(URL, NOW + timedelta(seconds=30)) == b"b=2"
    cookies.take(URL, ((b"set-cookie", b"b=; Max-Age=0; Path=/"),), NOW)
    assert cookies.header(URL, NOW + timedelta(seconds=30)) is None


def test_a_cleared_jar_is_a_guest_and_a_copy_goes_its_own_way() -> None:
    cookies = jar("a=1; Path=/")
    copy = cookies.copy()
    cookies.clear()
    assert cookies.header(URL, NOW) is None
    assert copy.header(URL, NOW) == b"a=1"
    cookies.absorb(copy)
    assert cookies.get("a") == "1"


def test_a_flood_of_cookies_is_bounded() -> None:
    cookies = jar(*(f"c{n}={'x' * 1000}; Path=/" for n in range(500)))
    header = cookies.header(URL, NOW)
    assert header is not None
    assert len(header) <= MAX_HEADER
    assert header.count(b";") < 50


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_set_cookie_raises_or_breaks_a_header(values: list[bytes]) -> None:
    cookies = Jar()
    cookies.take(URL, tuple((b"Set-Cookie", value) for value in values), NOW)
    header = cookies.header(URL, NOW)
    assert header is None or (b"\r" not in header and b"\n" not in header and b"\0" not in header)
