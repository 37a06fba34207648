"""The plugins that the manual shows, installed as it says: each is listed, checked and carried out."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from smoke import plugins
from tests.support.cli import smoke
from tests.support.demo import ShopFactory
from tests.support.documents import ROOT, blocks_of
from tests.support.foreign import install
from tests.support.scripted import scripted

FOLDER = ROOT / "docs" / "plugins"
SHOWN = [block for page in sorted(FOLDER.glob("*.md")) for block in blocks_of(page)]
PACKAGE = next(
    tomllib.loads(block.text)
    for block in blocks_of(ROOT / "docs" / "how-to" / "plugins.md")
    if block.title == "pyproject.toml"
)
FILES = {block.title: block.text for block in SHOWN if block.title.endswith(".py")}
SCENARIO, BY_NOTICE, STORED = (
    block.text for block in SHOWN if block.language == "yaml" and block.page.name == "steps.md"
)


def _points(parsed: dict[str, Any]) -> dict[str, str]:
    groups: dict[str, dict[str, str]] = parsed["project"]["entry-points"]
    return {
        f"{group}:{name}": value
        for group, entries in groups.items()
        for name, value in entries.items()
    }


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment in which the package of the pages is installed."""
    modules = {
        name.removesuffix(".py"): text
        for name, text in FILES.items()
        if not name.startswith("test_")
    }
    points = _points(PACKAGE)
    assert set(points.values()) == set(modules) == set(PACKAGE["tool"]["setuptools"]["py-modules"])
    return install(tmp_path / "site", PACKAGE["project"]["name"], modules, points)


def test_each_room_has_a_page_and_each_page_registers_what_the_package_does() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == set(plugins.ROOMS)
    found: dict[str, str] = {}
    for block in SHOWN:
        if block.title == "pyproject.toml":
            found |= _points(tomllib.loads(block.text))
    assert found == _points(PACKAGE)


def test_the_tests_that_the_pages_show_pass(env: dict[str, str], tmp_path: Path) -> None:
    tests = {name: text for name, text in FILES.items() if name.startswith("test_")}
    assert len(tests) == len(plugins.ROOMS)
    folder = tmp_path / "tests"
    folder.mkdir()
    for name, text in tests.items():
        (folder / name).write_text(text, encoding="utf-8")
    path = os.pathsep.join((env["PYTHONPATH"], str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_are_listed_without_a_complaint(env: dict[str, str], tmp_path: Path) -> None:
    done = smoke(["plugins"], tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    for words in (
        "prometheus",
        "Prometheus' text format: whether each step passed",
        "business-hours",
        "extension-present",
        "shopkit",
    ):
        assert words in done.stdout
    assert "cannot be used" not in done.stdout + done.stderr


def test_what_a_kind_finds_wrong_is_told_at_its_place_and_promises_no_page(
    env: dict[str, str], tmp_path: Path
) -> None:
    wrong = SCENARIO.replace("{start: 0, end: 24}", "{start: 9, end: 8}")
    (tmp_path / "wrong.yaml").write_text(wrong, encoding="utf-8")
    done = smoke(["check", "wrong.yaml"], tmp_path, env=env)
    assert done.returncode == 2
    assert "error[empty-hours]: no hour lies from 9 to 8" in done.stderr
    assert "wrong.yaml:5:" in done.stderr
    assert "smoke explain" not in done.stderr  # there is no page of a plugin's own code


def test_the_importer_makes_a_scenario(env: dict[str, str], tmp_path: Path) -> None:
    line = (
        '{"gateway": 1, "method": "POST", "url": "https://shop.example/orders", '
        '"type": "application/json", "body": "{}", "status": 201, "answer": "{\\"id\\": 7}"}\n'
    )
    (tmp_path / "gateway.log").write_text(line, encoding="utf-8")
    done = smoke(["import", "gateway.log", "--to", "-"], tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert "id: $.id" in done.stdout
    (tmp_path / "gateway.log").write_text('{"gateway": "s3cret"}\n', encoding="utf-8")
    done = smoke(["import", "gateway.log", "--to", "-"], tmp_path, env=env)
    assert done.returncode == 2
    assert "the importer 'request-lines'" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    (tmp_path / "gateway.log").write_text(line + '{"gateway": s3cret}\n', encoding="utf-8")
    done = smoke(["import", "gateway.log", "--to", "-"], tmp_path, env=env)
    assert done.returncode == 2
    assert "error[gateway-line]: gateway.log, line 2: not a JSON document" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_the_step_and_the_reporter_do_what_the_page_says(
    env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    path = tmp_path / "scenarios" / "order-in-business-hours.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    with scripted() as shop:
        shop.on("GET /api/health", 200, {"ok": True})
        words = ["run", path.stem, "--url", shop.url, "--report", "prometheus=smoke.prom"]
        done = smoke(words, tmp_path, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        lines = (tmp_path / "smoke.prom").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "smoke_exit_status 0"
        assert [line.rpartition(" ")[0] for line in lines[1:]] == [
            'smoke_step_seconds{scenario="order-in-business-hours",step="Somebody is there"}',
            'smoke_step_seconds{scenario="order-in-business-hours",step="The shop answers"}',
        ]
        path.write_text(SCENARIO.replace("end: 24", "end: 0"), encoding="utf-8")
        done = smoke(words, tmp_path, env=env)
    assert done.returncode == 1
    assert "h UTC, and nobody is there" in done.stdout
    assert (
        '\nsmoke_step_failed{scenario="order-in-business-hours",step="Somebody is there",cause="it is'
        in (tmp_path / "smoke.prom").read_text(encoding="utf-8")
    )


def test_a_mistake_in_the_steps_own_keys_is_told_with_its_line(
    env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "it.yaml"
    path.write_text(SCENARIO.replace("start: 0", "start: 99"), encoding="utf-8")
    done = smoke(["check", "it.yaml"], tmp_path, env=env)
    assert done.returncode == 2
    assert "it.yaml:5:" in done.stderr


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("business_hours: {start: 0, end: 24, strat: 1}", "a business_hours has no key 'strat'"),
        ("order_row: {url: /x, jsn: {}, json: {}, query: q}", "an order_row has no key 'jsn'"),
        ("check: {extension_present: {nme: y, name: x}}", "an extension_present has no key 'nme'"),
    ],
)
def test_a_key_that_a_plugin_does_not_know_is_told_and_not_left_out(
    step: str, words: str, env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "it.yaml").write_text(f"name: it\nsteps:\n  - name: A\n    {step}\n")
    done = smoke(["check", "it.yaml"], tmp_path, env=env)
    assert done.returncode == 2
    assert words in done.stderr
    assert "it.yaml:4:" in done.stderr


def test_the_check_asks_the_database(
    env: dict[str, str], tmp_path: Path, shop: ShopFactory
) -> None:
    demo = shop("fixed")
    step = "  - {name: There, check: {extension_present: {name: NAME}}}\n"
    for name, status, words in (
        ("plpgsql", 0, "the extension plpgsql is there, version"),
        ("postgis", 1, "the extension postgis is not installed"),
    ):
        path = tmp_path / "it.yaml"
        path.write_text(f"name: it\nsteps:\n{step.replace('NAME', name)}", encoding="utf-8")
        done = smoke(
            ["run", "it.yaml", "--url", demo.url], tmp_path, env={**env, "SMOKE_DSN": demo.dsn}
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert words in done.stdout


def test_the_ci_system_shows_problems_as_its_builds_do(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "it.yaml"
    path.write_text(SCENARIO.replace("end: 24", "end: 0"), encoding="utf-8")
    with scripted() as shop:
        words = ["run", "it.yaml", "--url", shop.url]
        done = smoke(words, tmp_path, env={**env, "TEAMCITY_VERSION": "2026.1"})
        plain = smoke(words, tmp_path, env=env)
    assert done.returncode == plain.returncode == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("##teamcity[")]
    assert len(lines) == 1
    assert "Somebody is there: it is " in lines[0]
    assert lines[0].endswith("and nobody is there']")
    assert "##teamcity[" not in plain.stdout


def test_the_step_that_sends_does_what_a_request_does(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "it.yaml"
    path.write_text(BY_NOTICE, encoding="utf-8")
    env = {**env, "NOTICE_KEY": "correct-horse-battery"}
    with scripted() as shop:
        shop.on("POST /hooks/payments", 200, {"receipt": "r-9", "key": "correct-horse-battery"})
        shop.on("GET /receipts/r-9", 200, {"paid": True})
        words = ["run", "it.yaml", "--url", shop.url, "--out", "runs", "--report", "json=r.json"]
        dry = smoke(["run", "it.yaml", "--url", shop.url, "--dry-run"], tmp_path, env=env)
        assert shop.paths() == []
        done = smoke(words, tmp_path, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        assert shop.paths() == ["POST /hooks/payments", "GET /receipts/r-9"]
        path.write_text(BY_NOTICE.replace("status: 200", "status: 202"), encoding="utf-8")
        failed = smoke(words, tmp_path, env=env)
    assert f"POST {shop.url}/hooks/payments" in dry.stdout
    assert '"type":"paid"' in dry.stdout
    assert failed.returncode == 1
    assert "it.yaml:7:" in failed.stdout
    written = b"".join(
        each.read_bytes() for each in (tmp_path / "runs").rglob("*") if each.is_file()
    )
    assert b"X-Signature" in written
    assert b"correct-horse-battery" not in written


def test_the_step_that_sends_and_looks_finds_the_row_of_an_order(
    env: dict[str, str], tmp_path: Path, shop: ShopFactory
) -> None:
    demo = shop("fixed")
    path = tmp_path / "it.yaml"
    env = {**env, "SMOKE_DSN": demo.dsn}
    words = ["run", "it.yaml", "--url", demo.url, "--verbose"]
    path.write_text(STORED, encoding="utf-8")
    done = smoke(words, tmp_path, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "order's row 1 rows, expected 1" in done.stdout
    assert "rows_found = True" in done.stdout
    path.write_text(STORED.replace("id = $1", "id = $1 and false"), encoding="utf-8")
    done = smoke(words, tmp_path, env=env)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the order was confirmed, and in the database: 0 rows, expected 1" in done.stdout
    assert "1 removed" in done.stdout
