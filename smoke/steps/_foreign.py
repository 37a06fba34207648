"""Step kinds and checks behind the fence: what they raise, or return of a wrong type, is their own fault, by name."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, ValidationError, convert, to_builtins

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome
from smoke.scenario.scope import TemplateError
from smoke.steps._session import Answer, Done, Session

_LETS = (SmokeError, TemplateError)


class _Said(Struct, frozen=True):
    ok: bool
    message: str
    details: tuple[str, ...] = ()


def carry_out(kind: str, spec: Any, session: Session) -> Done:
    """What a step of a kind comes to. Raises SmokeError when it has no verdict (PluginError names it), TemplateError."""
    plugin = plugins.get("steps", kind.replace("_", "-"))
    module = plugin.load()

    def perform() -> Done:
        done = module.perform(spec, session)
        if not isinstance(done, Done):
            raise plugins.PluginError(
                f"{plugin} failed: perform gave {type(done).__name__}, not Done"
            )
        try:
            done = convert(to_builtins(done), Done)
        except (ValidationError, TypeError) as fault:
            raise plugins.PluginError(
                f"{plugin} failed: a Done with wrong types: {fault}"
            ) from None
        if done.outcome is Outcome.UNFINISHED:
            raise plugins.PluginError(f"{plugin} failed: perform ended, and says 'unfinished'")
        return done

    return plugins.guarded(plugin, perform, lets=_LETS)


def answered(name: str, spec: Any, database: Any) -> Answer:
    """What a check found. Raises SmokeError when there is no answer; PluginError names the check."""
    plugin = plugins.get("checks", name)
    module = plugin.load()

    def ask() -> Answer:
        said = module.run(spec, database)
        given = {key: getattr(said, key, None) for key in ("ok", "message", "details")}
        try:
            return convert(to_builtins(given), _Said)
        except (ValidationError, TypeError) as fault:
            raise plugins.PluginError(
                f"{plugin} failed: run gave {type(said).__name__}, which is no answer: {fault}"
            ) from None

    return plugins.guarded(plugin, ask, lets=_LETS)
