"""The names of requests are valid, and stay readable in the evidence whatever the dice say."""

from __future__ import annotations

import random
import re
import uuid

from smoke.engine.trace import Trace
from smoke.redact import Secrets
from smoke.redact.headers import mask_headers


def test_no_name_is_taken_for_a_card_number() -> None:
    dice = random.Random(7)

    def mostly_digits(count: int) -> bytes:
        letter = dice.random() < 0.5
        text = "".join(dice.choice("0123456789" + "abcdef" * letter) for _ in range(count * 2))
        return bytes.fromhex("4" + text[1:])

    for _ in range(3000):
        trace = Trace(mostly_digits)
        headers = trace.names(())
        assert mask_headers(headers, Secrets.of({}), "header") == (headers, [], 0)
        traceparent, request_id = (value.decode() for _, value in headers)
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", traceparent)
        assert uuid.UUID(request_id).version == 4


def test_all_zeros_are_no_id() -> None:
    zeros = iter([True, False, True, False])

    def sometimes(count: int) -> bytes:
        return bytes(count) if next(zeros) else b"\xab" * count

    trace = Trace(sometimes)
    ((_, traceparent),) = trace.names({b"x-request-id"})
    assert traceparent == f"00-{'ab' * 16}-{'ab' * 8}-01".encode()
