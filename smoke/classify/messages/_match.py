"""One occurrence of a template's longest literal to a match, or to nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from smoke.classify.messages import _keys, _names
from smoke.classify.messages._pattern import Hole, MessagePattern, TemplatePiece, compiled

Span = tuple[int, int]

_HEAVY = 30
"""Letters of its own from which on a template is no accident: then its names may be ordinary words without quotes."""

_TYPES = frozenset({"datatype_name", "expression_type", "target_type"})


@dataclass(slots=True)
class Occurrence:
    """What an occurrence gives: where it is, the span of each field, whether it is cut off or lost its quotes.

    `plain`: a name without its quotes is an ordinary word besides.
    """

    start: int
    end: int
    fields: dict[str, Span] = field(default_factory=dict)
    cut: bool = False
    unquoted: bool = False
    plain: bool = False


def match_at(pattern: MessagePattern, text: str, core: Span) -> Occurrence | None:
    """The whole template around one occurrence of its anchor (the span of its words), or None."""
    found = Occurrence(*core)
    whole = _rightwards(pattern, text, found) and _leftwards(pattern, text, found)
    if whole and _apart(pattern, text, found) and not (found.plain and pattern.weight < _HEAVY):
        return found
    return None


def _plausible(value: str, field_name: str) -> bool:
    """Whether a name that the template does not quote can be one: what lies between two words may be prose or JSON."""
    if field_name == "columns":
        return True
    if len(value) > 200 or any(char in value for char in "{}<>\n") or '":' in value:
        return False
    head = value.split(None, 1)[0]
    if field_name in _TYPES:
        return len(value) <= 80
    if field_name == "function_signature":
        return "(" in head
    return head == value


def _apart(pattern: MessagePattern, text: str, found: Occurrence) -> bool:
    r"""Whether it begins and ends at words' edges (an escape such as `\n` in front is none)."""
    first = pattern.pieces[0]
    if first and found.start and first.text[0].isalpha() and ord(first.text[0]) < 0x2E80:
        previous = text[found.start - 1]
        escaped = previous in "nrt" and found.start > 1 and text[found.start - 2] == "\\"
        if (previous.isalnum() or previous == "_") and not escaped and ord(previous) < 0x2E80:
            return False
    last = pattern.pieces[-1]
    if last and found.end < len(text) and last.text[-1].isalnum() and ord(last.text[-1]) < 0x2E80:
        following = text[found.end]
        return not (following.isalnum() or following == "_") or ord(following) >= 0x2E80
    return True


def _rightwards(pattern: MessagePattern, text: str, found: Occurrence) -> bool:
    position = found.end
    for number in range(pattern.anchor.number, len(pattern.holes)):
        hole, piece = pattern.holes[number], pattern.pieces[number + 1]
        if piece is None:
            found.end = _tail(hole, text, position, found)
            return True
        stop = min(len(text), position + hole.limit + 2 * len(piece.text) + 40)
        match = compiled(piece.strict).search(text, position, stop)
        match = match or compiled(piece.loose).search(text, position, stop)
        if match is None:
            return False
        if not fill(hole, text, (position, match.start("core")), found):
            return False
        position = found.end = match.end("core")
    return True


def _leftwards(pattern: MessagePattern, text: str, found: Occurrence) -> bool:
    position = found.start
    for number in range(pattern.anchor.number - 1, -1, -1):
        hole, piece = pattern.holes[number], pattern.pieces[number]
        if piece is None:
            if number > 0:
                return False
            found.start = _head(hole, text, position, found)
            return found.start >= 0
        nearest = _nearest(hole, piece, text, position, found)
        if nearest is None:
            return False
        position = found.start = nearest
    return True


def _nearest(
    hole: Hole, piece: TemplatePiece, text: str, position: int, found: Occurrence
) -> int | None:
    """The start of the nearest occurrence of `piece` before `position` that leaves the hole a fitting value."""
    floor = max(0, position - hole.limit - 2 * len(piece.text) - 40)
    for expression in (piece.strict, piece.loose):
        # quotes behind the piece are looked at, not taken: the end must lie beyond them
        spans = [
            match.span("core") for match in compiled(expression).finditer(text, floor, position)
        ]
        for start, end in reversed(spans[-8:]):
            if end <= position and fill(hole, text, (end, position), found):
                return start
    return None


def fill(hole: Hole, text: str, region: Span, found: Occurrence) -> bool:
    """Puts the region's value into its field; False when it cannot be the value of this hole."""
    if hole.field == "columns_values":
        pair = _keys.split(text, *region)
        if pair is None:
            return False
        found.fields.setdefault("columns", pair[0])
        found.fields.setdefault("values", pair[1])
        return True
    span = _names.between(text, *region, quoted=hole.quoted, half=hole.half)
    if span is None:
        return not hole.quoted or text[region[0] : region[1]].strip(' "\\') == ""
    if hole.is_name:
        if "\n" in text[span[0] : span[1]]:
            return False
        if (
            not hole.quoted
            and not hole.half
            and not _plausible(text[span[0] : span[1]], hole.field)
        ):
            return False
        if hole.quoted and not any(map(_names.is_mark, text[region[0] : span[0]])):
            found.unquoted = True
            found.plain |= not _names.looks_like_a_name(text[span[0] : span[1]])
        if _names.cut_off(text, span):
            found.cut = True
            return True
    if hole.field:
        found.fields[hole.field] = span
    return True


def _tail(hole: Hole, text: str, position: int, found: Occurrence) -> int:
    """Fills the hole at the end of the template; returns where the match ends."""
    if hole.field == "columns_values":
        end = _keys.after(text, position, hole.limit)
        if end is None:
            found.cut = True
            return position
        fill(hole, text, (position, end), found)
        return end
    if hole.quoted:
        span, end, cut = _names.after(text, position)
        found.unquoted |= span is not None and not any(
            map(_names.is_mark, text[position : span[0]])
        )
    elif hole.half:
        span, end, cut = _names.half_after(text, position)
    elif hole.is_name:
        span, end, cut = _names.word_after(text, position)
    else:
        span, end, cut = _names.rest_of_line(text, position, hole.limit)
    if span and hole.field:
        found.fields[hole.field] = span
    found.cut |= cut
    return end


def _head(hole: Hole, text: str, position: int, found: Occurrence) -> int:
    """Fills the hole at the start of the template; returns where the match starts, or -1 when it does not fit."""
    if hole.field == "columns_values":
        start = _keys.before(text, position, hole.limit)
        if start is None or not fill(hole, text, (start, position), found):
            return -1
        return start
    if not hole.quoted:
        word = _names.word_before(text, position) if hole.is_name else None
        if word:
            found.fields[hole.field] = word
        return word[0] if word else position
    span = _names.before(text, position, hole.limit)
    if span is None:
        return -1
    inner = _names.between(text, *span, quoted=True)
    if inner and hole.field:
        found.fields[hole.field] = inner
    return span[0]
