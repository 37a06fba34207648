"""The demo shop's own log: what each style tells of an error, and of whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.demo.look import Look
from smoke.demo.serve import Demo
from tests.support.demo import ShopFactory
from tests.support.shop_client import CARD, order, send

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"
TRACE = "0af7651916cd43dd8448eb211c80319c"
NAMES = {
    "X-Request-Id": "checkout-4711",
    "traceparent": f"00-{TRACE}-b7ad6b7169203331-01",
    "Content-Type": "application/json",
}


def second_order(running: Demo, email: str = "ann@shop.example") -> int:
    """The status of a customer's second order."""
    body = json.dumps(order(email)).encode()
    send(running.url, "POST", "/api/shop", body)
    return send(running.url, "POST", "/api/shop", body, NAMES).status


def written(shop: ShopFactory, folder: Path, style: str, **look: Any) -> str:
    """The log after a customer's two orders."""
    log = folder / "app.log"
    second_order(shop(look=Look(app_log=log, app_log_style=style, **look)))
    return log.read_text(encoding="utf-8")


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_pino_has_the_request_its_names_and_the_drivers_fields(
    shop: ShopFactory, tmp_path: Path
) -> None:
    first, failed, answered = documents(written(shop, tmp_path, "pino"))
    assert [line["level"] for line in (first, failed, answered)] == [30, 50, 30]
    assert [line["res"]["statusCode"] for line in (first, failed, answered)] == [201, 500, 500]
    assert failed["req"]["id"] == answered["req"]["id"] == "checkout-4711"
    assert failed["trace_id"] == TRACE
    assert "trace_id" not in first
    error = failed["err"]
    assert error["code"] == "23505"
    assert error["constraint"] == CONSTRAINT
    assert error["detail"].startswith("Key (recipient_id, step_id)=(")
    assert error["stack"].startswith("error: duplicate key value violates unique constraint")


def test_pino_of_a_wrapped_error_has_its_words_but_no_sqlstate(
    shop: ShopFactory, tmp_path: Path
) -> None:
    text = written(shop, tmp_path, "pino-cause")
    error = documents(text)[1]["err"]
    assert error["message"].endswith(f'violates unique constraint "{CONSTRAINT}"')
    assert "\ncaused by: error: duplicate key" in error["stack"]
    assert "23505" not in text


def test_winston_has_the_fields_beside_the_message(shop: ShopFactory, tmp_path: Path) -> None:
    failed = documents(written(shop, tmp_path, "winston"))[1]
    assert failed["level"] == "error"
    assert failed["requestId"] == "checkout-4711"
    assert failed["traceId"] == TRACE
    assert (failed["code"], failed["constraint"]) == ("23505", CONSTRAINT)


def test_text_names_the_request_once_and_then_prints_as_node_does(
    shop: ShopFactory, tmp_path: Path
) -> None:
    lines = written(shop, tmp_path, "text").splitlines()
    start = next(number for number, line in enumerate(lines) if "ERROR" in line)
    assert "(checkout-4711): POST /api/shop failed" in lines[start]
    assert lines[start + 1].startswith("error: duplicate key value")
    assert lines[start + 2].startswith("    at ")
    block = lines[start + 1 : lines.index("}", start)]
    assert "  code: '23505'," in block
    assert f"  constraint: '{CONSTRAINT}'," in block
    assert "  column: undefined," in block


def test_bare_names_nobody_and_says_nothing_of_what_went_well(
    shop: ShopFactory, tmp_path: Path
) -> None:
    text = written(shop, tmp_path, "bare")
    assert text.startswith(" ⨯ error: duplicate key value")
    assert text.count("⨯") == 1
    for name in ("checkout-4711", TRACE, "ann@shop.example", "/api/shop"):
        assert name not in text


@pytest.mark.parametrize("style", ["pino", "winston", "text", "bare"])
def test_a_digest_on_the_page_is_in_the_log(shop: ShopFactory, tmp_path: Path, style: str) -> None:
    log = tmp_path / "app.log"
    running = shop(look=Look(mask="digest", app_log=log, app_log_style=style))
    second_order(running)
    page = send(running.url, "POST", "/api/shop", json.dumps(order()).encode()).body.decode()
    digest = page.partition('data-dgst="')[2].partition('"')[0]
    assert digest.isdigit()
    assert digest in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("style", ["pino", "winston"])
def test_bodies_are_logged_without_a_thought(shop: ShopFactory, tmp_path: Path, style: str) -> None:
    """On purpose, for what reads such logs: passwords, tokens and card numbers are in the logs of real shops."""
    assert CARD in written(shop, tmp_path, style)


@pytest.mark.parametrize(
    ("trace", "in_log"), [("name", "checkout-4711"), ("comment", TRACE), ("none", "")]
)
def test_the_database_learns_of_the_request_what_it_is_told(
    shop: ShopFactory, trace: str, in_log: str
) -> None:
    running = shop(look=Look(db_trace=trace))
    assert running.log_path is not None
    before = running.log_path.stat().st_size
    assert second_order(running) == 500
    written = running.log_path.read_bytes()[before:].decode()
    assert CONSTRAINT in written
    assert [name for name in ("checkout-4711", TRACE) if name in written] == [in_log] * bool(in_log)


def test_it_is_appended_to_and_each_entry_is_whole(shop: ShopFactory, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text('{"level":30,"msg":"from before"}\n')
    running = shop(look=Look(app_log=log))
    second_order(running)
    second_order(running, "ben@shop.example")
    assert documents(log.read_text())[0]["msg"] == "from before"
    assert len(documents(log.read_text())) == 7
