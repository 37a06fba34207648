"""Ids in a response with which it can be found in somebody's log.

The headers are in the table of `smoke.model.correlation`.
"""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.text.view import View
from smoke.model.correlation import id_header
from smoke.model.finding import Correlation

_KEYS = words("""requestid traceid correlationid errorid eventid digest referenceid incidentid reference ref xrequestid requestidentifier
    logid ticket supportid trackingid sentryid spanid awsrequestid errorreference""")
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{4,127}\Z")
_WRITTEN = re.compile(
    r"(?i)\b(digest|error id|request id|reference|ray id|correlation id|trace id|error reference|please quote|event id|incident id)"
    r"(?:[ ]?[:#=]|[ ]is)?\s{1,20}((?=[A-Za-z:-]{0,63}\d)[A-Za-z0-9:-]{6,64})(?![\w-])"
)
_PAGE_ID = re.compile(r"data-dgst=\"([A-Za-z0-9-]{6,40})\"")
_MAX = 20


def correlations(view: View) -> tuple[Correlation, ...]:
    """The ids of headers, JSON fields and sentences, headers first, each once."""
    found = [
        Correlation(header.name, header.value[:200])
        for header in view.headers
        if header.value and id_header(header.name) is not None
    ]
    for record in view.records[:2000]:
        for value in record.values:
            name = re.sub(r"[^a-z]", "", value.key.lower())[:40]
            if (
                name in _KEYS
                and _VALUE.match(value.raw)
                and value.raw not in {"false", "true", "undefined"}
            ):
                found.append(Correlation(value.key, value.raw))
    if view.failed and len(view.text) < 1_000_000:
        for piece in view.texts[:50]:
            found.extend(
                Correlation(match[1].lower(), match[2])
                for match in list(_WRITTEN.finditer(piece.text))[:5]
            )
        found.extend(
            Correlation("digest", match[1]) for match in list(_PAGE_ID.finditer(view.text))[:2]
        )
    seen: dict[str, Correlation] = {}
    for entry in found:
        seen.setdefault(entry.value, entry)
    return tuple(list(seen.values())[:_MAX])
