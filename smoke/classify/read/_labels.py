"""Five-character codes in a text that are labelled as SQLSTATEs by what stands around them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

from smoke.classify.messages import MessageMatch, labels
from smoke.classify.read import codes

_TOKEN = re.compile(
    r"(?<![0-9A-Za-z_.-])(?:SqlState\(E)?([0-9A-Z]{5})(?![0-9A-Za-z_])(?!-[0-9A-Fa-f])"
)
_STATE = re.compile(
    r"(?i)(?:sql[ _-]{0,2}state|sqlstate_?code|pg_?code|pg_?error_?code|pg-code)"
    r"(?:[\s\"'`\\\]\[(:=>,<._-]|&quot;|string\(5\)){0,12}\Z|SqlState\(E\Z"
)
_HASH = re.compile(r"\b(?:ERROR|FATAL|PANIC) #\Z")
"""go-pg writes `ERROR #23505 duplicate key …`."""
_DUMPED = re.compile(r"[\"']state[\"'] => [\"']?\Z")
_REPORTED = re.compile(r"(?i)error class: ?[^\n]{1,80}\n\s{0,20}error code: ?\Z")
_BARE_STATE = re.compile(r"(?i)sqlstate \Z")
_PRISMA = re.compile(r"(?i)\bcode: ?`\Z")
_PAIR = re.compile(
    r"(?i)(?:\A|[\s{(,\[|;\"'`>.<@&?])[\"':]{0,2}"
    r"(?:pg_?|db_?|sql_?|err(?:or)?_?|original_?|native_?|vendor_?|state_?|database_?|exception_?)?"
    r"(?:code|errno|errcode)[\"'`]?\]?\s{0,30}(?:=>|[:=]|\Z)\s{0,9}"
    r"(?:string\(5\)\s)?(?:Some\()?(?:<<)?[\"'`:]{0,2}\Z"
)
_THROWN = re.compile(
    r"(?:PostgresException(?: \(0x80004005\))?: |[Ss]everity\.\w{3,9} |PgException: |PG::Error: )\Z"
)
_LOG_CSV = re.compile(r",(?:ERROR|FATAL|PANIC),\"?\Z")
_CONDITION_AFTER = re.compile(r"\A (?:\(:?(?:[a-z_]{6,60}|[0-9A-Z]{5})\)|raised in )")
_ALONE = re.compile(r"\b[A-Z]{5,7}:  \Z")
"""libpq with PQERRORS_SQLSTATE shows the code alone on the line."""
_FIELD = re.compile(
    r"(?:\{error,(?:error|fatal|panic),<<\"|\bServerError \"|SqlState\(Other\(\\?\"|\{'S': '[^\n']{2,14}', (?:'V': '[A-Z]{3,9}', )?'C': ')\Z"
)
"""epgsql's tuple, hasql's ServerError, tokio-postgres' `Other` for a code that is not in its list, pg8000's fields."""
_WORD_BEFORE = re.compile(r"([^\W\d_][\w ]{1,14}?):? {1,3}\Z")
_LONGEST_WORD = 19
"""Characters that it takes at the most."""
MAX_TOKENS = 8_000
MAX_LABELS = 1_000
"""After so many codes with a label nothing new is said."""


class Strength(IntEnum):
    """How a label binds: a pair `code: x` alone proves little, `SQLSTATE x` is enough."""

    PAIR = 1
    PLACED = 2
    STATE = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A code, where it stands, how strongly it is labelled, and whether it stands before its message or after it."""

    code: str
    start: int
    end: int
    strength: Strength
    before: bool


def find(text: str, messages: Sequence[MessageMatch]) -> Iterator[Label]:
    """The labelled codes, in order."""
    return islice(_every(text, messages), MAX_LABELS)


def _every(text: str, messages: Sequence[MessageMatch]) -> Iterator[Label]:
    starts = {match.start for match in messages if match.kind == "primary"}
    ends = {match.end for match in messages if match.kind == "primary"}
    met: dict[tuple[str, str, str], _Form] = {}  # what repeats is looked at once
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count >= MAX_TOKENS:
            return
        code = match[1]
        if not codes.possible(code):
            continue
        start, end = match.span(1)
        known = codes.known(code)
        left = text[max(0, start - 70) : start]
        right = text[end : end + 64]
        around = left, code, right
        form = met.get(around)
        if form is None:
            form = met[around] = _form(left, code, right, known=known)
        if form is _Form.STATE:
            bare = _BARE_STATE.search(left) is not None and not left.endswith("(SQLSTATE ")
            if known or codes.custom(code) or code.isdigit():
                strength = Strength.PLACED if bare else Strength.STATE
                yield Label(code, start, end, strength, not _closes(left))
        elif form is _Form.NAMED or (
            (known and _reported(text, start, left))
            or ((known or codes.custom(code)) and _dumped(text, start, left))
        ):
            yield Label(code, start, end, Strength.STATE, before=True)
        elif (known or codes.raised(code)) and _appended(text, start, right):
            yield Label(code, start, end, Strength.STATE, before=left.endswith("["))
        elif known and _beside(text, start, end, starts, ends):
            yield Label(code, start, end, Strength.PLACED, before=text[start - 1 : start] != "(")
        elif form is _Form.LOGGED and known:
            yield Label(code, start, end, Strength.STATE, before=True)
        elif form is _Form.PAIR and (known or codes.custom(code)):
            yield Label(code, start, end, Strength.PAIR, before=False)


class _Form(IntEnum):
    """How a code is labelled by what stands right around it."""

    NONE = 0
    STATE = 1
    NAMED = 2
    LOGGED = 3
    PAIR = 4


def _form(left: str, code: str, right: str, *, known: bool) -> _Form:
    # asked for each of thousands of codes: what ends in another character, or has no such word, is not searched
    ours = known or codes.custom(code)
    folded, last = left.casefold(), left[-1:]
    is_paired = "code" in folded or "errno" in folded
    if (is_paired or "state" in folded) and _STATE.search(left):
        return _Form.STATE
    if (
        (last == "`" and _PRISMA.search(left))
        or (last == "#" and _HASH.search(left))
        or (right.startswith(":") and _THROWN.search(left))
        or (ours and last in {'"', "'"} and _FIELD.search(left))
        or (right[:1] in {"", "\n", "\r"} and _is_label(_ALONE.search(left), labels()))
        or (ours and _is_verbose(left, right, labels()))
    ):
        return _Form.NAMED
    if known and last in {",", '"'} and _LOG_CSV.search(left):
        return _Form.LOGGED
    return _Form.PAIR if is_paired and _PAIR.search(left) else _Form.NONE


def _reported(text: str, start: int, left: str) -> bool:
    """YugabyteDB's `Error class: …` and `Error code: 23505` on the next line."""
    # most codes have no such label: the longer look is for those that have
    return left[-7:].rstrip().lower().endswith("code:") and (
        _REPORTED.search(text[max(0, start - 120) : start]) is not None
    )


def _dumped(text: str, start: int, left: str) -> bool:
    """DBI's `state` beside its `errstr`, as Perl's Data::Dumper writes both."""
    return _DUMPED.search(left) is not None and "errstr" in text[max(0, start - 900) : start + 300]


def _closes(left: str) -> bool:
    return left.endswith(("(SQLSTATE ", "(SQLState: ", "(sqlstate ", "(SQLSTATE: "))


def _is_verbose(left: str, right: str, words: Container[str]) -> bool:
    """`ERROR:  23505: …`, `ERROR 23505 (unique_violation) …`, and a log's `23505 ERROR:  …`."""
    word = (
        _WORD_BEFORE.search(left, max(0, len(left) - _LONGEST_WORD)) if left[-1:] == " " else None
    )
    last = word[1].split()[-1] if word is not None else ""
    # in capitals Georgian has other letters than those of the catalogue
    is_label = last in words or last.upper() in words
    # `Error 40001: …` numbers anybody's errors
    spoken = right.startswith(":") and left.rstrip().endswith(":")
    if is_label and (spoken or _CONDITION_AFTER.match(right)):
        return True
    after = re.match(r"\]?:? {1,3}([^\W\d_]{2,14}):? ", right)
    return after is not None and after[1] in words


def _is_label(found: re.Match[str] | None, words: Container[str]) -> bool:
    return found is not None and found[0][:-3] in words


_THROWER = re.compile(r"(?:Exception|Error): \[\Z")
_SPEAKER = re.compile(r"(?:\bpq|PgException: [A-Z]{5,7}): [^\n]{0,380}\(\Z")


def _appended(text: str, start: int, right: str) -> bool:
    """`…Exception: [23505] text` of R2DBC, `pq: text (23505)` of lib/pq and Vert.x."""
    if text[start - 1 : start] not in {"[", "("}:
        return False
    left = text[max(0, start - 400) : start]
    if left.endswith("["):
        return right.startswith("] ") and _THROWER.search(left) is not None
    return left.endswith("(") and right.startswith(")") and _SPEAKER.search(left) is not None


def _beside(text: str, start: int, end: int, starts: set[int], ends: set[int]) -> bool:
    """Whether a message begins right behind `23505: ` or `[23505] `, or ended right before ` (23505)`."""
    opener = text[start - 1 : start]
    if text[end : end + 1] == ":" or (opener == "[" and text[end : end + 1] == "]"):
        return any(place in starts for place in range(end, end + 14))
    if opener == "(" and text[end : end + 1] == ")":
        return any(place in ends for place in range(max(0, start - 6), start))
    if opener == '"' and text[max(0, start - 3) : start] == '<<"':
        return any(place in starts for place in range(end + 1, end + 60))
    return False
