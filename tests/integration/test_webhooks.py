"""Webhooks of providers, sent to a shop on loopback that verifies them as the providers' manuals say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from smoke.diagnostic import SmokeError
from smoke.model.run import OrderState, Outcome
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

KEY = "whsec_c21va2Utc21va2Utc21va2U="
CARD = "4242424242424242"
STEPS = """
name: hooks
secrets: [KEY]
steps:
  - name: Tell
    webhook: {provider: PROVIDER, url: /hooks, secret: "{{ secrets.KEY }}", event: {type: paid, amount: 1.10, card: "4242424242424242"}MORE}
    expect: {status: STATUS}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def _digest(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def genuine(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a shop takes the event: signed with its key, within five minutes. Not the code that signed it."""
    names = {name.lower(): value for name, value in headers.items()}
    if "stripe-signature" in names:
        at, _, signature = names["stripe-signature"].removeprefix("t=").partition(",v1=")
        wanted = _digest(KEY.encode(), f"{at}.".encode() + body).hex()
        return signature == wanted and abs(time.time() - int(at)) < 300
    if "x-hub-signature-256" in names:
        return names["x-hub-signature-256"] == f"sha256={_digest(KEY.encode(), body).hex()}"
    if "x-shopify-hmac-sha256" in names:
        given = base64.b64decode(names["x-shopify-hmac-sha256"])
        return given == _digest(KEY.encode(), body)
    prefix = "svix" if "svix-id" in names else "webhook"
    at = names.get(f"{prefix}-timestamp", "0")
    signed = f"{names.get(f'{prefix}-id')}.{at}.".encode() + body
    wanted = base64.b64encode(_digest(base64.b64decode(KEY[6:]), signed)).decode()
    return names.get(f"{prefix}-signature") == f"v1,{wanted}" and abs(time.time() - int(at)) < 300


def verifying(shop: Shop) -> None:
    def answer(body: bytes) -> Answer:
        return (200 if genuine(shop.seen[-1][2], body) else 400), {}, b"{}"

    shop.routes["POST /hooks"] = answer


WAYS = [("", 200), (", signature: wrong", 400), (", signature: missing", 400)]


@pytest.mark.parametrize("provider", ["stripe", "github", "shopify", "svix", "standard_webhooks"])
def test_what_is_signed_is_what_is_sent(provider: str, shop: Shop, tmp_path: Path) -> None:
    """The shop takes what is genuine and refuses the rest; neither key, signature nor card is in the evidence."""
    verifying(shop)
    timed = provider not in ("github", "shopify")
    ways = [*WAYS, *([(", age: 10m", 400), (", age: 4m", 200)] if timed else [])]
    texts = [
        STEPS.replace("PROVIDER", provider).replace("MORE", more).replace("STATUS", str(status))
        for more, status in ways
    ]
    texts = [text.replace("name: hooks", f"name: hooks-{n}") for n, text in enumerate(texts)]
    run = run_text(tmp_path, shop.url, *texts, environ={"KEY": KEY})
    assert run.outcome is Outcome.PASSED, [s.steps[0].message for s in run.scenarios]
    assert len(shop.seen) == len(ways)
    bodies = {body for *_, body in shop.seen}
    assert bodies == {b'{"type":"paid","amount":1.10,"card":"4242424242424242"}'}
    kept = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in kept)
    sent = [pair for _, _, headers, _ in shop.seen for pair in headers.items()]
    signatures = [value for name, value in sent if "ignature" in name or "Hmac" in name]
    assert len(signatures) == len(ways) - 1
    for secret in (KEY, KEY[6:], CARD, *signatures):
        assert secret.encode() not in written
    assert b"hooks" in written


def test_a_saved_event_is_sent_byte_for_byte_or_changed(shop: Shop, tmp_path: Path) -> None:
    verifying(shop)
    saved = b'{ "id": "evt_1",\n  "amount": 1.10, "data": {"order": "o-1", "old": true} }\n'
    (tmp_path / "paid.json").write_bytes(saved)
    text = """
    name: saved
    secrets: [KEY]
    variables: {order: o-2}
    steps:
      - name: As it was
        webhook: {provider: stripe, url: /hooks, secret: "{{ secrets.KEY }}", file: paid.json}
      - name: For another order
        webhook:
          provider: stripe
          url: /hooks
          secret: "{{ secrets.KEY }}"
          file: paid.json
          event: {data: {order: "{{ order }}", old: null}}
          headers: {X-Mode: test, Content-Type: null}
    """
    run = run_text(tmp_path, shop.url, text, environ={"KEY": KEY})
    assert run.outcome is Outcome.PASSED
    assert shop.seen[0][3] == saved
    assert shop.seen[1][3] == b'{"id":"evt_1","amount":1.10,"data":{"order":"o-2"}}'
    assert shop.seen[1][2]["X-Mode"] == "test"
    assert "Content-Type" not in shop.seen[1][2]


def test_one_that_orders_is_journalled_and_sent_once(shop: Shop, tmp_path: Path) -> None:
    """An answer that never came: the order may exist, and the event is not sent again, whatever `retry` says."""
    shop.on("POST /hooks", 0)
    text = """
    name: orders
    secrets: [KEY]
    steps:
      - name: Login
        request: GET /login
        expect: {status: 200}
      - name: Paid
        webhook: {provider: svix, url: /hooks, secret: "{{ secrets.KEY }}", event: {type: paid}, id: "evt-1"}
        places_order: {id: $.order}
        retry: {attempts: 3, on: [5xx, transport], wait: 10ms}
    """
    shop.on("GET /login", 200, {}, Set_Cookie="sid=alice; Path=/")
    run = run_text(tmp_path, shop.url, text, environ={"KEY": KEY})
    assert shop.paths() == ["GET /login", "POST /hooks"]
    assert shop.seen[1][2]["svix-id"] == "evt-1"
    assert "Cookie" not in shop.seen[1][2]  # a provider has none of the customer's
    assert [order.state for order in run.orders] == [OrderState.MAY_EXIST]


WRONG = [
    ("provider: strip, event: {}", 'secret: "{{ secrets.KEY }}"', "'stripe'"),
    ("provider: paypal, event: {}", 'secret: "{{ secrets.KEY }}"', "'standard_webhooks'"),
    ("provider: stripe, evnt: {}", 'secret: "{{ secrets.KEY }}"', "no key 'evnt'"),
    ("provider: stripe", 'secret: "{{ secrets.KEY }}"', "an event, or a file"),
    ("provider: stripe, event: {}", "secret: whsec_abc", "comes from outside of the file"),
    ("provider: stripe, event: {}", 'secret: "{{ env.KEY }}"', "comes from outside of the file"),
    ("provider: stripe, event: {}", 'secret: "x{{ secrets.KEY }}"', "comes from outside"),
    ("provider: stripe, event: {}", 'secret: "{{ secrets.KYE }}"', "no declared secret 'KYE'"),
    ("provider: github, event: {}, age: 10m", 'secret: "{{ secrets.KEY }}"', "signs no time"),
    (
        "provider: stripe, event: {}, id: a",
        'secret: "{{ secrets.KEY }}"',
        "has the id in the event",
    ),
    ("provider: stripe, file: no.json", 'secret: "{{ secrets.KEY }}"', "no.json"),
    ("provider: stripe, file: a.json, event: [1]", 'secret: "{{ secrets.KEY }}"', "is a mapping"),
    ("provider: stripe, event: {}, age: soon", 'secret: "{{ secrets.KEY }}"', "age"),
    ("provider: stripe, event: {}, signature: none", 'secret: "{{ secrets.KEY }}"', "'missing'"),
    ("provider: stripe, event: {}, headers: {'a b': 1}", 'secret: "{{ secrets.KEY }}"', "header"),
    ("provider: svix, event: {}", 'secret: "{{ secrets.BAD }}"', "not whsec_ and Base64"),
    ("provider: stripe, file: a.json, event: {x: 1}", 'secret: "{{ secrets.KEY }}"', "not JSON"),
]


@pytest.mark.parametrize(("keys", "secret", "words"), WRONG)
def test_a_mistake_is_told_with_its_place_and_nothing_is_sent(
    keys: str, secret: str, words: str, shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text("no JSON")
    text = f"""\
name: wrong
secrets: [KEY, BAD]
steps:
  - name: First
    request: GET /first
  - name: Tell
    webhook: {{url: /hooks, {keys}, {secret}}}
"""
    with pytest.raises(SmokeError) as caught:
        run_text(tmp_path, shop.url, text, environ={"KEY": KEY, "BAD": "not-a-key"})
    found = caught.value.diagnostics
    assert any(words in f"{each.message} {each.label}" for each in found), found
    assert all(each.span is not None and each.span.line in (6, 7) for each in found)
    assert shop.paths() == []


PAGE = ROOT / "docs" / "how-to" / "webhooks.md"


def test_the_scenarios_of_the_manual_do_what_it_says(shop: Shop, tmp_path: Path) -> None:
    verifying(shop)
    shop.on("GET /api/orders/o-17", 200, {"status": "paid"})
    text = next(b.text for b in blocks_of(PAGE) if "name: paid-by-stripe" in b.text)
    run = run_text(tmp_path, shop.url, text, environ={"STRIPE_WEBHOOK_SECRET": KEY})
    assert run.outcome is Outcome.PASSED, [s.steps for s in run.scenarios]
    assert shop.paths() == ["POST /hooks"] * 3 + ["GET /api/orders/o-17"]
    assert json.loads(shop.seen[-2][3])["data"]["object"]["metadata"] == {"order_id": "o-17"}
