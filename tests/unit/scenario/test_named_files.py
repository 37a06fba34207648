"""Files that a scenario names: below its folder only, and a diagnostic for all that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smoke.diagnostic import Diagnostic, SmokeError
from smoke.scenario.load import load_scenario
from smoke.scenario.model import every_step


def problems(path: Path) -> list[Diagnostic]:
    with pytest.raises(SmokeError) as caught:
        load_scenario(path)
    return list(caught.value.diagnostics)


def with_include(folder: Path, name: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(f'name: a\nsteps:\n  - include: "{name}"\n', encoding="utf-8")
    return path


def with_body(folder: Path, name: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(
        f'name: a\nsteps:\n  - name: x\n    request: {{url: /, file: "{name}"}}\n', encoding="utf-8"
    )
    return path


def with_rows(folder: Path, name: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(
        f'name: a\nsteps:\n  - name: x\n    for_each: {{file: "{name}"}}\n    request: GET /\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("naming", [with_include, with_body, with_rows])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nope.yaml", "file-not-found"),
        ("../outside.yaml", "file-outside"),
        ("sub/../../outside.yaml", "file-outside"),
        ("/etc/hostname", "file-outside"),
        ("~/x.yaml", "file-outside"),
        ("file:///etc/hostname", "file-outside"),
        ("c:\\\\x.yaml", "file-outside"),
        ("", "file-outside"),
        ("x" * 5000, "cannot-read"),
        ("sub", "file-not-found"),
        ("circle.yaml", "file-not-found"),
        ("escape.yaml", "file-outside"),
        ("way-out/outside.yaml", "file-outside"),
    ],
)
def test_what_is_not_a_file_below_the_scenario_is_refused_at_its_place(
    naming: Callable[[Path, str], Path], name: str, code: str, tmp_path: Path
) -> None:
    (tmp_path / "outside.yaml").write_text("steps: []\n", encoding="utf-8")
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    (folder / "circle.yaml").symlink_to(folder / "circle.yaml")
    (folder / "escape.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "way-out").symlink_to(tmp_path)
    found = problems(naming(folder, name))
    assert [diagnostic.code for diagnostic in found] == [code]
    assert found[0].span is not None
    assert found[0].span.line == (3 if naming is with_include else 4)


def test_a_link_inside_the_folder_may_be_followed(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("steps:\n  - {name: y, request: GET /}\n", encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    loaded = load_scenario(with_include(tmp_path, "link.yaml"))
    assert [step.name for step in every_step(loaded.scenario.steps)][-1] == "y"


def test_a_scenario_that_is_a_link_finds_the_files_beside_the_link(tmp_path: Path) -> None:
    real, here = tmp_path / "real", tmp_path / "here"
    real.mkdir()
    here.mkdir()
    (here / "body.txt").write_bytes(b"beside the link")
    (here / "link.yaml").symlink_to(with_body(real, "body.txt"))
    step = load_scenario(here / "link.yaml").scenario.steps[0]
    assert dict(step.files) == {"body.txt": b"beside the link"}


def test_a_top_file_that_cannot_be_read_is_one_diagnostic(tmp_path: Path) -> None:
    circle = tmp_path / "circle.yaml"
    circle.symlink_to(circle)
    for path, code in (
        (circle, "cannot-read"),
        (tmp_path, "cannot-read"),
        (tmp_path / ("x" * 300), "cannot-read"),
        (tmp_path / "nope.yaml", "file-not-found"),
        (tmp_path / "no" / "folder.yaml", "file-not-found"),
    ):
        assert [diagnostic.code for diagnostic in problems(path)] == [code], path


def test_a_misspelt_top_file_is_told_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "repeat-customer.yaml").write_text("name: a\n", encoding="utf-8")
    (found,) = problems(tmp_path / "repeat-custmer.yaml")
    assert found.suggestion == "repeat-customer.yaml"


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(8 * 1024 * 1024 * 1024)  # sparse: reading it whole would show
    (found,) = problems(huge)
    assert (found.code, found.message) == (
        "file-too-large",
        "the file has more than 1,048,576 bytes",
    )


def test_a_huge_file_of_rows_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(8 * 1024 * 1024 * 1024)
    (found,) = problems(with_rows(tmp_path, "huge.csv"))
    assert (found.code, found.message) == (
        "file-too-large",
        "the file has more than 4,194,304 bytes",
    )
