"""Checks every template before anything is sent: its grammar, its names, its filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from smoke.diagnostic import Span
from smoke.model.run import JsonValue
from smoke.scenario.drafts import StepDraft
from smoke.scenario.filter_rules import call_problem, missing_package
from smoke.scenario.filters import FILTERS
from smoke.scenario.model import INCLUDE, Needed, Scenario, Step
from smoke.scenario.naming import name_problem
from smoke.scenario.nodes import Node, Pairs, Scalar
from smoke.scenario.reading import Reader, stretch
from smoke.scenario.scope import NAMESPACES, ORDER_NAMES, fake_problem
from smoke.scenario.template import Expression, NamedValue, TemplateSyntaxError, expressions
from smoke.scenario.traits import Holds
from smoke.scenario.uses import has_default, readable, texts

_SPACES = {"run": ("id", "started"), "target": ("url",), "loop": ("index", "number")}


def check_names(
    scenario: Scenario,
    root: Pairs,
    drafts: Sequence[StepDraft],
    reader: Reader,
    given: Mapping[str, Sequence[str]],
) -> tuple[Needed, dict[str, Needed]]:
    """Report every unknown name in a template; what the steps need, and what each variable does.

    `given` are the names that needed scenarios give, with those below them.
    """
    check = _Check(scenario, reader)
    of_variables = check.variables(root)
    check.know(given)
    for draft in drafts:
        check.draft(draft)
    return check.needed(), of_variables


def check_values(
    scenario: Scenario, node: Pairs, reader: Reader
) -> tuple[dict[str, Needed], dict[str, Span]]:
    """Report every unknown name in the values of a scenario's variables; what each needs, and the secrets in them."""
    check = _Check(scenario, reader)
    needed: dict[str, Needed] = {}
    for key, value in node.pairs:
        check.value(value)
        needed[key.text] = check.needed()
    return needed, check.secrets


class _Loop(Struct, frozen=True):
    """A loop that captures a name: what it is called and where."""

    name: str
    line: int


class _Check:
    def __init__(self, scenario: Scenario, reader: Reader) -> None:
        self._scenario = scenario
        self._reader = reader
        self._known: dict[str, None] = dict.fromkeys(ORDER_NAMES)
        self._bound: frozenset[str] = frozenset()
        """The includes whose parameters have their values."""
        self._over: dict[str, _Loop] = {}
        """What loops that are over captured: it ended with their rounds."""
        self._ahead: dict[str, _Loop] = {}
        """What the loops around will capture further down: a round does not have it of the one before."""
        self._given: frozenset[str] = frozenset()
        """The parameters of the file that the step is in: they go before all other names."""
        self._columns: tuple[str, ...] = ()
        """The names in the rows that the innermost loop goes through, where they are of a file."""
        self._draft: StepDraft | None = None
        """The step that is looked at."""
        self._environment: dict[str, Span] = {}
        """The variables of the environment that were met since it was last asked, and where."""
        self._met: set[str] = set()
        """The other names that were."""
        self._spaces: dict[str, Sequence[str]] = dict(_SPACES)
        """The names below those that have some: a customer's, too."""
        self.secrets: dict[str, Span] = {}
        """The declared secrets that were met, and where."""

    def variables(self, root: Pairs) -> dict[str, Needed]:
        """Each variable may use the ones before it; what each needs."""
        node = root.get("variables")
        found: dict[str, Needed] = {}
        for key, value in node.pairs if isinstance(node, Pairs) else ():
            if problem := name_problem(key.text):
                self._reader.error("bad-name", problem, key.span)
            self._node(value, self._known)
            self._known[key.text] = None
            found[key.text] = self.needed()
        return found

    def needed(self) -> Needed:
        """What the templates need that were looked at since this was last asked."""
        needed = Needed(self._environment, frozenset(self._met))
        self._environment, self._met = {}, set()
        return needed

    def know(self, names: Mapping[str, Sequence[str]]) -> None:
        """Names that are known to all steps, and those below each where they can be told."""
        self._known.update(dict.fromkeys(names))
        self._spaces.update((name, below) for name, below in names.items() if below)

    def value(self, node: Node) -> None:
        """A value that sees none of a scenario's names."""
        self._node(node, {})

    def draft(self, draft: StepDraft) -> None:
        """One step, with the names that it sees; what it captures is known behind it."""
        self._given, self._draft = frozenset(draft.parameters), draft
        if draft.step is not None and draft.step.traits.binds:
            known = self._seen(draft)
            self._node(draft.node, known)
            if draft.defaults is not None:
                self._parameters(draft.defaults, draft.node.get(INCLUDE), known)
            self._bound |= {draft.step.spec["key"]}
            return
        if draft.step is not None:
            self._taken_over(draft, draft.step)
        for_each = draft.node.get("for_each")
        if for_each is not None:
            self._node(for_each, self._seen(draft))
        if for_each is None and draft.node.get("repeat") is None:
            self._round(draft)
            return
        # a round begins with what is known outside of the loop, and what it captures ends with it
        known, bound, over, ahead = self._known, self._bound, self._over, self._ahead
        columns, self._columns = self._columns, _columns(draft)
        loop = _Loop(draft.name, draft.node.span.line)
        captured = dict.fromkeys(_captured(draft), loop)
        self._known = dict.fromkeys((*known, "item", "loop"))
        self._over, self._ahead = dict(over), {**ahead, **captured}
        self._round(draft)
        self._known, self._bound, self._ahead = known, bound, ahead
        self._over, self._columns = {**over, **captured}, columns

    def _parameters(self, defaults: Pairs, include: Node | None, known: dict[str, None]) -> None:
        """The defaults of an include's parameters; one in whose place another value is given needs nothing."""
        given = include.get("with") if isinstance(include, Pairs) else None
        for name, value in defaults.pairs:
            environment, met = dict(self._environment), set(self._met)
            self._node(value, known)
            if isinstance(given, Pairs) and given.get(name.text) is not None:
                self._environment, self._met = environment, met

    def _round(self, draft: StepDraft) -> None:
        """One round of a step, its loop apart."""
        seen = self._seen(draft)
        for key, value in draft.node.pairs:
            if key.text in ("like", "for_each", *draft.apart):
                continue
            if key.text == "places_order" and isinstance(value, Pairs):
                for part, names in (("id", seen), ("remove", {**seen, "order_id": None})):
                    if (rule := value.get(part)) is not None:
                        self._node(rule, names)
                continue
            self._node(value, seen)
            if key.text == "name":
                self._steady(value)
        if draft.holds is Holds.TOGETHER:
            self._together(draft.children)
        else:
            for child in draft.children:
                self.draft(child)
        self._capture(_own(draft))

    def _steady(self, name: Node) -> None:
        """A name holds no made-up data: it would be another one each time it is told."""
        for scalar in texts(name):
            for expression in readable(scalar.text):
                changing = {"fake": "made-up data", "now": "time"}
                for word in changing.keys() & set(expression.first_names):
                    message = f"a step's name takes no {changing[word]}: put it into a variable"
                    span = self._span(scalar, expression.start, expression.end)
                    self._reader.error("bad-name", message, span)

    def _together(self, children: Sequence[StepDraft]) -> None:
        """The steps of a `together` see nothing of one another."""
        known, over, ahead = self._known, self._over, self._ahead
        gained: dict[str, None] = {}
        for child in children:
            self._known, self._over, self._ahead = dict(known), dict(over), dict(ahead)
            self.draft(child)
            gained.update((name, None) for name in self._known if name not in known)
            gained.update((name, None) for name in over if name not in self._over)
            gained.update((name, None) for name in ahead if name not in self._ahead)
        self._known, self._over, self._ahead = known, over, ahead
        self._capture(tuple(gained))

    def _capture(self, names: Sequence[str]) -> None:
        """Names that are known from here on."""
        for name in names:
            self._known[name] = None
            self._spaces.pop(name, None)
            self._over.pop(name, None)
            self._ahead.pop(name, None)

    def _seen(self, draft: StepDraft) -> dict[str, None]:
        return dict.fromkeys((*self._known, *draft.parameters))

    def _taken_over(self, draft: StepDraft, step: Step) -> None:
        """A step that `like` took out of an included file still means that file's parameters."""
        if not self._bound.issuperset(step.names_from):
            node = draft.node.get("name")
            self._reader.error(
                "loop-capture",
                f"'{draft.name}' is like a step of an include that is in a loop: its parameters are known there only",
                node.span if node is not None else draft.node.span,
            )

    def _node(self, node: Node, known: dict[str, None]) -> None:
        for scalar in texts(node):
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
        self._filters(scalar, expression)
        self._met.update(set(expression.first_names) - self._given)
        if expression.path[0] == "fake":
            if problem := fake_problem(expression.path, _literal(expression.arguments)):
                self._wrong(scalar, expression, problem)
        elif expression.arguments is not None:
            self._wrong(scalar, expression, f"'{expression.path[0]}' is not a function")
        self._path(scalar, expression, expression.path, known, needed=not has_default(expression))
        for reference in expression.references:
            if reference.path[0] == "fake" and (problem := fake_problem(reference.path, ())):
                self._wrong(scalar, expression, problem)
            self._path(scalar, expression, reference.path, known, needed=True)

    def _path(
        self,
        scalar: Scalar,
        expression: Expression,
        path: Sequence[str | int],
        known: dict[str, None],
        *,
        needed: bool,
    ) -> None:
        first = str(path[0])
        second = str(path[1]) if len(path) > 1 else ""
        if first == "fake":
            return
        if first == "env":
            self._variable(scalar, expression, path, needed=needed)
            return
        if first == "secrets":
            declared = self._scenario.secrets
            self.secrets.setdefault(second, self._span(scalar, expression.start, expression.end))
            if second not in declared or len(path) != 2:
                self._unknown(
                    scalar, expression, "declared secret", second, declared, "unknown-name"
                )
        elif first == "now":
            if len(path) != 1:
                self._wrong(scalar, expression, "now is a text: filters make other things of it")
        elif first in self._spaces and (first in NAMESPACES or first in known):
            names = self._spaces[first]
            if second not in names or (first in _SPACES and len(path) != 2):
                self._unknown(
                    scalar, expression, f"name in '{first}'", second, names, "unknown-name"
                )
        elif first not in self._given and (first in self._over or first in self._ahead):
            self._of_a_round(scalar, expression, first, shadowed=first in known)
        elif first == "item" and first in known and self._columns:
            if second and second not in self._columns:
                self._unknown(scalar, expression, "column", second, self._columns, "unknown-name")
        elif first not in known:
            self._unknown(scalar, expression, "name", first, [*known, *NAMESPACES], "unknown-name")

    def _variable(
        self, scalar: Scalar, expression: Expression, path: Sequence[str | int], *, needed: bool
    ) -> None:
        """One of the environment."""
        if len(path) != 2:
            self._wrong(scalar, expression, "a variable of the environment is env.NAME")
        elif needed:
            span = self._span(scalar, expression.start, expression.end)
            self._environment.setdefault(str(path[1]), span)

    def _filters(self, scalar: Scalar, expression: Expression) -> None:
        for call in expression.filters:
            if call.name not in FILTERS:
                self._unknown(
                    scalar, expression, "filter", call.name, sorted(FILTERS), "unknown-filter"
                )
            elif problem := call_problem(call):
                self._wrong(scalar, expression, problem)
            elif problem := missing_package(call):
                span = self._span(scalar, expression.start, expression.end)
                self._reader.error("jwt-missing", problem, span)

    def _of_a_round(
        self, scalar: Scalar, expression: Expression, name: str, *, shadowed: bool
    ) -> None:
        """A name that a round of a loop captures, where that round is not: the last item's value is no answer."""
        behind = name not in self._ahead
        loop = self._over[name] if behind else self._ahead[name]
        if behind:
            message = f"'{name}' is captured in the loop '{loop.name}' and known in its rounds only"
            pattern = f"{{name: …, for_each: …, group: [the step that captures {name}, this step]}}"
            notes = [f"make one loop of the steps that belong together: {pattern}"]
        else:
            message = f"'{name}' is captured in the loop '{loop.name}', but not before this: each round starts without it"
            notes = ["what a round captures, the next one does not see"]
        if shadowed:
            notes.append(
                f"if the '{name}' from before the loop is meant, give the one in the loop another name"
            )
        span = self._span(scalar, expression.start, expression.end)
        label = f"the loop begins in line {loop.line}"
        self._reader.error("loop-capture", message, span, label=label, notes=notes)

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
            f"there is no {what} '{name}' here{self._through_defaults(scalar)}",
            self._span(scalar, expression.start, expression.end),
            name,
            known,
            "known here",
        )

    def _through_defaults(self, scalar: Scalar) -> str:
        """Which step a text of `defaults` was looked at for."""
        draft = self._draft
        if draft is None or draft.inherits is None:
            return ""
        if all(each is not scalar for each in texts(draft.inherits)):
            return ""
        return f", for the request of '{draft.name}', which can take it away with null"

    def _span(self, scalar: Scalar, start: int, end: int) -> Span:
        """The place of a stretch of a scalar, as near as it can be told: quotes and folded lines move it."""
        return stretch(self._reader.line(scalar.span), scalar, start, end)


def _literal(
    arguments: tuple[JsonValue | NamedValue, ...] | None,
) -> tuple[JsonValue, ...] | None:
    """Arguments as far as they are known when a scenario is loaded: a name may stand for anything that is taken."""
    given = arguments or ()
    literals = tuple(each for each in given if not isinstance(each, NamedValue))
    return literals if len(literals) == len(given) else None


def _own(draft: StepDraft) -> list[str]:
    """The names that a step captures itself."""
    capture = draft.node.get("capture")
    written = [key.text for key, _ in capture.pairs] if isinstance(capture, Pairs) else []
    if (
        draft.step is None
    ):  # what a receiver with a mistake in it would be called is known all the same
        specs = [value for _, value in draft.node.pairs if isinstance(value, Pairs)]
        named = [spec.get("as") for spec in specs]
        return [*written, *(each.text for each in named if isinstance(each, Scalar))]
    return [*written, *draft.step.traits.gives]


def _captured(draft: StepDraft) -> list[str]:
    """The names that a step and the steps in it capture."""
    return [*_own(draft), *(name for child in draft.children for name in _captured(child))]


def _columns(draft: StepDraft) -> tuple[str, ...]:
    """The names in the rows of a step's file."""
    rows = draft.step.rows if draft.step is not None else ()
    return tuple(dict.fromkeys(name for row in rows for name in row.values))
