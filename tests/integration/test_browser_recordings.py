"""A real Chromium orders, what its developer tools save is imported, and the scenario runs without a touch by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke
from smoke.app.importing import imported
from smoke.demo.look import Look
from tests.support.as_postman import as_postman
from tests.support.browser import BROWSER, Page, page
from tests.support.browser_har import Saved
from tests.support.demo import ShopFactory
from tests.support.faces import INCIDENT

PASSWORD = "correct horse 4711"
EMAIL = "ann.berg@shop.example"
PHONE = "+1 555 0100"
TYPED = (EMAIL, PASSWORD, PHONE, "Ann Berg", "4242424242424242")

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
    pytest.mark.xdist_group("html-report"),
]


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser that was never at the shop."""
    with page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


class Customer:
    """Somebody with a browser: opens pages, fills forms, presses their button; or a page whose script calls an API."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._url = url
        self._saved = Saved(page)

    def goes_to(self, path: str) -> None:
        self._saved.keep()
        self._page.open(self._url + path)
        self._saved.keep()

    def submits(self, **typed: str) -> None:
        self._saved.keep()
        for name, value in typed.items():
            self._page.evaluate(
                f"document.querySelector('main input[name={name}]').value = {json.dumps(value)}"
            )
        seen = len(self._page.events)
        self._page.evaluate("document.querySelector('main form button').click()")
        self._page.loaded(seen)
        self._saved.keep()

    def calls(self, path: str, document: object = None, token: str = "") -> dict[str, object]:
        headers = {"Content-Type": "application/json"} if document is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = "" if document is None else json.dumps(document)
        options = json.dumps(
            {"method": "POST", "headers": headers, **({"body": body} if body else {})}
        )
        found: dict[str, object] = self._page.evaluate(
            f"fetch({json.dumps(path)}, {options}).then(answer => answer.json())"
        )
        self._saved.keep()
        return found

    def har(self) -> bytes:
        return self._saved.har()


def in_pages(ann: Customer) -> None:
    ann.goes_to("/accounts/register")
    ann.submits(email=EMAIL, phone=PHONE, name="Ann Berg", password=PASSWORD)
    ann.goes_to("/products/tea-sencha")
    ann.submits()
    ann.goes_to("/checkout/shipping-address")
    ann.submits(phone=PHONE, name="Ann Berg")
    ann.submits()


def in_one_call(ann: Customer) -> None:
    ann.goes_to("/")
    who = {"email": EMAIL, "phone": PHONE, "name": "Ann Berg"}
    items = [{"sku": "tea-sencha", "quantity": 1}]
    paid = {"card_number": "4242424242424242"}
    ann.calls(
        "/api/shop", {"action": "place_order", "customer": who, "items": items, "payment": paid}
    )


def with_a_session(ann: Customer) -> None:
    ann.goes_to("/")
    ann.calls("/store/customers", {"email": EMAIL, "phone": PHONE, "password": PASSWORD})
    known = {"email": EMAIL, "password": PASSWORD}
    token = str(ann.calls("/auth/customer/emailpass", known)["token"])
    cart = f"/store/carts/{ann.calls('/store/carts', token=token)['cart']['id']}"  # type: ignore[index]  # JSON
    ann.calls(f"{cart}/line-items", {"variant_id": "tea-sencha", "quantity": 1}, token)
    ann.calls(cart, {"shipping_address": {"phone": PHONE}}, token)
    ann.calls(f"{cart}/complete", token=token)


def by_graphql(ann: Customer) -> None:
    def asks(query: str, token: str = "", **variables: object) -> dict[str, dict[str, str]]:
        asked = {"query": query, "variables": variables}
        return ann.calls("/graphql", asked, token)["data"]  # type: ignore[return-value]  # JSON

    ann.goes_to("/")
    who = {"email": EMAIL, "phone": PHONE, "password": PASSWORD}
    register = "mutation Register($input: RegisterInput!) { register(input: $input) { token customer { id } } }"
    token = asks(register, input=who)["register"]["token"]
    cart = asks("mutation { createCart { id } }", token)["createCart"]["id"]
    add = "mutation Add($cart: ID!, $sku: String!) { addItem(cartId: $cart, sku: $sku, quantity: 1) { items { sku } } }"
    asks(add, token, cart=cart, sku="tea-sencha")
    place = "mutation PlaceOrder($cart: ID!) { placeOrder(cartId: $cart) { id status total } }"
    asks(place, token, cart=cart)


WAYS = {"html": in_pages, "rest": in_one_call, "session": with_a_session, "graphql": by_graphql}


@pytest.mark.parametrize("saved", ["har", "postman"])
@pytest.mark.parametrize("face", WAYS)
def test_what_a_browser_saved_finds_the_incident(
    browser: Page,
    shop: ShopFactory,
    face: str,
    saved: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARD_NUMBER", "4242424242424242")
    recorded = shop("fixed", look=Look(face))
    ann = Customer(browser, recorded.url)
    WAYS[face](ann)
    assert len(recorded.orders()) == 1
    recording = ann.har() if saved == "har" else as_postman(ann.har())
    (tmp_path / "shop.json").write_bytes(recording)
    made, _ = imported("shop.json", twice=True)
    (tmp_path / "shop.yaml").write_text(made.text, encoding="utf-8")
    assert [each for each in TYPED if each in made.text] == []

    passed = smoke.run("shop.yaml", url=shop("fixed", look=Look(face)).url)
    assert passed.outcome is smoke.Outcome.PASSED, (told(passed), made.text)
    failed = smoke.run("shop.yaml", url=shop("broken", look=Look(face)).url)
    assert failed.outcome is smoke.Outcome.FAILED, made.text
    errors = [each.database_error for each in failed.findings if each.database_error is not None]
    named = {(error.sqlstate, error.constraint_name) for error in errors}
    assert named == {(INCIDENT.sqlstate, INCIDENT.constraint)}, (told(failed), made.text)


def told(run: smoke.Run) -> list[tuple[object, ...]]:
    """Of each step that did not pass, why."""
    return [
        (step.name, step.outcome, step.message, [attempt.mismatches for attempt in step.attempts])
        for scenario in run.scenarios
        for step in scenario.steps
        if step.outcome is not smoke.Outcome.PASSED
    ]
