"""Tag expressions: `checkout and not (slow or payment)`. Pure.

    expression = all { "or" all }      all = one { "and" one }      one = "not" one | "(" expression ")" | tag

A tag with a blank, a parenthesis or an operator's name in it stands between quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from msgspec import Struct

from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest

LONGEST = 1000
_DEEPEST = 50
_TOKEN = re.compile(r"\s*+(?:([()])|'([^']++)'|\"([^\"]++)\"|([^\s()'\"]++)|(.))")
_OPERATORS = ("and", "or", "not")
_HOW = "for example: --tag 'checkout and not (slow or payment)'"

Test = Callable[[Collection[str]], bool]


class TagName(Struct, frozen=True):
    """A tag as it is written: its text, and where it stands."""

    text: str
    span: Span


class TagExpression(Struct, frozen=True):
    """What is asked of the tags of a scenario."""

    text: str
    option: str
    names: tuple[TagName, ...]
    holds: Test

    def unknown(self, known: Collection[str]) -> Iterator[Diagnostic]:
        """A diagnostic for each tag in it that no scenario has: a slip would choose others than were meant."""
        for name in self.names:
            if name.text not in known:
                near = nearest(name.text, known)
                tags = ", ".join(sorted(known)) or "(none)"
                yield Diagnostic(
                    "unknown-tag",
                    f"{self.option}: no scenario has the tag '{name.text}'",
                    span=name.span,
                    label=f"did you mean '{near}'?" if near else "",
                    suggestion=near,
                    notes=(Note(f"tags: {tags}"),),
                    excerpt=((1, self.text),),
                )


def parse_tags(text: str, option: str) -> TagExpression:
    """The expression in a text. Raises SmokeError with the column of the fault."""
    parser = _Parser(text, option)
    holds = parser.expression(0)
    parser.end()
    return TagExpression(text, option, tuple(parser.names), holds)


class _Token(Struct, frozen=True):
    text: str
    start: int
    end: int
    quoted: bool = False

    def span(self, option: str) -> Span:
        return Span(option, 1, self.start + 1, 1, max(self.end, self.start + 1) + 1)


class _Parser:
    def __init__(self, text: str, option: str) -> None:
        self._text = text
        self._option = option
        if len(text) > LONGEST or not text.isprintable():
            words = f"{option} takes one line of at most {LONGEST:,} characters"
            raise SmokeError.of("bad-tag-expression", words)
        self._tokens = list(_tokens(text))
        self._at = 0
        self.names: list[TagName] = []

    def expression(self, depth: int) -> Test:
        found = [self._all(depth)]
        while self._take("or"):
            found.append(self._all(depth))
        return found[0] if len(found) == 1 else lambda tags: any(each(tags) for each in found)

    def _all(self, depth: int) -> Test:
        found = [self._one(depth)]
        while self._take("and"):
            found.append(self._one(depth))
        return found[0] if len(found) == 1 else lambda tags: all(each(tags) for each in found)

    def _one(self, depth: int) -> Test:
        token = self._here()
        if depth > _DEEPEST:
            raise self._fault(token, f"more than {_DEEPEST} levels are not read")
        if self._take("not"):
            inner = self._one(depth + 1)
            return lambda tags: not inner(tags)
        if self._take("("):
            inner = self.expression(depth + 1)
            if not self._take(")"):
                near = self._meant()
                raise self._fault(self._here(), "'and', 'or' or ')' is expected here", near)
            return inner
        if token.text == "" or (not token.quoted and token.text in (*_OPERATORS, ")")):
            raise self._fault(token, "a tag, 'not' or '(' is expected here")
        if not token.quoted and token.text in "'\"":
            raise self._fault(token, "this quote is never closed, or nothing is in it")
        self._at += 1
        self.names.append(TagName(token.text, token.span(self._option)))
        return lambda tags: token.text in tags

    def end(self) -> None:
        """Nothing may follow."""
        token = self._here()
        if token.text:
            expected = "nothing before opens this ')'" if token.text == ")" else ""
            raise self._fault(token, expected or "'and' or 'or' is expected here", self._meant())

    def _here(self) -> _Token:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return _Token("", len(self._text.rstrip()), len(self._text.rstrip()))

    def _take(self, word: str) -> bool:
        token = self._here()
        taken = token.text == word and not token.quoted
        self._at += taken
        return taken

    def _meant(self) -> str | None:
        """The operator that the word here most likely is."""
        token = self._here()
        other = {"&": "and", "&&": "and", "+": "and", ",": "or", "|": "or", "||": "or"}
        if token.quoted or token.text.lower() == "not":
            return None
        return other.get(token.text) or nearest(token.text, ["and", "or"])

    def _fault(self, token: _Token, message: str, meant: str | None = None) -> SmokeError:
        problem = Diagnostic(
            "bad-tag-expression",
            f"{self._option}: {message}",
            span=token.span(self._option),
            label=f"did you mean '{meant}'?" if meant else "",
            suggestion=meant,
            notes=(Note(_HOW),),
            excerpt=((1, self._text),),
        )
        return SmokeError([problem])


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text.rstrip()):
        mark, single, double, plain, other = found.groups()
        quoted = single if single is not None else double
        value = quoted if quoted is not None else mark or plain or other
        start = found.end() - len(found.group().lstrip())
        yield _Token(value, start, found.end(), quoted is not None)
