"""Every command that a failing run and a killed run print is executed as it is printed, and does what it says."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smoke.store import RunFolder, list_runs, resolve
from tests.support.cli import command, environment
from tests.support.scripted import Answer, Shop, scripted

ENV = {"SHOP_KEY": "the-key-of-this-shop", "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
SCENARIO = """
name: another-name
variables: {customer: nobody}
steps:
  - {name: First, request: {url: /order, json: {who: "{{ customer }}"}}, places_order: {id: $.id}}
  - {name: "Second; it's $HOME", request: {url: /order, json: {n: 2}}, places_order: {id: $.id}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/order/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
TARGETS = """
targets:
  the shop: {url: URL, secrets: [SHOP_KEY], headers: {x-key: "{{ secrets.SHOP_KEY }}"}}
"""
BROKEN = (
    b'{"error": "duplicate key value violates unique constraint \\"jobs_uq\\"", "code": "23505"}'
)
LABELS = ("next", "run again", "when done")


@contextmanager
def shop() -> Iterator[tuple[Shop, threading.Event, list[str]]]:
    """A shop whose second order fails, or hangs when the word `hang` is put into the list; cancelling fails at first."""
    arrived, over, mode = threading.Event(), threading.Event(), ["cannot cancel"]

    def order(body: bytes) -> Answer:
        if b"who" in body:
            return 201, {}, b'{"id": "o1"}'
        if "hang" in mode:
            arrived.set()
            over.wait(60)
        return 500, {"Content-Type": "application/json"}, BROKEN

    def cancel(_: bytes) -> Answer:
        return (503 if "cannot cancel" in mode else 200), {}, b"{}"

    with scripted() as served:
        served.routes["POST /order"] = order
        served.routes["DELETE /order/o1"] = cancel
        try:
            yield served, arrived, mode
        finally:
            over.set()


def project(folder: Path, url: str) -> list[str]:
    """A folder with the scenario and its targets file; the words that run it, none of them usual."""
    (folder / "my checks").mkdir(parents=True)
    (folder / "my checks" / "checkout.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "our targets.yaml").write_text(TARGETS.replace("URL", url), encoding="utf-8")
    return [
        "run", "my checks/checkout.yaml", "--target", "the shop", "--targets", "our targets.yaml",
        "--var", "customer=ann o'neill", "--header", "x-more: it is", "--out", "our runs",
    ]  # fmt: skip


def printed(output: str) -> list[str]:
    """The commands of a summary: all lines below a label that has commands, however they begin."""
    found, label = [], ""
    for line in output.splitlines():
        if not line.startswith("   ") or line[14:15] not in ("", " "):
            label = ""  # a headline, or SQL
            continue
        label = line[3:15].strip() or label
        if label in LABELS and (text := line[15:].strip()):
            found.append(text)
    return found


def execute(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=environment(ENV),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def verb(line: str) -> str:
    """`show`, `teardown`, `orders forget` … of a printed command."""
    words = shlex.split(line)
    words = words[words.index("smoke") + 1 :]
    return " ".join(words[: 2 if words[:2] == ["orders", "forget"] else 1])


def try_all(lines: list[str], folder: Path, served: Shop, mode: list[str]) -> set[str]:
    """Execute each command in its own order: what only reads, what removes, what forgets, what runs. Their verbs."""
    out = folder / "our runs"
    (stored,) = list_runs(out)
    order = ["show", "explain", "orders", "teardown", "orders forget", "run"]
    for line in sorted(dict.fromkeys(lines), key=lambda each: order.index(verb(each))):
        served.seen.clear()
        mode[:] = [word for word in mode if word == "hang" and verb(line) != "run"]
        done = execute(line, folder)
        told = (line, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, told
        run = RunFolder.open(out / stored.id).run()
        match verb(line):
            case "show":
                body = "{}" if "Cancel" in line else BROKEN.decode()
                assert (done.returncode, done.stdout) == (0, body), told
            case "explain":
                assert done.returncode == 0, told
                assert shlex.split(line)[-1] in done.stdout, told
            case "orders":
                assert done.returncode == 0, told
                assert all(order.key in done.stdout for order in run.orders), told
            case "teardown":
                # the order with an id is removed, with the target's key; the other one may exist: exit 1
                assert done.returncode == 1, told
                assert [order.step for order in run.orders_left_behind] == [run.orders[1].step]
                (sent,) = served.seen
                headers = {name.lower(): value for name, value in sent[2].items()}
                assert (headers["x-key"], headers["x-more"]) == (ENV["SHOP_KEY"], "it is")
            case "orders forget":
                assert done.returncode == 0, told
                assert run.orders_left_behind == ()
            case "run":
                assert done.returncode == 1, told
                again = resolve(out).run()
                assert again.id != stored.id
                assert [s.source for s in again.scenarios] == ["my checks/checkout.yaml"]
                first = next(body for method, _, _, body in served.seen if method == "POST")
                assert b"ann o'neill" in first
                headers = {name.lower(): value for name, value in served.seen[0][2].items()}
                assert (headers["x-key"], headers["x-more"]) == (ENV["SHOP_KEY"], "it is")
    return {verb(line) for line in lines}


def test_every_command_that_a_failing_run_prints_works(tmp_path: Path) -> None:
    with shop() as (served, _, mode):
        words = project(tmp_path / "p", served.url)
        done = execute(shlex.join(["python3", "-m", "smoke", *words]), tmp_path / "p")
        assert done.returncode == 1, done.stdout + done.stderr
        lines = printed(done.stdout)
        told = try_all(lines, tmp_path / "p", served, mode)
    assert told == {"show", "explain", "orders", "teardown", "orders forget", "run"}, done.stdout


def test_every_command_that_a_killed_run_prints_works(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with shop() as (served, arrived, mode):
        words = project(folder, served.url)
        mode.append("hang")
        process = subprocess.Popen(
            command(*words), cwd=folder, env=environment(ENV), stdout=subprocess.DEVNULL
        )
        assert arrived.wait(60)
        process.kill()
        process.wait()
        shown = execute("python3 -m smoke show --out 'our runs'", folder)
        told = try_all(printed(shown.stdout), folder, served, mode)
    assert told == {"orders", "teardown", "orders forget", "run"}, shown.stdout


@pytest.mark.parametrize("way", ["smoke", "python3 -m smoke"])
def test_commands_begin_as_smoke_was_started(tmp_path: Path, way: str) -> None:
    with shop() as (served, _, _mode):
        words = project(tmp_path / "p", served.url)
        done = execute(f"{way} {shlex.join(words)}", tmp_path / "p")
    lines = printed(done.stdout)
    assert lines
    assert all(line.startswith(f"{way} ") for line in lines), lines


def test_no_teardown_is_proposed_where_there_is_none_and_secrets_are_not_kept(
    tmp_path: Path,
) -> None:
    with shop() as (served, _, _mode):
        words = project(tmp_path / "p", served.url)
        path = tmp_path / "p" / "my checks" / "checkout.yaml"
        path.write_text(SCENARIO.partition("teardown:")[0], encoding="utf-8")
        words += ["--header", "authorization: Bearer abcdefghijkl"]
        done = execute(shlex.join(["python3", "-m", "smoke", *words]), tmp_path / "p")
    assert "teardown" not in {verb(line) for line in printed(done.stdout)}
    assert "orders forget" in {verb(line) for line in printed(done.stdout)}
    assert "--header authorization (secret, so not kept)" in done.stdout
    written = b"".join(p.read_bytes() for p in (tmp_path / "p").rglob("*") if p.is_file())
    assert b"abcdefghijkl" not in written
