"""Every reporter has what its room asks for, and writes whatever a run may hold."""

from __future__ import annotations

import inspect

import pytest

from smoke.report import Reporter
from tests.support.reports import made
from tests.support.rooms import every
from tests.support.samples import SAMPLES

REPORTERS = every("reporters")


@pytest.mark.parametrize("name", REPORTERS)
def test_it_has_what_the_room_asks_for(name: str) -> None:
    module: Reporter = REPORTERS[name].module
    assert module.SUFFIX.startswith(".")
    assert list(inspect.signature(module.write).parameters) == ["run", "evidence", "out"]
    assert REPORTERS[name].description.endswith(".")


@pytest.mark.parametrize("sample", sorted(SAMPLES))
@pytest.mark.parametrize("name", REPORTERS)
def test_it_writes_every_kind_of_run(name: str, sample: str) -> None:
    told = SAMPLES[sample]()
    out = made(REPORTERS[name].module, told)
    files = out.files or {"": out.getvalue()}
    assert all(data.decode("utf-8") for name, data in files.items() if not name.endswith(".bin"))
    assert out.getvalue().strip()
    assert not out.closed
