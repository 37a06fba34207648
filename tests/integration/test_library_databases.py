"""Every question of `smoke db` as a function: it gives the values that the command prints."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

import smoke
from smoke.demo.postgres import EmbeddedServer
from tests.support.cli import smoke as command
from tests.support.demo import ShopFactory
from tests.support.migrations import fresh

CONSTRAINT = "h2s_dispatch_jobs_recipient_step_uq"
MIGRATION = (
    Path(smoke.__file__).parent / "demo" / "migrations" / "0007_one_dispatch_job_per_order.sql"
)


def printed(folder: Path, dsn: str, *arguments: str) -> Any:
    done = command(["db", *arguments, "--json"], folder, env={"SMOKE_DSN": dsn})
    return json.loads(done.stdout)


def test_each_gives_what_the_command_prints(shop: ShopFactory, tmp_path: Path) -> None:
    dsn = shop("broken").dsn
    environ = {"SMOKE_DSN": dsn}
    identity = smoke.db_which(environ=environ)
    told = printed(tmp_path, dsn, "which")
    assert (identity.database, identity.fingerprint) == (told["database"], told["fingerprint"])

    rule = smoke.db_constraint(CONSTRAINT, "h2s_dispatch_jobs", environ=environ)
    assert rule.answer.exists
    assert rule.database == identity
    assert rule.answer.name == printed(tmp_path, dsn, "constraint", CONSTRAINT)["answer"]["name"]
    assert not smoke.db_constraint("no_such_rule", environ=environ).answer.exists

    table = smoke.db_table("h2s_dispatch_jobs", environ=environ).answer.found[0]
    columns = printed(tmp_path, dsn, "table", "h2s_dispatch_jobs")["answer"]["found"][0]["columns"]
    assert [column.name for column in table.columns] == [column["name"] for column in columns]

    applied = smoke.db_applied(str(MIGRATION), here_only=True, environ=environ)
    assert applied.answer.overall == "not applied"
    assert applied.applied_in == ()
    assert printed(tmp_path, dsn, "applied", str(MIGRATION), "--here-only")["overall"] == (
        applied.answer.overall
    )


def test_which_database_is_meant_is_said_as_on_the_command_line(
    shop: ShopFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = shop("fixed").dsn
    targets = tmp_path / "targets.yaml"
    targets.write_text(
        "targets:\n  prod: {url: 'https://shop.example', dsn_env: SHOP_DSN}\n", encoding="utf-8"
    )
    monkeypatch.setenv("SHOP_DSN", dsn)
    monkeypatch.delenv("SMOKE_DSN", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert smoke.db_which(target="prod", targets_file=targets).source == "SHOP_DSN"
    assert smoke.db_which(dsn_env="SHOP_DSN").source == "SHOP_DSN"
    with pytest.raises(smoke.SmokeError, match="no database to ask"):
        smoke.db_which()
    with pytest.raises(smoke.SmokeError, match="no target 'prdo'"):
        smoke.db_table("x", target="prdo", targets_file=targets)
    with pytest.raises(smoke.SmokeError, match="statement-timeout"):
        smoke.db_which(dsn_env="SHOP_DSN", statement_timeout=0)
    wrong: dict[str, Any] = {"dsn": dsn}
    with pytest.raises(TypeError, match="did you mean 'dsn_env'"):
        smoke.db_which(**wrong)


def test_same_database(shop: ShopFactory, tmp_path: Path) -> None:
    one, other = shop("fixed"), shop("fixed")
    here = smoke.db_same(
        url=one.url, out=tmp_path / "runs", environ={"SHOP": one.dsn}, dsn_env="SHOP"
    )
    assert here.same.verdict == "same"
    assert not here.run.orders_left_behind
    there = smoke.db_same(url=one.url, out=tmp_path / "runs", environ={"SMOKE_DSN": other.dsn})
    assert there.same.verdict == "different"


def test_other_databases_are_asked_for_what_is_missing_of_a_large_file(
    demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    made = [f"create table t{n} (a int not null, b text)" for n in range(101)]
    late = [
        "alter table t7 add c int",
        "set search_path = public",
        "create index t7_c on t7 (c)",
        "alter table t8 rename b to d",
    ]
    file = tmp_path / "all.sql"
    file.write_text(";\n".join([*made, *late]))
    with contextlib.ExitStack() as stack:
        here, there, half = (
            stack.enter_context(fresh(demo_server, ";".join([*made, *more])))
            for more in (late[:1], late, late[:3])
        )
        names = [psycopg.conninfo.conninfo_to_dict(dsn)["dbname"] for dsn in (there, half)]
        found = smoke.db_applied(file, environ={"SMOKE_DSN": here})
    assert found.answer.overall.value == "partly"
    assert [name in found.applied_in for name in names] == [True, False]
