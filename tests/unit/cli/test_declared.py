"""Each option is declared once, beside its field, and every reader of the declaration has it."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Struct

from smoke.app.declared import Option, Takes, declared
from smoke.app.hand_options import HandOptions
from smoke.app.options import Beside, Output, RunOptions, every_option
from smoke.app.past_options import PastOptions
from smoke.app.project import options_of_projects
from smoke.app.project_values import value_of
from smoke.app.sweep_options import SweepOptions
from smoke.app.target_spec import load_targets, target_model
from smoke.app.watch_options import WatchOptions
from smoke.cli import main
from smoke.cli.declared import parameters
from smoke.cli.option_values import values
from smoke.diagnostic import SmokeError
from tests.support.command_tree import all_commands, commands

OLDER = {"postgres_log"}
"""Fields of callers only: the option of that name gives `logs`."""


def test_every_field_is_declared() -> None:
    assert {*RunOptions.__struct_fields__} - {*declared(RunOptions)} == OLDER
    assert {*Output.__struct_fields__} == {*declared(Output)}


def test_the_command_line_has_exactly_the_declared_options() -> None:
    made = {param.name: param for param in commands()["run"] if param.name != "help"}
    kinds = (RunOptions, Output, HandOptions, PastOptions, SweepOptions)
    items = [item for kind in kinds for item in declared(kind).values()]
    assert {item.word for item in items} == {*made}
    for item in items:
        found = made[item.word]
        assert found.help == item.option.help
        assert found.envvar == (item.option.environment or None)
        if found.param_type_name == "option":
            assert (*found.opts,) == item.names


def test_a_project_may_set_all_but_what_is_meant_for_one_run() -> None:
    assert {*every_option()} - {*options_of_projects()} == {
        "selectors",
        "tags",
        "skip",
        "failed",
        "changed_since",
        "until",
        "dry_run",
        "as_json",
        "all_targets",
        "build",
        "rounds",
        "shard",
        "on",
        "step",
        "on_failure",
        "watch",
    }


def test_no_field_is_declared_twice() -> None:
    kinds = (RunOptions, Output, HandOptions, PastOptions, SweepOptions, WatchOptions, Beside)
    assert len(every_option()) == sum(len(declared(kind)) for kind in kinds)


def test_an_option_of_several_commands_has_one_declaration() -> None:
    """In a command's own module no option is made that has a name of a declared one."""
    known = {name for item in every_option().values() for name in item.names}
    twice = []
    for path in Path(main.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.arg) and "typer.Option" in ast.unparse(node.annotation or node):
                given = set(re.findall(r"['\"](--?[a-z][a-z0-9-]*)['\"]", ast.unparse(node)))
                names = given or {"--" + node.arg.strip("_").replace("_", "-")}
                twice += [f"{path.name}: {name}" for name in names & known]
    # no report of a run: what is told of migrations, and the schema of a report
    assert sorted(twice) == ["db.py: --report", "schema.py: --report"]


def test_commands_have_declared_options_under_their_names_and_with_their_types() -> None:
    hints = {
        name: hint
        for kind in (RunOptions, Output, HandOptions, PastOptions, Beside)
        for name, hint in typing.get_type_hints(kind).items()
    }
    seen = set()
    for words, command in all_commands().items():
        function = inspect.unwrap(command.callback)
        own = typing.get_type_hints(function)
        made = {param.name: param for param in command.params}
        whole = words in ("run", "report", "watch")  # their parameters are made of the declarations
        for name in () if whole else inspect.getfullargspec(function).kwonlyargs:
            item = every_option()[name]
            # with a default of its own there is always a value
            assert hints[name] in (own[name], own[name] | None), f"{words}: {name}"
            assert (*made[item.word].opts,) == item.names
            seen.add(name)
    assert {"out", "dsn_env", "logs", "log_token_env", "target", "as_json", "max_time"} <= seen


class More(Struct):
    """A new option: its declaration, and nothing else."""

    pace: Annotated[
        float | None,
        Option(takes=Takes.TIME, of_target="readiness.pace", help="Between two looks."),
    ] = None
    no_cache: Annotated[
        bool,
        Option(takes=Takes.FLAG, of_target="cache", help="Ask past every cache."),
    ] = False


def test_a_new_option_touches_its_declaration_alone(tmp_path: Path) -> None:
    pace, no_cache = declared(More).values()
    assert [param.name for param in parameters([pace, no_cache])] == ["pace", "no_cache"]
    assert values([pace], {"pace": "2m"}) == {"pace": 120.0}
    assert value_of(pace, "pace", "5s", Path()) == 5.0
    file = tmp_path / "targets.yaml"
    file.write_text("targets:\n  it: {url: 'http://x', cache: false, readiness: {pace: 3s}}\n")
    assert load_targets(file, More)["it"].said(More) == {"pace": 3.0, "no_cache": True}
    file.write_text("targets:\n  it:\n    url: http://x\n    readiness: {pcae: 3s, pace: 0}\n")
    with pytest.raises(SmokeError) as refused:
        load_targets(file, More)
    (wrong,) = refused.value.diagnostics
    assert wrong.suggestion == "pace"
    assert (wrong.span.line, wrong.span.column) == (4, 17) if wrong.span else False
    assert "pace" in str(target_model(More).model_json_schema())


def test_what_a_target_says_is_blank_where_nobody_says_it() -> None:
    """Else a value that was given, and is the default, would be taken for one that was not."""
    for item in declared(RunOptions).values():
        assert not item.option.of_target or not item.default, item.field
