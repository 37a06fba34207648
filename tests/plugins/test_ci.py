"""CI systems: each is recognised, is told of a failed run in its own lines, and obeys nothing that a server says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke import plugins
from smoke.ci import CiSystem, Here, Job
from smoke.facts.issues import Issue
from tests.support.cli import smoke
from tests.support.foreign import install
from tests.support.rooms import every
from tests.support.samples import NASTY, SAMPLES
from tests.support.scripted import Shop, scripted

SYSTEMS = plugins.find("ci", third_party=False)
TRIED = every("ci")
VARIABLES = {
    "github": {"GITHUB_ACTIONS": "true"},
    "gitlab": {"GITLAB_CI": "true"},
    "azure": {"TF_BUILD": "True"},
    "buildkite": {"BUILDKITE": "true"},
}
OBEYED = re.compile(r"##(vso|teamcity)?\[|(?m:^\s*::)|\x1b\[0Ksection_|\r")
"""What one of these systems would take for a command."""
PLAIN = "name: it\nsteps:\n  - {name: Fine, request: GET /fine, expect: {status: 200}}\n"
OF_A_TEST = """\
'''Ours: one file for each job.'''
from pathlib import Path

def detect(environment):
    return 'OURS' in environment

def finish(run, job):
    Path(job.environment['OURS']).write_text(run.outcome.value)
    return [f'ours: {len(run.scenarios)}', *(f'ours: report {name}' for name, _ in job.reports)]

def issue(problem):
    return f'ours: {problem.level}'

def hide(value):
    return [f'ours: hides {len(value)}']
"""


@pytest.mark.parametrize("name", TRIED)
def test_each_is_described_and_is_not_where_its_job_is_not(name: str) -> None:
    module: CiSystem = TRIED[name].module
    assert TRIED[name].description.endswith(".")
    assert module.detect({}) is False
    assert module.detect({"CI": "true", "PATH": "/bin"}) is False


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /fine", 200, {"ok": True})
        yield running


def run(
    shop: Shop, folder: Path, env: dict[str, str], *more: str, text: str = PLAIN
) -> subprocess.CompletedProcess[str]:
    (folder / "it.yaml").write_text(text, encoding="utf-8")
    return smoke(["run", "it.yaml", "--url", shop.url, *more], folder, env=env)


FAILING = PLAIN.replace("200", "418")


def test_those_that_ship_are_these() -> None:
    assert set(SYSTEMS) == set(VARIABLES)


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_each_recognises_its_own_jobs_only(name: str) -> None:
    for other, environment in VARIABLES.items():
        assert SYSTEMS[name].load().detect(environment) is (name == other)
    assert SYSTEMS[name].load().detect({}) is False
    assert [plugin.name for plugin in Here.of(VARIABLES[name]).systems] == [name]
    assert SYSTEMS[name].description().endswith(".")


@pytest.mark.parametrize("name", TRIED)
@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_no_run_makes_it_raise_or_obey_a_server(name: str, sample: str, tmp_path: Path) -> None:
    told = SAMPLES[sample]()
    module: CiSystem = TRIED[name].module
    job = Job({**VARIABLES.get(name, {}), "PATH": str(tmp_path)}, told.evidence)
    for line in module.finish(told.run, job):
        own = re.sub(
            r"^(::(error|warning) |##teamcity\[buildProblem |##vso\[task\.logissue )", "", line
        )
        own = re.sub(r"^\x1b\[0Ksection_(start|end):\d+:smoke_problems\r\x1b\[0K", "", own)
        assert not OBEYED.search(own), line


@pytest.mark.parametrize("name", sorted(set(SYSTEMS) - {"buildkite"}))
def test_hostile_text_stays_in_the_line_of_its_problem(name: str) -> None:
    (line,) = Here.of(VARIABLES[name]).issues([Issue("error", NASTY, NASTY, NASTY, 3, 4)])
    assert "\x1b" not in line
    assert "\r" not in line
    own = re.sub(r"^(::error |##vso\[task\.logissue )", "", line)
    assert not OBEYED.search(own)


def test_azure_gets_issues_and_a_summary(shop: Shop, tmp_path: Path) -> None:
    temp = tmp_path / "agent"
    temp.mkdir()
    env = {"TF_BUILD": "True", "AGENT_TEMPDIRECTORY": str(temp)}
    done = run(shop, tmp_path, env, text=FAILING)
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("##vso[")]
    assert lines[0].startswith(
        "##vso[task.logissue type=error;sourcepath=it.yaml;linenumber=3;columnnumber="
    )
    (summary,) = temp.iterdir()
    assert lines[-1] == f"##vso[task.uploadsummary]{summary}"
    assert "## smoke: ❌ failed" in summary.read_text(encoding="utf-8")
    assert summary.stat().st_mode & 0o077 == 0


def test_azures_escapes() -> None:
    azure = SYSTEMS["azure"].load()
    line = azure.issue(Issue("notice", "50%\nof it", "a]b;c", "x;y].yaml", 7))
    assert line == (
        "##vso[task.logissue type=warning;sourcepath=x%3By%5D.yaml;linenumber=7;]a]b;c: 50%AZP25%0Aof it"
    )


def test_gitlab_gets_a_section_and_is_told_of_its_test_report(shop: Shop, tmp_path: Path) -> None:
    env = {"GITLAB_CI": "true"}
    done = run(shop, tmp_path, env, text=FAILING)
    assert re.search(
        r"\x1b\[0Ksection_start:\d+:smoke_problems\r\x1b\[0Ksmoke: 1 problem", done.stdout
    )
    assert "it.yaml:3: error: it: Fine" in done.stdout
    assert "artifacts: {when: always" in done.stdout
    done = run(shop, tmp_path, env, "--report", "junit=smoke-junit.xml", text=FAILING)
    assert "artifacts: {when: always" not in done.stdout
    assert "section_" not in run(shop, tmp_path, env).stdout


def agent(folder: Path, status: int = 0) -> dict[str, str]:
    """An environment whose PATH has an agent that writes down what it is given."""
    path = folder / "buildkite-agent"
    path.write_text(
        f'#!/bin/sh\necho "$@" > {folder}/given\n/bin/cat > {folder}/body\necho no luck >&2\nexit {status}\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return {"BUILDKITE": "true", "PATH": str(folder)}


def test_buildkite_annotates_through_its_agent(shop: Shop, tmp_path: Path) -> None:
    assert run(shop, tmp_path, agent(tmp_path), text=FAILING).returncode == 1
    given = (tmp_path / "given").read_text(encoding="utf-8")
    assert re.fullmatch(r"annotate --style error --context smoke-\S+\n", given)
    assert "## smoke: ❌ failed" in (tmp_path / "body").read_text(encoding="utf-8")
    assert run(shop, tmp_path, agent(tmp_path)).returncode == 0
    assert "--style success" in (tmp_path / "given").read_text(encoding="utf-8")


def test_what_a_system_does_not_take_is_said_and_is_not_green(shop: Shop, tmp_path: Path) -> None:
    done = run(shop, tmp_path, agent(tmp_path, status=7))
    assert done.returncode == 3
    assert "'buildkite' could not be told of the run" in done.stderr
    assert "ended with 7: no luck" in done.stderr


@pytest.mark.parametrize("name", ["github", "azure"])
def test_a_captured_secret_is_masked_before_anything_else(
    name: str, shop: Shop, tmp_path: Path
) -> None:
    shop.on("GET /fine", 200, {"token": "hunter2-hunter2%"})
    text = PLAIN.replace("expect:", "capture: {token: {json: $.token, secret: true}}, expect:")
    lines = run(shop, tmp_path, VARIABLES[name], text=text).stdout.splitlines()
    begin = {"github": "::add-mask::", "azure": "##vso[task.setsecret]"}[name]
    masks = [line for line in lines if line.startswith(begin)]
    assert any("hunter2-hunter2%" in line for line in masks)
    assert not any("hunter2" in line for line in lines if line not in masks)


def test_a_file_that_is_no_scenario_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "it.yaml").write_text("name: it\nstepz: []\n", encoding="utf-8")
    for name, begin in (("github", "::error file=it.yaml,line="), ("gitlab", "it.yaml:")):
        done = smoke(["check", "it.yaml"], tmp_path, env=VARIABLES[name])
        assert done.returncode == 2
        assert any(line.startswith(begin) for line in done.stderr.splitlines()), done.stderr


def test_one_of_another_package_does_what_those_that_ship_do(shop: Shop, tmp_path: Path) -> None:
    env = install(
        tmp_path / "site", "ours", {"ours_ci": OF_A_TEST}, {"smoke.ci.v1:ours": "ours_ci"}
    )
    assert "ours" in smoke(["plugins"], tmp_path, env=env).stdout
    told = tmp_path / "told"
    env = {**env, "CI": "1", "OURS": str(told)}
    shop.on("GET /fine", 200, {"token": "hunter2-hunter2"})
    text = PLAIN.replace("expect:", "capture: {token: {json: $.token, secret: true}}, expect:")
    done = run(shop, tmp_path, env, "--report", "junit=r.xml", text=text)
    assert done.returncode == 0, done.stderr
    assert told.read_text(encoding="utf-8") == "passed"
    assert done.stdout.index("ours: hides 15") < done.stdout.index("ours: 1\nours: report junit")
    (tmp_path / "bad.yaml").write_text("name: it\nstepz: []\n", encoding="utf-8")
    assert "ours: error" in smoke(["check", "bad.yaml"], tmp_path, env=env).stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise RuntimeError('boom')", "could not be loaded"),
        ("detect = finish = None", "it has no detect"),
        ("def detect(e): raise RuntimeError\ndef finish(r, j): return []", "RuntimeError"),
        ("def detect(e): return True\ndef finish(r, j): raise SystemExit(0)", "SystemExit"),
        ("def detect(e): return True\ndef finish(r, j): return 'text'", "TypeError"),
        ("def detect(e): return True\ndef finish(r, j): return [1]", "TypeError"),
        ("def detect(e): return True\ndef finish(r, j): raise OSError(28, 'full')", "full"),
    ],
)
def test_one_that_fails_is_named_and_the_run_is_not_green(
    code: str, words: str, shop: Shop, tmp_path: Path
) -> None:
    env = install(tmp_path / "site", "ours", {"ours_ci": code}, {"smoke.ci.v1:ours": "ours_ci"})
    done = run(shop, tmp_path, {**env, "CI": "1"})
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the CI system 'ours' of ours 1.0" in done.stderr
    assert words in done.stderr
    assert (tmp_path / ".smoke" / "runs").is_dir()
