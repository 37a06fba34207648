"""Which scenarios are run: tag expressions, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke
from smoke.diagnostic import NothingSelectedError, SmokeError
from smoke.model.run import Outcome
from smoke.store import RunFolder
from tests.support.cli import smoke as smoke_command
from tests.support.scripted import Shop, scripted

NOWHERE = "http://127.0.0.1:9"
TAGS = {
    "a": ["checkout"],
    "b": ["checkout", "slow"],
    "c": ["payment", "slow"],
    "d": ["two words", "and"],
    "e": [],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of five scenarios."""
    (tmp_path / "scenarios").mkdir()
    for name, tags in TAGS.items():
        text = (
            f"name: {name}\ntags: {json.dumps(tags)}\nsteps: [{{name: x, request: GET /{name}}}]\n"
        )
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        for name in TAGS:
            running.on(f"GET /{name}", body={})
        yield running


def chosen(*selectors: str, tags: str | list[str] = (), skip: str | list[str] = ()) -> str:  # type: ignore[assignment]  # none is an empty list
    planned = smoke.plan(*selectors, tags=tags, skip=skip, url=NOWHERE, environ={})
    return "".join(dict.fromkeys(each.scenario for each in planned))


def refused(*selectors: str, **given: str) -> SmokeError:
    with pytest.raises(SmokeError) as error:
        smoke.plan(*selectors, **given, url=NOWHERE, environ={})  # type: ignore[arg-type]  # texts, each one alone
    assert not isinstance(error.value, NothingSelectedError)
    return error.value


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("checkout", "ab"),
        ("checkout and slow", "b"),
        ("checkout or slow", "abc"),
        ("checkout and not slow", "a"),
        ("not slow", "ade"),
        ("not not slow", "bc"),
        ("not checkout and slow", "c"),
        ("not (checkout or slow)", "de"),
        ("payment or checkout and slow", "bc"),
        ("(payment or checkout) and slow", "bc"),
        ("(payment or checkout) and not (slow and payment)", "ab"),
        ("'two words'", "d"),
        ('"and"', "d"),
        ("not 'and'  and  not\tcheckout".replace("\t", " "), "ce"),
        ("((checkout))", "ab"),
        ("(checkout)and(slow)", "b"),
        ("  checkout  ", "ab"),
    ],
)
def test_an_expression_chooses_by_tags(folder: Path, expression: str, names: str) -> None:
    assert chosen(tags=expression) == names


@pytest.mark.usefixtures("folder")
def test_it_narrows_what_the_words_choose_and_all_of_several_hold() -> None:
    assert chosen("slow", "a", tags="checkout") == "ba"
    assert chosen("scenarios/a.yaml", "e", tags="not slow") == "ae"
    assert chosen(tags=["checkout", "slow"]) == "b"
    assert chosen("slow") == "bc"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("skip", "names"),
    [
        (["a"], "bcde"),
        (["a", "scenarios/b.yaml"], "cde"),
        (["slow"], "ade"),
        (["slow or not checkout"], "a"),
        (["scenarios/b.yaml", "payment"], "ade"),
        (["./scenarios/../scenarios/e.yaml"], "abcd"),
    ],
)
def test_what_is_skipped_is_left_out(skip: list[str], names: str) -> None:
    assert chosen(skip=skip) == names


@pytest.mark.usefixtures("folder")
def test_a_needed_scenario_is_carried_out_though_it_is_skipped() -> None:
    Path("scenarios/f.yaml").write_text(
        "name: f\nneeds: a.yaml\nsteps: [{name: x, request: GET /f}]\n"
    )
    assert chosen("f", "a", skip=["a"]) == "af"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("expression", "column", "words", "meant"),
    [
        ("", 1, "a tag, 'not' or '('", None),
        ("checkout and", 13, "a tag, 'not' or '('", None),
        ("and checkout", 1, "a tag, 'not' or '('", None),
        ("checkout slow", 10, "'and' or 'or'", None),
        ("checkout AND slow", 10, "'and' or 'or'", "and"),
        ("checkout && slow", 10, "'and' or 'or'", "and"),
        ("checkout | slow", 10, "'and' or 'or'", "or"),
        ("(checkout or slow", 18, "'and', 'or' or ')'", None),
        ("checkout)", 9, "nothing before opens", None),
        ("()", 2, "a tag, 'not' or '('", None),
        ("not", 4, "a tag, 'not' or '('", None),
        ("'checkout", 1, "never closed", None),
        ("checkout and ''", 14, "never closed, or nothing", None),
        ("(" * 60 + "slow" + ")" * 60, 52, "50 levels", None),
        ("not " * 60 + "slow", 205, "50 levels", None),
    ],
)
def test_a_fault_has_its_column(
    expression: str, column: int, words: str, meant: str | None
) -> None:
    for option in ("tags", "skip"):
        (problem,) = refused("a", **{option: expression}).diagnostics
        assert problem.code == "bad-tag-expression"
        assert words in problem.message
        assert problem.span is not None
        assert (problem.span.source, problem.span.column) == (
            {"tags": "--tag", "skip": "--skip"}[option],
            column,
        )
        assert problem.suggestion == meant


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("expression", ["slow\nor checkout", "x" * 1001, "a\x1b[2J"])
def test_what_is_no_line_is_refused_and_not_repeated(expression: str) -> None:
    (problem,) = refused(tags=expression).diagnostics
    assert problem.code == "bad-tag-expression"
    assert "\x1b" not in problem.message


@pytest.mark.usefixtures("folder")
def test_a_tag_that_no_scenario_has_is_told_with_the_nearest() -> None:
    problems = refused(tags="checkout and not slwo or paymnt").diagnostics
    assert [each.code for each in problems] == ["unknown-tag"] * 2
    assert [each.suggestion for each in problems] == ["slow", "payment"]
    assert [each.span.column for each in problems if each.span] == [18, 26]
    # one of another scenario of the project is none of those that are chosen, and no slip
    assert chosen("a", tags="not payment") == "a"
    # the shipped scenarios' tags are known, too
    assert chosen("a", skip="graphql") == "a"


@pytest.mark.usefixtures("folder")
def test_what_is_to_be_skipped_and_is_nothing_is_told() -> None:
    (tag,) = refused("a", skip="slwo").diagnostics
    assert tag.suggestion == "slow"
    Path("scenarios/login-with-mail.yaml").write_text(
        "name: login-with-mail\nsteps: [{name: x, request: GET /f}]\n"
    )
    (name,) = refused("a", skip="login-with-mial").diagnostics
    assert name.suggestion == "login-with-mail"
    (path,) = refused("a", skip="scenarios/aa.yaml").diagnostics
    assert path.code == "file-not-found"
    assert path.suggestion == "a.yaml"


@pytest.mark.usefixtures("folder")
def test_nothing_that_is_left_is_no_fault_and_no_success() -> None:
    for given in ({"tags": "payment and checkout"}, {"skip": "not slow or slow"}):
        with pytest.raises(NothingSelectedError, match="nothing is left of 5 scenarios"):
            smoke.plan(**given, url=NOWHERE, environ={})  # type: ignore[arg-type]  # texts, each one alone
    assert refused().diagnostics[0].code == "nothing-selected"


# at the command line


def test_a_run_by_tags_says_so_in_its_evidence(folder: Path, shop: Shop) -> None:
    line = ["run", "--tag", "checkout or payment", "--skip", "c", "--skip=scenarios/b.yaml"]
    done = smoke_command([*line, "--url", shop.url], folder)
    assert done.returncode == 0, done.stderr
    assert shop.paths() == ["GET /a"]
    (kept,) = (folder / ".smoke" / "runs").glob("2*")
    run = RunFolder.open(kept).run()
    assert run.outcome is Outcome.PASSED
    assert run.asked is not None
    assert run.asked.selectors == ()
    words = ("--tag", "checkout or payment", "--skip", "c", "--skip", "scenarios/b.yaml")
    assert run.asked.options == words


def test_the_run_again_of_many_names_the_tags(folder: Path, shop: Shop) -> None:
    for name in "fghijk":
        text = f"name: {name}\ntags: [many]\nsteps: [{{name: x, request: GET /{name}}}]\n"
        (folder / "scenarios" / f"{name}.yaml").write_text(text)
    done = smoke_command(["run", "--tag", "many and not slow", "--url", shop.url], folder)
    assert done.returncode == 1
    assert f"run --url {shop.url} --tag 'many and not slow'" in done.stdout


def test_nothing_left_ends_with_five_and_sends_nothing(folder: Path, shop: Shop) -> None:
    run = smoke_command(["run", "--tag", "payment and checkout", "--url", shop.url], folder)
    assert run.returncode == 5
    assert "nothing is left of 5 scenarios: --tag 'payment and checkout'" in run.stderr
    assert shop.seen == []
    assert smoke_command(["check", "--tag", "payment and checkout"], folder).returncode == 5
    assert smoke_command(["list", "--skip", "slow or not slow"], folder).returncode == 5


def test_check_and_list_take_the_same(folder: Path) -> None:
    (folder / "scenarios" / "broken.yaml").write_text("name: broken\ntags: [slow]\nsteps: []\n")
    broken = smoke_command(["check", "--tag", "checkout"], folder)
    assert broken.returncode == 2  # it might be one that carries the tag
    (folder / "scenarios" / "broken.yaml").unlink()
    checked = smoke_command(["check", "--tag", "checkout", "--skip", "b"], folder)
    assert (checked.returncode, checked.stdout) == (0, "1 scenario with 1 step: all right\n")
    listed = smoke_command(["list", "--json", "--tag", "slow", "--skip", "b"], folder)
    assert [each["name"] for each in json.loads(listed.stdout)] == ["c"]
    slip = smoke_command(["list", "--tag", "slwo"], folder)
    assert slip.returncode == 2
    assert "did you mean 'slow'?" in slip.stderr


def test_a_check_that_watches_looks_at_all(folder: Path) -> None:
    for option in ("--tag", "--skip"):
        done = smoke_command(["check", "--watch", option, "slow"], folder)
        assert done.returncode == 2
        assert "leave out --tag and --skip" in " ".join(done.stderr.split())
