"""What will go wrong with a scenario's own values: its templates tried out with all that is known before it runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smoke.diagnostic import Diagnostic, SmokeError, Span
from smoke.engine.rounds import rounds_of
from smoke.model.run import JsonValue
from smoke.scenario.blame import place_of, written
from smoke.scenario.inserted import matcher_with
from smoke.scenario.model import Scenario, Step, every_step
from smoke.scenario.scope import ORDER_NAMES, Scope, TemplateError
from smoke.scenario.template import render, render_text
from smoke.scenario.when import holds
from smoke.steps import BuildError
from smoke.steps._guarded import built
from smoke.steps._session import Making

_MOST_ROUNDS = 200
_LOOP: dict[str, JsonValue] = {"index": 0, "number": 1}


def foreseen(scenario: Scenario, scope: Scope, base_url: str) -> tuple[Diagnostic, ...]:
    """A diagnostic for each template that cannot be used with the values that it will have.

    `scope` holds the scenario's variables and whatever else is known; what a step captures, the orders, and all that
    depends on them is not, and is not judged. Neither is a step whose condition is not known to hold.
    """
    looking = _Looking(scenario, base_url)
    for steps, teardown in ((scenario.steps, False), (scenario.teardown, True)):
        for step in steps:
            looking.step(step, scope, frozenset(), teardown=teardown)
    return tuple(looking.found)


class _Looking:
    def __init__(self, scenario: Scenario, base_url: str) -> None:
        self._base_url = base_url
        captured = [
            name
            for step in every_step((*scenario.steps, *scenario.teardown))
            for name in step.gives
        ]
        given = [name for need in scenario.needs for name in need.gives]
        self._unknown = frozenset((*captured, *given, *ORDER_NAMES, "order_id"))
        self._parameters: dict[str, tuple[dict[str, JsonValue], frozenset[str]]] = {}
        self.found: dict[Diagnostic, None] = {}

    def step(self, step: Step, scope: Scope, unknown: frozenset[str], *, teardown: bool) -> None:
        """Try out a step in each of its rounds."""
        for key in step.names_from:
            values, hidden = self._parameters.get(key, ({}, frozenset()))
            scope = scope.with_names(values)
            unknown = (unknown - values.keys()) | hidden
        if step.traits.binds:
            self._bind(step, scope, unknown)
            return
        for names, hidden in self._rounds(step, scope, unknown, teardown=teardown):
            inner = scope.with_names(names)
            self._round(step, inner, (unknown - names.keys()) | hidden, teardown=teardown)

    def _rounds(
        self, step: Step, scope: Scope, unknown: frozenset[str], *, teardown: bool
    ) -> Iterator[tuple[dict[str, JsonValue], frozenset[str]]]:
        """The names of each round that can be told, and which of them cannot be."""
        if step.for_each is None:
            yield ({"loop": _LOOP} if step.repeat is not None else {}), frozenset()
            return
        if not self._known(step.for_each, unknown):
            yield {"loop": _LOOP}, frozenset({"item"})
            return
        try:
            rounds = rounds_of(step, scope)
        except TemplateError as error:
            self._take(step, error)
            return
        if not rounds and not teardown and self._carried_out(step, scope, unknown):
            span = step.lines.get("for_each", place_of(step.for_each, step))
            message = "the list of for_each is empty, so nothing would be done; `when` says when that is right"
            self.found.setdefault(Diagnostic("bad-template-value", message, span=span))
        for names in rounds[:_MOST_ROUNDS]:
            yield names, frozenset()

    def _carried_out(self, step: Step, scope: Scope, unknown: frozenset[str]) -> bool:
        """Whether a step is known to be carried out."""
        if step.when is None:
            return True
        if not self._known(step.when, unknown):
            return False
        try:
            return holds(step.when, scope)
        except TemplateError as error:
            self._take(step, error)
        return False

    def _round(self, step: Step, scope: Scope, unknown: frozenset[str], *, teardown: bool) -> None:
        if not self._carried_out(step, scope, unknown):
            return
        around = {each.source for each in written([step.for_each, _plain(step.when)])}
        for source, span in step.places.items():
            if source in around or not self._known(source, unknown):
                continue
            try:
                render_text(source, scope)
            except TemplateError as error:
                self._take(step, error, span)
        if step.traits.sends is not None:
            self._request(step, scope, unknown)
        if step.traits.sends is not None or step.traits.receives:
            self._expectations(step, scope, unknown)
        for child in step.children:
            self.step(child, scope, unknown, teardown=teardown)

    def _request(self, step: Step, scope: Scope, unknown: frozenset[str]) -> None:
        try:
            built(step.kind, step.spec, Making(scope, self._base_url, lambda: "0", step.files))
        except BuildError as error:
            if error.template is not None and self._known(error.template, unknown):
                self._take(step, error)
        except TemplateError:
            return  # told above, or not to be told before the run
        except SmokeError as error:  # a kind of somebody else that fails here would fail in the run
            self.found.setdefault(Diagnostic("plugin-failed", str(error), span=step.span))

    def _expectations(self, step: Step, scope: Scope, unknown: frozenset[str]) -> None:
        """Matchers whose arguments are templates: a pattern that is none, a number that is a text."""
        expect = step.expect
        named = (("headers", expect.headers), ("json", expect.json_), ("html", expect.html))
        each = [(f"{key}.{name}", one) for key, group in named for name, one in group.items()]
        for path, spec in (("text", expect.text), ("url", expect.url), *each):
            if not self._known(spec, unknown):
                continue
            try:
                matcher_with(spec, scope)
            except TemplateError as error:
                self._take(step, error, _place_in(step, path, error.template))

    def _bind(self, step: Step, scope: Scope, unknown: frozenset[str]) -> None:
        """The parameters of an included file, as far as they can be told."""
        values: dict[str, JsonValue] = {}
        hidden = set()
        for name, given in step.spec["values"].items():
            hidden.add(name)
            if not self._known(given, unknown):
                continue
            try:
                values[name] = render(given, scope)
                hidden.remove(name)
            except TemplateError as error:
                self._take(step, error)
        self._parameters[step.spec["key"]] = (values, frozenset(hidden))

    def _known(self, template: Any, unknown: frozenset[str]) -> bool:
        return all(
            name not in unknown and name not in self._unknown
            for each in written(_plain(template))
            for name in each.first_names
        )

    def _take(
        self, step: Step, error: TemplateError | BuildError, span: Span | None = None
    ) -> None:
        place = span or place_of(error.template, step)
        self.found.setdefault(Diagnostic("bad-template-value", str(error), span=place))


def _place_in(step: Step, path: str, template: Any) -> Span:
    """Where a template of one expectation stands; that expectation's own place where the same text stands before it, too."""
    place = place_of(template, step)
    own = step.lines.get(path, place)
    before = (place.line, place.column) < (own.line, own.column)
    return own if before and place.source == own.source else place


def _plain(template: Any) -> Any:
    return template if isinstance(template, (str, list, dict)) else ""
