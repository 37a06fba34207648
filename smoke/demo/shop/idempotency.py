"""The Idempotency-Key header: the same request sent twice orders once.

Same key and same body: the first answer again. Another body: 422. While the first is under way: 409. A refused
or failed request frees its key, since nothing was ordered. (Semantics of draft-ietf-httpapi-idempotency-key-header.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Json

from smoke.demo.shop.call import Call
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.messages import Response, answer
from smoke.demo.shop.pool import Connection, Pool

MAX_LENGTH = 255


def claim(pool: Pool, call: Call, key: str, body: bytes) -> Response | None:
    """The answer that this key already has, or None: the key is ours now, and the request is to be done."""
    if len(key) > MAX_LENGTH or not key.isprintable():
        raise ShopError(400, "invalid_idempotency_key", "That is not an idempotency key")
    fingerprint = hashlib.sha256(body).hexdigest()
    with pool.transaction(call) as database:
        claimed = database.execute(
            "INSERT INTO idempotency_keys (key, fingerprint) VALUES (%s, %s)"
            " ON CONFLICT (key) DO NOTHING",
            (key, fingerprint),
        )
        if claimed.rowcount == 1:
            return None
        row = database.execute(
            "SELECT fingerprint, status, answer FROM idempotency_keys WHERE key = %s", (key,)
        ).fetchone()
    if row is None or row[1] is None:  # released in between, or not answered yet
        raise ShopError(
            409,
            "request_in_progress",
            "A request with this idempotency key is under way",
            headers=(("Retry-After", "1"),),
        )
    if row[0] != fingerprint:
        raise ShopError(
            422, "idempotency_key_reused", "This idempotency key was used for another request"
        )
    assert isinstance(row[2], dict)
    return answer(int(str(row[1])), row[2], (("Idempotency-Replayed", "true"),))


def settle(database: Connection, key: str, status: int, document: Mapping[str, Any]) -> None:
    """Keep the answer, in the transaction of what it answers."""
    database.execute(
        "UPDATE idempotency_keys SET status = %s, answer = %s WHERE key = %s",
        (status, Json(dict(document)), key),
    )


def release(pool: Pool, call: Call, key: str) -> None:
    """Free a key whose request came to nothing."""
    with pool.transaction(call) as database:
        database.execute("DELETE FROM idempotency_keys WHERE key = %s AND status IS NULL", (key,))
