"""Where in a page an error is shown to its user, and where somebody writes about errors.

A shop that answers 200 shows its error in a box (`class="alert alert-danger"`, `role="alert"`); an article, a help
page or a listing of a program quotes errors of others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

_TAG = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9:._-]{0,60})((?:\s[^<>]{0,4000})?)>")
_NAMING = re.compile(
    r"""\b(?:class|id|role|data-[a-z-]{1,40}|aria-[a-z]{1,20})\s{0,3}=\s{0,3}(?:"([^"<>]{0,1000})"|'([^'<>]{0,1000})'|([^\s"'<>=`]{1,200}))""",
    re.IGNORECASE,
)
_BOX = re.compile(
    r"(?i)(?:\A|[^a-z])(?:alerts?|errors?|err|danger|flash(?:es)?|invalid|failure|failed|fail|fault|exceptions?|toast|notice|notification"
    r"|snackbar|warnings?|messages?(?!-body)|assertive|problem)(?![a-z])|error(?:s|list|box|msg|messages?|text|page|explanation|summary|container|notice|banner|block|div|panel|area|alert)?(?![a-z])|isError|hasError"
)
_QUOTES = frozenset(
    {
        "a",
        "article",
        "blockquote",
        "code",
        "pre",
        "samp",
        "kbd",
        "q",
        "cite",
        "details",
        "table",
        "dl",
        "figure",
        "title",
        "textarea",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
    }
)
_POST = re.compile(
    r"(?i)(?:\A|[^a-z])(?:posts?|comments?|reviews?|questions?|answers?|threads?|replies|reply|forum|chat|tickets?|highlight(?:ed)?|highlight-\w+"
    r"|hljs|incidents?|logs?|log-?(?:viewer|lines?|entry|entries|list|table|output|stream)|console|terminal|code|examples?|samples?|snippets?|listing|message-body|message-content|faqs?|accordion|topics?|lessons?|courses?|tutorials?|guide|glossary|changelog|issues?|wiki|discussions?|bugs?|markdown-body|prose)(?![a-z])"
)
"""Where people write, or where the page lists what was written."""
_PEOPLE = re.compile(
    r"(?i)(?:\A|[^a-z])(?:posts?|comments?|reviews?|questions?|answers?|threads?|replies|reply|forum|chat|tickets?|message-body|message-content|bubbles?|testimonials?|voices?|quotes?|quotation|wish(?:es|list)?|engraving|ratings?|stars)(?![a-z])"
)
"""Where it is they who write, however little else stands on the page."""
_CALLOUT = re.compile(r"(?i)callout|admonition|custom-block|(?:\A|[^a-z])(?:tips?|hints?)(?![a-z])")
"""A remark in a manual."""
_REMARK = re.compile(
    r"(?i)\s{0,9}(?:todo|fixme|note|xxx|hack|template|example|e\.g\.|see|if|when|show|hide|old|was|sample|removed|this|the|here)\b"
)
_TELLS = re.compile(
    r"(?i)error|exception|fail|fatal|warning|debug|sqlstate|\w(?:violation|notunique)\b|\A\s{0,9}(?:duplicate|null value|relation|column|deadlock)\b"
)
_BEGINNING = 80
"""In so many characters a comment says that it tells of a failure."""
_STRONG = re.compile(
    r"(?i)alert|error|danger|flash|invalid|fail|exception|toast|snackbar|assertive|problem"
)
_PHRASE = frozenset({"code", "samp", "kbd", "q", "tt", "em", "i", "b", "strong", "mark"})
_BY_PLACE = _PHRASE | {"template"}
"""What these are depends on what stands before them."""
_SENTENCE = re.compile(r"[^\W\d_]{2,} {1,2}[^\W\d_]{2,},? {0,2}[\"'“‘]?\Z")
_FAILING = re.compile(
    r"(?i)error|fail|could not|couldn|cannot|can't|unable|sorry|reject|reason|cause|message|detail|exception|wrong"
)
"""`running this twice gives <code>` is told of others; `the order failed with <code>` is the page's own."""
_LISTING = re.compile(r"(?i)highlight-[a-z]{1,20}")
_OF_ERROR = re.compile(
    r"(?i)\b(?:name|id|class|property)\s{0,3}=\s{0,3}[\"']?[\w :.-]{0,60}?(?:err|alert|flash|fail|message|invalid|notice)"
)
_LOGGED = re.compile(r"(?i)(?:\A|[^a-z])(?:error-?logs?|log-?errors?)(?![a-z])")
_ROWS = frozenset({"tr", "td", "li", "dt", "dd"})
_OUTCOME = re.compile(
    r"(?i)(?:test|result|status|outcome|state|build|job|row|item|[ _-]){0,6}(?:fail|failed|failure|skipped|broken)(?:[ _-](?:test|row|item|result))?"
)
"""The row of a list in which each thing has come out in some way: tests, builds, jobs."""
_SETTING = frozenset({"meta", "img", "link", "input"})
_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
_STREAMED = re.compile(r"<turbo-stream\b[^<>]{0,300}>\s{0,40}\Z")
"""What Turbo puts into the page at once."""
_LONGEST_TAG = 2000
_MAX_TAGS = 200_000
_MAX_OPEN = 400


class Region(IntEnum):
    """What the place says of an error that stands there; `OTHERS` and `POSTED` are quotations whatever stands around them."""

    PLAIN = 0
    QUOTE = 1
    BOX = 2
    OTHERS = 3
    POSTED = 4


QUOTED = frozenset({Region.QUOTE, Region.OTHERS, Region.POSTED})


class _Kind(IntEnum):
    """What an element is; of those that are open the highest counts."""

    PLAIN = 0
    QUOTE = 1
    NOTE = 2
    POST = 3
    PEOPLE = 4
    BOX = 5
    OTHERS = 6


_REGION = {
    _Kind.PLAIN: Region.PLAIN,
    _Kind.QUOTE: Region.QUOTE,
    _Kind.NOTE: Region.BOX,
    _Kind.POST: Region.QUOTE,
    _Kind.PEOPLE: Region.POSTED,
    _Kind.BOX: Region.BOX,
    _Kind.OTHERS: Region.OTHERS,
}


@dataclass(frozen=True, slots=True)
class Regions:
    """A page's stretches in order: `starts[i]` is where the kind `kinds[i]` begins."""

    starts: tuple[int, ...]
    kinds: tuple[Region, ...]

    def at(self, place: int) -> Region:
        """What kind of place the character of the page stands in."""
        return self.kinds[max(0, bisect_right(self.starts, place) - 1)]


def of(page: str) -> Regions:
    """The regions of a page's text, in one pass over its tags; a box wins over the quotations around and in it."""
    starts, kinds = [0], [Region.PLAIN]
    opened: list[tuple[str, _Kind]] = []  # each with the highest kind of it and of those around it
    behind = 0
    known: dict[tuple[str, str], _Kind] = {}  # there are many elements and few kinds of them
    for match in islice(_TAG.finditer(page), _MAX_TAGS):
        if match.start() < behind:
            continue
        closes, name, attributes = match.groups()
        if name is None:
            behind = page.find("-->", match.end()) if behind >= 0 else -1
            # where one is not closed no other is
            if behind >= 0 and not _is_told(page, match.end(), behind):
                starts += [match.start(), behind]
                kinds += [Region.OTHERS, kinds[-1]]
            continue
        name = name.lower()
        if closes:
            if opened and opened[-1][0] == name:
                opened.pop()
            else:
                _close(opened, name)
        elif name in _SETTING and not _OF_ERROR.search(attributes):
            # a search's words, a picture's description: given back, not said
            starts += [match.start(), match.end()]
            kinds += [Region.OTHERS, kinds[-1]]
            continue
        elif name not in _VOID and not attributes.endswith("/") and len(opened) < _MAX_OPEN:
            kind = known.get((name, attributes))
            if kind is None:
                kind = _kind(name, attributes, page, match.start())
                if name not in _BY_PLACE:
                    known[name, attributes] = kind
            opened.append((name, max(opened[-1][1], kind) if opened else kind))
        region = _REGION[opened[-1][1]] if opened else Region.PLAIN
        if region is not kinds[-1]:
            starts.append(match.start() if closes else match.end())
            kinds.append(region)
    return Regions(tuple(starts), tuple(kinds))


def _is_told(page: str, start: int, end: int) -> bool:
    """Whether a comment tells of a failure, and is no remark of whoever wrote the page."""
    said = page[start : min(end, start + _BEGINNING)]
    return _TELLS.search(said) is not None and _REMARK.match(said) is None


def of_data(page: str, speaks: Callable[[str], bool]) -> Regions:
    """The regions of an XML document: what stands in an element whose name speaks of an error, in it or around it, is plain."""
    starts, kinds = [0], [Region.QUOTE]
    opened: list[tuple[str, _Kind]] = []
    known: dict[str, bool] = {}  # there are few names and many elements
    last, now = Region.QUOTE, _Kind.PLAIN
    for match in islice(_TAG.finditer(page), _MAX_TAGS):
        closes, name, attributes = match.groups()
        if name is None:
            continue
        if closes:
            if opened and opened[-1][0] == name:
                opened.pop()
            else:
                _close(opened, name)
            now = opened[-1][1] if opened else _Kind.PLAIN
        elif attributes and attributes[-1] == "/":
            continue
        elif len(opened) < _MAX_OPEN:
            if now is not _Kind.NOTE:
                spoken = known.get(name)
                if spoken is None:
                    spoken = known[name] = speaks(name)
                now = _Kind.NOTE if spoken else now
            opened.append((name, now))
        kind = Region.PLAIN if now is _Kind.NOTE else Region.OTHERS
        if kind is not last:
            last = kind
            starts.append(match.start() if closes else match.end())
            kinds.append(kind)
    return Regions(tuple(starts), tuple(kinds))


def boxed(fragment: str) -> bool:
    """Whether a piece of a page has a box for errors."""
    return "<" in fragment and Region.BOX in of(fragment).kinds


def tells_error(page: str, place: int) -> bool:
    """Whether the tag in which the place stands is named as an error's: `<input name="error" value="…">`."""
    start = page.rfind("<", max(0, place - _LONGEST_TAG), place)
    return start >= 0 and _OF_ERROR.search(page, start, place) is not None


_PREPARED = re.compile(
    r"(?i)<(?:form|input|select|button|textarea)\b[^<>]{0,1900}\bdata-[a-z-]{0,40}(?:text|msg|message|label)[a-z-]{0,20}\s{0,3}=\s{0,3}[\"']?\Z"
)


def prepares(page: str, place: int) -> bool:
    """Whether the place is an attribute of a form in which a text stands ready for later: `<form data-error-text="…">`."""
    start = page.rfind("<", max(0, place - _LONGEST_TAG), place)
    return start >= 0 and _PREPARED.match(page[start:place]) is not None


def names_error(name: str, attributes: str) -> bool:
    """Whether an element is named as a box for errors."""
    return bool(attributes or "-" in name) and _kind(name, attributes, "", 0) is _Kind.BOX


def quotes(name: str, attributes: str) -> bool:
    """Whether an element is one in which others are quoted."""
    return _kind(name, attributes, "", 0) in {_Kind.QUOTE, _Kind.POST, _Kind.PEOPLE, _Kind.OTHERS}


def _close(opened: list[tuple[str, _Kind]], name: str) -> None:
    """Ends the innermost element of the name, and what was left open within it."""
    for index in range(len(opened) - 1, max(-1, len(opened) - 40), -1):
        if opened[index][0] == name:
            del opened[index:]
            return


def _kind(name: str, attributes: str, page: str, start: int) -> _Kind:
    if name == "template" and _STREAMED.search(page, max(0, start - 400), start):
        return _Kind.PLAIN
    if name == "textarea" and "readonly" in attributes.lower():
        return _Kind.QUOTE  # Werkzeug shows its traceback so
    # a template is not shown, scripts fill it; an option is there to be chosen
    if name in {"a", "template", "textarea", "option"}:
        return _Kind.OTHERS
    if name == "script" and "ld+json" in attributes.lower():
        return _Kind.OTHERS  # what the page is about, told to search engines
    if name in _PHRASE and _in_sentence(page, start):
        return _Kind.OTHERS
    if "-" in name and _STRONG.search(name) and not _LOGGED.search(name):
        return _Kind.BOX  # `<mat-error>`, `<shop-alert>`
    if name not in {"html", "body", "main", "form", "input", "script"} and attributes:
        named = " ".join(
            match[1] or match[2] or match[3] or "" for match in _NAMING.finditer(attributes)
        )
        posted = _POST.search(named) is not None
        if _PEOPLE.search(named) and not _STRONG.search(named):
            return _Kind.PEOPLE
        if _LOGGED.search(named):
            return _Kind.POST
        if name in _ROWS and _OUTCOME.fullmatch(named.strip()):
            return _Kind.QUOTE
        if _STRONG.search(_LISTING.sub("", named)) and _BOX.search(named):
            return _Kind.BOX
        if posted:
            return _Kind.POST
        if _BOX.search(named) and not _CALLOUT.search(named):
            return _Kind.NOTE
    return _Kind.QUOTE if name in _QUOTES else _Kind.PLAIN


def _in_sentence(page: str, start: int) -> bool:
    before = page[max(0, start - 120) : start].rpartition(">")[2]
    return _SENTENCE.search(before) is not None and _FAILING.search(before) is None
