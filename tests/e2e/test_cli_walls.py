"""A wall before the deployment: named, with the setting that lets smoke in, at once, and never taken for the shop."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smoke.model.walls import WALLS as WALL_TABLE
from smoke.model.walls import Wall
from tests.support.cli import smoke
from tests.support.scripted import Answer, Shop, scripted

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
ORDER = """
name: s
steps:
  - name: Order
    request: {url: /orders, json: {n: 1}}
    places_order: {id: $.id}
    retry: {attempts: 3, on: [401, 403, 429, 503], idempotent: true}
"""


def page(title: str, body: str = "") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


NETLIFY_FORM = (
    '<h1>This site is protected</h1><form method="post"><input type="hidden" name="f">'
    '<input type="password" name="password"><input type="submit"></form>'
)
WALLS: dict[str, tuple[Answer, str, str]] = {
    "vercel cookie": (
        (401, {**HTML, "Set-Cookie": "_vercel_sso_nonce=abc; Path=/; HttpOnly"}, page("x")),
        "Vercel Deployment Protection",
        'headers: {x-vercel-protection-bypass: "{{ secrets.VERCEL_BYPASS }}"}',
    ),
    "vercel page": (
        (401, HTML, page("Authentication Required", "<h1>Vercel Authentication</h1>")),
        "Vercel Deployment Protection",
        "secrets: [VERCEL_BYPASS]",
    ),
    "vercel redirect": (
        (302, {"Location": "https://vercel.com/sso-api?url=https%3A%2F%2Fx&nonce=1"}, b""),
        "Vercel Deployment Protection",
        "x-vercel-protection-bypass",
    ),
    "vercel challenge": (
        (429, {**HTML, "x-vercel-mitigated": "challenge"}, page("Vercel Security Checkpoint")),
        "Vercel's firewall",
        "x-vercel-protection-bypass",
    ),
    "netlify": (
        (401, {**HTML, "x-nf-request-id": "01J"}, page("Password required", NETLIFY_FORM)),
        "Netlify's password protection",
        'request: {method: POST, url: /, form: {password: "{{ secrets.NETLIFY_PASSWORD }}"}}',
    ),
    "access": (
        (302, {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/s?kid=1"}, b""),
        "Cloudflare Access",
        'headers: {CF-Access-Client-Id: "{{ secrets.CF_ID }}", CF-Access-Client-Secret: "{{ secrets.CF_SECRET }}"}',
    ),
    "access on the host": (
        (302, {"Location": "/cdn-cgi/access/login/shop.example?kid=1"}, b""),
        "Cloudflare Access",
        "CF-Access-Client-Secret",
    ),
    "access refused": (
        (403, {**HTML, "Cf-Access-Domain": "shop.example"}, page("Forbidden")),
        "Cloudflare Access",
        "CF-Access-Client-Id",
    ),
    "challenge": (
        (403, {**HTML, "cf-mitigated": "challenge"}, page("Just a moment...")),
        "Cloudflare's bot check",
        'headers: {x-smoke-pass: "{{ secrets.SMOKE_PASS }}"}',
    ),
    "iap": (
        (401, {**HTML, "X-Goog-IAP-Generated-Response": "true"}, b"Invalid IAP credentials"),
        "Google's Identity-Aware Proxy",
        'headers: {Proxy-Authorization: "Bearer {{ secrets.IAP_TOKEN }}"}',
    ),
    "azure": (
        (302, {"Location": "/.auth/login/aad?post_login_redirect_url=%2F"}, b""),
        "Azure's App Service authentication",
        'headers: {Authorization: "Bearer {{ secrets.AZURE_TOKEN }}"}',
    ),
    "basic": (
        (401, {**HTML, "WWW-Authenticate": 'Basic realm="preview"'}, page("401 Required")),
        "Basic authentication before the deployment",
        'basic: {username: "{{ secrets.PREVIEW_USER }}", password: "{{ secrets.PREVIEW_PASSWORD }}"}',
    ),
}
OWN: dict[str, Answer] = {
    "json 401": (401, JSON, b'{"error": "Authentication Required"}'),
    "json 403": (403, JSON, b'{"message": "forbidden"}'),
    "json that speaks of walls": (
        401,
        JSON,
        b'{"error": "Vercel Authentication", "see": "https://vercel.com/sso-api", "t": "Just a moment..."}',
    ),
    "json of an api with basic": (
        401,
        {**JSON, "WWW-Authenticate": 'Basic realm="api"'},
        b'{"error": "no token"}',
    ),
    "bearer": (401, {**HTML, "WWW-Authenticate": "Bearer"}, page("401")),
    "a login page on netlify": (
        401,
        {**HTML, "x-nf-request-id": "01J"},
        page(
            "Sign in",
            'protected <input type="email" name="e"><input type="password" name="password">',
        ),
    ),
    "a page behind cloudflare": (
        403,
        {**HTML, "Server": "cloudflare", "cf-ray": "8f-FRA"},
        page("Forbidden", "Just a moment... is the name of our shop"),
    ),
    "a page on vercel": (
        401,
        {**HTML, "Server": "Vercel", "x-vercel-id": "fra1::a"},
        page("Authentication Required", "<h1>Sign in to our shop</h1>"),
    ),
    "a redirect to its login": (302, {"Location": "/login?next=%2Forders"}, b""),
    "an article on a wall": (200, HTML, page("Cloudflare Access", "Vercel Authentication")),
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /health", body={"ok": True})
        yield running


def always(answer: Answer) -> Callable[[bytes], Answer]:
    return lambda _: answer


def run(folder: Path, shop: Shop, text: str, *options: str, **env: str) -> tuple[int, str]:
    (folder / "s.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    where = () if "--target" in options else ("--url", shop.url)
    done = smoke(["run", "s.yaml", *where, *options], folder, env=env)
    return done.returncode, " ".join(f"{done.stdout}\n{done.stderr}".split())


@pytest.mark.parametrize(("answer", "name", "setting"), WALLS.values(), ids=list(WALLS))
def test_a_wall_at_a_step_is_named_with_the_setting_and_nothing_is_repeated(
    shop: Shop, tmp_path: Path, answer: Answer, name: str, setting: str
) -> None:
    shop.routes["POST /orders"] = always(answer)
    status, said = run(tmp_path, shop, ORDER, "--report", "json=r.json", "--report", "junit=r.xml")
    assert status == 3, said
    assert f"{name}" in said
    assert f"answered with {answer[0]} instead of the shop" in said
    assert setting in said
    assert "auth-wall" in said
    assert "[masked" not in said.partition("NO VERDICT")[0]
    assert shop.paths() == ["POST /orders"]
    assert "Order" not in smoke(["orders", "--left"], tmp_path).stdout
    assert "answered with" in (tmp_path / "r.json").read_text(encoding="utf-8")
    assert "answered with" in (tmp_path / "r.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("answer", "name", "setting"), WALLS.values(), ids=list(WALLS))
def test_a_wall_at_readiness_ends_the_wait(
    shop: Shop, tmp_path: Path, answer: Answer, name: str, setting: str
) -> None:
    shop.routes["GET /ready"] = always(answer)
    status, said = run(tmp_path, shop, ORDER, "--ready", "/ready")
    assert status == 3, said
    assert name in said
    assert setting in said
    assert shop.paths().count("GET /ready") == 1
    assert "POST /orders" not in shop.paths()


@pytest.mark.parametrize("answer", OWN.values(), ids=list(OWN))
def test_what_the_shop_answers_itself_is_no_wall(
    shop: Shop, tmp_path: Path, answer: Answer
) -> None:
    shop.routes["GET /cart"] = always(answer)
    text = "name: s\nsteps:\n  - {name: Cart, request: GET /cart, expect: {status: 204}}\n"
    status, said = run(tmp_path, shop, text)
    assert status == 1, said
    assert "instead of the shop" not in said


def test_a_scenario_that_expects_the_wall_gets_it(shop: Shop, tmp_path: Path) -> None:
    shop.routes["GET /"] = always(WALLS["basic"][0])
    text = "name: s\nsteps:\n  - {name: Closed, request: GET /, expect: {status: 401}}\n"
    status, said = run(tmp_path, shop, text)
    assert status == 0, said


def test_an_order_that_wants_a_redirect_is_not_content_with_the_walls(
    shop: Shop, tmp_path: Path
) -> None:
    shop.routes["POST /orders"] = always(WALLS["access"][0])
    text = ORDER.replace("{id: $.id}", "{}") + "    expect: {status: 3xx}\n"
    status, said = run(tmp_path, shop, text)
    assert status == 3, said
    assert "Cloudflare Access" in said


TARGETS = """
targets:
  preview:
    url: URL
    secrets: [BYPASS, USER_NAME, PASS_WORD]
    SETTING
"""
PASSES = {
    "vercel": (
        'headers: {x-vercel-protection-bypass: "{{ secrets.BYPASS }}"}',
        WALLS["vercel cookie"][0],
        "x-vercel-protection-bypass was sent and not accepted",
    ),
    "basic": (
        'basic: {username: "{{ secrets.USER_NAME }}", password: "{{ secrets.PASS_WORD }}"}',
        WALLS["basic"][0],
        "the target's `basic` was sent and not accepted",
    ),
}


@pytest.mark.parametrize("at", ["step", "readiness"])
@pytest.mark.parametrize(("setting", "answer", "words"), PASSES.values(), ids=list(PASSES))
def test_what_was_to_let_smoke_in_and_was_refused_is_told(
    shop: Shop, tmp_path: Path, setting: str, answer: Answer, words: str, at: str
) -> None:
    shop.routes["POST /orders"] = shop.routes["GET /ready"] = always(answer)
    targets = TARGETS.replace("URL", shop.url).replace("SETTING", setting)
    (tmp_path / "smoke-targets.yaml").write_text(targets, encoding="utf-8")
    options = ["--ready", "/ready"] if at == "readiness" else []
    env = {"BYPASS": "bypass-9f3kq7x2", "USER_NAME": "somebody-7", "PASS_WORD": "word-81kd93k"}
    status, said = run(tmp_path, shop, ORDER, "--target", "preview", *options, **env)
    assert status == 3, said
    assert words in said
    assert "bypass-9f3kq7x2" not in said
    assert len(shop.seen) == 1


def test_basic_that_a_step_brings_itself_is_between_it_and_the_shop(
    shop: Shop, tmp_path: Path
) -> None:
    shop.routes["GET /account"] = always(WALLS["basic"][0])
    text = """
    name: s
    steps:
      - name: Account
        request: {url: /account, headers: {Authorization: Basic dXNlcjpwYXNz}}
    """
    status, said = run(tmp_path, shop, text)
    assert status == 1, said
    assert "instead of the shop" not in said


def test_no_scenario_is_started_after_a_wall(shop: Shop, tmp_path: Path) -> None:
    shop.routes["POST /orders"] = always(WALLS["vercel cookie"][0])
    (tmp_path / "t.yaml").write_text(ORDER.replace("name: s", "name: t"), encoding="utf-8")
    status, said = run(tmp_path, shop, ORDER, "t.yaml")
    assert status == 3, said
    assert "not started: Vercel Deployment Protection" in said
    assert shop.paths() == ["POST /orders"]


@pytest.mark.parametrize("wall", WALL_TABLE, ids=lambda wall: wall.name)
def test_every_setting_that_is_printed_can_be_used(shop: Shop, tmp_path: Path, wall: Wall) -> None:
    shop.on("POST /", 200, {})
    shop.on("GET /", 200, {})
    lines = "\n    ".join(wall.setting)
    names = re.findall(r"secrets\.([A-Z_]+)", lines)
    env = {name: f"value-{name.lower()}-8d3k" for name in names}
    (tmp_path / "smoke-targets.yaml").write_text(
        f"targets:\n  preview:\n    url: {shop.url}\n    {lines if wall.target else ''}\n",
        encoding="utf-8",
    )
    text = "name: s\nsteps:\n  - {name: Home, request: GET /}\n"
    if not wall.target:
        step, secrets = wall.setting
        text = f"name: s\n{secrets}\nsteps:\n  - name: Enter\n    {step}\n"
    status, said = run(tmp_path, shop, text, "--target", "preview", **env)
    assert status == 0, said
    _, _, headers, body = shop.seen[0]
    sent = " ".join([*headers.values(), body.decode()])
    for name in names if "basic:" not in lines else ():
        assert env[name] in sent
    assert "basic:" not in lines or "Basic " in sent
