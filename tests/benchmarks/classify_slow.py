"""Looks for slow bodies: templates in stacks among fillers, made up to 8 MiB: `python classify_slow.py [COUNT] [SEED]`.

Prints the slowest ones with the processor's seconds; one that takes more than a second on a quiet core is a bug.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

sys.path.insert(0, str(Path(__file__).parents[2]))

from smoke.classify import classify_response
from smoke.classify.messages._table import ROWS
from smoke.classify.sqlstate import CONDITIONS

SIZE = 8 * 1024 * 1024
Stack = Callable[[random.Random, str], str]


def _name(rng: random.Random) -> str:
    return rng.choice(
        ["orders_number_key", "x", "Käufer", "a.b", 'say ""hi""', "t" * 63, "%41", "o'brien", "{}"]
    )


def _message(rng: random.Random) -> str:
    rows = [row for row in ROWS if row[1] == "en"] if rng.random() < 0.5 else ROWS
    text = rng.choice(rows)[2]
    return re.sub(r"%(?:\d\$)?[-0-9.*]*(?:l|ll|z)?[sducxXmg]", lambda _: _name(rng), text)


def _json(rng: random.Random, text: str) -> str:
    code = rng.choice(list(CONDITIONS))
    value: object = {
        "error": text, "code": code, "constraint": _name(rng), "stack": f"Error: {text}\n    at x (/a.js:1:1)"
    }  # fmt: skip
    for _ in range(rng.randint(0, 3)):
        value = rng.choice(
            [{"cause": value}, {"body": json.dumps(value)}, [value], {"error": value}]
        )
    return json.dumps(value, ensure_ascii=rng.random() < 0.5) + rng.choice([",", "\n", ""])


STACKS: dict[str, Stack] = {
    "bare": lambda _, text: f"{text}\n",
    "log": lambda _, text: f"2026-11-20 10:00:00.123 UTC [77] ERROR:  {text}\nDETAIL:  Key (a)=(1) already exists.\n",
    "json": _json,
    "html": lambda _, text: f'<div class="alert error"><pre><code>{html.escape(text)}</code></pre></div>\n',
    "table": lambda rng, text: f"<tr><th>code</th><td>{rng.choice(list(CONDITIONS))}</td><td>{html.escape(text)}</td></tr>",
    "xml": lambda rng, text: f"<Error><Code>{rng.choice(list(CONDITIONS))}</Code><Message>{html.escape(text)}</Message></Error>",
    "java": lambda _, text: f"Caused by: org.postgresql.util.PSQLException: ERROR: {text}\n\tat a.b.C(C.java:1)\n",
    "python": lambda _, text: f"Traceback (most recent call last):\npsycopg.errors.UniqueViolation: {text}\n\nDuring handling of the above exception, another exception occurred:\n\n",
    "node": lambda rng, text: f"error: {text}\n    at x (/a.js:1:1) {{\n  code: '{rng.choice(list(CONDITIONS))}',\n  constraint: '{_name(rng)}',\n  [cause]: ",
    "net": lambda rng, text: f" ---> Npgsql.PostgresException (0x80004005): {rng.choice(list(CONDITIONS))}: {text}\n   at x\n",
    "form": lambda _, text: f"error={quote_plus(text)}&code=23505&",
    "sse": lambda _, text: f"event: error\ndata: {json.dumps({'message': text})}\n\n",
    "base64": lambda _, text: base64.b64encode(text.encode()).decode() + " ",
    "go": lambda _, text: f"pq: {text} (SQLSTATE 23505); ",
    "erlang": lambda rng, text: f'{{error,{{error,error,<<"{rng.choice(list(CONDITIONS))}">>,x,<<"{text}">>,[]}}}} ',
    "cut": lambda _, text: text[: len(text) * 2 // 3] + "… ",
    "escaped": lambda _, text: json.dumps(json.dumps({"message": text}))[1:-1],
}  # fmt: skip
FILLERS = (
    *("", " ", "\n", '"', "(", "{", "<b>", "\\", '\\"', "&quot;", "%22", "…", "...", "- ", "漢字 ", "é ", "«", "ERROR: "),
    *("code: 12345, ", "constraint: x, ", "at 23505 ", "lorem ipsum dolor sit amet ", "DETAIL:  Key (", "Caused by: ", "SQLSTATE "),
    *("violates unique constraint ", '"a" does not exist ', "errno=", "<td>", "duplicate key value ", "UniqueViolation ", "[cause]: "),
)  # fmt: skip


def body(rng: random.Random, size: int) -> tuple[str, bytes]:
    """What it is made of, and a body of the size."""
    stack = rng.choice(list(STACKS))
    fillers = [rng.choice(FILLERS) * rng.choice([1, 1, 3, 40]) for _ in range(rng.choice([1, 3]))]
    different = rng.choice([1, 3, 40, 400, 4000])
    units = []
    for _ in range(different):
        units.append(STACKS[stack](rng, _message(rng)) + rng.choice(fillers))
    data = "".join(units).encode("utf-8", "replace")
    whole = (data * (size // len(data) + 1))[:size]
    return f"{stack} × {different}, fillers {[filler[:24] for filler in fillers]}", whole


def seconds(data: bytes, media: str) -> float:
    """The processor's time for one body."""
    started = time.process_time()
    classify_response(500, [("content-type", media)], data)
    return time.process_time() - started


def main(count: int, seed: int) -> None:
    """The slowest bodies."""
    seconds(gzip.compress(b'duplicate key value violates unique constraint "a"'), "text/plain")
    slowest: list[tuple[float, str]] = []
    for number in range(seed, seed + count):
        rng = random.Random(number)
        told, data = body(rng, SIZE)
        media = rng.choice(["application/json", "text/html", "text/plain"])
        taken = seconds(data, media)
        slowest.append((taken, f"seed {number}: {told}, {media}"))
        if taken > 1:
            print(f"{taken:6.2f} s  seed {number}", flush=True)
        slowest = sorted(slowest, reverse=True)[:10]
    for taken, told in slowest:
        print(f"{taken:6.2f} s  {told}")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    main(*[*arguments, *[100, 1][len(arguments) :]])
