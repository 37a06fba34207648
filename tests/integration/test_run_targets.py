"""Named targets: URL, headers with secrets, allowed origins and readiness from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

SCENARIO = "name: a\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200}}\n"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def write(folder: Path, shop: Shop) -> Path:
    path = folder / "targets.yaml"
    path.write_text(
        "targets:\n"
        "  staging:\n"
        f"    url: {shop.url}\n"
        "    secrets: [BYPASS]\n"
        '    headers: {X-Bypass: "{{ secrets.BYPASS }}"}\n'
        '    readiness: {url: /health, deadline: 10s, version_from: "json:$.version"}\n',
        encoding="utf-8",
    )
    return path


def test_a_target_brings_its_url_headers_secrets_and_readiness(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /health", body={"version": "v7"})
    shop.on("GET /x", body={})
    options = RunOptions(target="staging", targets_file=write(tmp_path, shop), expect_version="v7")
    run = run_text(tmp_path, "", SCENARIO, options=options, environ={"BYPASS": "b1p4ss-t0ken"})
    assert run.outcome is Outcome.PASSED
    assert run.target.version == "v7"
    assert shop.paths() == ["GET /health", "GET /x"]
    assert [headers["X-Bypass"] for _, _, headers, _ in shop.seen] == ["b1p4ss-t0ken"] * 2
    written = b"".join(p.read_bytes() for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert b"b1p4ss-t0ken" not in written


@pytest.mark.parametrize(
    ("target", "environ", "words"),
    [("stagin", {"BYPASS": "x"}, "no target 'stagin'"), ("staging", {}, "BYPASS")],
)
def test_an_unknown_target_or_a_missing_secret_sends_nothing(
    shop: Shop, tmp_path: Path, target: str, environ: dict[str, str], words: str
) -> None:
    options = RunOptions(target=target, targets_file=write(tmp_path, shop))
    with pytest.raises(SmokeError, match=words):
        run_text(tmp_path, "", SCENARIO, options=options, environ=environ)
    assert shop.seen == []


def test_its_headers_stay_with_its_origin(shop: Shop, tmp_path: Path) -> None:
    with scripted() as other:
        other.on("GET /y", body={})
        path = write(tmp_path, shop)
        shop.on("GET /health", body={})
        options = RunOptions(target="staging", targets_file=path, allow_hosts=(other.url,))
        text = f"name: a\nsteps:\n  - {{name: y, request: GET {other.url}/y}}\n"
        run = run_text(tmp_path, "", text, options=options, environ={"BYPASS": "b1p4ss-t0ken"})
        assert run.outcome is Outcome.PASSED
        assert "X-Bypass" not in other.seen[0][2]


def test_a_request_goes_without_a_header_of_the_target_where_it_says_so(
    shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "targets.yaml"
    path.write_text(
        "targets:\n  staging:\n"
        f"    url: {shop.url}\n"
        "    headers: {X-Bypass: abc, Authorization: Bearer of-the-target}\n"
    )
    for route in ("GET /all", "GET /no-bypass", "GET /guest"):
        shop.on(route, body={})
    text = (
        "name: a\nsteps:\n"
        "  - {name: all, request: GET /all}\n"
        "  - {name: none, request: {url: /no-bypass, headers: {x-bypass: null}}}\n"
        "  - {name: guest, request: {url: /guest, bearer: null}}\n"
    )
    options = RunOptions(target="staging", targets_file=path)
    assert run_text(tmp_path, "", text, options=options).outcome is Outcome.PASSED
    sent = [
        (headers.get("X-Bypass"), headers.get("Authorization")) for _, _, headers, _ in shop.seen
    ]
    assert sent == [
        ("abc", "Bearer of-the-target"),
        (None, "Bearer of-the-target"),
        ("abc", None),
    ]
