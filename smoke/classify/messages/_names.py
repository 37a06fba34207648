"""Where a name begins and ends, in whatever quotes."""

from __future__ import annotations

import re

from smoke.classify.messages._pattern import MARKS, NAME_LIMIT, QUOTE

_QUOTE = re.compile(QUOTE)
_QUOTE_AT_END = re.compile(rf"{QUOTE}\s{{0,2}}\Z")
_CLOSERS = {
    "«": "»", "»": "«»", "„": "“”", "“": "”“", "”": "”", "‟": "”", "‘": "’", "’": "’", "‚": "‘’", "‹": "›",
    "›": "‹", "「": "」", "『": "』", "`": "`'´", "´": "´", "&laquo;": "&raquo;", "&raquo;": "&laquo;",
}  # fmt: skip
_NO_NAME = rf"\s{MARKS}<>,;:(){{}}\[\]\\|="
_BARE_NAME = re.compile(rf"[^{_NO_NAME}]{{1,{NAME_LIMIT}}}")
_BARE_NAME_AT_END = re.compile(rf"(?:[^{_NO_NAME}]|\(\)){{1,{NAME_LIMIT}}}\Z")
_TYPE = re.compile(
    r"(?:double precision|(?:character|bit) varying|time(?:stamp)? with(?:out)? time zone)(?:\[\])?"
)
_SIGNATURE = re.compile(rf"[^{_NO_NAME}]{{1,130}}\([^()<>\"\n]{{0,300}}\)")
_ELLIPSES = ("…", "...")
_STICKS = re.compile(r"[^\W_]|_")

Span = tuple[int, int]


def _mark(quote: str) -> tuple[str, str]:
    """Backslashes, mark."""
    bare = quote.lstrip("\\")
    return quote[: len(quote) - len(bare)], bare


def _closes(opener: str, closer: str) -> bool:
    slashes, mark = _mark(opener)
    other_slashes, other = _mark(closer)
    return slashes == other_slashes and other in (
        _CLOSERS.get(mark, mark),
        *_CLOSERS.get(mark, mark),
    )


def cut_off(text: str, span: Span) -> bool:
    """Whether a value ends in an ellipsis: somebody shortened it."""
    return text.endswith(_ELLIPSES, *span)


def between(text: str, start: int, end: int, *, quoted: bool, half: bool = False) -> Span | None:
    """The value between two literals, without its quotes; None when there is nothing, or no quotes nor one word.

    `half`: there may be a quote on one side only.
    """
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if half:
        mark = _QUOTE.match(text, start, end)
        start = mark.end() if mark else start
        mark = _QUOTE_AT_END.search(text, max(start, end - 16), end)
        end = mark.start() if mark else end
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
    if not quoted and not _in_quotes(text, start, end):
        return (start, end) if start < end else None
    opener = _QUOTE.match(text, start, end)
    if opener is None:
        one_word = _BARE_NAME.fullmatch(text, start, end)
        return (start, end) if one_word else None
    closer = _QUOTE_AT_END.search(text, max(opener.end(), end - 16), end)
    if closer is None or not _closes(opener[0], closer[0].rstrip()):
        return None
    inner = (opener.end(), closer.start())
    if inner[0] + 1 < inner[1] and text[inner[0]] == text[inner[1] - 1] == _mark(opener[0])[1]:
        inner = (inner[0] + 1, inner[1] - 1)  # quotes doubled, as in CSV
    spaced = text[inner[0] : inner[1]].strip(" \u00a0\u202f") if opener[0] in "«»" else None
    if spaced:
        at = text.index(spaced, inner[0])
        inner = (at, at + len(spaced))
    return inner if inner[0] < inner[1] else None


def _in_quotes(text: str, start: int, end: int) -> bool:
    opener = _QUOTE.match(text, start, end)
    closer = _QUOTE_AT_END.search(text, max(start, end - 16), end)
    return bool(
        opener and closer and opener.end() <= closer.start() and _closes(opener[0], closer[0])
    )


def after(text: str, start: int) -> tuple[Span | None, int, bool]:
    """The quoted name that begins at `start`: its span, where it ends with its quote, and whether it is cut off."""
    skipped = start
    while skipped < len(text) and skipped < start + 3 and text[skipped].isspace():
        skipped += 1
    opener = _QUOTE.match(text, skipped)
    if opener is None:
        return _unquoted(text, skipped, start)
    stop = min(len(text), opener.end() + NAME_LIMIT)
    newline = text.find("\n", opener.end(), stop)
    stop = _string_end(text, opener, newline if newline >= 0 else stop)
    closers = [mark for mark in _single(text, opener, stop) if not _STICKS.match(text, mark.end())]
    if not closers:
        return None, stop, True
    chosen = closers[0]
    if len(closers) > 1:
        chosen = _outermost(text, opener, closers, stop)
    inner = between(text, skipped, chosen.end(), quoted=True)
    mark = _mark(opener[0])[1]
    if inner and text.startswith(mark, inner[0]) and text.startswith(mark, chosen.end()):
        inner = (inner[0] + len(mark), inner[1])  # quotes doubled, as in CSV
    if inner and cut_off(text, inner):
        return None, chosen.end(), True
    return inner, chosen.end(), False


def _string_end(text: str, opener: re.Match[str], stop: int) -> int:
    """Where the line ends in a string that escapes the name's marks: at its closing mark, with fewer backslashes."""
    slashes, kind = _mark(opener[0])
    if not slashes:
        return stop
    for found in _QUOTE.finditer(text, opener.end(), stop):
        before, other = _mark(found[0])
        if other == kind and len(before) < len(slashes):
            stop = found.start()
            break
    line = text.find(f"{slashes}n", opener.end(), stop)
    return line if line >= 0 else stop


def _single(text: str, opener: re.Match[str], stop: int) -> list[re.Match[str]]:
    """The marks that may close the name: two of one kind side by side are one inside it, doubled.

    But for the name's and that of a text around it, and where the opener is doubled, as all marks of a CSV field are.
    """
    marks = [
        mark for mark in _QUOTE.finditer(text, opener.end(), stop) if _closes(opener[0], mark[0])
    ]
    if text.startswith(_mark(opener[0])[1], opener.end()) or _within_quotes(text, opener):
        return marks
    found: list[re.Match[str]] = []
    at = 0
    while at < len(marks):
        mark, following = marks[at], marks[at + 1] if at + 1 < len(marks) else None
        doubled = (
            following is not None
            and mark.end() == following.start()
            and mark[0] == following[0]
            and text[following.end() : stop].strip(_LINE_END) != ""
        )
        if not doubled:
            found.append(mark)
        at += 2 if doubled else 1
    return found


_LINE_END = " .。\r"
_BEFORE = 400
"""How far before a name the beginning of its line is looked for."""


def _outermost(
    text: str, opener: re.Match[str], closers: list[re.Match[str]], stop: int
) -> re.Match[str]:
    """Which quote closes the name: a later one where the name holds quotes, for the line's do not pair off otherwise."""
    first = closers[0]
    if _CLOSERS.get(_mark(opener[0])[1]) is not None:
        return first
    if _within_quotes(text, opener):
        # `"… constraint "say "hi" key"", detail: …`: the name's quote and the text's stand side by side
        return next((each for each in closers if _BOTH_END.match(text, each.end())), first)
    if _SUFFIX.match(text, first.end()):
        return first
    ends = text[closers[-1].end() : stop].strip(_LINE_END) == ""
    for last in closers[:0:-1][:_LAST]:
        marks = sum(
            1
            for mark in _QUOTE.finditer(text, first.end(), last.end())
            if _closes(opener[0], mark[0])
        )
        over = (ends and last is closers[-1]) or _SUFFIX.match(text, last.end())
        if over and marks % 2 == 1:
            return last
    return first


_LAST = 8
_BOTH_END = re.compile(r"\"(?:[,;)}\]>]|\s|\Z)")
_SUFFIX = re.compile(
    r" \((?:SQLSTATE |SQLState: |[0-9A-Z]{5}\)|P[QG]::)|;[\r\n]|'|,? \.?(?:[Dd]etail|table|constraintName|schemaName|severity): | in (?:/|<)| at /|\\{1,8}n[^\W\d_]{3,14}: "
)
"""What drivers write behind the server's message on its line."""


def _within_quotes(text: str, opener: re.Match[str]) -> bool:
    """Whether the message stands in quotation marks itself: one is open before it on its line."""
    floor = max(0, opener.start() - _BEFORE)
    line = text.rfind("\n", floor, opener.start())
    start = line + 1 if line >= 0 else floor
    before = sum(1 for mark in _QUOTE.finditer(text, start, opener.start()) if mark[0] == opener[0])
    return before % 2 == 1


def _unquoted(text: str, start: int, base: int) -> tuple[Span | None, int, bool]:
    if start >= len(text):
        return None, base, True
    word = _BARE_NAME.match(text, start)
    if word is None:
        return None, base, False
    if cut_off(text, word.span()):
        return None, word.end(), True
    end = word.end()
    while end > start and text[end - 1] in ".。":
        end -= 1
    # a word of prose is no name: a wrapper that drops the quotes leaves it at the end, or it looks like one
    alone = end >= len(text) or text[word.end() :].lstrip(" ")[:1] in {"", "\n", "\r"}
    if looks_like_a_name(word[0]) or alone:
        return ((start, end), end, False) if end > start else (None, base, True)
    return None, base, False


def word_after(text: str, start: int) -> tuple[Span | None, int, bool]:
    """The name at `start` that the template does not quote: up to the next space or mark."""
    while start < len(text) and text[start] in " \t\n\u00a0":
        start += 1
    if start < len(text) and is_mark(text[start]):
        return after(text, start)
    word = (
        _TYPE.match(text, start) or _SIGNATURE.match(text, start) or _BARE_NAME.match(text, start)
    )
    if word is None:
        return None, start, start >= len(text)
    end = word.end()
    while end > start and text[end - 1] in ".。":
        end -= 1
    if cut_off(text, (start, word.end())):
        return None, word.end(), True
    return ((start, end) if end > start else None), end, False


def rest_of_line(text: str, start: int, limit: int) -> tuple[Span | None, int, bool]:
    """The text at `start` up to the end of its line."""
    while start < len(text) and text[start] in " \t\u00a0":
        start += 1
    stop = min(len(text), start + limit)
    for end_mark in ("\n", "\\n", "\r"):
        found = text.find(end_mark, start, stop)
        stop = found if found >= 0 else stop
    end = stop
    while end > start and text[end - 1] in " .。\t":
        end -= 1
    return ((start, end) if end > start else None), end, False


def before(text: str, end: int, limit: int) -> Span | None:
    """The quoted name that ends at `end`; the span takes in its quotes."""
    floor = max(0, end - limit)
    newline = text.rfind("\n", floor, end)
    floor = newline + 1 if newline >= 0 else floor
    marks = list(_QUOTE.finditer(text, floor, end))
    if not marks or text[marks[-1].end() : end].strip():
        return None
    closer = marks[-1]
    for opener in reversed(marks[:-1]):
        if _closes(opener[0], closer[0]) and not (
            opener.start() and _STICKS.match(text[opener.start() - 1])
        ):
            return opener.start(), closer.end()
    return None


def half_after(text: str, start: int) -> tuple[Span | None, int, bool]:
    """The name at `start`, inside quotes that were opened before it or that are never closed."""
    stop = min(len(text), start + NAME_LIMIT)
    newline = text.find("\n", start, stop)
    stop = newline if newline >= 0 else stop
    opener = _QUOTE.match(text, start)
    begin = opener.end() if opener else start
    for mark in _QUOTE.finditer(text, begin, stop):
        if not _STICKS.match(text, mark.end()):
            return between(text, begin, mark.start(), quoted=False), mark.end(), False
    return between(text, begin, stop, quoted=False) if opener else None, stop, opener is None


def word_before(text: str, end: int) -> Span | None:
    """The name that the template does not quote and that ends at `end`: back to the last space or mark."""
    while end and text[end - 1] in " \t\u00a0":
        end -= 1
    word = _BARE_NAME_AT_END.search(text, max(0, end - NAME_LIMIT), end)
    return word.span() if word else None


def looks_like_a_name(word: str) -> bool:
    """Whether it is hardly a word of prose: it has an underscore, a digit, or a dot inside."""
    return "_" in word or "." in word[1:-1] or any(char.isdigit() for char in word)


def is_mark(char: str) -> bool:
    """Whether it is one of the quoting marks."""
    return char in MARKS
