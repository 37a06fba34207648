"""Which logs a run looks into: named by `--log`, by its older name, or by the target; one or several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smoke.app.log_later import with_log
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.finding import Finding
from smoke.model.run import Run
from smoke.store import RunFolder
from tests.support.cli import smoke
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

MESSAGE = 'duplicate key value violates unique constraint "jobs_uq"'
ORDER = """
name: order
summary: An order.
variables: {email: "{{ fake.email }}"}
steps:
  - name: Order
    request: {method: POST, url: /orders, json: {email: "{{ email }}"}}
    expect: {status: 201}
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smoke.app.examine.LATE", 0.2)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "postgres.log"
    path.touch()
    return path


@pytest.fixture
def shop(log: Path) -> Iterator[Shop]:
    """A shop that hides its error, and whose database writes it, with the customer, into the log."""
    with scripted() as running:

        def order(request: bytes) -> tuple[int, dict[str, str], bytes]:
            email = request.decode().partition('"email":"')[2].partition('"')[0]
            stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{stamp} [7] ERROR:  23505: {MESSAGE}\n")
                file.write(f"{stamp} [7] DETAIL:  Key (email)=({email}) already exists.\n")
            return 500, {"Content-Type": "application/json"}, b'{"error":"Internal Server Error"}'

        running.routes["POST /orders"] = order
        yield running


def only(run: Run) -> Finding:
    (finding,) = run.findings
    return finding


def constraint(finding: Finding) -> str | None:
    return finding.database_error.constraint_name if finding.database_error else None


def test_several_logs_are_looked_into_as_one(tmp_path: Path, shop: Shop, log: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text("nothing of interest\n")
    run = run_text(tmp_path, shop.url, ORDER, options=RunOptions(logs=(str(other), str(log))))
    assert constraint(only(run)) == "jobs_uq"
    saved = RunFolder.open(Path(run.folder))
    asked = saved.run().asked
    assert asked is not None
    assert asked.options == ("--log", str(other), "--log", str(log))
    hidden = run_text(tmp_path, shop.url, ORDER)
    later = with_log(RunFolder.open(Path(hidden.folder)), [str(other), str(log)], {})
    assert constraint(only(later)) == "jobs_uq"


@pytest.mark.parametrize("earlier", [0, 3000], ids=["new", "long"])
def test_a_log_whose_lines_end_in_a_carriage_return_alone(
    tmp_path: Path, shop: Shop, log: Path, earlier: int
) -> None:
    log.write_bytes(b"2020-01-01 00:00:00.000 UTC [1] LOG:  00000: checkpoint\r" * earlier)
    order = shop.routes["POST /orders"]

    def ending(request: bytes) -> tuple[int, dict[str, str], bytes]:
        before = log.read_bytes()
        answer = order(request)
        log.write_bytes(before + log.read_bytes()[len(before) :].replace(b"\n", b"\r"))
        return answer

    shop.routes["POST /orders"] = ending
    watched = run_text(tmp_path, shop.url, ORDER, options=RunOptions(logs=(str(log),)))
    assert constraint(only(watched)) == "jobs_uq"
    hidden = run_text(tmp_path, shop.url, ORDER)
    later = with_log(RunFolder.open(Path(hidden.folder)), [str(log)], {})
    assert constraint(only(later)) == "jobs_uq"


def test_a_log_that_goes_away_takes_no_other_with_it(tmp_path: Path, shop: Shop, log: Path) -> None:
    gone = tmp_path / "gone.log"
    gone.touch()
    both = RunOptions(logs=(str(gone), str(log)))
    order = shop.routes["POST /orders"]

    def losing(request: bytes) -> tuple[int, dict[str, str], bytes]:
        gone.unlink()
        answer: tuple[int, dict[str, str], bytes] = order(request)
        return answer

    shop.routes["POST /orders"] = losing
    assert constraint(only(run_text(tmp_path, shop.url, ORDER, options=both))) == "jobs_uq"


def test_a_targets_logs_are_looked_into_unless_others_are_named(
    tmp_path: Path, shop: Shop, log: Path
) -> None:
    targets = tmp_path / "targets.yaml"
    targets.write_text(f"targets:\n  staging:\n    url: {shop.url}\n    logs: [{log}]\n")
    options = RunOptions(target="staging", targets_file=targets)
    assert constraint(only(run_text(tmp_path, "", ORDER, options=options))) == "jobs_uq"
    empty = tmp_path / "empty.log"
    empty.touch()
    options = RunOptions(target="staging", targets_file=targets, logs=(str(empty),))
    assert constraint(only(run_text(tmp_path, "", ORDER, options=options))) is None


def test_a_target_cannot_name_standard_input(tmp_path: Path) -> None:
    targets = tmp_path / "targets.yaml"
    targets.write_text(
        "targets:\n  staging:\n    url: http://127.0.0.1:1\n    logs: [a.log, '-']\n"
    )
    with pytest.raises(SmokeError, match=r"standard input is --log -") as refused:
        run_text(tmp_path, "", ORDER, options=RunOptions(target="staging", targets_file=targets))
    span = refused.value.diagnostics[0].span
    assert span is not None
    assert span.line == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--log", "-", "--log", "-"], "standard input can be read only once"),
        (["--log", ""], "--log is empty"),
        (["--log", "a.log", "--log-token-env", "X"], "belongs to --log supabase:PROJECT_REF"),
        (["--postgres-log-token-env", "X"], "belongs to --log supabase:PROJECT_REF"),
        (["--postgres-log", "nowhere.log", "--log", "-"], "nowhere.log"),
    ],
)
@pytest.mark.parametrize("command", ["run", "show"])
def test_sources_that_are_none_are_refused_before_anything_is_sent(
    command: str, arguments: list[str], words: str, tmp_path: Path, shop: Shop
) -> None:
    (tmp_path / "a.log").touch()
    before = len(shop.seen)
    if command == "show":
        run_text(tmp_path, shop.url, ORDER)
        before = len(shop.seen)
        folder = next(tmp_path.rglob("events.jsonl")).parent
        start = ["show", folder.name, "--out", str(folder.parent)]
    else:
        (tmp_path / "order.yaml").write_text(ORDER)
        start = ["run", "order.yaml", "--url", shop.url]
    done = smoke([*start, *arguments], tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in " ".join(done.stderr.split())
    assert len(shop.seen) == before
