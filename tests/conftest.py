"""Fixtures that every test may ask for; each is made only when one does."""

import functools
import os
from pathlib import Path

import pytest

pytest_plugins = ("tests.support.demo",)


@functools.cache
def _settle_search() -> None:
    """How examples are searched. Loading hypothesis takes half a second."""
    from hypothesis import settings

    # a first example pays for imports, and a loaded machine for its load: neither is a fault
    settings.register_profile("search", deadline=None)
    # a check of a change must not fail for an example that the change did not bring: the search for new ones is a developer's
    settings.register_profile("check", deadline=None, derandomize=True)
    settings.load_profile("check" if os.environ.get("CI") else "search")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Before the first module that searches for examples is loaded."""
    if b"hypothesis" in module_path.read_bytes():
        _settle_search()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """In parallel for the suite or a folder of it; files that are named run here: workers cost more than they do."""
    if hasattr(config, "workerinput"):
        return  # a worker comes through here too, and would start workers of its own
    named = [Path(argument.partition("::")[0]) for argument in config.args]
    if config.getoption("numprocesses", 0) is None and any(path.is_dir() for path in named):
        config.option.numprocesses = "auto"
        if config.getoption("dist", "no") == "no":
            config.option.dist = "worksteal"  # else one worker has what is left of the slow ones, and the others nothing


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Two more than there are processors: a third of a worker's time passes while a process or a server is waited for."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    return (os.cpu_count() or 1) + 2
