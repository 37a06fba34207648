"""YAML text to nodes that know where they stand: YAML 1.2 core rules, no recursion, under limits.

PyYAML's C parser gives the events; the composer is ours, since its own would follow YAML 1.1 (`NO` is false, `012`
is ten), keep the last of two equal keys in silence, and recurse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from msgspec import Struct
from msgspec.structs import replace
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest
from smoke.model.run import JsonValue
from smoke.scenario.bytes import not_utf8, unusual
from smoke.scenario.nodes import Items, Node, Pairs, Scalar, plain
from smoke.scenario.scalars import resolve
from smoke.scenario.words import word_problems

__all__ = ["Document", "Items", "Node", "Pairs", "Scalar", "parse", "plain", "with_excerpt"]

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 100_000
"""Nodes of a document with every alias written out."""


class Document(Struct, frozen=True):
    """A parsed file: its root node, what was noticed about it (errors too), and its lines for excerpts."""

    root: Node
    problems: tuple[Diagnostic, ...]
    lines: tuple[str, ...]

    def excerpted(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic with the source line that it speaks of."""
        return with_excerpt(diagnostic, self.lines)


def with_excerpt(diagnostic: Diagnostic, lines: tuple[str, ...]) -> Diagnostic:
    """The diagnostic with its source line, when there is one."""
    span = diagnostic.span
    if span is None or diagnostic.excerpt or not 1 <= span.line <= len(lines):
        return diagnostic
    return replace(diagnostic, excerpt=((span.line, lines[span.line - 1]),))


def parse(data: bytes, source: str) -> Document:
    """The document in the bytes of a file. Raises SmokeError: not UTF-8, not YAML, too large, too deep, empty.

    A key that is there twice and a number that loses digits are in its `problems`.
    """
    text = _decode(data, source)
    lines = tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    _refuse_characters(text, source, lines)
    try:
        composer = _Composer(source)
        root = composer.compose(_events(text))
    except yaml.MarkedYAMLError as error:
        raise SmokeError([with_excerpt(_syntax(error, source, lines), lines)]) from error
    except yaml.YAMLError as error:
        message = f"this is not YAML: {str(error).splitlines()[0]}"
        raise SmokeError([Diagnostic("yaml-syntax", message, span=Span(source))]) from error
    except _RefusedError as refused:
        raise SmokeError([with_excerpt(refused.diagnostic, lines)]) from refused
    words = () if root is None else word_problems(root)
    problems = tuple(with_excerpt(problem, lines) for problem in (*composer.problems, *words))
    if root is None:
        raise SmokeError(
            [
                *problems,
                Diagnostic(
                    "empty-file",
                    "the file is empty",
                    span=Span(source),
                    notes=(Note("a scenario has a name and steps; `smoke list` shows examples"),),
                ),
            ]
        )
    return Document(root, problems, lines)


def _decode(data: bytes, source: str) -> str:
    if len(data) > MAX_BYTES:
        raise SmokeError(
            [
                Diagnostic(
                    "file-too-large",
                    f"the file has more than {MAX_BYTES:,} bytes",
                    span=Span(source),
                )
            ]
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SmokeError([not_utf8(data, error.start, source)]) from error


# YAML 1.2.2, 5.1: not printable; U+0085, U+2028 and U+2029 end a line for the parser (YAML 1.1), but for no editor
_UNUSABLE_ASCII = re.compile(r"[^\t\n\r\x20-\x7e]")
_UNUSABLE = (
    r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _refuse_characters(text: str, source: str, lines: tuple[str, ...]) -> None:
    # a set of characters from all of Unicode costs 3 ms: compiled only for a file that has such
    found = (_UNUSABLE_ASCII if text.isascii() else re.compile(_UNUSABLE)).search(text)
    if found is None:
        return
    code = f"{ord(found[0]):04x}"
    before = text[: found.start()].replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    diagnostic = Diagnostic(
        "control-character",
        f"the character U+{code.upper()} cannot stand in YAML as it is",
        span=Span(source, line, column, line, column + 1),
        notes=(Note(unusual(text) or f'inside double quotes it is written "\\u{code}"'),),
    )
    raise SmokeError([with_excerpt(diagnostic, lines)])


def _syntax(error: yaml.MarkedYAMLError, source: str, lines: tuple[str, ...]) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    text = lines[line - 1] if line <= len(lines) else ""
    problem = " ".join(filter(None, (error.context, error.problem)))
    if "\t" in text[: max(column, 1)] or "'\\t'" in problem:
        return Diagnostic(
            "yaml-tab",
            "a tab cannot indent YAML",
            span=Span(source, line, column, line, column + 1),
            label="write spaces",
        )
    opened = error.context_mark
    if (
        "quoted scalar" in problem and opened is not None
    ):  # its end is somewhere, its beginning is known
        line, column = opened.line + 1, opened.column + 1
    hint = next((hint for words, hint in _HINTS if words in problem), "")
    return Diagnostic(
        "yaml-syntax",
        f"this is not YAML: {problem}",
        span=Span(source, line, column, line, column + 1),
        notes=(Note(hint),) if hint else (),
    )


_HINTS = (
    ("mapping values are not allowed", "a text with ': ' in it needs quotes"),
    ("flow mapping", "between braces or brackets, a text with [ ] { } or , in it needs quotes"),
    ("flow sequence", "between braces or brackets, a text with [ ] { } or , in it needs quotes"),
    ("quoted scalar", "the quote that begins here is not closed, or closed too early"),
    ("cannot start any token", "a text that begins with @, ` or % needs quotes"),
    ("expected '-'", "the parts of one list, or of one mapping, begin in the same column"),
    ("block mapping", "the keys of one mapping begin in the same column, each with ': ' behind it"),
    ("expected ':'", "a key is followed by ': ' and its value"),
)
"""Words of the parser's message, and what to look at."""


def _events(text: str) -> Iterator[yaml.Event]:
    """What the C parser finds, each asked for once: `yaml.parse` asks twice, and in Python."""
    return iter(
        yaml.CSafeLoader(text).get_event, None
    )  # it gives None behind the end of the stream


class _RefusedError(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, span: Span, *, mapping: bool, anchor: str | None) -> None:
        self.span = span
        self.mapping = mapping
        self.anchor = anchor
        self.items: list[Node] = []
        self.pairs: list[tuple[Scalar, Node]] = []
        self.key: Scalar | None = None
        self.names: dict[str, Scalar] = {}
        self.size = 1
        self.height = 1
        """Levels of it and what is in it."""


class _Composer:
    """Makes nodes of events, with a stack of its own: depth is bounded, not recursion."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0
        self.problems: list[Diagnostic] = []

    def compose(self, events: Iterator[yaml.Event]) -> Node | None:
        """The root node; None for a file without content."""
        for event in events:
            if isinstance(event, ScalarEvent):  # by far the most
                if event.tag is not None:
                    self._check_tag(event)
                self._add(self._scalar(event), 1, 0, event.anchor)
            elif isinstance(event, CollectionStartEvent):
                self._check_tag(event)
                if len(self._stack) >= MAX_DEPTH:
                    self._refuse(event, "too-deep", f"nested more than {MAX_DEPTH} levels deep")
                mapping = isinstance(event, MappingStartEvent)
                self._stack.append(_Open(self._span(event), mapping=mapping, anchor=event.anchor))
            elif isinstance(event, CollectionEndEvent):
                self._close()
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    self._refuse(
                        event,
                        "several-documents",
                        "a file holds one scenario, and a second document begins here",
                        "one file each: put what follows into a file of its own",
                    )
        root = self._root
        if isinstance(root, Scalar) and root.value is None and root.text == "":
            return None
        return root

    def _span(self, event: yaml.Event) -> Span:
        start, end = event.start_mark, event.end_mark
        assert start is not None and end is not None  # noqa: PT018  (the C parser always marks)
        line, column = start.line + 1, start.column + 1
        if end.line != start.line or isinstance(event, CollectionStartEvent):
            return Span(self._source, line, column, line, column + 1)
        return Span(self._source, line, column, line, max(end.column, column) + 1)

    def _refuse(self, event: yaml.Event, code: str, message: str, label: str = "") -> None:
        raise _RefusedError(Diagnostic(code, message, span=self._span(event), label=label))

    def _check_tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        is_text = isinstance(event, ScalarEvent) and event.tag == "tag:yaml.org,2002:str"
        if event.tag not in (None, "!") and not is_text:
            tag = (event.tag or "").replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, "yaml-tag", f"the tag {tag} is not used in scenarios", "remove it")

    def _scalar(self, event: ScalarEvent) -> Scalar:
        plain = not event.style and event.tag is None  # the C parser says "" for a plain scalar
        span = self._span(event)
        parent = self._stack[-1] if self._stack else None
        is_key = parent is not None and parent.mapping and parent.key is None  # keys are texts
        value = self._resolve(event.value, span) if plain and not is_key else event.value
        return Scalar(value, event.value, span, plain)

    def _resolve(self, text: str, span: Span) -> JsonValue:
        """The value of a plain scalar; says where digits would be lost."""
        value, as_written = resolve(text)
        if not as_written:
            # a phone or a post code without its zero is another one: never send it
            number = float(value) if isinstance(value, float) else value
            self.problems.append(
                Diagnostic(
                    "number-loses-digits",
                    f"{text} is read as the number {number}",
                    span=span,
                    label=f"write '{text}' to keep it as it is",
                    notes=(Note(f"or {number}, if a number is meant"),),
                )
            )
        return value

    def _alias(self, event: AliasEvent) -> None:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            self._unknown_alias(event)
            return
        node, size, height = known
        # an alias brings the levels of what it stands for along: links of a chain would add up without end
        if len(self._stack) + height > MAX_DEPTH:
            self._refuse(event, "too-deep", f"nested more than {MAX_DEPTH} levels deep")
        self._add(node, size, height, None)

    def _unknown_alias(self, event: AliasEvent) -> None:
        around = next((open_ for open_ in self._stack if open_.anchor == event.anchor), None)
        if around is not None:
            message = f"*{event.anchor} refers to itself: it stands within &{event.anchor}"
            label = f"&{event.anchor} begins in line {around.span.line}"
            self._refuse(event, "unknown-alias", message, label)
        near = nearest(event.anchor or "", self._anchors)
        label = f"did you mean '*{near}'?" if near else f"write &{event.anchor} at a value above"
        message = f"there is no anchor &{event.anchor} before this"
        self._refuse(event, "unknown-alias", message, label)

    def _add(self, node: Node, size: int, height: int, anchor: str | None) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            raise _RefusedError(
                Diagnostic(
                    "too-many-nodes",
                    f"the file has more than {MAX_NODES:,} values, aliases written out",
                    span=node.span,
                )
            )
        if anchor is not None:
            self._anchors[anchor] = (node, size, height)
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        parent.size += size
        if parent.height <= height:
            parent.height = height + 1
        if not parent.mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node, parent)
        else:
            parent.pairs.append((parent.key, node))
            parent.key = None

    def _key(self, node: Node, parent: _Open) -> Scalar:
        if not isinstance(node, Scalar):
            note = Note('a template needs quotes around it: "{{ name }}"')
            raise _RefusedError(
                Diagnostic("bad-key", "a key must be a single value", span=node.span, notes=(note,))
            )
        if node.text == "<<" and node.plain:
            raise _RefusedError(
                Diagnostic(
                    "merge-key",
                    "the merge key '<<' is not used in scenarios",
                    span=node.span,
                    label="a step takes over another one with 'like'",
                )
            )
        first = parent.names.setdefault(node.text, node)
        if first is not node:
            self.problems.append(
                Diagnostic(
                    "duplicate-key",
                    f"the key '{node.text}' is here twice",
                    span=node.span,
                    label=f"first in line {first.span.line}",
                    notes=(Note("the other one", first.span),),
                )
            )
        return node

    def _close(self) -> None:
        done = self._stack.pop()
        node: Node
        if done.mapping:
            node = Pairs(tuple(done.pairs), done.span)
        else:
            node = Items(tuple(done.items), done.span)
        self._nodes -= done.size - 1  # its parts were counted as they came
        self._add(node, done.size, done.height, done.anchor)
