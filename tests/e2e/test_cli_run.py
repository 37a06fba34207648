"""`smoke run` as CI and the engineer on call use it: the installed command as a process, a real shop."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from smoke.store import resolve
from tests.support.cli import smoke
from tests.support.demo import ShopFactory
from tests.support.scripted import scripted


def run_folder(folder: Path) -> Path:
    return folder / ".smoke" / "runs"


def test_the_incident_in_one_screen(shop: ShopFactory, tmp_path: Path) -> None:
    done = smoke(["run", "repeat-customer", "--url", shop("broken").url], tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    for word in (
        "Order 1 SUCCESS",
        "Order 2 FAILED",
        "23505",
        "unique_violation",
        "h2s_dispatch_jobs_recipient_step_uq",
        "h2s_dispatch_jobs",
        "recipient_id",
        "step_id",
        "pg_constraint",
        "still there: one row, contype u",
        "gone: no rows",
        "1 order MAY EXIST",
    ):
        assert word in done.stdout, word
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_the_fixed_shop_passes_with_the_sentences_people_know(
    shop: ShopFactory, tmp_path: Path
) -> None:
    done = smoke(["run", "repeat-customer"], tmp_path, env={"SMOKE_URL": shop("fixed").url})
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "✅ Order 1 SUCCESS" in lines
    assert "✅ Order 2 SUCCESS" in lines
    assert "✅ VALIDATION PASSED - Repeat customers can place multiple orders" in lines


def test_an_ascii_terminal_gets_ascii(shop: ShopFactory, tmp_path: Path) -> None:
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = smoke(["run", "repeat-customer", "--url", shop("fixed").url], tmp_path, env=env)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "VALIDATION PASSED - Repeat customers can place multiple orders" in done.stdout


def test_a_masked_error_is_said_to_be_hidden(shop: ShopFactory, tmp_path: Path) -> None:
    running = shop("masked")
    done = smoke(["run", "repeat-customer", "--url", running.url], tmp_path, env={"COLUMNS": "200"})
    assert done.returncode == 1
    assert "23505" not in done.stdout.replace("smoke explain 23505", "")
    assert re.search(r"does not (reveal|show|say|tell)|hidden|hides", done.stdout)
    named = re.search(r"search your logs for X-Request-Id ([0-9a-f-]{36})", done.stdout)
    assert named
    assert running.log_path is not None
    lines = [line for line in running.log_path.read_text().splitlines() if named[1] in line]
    assert any("23505" in line for line in lines)


def test_where_nothing_listens_there_is_no_verdict(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = smoke(["run", "repeat-customer", "--url", f"http://127.0.0.1:{port}"], tmp_path)
    assert done.returncode == 3
    assert "refused" in done.stdout
    assert "no order was placed" in done.stdout


def test_reports_are_written_and_agree(shop: ShopFactory, tmp_path: Path) -> None:
    done = smoke(
        [
            "run",
            "repeat-customer",
            "--url",
            shop("broken").url,
            "--report",
            "json=out/run.json",
            "--report",
            "junit=out/junit.xml",
            "--quiet",
        ],
        tmp_path,
    )
    assert done.returncode == 1
    data = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert "h2s_dispatch_jobs_recipient_step_uq" in json.dumps(data)
    root = ET.fromstring((tmp_path / "out/junit.xml").read_text(encoding="utf-8"))
    assert int(root.get("failures", "0")) == 1
    assert int(root.get("errors", "0")) == 0


def test_a_report_that_cannot_be_written_is_told_before_the_first_order(
    shop: ShopFactory, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    arguments = ["run", "first-order", "--url", shop("fixed").url, "--report", "json=file/run.json"]
    done = smoke(arguments, tmp_path)
    assert done.returncode == 2  # told before the first order
    assert "--report json=file/run.json cannot be written" in done.stderr


def test_github_gets_annotations_and_a_summary(shop: ShopFactory, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    env = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKSPACE": str(tmp_path),
    }
    done = smoke(["run", "repeat-customer", "--url", shop("broken").url], tmp_path, env=env)
    assert done.returncode == 1
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    assert 1 <= len(annotations) <= 10
    assert "h2s_dispatch_jobs_recipient_step_uq" in annotations[0]
    assert "23505" in summary.read_text(encoding="utf-8")


def test_evidence_is_private_and_can_be_verified(shop: ShopFactory, tmp_path: Path) -> None:
    smoke(["run", "repeat-customer", "--url", shop("broken").url], tmp_path)
    for path in [run_folder(tmp_path), *run_folder(tmp_path).rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert smoke(["verify"], tmp_path).returncode == 0
    body = next(run_folder(tmp_path).rglob("*order-2*response.body"))
    body.write_bytes(body.read_bytes().replace(b"23505", b"23503"))
    altered = smoke(["verify"], tmp_path)
    assert altered.returncode == 1
    assert body.name in altered.stdout


def test_show_gives_the_body_back_byte_for_byte(shop: ShopFactory, tmp_path: Path) -> None:
    smoke(["run", "repeat-customer", "--url", shop("broken").url], tmp_path)
    stored = next(run_folder(tmp_path).rglob("*order-2*response.body")).read_text(encoding="utf-8")
    assert smoke(["show", "latest", "Order 2", "--body"], tmp_path).stdout == stored
    # the order that went well has no file of its own
    assert not [*run_folder(tmp_path).rglob("*order-1*")]
    assert json.loads(smoke(["show", "latest", "Order 1", "--body"], tmp_path).stdout)["ok"] is True
    assert smoke(["show", "--body"], tmp_path).stdout == stored
    shown = smoke(["show"], tmp_path)
    assert "h2s_dispatch_jobs_recipient_step_uq" in shown.stdout
    headers = smoke(["show", "--headers"], tmp_path).stdout
    assert "HTTP/1.1 500" in headers
    assert "X-Vercel-Id: dev1::" in headers
    assert "POST http://127.0.0.1" in smoke(["show", "--request"], tmp_path).stdout
    assert smoke(["show", "latest", "Ordr 2"], tmp_path).returncode == 2


def test_dry_run_sends_nothing_and_shows_no_secret(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    text = """
name: secret
secrets: [SHOP_KEY]
steps:
  - name: order
    request: {url: /api/shop, bearer: "{{ secrets.SHOP_KEY }}", json: {password: "{{ secrets.SHOP_KEY }}", id: 7}}
    capture: {order: $.id}
  - name: look
    request: {url: "/api/shop/orders/{{ order }}"}
"""
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    arguments = ["run", "s.yaml", "--url", fixed.url, "--dry-run"]
    done = smoke(arguments, tmp_path, env={"SHOP_KEY": "geheim-4711-key"})
    assert done.returncode == 0
    assert "geheim" not in done.stdout
    assert "POST" in done.stdout
    assert "order" in done.stdout
    assert fixed.stats()["total"] == 0


def test_a_run_of_nothing_is_a_usage_error(shop: ShopFactory, tmp_path: Path) -> None:
    done = smoke(["run", "repeat-custmer", "--url", shop("fixed").url], tmp_path)
    assert done.returncode == 2
    assert "repeat-customer" in done.stderr
    assert smoke(["run", "--url", "http://127.0.0.1:9"], tmp_path).returncode == 2
    assert smoke(["run", "first-order"], tmp_path).returncode == 2
    assert smoke(["run", "first-order", "--url", "ftp://x"], tmp_path).returncode == 2


@pytest.mark.parametrize("workers", ["1", "4"])
def test_fail_fast_starts_nothing_after_a_failure(
    shop: ShopFactory, tmp_path: Path, workers: str
) -> None:
    arguments = ["run", "repeat-customer", "first-order", "--url", shop("broken").url]
    done = smoke([*arguments, "--fail-fast", "--workers", workers], tmp_path)
    assert done.returncode == 1
    run = resolve(run_folder(tmp_path)).run()
    outcomes = {scenario.name: scenario.outcome.value for scenario in run.scenarios}
    assert outcomes["repeat-customer"] == "failed"
    assert workers != "1" or outcomes["first-order"] == "skipped"


def test_one_cause_in_two_scenarios_is_one_block(tmp_path: Path) -> None:
    """Whatever the steps are called: the rule that refused is the cause."""
    refused = {
        "code": "23505",
        "message": 'duplicate key value violates unique constraint "jobs_uq"',
        "detail": "Key (a)=(1) already exists.",
    }
    for name, step in (("one", "Place it"), ("two", "Order")):
        text = f"name: {name}\nsummary: S.\nsteps: [{{name: {step}, request: {{url: /o, json: {{}}}}}}]\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    with scripted() as shop:
        shop.on("POST /o", 500, refused)
        told = smoke(["run", "one.yaml", "two.yaml", "--url", shop.url], tmp_path)
        quiet = smoke(["run", "-q", "one.yaml", "two.yaml", "--url", shop.url], tmp_path)
    for done in (told, quiet):
        assert done.returncode == 1
        assert done.stdout.count("SQLSTATE    23505") == 1
        assert "also in     two ('Order')" in done.stdout
        assert "2 scenarios: 2 failed" in done.stdout
    assert "the same cause as in 'Place it' of one above" in told.stdout
    assert "❌ Order FAILED" in told.stdout
    assert "Order FAILED" not in quiet.stdout
