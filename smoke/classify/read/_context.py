"""Whether a record tells of an error, or its values may as well be the shop's own texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from smoke.classify.read import _beside, _given_back, _keys
from smoke.classify.read._sweep import Table
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue

MANY = 500
"""Of an object with more values these tell what it is, so that one with a hundred thousand costs no more than a text."""


@dataclass(slots=True)
class Context:
    """What the readers of records need to know of the response."""

    table: Table
    failed: bool
    server: bool = False
    healthy: bool = False
    quiet: bool = False
    """Whether it is a page that did not fail, or whose address or visitor was refused: much else stands on it."""
    rows: set[int] = field(default_factory=set)


def errorish(record: LabelledRecord, context: Context) -> bool:
    """Whether the record speaks of an error: it, what it stands in, or what stands beside says so."""
    path = record.path()
    if any(_keys.is_errorish(key) for key in path):
        return True
    values = record.values[:MANY]
    if any(_keys.is_errorish(value.key) and value.raw not in _beside.EMPTY for value in values):
        return True
    if _beside.says_failed(record) or _beside.is_notice(record):
        return True
    return context.failed and not any(
        _keys.is_product(key) for key in path if not _keys.is_message(key)
    )


def is_unreliable(
    record: LabelledRecord, value: RecordValue, context: Context, *, trusted: bool
) -> bool:
    """Whether a value stands where the shop's own texts stand, or what was sent is given back."""
    key = value.key or record.key
    path = record.path()
    unreliable = _keys.plain(key) in {"example", "examples"}
    if (
        not unreliable
        and not _keys.is_errorish(key)
        and not any(_keys.is_errorish(name) for name in path)
    ):
        siblings = _beside.speaks_of_error(record)
        products = any(_keys.is_product(name) for name in path)
        if _beside.is_notice(record):
            unreliable = False
        elif context.healthy and _beside.judge_once(record, _beside.is_stored):
            unreliable = True
        elif _keys.is_product(key) and not _keys.is_message(key):
            unreliable = not (siblings and not products)
        elif products:
            unreliable = not siblings
        elif not trusted and not context.failed:
            unreliable = (
                not _keys.is_message(key)
                or _keys.is_product(key)
                or _beside.is_a_thing(record)
                or (context.healthy and bool(path) and _beside.is_tracked(record))
                or (
                    context.healthy
                    and bool(path)
                    and "msg" not in key.lower()
                    and "message" not in key.lower()
                )
            )
    if context.healthy and any(map(_keys.is_earlier, (key, *path))):
        return True
    if context.failed and not unreliable and _given_back.is_content(record, value):
        return True
    return unreliable or _beside.is_echo(record, value)
