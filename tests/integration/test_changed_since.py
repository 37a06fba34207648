"""`--changed-since COMMIT`: which scenarios changed, by git; a hostile repository carries nothing out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke
from smoke.diagnostic import NothingChangedError, SmokeError
from tests.support.cli import smoke as smoke_command
from tests.support.scripted import Shop, scripted

NOWHERE = "http://127.0.0.1:9"
STEP = "steps: [{{name: x, request: GET /{0}{1}}}]\n"
FILES = {
    "scenarios/plain.yaml": "name: plain\ntags: [slow]\nsteps: [{name: x, request: GET /plain}]\n",
    "scenarios/including.yaml": "name: including\nsteps: [{name: x, include: parts/a.yaml}]\n",
    "scenarios/parts/a.yaml": "steps: [{name: y, include: b.yaml}]\n",
    "scenarios/parts/b.yaml": "steps: [{name: z, request: GET /including}]\n",
    "scenarios/needing.yaml": "name: needing\nneeds: login.yaml\nsteps: [{name: x, request: GET /needing}]\n",
    "scenarios/login.yaml": "name: login\nsteps: [{name: x, include: parts/b.yaml}]\n",
    "scenarios/sending.yaml": "name: sending\nsteps: [{name: x, request: {url: /sending, file: order.xml}}]\n",
    "scenarios/order.xml": "<order/>\n",
    "scenarios/rows.yaml": "name: rows\nsteps: [{name: x, for_each: {file: rows.csv}, request: 'GET /{{ item.a }}'}]\n",
    "scenarios/rows.csv": "a\nrows\n",
    "scenarios/schema.yaml": "name: schema\nsteps: [{name: x, request: GET /schema, expect: {schema: ../shared/one.json}}]\n",
    "shared/one.json": '{"$ref": "two.json"}\n',
    "shared/two.json": '{"type": "object"}\n',
    "README.md": "# Shop\n",
    "smoke.toml": "",
}
ALL = {"plain", "including", "needing", "login", "sending", "rows", "schema"}


def git(*words: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a repository with one commit, called first."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    project = tmp_path / "shop"
    for name, text in FILES.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(project)
    git("init", "-q")
    commit("first")
    return project


def commit(name: str) -> None:
    git("add", "-A")
    git("commit", "-qm", name)
    git("tag", name)


def chosen(*selectors: str, since: str = "first", **given: str) -> set[str]:
    planned = smoke.plan(*selectors, changed_since=since, url=NOWHERE, environ={}, **given)  # type: ignore[arg-type]  # texts, each one alone
    return {each.scenario for each in planned}


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("scenarios/plain.yaml", {"plain"}),
        ("scenarios/parts/a.yaml", {"including"}),
        ("scenarios/parts/b.yaml", {"including", "needing", "login"}),
        ("scenarios/login.yaml", {"needing", "login"}),
        ("scenarios/order.xml", {"sending"}),
        ("scenarios/rows.csv", {"rows"}),
        ("shared/one.json", {"schema"}),
        ("shared/two.json", {"schema"}),
    ],
)
def test_a_scenario_changes_with_every_file_that_it_reads(
    folder: Path, file: str, names: set[str]
) -> None:
    path = folder / file
    path.write_text(path.read_text() + "\n")
    assert chosen() == names
    commit("second")
    assert chosen() == names
    with pytest.raises(NothingChangedError, match="none changed since second"):
        chosen(since="second")
    path.write_text(FILES[file])
    with pytest.raises(NothingChangedError):
        chosen()


def test_new_files_count_whether_git_was_told_of_them_or_not(folder: Path) -> None:
    (folder / "scenarios/new.yaml").write_text("name: new\n" + STEP.format("new", ""))
    assert chosen() == {"new"}
    (folder / ".gitignore").write_text("rows.csv\n")
    git("rm", "-q", "--cached", "scenarios/rows.csv")
    commit("second")
    assert chosen(since="second") == {"rows"}  # it is read, and git cannot tell what it was


def test_what_was_renamed_is_new_and_what_names_the_old_place_is_told(folder: Path) -> None:
    git("mv", "scenarios/plain.yaml", "scenarios/renamed.yaml")
    assert chosen() == {"plain"}
    git("mv", "scenarios/parts/a.yaml", "scenarios/parts/c.yaml")
    with pytest.raises(SmokeError, match=r"there is no file 'parts/a\.yaml'"):
        chosen()


def test_words_and_tags_narrow_first(folder: Path) -> None:
    for name in ("plain", "rows"):
        path = folder / f"scenarios/{name}.yaml"
        path.write_text(path.read_text() + "\n")
    assert chosen(tags="slow") == {"plain"}
    assert chosen("plain", "schema") == {"plain"}
    assert chosen(skip="plain") == {"rows"}
    with pytest.raises(NothingChangedError, match="of 1 scenario none"):
        chosen("schema")


def test_line_ends_that_git_changes_are_no_change(folder: Path) -> None:
    path = folder / "scenarios/plain.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(NothingChangedError):
        chosen()


def test_a_repository_of_sha256(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    git("init", "-q", "--object-format=sha256")
    commit("first")
    (folder / "scenarios/order.xml").write_text("<order></order>\n")
    assert chosen() == {"sending"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /plain", body={})
        yield running


def test_a_change_elsewhere_passes_and_only_what_changed_is_sent(folder: Path, shop: Shop) -> None:
    (folder / "README.md").write_text("# The shop\n")
    words = ["run", "--changed-since", "first", "--url", shop.url]
    done = smoke_command(words, folder)
    assert done.returncode == 0
    assert done.stdout == "nothing to run: of 7 scenarios none changed since first\n"
    assert shop.seen == []
    path = folder / "scenarios/plain.yaml"
    path.write_text(path.read_text() + "\n")
    done = smoke_command(words, folder)
    assert done.returncode == 0
    assert shop.paths() == ["GET /plain"]
    assert "--changed-since first" not in done.stderr
    shop.on("GET /plain", status=500)
    assert smoke_command(words, folder).returncode == 1
    assert smoke_command([*words, "--tag", "slow", "--skip", "slow"], folder).returncode == 5


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("word", "code", "told"),
    [
        ("frist", "unknown-commit", "git knows no commit 'frist'"),
        ("0" * 40, "unknown-commit", "git knows no commit '0000"),
        ("HEAD:README.md", "unknown-commit", "git knows no commit"),
        ("--output=x", "bad-option", "begins with no dash"),
        ("-h", "bad-option", "begins with no dash"),
        ("a\nb", "bad-option", "is one line"),
        ("\x1b[2J", "bad-option", "is one line"),
    ],
)
def test_a_commit_that_is_none_is_told(word: str, code: str, told: str) -> None:
    with pytest.raises(SmokeError, match=told) as error:
        chosen(since=word)
    assert not isinstance(error.value, NothingChangedError)
    assert [each.code for each in error.value.diagnostics] == [code]
    assert not Path("x").exists()
    if word == "frist":
        assert error.value.diagnostics[0].suggestion == "first"


def test_a_shallow_clone_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = git("rev-parse", "HEAD")
    (folder / "README.md").write_text("# The shop\n")
    commit("second")
    git("clone", "-q", "--depth=1", folder.as_uri(), "../shallow")
    monkeypatch.chdir(folder.parent / "shallow")
    with pytest.raises(SmokeError, match="it is a shallow one") as error:
        chosen(since=first)
    assert any("fetch-depth: 0" in note.message for note in error.value.diagnostics[0].notes)


def test_without_git_and_without_a_repository_it_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = folder.parent / "elsewhere.yaml"
    outside.write_text("name: elsewhere\n" + STEP.format("x", ""))
    with pytest.raises(SmokeError, match="is outside of the repository"):
        chosen("../elsewhere.yaml")
    shutil.rmtree(folder / ".git")
    with pytest.raises(SmokeError, match="git says: not a git repository"):
        chosen()
    (folder / "git").write_text("#!/bin/sh\ntouch ran\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", str(folder / "nothing")]))
    with pytest.raises(SmokeError, match="there is none on PATH"):
        chosen()
    assert not (folder / "ran").exists()


def test_a_hostile_repository_carries_nothing_out(folder: Path) -> None:
    """Everything of a repository's own settings that git would start on the way from a commit to the files."""
    trap = folder / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{folder}/ran'\n")
    trap.chmod(0o755)
    (folder / ".gitattributes").write_text("* filter=trap diff=trap\n")
    settings = (
        "core.fsmonitor core.pager core.editor core.sshCommand core.gitProxy core.askPass core.alternateRefsCommand diff.external "
        "diff.trap.command diff.trap.textconv filter.trap.clean filter.trap.smudge filter.trap.process pager.rev-parse pager.ls-tree "
        "alias.rev-parse alias.ls-tree alias.for-each-ref gpg.program remote.origin.uploadpack uploadpack.packObjectsHook"
    )
    for name in settings.split():
        git("config", name, f"!{trap}" if name.startswith("alias") else str(trap))
    for hook in (
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
    ):
        shutil.copy(trap, folder / ".git/hooks" / hook)
    path = folder / "scenarios/plain.yaml"
    path.write_text(path.read_text() + "\n")
    assert chosen() == {"plain"}
    # a clone that fetches what it lacks when somebody asks for it, by a command
    for name, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::{trap}"),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
    ):
        git("config", name, value)
    with pytest.raises(SmokeError, match="git knows no commit"):
        chosen(since="1" * 40)
    tree = git("rev-parse", "first^{tree}")
    (folder / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SmokeError, match="git says"):
        chosen()
    assert not (folder / "ran").exists()
