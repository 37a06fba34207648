"""Checks every template before anything is sent: its grammar, its names, its filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smoke.diagnostic import Span
from smoke.scenario.drafts import Draft
from smoke.scenario.filters import FILTERS
from smoke.scenario.includes import LET
from smoke.scenario.model import Scenario
from smoke.scenario.naming import name_problem
from smoke.scenario.nodes import Items, Node, Pairs, Scalar
from smoke.scenario.reading import Reader
from smoke.scenario.scope import NAMESPACES, ORDER_NAMES, fake_problem
from smoke.scenario.template import Expression, TemplateSyntaxError, call_problem, expressions

_SPACES = {"run": ("id", "started"), "target": ("url",), "loop": ("index", "number")}


def check_names(
    scenario: Scenario, root: Pairs, drafts: Sequence[Draft], reader: Reader
) -> tuple[str, ...]:
    """Report every unknown name in a template; the names of environment variables that templates need."""
    check = _Check(scenario, reader)
    check.variables(root)
    for draft in drafts:
        check.draft(draft)
    return tuple(sorted(check.environment))


class _Check:
    def __init__(self, scenario: Scenario, reader: Reader) -> None:
        self._scenario = scenario
        self._reader = reader
        self._known: dict[str, None] = dict.fromkeys(ORDER_NAMES)
        self._own: frozenset[str] = frozenset()
        """What the step that is looked at captures itself, when it goes round in a loop."""
        self.environment: set[str] = set()

    def variables(self, root: Pairs) -> None:
        """Each variable may use the ones before it."""
        node = root.get("variables")
        if not isinstance(node, Pairs):
            return
        for key, value in node.pairs:
            if problem := name_problem(key.text):
                self._reader.error("bad-name", problem, key.span)
            self._node(value, self._known)
            self._known[key.text] = None

    def draft(self, draft: Draft) -> None:
        """One step, with the names that it sees; what it captures is known behind it."""
        known = dict.fromkeys((*self._known, *draft.parameters))
        if draft.step is not None and draft.step.kind == LET:
            self._node(draft.node, known)
            if draft.defaults is not None:
                self._node(draft.defaults, known)
            return
        capture = draft.node.get("capture")
        own = [key.text for key, _ in capture.pairs] if isinstance(capture, Pairs) else []
        loops = draft.node.get("for_each") is not None or draft.node.get("repeat") is not None
        inner = dict.fromkeys((*known, "item", "loop")) if loops else known
        self._own = frozenset(own) if loops else frozenset()
        for key, value in draft.node.pairs:
            if key.text in ("name", "like", "together"):
                continue
            if key.text == "places_order" and isinstance(value, Pairs):
                # its `remove` is words for a person, with {{ order_id }} in them
                rule = value.get("id")
                if rule is not None:
                    self._node(rule, inner)
                continue
            self._node(value, known if key.text == "for_each" else inner)
        self._children(draft.children, inner)
        self._known.update(dict.fromkeys(own))

    def _children(self, children: Sequence[Draft], inner: dict[str, None]) -> None:
        """The steps of a `together`: they see the loop of their parent, but nothing of one another."""
        mine = self._known
        captured: dict[str, None] = {}
        for child in children:
            self._known = {**mine, **inner}
            self.draft(child)
            captured.update(dict.fromkeys(name for name in self._known if name not in inner))
        self._known = {**mine, **captured}

    def _node(self, node: Node, known: dict[str, None]) -> None:
        for scalar in _texts(node):
            try:
                for expression in expressions(scalar.text):
                    self._expression(scalar, expression, known)
            except TemplateSyntaxError as error:
                self._reader.error(
                    "template-syntax",
                    f"this template cannot be read: {error}",
                    self._span(scalar, error.start, error.end),
                )

    def _expression(self, scalar: Scalar, expression: Expression, known: dict[str, None]) -> None:
        for call in expression.filters:
            if call.name not in FILTERS:
                self._unknown(
                    scalar, expression, "filter", call.name, sorted(FILTERS), "unknown-filter"
                )
            elif problem := call_problem(call):
                self._wrong(scalar, expression, problem)
        first = str(expression.path[0])
        second = str(expression.path[1]) if len(expression.path) > 1 else ""
        has_default = any(call.name == "default" for call in expression.filters)
        if first == "fake":
            if problem := fake_problem(expression.path, expression.arguments):
                self._wrong(scalar, expression, problem)
            return
        if expression.arguments is not None:
            self._wrong(scalar, expression, f"'{first}' is not a function")
        if first == "secrets":
            declared = self._scenario.secrets
            if second not in declared or len(expression.path) != 2:
                self._unknown(
                    scalar, expression, "declared secret", second, declared, "unknown-name"
                )
        elif first == "env":
            if len(expression.path) != 2:
                self._wrong(scalar, expression, "a variable of the environment is env.NAME")
            elif not has_default:
                self.environment.add(second)
        elif first in _SPACES and (first != "loop" or first in known):
            names = _SPACES[first]
            if second not in names or len(expression.path) != 2:
                self._unknown(
                    scalar, expression, f"name in '{first}'", second, names, "unknown-name"
                )
        elif first not in known and not (has_default and first in self._own):
            self._unknown(scalar, expression, "name", first, [*known, *NAMESPACES], "unknown-name")

    def _wrong(self, scalar: Scalar, expression: Expression, message: str) -> None:
        span = self._span(scalar, expression.start, expression.end)
        self._reader.error("unknown-name" if "made-up" in message else "bad-call", message, span)

    def _unknown(
        self,
        scalar: Scalar,
        expression: Expression,
        what: str,
        name: str,
        known: Sequence[str],
        code: str,
    ) -> None:
        self._reader.unknown(
            code,
            f"there is no {what} '{name}' here",
            self._span(scalar, expression.start, expression.end),
            name,
            known,
            "known here",
        )

    def _span(self, scalar: Scalar, start: int, end: int) -> Span:
        """The place of a stretch of a scalar, as near as it can be told: quotes and folded lines move it."""
        line = self._reader.line(scalar.span)
        at = line.find(scalar.text[start:end], max(0, scalar.span.column - 1))
        if at < 0:
            return scalar.span
        return Span(
            scalar.span.source,
            scalar.span.line,
            at + 1,
            scalar.span.line,
            at + 1 + max(1, end - start),
        )


def _texts(node: Node) -> Iterator[Scalar]:
    """The texts in a node that hold a template."""
    if isinstance(node, Scalar):
        if "{{" in node.text and isinstance(node.value, str):
            yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from _texts(item)
    else:
        for key, value in node.pairs:
            if "{{" in key.text:
                yield key
            yield from _texts(value)
