"""Every kind of step has what the engine, the loader and the schema ask of it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from smoke import plugins
from smoke.database.checks._result import CheckResult
from smoke.model.run import Outcome
from smoke.scenario.base import Model
from smoke.scenario.kinds import has_short_form, holds
from smoke.scenario.scope import Scope
from smoke.scenario.traits import Holds
from smoke.steps import Session, clear_cookies, pause
from tests.support.cli import smoke
from tests.support.foreign import install
from tests.support.rooms import every
from tests.support.scripted import scripted

KINDS = plugins.find("steps", third_party=False)
TRIED = every("steps")


def session(cleared: list[str], *, rested: bool = True) -> Session:
    return Session(
        scope=Scope(),
        sleep=lambda seconds: rested and seconds > 0,
        clear_cookies=cleared.append,
        remaining=lambda: 60.0,
        ask=lambda _name, _spec: CheckResult(ok=True, message="it holds"),
    )


@pytest.mark.parametrize("name", TRIED)
def test_it_has_a_spec_and_says_what_it_is(name: str) -> None:
    module = TRIED[name].module
    assert issubclass(module.Spec, (BaseModel, Model))
    assert module.Spec.model_json_schema()
    assert TRIED[name].description.endswith((".", "`.", "all."))
    assert module.Spec.__doc__


@pytest.mark.parametrize("name", sorted(set(TRIED) - {"group", "together"}))
def test_it_is_carried_out_or_sends(name: str) -> None:
    module = TRIED[name].module
    performs, builds = hasattr(module, "perform"), hasattr(module, "build")
    assert performs or builds
    if performs:
        assert list(inspect.signature(module.perform).parameters) == ["spec", "session"]
    if builds:
        assert list(inspect.signature(module.build).parameters) == ["spec", "making"]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_says_of_itself_what_the_engine_does_with_it(name: str) -> None:
    module = KINDS[name].load()
    assert (holds(KINDS[name]) is not Holds.NOTHING) is (name in {"group", "together"})
    assert has_short_form(KINDS[name]) is (name == "request")
    assert (getattr(module, "ASKS_DATABASE", False)) is (name == "check")


def test_those_that_ship_are_there() -> None:
    assert {"request", "together", "group", "pause", "clear-cookies"} <= set(KINDS)


def test_a_pause_that_is_cut_short_has_no_verdict() -> None:
    spec = pause.Spec.model_validate("500ms")
    assert pause.perform(spec, session([])).outcome is Outcome.PASSED
    assert pause.perform(spec, session([], rested=False)).outcome is Outcome.ERRORED


def test_clearing_names_the_customer() -> None:
    cleared: list[str] = []
    clear_cookies.perform(clear_cookies.Spec.model_validate("alice"), session(cleared))
    assert cleared == ["alice"]


ORDERS = """\
'''Orders: `buy: tea`.'''
from pydantic import RootModel
from smoke.steps import Built, Done, Fact, Given, Outcome

class Spec(RootModel[str]):
    '''What is bought.'''

def build(spec, making):
    return Built(making.request('POST', '/orders', body=making.text(spec.root).encode()))

def captures(spec):
    return ['bought']

def perform(spec, session):
    BODY
"""
SCENARIO = """\
name: it
steps:
  - name: Buy
    buy: tea
    places_order: {id: $.id}
    expect: {status: 201}
    capture: {token: $.session_token}
  - name: Use
    request: GET /use/{{ bought }}
teardown:
  - {name: Cancel, for_each: "{{ orders }}", request: "DELETE /orders/{{ item.id }}", removes_order: "{{ item.key }}"}
"""


def bought(body: str, tmp_path: Path, status: int = 201) -> tuple[int, str, list[str]]:
    """The exit status, all output, and the requests of a scenario that buys with this `perform`."""
    code = ORDERS.replace("BODY", body)
    env = install(
        tmp_path / "site", "buys", {"buys_kind": code}, {"smoke.steps.v1:buy": "buys_kind"}
    )
    (tmp_path / "it.yaml").write_text(SCENARIO, encoding="utf-8")
    with scripted() as shop:
        shop.on("POST /orders", status, {"id": "o-1", "session_token": "hunter2-hunter2"})
        shop.on("GET /use/o-1-x", 200, {})
        shop.on("DELETE /orders/o-1", 200, {})
        done = smoke(["run", "it.yaml", "--url", shop.url], tmp_path, env=env)
        return done.returncode, done.stdout + done.stderr, shop.paths()


ALL = ["POST /orders", "GET /use/o-1-x", "DELETE /orders/o-1"]


def test_one_of_another_package_sends_orders_and_captures(tmp_path: Path) -> None:
    body = """reply = session.send()
    given = (Given('bought', 'o-1-x'), Given('again', reply.captures['token'], secret=True))
    return Done(Outcome.PASSED, checked=('the token is ' + reply.captures['token'],), captures=given)"""
    status, told, paths = bought(body, tmp_path)
    assert status == 0, told
    assert paths == ALL
    assert "the token is " in told
    stored = b"".join(p.read_bytes() for p in (tmp_path / ".smoke").rglob("*") if p.is_file())
    assert b"hunter2" not in stored
    assert "hunter2" not in told


def test_its_word_does_not_turn_a_failed_request_into_a_pass(tmp_path: Path) -> None:
    body = "session.send(); return Done(Outcome.PASSED, captures=(Given('bought', 'o-1-x'),))"
    status, told, paths = bought(body, tmp_path, status=500)
    assert status == 1, told
    assert "GET /use/o-1-x" not in paths


def test_what_goes_wrong_behind_a_request_that_failed_is_told_too(tmp_path: Path) -> None:
    body = "session.send(); session.ask('rows', {'query': 'select 1', 'count': 1})"
    status, told, _ = bought(body, tmp_path, status=500)
    assert status == 1, told
    assert "expected 201, got 500" in told
    assert "afterwards  " in told


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("session.send(); raise RuntimeError('boom')", "RuntimeError"),
        ("session.send(); session.send(); return Done(Outcome.PASSED)", "sends its request once"),
        ("session.send(); return 17", "not Done"),
        ("session.send(); return Done(Outcome.FAILED, 'not as it was paid')", "not as it was paid"),
    ],
)
def test_an_order_of_a_step_that_goes_wrong_afterwards_is_removed(
    body: str, words: str, tmp_path: Path
) -> None:
    status, told, paths = bought(body, tmp_path)
    assert status in (1, 3), told
    assert words in told
    assert paths == ["POST /orders", "DELETE /orders/o-1"]


FACTS = """reply = session.send()
    facts = (
        Fact('provider', 'pay <b>co</b> `x` | ' + reply.captures['token']),
        Fact('receipt', 'line one\\nline two', block=True),
    )
    return Done(OUTCOME, 'the provider says no', facts=facts, captures=(Given('bought', 'o-1-x'),))"""
REPORTS = ("html", "junit", "github", "json")


@pytest.mark.parametrize("outcome", ["PASSED", "FAILED"])
def test_facts_of_its_own_are_told_in_every_report(outcome: str, tmp_path: Path) -> None:
    """Made safe and masked like all else, at a step that passed as at one that did not."""
    code = ORDERS.replace("BODY", FACTS.replace("OUTCOME", f"Outcome.{outcome}"))
    env = install(tmp_path / "site", "buys", {"bk": code}, {"smoke.steps.v1:buy": "bk"})
    (tmp_path / "it.yaml").write_text(SCENARIO, encoding="utf-8")
    words = ["run", "it.yaml", "--verbose", "--out", "runs"]
    for name in REPORTS:
        words += ["--report", f"{name}=r.{name}"]
    with scripted() as shop:
        shop.on("POST /orders", 201, {"id": "o-1", "session_token": "hunter2-hunter2"})
        shop.on("GET /use/o-1-x", 200, {})
        shop.on("DELETE /orders/o-1", 200, {})
        done = smoke([*words, "--url", shop.url], tmp_path, env=env)
    assert done.returncode == (0 if outcome == "PASSED" else 1), done.stdout + done.stderr
    shown = smoke(["show", "latest", "Buy", "--out", "runs"], tmp_path, env=env).stdout
    told = {name: (tmp_path / f"r.{name}").read_text(encoding="utf-8") for name in REPORTS}
    for text in (done.stdout, shown):
        assert "provider    pay <b>co</b> `x` | [" in text
        assert "receipt     │ line one\n" in text
    assert "<dt>provider</dt><dd>pay &lt;b&gt;co&lt;/b&gt; `x` | [" in told["html"]
    assert ">line one\nline two</pre>" in told["html"]
    assert "provider: pay &lt;b&gt;co&lt;/b&gt; `x` | [" in told["junit"]
    assert "receipt:\n  | line one\n  | line two" in told["junit"]
    if outcome == "FAILED":  # the job summary tells of nothing else
        assert "- provider: <code>pay &#60;b&#62;co" in told["github"]
    assert '"label": "provider"' in told["json"]
    everywhere = "".join((done.stdout, shown, *told.values()))
    assert "hunter2" not in everywhere


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("(Fact('two\\nlines', 'x'),)", "the label of a fact is one line"),
        ("(Fact('', 'x'),)", "the label of a fact is one line"),
        ("(Fact('x', 17),)", "a Done with wrong types"),
        ("(Fact('x', 'y'),) * 51", "51 facts, and a step has 50 at the most"),
    ],
)
def test_facts_that_nobody_could_read_are_its_fault(facts: str, words: str, tmp_path: Path) -> None:
    body = f"session.send(); return Done(Outcome.PASSED, facts={facts})"
    status, told, paths = bought(body, tmp_path)
    assert status == 3
    assert words in told
    assert paths == ["POST /orders", "DELETE /orders/o-1"]


def test_one_that_builds_no_request_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    code = ORDERS.replace("return Built(", "return (").replace("BODY", "return session.send()")
    env = install(
        tmp_path / "site", "buys", {"buys_kind": code}, {"smoke.steps.v1:buy": "buys_kind"}
    )
    (tmp_path / "it.yaml").write_text(SCENARIO, encoding="utf-8")
    with scripted() as shop:
        done = smoke(["run", "it.yaml", "--url", shop.url], tmp_path, env=env)
        assert shop.paths() == []
    assert done.returncode == 2
    assert "the step kind 'buy' of buys 1.0 failed: build gave Request" in done.stderr


@pytest.mark.parametrize(
    ("read", "words", "status"),
    [
        ("lambda answer: 17", "read gave int", 3),
        ("lambda answer: 1 / 0", "ZeroDivisionError", 3),
        ("lambda answer: 'there is no parcel'", "there is no parcel", 1),
    ],
)
def test_what_it_reads_out_of_an_answer_hides_no_order(
    read: str, words: str, status: int, tmp_path: Path
) -> None:
    code = ORDERS.replace("encode()))", f"encode()), read={read})")
    code = code.replace("BODY", "return Done(session.send().outcome)")
    env = install(
        tmp_path / "site", "buys", {"buys_kind": code}, {"smoke.steps.v1:buy": "buys_kind"}
    )
    (tmp_path / "it.yaml").write_text(SCENARIO, encoding="utf-8")
    with scripted() as shop:
        shop.on("POST /orders", 201, {"id": "o-1", "session_token": "x"})
        shop.on("DELETE /orders/o-1", 200, {})
        done = smoke(["run", "it.yaml", "--url", shop.url], tmp_path, env=env)
        assert shop.paths() == ["POST /orders", "DELETE /orders/o-1"]
    assert done.returncode == status, done.stdout + done.stderr
    assert words in done.stdout


OF_A_PART = """\
'''Tells {name} of it.'''
from pydantic import BaseModel, ConfigDict, Field

class Retry(BaseModel):
    '''A part of its own, which is called as one of ours and of the other one.'''
    model_config = ConfigDict(extra="forbid")
    of_{name}: int = Field(description="only of {name}")

class Spec(BaseModel):
    '''What is told.'''
    topic: str = Field(description="the topic of {name}")
    part: Retry | None = None

def perform(spec, session):
    raise NotImplementedError
"""


def test_the_schema_has_the_keys_of_each_package_with_its_own_parts(tmp_path: Path) -> None:
    names = ("first", "second")
    env = install(
        tmp_path / "site",
        "tellers",
        {f"kind_{name}": OF_A_PART.format(name=name) for name in names},
        {f"smoke.steps.v1:tell-{name}": f"kind_{name}" for name in names},
    )
    schema = json.loads(smoke(["schema"], tmp_path, env=env).stdout)
    keys = schema["$defs"]["Step"]["properties"]
    topic = keys["tell_first"]["anyOf"][0]["properties"]["topic"]
    assert (topic["type"], topic["description"]) == ("string", "the topic of first")
    validator = Draft202012Validator(schema)
    for name, other in (names, reversed(names)):
        step = {"name": "x", f"tell_{name}": {"topic": "t", "part": {f"of_{name}": 1}}}
        assert validator.is_valid({"name": "s", "steps": [step]})
        step[f"tell_{name}"] = {"topic": "t", "part": {f"of_{other}": 1}}
        assert not validator.is_valid({"name": "s", "steps": [step]})
    step = {"name": "x", "request": "GET /", "retry": {"attempts": 2}}
    assert validator.is_valid({"name": "s", "steps": [step]})
