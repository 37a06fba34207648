"""Templates: `{{ path | filter }}` in texts. A grammar of our own, one pass, nothing callable but a fixed list.

    {{ email }}  {{ '{{' }} (the braces themselves)  {{ item.id }}  {{ orders[0].key }}  {{ fake.digits(6) }}  {{ code | upper | default('none') }}
    {{ body | hmac('sha256', secrets.KEY) }} (an argument is a number, a quoted text, or a name with what is inside of it)

A template that is the whole text keeps the value's type; anything else gives text. Rendered values are never
expanded again, so a captured `{{ secrets.X }}` stays those characters.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec import Struct

from smoke.model.numbers import fraction, json_text
from smoke.model.run import JsonValue
from smoke.scenario.filtering import MAX_TEXT, FilterError
from smoke.scenario.filters import FILTERS
from smoke.scenario.scope import Scope, TemplateError

MAX_RENDERED = MAX_TEXT
"""Characters of a rendered text at most."""

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<number>-?[0-9]{1,18}(?:\.[0-9]{1,18})?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<mark>[.\[\]()|,]))"
)


_BRACES = re.compile(r"\{\{ ?| ?\}\}")


class NamedValue(Struct, frozen=True):
    """An argument that is the value of a name."""

    path: tuple[str | int, ...]


Argument: TypeAlias = "JsonValue | NamedValue"


class Call(Struct, frozen=True):
    """A filter with its arguments."""

    name: str
    arguments: tuple[Argument, ...] = ()
    start: int = 0


class Expression(Struct, frozen=True):
    """One `{{ … }}`: the path from a name, arguments for its end if it has any, and the filters behind it.

    `start` and `end` are offsets of the whole expression, braces included, in the text that holds it.
    """

    path: tuple[str | int, ...]
    arguments: tuple[Argument, ...] | None
    filters: tuple[Call, ...]
    start: int
    end: int
    source: str = ""
    """The expression as it is written, braces included."""

    @property
    def references(self) -> tuple[NamedValue, ...]:
        """The names among its arguments."""
        given = (self.arguments or (), *(call.arguments for call in self.filters))
        return tuple(each for some in given for each in some if isinstance(each, NamedValue))

    @property
    def first_names(self) -> tuple[str, ...]:
        """The first names of all paths in it; its own is the first."""
        return tuple(str(path[0]) for path in (self.path, *(r.path for r in self.references)))


Part: TypeAlias = "str | Expression"


class TemplateSyntaxError(TemplateError):
    """The text between the braces does not follow the grammar; `start` and `end` are offsets in the whole text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


@functools.lru_cache(maxsize=4096)
def compile_text(text: str) -> tuple[Part, ...]:
    """The literal pieces and expressions of a text. Raises TemplateSyntaxError."""
    if "{{" not in text:
        return (text,)
    parts: list[Part] = []
    at = 0
    while (start := text.find("{{", at)) >= 0:
        if start > at:
            parts.append(text[at:start])
        end = _closing(text, start + 2)
        if end < 0:
            raise TemplateSyntaxError(
                "'{{' without '}}'; the two characters themselves are written {{ '{{' }}",
                start,
                start + 2,
            )
        parts.append(_quoted(text[start + 2 : end]) or _Parser(text, start, end).expression())
        at = end + 2
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)


def _quoted(inside: str) -> str:
    """The text of `{{ '…' }}`, which stands for itself: how `{{` is written. Empty for anything else."""
    match = _TOKEN.fullmatch(inside.rstrip())
    return match["text"][1:-1] if match is not None and match["text"] is not None else ""


def _closing(text: str, at: int) -> int:
    """Where the `}}` of an expression is; quoted texts may hold braces."""
    quote = ""
    for index in range(at, len(text)):
        character = text[index]
        if quote:
            if character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif text.startswith("}}", index):
            return index
        elif text.startswith("{{", index):
            return -1
    return -1


class _Parser:
    """Reads one expression."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._at = start + 2

    def expression(self) -> Expression:
        if not self._text[self._at : self._end].strip():
            raise self._wrong(self._start, self._end + 2, "nothing stands between the braces")
        path: list[str | int] = [self._name("a name")]
        arguments: tuple[Argument, ...] | None = None
        filters: list[Call] = []
        while (token := self._next()) is not None:
            mark = token.group("mark")
            if mark == "." and arguments is None and not filters:
                path.append(self._name("a name behind the dot"))
            elif mark == "[" and arguments is None and not filters:
                path.append(self._index())
            elif mark == "(" and arguments is None and not filters:
                arguments = self._arguments()
            elif mark == "|":
                name_at = self._at
                name = self._name("a filter")
                follows = self._peek()
                given: tuple[Argument, ...] = ()
                if follows is not None and follows.group("mark") == "(":
                    self._at = follows.end()
                    given = self._arguments()
                filters.append(Call(name, given, name_at))
            else:
                raise self._wrong(
                    token.start(), token.end(), f"'{token.group().strip()}' is not expected here"
                )
        source = self._text[self._start : self._end + 2]
        return Expression(
            tuple(path), arguments, tuple(filters), self._start, self._end + 2, source
        )

    def _peek(self) -> re.Match[str] | None:
        match = _TOKEN.match(self._text, self._at, self._end)
        return match if match is not None and match.end() > self._at else None

    def _next(self) -> re.Match[str] | None:
        match = self._peek()
        if match is None:
            rest = self._text[self._at : self._end]
            if rest.strip():
                start = self._at + len(rest) - len(rest.lstrip())
                raise self._wrong(
                    start,
                    self._end,
                    "only names, dots, [index] and | filters stand between the braces",
                )
            return None
        self._at = match.end()
        return match

    def _name(self, what: str) -> str:
        token = self._next()
        if token is None or token.group("name") is None:
            at = token.start() if token is not None else self._at
            raise self._wrong(at, self._end, f"{what} is expected here")
        return token.group("name")

    def _index(self) -> str | int:
        token = self._next()
        closing = self._next()
        if token is None or closing is None or closing.group("mark") != "]":
            raise self._wrong(self._at, self._end, "an index such as [0] is expected here")
        value = self._literal(token)
        if not isinstance(value, (str, int)):
            raise self._wrong(token.start(), token.end(), "an index is a number or a quoted name")
        return value

    def _arguments(self) -> tuple[Argument, ...]:
        values: list[Argument] = []
        token = self._next()
        if token is not None and token.group("mark") == ")":
            return ()
        while token is not None:
            values.append(self._argument(token))
            token = self._next()
            if token is not None and token.group("mark") == ")":
                return tuple(values)
            if token is None or token.group("mark") != ",":
                break
            token = self._next()
        raise self._wrong(self._at, self._end, "')' is missing")

    def _argument(self, token: re.Match[str]) -> Argument:
        if token.group("name") is None:
            return self._literal(token)
        path: list[str | int] = [token.group("name")]
        while (follows := self._peek()) is not None and follows.group("mark") in (".", "["):
            self._at = follows.end()
            is_dot = follows.group("mark") == "."
            path.append(self._name("a name behind the dot") if is_dot else self._index())
        return NamedValue(tuple(path))

    def _literal(self, token: re.Match[str]) -> JsonValue:
        if token.group("number") is not None:
            return self._number(token.group("number"), token)
        if token.group("text") is not None:
            return token.group("text")[1:-1]
        raise self._wrong(
            token.start(), token.end(), "a number, a quoted text or a name is expected here"
        )

    def _number(self, written: str, token: re.Match[str]) -> JsonValue:
        if "." in written:
            return fraction(written)
        if str(int(written)) != written:
            raise self._wrong(
                token.start("number"), token.end(), f"a text such as '{written}' stands in quotes"
            )
        return int(written)

    def _wrong(self, start: int, end: int, message: str) -> TemplateSyntaxError:
        return TemplateSyntaxError(message, start, max(end, start + 1))


def expressions(text: str) -> Iterator[Expression]:
    """The expressions in a text. Raises TemplateSyntaxError."""
    return (part for part in compile_text(text) if isinstance(part, Expression))


def stem(name: str) -> str:
    """A name with the templates in it as their words, the same in every round: `Order item.sku`."""
    return _BRACES.sub("", name).strip() or name


def sample(text: str) -> str:
    """The text with something harmless in the place of each template, to check the rest of it when it is loaded."""
    return "".join("0" if isinstance(part, Expression) else part for part in compile_text(text))


def render(
    value: JsonValue, scope: Scope, *, encode: Callable[[str], str] | None = None
) -> JsonValue:
    """The value with every template in it, at any depth, replaced, keys of objects included.

    `encode` is applied to each inserted text (a URL's path segment). Raises TemplateError.
    """
    if isinstance(value, str):
        return render_text(value, scope, encode=encode)
    if isinstance(value, list):
        return [render(item, scope, encode=encode) for item in value]
    if isinstance(value, dict):
        return _object(value, scope, encode)
    return value


def _object(
    value: dict[str, JsonValue], scope: Scope, encode: Callable[[str], str] | None
) -> dict[str, JsonValue]:
    rendered: dict[str, JsonValue] = {}
    for key, item in value.items():
        name = as_text(render_text(key, scope, encode=encode))
        if name in rendered:
            raise TemplateError(f"the key '{name[:60]}' comes up twice", key)
        rendered[name] = render(item, scope, encode=encode)
    return rendered


def render_text(
    text: str, scope: Scope, *, encode: Callable[[str], str] | None = None
) -> JsonValue:
    """One text rendered; the value itself when the whole text is one template."""
    if "{{" not in text:
        return text
    parts = compile_text(text)
    if len(parts) == 1 and isinstance(parts[0], Expression):
        value = evaluate(parts[0], scope)
        return encode(as_text(value)) if encode is not None else value
    pieces = []
    size = 0
    for part in parts:
        piece = part
        if isinstance(part, Expression):
            piece = as_text(evaluate(part, scope))
            if encode is not None:
                piece = encode(piece)
        assert isinstance(piece, str)
        size += len(piece)
        if size > MAX_RENDERED:
            raise TemplateError(f"the text grows beyond {MAX_RENDERED:,} characters", text)
        pieces.append(piece)
    return "".join(pieces)


def evaluate(expression: Expression, scope: Scope) -> JsonValue:
    """The value of an expression. Raises TemplateError: unknown name, wrong index, a filter that does not fit."""
    try:
        return _evaluated(expression, scope)
    except TemplateError as error:
        error.template = expression.source
        raise


def _evaluated(expression: Expression, scope: Scope) -> JsonValue:
    has_default = any(call.name == "default" for call in expression.filters)
    try:
        written = expression.arguments
        given = None if written is None else _arguments_of(written, scope)
        value = scope.look_up(expression.path, given)
    except TemplateError:
        if not has_default:
            raise
        value = None
    made_of = [value]
    for call in expression.filters:
        arguments = _arguments_of(call.arguments, scope)
        value = _filtered(call.name, value, arguments)
        # a default that was not taken has no part in the value
        made_of += [value] if call.name == "default" else arguments
    if expression.filters:
        for part in made_of:
            scope.derived(part, value)
    return value


def _arguments_of(arguments: tuple[Argument, ...], scope: Scope) -> list[JsonValue]:
    return [
        scope.look_up(each.path) if isinstance(each, NamedValue) else each for each in arguments
    ]


def _filtered(name: str, value: JsonValue, arguments: list[JsonValue]) -> JsonValue:
    apply = FILTERS.get(name)
    if apply is None:
        raise TemplateError(f"there is no filter '{name}'")
    try:
        return apply(value, *arguments)
    except FilterError as error:
        raise TemplateError(f"filter '{name}': {error}") from error
    except UnicodeEncodeError as error:
        raise TemplateError(
            f"filter '{name}': the text holds half a character, which UTF-8 cannot write"
        ) from error
    except TypeError as error:
        raise TemplateError(f"filter '{name}' does not take these arguments") from error


def as_text(value: JsonValue) -> str:
    """A value as it stands inside a text: numbers as they were written, objects and lists as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json_text(value)
