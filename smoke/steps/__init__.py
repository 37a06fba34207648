"""One file per step kind: its spec, and what it asks of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pydantic import BaseModel

    from smoke.steps._session import Done, Session


class StepKind(Protocol):
    """What a module of `smoke.steps`, or of the group `smoke.steps.v1`, provides; its name is a key of a step.

    `Spec` reads what stands behind the key. `perform` carries the step out; it may raise SmokeError when there is no
    verdict. Whatever else it raises makes its step errored, and the teardown runs. A module may also have

    - `problems(spec)`: path, code and message of what is wrong beyond types, for `smoke check`;
    - `files(spec)`: path and name of each file beside the scenario whose bytes it needs;
    - `beside(spec, folder)`: the spec with its paths made those of the scenario's folder;
    - `describe(spec)`: what it asks, for `--dry-run`.
    """

    @property
    def Spec(self) -> type[BaseModel]: ...  # noqa: N802  (a class of a module)
    def perform(self, spec: Any, session: Session, /) -> Done: ...
