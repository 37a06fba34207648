"""The `check` step: a scenario asks the database before, between and after its orders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smoke.app.catalog import shipped_folder
from smoke.demo.postgres import EmbeddedServer
from tests.support.cli import smoke
from tests.support.demo import ShopFactory

RULE = "h2s_dispatch_jobs_recipient_step_uq"
FIX = shipped_folder() / "fixes/0007_one_dispatch_job_per_order.sql"
ORDER = """
    request:
      url: /api/shop
      json:
        action: place_order
        customer: {email: "{{ email }}", phone: "{{ phone }}", name: Ada}
        items: [{sku: tea-sencha, quantity: 1}]
        payment: {card_number: "4242424242424242"}
    places_order: {id: $.order.id}
    expect: {status: 201}
    capture: {order: $.order.id}
"""
TEARDOWN = """
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {url: /api/shop, json: {action: cancel_order, order_id: "{{ item.id }}"}}
    removes_order: "{{ item.key }}"
"""
VARIABLES = """variables: {email: "{{ fake.email }}", phone: "{{ fake.phone }}"}"""


def write(folder: Path, name: str, steps: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(f"name: {name}\n{VARIABLES}\nsteps:\n{steps}{TEARDOWN}", encoding="utf-8")
    return str(path)


def absent(name: str = "The old rule is gone") -> str:
    return f"  - name: {name}\n    check:\n      constraint_absent: {{name: {RULE}, table: h2s_dispatch_jobs}}\n"


def rows(name: str, count: int) -> str:
    query = (
        "select o.id from orders o join recipients r on r.id = o.recipient_id where r.email = $1"
    )
    return (
        f"  - name: {name}\n    check:\n      rows:\n        query: {query}\n"
        f'        parameters: ["{{{{ email }}}}"]\n        count: {count}\n'
    )


def test_a_rule_that_is_still_there_fails_and_one_that_is_gone_passes(
    shop: ShopFactory, tmp_path: Path
) -> None:
    path = write(tmp_path, "gone", absent())
    broken, fixed = shop("broken"), shop("fixed")
    done = smoke(["run", path, "--url", broken.url], tmp_path, env={"SMOKE_DSN": broken.dsn})
    assert done.returncode == 1, done.stderr
    assert f"{RULE} is still there: unique constraint" in " ".join(done.stdout.split())
    done = smoke(
        ["run", path, "--url", fixed.url, "--dsn-env", "SHOP"],
        tmp_path,
        env={"SHOP": fixed.dsn},
    )
    assert done.returncode == 0, done.stdout
    assert f"there is no {RULE}" in " ".join(done.stdout.split())


def test_rows_are_counted_before_and_after_an_order(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    steps = rows("None yet", 0) + "  - name: Order 1" + ORDER + rows("One now", 1)
    done = smoke(
        ["run", write(tmp_path, "counted", steps), "--url", fixed.url],
        tmp_path,
        env={"SMOKE_DSN": fixed.dsn},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = rows("Two, by mistake", 2)
    done = smoke(
        ["run", write(tmp_path, "wrong", wrong), "--url", fixed.url],
        tmp_path,
        env={"SMOKE_DSN": fixed.dsn},
    )
    assert done.returncode == 1
    assert "0 rows, expected 2" in done.stdout


def test_a_value_of_a_row_is_never_text_of_the_query(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    steps = (
        "  - name: Injected\n    check:\n      rows:\n        query: select $1::text as said\n"
        '        parameters: ["\'; drop table orders; --"]\n'
        '        equals: [{said: "\'; drop table orders; --"}]\n'
    )
    done = smoke(
        ["run", write(tmp_path, "injected", steps), "--url", fixed.url],
        tmp_path,
        env={"SMOKE_DSN": fixed.dsn},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("state", "status"), [("fix-not-applied", 1), ("broken", 1), ("fixed", 0)])
def test_a_migration_is_held_to_its_effect(
    shop: ShopFactory, tmp_path: Path, state: str, status: int
) -> None:
    made = shop(state)
    (tmp_path / "fix.sql").write_bytes(FIX.read_bytes())
    steps = "  - name: The fix is applied\n    check: {migration_applied: {file: fix.sql}}\n"
    done = smoke(
        ["run", write(tmp_path, "fix", steps), "--url", made.url],
        tmp_path,
        env={"SMOKE_DSN": made.dsn},
    )
    assert done.returncode == status, done.stdout + done.stderr
    if state == "fix-not-applied":
        assert "not applied" in done.stdout
        assert re.search(r"marked as|says it|lists", " ".join(done.stdout.split()))


def test_side_by_side_they_share_one_connection(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        write(folder, f"counted-{number}", rows("None yet", 0) + absent())
    done = smoke(
        ["run", str(folder), "--url", fixed.url, "--workers", "4", "--quiet"],
        tmp_path,
        env={"SMOKE_DSN": fixed.dsn},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_database_that_cannot_be_asked_is_no_verdict(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    password = "correct-horse-battery"
    dsn = f"postgresql://reader:{password}@127.0.0.1:1/shop"
    done = smoke(
        ["run", write(tmp_path, "gone", absent()), "--url", fixed.url],
        tmp_path,
        env={"SMOKE_DSN": dsn},
    )
    assert done.returncode == 3, done.stdout
    assert "cannot connect" in done.stdout
    assert password not in done.stdout + done.stderr
    kept = [path.read_bytes() for path in (tmp_path / ".smoke").rglob("*") if path.is_file()]
    assert kept
    assert not any(password.encode() in data for data in kept)


def test_without_a_database_nothing_is_sent(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    fixed = shop("fixed")
    path = write(tmp_path, "gone", "  - name: Order 1" + ORDER + absent())
    done = smoke(["run", path, "--url", fixed.url], tmp_path)
    assert done.returncode == 2
    assert "error[no-dsn]: the step 'The old rule is gone' asks the database" in done.stderr
    assert "gone.yaml:15:11" in done.stderr
    assert fixed.orders() == []
    assert not (tmp_path / ".smoke").exists()
    assert smoke(["check", path], tmp_path).returncode == 0


MISTAKES = [
    ("{constraint_abset: {name: x}}", "did you mean 'constraint_absent'?"),
    ("{constraint_absent: {nam: x}}", "did you mean 'name'?"),
    ("{constraint_absent: {name: x}, rows: {query: select 1, none: true}}", "takes one of"),
    ("{}", "takes one of"),
    ("{rows: {query: \"select '{{ email }}'\", none: true}}", "parameters"),
    ("{rows: {query: select 1}}", "pick one of: count, equals, none"),
    ("{migration_applied: {file: nowhere.sql}}", "there is no file"),
    ("gone", "a mapping of keys and values is expected"),
    ("{index_present: {table: t, columns: a}}", "a list is expected"),
    ("{constraint_absent: {name: '{{ nobody }}'}}", "there is no name 'nobody' here"),
]


@pytest.mark.parametrize(("spec", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, spec: str, told: str) -> None:
    path = write(tmp_path, "wrong", f"  - name: Wrong\n    check: {spec}\n")
    done = smoke(["check", path], tmp_path)
    assert done.returncode == 2, done.stdout
    assert told in done.stderr
    assert re.search(r"--> .*wrong\.yaml:5:\d+", done.stderr)
    assert "Traceback" not in done.stderr


def test_a_dry_run_says_what_would_be_asked(shop: ShopFactory, tmp_path: Path) -> None:
    fixed = shop("fixed")
    done = smoke(
        ["run", write(tmp_path, "gone", absent()), "--url", fixed.url, "--dry-run"],
        tmp_path,
        env={"SMOKE_DSN": fixed.dsn},
    )
    assert done.returncode == 0
    assert f"asks constraint_absent: {{'name': '{RULE}'" in done.stdout
    assert "\\n" not in done.stdout
