"""The requests that a run would send, without sending them: secrets masked, captured values as their names."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Unpack

from msgspec import Struct
from msgspec.structs import replace

from smoke import plugins
from smoke.app.as_given import check_called
from smoke.app.given_values import GivenValues, given_values
from smoke.app.keyword_types import Keywords
from smoke.app.keywords import merged
from smoke.app.names import with_scenario
from smoke.app.options import RunOptions
from smoke.app.preparing import prepare
from smoke.app.target import ResolvedTarget
from smoke.diagnostic import SmokeError
from smoke.engine.frame import Where, called
from smoke.engine.redirects import origin_of
from smoke.engine.trace import names
from smoke.model.exchange import Body, RawExchange, Request, StoredRequest
from smoke.model.run import JsonValue
from smoke.redact import Secrets, mask_text, redact
from smoke.scenario.kinds import Kind
from smoke.scenario.load import Loaded
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render
from smoke.steps import BuildError
from smoke.steps._guarded import built as built_by
from smoke.steps._session import Making

_UUID = "00000000-0000-4000-8000-000000000000"
_TRACEPARENT = f"00-{'0' * 32}-{'0' * 16}-01"
_LOOP: dict[str, JsonValue] = {"loop": {"index": 0, "number": 1}}


class Planned(Struct, frozen=True):
    """One step as it would be carried out. `request` and `body` are masked; a step that sends nothing has none."""

    scenario: str
    step: str
    kind: str
    teardown: bool
    request: StoredRequest | None = None
    body: bytes = b""
    note: str = ""


def plan(
    *selectors: str,
    options: RunOptions | None = None,
    environ: Mapping[str, str] | None = None,
    **given: Unpack[Keywords],
) -> Iterator[Planned]:
    """Every step that `run` would carry out, in order, each loop once; nothing is sent. Takes what `run` takes.

    Raises SmokeError as a run would.
    """
    check_called(environ)
    options = merged(selectors, options, given, of="plan")
    outside = given_values(options, os.environ if environ is None else environ)
    chosen, where = prepare(options, outside)
    return _planned(options, outside, chosen.loaded, where)


def _planned(
    options: RunOptions, outside: GivenValues, loaded: Sequence[Loaded], where: ResolvedTarget
) -> Iterator[Planned]:
    secrets = Secrets.of(where.secrets)
    for item in loaded:
        scenario = item.scenario
        scope = Scope(
            seed=options.seed or "dry-run",
            run_id="dry-run",
            started=datetime.now(UTC).isoformat(timespec="milliseconds"),
            target_url=where.base_url,
            secrets=where.secrets,
            environ=outside.environ,
            placeholders=True,
        )
        scope = with_scenario(scope, scenario, outside.overrides)
        planning = _Planning(scenario.name, where, secrets)
        steps = scenario.steps if scenario.last is None else scenario.last.up_to(scenario.steps)
        scope = yield from planning.steps(steps, scope, Where(), teardown=False)
        yield from planning.steps(scenario.teardown, scope, Where(), teardown=True)


class _Planning(Struct, frozen=True):
    """Goes through the steps of one scenario as a run would, each loop once."""

    scenario: str
    where: ResolvedTarget
    secrets: Secrets

    def steps(
        self,
        steps: tuple[Step, ...],
        scope: Scope,
        here: Where,
        *,
        teardown: bool,
        looped: bool = False,
    ) -> Generator[Planned, None, Scope]:
        """What each step would send; the names that are known behind them."""
        for step in steps:
            seen = _visible(scope, step)
            if step.traits.binds:
                values = render(step.spec["values"], seen)
                scope = scope.with_names({step.spec["key"]: values})
                continue
            if step.is_loop:  # what a round is about is only known when it runs
                seen = seen.with_names(_LOOP)
            if not step.children:
                title = here.title(called(step, seen, self.secrets))
                note = "in a loop" if looped or step.is_loop else ""
                yield self._one(
                    Planned(self.scenario, title, step.kind, teardown, note=note), step, seen
                )
                continue
            inside = here
            if step.is_group:
                inside = here.inside(step.id, called(step, seen, self.secrets))
            within = scope.with_names(_LOOP) if step.is_loop else scope
            after = yield from self.steps(
                step.children, within, inside, teardown=teardown, looped=looped or step.is_loop
            )
            scope = scope if step.is_loop else after
        return scope

    def _one(self, planned: Planned, step: Step, scope: Scope) -> Planned:
        """One step, with what it would send or ask."""
        plugin = plugins.get("steps", step.kind.replace("_", "-"))
        describe = plugin.parts(Kind).describe
        if describe is not None:
            try:
                said = plugins.guarded(plugin, lambda: str(describe(step.spec)))
            except plugins.PluginError as fault:
                said = f"something that cannot be told: {fault}"
            asked = mask_text(said, self.secrets)
            return replace(planned, note=f"{planned.note} asks {asked}".strip())
        if step.traits.sends is None:
            return planned
        try:
            making = Making(scope, self.where.base_url, lambda: _UUID, step.files)
            built = built_by(step.kind, step.spec, making)
        except (TemplateError, BuildError, SmokeError) as error:
            note = mask_text(f"cannot be told before the run: {error}", self.secrets)
            return replace(planned, note=note)
        request = _with_target_headers(built.request, self.where)
        if not self.where.options.no_trace:
            request = _named(request)
        kept: dict[str, bytes] = {}

        def keep(part: str, data: bytes) -> Body:
            kept[part] = data
            return Body(size=len(data))

        exchange = redact(RawExchange("dry-run", request), self.secrets, keep, started_at="")
        return replace(planned, request=exchange.request, body=kept.get("request", b""))


def _visible(scope: Scope, step: Step) -> Scope:
    for key in step.names_from:
        parameters = scope.look_up([key])
        if isinstance(parameters, dict):
            scope = scope.with_names(parameters)
    return scope


def _with_target_headers(request: Request, where: ResolvedTarget) -> Request:
    if origin_of(request.url) != where.origin:
        return request
    given = {*(name.lower() for name, _ in request.headers), *request.without}
    own = tuple(pair for pair in where.headers if pair[0].lower() not in given)
    return replace(request, headers=(*request.headers, *own))


def _named(request: Request) -> Request:
    """With a name in the form that it will have: which one, only the run knows."""
    given = {*(name.lower() for name, _ in request.headers), *request.without}
    made = names(lambda: _TRACEPARENT, lambda: _UUID, given)
    return replace(request, headers=(*request.headers, *made))
