"""PostgREST and Supabase: a JSON body with code, details, hint and message; the code also in `Proxy-Status`.

RFC 9209 has the header; PostgREST puts its error's code into it, so that an answer to HEAD says it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from smoke.classify.read import codes
from smoke.classify.sqlstate import condition_name
from smoke.classify.text.view import View
from smoke.classify.unwrap.piece import Piece
from smoke.model.dberror import Certainty, DatabaseError

MARKS: tuple[str, ...] = (
    '"hint":',
    '"details":',
    "PostgREST",
    "PGRST",
    "sb-request-id",
    "supabase",
)
SYMBOLS: Mapping[str, str] = {}
_PROXY = re.compile(r"PostgREST[^,]{0,200}?;\s{0,4}error=\"?([0-9A-Z]{5})\"?(?![0-9A-Za-z])")


def read(view: View) -> Iterable[DatabaseError]:
    """The code in Proxy-Status, unless it is PostgREST's own."""
    for header in view.headers:
        if header.name.lower() != "proxy-status":
            continue
        found = _PROXY.search(header.value)
        if found is not None and codes.possible(found[1]):
            piece = Piece(header.value, f"header:{header.name}", charset="latin-1")
            yield DatabaseError(
                sqlstate=found[1],
                condition_name=condition_name(found[1]),
                dialect="postgrest",
                certainty=Certainty.FIELD,
                citations=(piece.cite("sqlstate", *found.span(1)),),
            )
