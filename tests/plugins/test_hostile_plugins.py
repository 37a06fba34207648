"""Foreign code in every room, at its worst: it is named, once, and takes nothing down with it.

The plugins are installed as pip would: entry points in a dist-info folder on PYTHONPATH. Real HTTP, real processes.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import smoke as library
from smoke.app.options import RunOptions
from smoke.demo.postgres import EmbeddedServer
from smoke.demo.states import State, prepare
from smoke.model.events import Event
from smoke.model.run import Outcome, Removal
from smoke.model.verdict import exit_status
from smoke.store import RunFolder, resolve
from tests.support.cli import smoke
from tests.support.foreign import install
from tests.support.scripted import Shop, scripted

PLAIN = "    request: GET /fine\n"
AT_IMPORT = {
    "raises": "raise RuntimeError('boom')",
    "exits": "import sys; sys.exit(0)",
    "needs what is not there": "import there_is_no_such_module",
    "is no Python": "def (",
    "raises what cannot be told": "class E(Exception):\n    def __str__(self): raise E\nraise E",
    "raises no Exception": "class E(BaseException): pass\nraise E",
    "is empty": "",
}
AT_CALL = {
    "raises": "raise RuntimeError('boom')",
    "exits": "raise SystemExit(0)",
    "raises no Exception": "raise type('Odd', (BaseException,), {})",
    "gives nothing": "return None",
    "gives another type": "return 17",
    "runs out of stack": "return (lambda f: f(f))(lambda f: f(f))",
}


def scenario(folder: Path, step: str = PLAIN, variables: str = "") -> str:
    """A checkout that orders, then does `step`, and cancels."""
    path = folder / "hostile.yaml"
    path.write_text(
        "name: hostile\n"
        + variables
        + "steps:\n  - name: Order\n    request: {url: /orders, json: {tea: 1}}\n"
        "    places_order: {id: $.id}\n    expect: {status: 201}\n"
        f"  - name: Foreign\n{step}"
        "teardown:\n  - name: Cancel\n    for_each: '{{ orders }}'\n"
        "    request: 'DELETE /orders/{{ item.id }}'\n    removes_order: '{{ item.key }}'\n",
        encoding="utf-8",
    )
    return str(path)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /orders", 201, {"id": "o-1"})
        running.on("DELETE /orders/o-1", 200, {})
        running.on("GET /fine", 200, {"ok": True})
        yield running


def carried_out(shop: Shop) -> bool:
    """Whether the order was placed, and removed again."""
    return "POST /orders" in shop.paths() and "DELETE /orders/o-1" in shop.paths()


def run(
    shop: Shop, folder: Path, env: Mapping[str, str], *options: str, step: str = PLAIN
) -> subprocess.CompletedProcess[str]:
    arguments = ["run", scenario(folder, step), "--url", shop.url, *options]
    done = smoke(arguments, folder, env=env)
    assert "Traceback" not in done.stdout + done.stderr
    assert "internal error" not in done.stdout + done.stderr
    return done


def stored(folder: Path) -> library.Run:
    return resolve(folder / ".smoke/runs", "latest").run()


# reporters

REPORTER = "SUFFIX = '.txt'\ndef write(run, evidence, out):\n"


@pytest.mark.parametrize("code", AT_IMPORT.values(), ids=AT_IMPORT)
def test_a_reporter_that_does_not_load_is_told_before_anything_is_sent(
    shop: Shop, tmp_path: Path, code: str
) -> None:
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.reporters.v1:odd": "acme"})
    done = run(shop, tmp_path, env, "--report", "odd=odd.txt")
    assert done.returncode == 2
    assert "the reporter 'odd' of acme 1.0" in done.stderr
    assert not shop.seen


@pytest.mark.parametrize(
    "code",
    [code for name, code in AT_CALL.items() if not name.startswith("gives")],
)
def test_a_reporter_that_fails_is_a_problem_and_the_others_are_written(
    shop: Shop, tmp_path: Path, code: str
) -> None:
    env = install(
        tmp_path / "site",
        "acme",
        {"acme": f"{REPORTER}    out.write(b'half')\n    {code}\n"},
        {"smoke.reporters.v1:odd": "acme"},
    )
    done = run(shop, tmp_path, env, "--report", "odd=odd.txt", "--report", "json=run.json")
    assert done.returncode == 3
    assert carried_out(shop)
    assert done.stdout.count("the reporter 'odd' of acme 1.0") == 1
    assert json.loads((tmp_path / "run.json").read_text())["outcome"] == "passed"
    assert not (tmp_path / "odd.txt").exists()


def test_a_reporter_of_a_failed_run_does_not_change_its_verdict(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /fine", 500, {})
    env = install(
        tmp_path / "site",
        "acme",
        {"acme": f"{REPORTER}    raise SystemExit(0)\n"},
        {"smoke.reporters.v1:odd": "acme"},
    )
    assert run(shop, tmp_path, env, "--report", "odd=odd.txt").returncode == 1


# step kinds

STEP = """
from pydantic import RootModel
from smoke.model.run import Outcome
from smoke.steps._session import Done
class Spec(RootModel[str]):
    "A text."
def perform(spec, session):
    {code}
"""
ODD = "    odd: hello\n"
WRONG_DONE = {
    "a text as outcome": "return Done('passed?')",
    "a number as message": "return Done(Outcome.PASSED, 5)",
    "not the end": "return Done(Outcome.UNFINISHED)",
}


@pytest.mark.parametrize("code", {**AT_CALL, **WRONG_DONE}.values(), ids=AT_CALL | WRONG_DONE)
def test_a_step_kind_that_fails_is_errored_and_the_run_ends_as_it_should(
    shop: Shop, tmp_path: Path, code: str
) -> None:
    code = STEP.format(code=code)
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.steps.v1:odd": "acme"})
    done = run(shop, tmp_path, env, step=ODD)
    assert done.returncode == 3
    assert carried_out(shop)
    assert "the step kind 'odd' of acme 1.0" in done.stdout
    kept = stored(tmp_path)
    assert kept.finished_at
    assert kept.outcome is Outcome.ERRORED
    assert [order.removed for order in kept.orders] == [Removal.YES]


def test_a_step_kind_that_works_passes(shop: Shop, tmp_path: Path) -> None:
    code = STEP.format(code="return Done(Outcome.PASSED)")
    # a key is written with underscores, and so may its entry point be
    points = {"smoke.steps.v1:very_odd": "acme"}
    env = install(tmp_path / "site", "acme", {"acme": code}, points)
    assert run(shop, tmp_path, env, step="    very_odd: hello\n").returncode == 0


@pytest.mark.parametrize("code", AT_IMPORT.values(), ids=AT_IMPORT)
def test_a_step_kind_that_does_not_load_is_a_mistake_at_its_line(
    shop: Shop, tmp_path: Path, code: str
) -> None:
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.steps.v1:odd": "acme"})
    done = run(shop, tmp_path, env, step=ODD)
    assert done.returncode == 2
    assert "the step kind 'odd' of acme 1.0" in done.stderr
    assert "hostile.yaml:8:5" in done.stderr
    assert not shop.seen


OPTIONAL = {
    "problems": "def problems(spec): raise KeyError('x')",
    "problems of a wrong type": "def problems(spec): return [1]",
    "files": "def files(spec): raise KeyError('x')",
    "beside": "def beside(spec, folder): raise SystemExit",
    "validator": "class Spec(RootModel[str]):\n    def model_post_init(self, _): raise OSError('x')",
    "a model that no schema can tell": (
        "class C: pass\nclass Spec(RootModel[C]):\n    model_config = {'arbitrary_types_allowed': True}"
    ),
}


@pytest.mark.parametrize("code", OPTIONAL.values(), ids=OPTIONAL)
def test_what_a_step_kind_does_when_a_file_is_read_is_fenced_too(tmp_path: Path, code: str) -> None:
    code = STEP.format(code="return Done(Outcome.PASSED)") + code
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.steps.v1:odd": "acme"})
    done = smoke(["check", scenario(tmp_path, ODD)], tmp_path, env=env)
    assert done.returncode == 2
    assert "the step kind 'odd' of acme 1.0" in done.stderr
    assert "hostile.yaml:8:5" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_step_kind_that_cannot_describe_itself_still_has_a_dry_run(
    shop: Shop, tmp_path: Path
) -> None:
    code = STEP.format(code="return Done(Outcome.PASSED)") + "def describe(spec): return spec.x.y"
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.steps.v1:odd": "acme"})
    done = run(shop, tmp_path, env, "--dry-run", step=ODD)
    assert done.returncode == 0
    assert "the step kind 'odd' of acme 1.0 failed: AttributeError" in done.stdout
    assert "DELETE" in done.stdout


def test_a_step_kind_cannot_take_a_key_that_every_step_has(tmp_path: Path) -> None:
    code = STEP.format(code="return Done(Outcome.PASSED)")
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.steps.v1:expect": "acme"})
    path = scenario(tmp_path, "    expect: hello\n")
    done = smoke(["check", path], tmp_path, env=env)
    assert done.returncode == 2
    assert "a step needs one key that says what it does" in done.stderr
    schema = smoke(["schema"], tmp_path, env=env)
    assert json.loads(schema.stdout) == json.loads(smoke(["schema"], tmp_path).stdout)


# checks

CHECK = """
from pydantic import BaseModel
class Spec(BaseModel):
    "A text."
    text: str
def run(spec, connection):
    {code}
"""
ROWS = "    check: {rows: {query: select 1, count: 1}}\n"


@pytest.fixture
def dsn(demo_server: EmbeddedServer) -> str:
    return prepare(demo_server, State.FIXED)["shop"]


@pytest.mark.parametrize("code", AT_IMPORT.values(), ids=AT_IMPORT)
def test_a_check_that_does_not_load_is_left_out_and_the_others_work(
    shop: Shop, tmp_path: Path, dsn: str, code: str
) -> None:
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.checks.v1:odd": "acme"})
    assert run(shop, tmp_path, {**env, "SMOKE_DSN": dsn}, step=ROWS).returncode == 0
    asked = smoke(["check", scenario(tmp_path, "    check: {odd: {text: x}}\n")], tmp_path, env=env)
    assert asked.returncode == 2
    assert "hostile.yaml:8:13" in asked.stderr
    assert "the check 'odd' of acme 1.0" in asked.stderr


def test_commands_that_need_no_foreign_plugin_name_a_broken_one_and_work(tmp_path: Path) -> None:
    rooms = ("steps", "checks", "dialects", "reporters")
    env = install(
        tmp_path / "site",
        "acme",
        {f"acme_{room}": "1/0" for room in rooms},
        {f"smoke.{room}.v1:odd-{room}": f"acme_{room}" for room in rooms},
    )
    for command in (["schema"], ["check", scenario(tmp_path, ROWS)]):
        done = smoke(command, tmp_path, env=env)
        assert done.returncode == 0
        assert done.stdout == smoke(command, tmp_path).stdout
        for room in rooms:
            assert f"'odd-{room}' of acme 1.0 could not be loaded: ZeroDivisionError" in done.stderr
    listed = smoke(["plugins"], tmp_path, env=env)
    assert listed.returncode == 0
    for room in rooms:
        assert f"  {f'odd-{room}':<18} NOT USABLE  (acme 1.0)" in listed.stdout
        assert f"ZeroDivisionError: division by zero (acme_{room}.py:1)" in listed.stderr


@pytest.mark.parametrize("code", AT_CALL.values(), ids=AT_CALL)
def test_a_check_that_fails_has_no_verdict_and_names_itself(
    shop: Shop, tmp_path: Path, dsn: str, code: str
) -> None:
    code = CHECK.format(code=code)
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.checks.v1:odd": "acme"})
    step = f"    check: {{odd: {{text: x}}}}\n  - name: After\n{ROWS}"
    done = run(shop, tmp_path, {**env, "SMOKE_DSN": dsn}, step=step)
    assert done.returncode == 3
    assert carried_out(shop)
    assert "the check 'odd' of acme 1.0" in done.stdout
    assert stored(tmp_path).finished_at


# dialects

DIALECT = """
from smoke.model.dberror import *
MARKS = ("Odd Stack",)
SYMBOLS = {{}}
def read(view):
    {code}
"""
BAD_DIALECT = {
    "MARKS that are a number": "MARKS = 5\nSYMBOLS = {}\ndef read(view): return ()",
    "SYMBOLS that are a list": "MARKS = ()\nSYMBOLS = [1]\ndef read(view): return ()",
    "SYMBOLS that are no SQLSTATEs": "MARKS = ()\nSYMBOLS = {'X': 5}\ndef read(view): return ()",
    "nothing to read with": "MARKS = ()\nSYMBOLS = {}\nread = 5",
}
WRONG_ERRORS = {
    "another type": "return ['23505']",
    "a number as SQLSTATE": "return [DatabaseError(sqlstate=23505)]",
    "a made-up SQLSTATE": "return [DatabaseError(sqlstate='nope!')]",
    "a number as name": "return [DatabaseError(constraint_name=5)]",
    "columns that are a text": "return [DatabaseError(sqlstate='23505', columns='abc')]",
    "bytes that are not there": "return [DatabaseError(citations=(Citation('x', 'body', 9, -5),))]",
    "an error half-way": "yield DatabaseError(sqlstate='23505'); raise RuntimeError('boom')",
}
HIDES = b'{"error": "duplicate key value violates unique constraint \\"orders_email_key\\""}'


@pytest.mark.parametrize("code", {**AT_IMPORT, **BAD_DIALECT}.values(), ids=AT_IMPORT | BAD_DIALECT)
def test_a_dialect_that_does_not_load_is_left_out_and_named(
    shop: Shop, tmp_path: Path, code: str
) -> None:
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.dialects.v1:odd": "acme"})
    shop.on("GET /fine", 500, HIDES)
    done = run(shop, tmp_path, env)
    assert done.returncode == 1  # the failure of the shop is told as ever
    assert carried_out(shop)
    kept = stored(tmp_path)
    assert kept.findings[0].database_error is not None
    assert kept.findings[0].database_error.constraint_name == "orders_email_key"
    assert sum("the dialect 'odd' of acme 1.0" in problem for problem in kept.problems) == 1


@pytest.mark.parametrize("code", {**AT_CALL, **WRONG_ERRORS}.values(), ids=AT_CALL | WRONG_ERRORS)
def test_a_dialect_that_fails_hides_nothing(shop: Shop, tmp_path: Path, code: str) -> None:
    code = DIALECT.format(code=code)
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.dialects.v1:odd": "acme"})
    shop.on("GET /fine", 500, HIDES)
    done = run(shop, tmp_path, env)
    assert done.returncode == 1
    assert carried_out(shop)
    kept = stored(tmp_path)
    assert kept.findings[0].database_error is not None
    assert kept.findings[0].database_error.constraint_name == "orders_email_key"
    assert sum("the dialect 'odd' of acme 1.0" in problem for problem in kept.problems) == 1


def test_a_dialect_that_fails_leaves_no_green_run(shop: Shop, tmp_path: Path) -> None:
    code = DIALECT.format(code="raise RuntimeError('boom')")
    env = install(tmp_path / "site", "acme", {"acme": code}, {"smoke.dialects.v1:odd": "acme"})
    shop.on("GET /fine", 200, {"message": "the connection could not be used: violates"})
    done = run(shop, tmp_path, env)
    assert done.returncode == 3
    assert "the dialect 'odd' of acme 1.0 failed: RuntimeError: boom (acme.py:6)" in done.stdout


# listeners


def listen(shop: Shop, folder: Path, listener: Callable[[Event], None]) -> library.Run:
    options = RunOptions(selectors=(scenario(folder),), url=shop.url, out=folder / "runs")
    return library.run(options=options, listener=listener, environ={})


EVENTS = (
    "RunStarted",
    "ScenarioStarted",
    "StepStarted",
    "OrderIntended",
    "ExchangeRecorded",
    "OrderSettled",
    "AttemptFinished",
    "StepFinished",
    "OrderRemoved",
    "ScenarioFinished",
    "RunFinished",
)


@pytest.mark.parametrize("at", EVENTS)
@pytest.mark.parametrize("fault", [ValueError, OSError, SystemExit, GeneratorExit])
def test_a_listener_that_raises_is_told_nothing_more_and_the_order_is_removed(
    shop: Shop, tmp_path: Path, at: str, fault: type[BaseException]
) -> None:
    told = []

    def listener(event: Event) -> None:
        told.append(type(event).__name__)
        if type(event).__name__ == at:
            raise fault("the token is hunter2")

    run = listen(shop, tmp_path, listener)
    assert told.count(at) == 1
    assert told[-1] == at
    assert carried_out(shop)
    assert not run.orders_left_behind
    (problem,) = run.problems
    assert problem.startswith(
        f"the listener failed at {at} and is told nothing more: {fault.__name__}"
    )
    assert "test_hostile_plugins.py" in problem
    assert "hunter2" not in problem
    assert exit_status(run) == 3
    assert run.outcome is Outcome.ERRORED
    kept = RunFolder.open(Path(run.folder)).run()
    assert (kept.problems, kept.outcome) == (run.problems, run.outcome)


def test_a_listener_that_raises_makes_a_failure_no_better(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /fine", 500, {})

    def listener(_: Event) -> None:
        raise ValueError

    run = listen(shop, tmp_path, listener)
    assert exit_status(run) == 1


def test_whoever_is_told_of_secrets_may_raise(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /fine", 200, {"key": "kJ8-hunter2-x91"})
    path = scenario(tmp_path, PLAIN + "    capture: {key: {json: $.key, secret: true}}\n")
    told = []

    def on_secret(value: str) -> None:
        told.append(value)
        raise ValueError(value)

    options = RunOptions(selectors=(path,), url=shop.url, out=tmp_path / "runs")
    run = library.run(options=options, on_secret=on_secret, environ={})
    assert "kJ8-hunter2-x91" in told
    assert carried_out(shop)
    (problem,) = run.problems
    assert problem.startswith("on_secret failed: ValueError (")
    assert "hunter2" not in problem


# names

FINE = {
    "reporters": "SUFFIX = '.txt'\ndef write(run, evidence, out): out.write(b'foreign')",
    "steps": STEP.format(code="return Done(Outcome.FAILED)"),
    "checks": CHECK.format(code="return None"),
    "dialects": DIALECT.format(code="return ()"),
}
OWN = {"reporters": "json", "steps": "request", "checks": "rows", "dialects": "prisma"}


def test_one_that_ships_wins_over_a_foreign_one_of_its_name(tmp_path: Path) -> None:
    env = install(
        tmp_path / "site",
        "acme",
        {f"acme_{room}": code for room, code in FINE.items()},
        {f"smoke.{room}.v1:{name}": f"acme_{room}" for room, name in OWN.items()},
    )
    for command in (["plugins"], ["schema"], ["check", scenario(tmp_path)]):
        done = smoke(command, tmp_path, env=env)
        assert done.returncode == 0
        assert done.stdout == smoke(command, tmp_path).stdout
        for name in OWN.values():
            assert f"'{name}' of acme 1.0 is left out: smoke has one of that name" in done.stderr


@pytest.mark.parametrize("room", FINE)
def test_of_two_with_one_name_neither_is_used(tmp_path: Path, room: str) -> None:
    site = tmp_path / "site"
    install(site, "acme", {"acme": FINE[room]}, {f"smoke.{room}.v1:odd": "acme"})
    env = install(site, "other", {"other": FINE[room]}, {f"smoke.{room}.v1:odd": "other"})
    done = smoke(["plugins"], tmp_path, env=env)
    assert done.returncode == 0
    assert done.stdout == smoke(["plugins"], tmp_path).stdout
    message = " ".join(done.stderr.split())
    assert "there are two of one name, and neither is used" in message
    assert "'odd' of acme 1.0" in message
    assert "'odd' of other 1.0" in message


def test_a_reporter_that_two_packages_bring_is_refused(shop: Shop, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install(site, "acme", {"acme": FINE["reporters"]}, {"smoke.reporters.v1:odd": "acme"})
    env = install(site, "other", {"other": "import x"}, {"smoke.reporters.v1:odd": "other"})
    done = run(shop, tmp_path, env, "--report", "odd=odd.txt")
    assert done.returncode == 2
    assert "neither is used" in done.stderr
    assert not shop.seen


def test_what_works_is_listed_with_its_package(tmp_path: Path) -> None:
    modules = {
        f"acme_{room}": f'"""What {room} of Acme do."""\n{code}' for room, code in FINE.items()
    }
    points = {f"smoke.{room}.v1:fine": f"acme_{room}" for room in FINE}
    env = install(tmp_path / "site", "acme", modules, points)
    done = smoke(["plugins"], tmp_path, env=env)
    assert done.returncode == 0
    assert done.stderr == ""
    for room in FINE:
        assert f"  fine               What {room} of Acme do.  (acme 1.0)" in done.stdout


def test_an_object_in_a_module_can_be_the_plugin(shop: Shop, tmp_path: Path) -> None:
    code = """
        class Text:
            SUFFIX = ".txt"
            @staticmethod
            def write(run, evidence, out):
                out.write(run.outcome.encode())
    """
    env = install(
        tmp_path / "site", "acme", {"acme": code}, {"smoke.reporters.v1:odd": "acme:Text"}
    )
    assert run(shop, tmp_path, env, "--report", "odd=odd.txt").returncode == 0
    assert (tmp_path / "odd.txt").read_text() == "passed"


@pytest.mark.parametrize("group", ["smoke.reporters", "smoke.reporters.v2"])
def test_a_plugin_for_another_contract_is_not_loaded_and_told(
    shop: Shop, tmp_path: Path, group: str
) -> None:
    env = install(tmp_path / "site", "acme", {"acme": FINE["reporters"]}, {f"{group}:odd": "acme"})
    assert run(shop, tmp_path, env, "--report", "odd=odd.txt").returncode == 2
    done = smoke(["plugins"], tmp_path, env=env)
    assert f"no plugin of the group '{group}' is used: this smoke takes version v1" in done.stderr


def test_a_name_that_would_command_the_terminal_is_left_out(tmp_path: Path) -> None:
    env = install(
        tmp_path / "site", "acme", {"acme": ""}, {"smoke.reporters.v1:o\x1b[2Jdd": "acme"}
    )
    done = smoke(["plugins"], tmp_path, env=env)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "is left out: a name has lower-case letters" in done.stderr


def test_a_package_whose_entry_points_are_damaged_hides_no_other(
    shop: Shop, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    install(site, "damaged", {}, {})
    (site / "damaged-1.0.dist-info/entry_points.txt").write_text("[smoke.reporters.v1]\nno value\n")
    env = install(site, "acme", {"acme": FINE["reporters"]}, {"smoke.reporters.v1:odd": "acme"})
    done = run(shop, tmp_path, env, "--report", "odd=odd.txt")
    assert done.returncode == 0
    assert (tmp_path / "odd.txt").read_text() == "foreign"
    done = smoke(["plugins"], tmp_path, env=env)
    assert "damaged-1.0.dist-info cannot be read" in done.stderr
