"""The bytes that prove a finding, marked in the text of a body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from smoke.facts.finding import field_name
from smoke.model.exchange import Exchange
from smoke.model.run import Attempt
from smoke.report.html.elements import Markup, el, joined


class Cited(Struct, frozen=True):
    """A piece that is cited, from `start` to `end`, and what it proves."""

    start: int
    end: int
    fields: tuple[str, ...]


def cited_bytes(attempt: Attempt, exchange: Exchange) -> tuple[Cited, ...]:
    """The bytes of an answer's body that findings cite, in order; those that overlap are one."""
    found = [
        (citation.start, citation.end, field_name(citation.field))
        for finding in attempt.findings
        if finding.exchange_id == exchange.id
        for citation in (
            *finding.citations,
            *(finding.database_error.citations if finding.database_error is not None else ()),
        )
        if citation.part == "body" and citation.start < citation.end
    ]
    merged: list[Cited] = []
    for start, end, name in sorted(found):
        if merged and start < merged[-1].end:
            last = merged.pop()
            fields = tuple(dict.fromkeys((*last.fields, name)))
            merged.append(Cited(last.start, max(last.end, end), fields))
        else:
            merged.append(Cited(start, end, (name,)))
    return tuple(merged)


def in_text(cited: Sequence[Cited], data: bytes, encoding: str) -> tuple[Cited, ...]:
    """The same pieces as places in the text of `data`; none where bytes and characters cannot be told to agree."""
    if encoding.startswith("utf-16"):
        return ()

    def place(offset: int) -> int:
        return len(data[:offset].decode(encoding, "backslashreplace"))

    inside = [each for each in cited if each.end <= len(data)]
    return tuple(Cited(place(each.start), place(each.end), each.fields) for each in inside[:50])


def marked(text: str, cited: Iterable[Cited], start: int = 0, end: int | None = None) -> Markup:
    """The text from `start` to `end` with what is cited in it marked."""
    return joined(*_pieces(text, cited, start, len(text) if end is None else end))


def _pieces(text: str, cited: Iterable[Cited], start: int, end: int) -> Iterator[str]:
    at = start
    for piece in cited:
        first, last = max(piece.start, at), min(piece.end, end)
        if first >= last:
            continue
        yield text[at:first]
        yield el("mark", text[first:last], title=f"read from here: {', '.join(piece.fields)}")
        at = last
    yield text[at:end]
