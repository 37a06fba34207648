"""Prints what it costs to keep a small body and append its event. Run it: python tests/benchmarks/store_speed.py [N]."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from smoke.model.asked import Target
from smoke.model.events import SCHEMA, ExchangeRecorded, OrderIntended, RunStarted
from smoke.model.exchange import Exchange, RawBody, RawExchange, RawResponse, Request, Window
from smoke.model.run import PlacedOrder, Run
from smoke.redact import Secrets, redact
from smoke.store import RunFolder

RAW = RawExchange(
    "x1",
    Request(
        "POST",
        "http://shop.test/api/shop",
        ((b"Host", b"shop.test"), (b"Content-Type", b"application/json"), (b"Accept", b"*/*")),
        b'{"action":"place_order","email":"someone@example.test"}',
    ),
    RawResponse(
        500,
        b"Internal Server Error",
        headers=((b"Content-Type", b"application/json"), (b"Date", b"now"), (b"Server", b"x")),
        body=RawBody(Window(b'{"code":"23505","constraint":"a_uq","n":1}' * 20)),
    ),
)
SECRETS = Secrets.of({"KEY": "tok_demo_51f0c2d9e8a74b36", "PIN": "pin-4711"})


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as out, RunFolder.create(Path(out), "r1") as folder:
        folder.append(RunStarted("t", Run("r1", SCHEMA, "0", Target(), "t")))
        exchange: Exchange | None = None
        start = time.perf_counter()
        for _ in range(count):
            exchange = redact(
                RAW, SECRETS, lambda part, data: folder.keep(f"s.{part}", data), started_at="t"
            )
        redacted = time.perf_counter()
        assert exchange is not None
        for _ in range(count):
            folder.append(ExchangeRecorded("t", "s", "s", 1, exchange))
        appended = time.perf_counter()
        for _ in range(count):
            folder.keep("k.response", b"x" * 1000)
        kept = time.perf_counter()
        for index in range(100):
            order = PlacedOrder(str(index), "s", "s", exchange_id="x", intended_at="t")
            folder.append(OrderIntended("t", order), sync=True)
        synced = time.perf_counter()
    print(f"redact and keep two bodies  {(redacted - start) / count * 1e3:7.3f} ms")
    print(f"append an exchange          {(appended - redacted) / count * 1e3:7.3f} ms")
    print(f"keep a body of 1,000 bytes  {(kept - appended) / count * 1e3:7.3f} ms")
    print(f"append and sync an order    {(synced - kept) / 100 * 1e3:7.3f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
