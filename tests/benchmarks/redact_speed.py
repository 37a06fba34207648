"""Prints how fast bodies are masked: ordinary ones, and bait. Run it: python tests/benchmarks/redact_speed.py [MB]."""

from __future__ import annotations

import json
import sys
import time

from smoke.redact import Masker, Secrets

SECRETS = Secrets.of(
    {"KEY": "tok_demo_51f0c2d9e8a74b36", "PIN": "pin-4711", "DB": "p@ss w0rd&=+%/end"}
)
ROW = {
    "id": 17,
    "sku": "SKU-000017",
    "name": "Blue cotton shirt, long sleeves",
    "price_cents": 4995,
    "created_at": "2026-11-23T10:11:12.123Z",
    "tags": ["new", "cotton", "blue"],
    "customer_email": "someone@example.test",
}
ORDINARY = {
    "json": json.dumps([ROW] * 50).encode(),
    "html": b'<tr class="row"><td>Blue cotton shirt &amp; socks</td><td>49.95</td></tr>\n',
    "text": b"The quick brown fox jumps over the lazy dog, and then some more text follows.\n",
    "one letter": b"x",
    "json with tokens": json.dumps({**ROW, "token": "abcdef"}).encode(),
}
BAIT = {
    "digits": b"4242424242424242",
    "digit groups": b"4242 4242 4242 424 ",
    "digits and dashes": b"4-2-4-2-",
    "quotes": b'"',
    "backslashes": b"\\",
    "escaped quotes": b'\\"',
    "keys without values": b'"password":',
    "open values": b'"password":"',
    "base64": b"QUJDREVGR0hJSktMTU5P",
    "begun tokens": b"eyJ",
    "begun keys": b"sk_live_",
    "begun private keys": b"-----BEGIN PRIVATE KEY-----",
    "begun URLs": b"://a:",
    "colons": b"a:",
    "equals": b"token=",
    "percent": b"%25",
    "entities": b"&amp;",
    "begun secrets": b"tok_demo_51f0c2d9e8a74b3",
    "anchors": b"51f0c2d9e8a74b36",
    "backslash u": b"\\u0074",
    "letters": b"a",
    "cookies": b"Cookie: a=b;",
}


def seconds(data: bytes) -> tuple[float, int]:
    """CPU seconds to mask the bytes as they come in pieces of 64 KiB, and how often something was masked."""
    masker = Masker(SECRETS)
    start = time.process_time()
    for at in range(0, len(data), 65536):
        masker.feed(data[at : at + 65536])
    masker.finish()
    return time.process_time() - start, masker.count


def main(size: int) -> None:
    for name, piece in {**ORDINARY, **BAIT}.items():
        small, _ = seconds((piece * (size // 10 // len(piece) + 1))[: size // 10])
        large, count = seconds((piece * (size // len(piece) + 1))[:size])
        print(
            f"{name:24} {size / large / 1e6:9.1f} MB/s   {count:8} masks   x{large / max(small, 1e-6):5.1f} for ten times the text",
            flush=True,
        )


if __name__ == "__main__":
    main(int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 10_000_000)
