"""Files of values: `--env-file` and `--vars-file`, through real runs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.env_file import read_env_file
from smoke.app.late_teardown import teardown
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from smoke.store import resolve
from tests.support.cli import command, environment, narrow, smoke
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

SECRET = "s3cr3t of the file # 'quoted'"
SCENARIO = """
    name: a
    variables: {email: none, quantity: 1, items: [], note: text}
    secrets: [SHOP_PASSWORD]
    steps:
      - name: x
        request:
          method: POST
          url: /x
          headers: {X-Region: "{{ env.REGION | default('none') }}"}
          json: {email: "{{ email }}", quantity: "{{ quantity }}", items: "{{ items }}", note: "{{ note }}", p: "{{ secrets.SHOP_PASSWORD }}"}
        expect: {status: 200}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /x", body={"echo": SECRET})
        yield running


def sent(shop: Shop) -> dict[str, object]:
    found: dict[str, object] = json.loads(shop.seen[-1][3])
    return found


def env_file(folder: Path, text: str, name: str = ".env") -> str:
    path = folder / name
    path.write_bytes(text.encode())
    return str(path)


def given(folder: Path, shop: Shop, options: RunOptions, **environ: str) -> Run:
    return run_text(folder, shop.url, SCENARIO, options=options, environ=environ)


def evidence(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in (folder / "runs").rglob("*") if p.is_file())


def test_a_secret_of_a_file_is_sent_and_masked_like_one_of_the_environment(
    shop: Shop, tmp_path: Path
) -> None:
    file = env_file(tmp_path, f'SHOP_PASSWORD="{SECRET}"\nREGION=eu\n')
    run = given(tmp_path, shop, RunOptions(env_files=(file,)))
    assert run.outcome is Outcome.PASSED
    assert sent(shop)["p"] == SECRET
    assert shop.seen[0][2]["X-Region"] == "eu"
    assert b"s3cr3t" not in evidence(tmp_path)
    assert run.asked is not None
    assert run.asked.env_files == (file,)
    assert ("--env-file", file) == run.asked.options[-2:]


def test_the_environment_wins_over_a_file_and_a_later_file_over_an_earlier(
    shop: Shop, tmp_path: Path
) -> None:
    files = (
        env_file(tmp_path, "SHOP_PASSWORD=first\nREGION=first\n"),
        env_file(tmp_path, "SHOP_PASSWORD=second\nREGION=second\n", "later.env"),
    )
    given(tmp_path, shop, RunOptions(env_files=files), SHOP_PASSWORD="of the environment")
    assert sent(shop)["p"] == "of the environment"
    assert shop.seen[0][2]["X-Region"] == "second"
    assert "SHOP_PASSWORD" not in os.environ


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("A=b", "b"),
        ("A = b", "b"),
        ("export A=b", "b"),
        ("\t export  A=b", "b"),
        ("A=b c", "b c"),
        ("A=b # comment", "b"),
        ("A=b#c", "b#c"),
        ("A=#b", "#b"),
        ("A= # b", ""),
        ("A=", ""),
        ("A=b=c", "b=c"),
        ("A='b # c'  # comment", "b # c"),
        ("A='b\\nc'", "b\\nc"),
        ("A='b\\'c\\\\'", "b'c\\"),
        ('A="b\\nc\\t\\"\\\\\\$"', 'b\nc\t"\\$'),
        ('A="b\\qc"', "b\\qc"),
        ('A="b\nc"', "b\nc"),
        ('A="b\r\nc"\r\n', "b\nc"),
        ("A='b\n\nA=c'", "b\n\nA=c"),
        ("A=${HOME} $HOME", "${HOME} $HOME"),
        ('A="${HOME}"', "${HOME}"),
        ("\ufeffA=b", "b"),
        ("# A=c\r\n\r\nA=b\r\n", "b"),
        ("A=c\nA=b", "b"),
        ("'A'=b", "b"),
        ("A=ä€𝄞", "ä€𝄞"),
        ("A=it's", "it's"),
        ("A=b\r#", "b"),
    ],
)
def test_a_line_is_read_as_dotenv_tools_read_it(tmp_path: Path, written: str, value: str) -> None:
    assert read_env_file(env_file(tmp_path, written)) == {"A": value}


@pytest.mark.parametrize(
    ("written", "line", "column", "words"),
    [
        ("A=b\nhunter2\n", 2, 1, "no NAME=VALUE"),
        ("exprot A=hunter2\n", 1, 1, "no NAME=VALUE"),
        ("=hunter2", 1, 1, "no NAME=VALUE"),
        ("A=b\n  1A=hunter2", 2, 3, "a variable's name"),
        ("Ä=hunter2", 1, 1, "a variable's name"),
        ('A=b\nB = "hunter2', 2, 5, "never closed"),
        ("A='hunter2\nB=c\n", 1, 3, "never closed"),
        ("A='b' hunter2", 1, 7, "closing quote"),
        ('A="b\nc"d hunter2', 2, 3, "closing quote"),
        ("A=hunter2\0", 1, 3, "null character"),
        ('A="hunter2\0"', 1, 3, "null character"),
    ],
)
def test_a_faulty_line_is_told_with_its_place_and_never_shown(
    shop: Shop, tmp_path: Path, written: str, line: int, column: int, words: str
) -> None:
    file = env_file(tmp_path, written)
    with pytest.raises(SmokeError) as refused:
        given(tmp_path, shop, RunOptions(env_files=(file,)), SHOP_PASSWORD="x")
    (problem,) = refused.value.diagnostics
    assert problem.code == "bad-env-file"
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (line, column)
    assert words in problem.message
    assert "hunter2" not in repr(problem)
    assert shop.seen == []


def test_a_value_with_many_blanks_in_it_is_read_in_time(tmp_path: Path) -> None:
    value = f"x{' ' * 500_000}y"
    assert read_env_file(env_file(tmp_path, f"A={value} \t # z")) == {"A": value}


def test_the_word_that_was_meant_is_told(tmp_path: Path) -> None:
    with pytest.raises(SmokeError) as refused:
        read_env_file(env_file(tmp_path, "exprot A=b"))
    assert refused.value.diagnostics[0].suggestion == "export"
    env_file(tmp_path, "A=b", "staging.env")
    with pytest.raises(SmokeError) as absent:
        read_env_file(str(tmp_path / "stagin.env"))
    assert absent.value.diagnostics[0].code == "file-not-found"
    assert absent.value.diagnostics[0].suggestion == "staging.env"


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path, shop: Shop) -> None:
    files = (env_file(tmp_path, "a\nB=c\nb"), env_file(tmp_path, "c", "x.env"))
    with pytest.raises(SmokeError) as refused:
        given(tmp_path, shop, RunOptions(env_files=files))
    assert [each.span.line for each in refused.value.diagnostics if each.span] == [1, 3, 1]


def test_a_file_that_is_all_faults_is_told_in_part(tmp_path: Path) -> None:
    with pytest.raises(SmokeError) as refused:
        read_env_file(env_file(tmp_path, "=\n" * 50_000))
    assert len(refused.value.diagnostics) == 100


# --vars-file


def vars_file(folder: Path, text: str, name: str = "vars.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_values_of_a_file_keep_their_type_and_var_wins(shop: Shop, tmp_path: Path) -> None:
    first = vars_file(tmp_path, "email: a@b.example\nquantity: 3\nitems: [{sku: x}, 1.50]\n")
    later = vars_file(tmp_path, '{"quantity": 4, "note": "{{ email }}"}', "later.json")
    options = RunOptions(vars_files=(first, later), variables={"email": "c@d.example"})
    run = given(tmp_path, shop, options, SHOP_PASSWORD="x")
    assert run.outcome is Outcome.PASSED
    assert sent(shop) == {
        "email": "c@d.example",
        "quantity": 4,
        "items": [{"sku": "x"}, 1.5],
        "note": "{{ email }}",
        "p": "x",
    }
    assert run.asked is not None
    assert dict(run.asked.file_values) == {
        "quantity": "4",
        "items": '[{"sku":"x"},1.50]',
        "note": '"{{ email }}"',
    }
    assert run.asked.options[-4:] == ("--vars-file", first, "--vars-file", later)


def test_a_value_that_would_be_masked_is_not_remembered(shop: Shop, tmp_path: Path) -> None:
    text = SCENARIO.replace("{email: none,", "{email: none, password: none,")
    file = vars_file(tmp_path, "password: hunter2-of-the-file\nnote: the password is pa55-word\n")
    options = RunOptions(vars_files=(file,))
    run = run_text(
        tmp_path, shop.url, text, options=options, environ={"SHOP_PASSWORD": "pa55-word"}
    )
    assert run.asked is not None
    assert run.asked.file_values == ()
    assert run.asked.left_out == ("--vars-file password", "--vars-file note")
    assert b"hunter2-of-the-file" not in evidence(tmp_path)
    assert b"pa55-word" not in evidence(tmp_path)


@pytest.mark.parametrize(
    ("written", "code", "line", "words"),
    [
        ("- email\n", "wrong-type", 1, "a mapping of names and values, not a list"),
        ("email", "wrong-type", 1, "not the text 'email'"),
        ("email: a\nemial: b\n", "unknown-variable", 2, "no scenario has a variable 'emial'"),
        ("email: a\nemail: b\n", "duplicate-key", 2, "email"),
        ("email: [a\n", "yaml-syntax", 2, "not YAML"),
        ("a b: c\n", "bad-name", 1, "no name"),
        ("fake: c\n", "bad-name", 1, "meaning of its own"),
        ("email: 0123456789\n", "number-loses-digits", 1, "0123456789"),
        ("", "empty-file", 1, ""),
    ],
)
def test_a_file_that_is_of_no_use_sends_nothing(
    shop: Shop, tmp_path: Path, written: str, code: str, line: int, words: str
) -> None:
    options = RunOptions(vars_files=(vars_file(tmp_path, written),))
    with pytest.raises(SmokeError) as refused:
        given(tmp_path, shop, options, SHOP_PASSWORD="x")
    (problem,) = refused.value.diagnostics
    assert problem.code == code
    assert words in problem.message
    assert problem.span is not None
    assert problem.span.source.endswith("vars.yaml")
    assert problem.span.line == line
    assert shop.seen == []


def test_a_misspelt_name_is_told_with_the_one_that_is_meant(shop: Shop, tmp_path: Path) -> None:
    options = RunOptions(vars_files=(vars_file(tmp_path, "quantiy: 1\n"),))
    with pytest.raises(SmokeError) as refused:
        given(tmp_path, shop, options, SHOP_PASSWORD="x")
    assert refused.value.diagnostics[0].suggestion == "quantity"
    assert refused.value.diagnostics[0].label == "did you mean 'quantity'?"


def test_a_file_may_be_for_other_scenarios_of_the_folder_too(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        "name: other\nvariables: {colour: red}\nsteps: [{name: x, request: GET /x}]\n"
    )
    options = RunOptions(vars_files=(vars_file(tmp_path, "colour: blue\nemail: e\n"),))
    assert given(tmp_path, shop, options, SHOP_PASSWORD="x").outcome is Outcome.PASSED
    assert sent(shop)["email"] == "e"


def test_a_variable_that_a_file_gives_demands_nothing_of_the_environment(
    shop: Shop, tmp_path: Path
) -> None:
    text = """
        name: a
        variables: {email: "{{ env.SHOP_EMAIL }}"}
        steps: [{name: x, request: {url: /x, json: {email: "{{ email }}"}}}]
    """
    options = RunOptions(vars_files=(vars_file(tmp_path, "email: [1]\n"),))
    assert run_text(tmp_path, shop.url, text, options=options).outcome is Outcome.PASSED
    assert sent(shop) == {"email": [1]}


ORDER = """
    name: a
    variables: {shop: none}
    secrets: [SHOP_PASSWORD]
    steps:
      - name: order
        request: {method: POST, url: /x}
        places_order: {id: $.id}
        expect: {status: 201}
    teardown:
      - name: cancel
        for_each: "{{ orders }}"
        request: {method: POST, url: "/cancel", json: {shop: "{{ shop }}", p: "{{ secrets.SHOP_PASSWORD }}"}}
        removes_order: "{{ item.key }}"
"""


def test_a_later_teardown_has_the_values_of_the_files(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /x", status=201, body={"id": "o1"})
    shop.on("POST /cancel", status=500, body={})
    values = vars_file(tmp_path, "shop: [7]\n")
    options = RunOptions(
        vars_files=(values,), env_files=(env_file(tmp_path, "SHOP_PASSWORD=x1y2"),)
    )
    run = run_text(tmp_path, shop.url, ORDER, options=options)
    assert len(run.orders_left_behind) == 1
    Path(values).unlink()
    shop.on("POST /cancel", body={})
    with resolve(tmp_path / "runs", run.id) as folder:
        removed = teardown(folder, RunOptions(), environ={})
    assert removed.left == ()
    assert sent(shop) == {"shop": [7], "p": "x1y2"}


def test_a_later_teardown_goes_without_a_file_that_is_gone(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /x", status=201, body={"id": "o1"})
    shop.on("POST /cancel", status=500, body={})
    file = env_file(tmp_path, "SHOP_PASSWORD=x1y2")
    run = run_text(tmp_path, shop.url, ORDER, options=RunOptions(env_files=(file,)))
    Path(file).unlink()
    shop.on("POST /cancel", body={})
    with (
        resolve(tmp_path / "runs", run.id) as folder,
        pytest.raises(SmokeError, match="the environment has no SHOP_PASSWORD"),
    ):
        teardown(folder, RunOptions(), environ={})
    with resolve(tmp_path / "runs", run.id) as folder:
        assert teardown(folder, RunOptions(), environ={"SHOP_PASSWORD": "z"}).left == ()


# at the command line


def project(folder: Path) -> Path:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "a.yaml").write_text(
        'name: a\nvariables: {email: "{{ env.SHOP_EMAIL }}"}\nsecrets: [SHOP_PASSWORD]\n'
        'steps: [{name: x, request: {url: /x, json: {e: "{{ email }}", p: "{{ secrets.SHOP_PASSWORD }}"}}}]\n'
    )
    return folder


def test_check_says_what_files_lack_and_what_nobody_has(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert smoke(["check"], folder).returncode == 0
    env_file(folder, "SHOP_PASSWORD=x\n")
    lacks = smoke(["check", "--env-file", ".env"], folder)
    assert lacks.returncode == 2
    assert "the environment has no SHOP_EMAIL" in lacks.stderr
    vars_file(folder, "email: a@b.example\n")
    assert smoke(["check", "--env-file=.env", "--vars-file=vars.yaml"], folder).returncode == 0
    vars_file(folder, "emial: a@b.example\n")
    strange = smoke(["check", "--vars-file", "vars.yaml"], folder)
    assert strange.returncode == 2
    assert "did you mean 'email'?" in strange.stderr
    assert "vars.yaml:1:1" in strange.stderr


def test_run_takes_both_from_the_command_line_and_from_a_project(
    shop: Shop, tmp_path: Path
) -> None:
    folder = project(tmp_path)
    env_file(folder, "SHOP_PASSWORD='pa55 w0rd'\n")
    vars_file(folder, "email: a@b.example\n")
    line = ["run", "a", "--url", shop.url]
    done = smoke([*line, "--env-file", ".env", "--vars-file", "vars.yaml"], folder)
    assert done.returncode == 0, done.stderr
    assert sent(shop) == {"e": "a@b.example", "p": "pa55 w0rd"}
    (folder / "smoke.toml").write_text('env_file = [".env"]\nvars_file = ["vars.yaml"]\n')
    assert smoke(line, folder).returncode == 0
    assert sent(shop) == {"e": "a@b.example", "p": "pa55 w0rd"}


@pytest.mark.skipif(narrow(), reason="a pipe is no file of Windows")
@pytest.mark.parametrize(
    "words",
    [
        ["check", "a"],
        ["run", "a", "--dry-run", "--url", "URL"],
        ["run", "a", "--url", "URL"],
        ["watch", "a", "--rounds", "1", "--url", "URL"],
        ["watch", "a", "--rounds", "1", "--all-targets"],
    ],
)
def test_files_may_be_pipes_which_give_their_text_once(
    words: list[str], shop: Shop, tmp_path: Path
) -> None:
    folder = project(tmp_path)
    targets = f"targets: {{here: {{url: {shop.url}}}}}\n"
    (folder / "smoke-targets.yaml").write_text(targets)
    given = []
    for option, text in (("--env-file", "SHOP_PASSWORD=x1y2"), ("--vars-file", "email: a@b.c")):
        reading, writing = os.pipe()
        os.write(writing, text.encode())
        os.close(writing)
        given.append((option, reading))
    line = [shop.url if word == "URL" else word for word in words]
    line += [text for option, end in given for text in (option, f"/dev/fd/{end}")]
    ends = [end for _, end in given]
    done = subprocess.run(
        command(*line),
        cwd=folder,
        env=environment({}),
        pass_fds=ends,
        capture_output=True,
        text=True,
        check=False,
    )
    for end in ends:
        os.close(end)
    assert done.returncode == 0, done.stderr
    if words[0] != "check" and "--dry-run" not in words:
        assert sent(shop) == {"e": "a@b.c", "p": "x1y2"}


def test_the_command_that_runs_it_again_names_the_files(shop: Shop, tmp_path: Path) -> None:
    folder = project(tmp_path)
    env_file(folder, "SHOP_PASSWORD='pa55 w0rd'\n")
    vars_file(folder, "email: a@b.example\n")
    shop.on("POST /x", status=500, body={})
    line = ["run", "a", "--url", shop.url, "--env-file", ".env", "--vars-file", "vars.yaml"]
    done = smoke(line, folder)
    assert done.returncode == 1
    assert "--vars-file vars.yaml --env-file .env" in done.stdout


def test_a_missing_file_ends_with_two_and_sends_nothing(shop: Shop, tmp_path: Path) -> None:
    folder = project(tmp_path)
    for option in ("--env-file", "--vars-file"):
        done = smoke(["run", "a", "--url", shop.url, option, "nothing"], folder)
        assert done.returncode == 2
        assert f"{option}: there is no file 'nothing'" in done.stderr
    assert shop.seen == []
