"""Every check of the database has what its room asks for, and can be asked for in a scenario."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel

from smoke.diagnostic import SmokeError
from smoke.steps import check
from smoke.steps._guarded import answered
from tests.support.rooms import every

CHECKS = every("checks")
SHIPPED = sorted(name for name, tried in CHECKS.items() if tried.ships)


@pytest.mark.parametrize("name", CHECKS)
def test_it_has_what_the_room_asks_for(name: str) -> None:
    module = CHECKS[name].module
    assert issubclass(module.Spec, BaseModel)
    assert module.Spec.model_json_schema()["properties"]
    assert len(inspect.signature(module.run).parameters) == 2
    assert CHECKS[name].description.startswith("Passes when ")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_check_step_has_a_key_for_it(name: str) -> None:
    assert name.replace("-", "_") in check.Spec.model_fields


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"query": "select 1", "cuont": 1}, "cuont: Extra inputs are not permitted"),
        ({"count": 1}, "query: Field required"),
        (17, "rows: Input should be a valid dictionary"),
    ],
)
def test_a_step_that_asks_amiss_is_told_what_the_check_takes(spec: object, words: str) -> None:
    with pytest.raises(SmokeError) as caught:
        answered("rows", spec, None)
    assert words in str(caught.value)
