"""The requests that a run would send, without sending them: secrets masked, captured values as their names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from msgspec import Struct

from smoke import plugins
from smoke.app.names import with_scenario
from smoke.app.options import RunOptions
from smoke.app.running import prepare
from smoke.app.target import Aim
from smoke.engine.redirects import origin_of
from smoke.model.exchange import Body, RawExchange, Request, StoredRequest
from smoke.redact import Secrets, mask_text, redact
from smoke.scenario.includes import LET
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render
from smoke.steps.request import BuildError, build


class Planned(Struct, frozen=True):
    """One step as it would be carried out. `request` and `body` are masked; a step that sends nothing has none."""

    scenario: str
    step: str
    kind: str
    teardown: bool
    request: StoredRequest | None = None
    body: bytes = b""
    note: str = ""


def plan(options: RunOptions, environ: Mapping[str, str] | None = None) -> Iterator[Planned]:
    """Every step of the selected scenarios, in order, each loop once. Raises SmokeError as a run would."""
    environ = os.environ if environ is None else environ
    loaded, where = prepare(options, environ)
    secrets = Secrets.of(where.secrets)
    for item in loaded:
        scenario = item.scenario
        scope = Scope(
            seed=options.seed or "dry-run",
            run_id="dry-run",
            target_url=where.base_url,
            secrets=where.secrets,
            environ=environ,
            placeholders=True,
        )
        scope = with_scenario(scope, scenario, options.variables)
        for step, teardown in _flat(scenario.steps, scenario.teardown):
            if step.kind == LET:
                values = render(step.spec["values"], _visible(scope, step))
                scope = scope.with_names({step.spec["key"]: values})
            else:
                yield _plan(scenario.name, step, teardown, _visible(scope, step), where, secrets)


def _flat(steps: tuple[Step, ...], teardown: tuple[Step, ...]) -> Iterator[tuple[Step, bool]]:
    for step in steps:
        yield from ((part, False) for part in step.children or (step,))
    for step in teardown:
        yield from ((part, True) for part in step.children or (step,))


def _visible(scope: Scope, step: Step) -> Scope:
    for key in step.names_from:
        parameters = scope.look_up([key])
        if isinstance(parameters, dict):
            scope = scope.with_names(parameters)
    return scope


def _plan(
    scenario: str, step: Step, teardown: bool, scope: Scope, where: Aim, secrets: Secrets
) -> Planned:
    loop = step.repeat is not None or step.for_each is not None
    if loop:  # what a round is about is only known when it runs
        scope = scope.with_names({"loop": {"index": 0, "number": 1}})
    note = "in a loop" if loop else ""
    describe = getattr(plugins.load("steps", step.kind.replace("_", "-")), "describe", None)
    if describe is not None:
        asked = mask_text(str(describe(step.spec)), secrets)
        return Planned(
            scenario, step.name, step.kind, teardown, note=f"{note} asks {asked}".strip()
        )
    if step.kind != "request":
        return Planned(scenario, step.name, step.kind, teardown, note=note)
    try:
        built = build(
            step.spec,
            scope,
            base_url=where.base_url,
            new_uuid=lambda: "00000000-0000-4000-8000-000000000000",
            files=step.files,
        )
    except (TemplateError, BuildError) as error:
        note = mask_text(f"cannot be told before the run: {error}", secrets)
        return Planned(scenario, step.name, step.kind, teardown, note=note)
    request = _with_target_headers(built.request, where)
    kept: dict[str, bytes] = {}

    def keep(part: str, data: bytes) -> Body:
        kept[part] = data
        return Body(size=len(data))

    exchange = redact(RawExchange("dry-run", request), secrets, keep, started_at="")
    body = kept.get("request", b"")
    return Planned(scenario, step.name, step.kind, teardown, exchange.request, body, note)


def _with_target_headers(request: Request, where: Aim) -> Request:
    if origin_of(request.url) != where.origin:
        return request
    given = {*(name.lower() for name, _ in request.headers), *request.without}
    own = tuple(pair for pair in where.headers if pair[0].lower() not in given)
    return Request(request.method, request.url, (*request.headers, *own), request.body)
