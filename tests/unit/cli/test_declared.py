"""Each option of a run is declared beside its field, and every reader of the declaration has it."""

from __future__ import annotations

from smoke.app.declared import declared
from smoke.app.options import Output, RunOptions
from smoke.app.project import options_of_projects
from tests.support.command_tree import commands

OLDER = {"postgres_log"}
"""Fields of callers only: the option of that name gives `logs`."""


def test_every_field_is_declared() -> None:
    assert {*RunOptions.__struct_fields__} - {*declared(RunOptions)} == OLDER
    assert {*Output.__struct_fields__} == {*declared(Output)}


def test_the_command_line_has_exactly_the_declared_options() -> None:
    made = {param.name: param for param in commands()["run"] if param.name != "help"}
    items = [*declared(RunOptions).values(), *declared(Output).values()]
    assert {item.word for item in items} == {*made}
    for item in items:
        found = made[item.word]
        assert found.help == item.option.help
        assert found.envvar == (item.option.environment or None)
        if found.param_type_name == "option":
            assert (*found.opts,) == item.names


def test_a_project_may_set_all_but_what_is_meant_for_one_run() -> None:
    every = {*declared(RunOptions), *declared(Output)}
    assert every - {*options_of_projects()} == {"selectors", "dry_run"}
