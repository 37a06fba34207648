"""Runs on two workers of Dask's, one of which is killed at a random moment."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.model.run import OrderState, Outcome, Run
from smoke.model.verdict import exit_status
from smoke.store import RunFolder
from tests.support.checkout import GOOD, CountingShop
from tests.support.dask_cluster import Workers
from tests.support.wire_server import Peer, WireServer

SCENARIOS = 4
ORDERS = 3
SCENARIO = f"""
name: buys-NAME
steps:
  - name: Order
    repeat: {ORDERS}
    request: {{method: POST, url: "/orders?buys=NAME-{{{{ loop.number }}}}", json: {{n: "{{{{ loop.number }}}}"}}}}
    places_order: {{id: $.id}}
    expect: {{status: 201}}
teardown:
  - name: Cancel
    for_each: "{{{{ orders }}}}"
    request: {{method: DELETE, url: "/orders/{{{{ item.id }}}}"}}
    removes_order: "{{{{ item.key }}}}"
"""


@dataclass
class Kill:
    """What came of one: orders at the shop, in the ledger, and what is wrong."""

    at_shop: int = 0
    in_ledger: int = 0
    never_sent: int = 0
    """Intents in the ledger whose request did not reach the shop: the worker was killed in between."""
    errored: int = 0
    wrong: list[str] = field(default_factory=list)


class _KillingShop:
    """A shop that has `kill` called at its `at`-th event: a request that came, or an answer that went out."""

    def __init__(self, at: int, pause: float, victim: subprocess.Popen[bytes]) -> None:
        self.shop = CountingShop(lambda _: GOOD)
        self.bought: list[bytes] = []
        self.killed = False
        self._at, self._pause, self._victim = at, pause, victim
        self._seen = 0
        self._guard = threading.Lock()
        self.busy = 0

    def __call__(self, peer: Peer) -> None:
        with self._guard:
            self.busy += 1
            if peer.request.startswith(b"POST") and b"\r\n\r\n" in peer.request:
                self.bought.append(peer.request.split(b" ", 2)[1])
        self._event()
        self.shop(peer)
        self._event()
        with self._guard:
            self.busy -= 1

    def _event(self) -> None:
        with self._guard:
            self._seen += 1
            now = self._seen == self._at
        if now:
            time.sleep(self._pause)  # a moment that differs from run to run
            self._victim.kill()
            self.killed = True


def killed_at_random(folder: Path, workers: Workers, number: int) -> Kill:
    """One run on the workers of a cluster, one of which is killed; before it there are two."""
    random_ = random.Random(number)
    folder.mkdir()
    for name in range(SCENARIOS):
        text = SCENARIO.replace("NAME", str(name))
        (folder / f"buys-{name}.yaml").write_text(text, encoding="utf-8")
    workers.start()
    victim = random_.choice(workers.processes)
    events = SCENARIOS * ORDERS * 4
    shop = _KillingShop(random_.randint(1, events * 3 // 4), random_.uniform(0, 0.03), victim)
    with WireServer(shop) as server:
        found = run(
            options=RunOptions(
                selectors=(str(folder),),
                url=server.url,
                out=folder / "runs",
                on=workers.address,
            ),
            environ={},
        )
        while shop.busy:  # a request that was sent is carried out, whoever is dead
            time.sleep(0.01)
    return _judged(found, shop)


def _judged(found: Run, shop: _KillingShop) -> Kill:
    silent = [each for each in found.orders if each.state is OrderState.INTENDED]
    never_sent = len(found.orders) - len(shop.bought)
    kill = Kill(len(shop.bought), len(found.orders), never_sent)
    kill.errored = sum(each.outcome is Outcome.ERRORED for each in found.scenarios)
    wrong = kill.wrong
    twice = [name for name, times in Counter(shop.bought).items() if times > 1]
    if twice:
        wrong.append(f"ordered twice: {twice}")
    if not 0 <= never_sent <= len(silent):
        wrong.append(f"{len(shop.bought)} orders at the shop, {len(found.orders)} in the ledger")
    if len(silent) > 1:  # one order is under way at each worker
        wrong.append(f"{len(silent)} orders of which nothing is known")
    listed = {each.order_id for each in found.orders_left_behind}
    unknown = sum(not each.order_id for each in found.orders_left_behind)
    unlisted = set(shop.shop.orders) - listed
    if len(unlisted) > unknown:
        wrong.append(f"at the shop and not in the list: {sorted(unlisted)}")
    if len(set(shop.shop.orders)) > len(silent):
        wrong.append(f"not removed: {sorted(shop.shop.orders)}")
    own = [each for each in found.scenarios if not each.teardown_of]
    if len(own) != SCENARIOS:
        wrong.append(f"{len(own)} scenarios")
    bad = [each for each in own if each.outcome is not Outcome.PASSED]
    if shop.killed and len(bad) > 1:
        wrong.append(f"more than one worker's: {[(e.name, e.outcome, e.message) for e in bad]}")
    if any(each.outcome is not Outcome.ERRORED or "was lost" not in each.message for each in bad):
        wrong.append(f"{[(each.name, each.outcome, each.message) for each in bad]}")
    told = bad or found.problems
    if (exit_status(found).value == 0) != (not told):
        wrong.append(f"exit {exit_status(found)} with {len(bad)} errored, {found.problems}")
    if any("was lost when its scenarios had ended" not in each for each in found.problems):
        wrong.append(f"{found.problems}")
    folder = RunFolder.open(Path(found.folder))
    if folder.verify() or folder.torn():
        wrong.append("the evidence is not whole")
    if folder.run() != found:
        wrong.append("the folder tells another run")
    return kill
