"""A run's scenarios as tasks, and what is sealed for one worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke.app.dask_sealed import Seal, seal
from smoke.app.dask_tasks import divided
from smoke.app.options import RunOptions
from smoke.app.sharding import choose

LOGIN = """\
name: login
steps:
  - {name: Log in, request: {url: /login}, capture: {visitor: $.visitor}}
"""
ACCOUNT = """\
name: account
needs: login.yaml
steps:
  - {name: Open, request: {url: /account, json: {by: "{{ visitor }}"}}, capture: {account: $.id}}
"""
FREE = "name: NAME\nsteps:\n  - {name: Look, request: /}\n"


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    for name, text in (("login", LOGIN), ("account", ACCOUNT)):
        (tmp_path / "parts" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def write(folder: Path, **needs: str) -> None:
    for name, need in needs.items():
        text = FREE.replace("NAME", name) + (f"needs: parts/{need}.yaml\n" if need else "")
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def named(folder: Path, workers: int) -> list[tuple[str, ...]]:
    words = tuple(str(path) for path in sorted(folder.glob("*.yaml")))
    tasks = divided(choose(RunOptions(selectors=words)), workers)
    assert [each.number for each in tasks] == list(range(1, len(tasks) + 1))
    return [each.names for each in tasks]


def test_a_scenario_is_a_task(scenarios: Path) -> None:
    write(scenarios, a="", b="", c="")
    assert named(scenarios, 2) == [("a",), ("b",), ("c",)]


def test_what_is_needed_is_in_each_task_with_a_name_of_its_own(scenarios: Path) -> None:
    write(scenarios, a="login", b="", c="account", d="login", e="account")
    assert named(scenarios, 3) == [
        ("login", "a", "account", "e"),
        ("login (2/3)", "account (2/3)", "c"),
        ("login (3/3)", "d"),
        ("b",),
    ]
    assert named(scenarios, 1) == [("login", "a", "account", "c", "d", "e"), ("b",)]


def test_what_is_sealed_is_read_by_the_one_it_is_for() -> None:
    pytest.importorskip("cryptography")
    receiver, other = Seal(), Seal()
    sealed = seal(receiver.public, b"tea with milk")
    assert b"milk" not in sealed
    assert sealed != seal(receiver.public, b"tea with milk")
    assert receiver.open(sealed) == b"tea with milk"
    for who, what in ((other, sealed), (receiver, sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(ValueError, match="was not sealed for this receiver"):
            who.open(what)
