"""The public names: all there, loaded only when used, and the same for a type checker."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

import smoke
from smoke.cli import db
from tests.support.cli import REPOSITORY, environment


def test_each_name_is_there() -> None:
    assert sorted(smoke.__all__) == sorted({*smoke._HOMES, "__version__"})
    for name in smoke.__all__:
        assert getattr(smoke, name) is not None
        assert name in dir(smoke)


def test_each_question_of_smoke_db_is_a_function() -> None:
    commands = {
        command.name or command.callback.__name__
        for command in db.app.registered_commands
        if command.callback is not None
    }
    assert "try" in commands
    assert {f"db_{command}" for command in commands} <= set(smoke.__all__)


def test_importing_smoke_loads_nothing_of_it_but_its_version() -> None:
    code = "import smoke, sys; print([m for m in sys.modules if m.startswith('smoke.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in ("[]", "['smoke.version']")


@pytest.mark.skipif(
    importlib.util.find_spec("basedpyright") is None, reason="basedpyright comes with the extra dev"
)
def test_pyright_sees_the_types_that_mypy_sees() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--level", "error", "tests/typing/api.py"],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
