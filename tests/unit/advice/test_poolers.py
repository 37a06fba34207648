"""What each pooler and proxy says of itself is told apart from the database's words, with what to do about it."""

from __future__ import annotations

import json

import pytest

import smoke
from smoke.advice import advise

SAID = {
    "PgBouncer": (
        ("no more connections allowed (max_client_conn)", "SHOW CLIENTS"),
        ("query_wait_timeout", "default_pool_size"),
        ("server login has been failing, cached error: connect failed (server_login_retry)", "log"),
        ("unsupported startup parameter: extra_float_digits", "ignore_startup_parameters"),
        ("no such database: shop", "[databases]"),
    ),
    "Supavisor": (
        ("FATAL: Tenant or user not found", "region"),
        ("Max client connections reached", "limit of client connections"),
        (
            "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
            "6543",
        ),
        (
            "(EMAXCLIENTSESSION) max clients reached in session mode - max clients are limited to pool_size: 15",
            "6543",
        ),
        ("(ECHECKOUTRETRIES) failed to check out a connection after multiple retries", "pool size"),
        ("(EADDRNOTALLOWED) address not in tenant allow_list: {1, 2, 3, 4}", "restrictions"),
        ("(ESESSIONLEAK) SET is not allowed in transaction mode", "SET LOCAL"),
    ),
    "PgCat": (
        ("could not get connection from the pool - AllServersDown", "connect_timeout"),
        ('No pool configured for database: "shop", user: "app"', "[pools]"),
    ),
    "Odyssey": (
        ("odyssey: cc51e3f2ab359: failed to get remote server connection", "pool_timeout"),
        (
            "odyssey: c1: too many active clients for user (pool_size for user shop.app reached 5)",
            "pool_size",
        ),
    ),
    "RDS Proxy": (
        (
            "This RDS Proxy has no credentials for the role app. Check the credentials for this role and try again.",
            "Secrets Manager",
        ),
        ("Timed-out waiting to acquire database connection", "ConnectionBorrowTimeout"),
    ),
    "Hyperdrive": (("Hyperdrive: Invalid database credentials", "wrangler"),),
    "Neon": (
        (
            "Endpoint ID is not specified. Either please upgrade the postgres client library",
            "options=endpoint",
        ),
        ("Couldn't connect to compute node", "repeat"),
        ("Your account or project has exceeded the compute time quota.", "plan"),
    ),
    "Prisma Accelerate": (
        ("Accelerate was not able to process the query in time (P6004)", "index"),
    ),
}
CASES = [(product, *case) for product, cases in SAID.items() for case in cases]


def _explained(message: str) -> str:
    body = json.dumps({"error": f"error: {message}"}).encode()
    found = smoke.classify_response(500, [("content-type", "application/json")], body)
    return advise(found[0]).explanation


@pytest.mark.parametrize(("product", "message", "remedy"), CASES)
def test_a_product_of_its_own(product: str, message: str, remedy: str) -> None:
    explanation = _explained(message)
    assert explanation.startswith(f"The pooler in front of the database answered, {product}: ")
    assert remedy in explanation


@pytest.mark.parametrize(
    "message",
    [
        "no such user: ann",
        "Failed to acquire a connection from the pool",
        "item P6004 is not there",
        "this is not allowed in transaction mode",
        'duplicate key value violates unique constraint "a"',
    ],
)
def test_the_words_of_others_are_no_product(message: str) -> None:
    assert "in front of the database answered" not in _explained(message)
