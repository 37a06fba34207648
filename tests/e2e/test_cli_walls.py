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
from tests.support.wall_answers import OWN, WALLS

ORDER = """
name: s
steps:
  - name: Order
    request: {url: /orders, json: {n: 1}}
    places_order: {id: $.id}
    retry: {attempts: 3, on: [401, 403, 429, 503], idempotent: true}
"""


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
