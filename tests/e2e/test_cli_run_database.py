"""`smoke run` with the server's log or the database at hand: what a 500 hides, and what is true there."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
from pathlib import Path

import psycopg
import pytest

from smoke.demo.postgres import EmbeddedServer
from smoke.demo.serve import Demo
from smoke.model.finding import Finding
from smoke.model.run import Run
from smoke.store import RunFolder, resolve
from tests.support.cli import command, environment, for_a_posix_shell, smoke
from tests.support.demo import ShopFactory

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"


def last_run(folder: Path) -> Run:
    run = resolve(folder / ".smoke" / "runs", "latest").run()
    assert run is not None
    return run


def hidden_finding(run: Run) -> Finding:
    (finding,) = (f for f in run.findings if f.step == "Order 2")
    return finding


def repeat(shop: Demo, *more: str) -> list[str]:
    return ["run", "repeat-customer", "--url", shop.url, *more]


def test_the_servers_log_tells_what_a_masked_500_hides(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    log = str(demo_server.log_path)
    done = smoke(
        repeat(shop("masked"), "--postgres-log", log, "--report", "json=report.json"), tmp_path
    )
    assert done.returncode == 1, done.stdout + done.stderr
    for words in ("23505 unique_violation", CONSTRAINT, "recipient_id, step_id", "server's log"):
        assert words in done.stdout, words
    finding = hidden_finding(last_run(tmp_path))
    assert finding.found_in == "log"
    assert finding.code == "unique-violation"
    assert finding.database_error is not None
    assert finding.database_error.dialect == "log"
    assert "by request id" in finding.reason
    told = json.loads((tmp_path / "report.json").read_text())["findings"][0]
    assert (told["found_in"], told["database_error"]["sqlstate"]) == ("log", "23505")


def test_two_runs_at_once_each_find_their_own_error(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    masked = shop("masked")
    arguments = repeat(masked, "--postgres-log", str(demo_server.log_path), "--quiet")
    folders = [tmp_path / name for name in ("one", "two", "three")]
    running = []
    for folder in folders:
        folder.mkdir()
        running.append(
            subprocess.Popen(
                command(*arguments), cwd=folder, env=environment(), stdout=subprocess.DEVNULL
            )
        )
    assert [process.wait(90) for process in running] == [1, 1, 1]
    for folder in folders:
        run = last_run(folder)
        error = hidden_finding(run).database_error
        assert error is not None
        assert error.message_detail is not None
        body = run.scenarios[0].steps[0].attempts[0].exchanges[0].request.body
        customer = json.loads(RunFolder.open(Path(run.folder)).read(body))["customer"]
        with psycopg.connect(masked.dsn) as connection:
            row = connection.execute(
                "SELECT id::text FROM recipients WHERE email = %s", [customer["email"]]
            ).fetchone()
        assert row is not None
        assert row[0] in error.message_detail  # the recipient of this run and of no other


def test_a_saved_run_is_explained_by_the_log_afterwards(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    masked = shop("masked")
    assert smoke(repeat(masked), tmp_path).returncode == 1
    orders = len(masked.orders())
    kept = {path: path.read_bytes() for path in files(tmp_path)}
    log = demo_server.log_path
    told = smoke(["show", "--postgres-log", str(log)], tmp_path)
    assert told.returncode == 0, told.stderr
    assert "23505 unique_violation" in told.stdout
    assert "the PostgreSQL server's log, not from the response" in " ".join(told.stdout.split())
    piped = smoke(["show", "--postgres-log", "-"], tmp_path, stdin=log.read_bytes())
    assert "23505 unique_violation" in piped.stdout
    assert "23505" not in smoke(["show"], tmp_path).stdout
    refused = smoke(["show", "latest", "--body", "--postgres-log", str(log)], tmp_path)
    assert refused.returncode == 2
    assert len(masked.orders()) == orders
    assert {path: path.read_bytes() for path in files(tmp_path)} == kept  # only shown


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@for_a_posix_shell
@pytest.mark.parametrize(
    ("state", "told"), [("masked", "the PostgreSQL server's log"), ("broken", "still there")]
)
def test_the_demo_tells_the_command_that_shows_its_state(
    tmp_path: Path, state: str, told: str
) -> None:
    with subprocess.Popen(
        command("demo", "serve", "--state", state),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        try:
            assert serving.stdout is not None
            (line,) = itertools.islice((x for x in serving.stdout if x.startswith("try ")), 1)
            words = shlex.split(line.removeprefix("try "))
            given = dict(word.split("=", 1) for word in itertools.takewhile("smoke".__ne__, words))
            done = smoke(words[len(given) + 1 :], tmp_path, env=given)
        finally:
            serving.terminate()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "23505 unique_violation" in done.stdout
    assert told in " ".join(done.stdout.split())


def test_a_log_of_others_gives_no_answer(shop: ShopFactory, tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("")
    done = smoke(repeat(shop("masked"), "--postgres-log", str(log)), tmp_path)
    assert done.returncode == 1
    assert "the log has no error of that time" in " ".join(done.stdout.split())
    assert hidden_finding(last_run(tmp_path)).found_in == "response"


def test_the_log_comes_through_a_pipe(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    with subprocess.Popen(
        ["tail", "-n", "0", "-F", str(demo_server.log_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as follow:
        try:
            done = subprocess.run(
                command(*repeat(shop("masked"), "--postgres-log", "-")),
                cwd=tmp_path,
                env=environment(),
                stdin=follow.stdout,
                capture_output=True,
                timeout=90,
                check=False,
            )
        finally:
            follow.terminate()
    assert done.returncode == 1
    assert hidden_finding(last_run(tmp_path)).found_in == "log", done.stdout.decode()


def test_a_log_that_cannot_be_read_is_told_before_anything_is_sent(
    shop: ShopFactory, tmp_path: Path
) -> None:
    broken = shop("broken")
    done = smoke(repeat(broken, "--postgres-log", "nowhere.log"), tmp_path)
    assert done.returncode == 2
    assert "cannot read the server's log nowhere.log" in done.stderr
    assert broken.orders() == []


def test_the_database_says_what_is_true_there(shop: ShopFactory, tmp_path: Path) -> None:
    broken = shop("broken")
    done = smoke(repeat(broken), tmp_path, env={"SMOKE_DSN": broken.dsn})
    assert done.returncode == 1, done.stdout + done.stderr
    text = " ".join(done.stdout.split())
    assert f"still there: unique constraint {CONSTRAINT}" in text
    assert "is not applied in this database" in text
    assert "made by repeat-customer/Order 1" in text
    assert "asked through SMOKE_DSN" in text
    assert "ACCESS EXCLUSIVE" in text  # what a remedy locks
    assert "ALTER TABLE" in text
    finding = hidden_finding(last_run(tmp_path))
    assert any("still there" in line for line in finding.database)
    assert any(statement.writes for statement in finding.remedies)
    # values of rows are told only to those who ask
    assert "(not shown)" in text
    asked = smoke(repeat(broken, "--show-values"), tmp_path, env={"SMOKE_DSN": broken.dsn})
    assert "(not shown)" not in asked.stdout


def test_another_database_is_recognised(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    broken, fixed = shop("broken"), shop("fixed")
    done = smoke(repeat(broken), tmp_path, env={"SMOKE_DSN": fixed.dsn})
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert f"{CONSTRAINT} is not in this database: the deployment uses another one" in text
    assert "is applied in this database" in text


def test_a_fix_that_was_only_marked_as_run_is_told(shop: ShopFactory, tmp_path: Path) -> None:
    state = shop("fix-not-applied")
    done = smoke(repeat(state), tmp_path, env={"SMOKE_DSN": state.dsn})
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert "is not applied in this database" in text
    assert re.search(r"marked|lists it|says", text)


def test_a_database_that_cannot_be_asked_changes_no_verdict(
    shop: ShopFactory, tmp_path: Path
) -> None:
    password = "hunter2-hunter2"
    dsn = f"postgresql://nobody:{password}@127.0.0.1:1/shop"
    done = smoke(repeat(shop("broken")), tmp_path, env={"SMOKE_DSN": dsn})
    assert done.returncode == 1
    assert "the database could not be asked (SMOKE_DSN)" in " ".join(done.stdout.split())
    assert password not in done.stdout + done.stderr
    kept = [path.read_bytes() for path in (tmp_path / ".smoke").rglob("*") if path.is_file()]
    assert not any(password.encode() in data for data in kept)
    passed = smoke(repeat(shop("fixed")), tmp_path, env={"SMOKE_DSN": dsn})
    assert passed.returncode == 0


def test_a_named_variable_that_is_not_set_is_told_before_anything_is_sent(
    shop: ShopFactory, tmp_path: Path
) -> None:
    broken = shop("broken")
    done = smoke(repeat(broken, "--dsn-env", "SHOP_DSN"), tmp_path)
    assert done.returncode == 2
    assert "the environment has no SHOP_DSN" in done.stderr
    assert broken.orders() == []


def test_a_database_url_of_another_kind_stops_no_run(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    other = {"DATABASE_URL": "mysql://app@db.example/shop"}
    assert smoke(repeat(fixed), tmp_path, env=other).returncode == 0
    mistaken = {"SMOKE_DSN": "mysql://app@db.example/shop"}
    assert smoke(repeat(fixed), tmp_path, env=mistaken).returncode == 2
