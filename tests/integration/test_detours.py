"""`--resolve` and `--connect-to`: the canary is asked as the load balancer would ask it, and every report says so."""

from __future__ import annotations

import html
import io
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from smoke import plugins
from smoke.app.late_teardown import teardown
from smoke.app.options import RunOptions
from smoke.cli.summary import render_run
from smoke.diagnostic import SmokeError
from smoke.facts.curl import as_curl
from smoke.model.exchange import ErrorKind
from smoke.model.run import Outcome, Run
from smoke.store import RunFolder
from smoke.transport import Options
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted
from tests.support.transport import body_of, error_of, plain, send
from tests.support.wire_server import WireServer, sends

SCENARIO = "name: a\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200}}\n"


@pytest.fixture
def canary() -> Iterator[Shop]:
    with scripted() as shop:
        shop.on("GET /x", body={})
        yield shop


def port_of(shop: Shop) -> str:
    return shop.url.rpartition(":")[2]


def test_the_canary_is_asked_under_the_shops_name(canary: Shop, tmp_path: Path) -> None:
    port = port_of(canary)
    url = f"http://shop.example:{port}"
    options = RunOptions(resolve=(f"shop.example:{port}:127.0.0.1",))
    run = run_text(tmp_path, url, SCENARIO, options=options)
    assert run.outcome is Outcome.PASSED
    assert canary.seen[0][2]["Host"] == f"shop.example:{port}"
    assert run.scenarios[0].steps[0].attempts[0].exchanges[0].peer == f"127.0.0.1:{port}"
    assert run.scenarios[0].steps[0].attempts[0].exchanges[0].request.url == f"{url}/x"
    told = f"--resolve shop.example:{port}:127.0.0.1"
    said_everywhere(run, tmp_path, told)


def said_everywhere(run: Run, folder: Path, told: str) -> None:
    """Every report for people, and the command of curl, say that the connection went elsewhere."""
    stored = RunFolder.open(folder / "runs" / run.id)
    assert told in render_run(run, stored, width=200, color=False, unicode=True)
    for name in ("markdown", "github", "html"):
        out = io.BytesIO()
        plugins.load("reporters", name).write(run, stored, out)
        assert told in html.unescape(out.getvalue().decode()), name
    assert told in "\n".join(
        as_curl(run, run.scenarios[0].steps[0].attempts[0].exchanges[0], stored)
    )


def test_another_host_and_port_are_connected_to(canary: Shop, tmp_path: Path) -> None:
    detour = f"shop.example::127.0.0.1:{port_of(canary)}"
    run = run_text(
        tmp_path, "http://shop.example", SCENARIO, options=RunOptions(connect_to=(detour,))
    )
    assert run.outcome is Outcome.PASSED
    assert canary.seen[0][2]["Host"] == "shop.example"
    said_everywhere(run, tmp_path, f"--connect-to {detour}")


def test_a_late_teardown_goes_where_the_run_went(canary: Shop, tmp_path: Path) -> None:
    """What was ordered at the canary is removed at the canary."""
    text = (
        "name: a\nsteps:\n"
        "  - {name: order, request: {url: /o, json: {a: 1}}, places_order: {id: $.id}}\n"
        "teardown:\n"
        '  - {name: remove, for_each: "{{ orders }}", request: "DELETE /o", removes_order: "{{ item.key }}"}\n'
    )
    canary.on("POST /o", body={"id": "7"})
    port = port_of(canary)
    options = RunOptions(resolve=(f"shop.example:{port}:127.0.0.1",))
    run = run_text(tmp_path, f"http://shop.example:{port}", text, options=options)
    assert len(run.orders_left_behind) == 1
    canary.on("DELETE /o", body={})
    removed = teardown(RunFolder.open(tmp_path / "runs" / run.id), RunOptions())
    assert removed.left == ()
    assert canary.paths() == ["POST /o", "DELETE /o", "DELETE /o"]


def test_a_target_names_its_canary(canary: Shop, tmp_path: Path) -> None:
    port = port_of(canary)
    (tmp_path / "targets.yaml").write_text(
        "targets:\n  canary:\n"
        f"    url: http://shop.example:{port}\n"
        f'    resolve: ["shop.example:{port}:127.0.0.1"]\n'
    )
    options = RunOptions(target="canary", targets_file=tmp_path / "targets.yaml")
    run = run_text(tmp_path, "", SCENARIO, options=options)
    assert run.outcome is Outcome.PASSED
    assert run.target.resolve == (f"shop.example:{port}:127.0.0.1",)


def test_the_certificate_is_checked_for_the_name_of_the_url() -> None:
    ca = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("shop.example").configure_cert(tls)
    with ca.cert_pem.tempfile() as file, WireServer(sends(plain(b"ok")), tls=tls) as server:
        there = f"127.0.0.1:{server.port}"
        good = Options(ca_file=file, connect_to=(f"shop.example:443:{there}",))
        assert body_of(send("https://shop.example/", options=good)) == b"ok"
        wrong = Options(ca_file=file, connect_to=(f"other.example:443:{there}",))
        refused = error_of(send("https://other.example/", options=wrong))
    assert refused.kind is ErrorKind.TLS
    assert "the certificate of other.example is for shop.example" in refused.message


def test_several_addresses_are_tried_and_ipv6_is_one() -> None:
    with WireServer(sends(plain(b"six")), host="::1") as server:
        at = f"shop.example:{server.port}:127.0.0.1,[::1]"
        exchange = send(f"http://shop.example:{server.port}/", options=Options(resolve=(at,)))
    assert body_of(exchange) == b"six"
    assert exchange.peer == f"[::1]:{server.port}"


def test_a_canary_that_is_not_there_is_named_with_its_address() -> None:
    with WireServer(sends(b"")) as gone:
        port = gone.port
    options = Options(resolve=(f"*:{port}:127.0.0.1",))
    error = error_of(send(f"http://shop.example:{port}/", options=options))
    assert error.kind is ErrorKind.CONNECTION_REFUSED
    assert f"shop.example:{port} (at 127.0.0.1)" in error.message


def test_a_proxy_is_asked_for_the_detour() -> None:
    """The proxy would resolve the name itself, and the canary would not be what was tried."""
    with WireServer(sends(b"HTTP/1.1 403 no\r\n\r\n")) as proxy:
        options = Options(proxy=proxy.url, resolve=("shop.example:80:10.0.0.7",))
        send("http://shop.example/", options=options)
    assert proxy.requests[0].startswith(b"CONNECT 10.0.0.7:80 ")


BAD: list[tuple[str, str, str]] = [
    ("resolve", "shop.example:443", "--resolve takes HOST:PORT:ADDRESS"),
    ("resolve", "shop.example:443:canary.example", "'canary.example' is no IPv4 or IPv6 address"),
    ("resolve", "shop.example:99999:10.0.0.7", "the port 99999 is not one of 1 to 65535"),
    ("resolve", "shop.exmple:443:10.0.0.7", "did you mean 'shop.example:443'?"),
    ("resolve", "shop.example:443:a:8443", "for a name: --connect-to HOST:PORT:HOST:PORT"),
    ("connect_to", "shop.example:443", "--connect-to takes HOST:PORT:HOST:PORT"),
    ("connect_to", "shop.example:443:10.0.0.7", "--resolve takes HOST:PORT:ADDRESS"),
    ("connect_to", "shop.example:443::", "it names no other host and no other port"),
    ("connect_to", "shop.example:80:canary:1", "did you mean 'shop.example:443'?"),
    ("connect_to", "shop.example:0:canary:1", "the port 0 is not one of 1 to 65535"),
]


@pytest.mark.parametrize(("option", "value", "words"), BAD, ids=[f"{o}-{v}" for o, v, _ in BAD])
def test_what_leads_nowhere_is_refused_before_anything_is_sent(
    option: str, value: str, words: str, canary: Shop, tmp_path: Path
) -> None:
    given: dict[str, Any] = {option: (value,)}
    with pytest.raises(SmokeError) as refused:
        run_text(tmp_path, "https://shop.example", SCENARIO, options=RunOptions(**given))
    (only,) = refused.value.diagnostics
    assert words in " ".join([only.message, *(note.message for note in only.notes)])
    assert value in only.message or value.rpartition(":")[2] in only.message
    assert not (tmp_path / "runs").exists()


def test_the_same_host_twice_is_refused(tmp_path: Path) -> None:
    options = RunOptions(resolve=("shop.example:443:10.0.0.7", "shop.example:443:10.0.0.8"))
    with pytest.raises(SmokeError, match="is given twice"):
        run_text(tmp_path, "https://shop.example", SCENARIO, options=options)


def test_a_mistake_in_the_targets_file_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "targets.yaml"
    path.write_text(
        "targets:\n  canary:\n    url: https://shop.example\n    resolve:\n"
        "      - shop.example:443:10.0.0.7\n      - shop.example:443:canary\n"
    )
    with pytest.raises(SmokeError) as refused:
        run_text(tmp_path, "", SCENARIO, options=RunOptions(target="canary", targets_file=path))
    (only,) = refused.value.diagnostics
    assert only.span is not None
    assert (only.span.line, only.span.column) == (6, 9)
    assert "'canary' is no IPv4 or IPv6 address" in only.message
