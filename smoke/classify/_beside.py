"""What stands beside a value in its record, and says what the value is worth."""

from __future__ import annotations

import re

from smoke.classify import _keys
from smoke.classify._words import words
from smoke.classify.unwrap.jsonish import Record, Value

NEIGHBOURS = 200
"""Of a record with more values the first ones tell what it is about."""
_ECHOES = words("value input received rejectedvalue attemptedvalue givenvalue actual invalidvalue")
_FIELDS_OF_FORMS = words("field loc path param property pointer location instancepath")


def is_echo(record: Record, value: Value) -> bool:
    """Whether a failed validation gives back what was sent."""
    if _keys.plain(value.key) not in _ECHOES:
        return False
    names = {_keys.plain(other.key) for other in record.values[:NEIGHBOURS]}
    names |= {_keys.plain(child.key) for child in record.children[:NEIGHBOURS]}
    return not _FIELDS_OF_FORMS.isdisjoint(names)


def says_failed(record: Record) -> bool:
    """Whether the record says so itself: `ok: false`, `statusCode: 500`."""
    for value in record.values:
        name = _keys.plain(value.key)
        if value.raw == "false" and name in {"ok", "success", "succeeded"}:
            return True
        if name in {"statuscode", "status", "httpstatus"} and re.fullmatch(r"5\d\d", value.raw):
            return True
    return False


_BUSINESS = re.compile(
    r"(?i)\b(?:cards?|payments?|charged?|declined?|refund\w*|zip|postal|sms|phone|voucher|coupon|shipping|carrier|tracking|invoice"
    r"|captcha|password|login|token|otp)\b"
)


def about_business(record: Record) -> bool:
    """Whether the message beside a code speaks of what has codes of its own."""
    return any(
        value.kind != "word"
        and (_keys.is_errorish(value.key) or _keys.is_message(value.key))
        and _BUSINESS.search(value.raw[:400]) is not None
        for value in record.values
    )
