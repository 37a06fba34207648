"""Whether a message or a code stands where an error speaks, or where somebody writes about one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smoke.classify.messages import MessageMatch
from smoke.classify.read import _failing, _given_back
from smoke.classify.read._labels import Label, Strength
from smoke.classify.read.symbols import Symbol

LIGHT = 24
_ABOUT = re.compile(
    r"(?i)\b(?:how (?:do i|to)|what (?:is|does|are|to do)|why (?:do|does|is)|fix(?:ing|es|ed)?|articles?|faq|documentation|docs|see also|learn"
    r"|troubleshoot\w*|for example|e\.g\.|tutorial|guide|such as|read more|mean(?:s|ing)?|avoid(?:ing)?|understand\w*"
    r"|debug(?:ging)? tips?|printed|prints|t-?shirt|mug|sticker|poster|book|review|says|said|wrote|slogan|quote[sd]?|answered with|sometimes|we saw|you (?:may|might|will|can|could|would) (?:see|get))\b"
)
_FOREIGN_CLASS = re.compile(
    r"(?:ZeroDivisionError|ArithmeticError|ArithmeticException|DivisionByZeroError|decimal\.\w+): \Z"
)
_LEAD = re.compile(
    r"(?:\A|[\n\r:\-|>\])}`\"'(=,]|::)[ \t]{0,12}[\"'`(\\]{0,3}\Z|\b(?:ERROR|error|pq|FATAL|rejected|failed|attempt \d+|because of|failed with)[ :-]{1,3}\Z|[.!]\s\Z"
)
_TRAIL = re.compile(
    r"\A[\"'`\\)]{0,3}(?:\.|!{1,3})?[\"'`)]{0,2}(?:[ \t]{0,3}(?:\Z|[\n\r<])|[ ]?[(\[{]|\\[nr\"]|[ ]?[,;|}]|[ ](?:in|at|on)[ ](?:[/\\<(]|[A-Za-z]:\\|character|line|\w+\.\w)|[ ](?:SQLSTATE|SQL|DETAIL|HINT|CONTEXT|LINE|/|-|—|–)(?:[ :\[/]|\Z)|[ ]{2,}|[\"'`)\]]|: )"
)
_PROSE_BEHIND = re.compile(
    r"\A[\"'`\\)]{0,3}(?: \([^()\n]{1,30}\)|, (?!while|when|during|for|on|in|at|from|by)[a-z]{2,12}|\.? (?:[A-Z][a-z]{1,9}|I|We)),? [a-z]{2,12} [a-z]{2,12}\b|\A[\"'`”’]{1,2} (?!while|when|during|for|on|in|at|from|by)[a-z]{2,12} [a-z]{2,12}\b"
)
"""`… (SQLSTATE 23505), which took us a day`, `"…" is what users read`"""
_SENTENCE_BEHIND = re.compile(
    r"\A[\"'`\\)]{0,3}(?:[.!][\"'`)]{0,2}[ \t]{1,2}\S|[ ]{1,2}[A-Z][a-z]{2,14} [a-z]{2})"
)
"""The shop's own words behind the server's: `… does not exist. Please run migrations.`"""
_REPLIED = re.compile(r"\s{0,20}> ?(?:> ?){0,3}(?!>)")
"""A line of a letter that another answers."""
_CALLED_SO = re.compile(
    r"(?i)\s{0,20}(?:(?:your|my|the|order) )?(?:notes?|expected|symptoms?|example|question|answer|before|after|subject|engraving|comment) ?: "
)
"""Before what a label calls a note, an example, or something that was expected."""
_MIDST = re.compile(r"[^\W\d_]{1,30} [^\W\d_]{2,30} {1,2}\Z")
"""`I keep getting …`: the server's message begins a line, or stands behind a mark."""
_SOURCE_LINE = re.compile(
    r"(?:^|\n)[^\n]*\b(?:raise|throw|throws?|panic!?(?!:| serving)|abort|die|assert|expect|toThrow|def|function|const|let|var|console|log(?:ger)?)\b[^\n]{0,200}\Z"
)


_THROWN = re.compile(r"\b(?:throw|raise) (?:new )?[\w.]{1,60}\(\\?[\"'`][^\"'`\n]{0,120}\Z")
_CALLED = re.compile(
    r"\b(?:startsWith|startswith|endsWith|endswith|includes?|contains|indexOf|match|matches|test|equals|search|find|strpos|str_contains|str_starts_with|HasPrefix|Contains|start_with\?|include\?)\([rbf]?[\"'`/]\Z"
)
"""`if msg.startswith("operator does not exist:")` is a program that a debug page shows."""
_COMMENT = re.compile(r"\s{0,80}(?:#|//|--|/?\*)[ \t]{0,4}(?:(?:ERROR|Error):? {0,2})?")


def speaks(
    text: str,
    match: MessageMatch,
    symbols: Sequence[Symbol],
    *,
    unreliable: bool,
    healthy: bool = False,
    strict: int = 0,
) -> bool:
    """Whether the message is the server's word here; `strict` lines before it must tell of a failure."""
    left = text[max(0, match.start - 160) : match.start]
    line = left[max(left.rfind("\n"), left.rfind("\r")) + 1 :]
    right = text[match.end : match.end + 40]
    if _FOREIGN_CLASS.search(line) or _CALLED.search(line):
        return False
    if _is_program(line):
        return False
    if (
        unreliable
        or _ABOUT.search(line)
        or (match.cut and not _begins(text[match.start : match.end], match))
    ):
        return False
    if _quoted_in_prose(line) or (
        healthy and (_COMMENT.fullmatch(line) or _REPLIED.match(line) or _CALLED_SO.match(line))
    ):
        return False
    if _given_back.in_quotation(text, match.start, match.end):
        return False
    if match.unquoted and match.weight < 2 * LIGHT and not _LEAD.search(left):
        return False
    if (
        healthy
        and match.kind == "primary"
        and not match.cut
        and (not _TRAIL.search(right) or _PROSE_BEHIND.search(text[match.end : match.end + 80]))
    ):
        return False  # in the middle of a sentence of a page that did not fail
    if (
        healthy
        and match.kind == "primary"
        and match.language == "en"
        and _MIDST.search(line)
        and not _failing.says(line)
    ):
        return False  # behind words of a sentence that tells of no failure
    if (
        strict
        and match.language == "en"
        and not _failing.around(text, match.start, match.end, strict)
    ):
        return False
    light = LIGHT if text[match.start : match.end].isascii() else LIGHT // 3
    if match.kind == "primary" and match.weight < light:
        return _LEAD.search(left) is not None and (
            match.cut
            or _TRAIL.search(right) is not None
            or _named(symbols, match)
            or (not healthy and _SENTENCE_BEHIND.search(right) is not None)
        )
    return True


def written_about(text: str, start: int, end: int = -1) -> bool:
    """Whether the line before the place speaks about errors, or a quotation mark opens there behind a word."""
    left = text[max(0, start - 160) : start]
    line = left[max(left.rfind("\n"), left.rfind("\r")) + 1 :]
    return (
        _ABOUT.search(line) is not None
        or _quoted_in_prose(line)
        or _is_program(line)
        or _given_back.in_quotation(text, start, max(start, end))
    )


def _is_program(line: str) -> bool:
    """Whether the line is of a program, not of an error's report."""
    if _THROWN.search(line):
        return True
    reports = "Error:" in line or "Exception:" in line
    return not reports and _SOURCE_LINE.search(line) is not None


_WRITTEN_BEHIND = re.compile(
    r"\A[ ](?!while|when|during|for|on|in|at|from|by)[a-z]{2,12} [a-z]{2,12}\b"
)


def told_of(text: str, end: int) -> bool:
    """Whether a sentence goes on behind a code: `SQLSTATE 40P01 tells that …`."""
    return _WRITTEN_BEHIND.match(text[end : end + 40]) is not None


def ends(text: str, end: int) -> bool:
    """Whether nothing but what follows a message follows there: the line's end, a detail, a mark."""
    return _TRAIL.search(text[end : end + 40]) is not None


_FAILING = re.compile(
    r"(?i)\b(?:errors?|exception|failed|failure|fatal|warning|uncaught|unhandled)\b"
)


_COMPARED = re.compile(r"[=!]={1,2}\s{0,3}[\"'`]?\Z")
"""`if error.code === "23505"` is a program."""


def labels(text: str, label: Label, *, unreliable: bool, healthy: bool = False) -> bool:
    """Whether the labelled code is an error's here."""
    left = text[max(0, label.start - 160) : label.start]
    line = left[left.rfind("\n") + 1 :]
    if unreliable or _ABOUT.search(line) or _given_back.in_quotation(text, label.start, label.end):
        return False
    if (healthy and _FAILING.search(line) is None) or _COMPARED.search(line):
        return False
    # a line of a difference tells what was expected, not what happened
    return not (re.match(r"[+-] ", line.lstrip(" |")) and label.strength == Strength.PAIR)


def _begins(said: str, match: MessageMatch) -> bool:
    """Whether a message that breaks off goes on, behind its first name, as the template does."""
    literals = [literal.strip('" ') for literal in re.split(r"%(?:\d\$)?[sdu]", match.template)]
    if match.language != "en" or len(literals) < 2 or not literals[0] or not literals[1]:
        return True
    rest = re.sub(
        r"\A[\\\"'\s]{0,4}[^\"'\\\n]{0,200}[\\\"']{0,4}", "", said.partition(literals[0])[2]
    ).strip()
    rest = rest.rstrip(".…\"'\\ ")
    return rest.startswith(literals[1]) or literals[1].startswith(rest)


def _named(symbols: Sequence[Symbol], match: MessageMatch) -> bool:
    return any(symbol.sqlstate == match.sqlstate for symbol in symbols)


def _quoted_in_prose(line: str) -> bool:
    """A quotation mark opened behind a word, not behind a colon or a bracket."""
    stripped = line.rstrip("\\")
    if not stripped or stripped[-1] not in "\"'“‘«`":
        return False
    before = stripped[:-1].rstrip("\\")
    return before.endswith(" ") and before.rstrip()[-1:].isalnum()
