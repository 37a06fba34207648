"""Prints how fast a log is read for one exchange, and in how much memory. Run it: python tests/benchmarks/log_speed.py [MB]."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smoke.app.server_log import ServerLog
from smoke.logs.match import find_error
from smoke.logs.wanted import Wanted

AT = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
EMAIL = "smoke.ada.abcdefghjkmn@example.com"
MESSAGE = 'duplicate key value violates unique constraint "jobs_uq"'
IDS = tuple(f"{n:032x}" for n in range(10))


def stderr(at: datetime, n: int) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.{n % 1000:03} UTC [{n % 97}] app@shop shop LOG:  duration: 1.234 ms  execute <unnamed>: select * from orders where id = $1\n"


def errors(at: datetime, n: int) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.{n % 1000:03} UTC [{n % 97}] app@shop shop ERROR:  {MESSAGE}\n"


def jsonlog(at: datetime, n: int) -> str:
    fields = {
        "timestamp": f"{at:%Y-%m-%d %H:%M:%S}.{n % 1000:03} UTC", "pid": n % 97, "dbname": "shop", "error_severity": "LOG",
        "message": "duration: 1.234 ms  execute <unnamed>: select * from orders where id = $1", "application_name": "shop",
    }  # fmt: skip
    return json.dumps(fields) + "\n"


def pino(at: datetime, n: int) -> str:
    fields = {"level": 30, "time": int(at.timestamp() * 1000) + n % 1000, "reqId": f"req-{n}", "msg": "request completed", "statusCode": 200}  # fmt: skip
    return json.dumps(fields) + "\n"


def one_line(_at: datetime, _n: int) -> str:
    return "x" * 200


def write(path: Path, size: int, line: Callable[[datetime, int], str]) -> None:
    """A log of about that many bytes, with the error of the exchange in its middle."""
    count = size // len(line(AT, 0))
    with path.open("w", encoding="utf-8") as file:
        for begin in range(0, count, 5000):
            # a few hours of log around the exchange
            at = AT + timedelta(seconds=(begin - count // 2) / count * 20_000)
            file.write("".join(line(at, n) for n in range(begin, min(begin + 5000, count))))
            if begin <= count // 2 < begin + 5000:
                stamp = f"{AT:%Y-%m-%d %H:%M:%S}.100 UTC"
                file.write(f"\n{stamp} [7] app@shop shop ERROR:  {MESSAGE}\n{stamp} [7] app@shop shop DETAIL:  Key (email)=({EMAIL}) already exists.\n")  # fmt: skip


def main(size: int) -> None:
    wanted = Wanted(AT, AT + timedelta(seconds=1), ids=IDS, keys=(EMAIL,))
    for line in (stderr, jsonlog, pino, one_line, errors):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log"
            write(path, size, line)
            log = ServerLog(str(path), whole=True)
            start = time.process_time()
            entries = log.entries(wanted)
            read = time.process_time() - start
            answer = find_error(entries, wanted)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            found = answer.error.constraint_name if answer.error else answer.reason
            print(f"{line.__name__:10} {path.stat().st_size / read / 1e6:8.0f} MB/s of CPU time   {memory:5} MiB at most   {len(entries):7} entries   {found}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 200_000_000)
