"""From nodes to models: each fault of a value becomes a diagnostic at its place."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from smoke.diagnostic import Diagnostic, Level, Note, SmokeError, Span, nearest
from smoke.scenario.base import Model, hints_of
from smoke.scenario.nodes import Items, Node, Pairs, Scalar, found, plain
from smoke.scenario.source import with_excerpt

if TYPE_CHECKING:
    from smoke.scenario.files import FileRefusedError

M = TypeVar("M")
_MAX_LISTED = 30
_MANY = 200


class Reader:
    """Collects the diagnostics of one file, included files apart (see `of`)."""

    def __init__(self, lines: tuple[str, ...], source: str) -> None:
        self._lines = {source: lines}
        self._found: dict[Diagnostic, None] = {}

    def know(self, source: str, lines: tuple[str, ...], warnings: Iterable[Diagnostic]) -> None:
        """The lines of an included file, for excerpts, and the warnings about it."""
        self._lines[source] = lines
        self._found.update(dict.fromkeys(warnings))

    def refused(self, refused: FileRefusedError, span: Span | None) -> None:
        """Take in that a file which is named there is not read."""
        self.error(
            refused.code,
            str(refused),
            span,
            label=f"did you mean '{refused.suggestion}'?" if refused.suggestion else "",
            suggestion=refused.suggestion,
            notes=refused.notes,
        )

    def error(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        label: str = "",
        suggestion: str | None = None,
        notes: Sequence[str] = (),
        level: Level = Level.ERROR,
    ) -> None:
        """Take a diagnostic in."""
        diagnostic = Diagnostic(
            code,
            message,
            level=level,
            span=span,
            label=label,
            suggestion=suggestion,
            notes=tuple(Note(note) for note in notes),
        )
        lines = self._lines.get(span.source, ()) if span is not None else ()
        # a step that is taken over with `like` has its mistakes once
        self._found.setdefault(with_excerpt(diagnostic, lines))

    def unknown(
        self,
        code: str,
        message: str,
        span: Span | None,
        word: str,
        known: Collection[str],
        note: str,
    ) -> None:
        """Take in that a word is none of the known ones, with the one that was probably meant.

        `note` introduces the list of them.
        """
        near = self.near(word, known)
        listed = list(known)[:_MAX_LISTED]
        more = f" and {len(known) - len(listed)} more" if len(known) > len(listed) else ""
        self.error(
            code,
            message,
            span,
            label=f"did you mean '{near}'?" if near else "",
            suggestion=near,
            notes=[f"{note}: {', '.join(listed) or '(none)'}{more}"],
        )

    def near(self, word: str, known: Collection[str]) -> str | None:
        """The word that was probably meant; it is not looked for in a file with hundreds of mistakes."""
        return nearest(word, known) if len(self._found) < _MANY else None

    def take(self, diagnostic: Diagnostic) -> None:
        """Take in what another reader found."""
        self._found.setdefault(diagnostic)

    def line(self, span: Span) -> str:
        """The source line of a place."""
        lines = self._lines.get(span.source, ())
        return lines[span.line - 1] if 1 <= span.line <= len(lines) else ""

    @property
    def failed(self) -> bool:
        return any(diagnostic.level is Level.ERROR for diagnostic in self._found)

    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self._found if d.level is not Level.ERROR)

    def raise_errors(self) -> None:
        """Raise SmokeError with all that was found, in the order of the file, if an error is among it."""
        if self.failed:
            raise SmokeError(sorted(self._found, key=_place))

    def model(
        self, kind: type[M], node: Node, what: str, *, skip: Collection[str] = ()
    ) -> M | None:
        """The model of a node, or None after its faults were reported. `what` is the word for it (`request`)."""
        model: Any = kind  # ours, or pydantic's
        if skip and isinstance(node, Pairs):  # most of a step is for other readers
            value: Any = {key.text: plain(item) for key, item in node.pairs if key.text not in skip}
        else:
            value = plain(node)
        if not isinstance(node, Pairs) and not _takes_other(kind):
            self.error(
                "wrong-type",
                f"{what}: a mapping of keys and values is expected, not {found(node)}",
                node.span,
            )
            return None
        try:
            made = typing.cast("M", model.model_validate(value))
        except ValueError as error:
            faults = _faults(error)
            choices: dict[tuple[int | str, ...], list[str]] = {}
            for fault in faults:
                place = _without_choice(fault["loc"])
                if place == fault["loc"] or fault["type"] in ("extra_forbidden", "missing"):
                    self._fault(kind, node, what, fault["type"], fault["loc"], fault["msg"])
                else:
                    choices.setdefault(place, []).append(_words(fault["msg"]))
            for place, wanted in choices.items():
                message = " or ".join(word.removesuffix(" is expected") for word in wanted)
                self._fault(kind, node, what, "choice", place, f"{message} is expected")
            return None
        dropped = list(_dropped(kind, value))
        for place in dropped:
            self._fault(kind, node, what, "extra_forbidden", place, "")
        return None if dropped else made

    def _fault(
        self,
        kind: type[Any],
        node: Node,
        what: str,
        fault: str,
        loc: tuple[int | str, ...],
        message: str,
    ) -> None:
        inner, name = _model_at(kind, loc[:-1], what)
        if fault == "extra_forbidden":
            key = str(loc[-1])
            known = keys_of(inner)
            self.unknown(
                "unknown-key",
                f"{_a(name)} has no key '{key}'",
                key_span(node, loc),
                key,
                known,
                f"keys of {_a(name)}",
            )
            return
        if fault == "missing":
            span = key_span(node, loc[:-1])
            self.error("missing-key", f"{_a(name)} needs the key '{loc[-1]}'", span)
            return
        words = _words(message)
        if fault == "string_pattern_mismatch":
            words = f"expected: {_described(inner, loc)}"
        value = _value_at(node, loc)
        if words.endswith(" is expected") and value is not None:
            words += f", not {found(value)}"
        label, near = "", None
        if isinstance(value, Scalar) and value.plain and "text is expected" in words:
            label = f"write '{value.text}'" if value.text else ""
        if isinstance(value, Scalar) and fault == "literal_error":
            near = self.near(value.text, re.findall(r"'([^']+)'", message))
            label = f"did you mean '{near}'?" if near else ""
        words = f"{_path(loc, what)}: {words}"
        self.error("bad-value", words, value_span(node, loc), label=label, suggestion=near)


def _faults(error: ValueError) -> list[Any]:
    """What pydantic found. Raises the error again when it is not pydantic's, which is loaded then."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        raise error
    return list(error.errors(include_url=False, include_input=False, include_context=False))


def _dropped(kind: Any, value: Any, loc: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places of keys that a model of another package would leave out in silence, since it says nothing of them."""
    if (
        not isinstance(value, dict)
        or issubclass(kind, Model)  # ours knows its keys
        or getattr(kind, "__pydantic_root_model__", False)
    ):
        return
    known: dict[str | None, Any] = {}
    for name, field in kind.model_fields.items():
        if not isinstance(field.validation_alias, (str, type(None))):
            return  # a choice of names, or a path: it says itself where it looks
        known |= dict.fromkeys((field.alias, field.validation_alias, name), field.annotation)
    if not kind.model_config.get("extra"):
        yield from ((*loc, key) for key in value if key not in known)
    for key in value:
        annotation = known.get(key)
        for part in (annotation, *typing.get_args(annotation)):
            if isinstance(part, type) and hasattr(part, "model_fields"):
                yield from _dropped(part, value[key], (*loc, key))


def keys_of(kind: type[Any]) -> list[str]:
    """The keys that a model takes, as they are written, sorted."""
    return sorted(field.alias or name for name, field in kind.model_fields.items())


def _takes_other(kind: type[Any]) -> bool:
    """Whether something else than a mapping may stand for the model (a short form)."""
    return getattr(kind, "__pydantic_root_model__", False) or hasattr(kind, "_short_form")


def _model_at(kind: type[Any], loc: tuple[int | str, ...], what: str) -> tuple[type[Any], str]:
    """The model that a fault's place lies in, and the word for it."""
    for step in loc:
        fields: Mapping[str, Any] = kind.model_fields
        found = next(((n, f) for n, f in fields.items() if step in (n, f.alias)), None)
        if found is None:
            continue
        annotation = hints_of(kind)[found[0]] if issubclass(kind, Model) else found[1].annotation
        inner = next(
            (
                part
                for part in (annotation, *typing.get_args(annotation))
                if isinstance(part, type) and hasattr(part, "model_fields")
            ),
            None,
        )
        if inner is not None:
            kind, what = inner, str(step)
    return kind, what


def _without_choice(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """A fault's place without pydantic's name for the alternative of a union that it tried (`bool`, `str`)."""
    return loc[:-1] if len(loc) > 1 and loc[-1] in _ALTERNATIVES else loc


def _described(kind: type[Any], loc: tuple[int | str, ...]) -> str:
    """What a field takes, by its description."""
    found = next(
        (f for name, f in kind.model_fields.items() if loc and loc[-1] in (name, f.alias)), None
    )
    text = (found.description if found is not None else None) or "another form"
    return (text[0].lower() + text[1:]).partition(" [")[0]


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _path(loc: tuple[int | str, ...], what: str) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return text.removeprefix(".") or what


_SUBJECT = re.compile(r"^(?:Dictionary|Input|List|Set|String|Tuple) should")
_ALTERNATIVES = ("bool", "str", "int", "float")
_TYPES = {
    "Input should be a valid string": "a text is expected",
    "Input is not a valid path": "a text is expected",
    "Input should be a valid boolean": "true or false is expected",
    "Input should be a valid integer": "a whole number is expected",
    "Input should be a valid number": "a number is expected",
    "Input should be a valid dictionary": "a mapping of keys and values is expected",
    "Input should be a valid list": "a list is expected",
    "Input should be a valid tuple": "a list is expected",
}


def _words(message: str) -> str:
    message = message.removeprefix("Value error, ")
    for known, ours in _TYPES.items():
        if message.startswith(known):
            return ours
    if message.startswith(
        ("Input should be a valid dictionary or instance", "Input should be an object")
    ):
        return "a mapping of keys and values is expected"
    return _SUBJECT.sub("it should", message.partition(" after validation")[0])


def _value_at(node: Node, loc: Sequence[int | str]) -> Node | None:
    """The node at a path; None when the path leads nowhere."""
    for step in loc:
        inner: Node | None = None
        if isinstance(node, Pairs):
            inner = node.get(str(step))
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            inner = node.items[step]
        if inner is None:
            return None
        node = inner
    return node


def value_span(node: Node, loc: Sequence[int | str]) -> Span:
    """Where the value at a path stands; the nearest place above it when the path leads nowhere."""
    for step in loc:
        if isinstance(node, Pairs) and (inner := node.get(str(step))) is not None:
            node = inner
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
    return node.span


def key_span(node: Node, loc: Sequence[int | str]) -> Span:
    """Where the key at the end of a path stands."""
    span = node.span
    for step in loc:
        if isinstance(node, Pairs):
            key = node.key(str(step))
            inner = node.get(str(step))
            if key is None or inner is None:
                break
            span, node = key.span, inner
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            span = node.span
        else:
            break
    return span


def stretch(line: str, scalar: Scalar, start: int, end: int) -> Span:
    """The place of a stretch of a scalar, as near as it can be told: quotes and folded lines move it."""
    span = scalar.span
    at = line.find(scalar.text[start:end], max(0, span.column - 1))
    if at < 0:
        return span
    return Span(span.source, span.line, at + 1, span.line, at + 1 + max(1, end - start))


def expectation_lines(node: Pairs) -> dict[str, Span]:
    """Where each expectation of a step stands, its captures and the rule for its order's id included."""
    lines = {"": node.span}
    capture = node.get("capture")
    for key, value in capture.pairs if isinstance(capture, Pairs) else ():
        lines[f"capture.{key.text}"] = value.span if isinstance(value, Scalar) else key.span
    order = node.get("places_order")
    if isinstance(order, Pairs) and order.get("id") is not None:
        lines["places_order.id"] = value_span(node, ("places_order", "id"))
    expect = node.get("expect")
    if isinstance(expect, Pairs):
        for key, value in expect.pairs:
            lines[key.text] = value.span if not isinstance(value, Pairs) else key.span
            if isinstance(value, Pairs):
                for inner, target in value.pairs:
                    lines[f"{key.text}.{inner.text}"] = (
                        target.span if isinstance(target, Scalar) else inner.span
                    )
    return lines


def _place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    span = diagnostic.span
    return (span.source, span.line, span.column) if span is not None else ("", 0, 0)
