"""The manual's flows of payment providers, against stand-ins that answer as Stripe's and PayPal's APIs do."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from smoke.app.options import RunOptions
from smoke.model.run import Outcome, Run
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

MANUAL = ROOT / "docs" / "how-to"
KEY, HOOK = "sk_test_c21va2Utc21va2U", "whsec_c21va2Utc21va2U="
CARD = "4242424242424242"
CONFIRM = "POST /v1/payment_intents/pi_1/confirm"


def scenario(page: str, name: str) -> str:
    return next(b.text for b in blocks_of(MANUAL / page) if f"name: {name}\n" in b.text)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


@pytest.fixture
def stripe(shop: Shop) -> Iterator[Shop]:
    """A payment intent, as far as the flow goes; and a shop that believes a genuine event."""
    intent = {"id": "pi_1", "object": "payment_intent", "livemode": False, "amount": 1290}
    with scripted() as api:

        def create(body: bytes) -> Answer:
            form = dict(parse_qsl(body.decode()))
            assert form["amount"] == "1290"
            assert form["metadata[order_id]"] == "o-1"
            return 200, {}, json.dumps({**intent, "status": "requires_payment_method"}).encode()

        def confirm(body: bytes) -> Answer:
            if b"chargeDeclined" in body:
                error = {"code": "card_declined", "type": "card_error"}
                return 402, {}, json.dumps({"error": error}).encode()
            done = {**intent, "status": "succeeded", "amount_received": 1290}
            return 200, {}, json.dumps(done).encode()

        api.routes |= {"POST /v1/payment_intents": create, CONFIRM: confirm}
        _selling(shop)
        yield api


def _selling(shop: Shop) -> None:
    paid: list[str] = []

    def told(body: bytes) -> Answer:
        at, _, given = shop.seen[-1][2]["Stripe-Signature"].removeprefix("t=").partition(",v1=")
        wanted = hmac.new(HOOK.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        if given != wanted:
            return 400, {}, b""
        paid.append(json.loads(body)["data"]["object"]["metadata"]["order_id"])
        return 200, {}, b""

    def state(_body: bytes) -> Answer:
        return 200, {}, json.dumps({"status": "paid" if "o-1" in paid else "open"}).encode()

    shop.on("POST /api/shop", 201, {"order": {"id": "o-1", "total_cents": 1290}})
    shop.routes |= {"POST /webhooks/stripe": told, "GET /api/orders/o-1": state}


def ran(shop: Shop, api: Shop, text: str, folder: Path) -> Run:
    options = RunOptions(allow_hosts=(api.url,), variables={"stripe": api.url})
    environ = {"STRIPE_TEST_KEY": KEY, "STRIPE_WEBHOOK_SECRET": HOOK}
    return run_text(folder, shop.url, text, options=options, environ=environ)


def kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "runs").rglob("*") if path.is_file())


def test_an_order_is_paid_in_test_mode(shop: Shop, stripe: Shop, tmp_path: Path) -> None:
    run = ran(shop, stripe, scenario("payments.md", "paid-by-card"), tmp_path)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert stripe.paths() == ["POST /v1/payment_intents", CONFIRM, CONFIRM]
    assert {headers["Authorization"] for *_, headers, _ in stripe.seen} == {f"Bearer {KEY}"}
    assert stripe.seen[0][2]["Idempotency-Key"]
    assert "Authorization" not in shop.seen[1][2]
    assert shop.paths() == [
        "POST /api/shop",
        "POST /webhooks/stripe",
        "GET /api/orders/o-1",
        "POST /api/shop",
    ]
    for secret in (KEY, HOOK, shop.seen[1][2]["Stripe-Signature"]):
        assert secret.encode() not in kept(tmp_path)


def test_a_live_key_ends_it_before_a_card_is_used(shop: Shop, stripe: Shop, tmp_path: Path) -> None:
    stripe.on("POST /v1/payment_intents", 200, {"id": "pi_1", "livemode": True})
    run = ran(shop, stripe, scenario("payments.md", "paid-by-card"), tmp_path)
    assert run.outcome is Outcome.FAILED
    assert stripe.paths() == ["POST /v1/payment_intents"]
    assert shop.paths() == ["POST /api/shop", "POST /api/shop"]  # and the order is cancelled


def test_a_card_number_that_is_sent_or_comes_back_reaches_no_evidence(
    shop: Shop, stripe: Shop, tmp_path: Path
) -> None:
    """Also where somebody writes the number instead of Stripe's name for it."""
    text = scenario("payments.md", "paid-by-card").replace(
        "form: {payment_method: pm_card_visa}",
        f'form: {{payment_method: null, "payment_method_data[card][number]": "{CARD}", "payment_method_data[card][cvc]": "917"}}',
    )
    assert CARD in text
    shop.on("POST /webhooks/stripe", 200, {"payment": {"number": CARD, "pan": int(CARD)}})
    shop.on("GET /api/orders/o-1", 200, {"status": "paid", "card": f"4242-4242-4242-4242 {CARD}"})
    run = ran(shop, stripe, text, tmp_path)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert CARD.encode() in stripe.seen[2][3]
    written = kept(tmp_path)
    assert b"424242******4242" in written
    for secret in (CARD, "4242-4242-4242-4242", "=917"):
        assert secret.encode() not in written


def test_a_shop_that_asks_paypal_asks_the_receiver(shop: Shop, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = scenario("webhooks.md", "paypal-is-asked").replace("8787", str(port))

    def told(body: bytes) -> Answer:
        """As a shop does: a token, then the question; it believes SUCCESS only."""
        names = {name.lower(): value for name, value in shop.seen[-1][2].items()}
        asked = {
            "transmission_id": names["paypal-transmission-id"],
            "webhook_event": json.loads(body),
        }
        said = {}
        for path in ("/v1/oauth2/token", "/v1/notifications/verify-webhook-signature"):
            url = f"http://127.0.0.1:{port}{path}"
            with urllib.request.urlopen(url, json.dumps(asked).encode(), timeout=10) as answer:
                said = json.load(answer)
        return (200 if said["verification_status"] == "SUCCESS" else 400), {}, b"{}"

    shop.routes["POST /webhooks/paypal"] = told
    shop.on("GET /api/orders/o-17", 200, {"status": "open"})
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
