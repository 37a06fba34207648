"""Step kinds and checks behind the fence: what they raise, or return of a wrong type, is their own fault, by name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from msgspec import Struct, ValidationError, convert, to_builtins

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.model.exchange import RawResponse, Request
from smoke.model.fact import LONGEST_LABEL, MOST_FACTS, Fact
from smoke.model.run import Outcome
from smoke.scenario.kinds import Kind
from smoke.scenario.scope import TemplateError
from smoke.steps._session import Answer, Built, Done, Making, Session
from smoke.steps._url import BuildError

_LETS = (SmokeError, TemplateError, BuildError)


class _Said(Struct, frozen=True):
    ok: bool
    message: str
    details: tuple[str, ...] = ()


@functools.cache
def _plugin(kind: str) -> plugins.Plugin:
    """Where a kind is found: it does not change while a process runs."""
    return plugins.get("steps", kind.replace("_", "-"))


def performs(kind: str) -> bool:
    """Whether a kind carries its steps out itself; else the engine sends what it builds. Raises PluginError."""
    return _plugin(kind).parts(Kind).perform is not None


def built(kind: str, spec: Any, making: Making) -> Built:
    """The request of a step of a kind. Raises TemplateError, BuildError, and SmokeError (PluginError names the kind)."""
    plugin = _plugin(kind)
    module = plugin.load()

    def build() -> Built:
        made = module.build(spec, making)
        if not (isinstance(made, Built) and _can_be_sent(made.request)):
            raise plugins.PluginError(
                f"{plugin} failed: build gave {type(made).__name__}, which is no Built with a request in it"
            )
        return made

    return plugins.guarded(plugin, build, lets=_LETS, quote=False)


def read_by(
    kind: str, read: Callable[[RawResponse], RawResponse | str], response: RawResponse
) -> RawResponse | str:
    """What a kind reads out of an answer. Raises PluginError, which names the kind."""
    plugin = _plugin(kind)

    def found() -> RawResponse | str:
        made = read(response)
        if not isinstance(made, (RawResponse, str)):
            raise plugins.PluginError(
                f"{plugin} failed: read gave {type(made).__name__}, no RawResponse and no text"
            )
        return made

    return plugins.guarded(plugin, found)


_OF_A_REQUEST = (("method", str), ("url", str), ("body", bytes), ("headers", tuple))


def _can_be_sent(request: Any) -> bool:
    return (
        isinstance(request, Request)
        and all(isinstance(getattr(request, name), kind) for name, kind in _OF_A_REQUEST)
        and all(isinstance(part, bytes) for pair in request.headers for part in pair)
    )


def _has_a_label(fact: Fact) -> bool:
    return 0 < len(fact.label.strip()) <= LONGEST_LABEL and fact.label.isprintable()


def carry_out(kind: str, spec: Any, session: Session) -> Done:
    """What a step of a kind comes to. Raises SmokeError when it has no verdict (PluginError names it), TemplateError."""
    plugin = _plugin(kind)
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
        if len(done.facts) > MOST_FACTS:
            raise plugins.PluginError(
                f"{plugin} failed: {len(done.facts)} facts, and a step has {MOST_FACTS} at the most"
            )
        if not all(map(_has_a_label, done.facts)):
            raise plugins.PluginError(
                f"{plugin} failed: the label of a fact is one line of 1 to {LONGEST_LABEL} characters"
            )
        return done

    return plugins.guarded(plugin, perform, lets=_LETS)


def _question(check: str, kind: Any, spec: Any) -> Any:
    """What is asked, as the check's own Spec. Raises SmokeError for keys and values that it does not take."""
    if isinstance(spec, kind):
        return spec
    from pydantic import ValidationError as WrongSpec

    try:
        return kind.model_validate(spec)
    except WrongSpec as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in each['loc']) or check}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        )
        raise SmokeError.of("bad-value", f"the check '{check}' cannot be asked: {wrong}") from None


def answered(name: str, spec: Any, database: Any) -> Answer:
    """What a check found. Raises SmokeError when there is no answer; PluginError names the check."""
    plugin = plugins.get("checks", name)
    module = plugin.load()

    def ask() -> Answer:
        said = module.run(_question(name, module.Spec, spec), database)
        given = {key: getattr(said, key, None) for key in ("ok", "message", "details")}
        try:
            return convert(to_builtins(given), _Said)
        except (ValidationError, TypeError) as fault:
            raise plugins.PluginError(
                f"{plugin} failed: run gave {type(said).__name__}, which is no answer: {fault}"
            ) from None

    return plugins.guarded(plugin, ask, lets=_LETS)
