"""Runs at a shop that needs a login, killed at a random moment, each followed by `smoke teardown`."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from pathlib import Path

from smoke.store import StoreError, list_runs
from tests.support.cli import command, environment, smoke
from tests.support.login_shop import LOOKS_FOR_THE_REST, PASSWORD, SCENARIO, LoginShop
from tests.support.wire_server import WireServer

ORDERS = 4
_ENV = {"SHOP_PASSWORD": PASSWORD}


def killed_and_torn_down(folder: Path, number: int) -> list[str]:
    """What is wrong after one kill and one teardown: orders that the shop has still, or a journal that says otherwise."""
    random_ = random.Random(number)
    folder.mkdir()
    text = SCENARIO.replace("ORDERS", str(ORDERS)) + LOOKS_FOR_THE_REST
    (folder / "signed-in.yaml").write_text(text, encoding="utf-8")
    at, pause = random_.randint(1, 4 * ORDERS), random_.uniform(0, 0.02)
    seen: list[int] = []
    over = threading.Event()

    def moment() -> None:
        seen.append(1)
        if len(seen) == at:
            over.wait(pause)
            process.kill()

    shop = LoginShop(moment)
    with WireServer(shop) as server:
        process = subprocess.Popen(
            command("run", "signed-in.yaml", "--url", server.url, "--quiet"),
            cwd=folder,
            env=environment(_ENV),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        process.wait(120)
        while shop.busy:  # a request that was sent is carried out, whoever is dead
            time.sleep(0.01)
        done = smoke(["teardown"], folder, env=_ENV, timeout=120)
        left = sorted(shop.orders)
    return [f"{number}: {what}" for what in _wrong(folder, left, done)]


def _wrong(folder: Path, left: list[str], done: subprocess.CompletedProcess[str]) -> list[str]:
    found = [f"the shop has {left} still"] if left else []
    if done.returncode != 0:
        found.append(f"teardown ended with {done.returncode}: {done.stdout}{done.stderr}")
    for stored in list_runs(folder / ".smoke" / "runs"):
        try:
            listed = stored.run().orders_left_behind
        except StoreError:
            continue  # killed before its first event was whole
        if listed:
            found.append(f"the journal lists {[order.key for order in listed]}")
    return found
