"""A request as it leaves: what httpx would make of the same one, which is loaded for URLs that are not plain only."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.model.exchange import Headers, Request
from smoke.transport.decode import ACCEPTED
from smoke.transport.fault import Fault
from smoke.transport.prepare import prepare
from smoke.transport.url import read_url

_HOSTS = st.sampled_from(
    [
        "a",
        "shop.example",
        "SHOP.example",
        "127.0.0.1",
        "127.0.0.256",
        "1.2.3",
        "0x7f.1",
        "[::1]",
        "münchen.de",
        "a_b.c",
        "x--y.de",
        "-a.b",
        "a-.b",
        "a.b.",
        "a..b",
        "1e100.net",
        "shop.123",
        "u:p@shop.example",
        "",
    ]
)
_PORTS = st.sampled_from(["", ":", ":1", ":80", ":443", ":8080", ":65535", ":65536", ":080", ":x"])
_TARGETS = st.text(alphabet="/.a%2Fé?&=+ #{}[]|'~:;@", max_size=12)


@given(st.sampled_from(["http", "https", "HTTP", "ftp"]), _HOSTS, _PORTS, _TARGETS)
def test_a_url_is_read_as_httpx_reads_it(scheme: str, host: str, port: str, target: str) -> None:
    text = f"{scheme}://{host}{port}{target}"
    try:
        theirs = httpx.URL(text)
        refused = theirs.scheme not in ("http", "https") or not theirs.host
        refused = refused or not 1 <= (theirs.port or 80) <= 65535
    except (httpx.InvalidURL, ValueError):
        refused = True
    if refused:
        with pytest.raises(Fault):
            read_url(text)
        return
    ours = read_url(text)
    assert (ours.scheme, ours.host.encode(), ours.port, ours.target, ours.userinfo) == (
        theirs.scheme,
        theirs.raw_host,
        theirs.port,
        theirs.raw_path,
        theirs.userinfo,
    )
    assert ours.text == str(theirs.copy_with(userinfo=b"") if theirs.userinfo else theirs)
    assert ours.authority == theirs.netloc


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "post"])
@pytest.mark.parametrize("body", [b"", b"x" * 12])
@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"x-one", b"1"), (b"HOST", b"other.example")),
        ((b"Content-Length", b"12"),),
        ((b"Transfer-Encoding", b"chunked"), (b"accept", b"text/html")),
    ],
)
def test_headers_are_completed_as_httpx_completes_them(
    method: str, body: bytes, headers: Headers
) -> None:
    made = prepare(Request(method, "http://shop.example:8080/a?b=c", headers, body))
    there = {name.lower() for name, _ in headers}
    own = [
        field
        for field in made.headers
        if field[0] in (b"User-Agent", b"Accept", b"Accept-Encoding", b"Connection")
    ]
    assert {(b"Accept-Encoding", ACCEPTED), (b"Connection", b"close")} <= {*own}
    assert not there & {name.lower() for name, _ in own}
    theirs = httpx.Request(
        method, "http://shop.example:8080/a?b=c", headers=[*headers, *own], content=body or None
    )
    assert (made.method, made.content) == (theirs.method, theirs.content)
    assert made.headers[0][0].lower() == b"host"
    first = [field for field in theirs.headers.raw if field[0].lower() == b"host"]
    assert made.headers == first + [f for f in theirs.headers.raw if f[0].lower() != b"host"]
