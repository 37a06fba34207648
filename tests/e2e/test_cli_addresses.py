"""The deployment's URL: its path is kept, a password in it is refused and never printed, a version needs an address."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.model.run import Outcome
from tests.support.cli import smoke
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

SCENARIO = "name: a\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200}}\n"
PASSWORD = "pa55-w0rd-of-ann"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


@pytest.mark.parametrize("slash", ["", "/"])
def test_requests_go_below_the_path_of_the_url(shop: Shop, tmp_path: Path, slash: str) -> None:
    shop.on("GET /base/health", body={"version": "v2"})
    shop.on("POST /base/api/orders", 201, {"link": "/base/api/orders/7", "path": "/api/orders/7"})
    shop.on("GET /base/api/orders/7", body={})
    shop.on("GET /base/a//b", body={})
    text = """
        name: a
        variables: {api: /api}
        steps:
          - name: order
            request: {url: /api/orders, json: {}}
            expect: {status: 201}
            capture: {link: $.link, path: $.path}
          - {name: below, request: "GET {{ link }}", expect: {status: 200}}
          - {name: from the shop, request: "GET {{ path }}", expect: {status: 200}}
          - {name: from a variable, request: "GET {{ api }}/orders/7", expect: {status: 200}}
          - {name: whole, request: "GET {{ target.url }}/api/orders/7", expect: {status: 200}}
          - {name: as written, request: GET /a//b, expect: {status: 200}}
    """
    options = RunOptions(ready="/health", expect_version="v2")
    run = run_text(tmp_path, f"{shop.url}/base{slash}", text, options=options)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert shop.paths() == [
        "GET /base/health",
        "POST /base/api/orders",
        *["GET /base/api/orders/7"] * 4,
        "GET /base/a//b",
    ]


@pytest.mark.parametrize(
    "options",
    [
        "--url http://ann:{p}@HOST",
        "--url http://{p}@HOST",
        "--url http://ann:{p}@HOST:99999/",
        "--url ann:{p}@HOST",
        "--url http://ann:{p}x@y@HOST/%zz",
        "--url http://HOST --ready http://ann:{p}@HOST/health",
        "--url http://HOST --ready //ann:{p}@HOST/health",
        "--url http://HOST --allow-host http://ann:{p}@pay.example",
        "--url http://HOST --allow-host ann:{p}@pay.example",
        "--url http://HOST --proxy socks5://ann:{p}@proxy.example",
        "--url http://HOST --proxy ann:{p}@proxy.example",
        "--target it --targets targets.yaml",
        "--target hosts --targets targets.yaml",
        "--target ready --targets targets.yaml",
    ],
)
def test_a_password_in_a_url_is_refused_and_never_printed(
    shop: Shop, tmp_path: Path, options: str
) -> None:
    (tmp_path / "a.yaml").write_text(SCENARIO)
    name = options.split()[1]
    target = {
        "it": f"url: http://ann:{PASSWORD}@shop.example",
        "hosts": f"{{url: {shop.url}, allow_hosts: ['http://ann:{PASSWORD}@pay.example']}}",
        "ready": f"{{url: {shop.url}, readiness: {{url: 'http://a:{PASSWORD}@shop.example/h'}}}}",
    }.get(name, f"url: {shop.url}")
    (tmp_path / "targets.yaml").write_text(
        f"targets:\n  {name.partition(':')[0]}: {_block(target)}"
    )
    host = shop.url.removeprefix("http://")
    words = options.replace("HOST", host).replace("{p}", PASSWORD).split()
    done = smoke(["run", "a.yaml", *words], tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    if "proxy" not in options:
        assert "basic" in done.stderr or "takes an" in done.stderr
    assert shop.seen == []
    assert not (tmp_path / ".smoke").exists()


def _block(target: str) -> str:
    return f"{target}\n" if target.startswith("{") else f"\n    {target}\n"


def test_basic_of_a_target_goes_along_and_is_masked(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /x", body={})
    path = tmp_path / "targets.yaml"
    path.write_text(
        f"targets:\n  preview:\n    url: {shop.url}\n    secrets: [PREVIEW]\n"
        '    basic: {username: ann, password: "{{ secrets.PREVIEW }}"}\n'
    )
    options = RunOptions(target="preview", targets_file=path)
    run = run_text(tmp_path, "", SCENARIO, options=options, environ={"PREVIEW": PASSWORD})
    assert run.outcome is Outcome.PASSED
    pair = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    assert shop.seen[0][2]["Authorization"] == f"Basic {pair}"
    written = b"".join(p.read_bytes() for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert PASSWORD.encode() not in written
    assert pair.encode() not in written


def test_a_version_without_an_address_is_asked_for(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SCENARIO)
    run = ["run", "a.yaml", "--url", shop.url, "--expect-version"]
    done = smoke([*run, "v2"], tmp_path)
    assert done.returncode == 2
    assert "--ready /api/health" in done.stderr
    assert smoke([*run, ""], tmp_path).returncode == 2  # "$SHA" of a variable that is not set
    assert shop.seen == []
    # a header of the first page tells the build as well
    shop.on("GET /", body=b"<html>", X_Version="v2")
    shop.on("GET /x", body={})
    done = smoke([*run, "v2", "--version-from", "header:X-Version"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.paths() == ["GET /", "GET /x"]
