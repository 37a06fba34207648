"""`smoke.toml` and `[tool.smoke]` give a project's defaults; what is wrong with them is told with its place, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import smoke
from tests.support.scripted import Shop, scripted

SCENARIO = "name: a\nvariables: {sku: tea}\nsteps:\n  - {name: x, request: 'GET /{{ sku }}', expect: {status: 200}}\n"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        for path in ("tea", "coffee"):
            running.on(f"GET /{path}", body={})
        yield running


@pytest.fixture
def other() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /tea", body={})
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a scenario and a folder below."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "smoke.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def sent(shop: Shop) -> list[tuple[str, str]]:
    """The paths that came, and the header X-From of each."""
    return [(path, headers.get("X-From", "")) for _, path, headers, _ in shop.seen]


@pytest.mark.parametrize("name", ["smoke.toml", "pyproject.toml"])
def test_a_run_below_takes_the_defaults_and_paths_are_the_files(
    project: Path, shop: Shop, name: str
) -> None:
    head = "[tool.smoke]\n" if name == "pyproject.toml" else ""
    write(
        project,
        f'{head}url = "{shop.url}"\nout = "kept"\ntimeout = 5\nmax-time = "1m"\nheaders = {{X-From = "file"}}\n'
        'variables = {sku = "coffee", nobodys = "x"}\nreports = ["json=reports/run.json"]\n',
        name,
    )
    done = smoke(["run", "../a.yaml"], project / "sub")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sent(shop) == [("/coffee", "file")]
    assert json.loads((project / "reports" / "run.json").read_text(encoding="utf-8"))
    assert [path.name for path in (project / "sub").iterdir()] == []
    shown = smoke(["show", "latest"], project / "sub")
    assert shown.returncode == 0, shown.stderr
    for command in (["verify"], ["orders"], ["prune", "--keep", "1"], ["judge", "latest"]):
        assert smoke(command, project / "sub").returncode == 0, command


def test_command_line_environment_target_project_default_in_this_order(
    project: Path, shop: Shop, other: Shop
) -> None:
    write(project, f'url = "{other.url}"\nheaders = {{X-From = "project"}}\n')
    targets = f"targets:\n  it:\n    url: {shop.url}\n    headers: {{X-From: target}}\n"
    (project / "smoke-targets.yaml").write_text(targets, encoding="utf-8")

    def run(*words: str, **env: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        shop.seen.clear()
        other.seen.clear()
        done = smoke(["run", "a.yaml", *words], project, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return sent(shop), sent(other)

    assert run() == ([], [("/tea", "project")])
    assert run("--target", "it") == ([("/tea", "target")], [])
    assert run(SMOKE_URL=shop.url) == ([("/tea", "project")], [])
    assert run("--url", shop.url, SMOKE_URL=other.url) == ([("/tea", "project")], [])
    assert run("--target", "it", "--header", "X-From: line") == ([("/tea", "line")], [])


def test_a_projects_target_is_not_used_for_another_url(
    project: Path, shop: Shop, other: Shop
) -> None:
    write(project, 'target = "it"\ntargets = "where.yaml"\n')
    targets = f"targets:\n  it:\n    url: {shop.url}\n    headers: {{X-From: target}}\n"
    (project / "where.yaml").write_text(targets, encoding="utf-8")
    assert smoke(["run", "../a.yaml"], project / "sub").returncode == 0
    assert smoke(["run", "a.yaml", "--url", other.url], project).returncode == 0
    assert (sent(shop), sent(other)) == ([("/tea", "target")], [("/tea", "")])


def test_only_the_repository_is_searched(project: Path, shop: Shop) -> None:
    inner = project / "sub"
    (inner / ".git").mkdir()
    write(project, "not toml")
    assert smoke(["run", "../a.yaml", "--url", shop.url], inner).returncode == 0
    (inner / ".git").rmdir()
    (project / ".git").rmdir()  # in no repository only the folder itself counts
    assert smoke(["run", "../a.yaml", "--url", shop.url], inner).returncode == 0
    refused = smoke(["run", "a.yaml", "--url", shop.url], project)
    assert refused.returncode == 2
    assert "smoke.toml:1:" in refused.stderr


def test_a_file_of_other_tools_is_passed_over(project: Path, shop: Shop) -> None:
    write(project, '[tool.ruff]\n[project]\nname = "smoke-shop"\n', "pyproject.toml")
    (project / "sub" / "pyproject.toml").write_text("= broken =", encoding="utf-8")
    assert smoke(["run", "../a.yaml", "--url", shop.url], project / "sub").returncode == 0


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('seed = "x"\ntime-out = 5', "smoke.toml:2:1", "did you mean 'timeout'?"),
        ('seed = """\n\n"""\n[headers]\nX-A = 5', "smoke.toml:5:7", "a text is expected"),
        ('timeout = "soon"', "smoke.toml:1:11", "a time above zero"),
        ("timeout = nan", "smoke.toml:1:11", "a time above zero"),
        ("workers = 65", "smoke.toml:1:11", "from 1 to 64"),
        ("workers = true", "smoke.toml:1:11", "a whole number is expected, not true"),
        ('fail_fast = "yes"', "smoke.toml:1:13", "true or false is expected"),
        ("timeout = 1\n'timeout ' = 2", "smoke.toml:2:1", "no key"),
        ("max_time = 1\nmax-time = 2", "smoke.toml:2:1", "twice"),
        ('url = "shop.example"', "smoke.toml:1:7", "url"),
        ('allow-host = ["https://a.example", "b"]', "smoke.toml:1:36", "origin"),
        ("dry_run = true", "smoke.toml:1:1", "no key 'dry_run'"),
        ('url = "https://a.example', "smoke.toml:1:25", "not TOML"),
        ("logs = " + "[" * 3000 + "]" * 3000, "smoke.toml", "too deep"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    project: Path, shop: Shop, text: str, place: str, words: str
) -> None:
    write(project, text)
    done = smoke(["run", "a.yaml", "--url", shop.url], project, env={"COLUMNS": "160"})
    assert done.returncode == 2, done.stdout + done.stderr
    assert place in done.stderr
    assert words in done.stderr
    assert shop.seen == []


@pytest.mark.parametrize(
    "text",
    [
        'dsn = "postgresql://ann:gh45secret@db/shop"',
        'dsn_env = "postgresql://ann:gh45secret@db/shop"',
        'password = "gh45secret"',
        'proxy = "http://ann:gh45secret@proxy:3128"',
        'url = "https://ann:gh45secret@shop.example"',
        'headers = {Authorization = "Bearer gh45secret"}',
        '[headers]\nx-vercel-protection-bypass = "gh45secret"',
        'variables = {password = "gh45secret"}',
        'header = ["X-Api-Key: gh45secret"]',
    ],
)
def test_a_secret_is_refused_and_not_repeated(project: Path, shop: Shop, text: str) -> None:
    write(project, text)
    done = smoke(["run", "a.yaml", "--url", shop.url], project)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "smoke.toml:" in done.stderr
    assert "gh45secret" not in done.stdout + done.stderr
    assert shop.seen == []


def test_two_files_in_one_folder_are_refused(project: Path, shop: Shop) -> None:
    write(project, "workers = 1")
    write(project, "[tool.smoke]\nworkers = 2", "pyproject.toml")
    done = smoke(["run", "a.yaml", "--url", shop.url], project)
    assert done.returncode == 2
    assert "two-project-files" in done.stderr
    assert shop.seen == []


def test_the_questions_to_a_database_take_the_projects_database(project: Path) -> None:
    write(project, 'dsn_env = "SHOP_DSN"\n')

    def asked(*words: str, **env: str) -> str:
        done = smoke(["db", "which", *words], project / "sub", env=env)
        assert done.returncode == 2, done.stdout
        return done.stderr

    assert "SHOP_DSN" in asked()
    assert "OTHER" in asked("--dsn-env", "OTHER")
    targets = "targets:\n  it: {url: 'http://x', dsn_env: IT_DSN}\n  bare: {url: 'http://x'}\n"
    (project / "smoke-targets.yaml").write_text(targets, encoding="utf-8")
    write(project, 'target = "it"\ntargets = "smoke-targets.yaml"\nstatement-timeout = "5s"\n')
    assert "IT_DSN" in asked()
    assert "OTHER" in asked("--dsn-env", "OTHER")
    write(project, 'target = "bare"\ntargets = "smoke-targets.yaml"\ndsn_env = "SHOP_DSN"\n')
    assert "SHOP_DSN" in asked()
    write(project, 'target = "bare"\ntargets = "smoke-targets.yaml"\n')
    assert "SMOKE_DSN" in asked()  # it names no database: nobody asked for that target here
    write(project, 'statement-timeout = "soon"\n')
    assert "smoke.toml:1:21" in asked()


def test_db_same_places_its_order_as_a_run_of_the_project_would(project: Path, shop: Shop) -> None:
    write(project, f'url = "{shop.url}"\nheaders = {{X-From = "file"}}\nout = "kept"\n')
    order = "name: o\nvariables: {email: '{{ fake.email }}'}\nsteps:\n  - {name: x, request: {url: /tea, json: {e: '{{ email }}'}}}\n"
    (project / "o.yaml").write_text(order, encoding="utf-8")
    shop.on("POST /tea", body={})
    env = {"SMOKE_DSN": "postgresql://nobody@127.0.0.1:9/x"}
    done = smoke(["db", "same", "--scenario", "../o.yaml"], project / "sub", env=env)
    assert done.returncode == 2, done.stdout  # no connection: nothing was sent
    assert "127.0.0.1" in done.stderr
    assert sent(shop) == []


def test_what_a_command_means_by_an_option_of_its_own_is_not_the_projects(
    project: Path, shop: Shop
) -> None:
    """A project's `url` is where its runs go: `smoke teardown --url` says which runs are meant."""
    write(project, f'url = "{shop.url}"\nmax_time = "1ms"\nlogs = ["gone.log"]\nverbose = true\n')
    done = smoke(["run", "a.yaml", "--max-time", "1m", "--log", "."], project)
    assert done.returncode == 2
    (project / "gone.log").write_text("", encoding="utf-8")
    assert smoke(["run", "a.yaml", "--max-time", "1m"], project).returncode == 0
    (project / "gone.log").unlink()
    for words in (["teardown"], ["show", "latest"], ["judge", "latest"]):
        done = smoke(words, project)
        assert done.returncode == 0, (words, done.stderr)
    assert (
        f"GET {shop.url}/tea" in smoke(["show", "latest"], project).stdout
    )  # verbose is the same everywhere


def test_a_wrong_variable_is_told_under_its_name(project: Path) -> None:
    for words in (["run", "a.yaml"], ["db", "same"]):
        done = smoke(words, project, env={"SMOKE_URL": "nonsense"})
        assert done.returncode == 2
        assert "SMOKE_URL takes an http or https URL, not 'nonsense'" in done.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('reports = ["jnit=x.xml"]', "there is no format 'jnit'; did you mean 'junit'?"),
        ('out = "a\\u0000b"', "out has a null character in it"),
        ('ready = "http://a b"', "ready has a space"),
        (
            'proxy = "nonsense"',
            "proxy cannot be used: the proxy's URL is not the http:// or https:// URL of a host",
        ),
        ('proxy = "http://"', "the proxy's URL is not the http:// or https:// URL of a host"),
        ('ca_file = "nope.pem"', "the CA file 'nope.pem' cannot be used: No such file"),
        ('logs = "nope.log"', "cannot read the server's log nope.log: No such file"),
        ('dsn_env = "A B"', "dsn_env takes the name of an environment variable"),
        ('log_token_env = "A-B"', "log_token_env takes the name of an environment variable"),
    ],
)
def test_a_wrong_value_of_the_file_has_its_place(project: Path, line: str, told: str) -> None:
    write(project, f"{line}\n")
    done = smoke(["run", "a.yaml", "--url", "http://127.0.0.1:9"], project)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert f"smoke.toml:1:{line.index('=') + 3}" in done.stderr


def test_a_file_that_is_not_there_matters_only_where_it_is_used(project: Path, shop: Shop) -> None:
    write(project, 'logs = [\n  "a.yaml",\n  "gone.log",\n]\nca_file = "gone.pem"\n')
    done = smoke(["run", "a.yaml", "--url", shop.url], project)
    assert done.returncode == 2
    assert "smoke.toml:3:3" in done.stderr
    assert "smoke.toml:5:11" in done.stderr
    assert shop.seen == []
    (project / "real.log").touch()
    assert smoke(["list"], project).returncode == 0
    given = smoke(["run", "a.yaml", "--url", shop.url, "--log", "real.log", "--insecure"], project)
    assert "gone.log" not in given.stderr
    assert "gone.pem" in given.stderr


@pytest.mark.parametrize("value", ["A B", "postgresql://ann:gh45secret@db/shop"])
def test_a_variable_of_a_target_that_is_none_has_its_place(project: Path, value: str) -> None:
    text = f"targets:\n  t:\n    url: http://127.0.0.1:9\n    dsn_env: {value}\n"
    write(project, text, "smoke-targets.yaml")
    done = smoke(["run", "a.yaml", "--target", "t"], project)
    assert done.returncode == 2
    assert "smoke-targets.yaml:4:14" in done.stderr
    assert "takes the name of an environment variable" in " ".join(done.stderr.split())
    assert "gh45secret" not in done.stderr
