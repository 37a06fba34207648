"""One row of the table made ready for matching: its literal pieces as expressions, its placeholders with names.

Every expression is free of nested repetition: white space is bounded, and a placeholder is never part of an
expression (it is what lies between two of them), so searching takes linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from smoke.classify.messages.words import PLACEHOLDER, index_keys

MARKS = "\"'`´«»„“”‟‘’‚‹›「」『』″＂"
QUOTE = rf"(?:\\{{0,7}}[{MARKS}]|&(?:quot|apos|\#34|\#39|\#x27|\#x22|laquo|raquo);)"
"""A quoting mark as the server or a wrapper writes it: bare, behind backslashes, or as an entity."""

_APOSTROPHES = "['’‘´`]"
_SPACE = r"\s{1,40}"
_EDGE_MARK = re.compile(rf"\s*[{MARKS.replace(chr(39), '')}]\s*")
_TAIL = re.compile(r"[\s.。]*")
_BREAKS = re.compile(f"[{MARKS}]")
_NOWHERE = 99
_WIDE = frozenset({"values", "columns_values", "near", "operator_name", ""})
NAME_LIMIT = 500
"""The longest name looked for: 63 bytes by the server, six times that as escapes."""
VALUE_LIMIT = 4000


compiled = cache(re.compile)
"""The expression, ready: made when it is first needed, because few of the many ever are."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A placeholder: the field it fills ("" for none), whether the template puts it in quotes, or half of it.

    Half: two placeholders share the quotes (`"%s.%s"`).
    """

    field: str
    quoted: bool
    half: bool = False

    @property
    def limit(self) -> int:
        """How many characters its value may have."""
        return VALUE_LIMIT if self.field in _WIDE else NAME_LIMIT

    @property
    def is_name(self) -> bool:
        """Whether it is an identifier, which has no line break in it."""
        return self.field not in _WIDE


@dataclass(frozen=True, slots=True)
class TemplatePiece:
    """A literal as two expressions: with the quotes around it demanded (`strict`) or not (`loose`).

    The words, their spaces folded, are the group `core`.
    """

    text: str
    strict: str
    loose: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heaviest literal, by which a template is looked for.

    `words` are all in a text that has it; `probe` is a part of it as it stands in a text whose white space is
    folded; `body` the whole of it without its first letter `head` (when that begins the template and may be a
    capital), so that a search can look for a fixed prefix.
    """

    number: int
    words: frozenset[str]
    probe: str
    body: str
    head: str


@dataclass(frozen=True, slots=True, eq=False)
class MessagePattern:
    """A template of one language: pieces[0] hole[0] pieces[1] hole[1] …; the outer pieces may be None."""

    template: int
    language: str
    pieces: tuple[TemplatePiece | None, ...]
    holes: tuple[Hole, ...]
    anchor: Anchor
    weight: int


@lru_cache(maxsize=4096)
def weigh(literal: str) -> int:
    """How many letters it has; one of Han or Kana says as much as three of an alphabet."""
    return sum(3 if ord(char) > 0x2E7F else 1 for char in literal if char.isalnum())


def _expression(word: str) -> str:
    out = []
    for char in word:
        if char in "'’":
            out.append(rf"\\{{0,7}}{_APOSTROPHES}")
        elif char in MARKS:
            out.append(f"{QUOTE}?")
        else:
            out.append(re.escape(char))
    return "".join(out)


def _piece(literal: str, *, first: bool, opened: bool, closes: bool) -> TemplatePiece:
    """`closes`: a quote stands before it; `opened`: one stands behind it."""
    core = _SPACE.join(_expression(word) for word in literal.split()) or _SPACE
    head = literal.lstrip()[:1]
    if first and head.upper() != head.lower() and len(head.upper()) == 1:
        core = f"[{head.lower()}{head.upper()}]{core[len(re.escape(head)) :]}"
    blank = not literal.strip()
    spaced = (
        literal[:1].isspace() and not first and not blank,
        literal.rstrip() != literal and not blank,
    )
    before = rf"{QUOTE}\s{{0,2}}" if closes else r"\s" * spaced[0]
    after = rf"(?=\s{{0,2}}{QUOTE})" if opened else r"(?=\s)" * spaced[1]
    # without quotes a space or any mark has to part it from its neighbour, where the template has a space
    edges = rf"(?<=[\s;{MARKS}])" * spaced[0], rf"(?=[\s&\\{MARKS}])" * spaced[1]
    return TemplatePiece(
        literal,
        f"{before}(?P<core>{core}){after}",
        f"{edges[0]}(?P<core>{core}){edges[1]}",
    )


def _split(text: str) -> tuple[list[str], list[int]]:
    """The literals of a template, and which argument each placeholder between them takes (from 0)."""
    literals = [""]
    arguments: list[int] = []
    counted = end = 0
    for match in PLACEHOLDER.finditer(text):
        literals[-1] += text[end : match.start()]
        end = match.end()
        if match[0] == "%%":
            literals[-1] += "%"
            continue
        if arguments and not literals[-1]:
            arguments[-1] = _NOWHERE  # nothing between two placeholders: neither has an end
            counted += 1
            continue
        arguments.append(int(match[1]) - 1 if match[1] else counted)
        counted += 1
        literals.append("")
    literals[-1] += text[end:]
    return literals, arguments


def _bare(literal: str, *, left: bool, right: bool) -> tuple[str, bool, bool]:
    """A literal without the quoting marks that belong to its neighbours, and whether it had them."""
    closes = opened = False
    only_opens = right and literal[:1].isspace() and len(literal.strip()) == 1
    only_opens = only_opens and (not literal[-1].isspace() or literal.strip() == "«")
    if left and not only_opens and (mark := _EDGE_MARK.match(literal)):
        literal, closes = literal[mark.end() :], True
    if right:
        stripped = literal.rstrip()
        if stripped and stripped[-1] in MARKS and stripped[-1] != "'":
            literal, opened = stripped[:-1], True
    return literal, closes, opened


def _anchor(number: int, literal: str, *, first: bool, left: bool, right: bool) -> Anchor:
    """`left`, `right`: a placeholder touches that side without a quote between."""
    stripped = literal.strip().rstrip(".。")
    cased = first and stripped[0].upper() != stripped[0].lower() and stripped[1:2].isalnum()
    head = stripped[0] if cased else ""
    body = _SPACE.join(_expression(word) for word in stripped[len(head) :].split())
    probes = (" ".join(run.split()) for run in _BREAKS.split(stripped[len(head) :]))
    words = index_keys(literal, first=first, left=left, right=right)
    return Anchor(number, frozenset(words), max(probes, key=len), body, head)


@cache
def compile_row(template: int, language: str, text: str, fields: tuple[str, ...]) -> MessagePattern:
    """The pattern of a row: `fields` has a name for each argument of the English text, or none at all."""
    literals, arguments = _split(text)
    last = len(literals) - 1
    bare = [
        _bare(literal, left=number > 0, right=number < last)
        for number, literal in enumerate(literals)
    ]
    holes = []
    for number, argument in enumerate(arguments):
        left, right = bare[number][2], bare[number + 1][1]
        field = fields[argument] if argument < len(fields) else ""
        holes.append(Hole(field, quoted=left and right, half=left != right))
    pieces: list[TemplatePiece | None] = []
    for number, (literal, closes, opened) in enumerate(bare):
        outermost = number in {0, last}
        if (number == last and last > 0 and _TAIL.fullmatch(literal)) or (
            outermost and not literal.strip()
        ):
            pieces.append(None)
        else:
            shown = literal.rstrip(" .。") if number == last else literal
            pieces.append(_piece(shown, first=number == 0, opened=opened, closes=closes))
    weights = [weigh(piece.text) if piece else 0 for piece in pieces]
    number = weights.index(max(weights))
    literal, closes, opened = bare[number]
    return MessagePattern(
        template,
        language,
        tuple(pieces),
        tuple(holes),
        _anchor(
            number,
            literal,
            first=number == 0,
            left=number > 0 and not closes,
            right=number < last and not opened,
        ),
        sum(weights),
    )
