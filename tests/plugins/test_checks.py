"""Every check of the database has what its room asks for, and can be asked for in a scenario."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel

from smoke import plugins
from smoke.steps import check

CHECKS = plugins.find("checks", third_party=False)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_it_has_what_the_room_asks_for(name: str) -> None:
    module = CHECKS[name].load()
    assert issubclass(module.Spec, BaseModel)
    assert module.Spec.model_json_schema()["properties"]
    assert len(inspect.signature(module.run).parameters) == 2
    assert CHECKS[name].description().startswith("Passes when ")


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_the_check_step_has_a_key_for_it(name: str) -> None:
    assert name.replace("-", "_") in check.Spec.model_fields
