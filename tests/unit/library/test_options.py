"""`smoke.run` and `smoke.plan` take every option by its name; nothing that is given is dropped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import smoke
from smoke.app.keywords import merged

SCENARIO = "name: {name}\nsteps: [{{name: Look, request: /{name}}}]\n"


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text(SCENARIO.format(name=name), encoding="utf-8")
    return str(tmp_path / "one.yaml")


def urls(*selectors: str, **given: Any) -> list[str]:
    planned = smoke.plan(*selectors, environ={}, **given)
    return [step.request.url for step in planned if step.request is not None]


def test_what_is_given_beside_options_goes_before_them(scenario: str) -> None:
    options = smoke.RunOptions(
        selectors=(scenario.replace("one", "other"),), url="https://old.example"
    )
    assert urls(options=options) == ["https://old.example/other"]
    assert urls(scenario, options=options) == ["https://old.example/one"]
    assert urls(options=options, url="https://new.example") == ["https://new.example/other"]
    assert urls(scenario, options=options, url="https://new.example") == ["https://new.example/one"]


def test_values_are_taken_as_a_caller_has_them(tmp_path: Path) -> None:
    made = merged(
        ("a",),
        smoke.RunOptions(seed="s"),
        {
            "headers": {"X-A": "1"},
            "variables": {"sku": "tea"},
            "logs": "app.log",
            "allow_hosts": ["https://pay.example"],
            "out": str(tmp_path),
            "ca_file": tmp_path / "ca.pem",
            "timeout": 5,
            "targets_file": tmp_path / "targets.yaml",
        },
        of="run",
    )
    assert made == smoke.RunOptions(
        selectors=("a",),
        seed="s",
        headers=(("X-A", "1"),),
        variables={"sku": "tea"},
        logs=("app.log",),
        allow_hosts=("https://pay.example",),
        out=tmp_path,
        ca_file=str(tmp_path / "ca.pem"),
        timeout=5.0,
        targets_file=tmp_path / "targets.yaml",
    )


def test_an_unknown_name_is_refused_with_the_nearest(scenario: str) -> None:
    wrong: dict[str, Any] = {"timout": 3}
    for function in (smoke.run, smoke.plan):
        with pytest.raises(TypeError, match="'timout'; did you mean 'timeout'"):
            function(scenario, **wrong)
    with pytest.raises(TypeError, match=r"RunOptions.*'timout'; did you mean 'timeout'"):
        smoke.RunOptions(**wrong)


def test_every_value_of_a_wrong_type_is_told_and_not_shown(scenario: str) -> None:
    given: dict[str, Any] = {
        "url": None,
        "variables": {"password": 4711},
        "headers": "X-A: 1",
        "timeout": "5s",
        "workers": True,
        "out": 3,
    }
    for call in (lambda: smoke.run(scenario, **given), lambda: smoke.RunOptions(**given)):
        with pytest.raises(smoke.SmokeError) as refused:
            call()
        told = [diagnostic.message for diagnostic in refused.value.diagnostics]
        assert [line.partition(":")[0] for line in told] == [*given]
        assert told[0] == "url: expected `str`, got None"
        assert told[3] == "timeout: expected `float`, got `str`"
        assert "4711" not in str(told)
        assert all(diagnostic.code == "bad-option" for diagnostic in refused.value.diagnostics)


def test_options_as_a_value_take_what_a_call_takes(scenario: str) -> None:
    given: dict[str, Any] = {"out": "evidence", "selectors": scenario, "headers": {"X-A": "1"}}
    made = smoke.RunOptions(**given, timeout=5)
    assert made == merged(
        (scenario,), None, {"out": "evidence", "headers": {"X-A": "1"}, "timeout": 5}, of="run"
    )
    assert (made.out, made.headers) == (Path("evidence"), (("X-A", "1"),))
    assert urls(options=made, url="https://shop.example") == ["https://shop.example/one"]


def test_what_is_no_options_is_refused(scenario: str) -> None:
    wrong: Any = {"url": "https://shop.example"}
    with pytest.raises(smoke.SmokeError, match=r"RunOptions.* is expected, not `dict`"):
        smoke.run(scenario, options=wrong)


def test_a_value_out_of_bounds_is_refused(scenario: str) -> None:
    with pytest.raises(smoke.SmokeError, match="workers"):
        smoke.run(scenario, url="https://shop.example", workers=0)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"listener": 3}, "listener: a function is expected, not `int`"),
    ({"on_secret": "x"}, "on_secret: a function is expected, not `str`"),
    ({"environ": ["A=1"]}, "environ: names and texts are expected, as of os.environ, not `list`"),
    ({"max_time": "2m"}, "max_time: expected `float` or None, got `str`"),
    ({"out": "a\0b"}, "out: expected no null character in it"),
    ({"logs": ["a\0b"]}, "logs: expected no null character in it"),
    ({"variables": {"a\0": "b"}}, "variables: expected no null character in it"),
    ({"targets_file": 3}, "targets_file: expected a path, got `int`"),
    ({"timeout": float("nan")}, "--timeout is a time above zero"),
    ({"headers": {"X": "a\nb"}}, "--header: the value of X has a control character in it"),
]


@pytest.mark.parametrize(("given", "words"), WRONG, ids=[next(iter(each)) for each, _ in WRONG])
def test_a_wrong_use_is_told_in_words(scenario: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(smoke.SmokeError, match=re.escape(words)):
        smoke.run(scenario, url="http://127.0.0.1:9", **given)


@pytest.mark.parametrize(
    ("word", "field"), [("targets", "targets_file"), ("var", "variables"), ("log", "logs")]
)
def test_a_word_of_the_command_line_leads_to_the_field(
    scenario: str, word: str, field: str
) -> None:
    given: dict[str, Any] = {word: "x"}
    for call in (lambda: smoke.run(scenario, **given), lambda: smoke.RunOptions(**given)):
        with pytest.raises(TypeError, match=f"'{word}'; did you mean '{field}'"):
            call()


def test_questions_to_a_database_check_their_keywords_as_a_run_does() -> None:
    wrong: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"dsn": "x"}, TypeError, "'dsn'; did you mean 'dsn_env'"),
        ({"dsn_env": 3}, smoke.SmokeError, "dsn_env: expected `str`"),
        ({"statement_timeout": "5s"}, smoke.SmokeError, "statement_timeout: expected `float`"),
        ({"environ": 3}, smoke.SmokeError, "environ: names and texts are expected"),
        ({"targets_file": "x"}, smoke.SmokeError, "--targets needs --target"),
    ]
    for given, kind, words in wrong:
        with pytest.raises(kind, match=re.escape(words)):
            smoke.db_which(**given)


def test_one_response_is_checked_and_takes_a_mapping_of_headers() -> None:
    body = b'{"code": "23505", "error": "duplicate key value violates unique constraint \\"a\\""}'
    headers = {"content-type": "application/json"}
    assert smoke.classify_response(500, headers, body) == smoke.classify_response(
        500, [*headers.items()], body
    )
    wrong: Any = "500"
    with pytest.raises(TypeError, match=r"status \(int\) and a body \(bytes\), not str and bytes"):
        smoke.classify_response(wrong, [], body)
