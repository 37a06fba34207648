"""Puts the rooms of one run together: transport, run folder, secrets, classifier."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import random
import secrets as randomness
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from smoke import plugins
from smoke.app.journal import RunJournal, SafeBodies
from smoke.app.names import with_scenario
from smoke.app.needs import needed, place_of, unique_names, with_needs
from smoke.app.options import RunOptions
from smoke.app.target import ResolvedTarget
from smoke.classify import classify
from smoke.diagnostic import SmokeError
from smoke.engine.control import Clock
from smoke.engine.needed import NeededRun
from smoke.engine.pace import pace_of, rate_of
from smoke.engine.ports import CallReceiver, Spill, SpillFactory
from smoke.engine.scenario import ScenarioRun
from smoke.engine.sender import Sender
from smoke.engine.services import SecretBox, Services
from smoke.engine.trace import Trace
from smoke.model.call import CallAnswer
from smoke.model.exchange import Request
from smoke.redact import Masker, Secrets, learning
from smoke.scenario.load import Loaded
from smoke.scenario.scope import Scope
from smoke.scenario.variables import Overrides
from smoke.steps._guarded import answered
from smoke.steps._session import Answer
from smoke.store import RunFolder
from smoke.transport import Client

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.app.server_log import Log


class Wiring(Struct, frozen=True):
    """What a run works with."""

    services: Services
    environ: Mapping[str, str]
    resolved: ResolvedTarget

    def scenario_runs(
        self,
        loaded: Sequence[Loaded],
        names: Sequence[str],
        variables: Overrides,
        started: str,
    ) -> list[ScenarioRun | NeededRun]:
        """A runner for each scenario, called as `names` says, each with names of its own: they share what they need, and nothing else."""
        if not any(item.scenario.needs for item in loaded):
            return [
                self.scenario_run(item, name, variables, started)
                for item, name in zip(loaded, names, strict=True)
            ]
        users = Counter(needed(loaded))
        runs: list[ScenarioRun | NeededRun] = []
        shared: dict[str, NeededRun] = {}
        for item, name in zip(loaded, names, strict=True):
            needs = [shared[place_of(need.scenario)] for need in item.scenario.needs]
            run = self.scenario_run(item, name, variables, started, needs)
            place = place_of(item.scenario)
            if place in users:
                shared[place] = NeededRun(run, users[place] + 1)
            runs.append(shared.get(place, run))
        return runs

    def scenario_run(
        self,
        item: Loaded,
        name: str,
        variables: Overrides,
        started: str,
        needs: Sequence[NeededRun] = (),
    ) -> ScenarioRun:
        """A runner for a scenario, with the names that it begins with."""
        scope = self.scope(item, name, variables, started)
        return ScenarioRun(item.scenario, name, self.services, scope, needs)

    def needs_again(
        self, item: Loaded, variables: Overrides, started: str, of: tuple[str, str]
    ) -> list[NeededRun]:
        """What a scenario needs, for a later teardown of it. `of` is the scenario and what its teardown is called."""
        found: dict[str, NeededRun] = {}
        all_needed = with_needs([item])[:-1]
        for each, called in zip(all_needed, unique_names(all_needed), strict=True):
            scenario = each.scenario
            name = f"{called} for {of[1]}"
            known = {key: value for key, value in variables.items() if key in scenario.variables}
            scope = self.scope(each, name, known, started)
            needs = [found[place_of(need.scenario)] for need in scenario.needs]
            run = ScenarioRun(scenario, name, self.services, scope, needs, of[0])
            users = sum(place_of(scenario) == place for place in needed(with_needs([item])))
            found[place_of(scenario)] = NeededRun(run, users)
        return [found[place_of(need.scenario)] for need in item.scenario.needs]

    def scope(self, item: Loaded, name: str, variables: Overrides, started: str) -> Scope:
        scope = Scope(
            seed=f"{self.services.seed}/{name}",
            run_id=self.services.run_id,
            started=started,
            target_url=self.services.base_url,
            secrets=self.resolved.secrets,
            environ=self.environ,
            watch=self.services.secrets.derived,
            now=self.services.clock.now,
        )
        return with_scenario(scope, item.scenario, variables)


def _open_receiver(answer: CallAnswer, *, port: int, now: Callable[[], str]) -> CallReceiver:
    """A receiver at a loopback port. One at any free port takes calls below a path that nobody can guess."""
    from smoke.transport.receiver import HOST, LoopbackReceiver

    token = "" if port else randomness.token_urlsafe(12)
    try:
        return LoopbackReceiver(answer, port=port, token=token, now=now)
    except OSError as error:
        raise SmokeError.of(
            "no-receiver", f"nothing can be received at {HOST}:{port}: {error.strerror or error}"
        ) from error


@contextmanager
def wire(
    options: RunOptions,
    where: ResolvedTarget,
    folder: RunFolder,
    journal: RunJournal,
    clock: Clock,
    *,
    run_id: str,
    seed: str,
    environ: Mapping[str, str],
    on_secret: Callable[[str], None] | None,
    waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    asking: Asking | None = None,
    log: Log | None = None,
    first_id: int = 1,
    trace_id: str = "",
    part: str = "",
    digest_key: bytes = b"",
) -> Iterator[Wiring]:
    """The services of one run; the transport is closed at the end. Exchanges are numbered from `first_id`, behind `part`.

    They carry names of the trace `trace_id`, and none where it is empty. Parts of one run have the same `digest_key`, by
    which their masked values are compared.
    """
    box = SecretBox(Secrets.of(where.secrets), _fenced(on_secret, journal))
    digest_key = digest_key or randomness.token_bytes(32)
    bodies = SafeBodies(folder, journal.failed)
    counter = itertools.count(first_id)

    def new_id() -> str:
        return f"{run_id}-{part}{next(counter)}"

    def spill(name: str, request: Request) -> SpillFactory:
        def start() -> Spill:
            # a server may echo the credentials that the request carried, declared or not
            known = learning(box.current, request.headers)
            masker = Masker(known, part="body", digest_key=digest_key)
            return bodies.spill(f"{name}.response", masker)

        return start

    with Client(where.sending, waiting=waiting) as client:
        services = Services(
            run_id=run_id,
            base_url=where.base_url,
            seed=seed,
            journal=journal,
            bodies=bodies,
            sender=Sender(
                client,
                where.allowed,
                target=where.origin,
                target_headers=where.headers,
                new_id=new_id,
                spill=spill,
                trace=Trace(randomness.token_bytes, trace_id) if trace_id else None,
                pace=pace_of(where.origin, rate_of(options.rate) if options.rate else None),
            ),
            secrets=box,
            classify=functools.partial(classify, on_problem=journal.noticed),
            clock=clock,
            new_id=new_id,
            new_uuid=lambda: str(uuid.uuid4()),
            random=random.SystemRandom().random,
            timeout=options.timeout,
            digest_key=digest_key,
            open_receiver=_open_receiver,
        )
        if asking is not None or log is not None:
            services = _examining(services, options, journal, folder, asking, log)
        yield Wiring(services, environ, where)


def _examining(
    services: Services,
    options: RunOptions,
    journal: RunJournal,
    folder: RunFolder,
    asking: Asking | None,
    log: Log | None,
) -> Services:
    """The services of a run whose failures are looked up in the server's log and in the database."""
    from smoke.app.examine import Examiner

    def check(name: str, spec: Any) -> Answer:
        assert asking is not None  # a scenario with a check is refused without a database
        return asking.ask(lambda database: answered(name, spec, database))

    counting = None
    if asking is not None:
        from smoke.app.counting import Counting

        counting = Counting(asking)
        services = dataclasses.replace(services, around_order=counting.around)
    examiner = Examiner(
        services,
        journal,
        folder.folder,
        asking=asking,
        log=log,
        show_values=options.show_values,
        counting=counting,
    )
    return dataclasses.replace(
        services,
        after_steps=examiner.after_steps,
        after_teardown=examiner.after_teardown,
        check=check,
    )


def _fenced(
    on_secret: Callable[[str], None] | None, journal: RunJournal
) -> Callable[[str], None] | None:
    """`on_secret`, which may raise. It is called for each secret all the same, and its words may hold one."""
    if on_secret is None:
        return None

    def tell(value: str) -> None:
        try:
            plugins.guarded("on_secret", lambda: on_secret(value), quote=False)
        except plugins.PluginError as fault:
            journal.noticed(str(fault))

    return tell
