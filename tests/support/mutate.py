"""Responses changed a little, at random but repeatably: what a classifier must survive."""

from __future__ import annotations

import random
from collections.abc import Iterator

WORDS = [
    'duplicate key value violates unique constraint "', "orders_pkey", '"', "\\", "\\\\", "{", "}", "[", "]", ":", ",", "\n",
    "ERROR:  ", "DETAIL:  Key (", ")=(", ") already exists.", "SQLSTATE[23505]", "23505", "&quot;", "<b>", "</", "<!--", "%22",
    "data: ", "Caused by: ", "During handling of the above exception", "eyJjb2RlIjoiMjM1MDUifQ==", "\x1b[31m", "\\u0022",
    "SqlState(E23505)", "UniqueViolation: ", "constraint: '", "P2002", "null value in column ", "»", "«", "違反", "\x00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "Unique constraint failed on the fields: (`a`)", "severity: 'ERROR'", '"code":"', "code=", "at RAISE", "…",
]  # fmt: skip
"""Pieces that errors are made of."""


def mutations(body: bytes, seed: int, *, count: int) -> Iterator[bytes]:
    """The body with bytes changed, cut, doubled, moved, or words put in."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(body)
        for _ in range(chance.randint(1, 6)):
            place = chance.randint(0, len(data))
            match chance.randint(0, 5):
                case 0:
                    data[place : place + chance.randint(0, 30)] = b""
                case 1:
                    data[place:place] = chance.choice(WORDS).encode("utf-8", "surrogatepass")
                case 2 if data:
                    data[min(place, len(data) - 1)] = chance.randint(0, 255)
                case 3:
                    data[place:place] = data[place : place + chance.randint(0, 200)]
                case 4:
                    del data[place:]
                case _:
                    data[place:place] = chance.choice(WORDS).encode(
                        "utf-8", "surrogatepass"
                    ) * chance.randint(1, 40)
        yield bytes(data)
