"""Output that nobody reads to its end, or that cannot be written: no command is silent about it, and none is green."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.checkout import CountingShop
from tests.support.cli import command, environment, smoke, text_of, with_its_own_server
from tests.support.command_tree import commands
from tests.support.demo import ShopFactory
from tests.support.wire_server import WireServer

CHECKOUT = """
name: checkout
steps:
  - {name: Order, request: {url: /orders, json: {n: 1}}, places_order: {id: $.id}, expect: {status: 201}}
"""

DATABASE = {
    "db which": "db which",
    "db constraint": "db constraint orders_pkey",
    "db table": "db table orders",
    "db applied": "db applied fix.sql",
    "db try": "db try fix.sql",
    "db same": "db same --url {url}",
}
PRINTS = {
    "run": "run checkout.yaml --url http://127.0.0.1:9 --dry-run",
    "check": "check checkout.yaml",
    "list": "list",
    "show": "show latest",
    "eval": "eval latest Order $.id",
    "judge": "judge latest",
    "report": "report latest --json run.json",
    "diff": "diff latest latest",
    "history": "history",
    "compare": "compare",
    "orders list": "orders",
    "orders forget": "orders forget --help",  # a second time there would be nothing to forget
    "prune": "prune --keep 30d --dry-run",
    "teardown": "teardown --if-any --out nowhere",
    "verify": "verify",
    "watch": "watch --help",  # as those of a run, its lines stop nothing when nobody reads them
    "merge": "merge --help",  # its verdict goes before what it prints, as that of a run does
    "classify": "classify checkout.yaml",
    "explain": "explain 23505",
    "demo": "demo --help",  # the story itself prints before its first order; see below
    "demo serve": "demo serve",
    "schema": "schema",
    "plugins": "plugins",
    "import": "import order.sh --to -",
    "record": "record --help",  # it opens a browser before it prints
    "new": "new --kind rest",
    "export": "export latest --to har",
    **DATABASE,
}
"""Each command with arguments that make it print."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario, a migration and a run that left an order behind."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "checkout.yaml").write_text(CHECKOUT, encoding="utf-8")
    (folder / "order.sh").write_text("curl http://shop.example/api/orders -d quantity=1\n")
    (folder / "fix.sql").write_text("ALTER TABLE orders DROP CONSTRAINT orders_pkey;\n")
    with WireServer(CountingShop()) as server:
        assert smoke(["run", "checkout.yaml", "--url", server.url], folder).returncode == 0
    return folder


def status(arguments: list[str], folder: Path, stdout: int, **extra: str) -> tuple[int, str]:
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=90,
        check=False,
    )
    return done.returncode, text_of(done.stderr)


def nobody_reads() -> int:
    """The end of a pipe whose reader has gone already."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_every_command_is_in_the_table() -> None:
    assert set(commands()) == set(PRINTS)


@pytest.mark.parametrize("words", [*PRINTS, ""])
def test_a_closed_pipe_is_141_with_the_help_of_every_command(words: str, tmp_path: Path) -> None:
    assert status([*words.split(), "--help"], tmp_path, nobody_reads()) == (141, "")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, marks=with_its_own_server if words == "demo serve" else ())
        for words in sorted(set(PRINTS) - set(DATABASE))
    ],
)
def test_a_closed_pipe_is_141_and_a_full_disk_is_told(words: str, project: Path) -> None:
    arguments = PRINTS[words].split()
    assert status(arguments, project, nobody_reads()) == (141, "")
    with Path("/dev/full").open("wb") as full:
        ended, told = status(arguments, project, full.fileno())
    assert ended == 3
    assert told == "smoke: standard output could not be written: No space left on device\n"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, marks=with_its_own_server if words == "db try" else ())
        for words in DATABASE
    ],
)
def test_a_closed_pipe_is_141_where_a_database_was_asked(
    words: str, shop: ShopFactory, project: Path
) -> None:
    broken = shop("broken")
    arguments = DATABASE[words].format(url=broken.url).split()
    assert status(arguments, project, nobody_reads(), SMOKE_DSN=broken.dsn) == (141, "")
    # what was ordered to find out is removed all the same
    ordered = {"cancelled"} if words == "db same" else set()
    assert {order["status"] for order in broken.orders()} == ordered


@pytest.mark.parametrize("arguments", ["", "run", "nothing", "show nothing", "check nothing"])
def test_a_message_that_nobody_reads_is_141_too(arguments: str, tmp_path: Path) -> None:
    writing = nobody_reads()
    done = subprocess.run(
        command(*arguments.split()),
        cwd=tmp_path,
        env=environment(),
        stdout=writing,
        stderr=writing,
        check=False,
    )
    assert done.returncode == 141
