"""A database that was not reached is told from any other server, also where the answer did not fail."""

from __future__ import annotations

import json

import pytest

import smoke
from smoke.classify.read._unreachable import OBSTACLES

LIBPQ = 'connection to server at "10.0.0.3", port 5432 failed: Connection refused\n\tIs the server running on that host?'
POOL = "    at /app/node_modules/pg-pool/index.js:45:11\n"
REACHED_NOT = (
    (200, {"errors": [{"message": LIBPQ, "path": ["createOrder"]}], "data": None}),
    (200, {"ok": False, "message": LIBPQ}),
    (200, {"success": False, "error": "connect ECONNREFUSED 10.0.0.3:5432"}),
    (200, f'<html><body><h1>Shop</h1><div class="alert alert-danger">{LIBPQ}</div></body></html>'),
    (500, {"errno": -111, "code": "ECONNREFUSED", "syscall": "connect", "address": "::1", "port": 5432}),
    (500, {"errno": -3008, "code": "ENOTFOUND", "syscall": "getaddrinfo", "hostname": "db.shop.internal"}),
    (500, {"detail": "[Errno 111] Connect call failed ('127.0.0.1', 5432)"}),
    (500, {"detail": "Can't create a connection to host db and port 5499 (timeout is None and source_address is None)."}),
    (500, {"error": "failed to connect to `host=db user=app database=shop`: dial error (dial tcp 10.0.0.5:5499: i/o timeout)"}),
    (500, {"error": "dial tcp: lookup postgres on 127.0.0.11:53: no such host"}),
    (500, {"error": "error communicating with database: Connection refused (os error 111)"}),
    (500, {"name": "SequelizeHostNotFoundError", "message": "getaddrinfo ENOTFOUND x.y"}),
    (500, f"Error: connect ECONNREFUSED 10.0.0.3:6500\n{POOL}"),
    (500, "Error: Failed query: select 1\nparams: \n  cause: Error: connect ECONNREFUSED 10.0.0.3:6500"),
)  # fmt: skip
OTHERS = (
    (200, {"articles": [{"title": "How to fix ECONNREFUSED 127.0.0.1:5432", "body": LIBPQ}]}),
    (200, {"logs": [{"level": "error", "message": "connect ECONNREFUSED 127.0.0.1:5432"}]}),
    (500, {"error": "connect ECONNREFUSED 127.0.0.1:6379"}),
    (500, "Error: connect ECONNREFUSED 127.0.0.1:9200\n    at TCPConnectWrap.afterConnect (node:net:1611:16)"),
    (500, {"code": "ENOTFOUND", "syscall": "getaddrinfo", "hostname": "api.payments.example"}),
)  # fmt: skip


def _codes(status: int, body: object) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body)
    media = "text/html" if text.startswith("<") else "application/json"
    media = media if text[0] in "{<" else "text/plain"
    found = smoke.classify_response(status, [("content-type", media)], text.encode())
    return [finding.code for finding in found]


@pytest.mark.parametrize(("status", "body"), REACHED_NOT)
def test_a_database_is_not_reached(status: int, body: object) -> None:
    assert _codes(status, body) == ["database-unreachable"]


@pytest.mark.parametrize(("status", "body"), OTHERS)
def test_others_are_not_the_database(status: int, body: object) -> None:
    assert "database-unreachable" not in _codes(status, body)


POOLERS = (
    ("FATAL: no such user: shop", "credentials"), ("FATAL:  SASL authentication failed", "credentials"), ('FATAL: database "shop" is disabled', "paused"),
    ("(ETENANTNOTFOUND) tenant/user shop.abc not found", "credentials"), ("Address not in tenant allow_list: {10, 0, 0, 1}", "credentials"),
    ("(ECIRCUITBREAKER) too many authentication errors", "limit"), ("(EDBHANDLEREXITED) connection to database closed. Check logs for more information", "closed"),
    ("RDS Proxy supports only IAM, MD5, or SCRAM authentication", "credentials"), ("The password that was provided for the role shop is wrong.", "credentials"),
    ("The requested endpoint could not be found, or you don't have access to it. Please check the provided ID and try again.", "credentials"),
    ("Failed to acquire permit to connect to the database. Too many database connection attempts are currently ongoing.", "limit"),
    ("too many tcp connections (global client_max 1000)", "limit"), ("FATAL: SSL required", "tls"), ("Console request failed: endpoint is in transition", "paused"),
    ("replica unavailable: (n1,s1):1 unable to serve request to r71", "cluster"), ("server is not accepting clients, try another node", "cluster"),
    ("idle transaction timeout", "closed"), ("client_idle_timeout", "closed"),
    ("FATAL: client_idle_timeout", "closed"), ("FATAL: query timeout", "closed"), ("FATAL: SSL connection is required", "tls"),
    ("This RDS proxy has no credentials for the role shop. Check the credentials for this role and try again.", "credentials"),
    ("odyssey: c1234: route for 'shop.app' is not found", "credentials"), ("odyssey: c1234: too many tcp connections (global client_max 100)", "limit"),
    ("odyssey: c1234: remote server read/write error s567: 08006", "closed"), ("codeProxyRefusedConnection: cluster has reached its resource limit", "limit"),
    ("lost quorum (down: (n1,s1):1); closed timestamp: 1", "cluster"), ("Timed out: Perform RPC (request call id 7) to 10.0.0.1:9100 timed out after 120.000s", "cluster"),
    ("connect ENOENT /cloudsql/p:r:i/.s.PGSQL.5432", "refused"), ("googleapi: Error 403: boss::NOT_AUTHORIZED: Not authorized to access resource.", "credentials"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "kind"), POOLERS)
def test_what_a_pooler_or_a_cluster_says_comes_with_its_cause(said: str, kind: str) -> None:
    for status, media, body in (
        (0, "text/plain", said),
        (500, "application/json", json.dumps({"error": said})),
    ):
        (found,) = smoke.classify_response(status, [("content-type", media)], body.encode())
        assert found.code == "database-unreachable"
        assert found.notes == (OBSTACLES[kind],)
        assert said[-20:] in found.title


DJANGO = """<!DOCTYPE html><html><head><title>InternalError at /checkout</title></head><body>
<div id="summary"><h1>InternalError at /checkout</h1><pre class="exception_value">{said}</pre></div>
<ol start="105" class="pre-context" id="pre1"><li onclick="toggle()"><pre>except UniqueViolation as error:</pre></li>
<li onclick="toggle()"><pre>        'duplicate key value violates unique constraint "orders_key"',</pre></li></ol>
<ol start="107" class="context-line"><li><pre>    if msg.startswith("operator does not exist:") and " json " in msg:</pre></li></ol></body></html>"""


def test_program_text_of_a_debug_page_is_no_error() -> None:
    def told(said: str) -> list[str | None]:
        body = DJANGO.format(said=said).encode()
        found = smoke.classify_response(500, [("content-type", "text/html")], body)
        return [each.database_error.sqlstate for each in found if each.database_error]

    assert told("sku 4711 is out of stock") == []
    assert told("relation &quot;shipments&quot; does not exist") == ["42P01"]
