"""Checks every template before anything is sent: its grammar, its names, its filters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smoke.diagnostic import Span, nearest
from smoke.scenario.compose import Draft
from smoke.scenario.fake import KINDS
from smoke.scenario.filters import FILTERS
from smoke.scenario.includes import LET
from smoke.scenario.model import VARIABLE, Scenario
from smoke.scenario.nodes import Items, Node, Pairs, Scalar
from smoke.scenario.reading import Reader
from smoke.scenario.scope import LOOP_NAMES, NAMESPACES, unknown_fake
from smoke.scenario.template import Expression, TemplateSyntaxError, expressions

_SPACES = {"run": ("id", "started"), "target": ("url",)}


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
        self._known: dict[str, None] = {"orders": None}
        self.environment: set[str] = set()

    def variables(self, root: Pairs) -> None:
        """Each variable may use the ones before it."""
        node = root.get("variables")
        if not isinstance(node, Pairs):
            return
        for key, value in node.pairs:
            if not re.fullmatch(VARIABLE, key.text):
                self._reader.error(
                    "bad-name",
                    f"'{key.text}' is no name for a variable: letters, digits and _, beginning with a letter",
                    key.span,
                )
            elif key.text in NAMESPACES or key.text in LOOP_NAMES:
                self._reader.error(
                    "bad-name", f"'{key.text}' has a meaning of its own in templates", key.span
                )
            self._node(value, self._known)
            self._known[key.text] = None

    def draft(self, draft: Draft) -> None:
        """One step, with the names that it sees; what it captures is known behind it."""
        known = dict.fromkeys((*self._known, *draft.parameters))
        if draft.step is not None and draft.step.kind == LET:
            self._node(draft.node, known)
            return
        loops = draft.node.get("for_each") is not None or draft.node.get("repeat") is not None
        inner = dict.fromkeys((*known, "item", "loop")) if loops else known
        for key, value in draft.node.pairs:
            if key.text in ("name", "like", "together"):
                continue
            if key.text == "places_order" and isinstance(value, Pairs):
                continue  # its `remove` is words for a person, with {{ order_id }} in them
            self._node(value, known if key.text == "for_each" else inner)
        for child in draft.children:
            self.draft(child)
        capture = draft.node.get("capture")
        if isinstance(capture, Pairs):
            self._known.update(dict.fromkeys(key.text for key, _ in capture.pairs))

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
        first = str(expression.path[0])
        second = str(expression.path[1]) if len(expression.path) > 1 else ""
        if first == "fake":
            if second not in KINDS or len(expression.path) != 2:
                self._reader.error(
                    "unknown-name",
                    unknown_fake(second),
                    self._span(scalar, expression.start, expression.end),
                )
        elif first == "secrets":
            if second not in self._scenario.secrets:
                self._unknown(
                    scalar,
                    expression,
                    "declared secret",
                    second,
                    list(self._scenario.secrets),
                    "unknown-name",
                )
        elif first == "env":
            if not any(call.name == "default" for call in expression.filters):
                self.environment.add(second)
        elif first in _SPACES:
            if second not in _SPACES[first]:
                self._unknown(
                    scalar, expression, f"name in '{first}'", second, _SPACES[first], "unknown-name"
                )
        elif first not in known:
            self._unknown(scalar, expression, "name", first, [*known, *NAMESPACES], "unknown-name")

    def _unknown(
        self,
        scalar: Scalar,
        expression: Expression,
        what: str,
        name: str,
        known: Sequence[str],
        code: str,
    ) -> None:
        near = nearest(name, known)
        self._reader.error(
            code,
            f"there is no {what} '{name}' here",
            self._span(scalar, expression.start, expression.end),
            label=f"did you mean '{near}'?" if near else "",
            suggestion=near,
            notes=[f"known here: {', '.join(list(known)[:30]) or '(none)'}"],
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
        if isinstance(node.value, str) and "{{" in node.value:
            yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from _texts(item)
    else:
        for _, value in node.pairs:
            yield from _texts(value)
