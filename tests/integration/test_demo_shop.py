"""The rules of the demo shop, over HTTP, on a real PostgreSQL."""

from __future__ import annotations

import http.client
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from smoke.demo.postgres import EmbeddedServer
from smoke.demo.serve import demo
from smoke.demo.shop.payments import DECLINED, NO_FUNDS, SLOW
from smoke.diagnostic import SmokeError
from tests.support.demo import ShopFactory
from tests.support.shop_client import Answer, order, post, send

JOBS = "SELECT count(*) FROM h2s_dispatch_jobs"
STOCK = "SELECT stock FROM products WHERE sku = 'tea-sencha'"


def number(dsn: str, question: str) -> int:
    with psycopg.connect(dsn) as database:
        row = database.execute(question.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_every_answer_has_the_ids_that_an_incident_is_traced_by(shop: ShopFactory) -> None:
    url = shop("fixed", version="abc123").url
    answers = [
        send(url, "GET", "/api/health"),
        send(url, "GET", "/nothing"),
        post(url, {"action": "place_order"}),
    ]
    assert [answer.status for answer in answers] == [200, 404, 422]
    for answer in answers:
        assert answer.headers["x-request-id"].startswith("req_")
        assert answer.headers["x-vercel-id"].startswith("dev1::")
        assert answer.headers["x-build-version"] == "abc123"
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


def test_health_names_build_database_and_state(shop: ShopFactory) -> None:
    running = shop("wrong-database", version="2026.11.1")
    answer = send(running.url, "GET", "/api/health")
    assert answer.json == {
        "ok": True,
        "version": "2026.11.1",
        "database": conninfo_to_dict(running.dsn)["dbname"],
        "state": "wrong-database",
    }


def test_an_order_takes_stock_and_makes_a_job_and_cancelling_it_leaves_nothing(
    shop: ShopFactory,
) -> None:
    running = shop("broken")
    stock = number(running.dsn, STOCK)
    placed = post(running.url, order())
    assert placed.status == 201
    document = placed.json["order"]
    assert placed.headers["location"] == f"/api/shop/orders/{document['id']}"
    assert document["total"] == 2 * 1650
    assert document["payment"] == {"status": "captured", "last_four": "4242"}
    assert document["dispatch_job"]["step"] == "step-1"
    assert number(running.dsn, STOCK) == stock - 2
    assert send(running.url, "GET", placed.headers["location"]).json["order"] == document

    cancel = {"action": "cancel_order", "order_id": document["id"]}
    for _ in range(2):  # a second time changes nothing
        cancelled = post(running.url, cancel)
        assert cancelled.status == 200
        assert cancelled.json["order"]["status"] == "cancelled"
        assert cancelled.json["order"]["payment"]["status"] == "refunded"
        assert number(running.dsn, STOCK) == stock
        assert number(running.dsn, JOBS) == 0
    assert running.stats()["payments"] == {"refunded": 1}
    # even the broken shop takes this customer's next order: no job of the first one is left
    assert post(running.url, order()).status == 201


def test_a_checkout_is_ordered_once(shop: ShopFactory) -> None:
    url = shop("fixed").url
    cart = [{"sku": "tea-sencha", "quantity": 1}, {"sku": "pot-cast-iron"}]
    checkout = post(url, {"action": "create_checkout", "items": cart})
    assert (checkout.status, checkout.json["checkout"]["total"]) == (201, 1650 + 5900)
    document = order(checkout_id=checkout.json["checkout"]["id"])
    del document["items"]
    assert post(url, document).json["order"]["total"] == 1650 + 5900
    again = post(url, document)
    assert (again.status, again.json["code"]) == (409, "already_ordered")
    unknown = post(url, order(checkout_id="CHK-0"))
    assert (unknown.status, unknown.json["code"]) == (404, "checkout_not_found")


@pytest.mark.parametrize(
    ("card", "status", "code"),
    [
        (DECLINED, 402, "card_declined"),
        (NO_FUNDS, 402, "insufficient_funds"),
        ("5555555555554444", 402, "test_card_needed"),
        ("hello", 422, "invalid_card"),
        ("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", 422, "invalid_card"),
    ],
)
def test_a_refused_card_leaves_no_order(
    shop: ShopFactory, card: str, status: int, code: str
) -> None:
    running = shop("broken")
    answer = post(running.url, order(payment={"card_number": card}))
    assert (answer.status, answer.json["code"], answer.json["ok"]) == (status, code, False)
    assert card not in answer.body.decode()
    assert running.orders() == []


@pytest.mark.parametrize(
    ("changes", "status", "code", "details"),
    [
        ({"items": []}, 422, "empty_cart", {"field": "items"}),
        ({"items": "tea"}, 422, "empty_cart", {"field": "items"}),
        ({"items": ["tea"]}, 422, "invalid_request", {"field": "items[0]"}),
        ({"items": [{"sku": "no-such"}]}, 422, "unknown_product", {"sku": "no-such"}),
        ({"items": [{"sku": "gift-card"}]}, 409, "out_of_stock", {"sku": "gift-card"}),
        ({"items": [{"sku": "a\u0000b"}]}, 422, "invalid_request", {"field": "items[0].sku"}),
        ({"items": [{"sku": "a\ud800b"}]}, 422, "invalid_request", {"field": "items[0].sku"}),
        ({"items": [{"sku": "x" * 201}]}, 422, "invalid_request", {"field": "items[0].sku"}),
        *(
            (
                {"items": [{"sku": "tea-sencha", "quantity": quantity}]},
                422,
                "invalid_request",
                {"field": "items[0].quantity"},
            )
            for quantity in (0, -1, 1.5, "2", True, None, 100, 10**30)
        ),
        ({"customer": None}, 422, "invalid_request", {"field": "customer"}),
        (
            {"customer": {"email": "no", "phone": "5550100"}},
            422,
            "invalid_request",
            {"field": "customer.email"},
        ),
        (
            {"customer": {"email": "a@b.example", "phone": "call me"}},
            422,
            "invalid_request",
            {"field": "customer.phone"},
        ),
        ({"payment": {}}, 422, "invalid_request", {"field": "payment.card_number"}),
        ({"action": 7}, 422, "invalid_request", {"field": "action"}),
    ],
)
def test_a_bad_order_is_refused_in_plain_words(
    shop: ShopFactory, changes: dict[str, Any], status: int, code: str, details: dict[str, str]
) -> None:
    """A clean 4xx with a code and the field; never a database error, never an order."""
    running = shop("fixed")
    answer = post(running.url, order(**changes))
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["details"] == details
    assert running.orders() == []
    assert running.stats()["payments"].get("captured", 0) == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("POST", "/api/shop", b"{", {}, 400, "invalid_json"),
        ("POST", "/api/shop", b"[]", {}, 400, "invalid_json"),
        ("POST", "/api/shop", b"\xff", {}, 400, "invalid_json"),
        ("POST", "/api/shop", b"[" * 100_000, {}, 400, "invalid_json"),
        ("POST", "/api/shop", b'{"action": "fly"}', {}, 400, "unknown_action"),
        ("GET", "/api/shop", None, {}, 405, "method_not_allowed"),
        ("DELETE", "/api/health", None, {}, 405, "method_not_allowed"),
        ("GET", "/api/shop/orders/ORD-0", None, {}, 404, "order_not_found"),
        ("GET", "/api/shop/orders/%00", None, {}, 404, "order_not_found"),
        ("GET", "/api/shop/orders/", None, {}, 422, "invalid_request"),
        ("POST", "/api/shop", None, {"Content-Length": "-1"}, 400, "invalid_length"),
        ("POST", "/api/shop", None, {"Content-Length": "9999999"}, 413, "too_large"),
        ("POST", "/api/shop", None, {"Transfer-Encoding": "chunked"}, 411, "length_required"),
    ],
)
def test_a_request_that_is_none(
    shop: ShopFactory,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = send(shop("fixed").url, method, path, body, headers)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_the_same_idempotency_key_orders_once(shop: ShopFactory) -> None:
    running = shop("broken")
    first = post(running.url, order(), idempotency_key="key-1")
    again = post(running.url, order(), idempotency_key="key-1")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = post(running.url, order(email="eve@shop.example"), idempotency_key="key-1")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert len(running.orders()) == 1


def test_a_refused_request_frees_its_key(shop: ShopFactory) -> None:
    """Nothing was ordered, so the same key may order, also after a database error."""
    running = shop("broken")
    refused = post(running.url, order(payment={"card_number": DECLINED}), idempotency_key="key-1")
    assert refused.status == 402
    assert post(running.url, order(), idempotency_key="key-1").status == 201
    assert post(running.url, order(), idempotency_key="key-2").status == 500
    running.apply_fix()
    assert post(running.url, order(), idempotency_key="key-2").status == 201


def test_a_key_that_is_under_way_is_not_served_twice(shop: ShopFactory) -> None:
    """While the card processor thinks about the first request, the second is told to wait."""
    running = shop("fixed", slow_card_seconds=60)
    document = order(payment={"card_number": SLOW})
    answers: list[Answer] = []
    first = threading.Thread(
        target=lambda: answers.append(post(running.url, document, idempotency_key="key-1"))
    )
    first.start()
    question = "SELECT count(*) FROM idempotency_keys"
    while number(running.dsn, question) == 0:
        assert first.is_alive()
    second = post(running.url, document, idempotency_key="key-1")
    assert (second.status, second.json["code"]) == (409, "request_in_progress")
    assert second.headers["retry-after"] == "1"
    running.release_slow_cards()
    first.join()
    assert answers[0].status == 201
    assert len(running.orders()) == 1


def test_twenty_orders_at_once_lose_nothing(shop: ShopFactory) -> None:
    """Different carts, in different orders of lines: no deadlock, and the stock comes out right."""
    running = shop("fixed")
    skus = ["tea-sencha", "tea-earl-grey", "pot-cast-iron"]
    stock = number(running.dsn, STOCK)

    def place(index: int) -> int:
        lines = [{"sku": skus[(index + offset) % 3], "quantity": 1} for offset in range(3)]
        return post(running.url, order(email=f"c{index % 4}@shop.example", items=lines)).status

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(place, range(20))) == [201] * 20
    assert number(running.dsn, STOCK) == stock - 20
    assert number(running.dsn, JOBS) == 20


def test_the_last_piece_is_sold_once(shop: ShopFactory) -> None:
    running = shop("fixed")

    def place(index: int) -> int:
        items = [{"sku": "cup-last-one", "quantity": 1}]
        return post(running.url, order(email=f"c{index}@shop.example", items=items)).status

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(place, range(6))) == [201, 409, 409, 409, 409, 409]
    assert running.stats()["payments"] == {"captured": 1, "voided": 5}


def test_a_checkout_ordered_in_two_windows_at_once_is_ordered_once(shop: ShopFactory) -> None:
    """The loser gets a clean 409, and its money back."""
    running = shop("fixed")
    cart = {"action": "create_checkout", "items": [{"sku": "tea-sencha"}]}
    document = order(checkout_id=post(running.url, cart).json["checkout"]["id"])
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: post(running.url, document).status, range(4)))
    assert sorted(answers) == [201, 409, 409, 409]
    assert running.stats()["payments"].get("authorised", 0) == 0


def test_two_orders_at_once_by_one_customer_of_the_broken_shop(shop: ShopFactory) -> None:
    """Exactly one is placed, and the other one's money is let go."""
    running = shop("broken")
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: post(running.url, order()), range(2)))
    assert sorted(answer.status for answer in answers) == [201, 500]
    assert len(running.orders()) == 1
    assert running.stats()["payments"] == {"captured": 1, "voided": 1}


def test_the_shop_counts_what_it_is_asked(shop: ShopFactory) -> None:
    running = shop("broken")
    assert running.stats()["total"] == 0
    post(running.url, order())
    post(running.url, order())
    post(running.url, {"action": "catalogue"})
    post(running.url, {})
    counted = send(running.url, "GET", "/api/_stats").json
    assert counted == running.stats()
    assert counted["total"] == 4
    assert counted["requests"] == {
        "POST /api/shop (refused)": 1,
        "POST /api/shop catalogue": 1,
        "POST /api/shop place_order": 2,
    }
    assert counted["orders"] == {"placed": 1}
    assert counted["answers"] == {"200": 1, "201": 1, "422": 1, "500": 1}


def test_one_connection_carries_many_requests(shop: ShopFactory) -> None:
    """HTTP/1.1 connections are kept, and end with the shop."""
    running = shop("fixed")
    target = urlsplit(running.url)
    assert target.hostname is not None
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
    try:
        for _ in range(3):
            connection.request("GET", "/api/health")
            assert connection.getresponse().read()
        kept = connection.sock
        assert isinstance(kept, socket.socket)
        running.close()
        assert kept.recv(1) == b""
    finally:
        connection.close()


def test_a_port_that_is_taken_is_told_and_nothing_is_left(
    shop: ShopFactory, demo_server: EmbeddedServer
) -> None:
    running = shop("fixed")
    port = urlsplit(running.url).port
    assert port is not None
    question = "SELECT count(*) FROM pg_database"
    before = number(running.dsn, question)
    with pytest.raises(SmokeError, match=f"cannot listen on port {port}"):
        demo("fixed", port=port, server=demo_server)
    assert number(running.dsn, question) == before


def test_a_log_line_cannot_move_a_terminal(demo_server: EmbeddedServer) -> None:
    """What a client writes into its request line is made visible."""
    lines: list[str] = []
    with demo("fixed", server=demo_server, log=lines.append) as running:
        target = urlsplit(running.url)
        with socket.create_connection((target.hostname, target.port)) as connection:
            connection.sendall(b"GET /\x1b[2J HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while connection.recv(4096):
                pass
    assert len(lines) == 1
    assert '"GET /\\x1b[2J HTTP/1.1" 404' in lines[0]
