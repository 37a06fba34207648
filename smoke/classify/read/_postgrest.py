"""PostgREST's own codes (`PGRST204`): what it answers of itself, not of the database behind it.

Source: PostgREST's documentation, "Errors" (docs.postgrest.org). The codes of group 0 say that the database was not reached.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from smoke.classify.read import _keys
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord
from smoke.model.dberror import Citation
from smoke.text import shorten

_CODE = re.compile(r"PGRST(?:[1-9]\d{2}|X\d{2})")
_PROXY = re.compile(r"PostgREST[^,]{0,200}?;\s{0,4}error=\"?(PGRST(?:[1-9]\d{2}|X\d{2}))")
_MOST = 300


@dataclass(frozen=True, slots=True)
class OwnCode:
    """A code of PostgREST's own, the message beside it, where both stand, and the record that holds them."""

    code: str
    message: str
    citations: tuple[Citation, ...]
    record: LabelledRecord | None


def own(view: View) -> OwnCode | None:
    """The first code of PostgREST's own in the response's records, or in its `Proxy-Status` header (RFC 9209)."""
    for record in view.records:
        for value in record.values:
            if value.kind == "word" or not _CODE.fullmatch(value.raw.strip()):
                continue
            if _keys.is_code(value.key) or _keys.is_state(value.key):
                leaf = record.leaf(value)
                message, more = _message(record)
                cited = (leaf.cite("code", 0, len(leaf.text)), *more)
                return OwnCode(value.raw.strip(), message, cited, record)
    found = _PROXY.search(view.header("proxy-status"))
    return OwnCode(found[1], "", (), None) if found is not None else None


def _message(record: LabelledRecord) -> tuple[str, tuple[Citation, ...]]:
    for value in record.values:
        if value.kind != "word" and _keys.plain(value.key) in {"message", "msg"}:
            leaf = record.leaf(value)
            cited = leaf.cite("message_primary", 0, len(leaf.text))
            return shorten(" ".join(leaf.text.split()), _MOST), (cited,)
    return "", ()
