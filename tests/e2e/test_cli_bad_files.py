"""What is missing is told with its place, where it was looked for, and what was probably meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.cli import smoke

HEAD = "name: it\nsteps:\n"


def told(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """What smoke says, on one line; it must refuse."""
    done = smoke(arguments, folder, env=env)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_a_link_that_leads_nowhere_is_no_near_miss_of_itself(tmp_path: Path) -> None:
    (tmp_path / "it.yaml").symlink_to("gone.yaml")
    (tmp_path / "if.yaml").write_text(HEAD, encoding="utf-8")
    text = told(tmp_path, "check", "it.yaml")
    assert "it is a link to gone.yaml, which is not there" in text
    assert "did you mean" not in text


def test_a_missing_file_is_told_with_the_folder_that_was_searched(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "login.yaml").write_text("steps: []\n", encoding="utf-8")
    for named, words in (
        ("parts/logn.yaml", "did you mean 'login.yaml'? | = looked in parts: login.yaml"),
        ("part/login.yaml", "looked in part, which is no folder"),
        ("parts", "'parts' is a folder, not a file"),
    ):
        text = f"{HEAD}  - include: {named}\n"
        (tmp_path / "it.yaml").write_text(text, encoding="utf-8")
        found = told(tmp_path, "check", "it.yaml")
        assert "it.yaml:3:14" in found
        assert words in found
    assert "looked in scenarios/, .smoke/scenarios/ and what ships" in told(tmp_path, "check", "no")


def test_a_cycle_of_includes_is_told_with_its_way(tmp_path: Path) -> None:
    for name, other in (("it", "one"), ("one", "two"), ("two", "three"), ("three", "one")):
        head = HEAD if name == "it" else "steps:\n"
        step = f"  - include: {other}.yaml\n"
        (tmp_path / f"{name}.yaml").write_text(head + step, encoding="utf-8")
    text = told(tmp_path, "check", "it.yaml")
    assert "'one.yaml' includes itself" in text
    assert "the way: one.yaml:2:14 -> two.yaml:2:14 -> three.yaml:2:14 -> one.yaml" in text


def test_a_missing_variable_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "it.yaml").write_text(
        "name: it\nsecrets:\n  - SHOP_TOKEN\n  - PASSPHRASE_X\nsteps:\n  - name: a\n"
        '    request: {url: /, bearer: "{{ secrets.SHOP_TOKEN }}"}\n',
        encoding="utf-8",
    )
    env = {"SHOP_TOKENS": "geheim-1234567", "PASSPHRASE_X": ""}
    text = told(tmp_path, "run", "it.yaml", "--url", "http://127.0.0.1:9", env=env)
    assert (
        "the environment has no SHOP_TOKEN, which the scenario 'it' needs --> it.yaml:3:5" in text
    )
    assert "did you mean 'SHOP_TOKENS', which is set?" in text
    assert "PASSPHRASE_X is set, but empty, and the scenario 'it' needs it --> it.yaml:4:5" in text
    assert "geheim" not in text

    (tmp_path / "it.yaml").write_text(
        HEAD + '  - name: a\n    request: "GET /{{ env.SHOP_TOKEN }}"\n', encoding="utf-8"
    )
    text = told(tmp_path, "run", "it.yaml", "--url", "http://127.0.0.1:9", env=env)
    assert "--> it.yaml:4:20" in text
    assert "did you mean 'SHOP_TOKENS', which is set?" in text
