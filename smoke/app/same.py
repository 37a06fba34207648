"""Does the deployment write to the database that a DSN reads? A test order that only this run can have made tells."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.running import run
from smoke.database.identity import Identity, identify
from smoke.database.same import SameAnswer, Sameness, Search, find_marker, judge_same
from smoke.diagnostic import SmokeError
from smoke.model import made_up
from smoke.model.run import OrderState, Outcome, PlacedOrder, Run, ScenarioResult

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.app.journal import Listener, RunJournal
    from smoke.app.options import RunOptions
    from smoke.database.session import Database
    from smoke.engine.control import Control

PATIENCE = 6.0
"""Seconds that a replica may lag behind before the order counts as absent."""
_LOOK_AGAIN = 1.5
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LARGEST = 1024 * 1024
_MOST = 4
"""Markers that are looked for."""


class DatabaseComparison(Struct, frozen=True):
    """The verdict, the database that was asked, and the run that placed the order."""

    same: SameAnswer
    database: Identity
    markers: tuple[str, ...]
    run: Run


def same(
    options: RunOptions,
    asking: Asking,
    *,
    environ: Mapping[str, str],
    listener: Listener | None = None,
) -> DatabaseComparison:
    """Place a marked order through a scenario, look for it, and remove it. Raises SmokeError before anything is sent.

    The order is looked for after the scenario's steps and before its teardown.
    """
    database = asking.ask(
        identify
    )  # a database that cannot be asked is told before an order is placed
    seen: list[tuple[SameAnswer, tuple[str, ...]]] = []
    guard = threading.Lock()

    def look(
        name: str, outcome: Outcome, control: Control, journal: RunJournal, folder: Path
    ) -> None:
        scenario, orders = journal.scenario(name)
        if scenario is None:
            return
        run_id = journal.run().id
        placed = any(order.state is OrderState.PLACED for order in orders) or (
            not orders and outcome is Outcome.PASSED
        )
        markers = _markers(scenario, orders, folder, run_id)
        try:
            answer = _looked(asking, markers, orders, control.sleep, placed=placed)
        except SmokeError as error:
            answer = SameAnswer(Sameness.CANNOT_TELL, f"the database could not be asked: {error}")
        with guard:
            seen.append((answer, markers))

    finished = run(
        options=replace(options, workers=1), listener=listener, environ=environ, look=look
    )
    answer, markers = (
        seen[0]
        if seen
        else (SameAnswer(Sameness.CANNOT_TELL, "the scenario was not carried out"), ())
    )
    return DatabaseComparison(answer, database, markers, finished)


def _looked(
    asking: Asking,
    markers: Sequence[str],
    orders: Sequence[PlacedOrder],
    sleep: Callable[[float], bool],
    *,
    placed: bool,
) -> SameAnswer:
    if not placed and not any(order.state is OrderState.MAY_EXIST for order in orders):
        return judge_same(Search((), ()), Search((), ()), placed=False, marker="")
    if not markers:
        return SameAnswer(
            Sameness.CANNOT_TELL,
            "the scenario sends nothing that only this order has: let it order with {{ fake.email }}",
        )
    nothing = Search((), ())
    waited = 0.0
    while True:
        for marker in markers:

            def question(database: Database, marker: str = marker) -> Search:
                return find_marker(database, marker)

            found = asking.ask(question)
            if found.places:
                return judge_same(nothing, found, placed=placed, marker=marker)
        if not placed or waited >= PATIENCE or not sleep(_LOOK_AGAIN):
            break
        waited += _LOOK_AGAIN
    for order in orders:
        if len(order.order_id) >= 8 and order.order_id not in markers:
            number = order.order_id

            def by_id(database: Database, number: str = number) -> Search:
                return find_marker(database, number)

            if asking.ask(by_id).places:
                return SameAnswer(
                    Sameness.CANNOT_TELL,
                    f"the marker {markers[0]} is not there, but the order's id {number} is: it may be another"
                    " order's, or the shop stores the marker in a form of its own",
                )
    return judge_same(nothing, found, placed=placed, marker=markers[0])


def _markers(
    scenario: ScenarioResult, orders: Sequence[PlacedOrder], folder: Path, run_id: str
) -> tuple[str, ...]:
    """Values of the run's requests that nobody else can have made: random ones, and those with the run's id."""
    own = re.compile(rf"[A-Za-z0-9_.+@-]*{re.escape(run_id)}[A-Za-z0-9_.+@-]*")
    found: dict[str, None] = {}
    for step in scenario.steps:
        for attempt in step.attempts:
            for exchange in attempt.exchanges:
                body = exchange.request.body
                if body.file and body.size <= _LARGEST:
                    text = body.text or (folder / body.path).read_bytes().decode("utf-8", "replace")
                    found.update(dict.fromkeys((*made_up.found_in(text), *own.findall(text))))
    for order in orders:
        for value in (order.idempotency_key, order.order_id):
            if _UUID.fullmatch(value):  # an id that counts up may be another order's elsewhere
                found[value] = None
    return tuple(found)[:_MOST]
