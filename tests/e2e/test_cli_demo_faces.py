"""Each face of the demo shop, tried by the command that it names, with the installed smoke."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smoke.demo.look import Look
from tests.support.cli import command, environment, for_a_posix_shell, smoke
from tests.support.demo import ShopFactory
from tests.support.faces import SCENARIOS, errors_in

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"
FACES = sorted(SCENARIOS)


@contextmanager
def served(folder: Path, *options: str) -> Iterator[dict[str, str]]:
    """`smoke demo serve OPTIONS`: the lines it prints, by their first word."""
    with subprocess.Popen(
        command("demo", "serve", *options),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said: dict[str, str] = {}
        try:
            for line in process.stdout:
                name, _, rest = line.strip().partition(" ")
                said[name] = rest
                if name == "try":
                    break
            else:
                assert process.stderr is not None
                raise AssertionError(process.stderr.read())
            yield said
        finally:
            process.terminate()


@for_a_posix_shell
@pytest.mark.parametrize("face", FACES)
def test_a_served_face_names_a_command_that_finds_the_bug(tmp_path: Path, face: str) -> None:
    log = tmp_path / "app.log"
    with served(tmp_path, "--face", face, "--app-log", str(log)) as said:
        assert said["app-log"] == str(log)
        assert Path(said["postgres-log"]).is_file()
        setting, *words = shlex.split(said["try"])
        name, _, value = setting.partition("=")
        assert words[:3] == ["smoke", "run", SCENARIOS[face]]
        done = smoke(words[1:], tmp_path, env={name: value})
    assert done.returncode == 1, done.stdout + done.stderr
    assert CONSTRAINT in done.stdout
    (error,) = errors_in(log)
    assert (error["code"], error["constraint"]) == ("23505", CONSTRAINT)


@for_a_posix_shell
def test_a_served_shop_that_hides_its_errors_names_both_logs(tmp_path: Path) -> None:
    log = tmp_path / "app log"
    options = (
        "--mask",
        "unknown",
        "--face",
        "session",
        "--app-log",
        str(log),
        "--db-trace",
        "none",
    )
    with served(tmp_path, *options) as said:
        words = shlex.split(said["try"])
        assert words[-4:] == ["--log", str(log), "--log", said["postgres-log"]]
        done = smoke(words[1:], tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert CONSTRAINT in done.stdout


@pytest.mark.parametrize("face", FACES)
def test_a_fixed_face_passes_and_nothing_is_left(
    shop: ShopFactory, tmp_path: Path, face: str
) -> None:
    fixed = shop("fixed", look=Look(face))
    done = smoke(["run", SCENARIOS[face], "--url", fixed.url], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Repeat customers can place multiple orders" in done.stdout
    assert [(order["status"], order["dispatch_jobs"]) for order in fixed.orders()] == [
        ("cancelled", 0),
        ("cancelled", 0),
    ]


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("state", ["broken", "fix-not-applied", "wrong-database"])
def test_a_face_that_shows_its_error_is_explained_and_its_order_removed(
    shop: ShopFactory, tmp_path: Path, face: str, state: str
) -> None:
    broken = shop(state, look=Look(face))
    done = smoke(["run", SCENARIOS[face], "--url", broken.url], tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert CONSTRAINT in done.stdout
    assert "23505" in done.stdout
    assert [order["status"] for order in broken.orders()] == ["cancelled"]


@pytest.mark.parametrize("face", FACES)
def test_the_masked_face_says_nothing_and_both_logs_say_all(
    shop: ShopFactory, tmp_path: Path, face: str
) -> None:
    log = tmp_path / "app.log"
    masked = shop("masked", look=Look(face, app_log=log, db_trace="none"))
    done = smoke(["run", SCENARIOS[face], "--url", masked.url], tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert CONSTRAINT not in done.stdout
    (error,) = errors_in(log)
    assert (error["code"], error["constraint"]) == ("23505", CONSTRAINT)
    assert masked.log_path is not None
    # the server knows the database, and without tracing not the request
    lines = [
        line
        for line in masked.log_path.read_text(encoding="utf-8").splitlines()
        if masked.database in line and CONSTRAINT in line
    ]
    assert len(lines) == 1
    assert re.search(r"demo-shop *ERROR: +23505", lines[0])


def test_scenarios_of_all_faces_are_listed(tmp_path: Path) -> None:
    done = smoke(["list"], tmp_path)
    for name in SCENARIOS.values():
        assert re.search(rf"^\W*{name}\b", done.stdout, re.MULTILINE), done.stdout
