"""Where in a scenario a step is carried out: the names that are known there, and how the step is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from smoke.engine.logins import Logins
from smoke.model.run import JsonValue
from smoke.redact import Secrets, mask_text
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import as_text, render_text

_LONGEST_NAME = 100


def called(step: Step, scope: Scope | None, secrets: Secrets) -> str:
    """The step's name with its templates filled in, secrets masked; as it is written where they cannot be."""
    if "{{" not in step.name or scope is None:
        return step.name
    try:
        name = mask_text(as_text(render_text(step.name, scope)), secrets)
    except TemplateError:
        return step.name
    return " ".join(name.split())[:_LONGEST_NAME] or step.name


def given_by(step: Step) -> list[str]:
    """The names that a step gives to those behind it: captures, also of its children, and parameters."""
    if step.traits.binds:
        return [step.spec["key"]]
    given = [*step.gives]
    if not step.is_loop:  # what is captured in a round is of that round only
        for child in step.children:
            given += given_by(child)
    return given


class ScopeNames:
    """The names of a scenario, or of one round of a loop: what is captured in a round ends with it.

    `lost` are names that nobody may use, because the step that was to give them did not pass, and which step it was, in words.
    `learnt` are those that it has beside the ones that it began with, `untrusted` which of these came out of a response.
    Beneath all of them lie those of `logins`, which change when one is renewed.
    """

    def __init__(
        self,
        scope: Scope,
        lost: Mapping[str, str] | None = None,
        logins: Logins | None = None,
    ) -> None:
        self.scope = scope
        self.logins = logins if logins is not None else Logins()
        self.lost = dict(lost or {})
        self.learnt: dict[str, JsonValue] = {}
        self.untrusted: set[str] = set()

    def of_round(
        self, names: Mapping[str, JsonValue], untrusted: Collection[str] = ()
    ) -> ScopeNames:
        """The names of one round: all that are known outside of the loop, and its own."""
        return ScopeNames(self.scope.with_names(names, untrusted), self.lost, self.logins)

    def of_lane(self) -> ScopeNames:
        """The same names for one of several lanes, which learns and loses by itself."""
        return ScopeNames(self.scope, self.lost, self.logins.of_lane())

    def join(self, lanes: Sequence[ScopeNames]) -> None:
        """What the lanes learnt is known from here on, and what one of them lost is not."""
        for lane in lanes:
            self.learn(lane.learnt, lane.untrusted)
        for lane in lanes:
            self.lost.update(lane.lost)
        self.logins.join([lane.logins for lane in lanes])

    def learn(self, names: Mapping[str, JsonValue], untrusted: Collection[str] = ()) -> None:
        """Let the steps behind see these; those of `untrusted` came out of a response."""
        self.scope = self.scope.with_names(names, untrusted)
        self.learnt.update(names)
        self.untrusted = (self.untrusted - names.keys()) | set(untrusted)
        for name in names:
            self.lost.pop(name, None)

    def lose(self, names: Iterable[str], step: str, why: str = "did not pass") -> None:
        """Nobody behind may use these: the step of that title did not pass."""
        self.lost.update(dict.fromkeys(names, f"'{step}', which {why}"))

    def seen_by(self, step: Step) -> Scope:
        """What a step sees: all names, and the parameters of the files that it was included from."""
        scope = self.logins.beneath(self.scope)
        for key in step.names_from:
            if not self.scope.has(key):  # in teardown, after a failure before it
                raise TemplateError("the include that gives its parameters was not carried out")
            parameters = self.scope.look_up([key])
            assert isinstance(parameters, dict)
            untrusted = [name for name in parameters if self.scope.is_untrusted(f"{key}/{name}")]
            scope = scope.with_names(self.logins.current(parameters), untrusted)
        return scope

    def missing(self, step: Step) -> tuple[str, str] | None:
        """A name that a step needs and nobody could give, and which step was to give it, in words.

        A name with a default is not needed, unless a namesake outside of the loop would take its place.
        """
        for key in step.names_from:
            if key in self.lost:
                return "its parameters", self.lost[key]
        for name, needed in step.uses.items():
            if name in self.lost and (needed or self.scope.has(name) or self.logins.has(name)):
                return f"'{name}'", self.lost[name]
        return None


class Where(Struct, frozen=True):
    """The groups and rounds around a step. `ids` and `titles` are of the groups, outermost first."""

    ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    rounds: tuple[int, ...] = ()
    round: int = 0
    """The number of the round that is carried out of the step itself; 0 when it has no loop."""
    row: str = ""
    """The row of a file that this round is for."""

    def in_round(self, number: int, row: str = "") -> Where:
        """The same place in a round of the step's own loop."""
        return Where(self.ids, self.titles, (*self.rounds, number), number, row)

    def inside(self, step_id: str, name: str) -> Where:
        """The place of the steps of a group that stands here."""
        return Where((*self.ids, self._id(step_id)), (*self.titles, self._title(name)), self.rounds)

    def id(self, step_id: str) -> str:
        """How a step that stands here is named in evidence and on a command line: `Orders#2/Place`."""
        return "/".join((*self.ids, self._id(step_id)))

    def title(self, name: str) -> str:
        """The same for a reader: `Orders, round 2 › Place`."""
        return " › ".join((*self.titles, self._title(name)))

    def _id(self, step_id: str) -> str:
        return f"{step_id}#{self.round}" if self.round else step_id

    def _title(self, name: str) -> str:
        row = f" ({self.row})" if self.row else ""
        return f"{name}, round {self.round}{row}" if self.round else name
