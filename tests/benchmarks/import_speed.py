"""How long `smoke import` takes for a large HAR, and how much memory: `python -m tests.benchmarks.import_speed [MEGABYTES]`."""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADERS = [{"name": "User-Agent", "value": "Mozilla/5.0"}, {"name": "Cookie", "value": "s=0123456789abcdef"}]  # fmt: skip


def entry(method: str, path: str, kind: str, content: dict[str, Any], sent: str = "") -> str:
    posted = {"postData": {"mimeType": "application/json", "text": sent}} if sent else {}
    asked = {"method": method, "url": f"https://shop.example{path}", "headers": HEADERS, **posted}
    answer = {"status": 200, "headers": [{"name": "content-type", "value": kind}], "content": content}  # fmt: skip
    return json.dumps({"request": asked, "response": answer})


def entries(size: int) -> Iterator[str]:
    """A visit: scripts with 30 kB each, lists of products, and at the end an order."""
    made = number = 0
    while made < size:
        number += 1
        if number % 50 == 7:
            items = [{"id": f"p{number}-{each}", "name": "tea"} for each in range(500)]
            text = entry("GET", f"/api/products/{number}", "application/json", {"text": json.dumps({"items": items})})  # fmt: skip
        else:
            script = {
                "mimeType": "application/javascript",
                "text": base64.b64encode(os.urandom(30_000)).decode(),
                "encoding": "base64",
            }
            text = entry("GET", f"/static/{number}.js", "application/javascript", script)
        made += len(text)
        yield text
    order = json.dumps({"order": {"id": "ORD-123456789"}})
    yield entry("POST", "/api/orders", "application/json", {"text": order}, '{"sku": "tea"}')


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.har"
        with path.open("w", encoding="utf-8") as file:
            file.write('{"log": {"version": "1.2", "entries": [')
            for number, text in enumerate(entries(megabytes * 1_000_000)):
                file.write(("," if number else "") + text)
            file.write("]}}")
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "smoke", "import", str(path), "--to", "-"], capture_output=True, text=True, check=True)  # fmt: skip
        wall = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        steps = done.stdout.count("\n  - name: ")
        print(f"{path.stat().st_size / 1e6:.0f} MB: {wall:.1f} s, processor {used.ru_utime + used.ru_stime:.1f} s, at most {used.ru_maxrss / 1024:.0f} MiB, {steps} steps")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
