"""`--failed`: what did not pass in the last run at a target, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke
from smoke.diagnostic import NothingSelectedError
from smoke.model.run import Run
from tests.support.cli import smoke as smoke_command
from tests.support.scripted import Shop, scripted


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of three scenarios, and one beside it."""
    (tmp_path / "scenarios").mkdir()
    for name in "abc":
        text = f"name: {name}\ntags: [t-{name}]\nsteps: [{{name: x, request: GET /{name}}}]\n"
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(text)
    (tmp_path / "d.yaml").write_text("name: d\nsteps: [{name: x, request: GET /d}]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        for name in "abcd":
            running.on(f"GET /{name}", body={})
        yield running


def names(run: Run) -> list[str]:
    return [each.name for each in run.scenarios]


@pytest.mark.usefixtures("folder")
def test_what_failed_and_what_had_no_verdict_is_run_again_until_it_passes(shop: Shop) -> None:
    shop.on("GET /b", status=500, body={})
    shop.on("GET /d", status=0)  # no answer
    smoke.run("a", "b", "c", "d.yaml", url=shop.url, environ={})
    shop.on("GET /d", body={})
    again = smoke.run(url=shop.url, failed=True, environ={})
    assert names(again) == ["b", "d"]
    assert again.asked is not None
    assert again.asked.options == ("--failed",)
    shop.on("GET /b", body={})
    assert names(smoke.run(url=shop.url, failed=True, environ={})) == ["b"]
    with pytest.raises(NothingSelectedError, match="nothing failed in the last run at http"):
        smoke.run(url=shop.url, failed=True, environ={})


@pytest.mark.usefixtures("folder")
def test_what_was_not_begun_is_run_and_what_had_nothing_to_do_is_not(shop: Shop) -> None:
    shop.on("GET /b", status=500, body={})
    idle = (
        "name: idle\nsteps: [{name: x, when: \"{{ no }}\", request: GET /a}]\nvariables: {no: ''}\n"
    )
    Path("idle.yaml").write_text(idle)
    first = smoke.run(
        "idle.yaml", "a", "b", "c", "d.yaml", url=shop.url, fail_fast=True, environ={}
    )
    assert [each.outcome.value for each in first.scenarios] == [
        "skipped",
        "passed",
        "failed",
        "skipped",
        "skipped",
    ]
    assert names(smoke.run(url=shop.url, failed=True, environ={})) == ["b", "c", "d"]


@pytest.mark.usefixtures("folder")
def test_words_and_tags_narrow_it(shop: Shop) -> None:
    for name in "ab":
        shop.on(f"GET /{name}", status=500, body={})
    smoke.run("a", "b", "c", url=shop.url, environ={})
    assert names(smoke.run("b", "c", url=shop.url, failed=True, environ={})) == ["b"]
    smoke.run("a", "b", "c", url=shop.url, environ={})
    assert names(smoke.run(url=shop.url, failed=True, skip="t-b", environ={})) == ["a"]
    with pytest.raises(NothingSelectedError, match="--failed"):
        smoke.run("c", url=shop.url, failed=True, environ={})


@pytest.mark.usefixtures("folder")
def test_a_run_elsewhere_says_nothing_of_this_target(shop: Shop) -> None:
    shop.on("GET /a", status=500, body={})
    smoke.run("a", url=shop.url, environ={})
    with scripted() as other:
        with pytest.raises(NothingSelectedError, match=r"there is no run at http.* below"):
            smoke.run(url=other.url, failed=True, environ={})
        other.on("GET /a", body={})
        smoke.run("a", url=other.url, environ={})
        assert other.paths() == ["GET /a"]
    assert names(smoke.run(url=shop.url, failed=True, environ={})) == ["a"]


def test_a_named_target_is_known_by_its_name(folder: Path, shop: Shop) -> None:
    (folder / "smoke-targets.yaml").write_text(f"targets: {{one: {{url: '{shop.url}'}}}}\n")
    shop.on("GET /a", status=500, body={})
    smoke.run("a", target="one", environ={})
    smoke.run("c", url=shop.url, environ={})
    assert names(smoke.run(target="one", failed=True, environ={})) == ["a"]


def test_nothing_to_run_again_ends_with_five(folder: Path, shop: Shop) -> None:
    first = smoke_command(["run", "--failed", "--url", shop.url], folder)
    assert first.returncode == 5
    assert f"--failed: there is no run at {shop.url} below .smoke/runs" in first.stderr
    shop.on("GET /a", status=500, body={})
    (folder / "smoke.toml").write_text(f'url = "{shop.url}"\n[variables]\nstrange = "x"\n')
    assert smoke_command(["run", "a"], folder).returncode == 1
    shop.on("GET /a", body={})
    assert smoke_command(["run", "--failed"], folder).returncode == 0
    done = smoke_command(["run", "--failed"], folder)
    assert done.returncode == 5
    assert "nothing failed in the last run" in done.stderr


def test_it_does_not_go_with_all_targets(folder: Path, shop: Shop) -> None:
    (folder / "smoke-targets.yaml").write_text(f"targets: {{one: {{url: '{shop.url}'}}}}\n")
    done = smoke_command(["run", "a", "--failed", "--all-targets"], folder)
    assert done.returncode == 2
    assert "--failed" in done.stderr
    assert shop.seen == []
