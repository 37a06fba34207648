"""Prints how fast responses are classified, and that doubling a body doubles the time: `python classify_speed.py [NAME …]`."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from smoke.classify import classify_response
from smoke.classify.messages._table import ROWS

SIZE = 8 * 1024 * 1024


def _repeated(text: str) -> bytes:
    data = text.encode()
    return (data * (SIZE // len(data) + 1))[:SIZE]


def _orders(count: int) -> bytes:
    rows = [
        {"id": number, "name": f"Widget {number}", "price": 1299, "message": "all is well", "tags": ["a", "b"]}
        for number in range(count)
    ]  # fmt: skip
    return json.dumps(rows).encode()


BODIES = {
    "text": _repeated("2026-01-01 something failed in the works, an error was printed here\n"),
    "json": _orders(90_000),
    "html": _repeated('<div class="x">text &quot;quoted&quot; error <b>bold</b></div>\n'),
    "quotes": _repeated('"'),
    "violates": _repeated('violates unique constraint "'),
    "nested": b'{"a":' * 100_000 + b"[]" + b"}" * 100_000,
    "nested-8M": _repeated('{"a":'),
    "errors": _repeated("ERROR: "),
    "messages": _repeated('duplicate key value violates unique constraint "abc_uq"\n'),
    "records": _repeated(
        '{"error":"duplicate key value violates unique constraint \\"a\\"","code":"23505"},'
    ),
    "codes": _repeated("23505 "),
    "pairs": _repeated("code: 23505, constraint: x, "),
    "backslashes": _repeated("\\"),
    "tags": _repeated("<error "),
    "base64": _repeated("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk "),
    "templates": _repeated("".join(f"ERROR:  {text}\n" for _, _, text in ROWS)),
    "details": _repeated("DETAIL:  Key (a)=(1) already exists.\n"),
    "chains": _repeated("During handling of the above exception, another exception occurred:\n"),
    "random": random.Random(1).randbytes(SIZE),
}


def _seconds(status: int, body: bytes) -> float:
    media = "application/json" if body[:1] in b"{[" else "text/html"
    started = time.perf_counter()
    classify_response(status, [("content-type", media)], body)
    return time.perf_counter() - started


def main(names: list[str]) -> None:
    """One line for each kind of body."""
    small = _orders(40)
    _seconds(500, small)
    started = time.perf_counter()
    for _ in range(1000):
        _seconds(200, small)
    print(
        f"ordinary 2xx JSON of {len(small)} bytes: {(time.perf_counter() - started) * 1000:.0f} µs"
    )
    print(f"{'':12} {'MB':>6} {'s':>7} {'MB/s':>7} {'twice the size':>15}")
    for name, body in BODIES.items():
        if not names or name in names:
            half, full = _seconds(500, body[: len(body) // 2]), _seconds(500, body)
            megabytes = len(body) / 1e6
            print(
                f"{name:12} {megabytes:6.1f} {full:7.2f} {megabytes / full:7.1f} {full / half:14.1f}x",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
