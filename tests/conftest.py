"""Fixtures that every test may ask for; each is made only when one does."""

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ("tests.support.demo",)

# a first example pays for imports, and a loaded machine for its load: neither is a fault
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """In parallel for the suite or a folder of it; files that are named run here: workers cost more than they do."""
    if hasattr(config, "workerinput"):
        return  # a worker comes through here too, and would start workers of its own
    named = [Path(argument.partition("::")[0]) for argument in config.args]
    if config.getoption("numprocesses", 0) is None and any(path.is_dir() for path in named):
        config.option.numprocesses = "auto"
