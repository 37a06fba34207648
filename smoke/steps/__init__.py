"""One file per step kind: its spec, and what it asks of the engine. Also what all kinds are written with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from smoke.model.fact import Fact
from smoke.model.run import Outcome
from smoke.scenario.traits import Holds, Sends
from smoke.steps._session import Answer, Built, Done, Given, Making, Reply, Session, WantedCall
from smoke.steps._url import BuildError

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = [
    "Answer",
    "BuildError",
    "Built",
    "Done",
    "Fact",
    "Given",
    "Holds",
    "Making",
    "Outcome",
    "Reply",
    "SendingKind",
    "Sends",
    "Session",
    "StepKind",
    "WantedCall",
]


class StepKind(Protocol):
    """What a module of `smoke.steps`, or of the group `smoke.steps.v1`, provides; its name is a key of a step.

    `Spec` reads what stands behind the key. `perform` carries the step out; it may raise SmokeError when there is no
    verdict. Whatever else it raises makes its step errored, and the teardown runs. A module may also have

    - `problems(spec)`: path, code and message of what is wrong beyond types, for `smoke check`;
    - `files(spec)`: path and name of each file beside the scenario whose bytes it needs;
    - `beside(spec, folder)`: the spec with its paths made those of the scenario's folder;
    - `describe(spec)`: what it asks, for `--dry-run`;
    - `captures(spec)`: the names that `Done.captures` gives to the steps behind;
    - `ASKS_DATABASE = True`: a run without a database is refused before anything is sent;
    - `RECEIVES = True`: its steps take `expect` and `capture`, of the call that `session.receive` gives;
    - `takes_call(spec)`: beside it, whether there is a call when the step passes; without one it takes neither;
    - `SHORT_FORM = True`: a text in place of its mapping is a method and a URL;
    - `TAKES_DEFAULTS = True`: `headers`, `bearer`, `timeout` and `origin` of the scenario's `defaults` are put into its mapping.
    """

    @property
    def Spec(self) -> type[BaseModel]: ...  # noqa: N802  (a class of a module)
    def perform(self, spec: Any, session: Session, /) -> Done: ...


class SendingKind(Protocol):
    """A kind whose steps send a request has `build`, and then needs no `perform`: the engine sends what it builds.

    Its steps take all that request steps take: `expect`, `capture`, `retry`, `until`, `places_order`, `removes_order`;
    they may stand in `together`; their exchanges are masked and kept. `build` is called once for a step, also by
    `smoke check` and `--dry-run`, and again when its login was renewed: it makes the request and does nothing else. With a `perform` as well, `session.send()`
    sends it. With `read` in its `Built`, `expect` and `capture` look at what that makes of an answer (of a list of mails, one
    mail). A module may also have

    - `sends(spec)`: the method, whether it may be repeated, and what is written as its body [default: a POST that may not].
    """

    @property
    def Spec(self) -> type[BaseModel]: ...  # noqa: N802  (a class of a module)
    def build(self, spec: Any, making: Making, /) -> Built: ...
