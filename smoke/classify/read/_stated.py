"""The cause that a failed response states in its own words: `{"error": {"message": "Cart not found", "status": 500}}`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smoke.classify._words import words
from smoke.classify.read import _keys
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue
from smoke.model.dberror import Citation
from smoke.text import shorten

_MESSAGES = words(
    "message msg error errormessage errordescription detail details description reason title cause errors"
)
_EMPTY = re.compile(
    r"(?i)\A[\W_]{0,9}(?:an? |the |sorry[,!.]? |oops[,!.]? |error:? ){0,3}"
    r"(?:(?:internal |unexpected |unknown |general |generic |server |application |service |system |database |db |unhandled |fatal |runtime ){0,3}"
    r"(?:errors?|exceptions?|failures?|faults?)|something went wrong|bad gateway|service unavailable|gateway time-?out"
    r"|(?:the )?(?:\w{1,30} ){0,3}(?:failed|unavailable)|(?:failed|unable|could not|couldn't|cannot|can't|error|problem)(?: while| when)? (?:to )?"
    r"(?:\w{1,30} ){0,6}\w{1,30}|try again(?: later)?|500|5\d\d [\w ]{1,40}|null|undefined|\[object Object\])"
    r"(?: (?:has )?occurr?ed)?(?: on the server)?[\W_]{0,9}(?:please )?(?:try again(?: later)?|contact [\w ]{1,40})?[\W_]{0,9}\Z"
)
"""Words that say that something failed, and not what: `Internal Server Error`, `Could not place order`."""
_NAME = re.compile(r"[A-Za-z0-9]{1,60}(?:[_.:-][A-Za-z0-9]{1,60}){0,6}\Z")
"""A name of an error (`CHECKOUT_FAILED`, `InternalServerError`) is no sentence."""
_LONGEST = 1000
_MOST = 300
_RECORDS = 200


@dataclass(frozen=True, slots=True)
class Stated:
    """The words, and where they stand."""

    words: str
    citation: Citation


def stated(view: View) -> Stated | None:
    """What the response says went wrong, where it says more than that something did; None otherwise."""
    for record in view.records[:_RECORDS]:
        for value in record.values:
            if _is_message(record, value) and (found := _sentence(record, value)) is not None:
                return found
    media_type = view.media_type.lower()
    if (
        media_type.startswith("text/plain")
        and len(view.text) <= _MOST
        and "\n" not in view.text.strip()
    ):
        for piece in view.texts[:1]:
            if tells(piece.text):
                return Stated(
                    " ".join(piece.text.split()), piece.cite("message", 0, len(piece.text))
                )
    return None


def _is_message(record: LabelledRecord, value: RecordValue) -> bool:
    if value.kind != "string" or _keys.plain(value.key or record.key) not in _MESSAGES:
        return False
    path = record.path()
    return not any(_keys.is_sql(key) for key in path) and (
        len(path) == 0
        or any(_keys.is_errorish(key) for key in path)
        or _keys.plain(path[-1]) == "data"
    )


def _sentence(record: LabelledRecord, value: RecordValue) -> Stated | None:
    leaf = record.leaf(value)
    if not tells(leaf.text):
        return None
    return Stated(
        shorten(" ".join(leaf.text.split()), _MOST), leaf.cite("message", 0, len(leaf.text))
    )


def gives_reason(record: LabelledRecord) -> bool:
    """Whether a message of the record says more than that something failed."""
    return any(
        value.kind == "string" and _keys.plain(value.key) in _MESSAGES and tells(value.raw)
        for value in record.values[:_RECORDS]
    )


def tells(text: str) -> bool:
    """Whether a message says more than that something failed."""
    said = text.strip()
    return (
        3 < len(said) <= _LONGEST
        and not said.startswith(("{", "[", "<"))
        and _NAME.match(said) is None
        and not says_nothing(said)
    )


def says_nothing(text: str) -> bool:
    """Whether a message says only that something failed."""
    return _EMPTY.match(" ".join(text[:_LONGEST].split())) is not None
