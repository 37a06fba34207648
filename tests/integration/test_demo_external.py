"""The demo on a server that is already there (SMOKE_DEMO_DSN): it leaves that server as it found it."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from smoke.demo.external import ExternalServer
from smoke.demo.look import Look
from smoke.demo.postgres import EmbeddedServer
from smoke.demo.serve import demo
from smoke.diagnostic import SmokeError
from tests.support.shop_client import order, post


def databases(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as database:
        return {str(name) for (name,) in database.execute("SELECT datname FROM pg_database")}


def test_two_demos_on_one_server_know_nothing_of_each_other(
    demo_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Databases of our own with names of our own, dropped at the end, whoever is connected to them."""
    dsn = demo_server.dsn()
    monkeypatch.setenv("SMOKE_DEMO_DSN", dsn)
    before = databases(dsn)
    with demo("wrong-database") as one, demo("fixed") as two:
        ours = {
            str(conninfo_to_dict(used)["dbname"])
            for used in (*one.dsns.values(), *two.dsns.values())
        }
        assert len(ours) == 3
        assert all(name.startswith("smoke_demo_") for name in ours)
        assert databases(dsn) == before | ours
        assert [post(one.url, order()).status for _ in range(2)] == [201, 500]
        assert [post(two.url, order()).status for _ in range(2)] == [201, 201]
        assert one.log_path is None
        onlooker = psycopg.connect(one.dsn)
    assert databases(dsn) == before
    onlooker.close()


def test_what_a_killed_demo_left_is_dropped_a_day_later(demo_server: EmbeddedServer) -> None:
    """Only what is a day old, has our kind of name, and nobody is connected to."""
    dsn = demo_server.dsn()
    names = {
        "smoke_demo_202601010000_0a1b2c3d_shop",
        "smoke_demo_202601010000_0a1b2c3d_used",
        "smoke_demo_202601020001_0a1b2c3d_fresh",
        "smoke_demo_of_mine",
    }
    with psycopg.connect(dsn, autocommit=True) as database:
        for name in names:
            database.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        used = dsn.replace("dbname=postgres", "dbname=smoke_demo_202601010000_0a1b2c3d_used")
        with psycopg.connect(used):
            ExternalServer(dsn, now=datetime(2026, 1, 3, tzinfo=UTC)).close()
        assert names - databases(dsn) == {"smoke_demo_202601010000_0a1b2c3d_shop"}
        for name in names & databases(dsn):
            database.execute(f"DROP DATABASE {name}".encode())


def test_the_password_stays_out_of_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "SMOKE_DEMO_DSN", "host=/nowhere/at/all user=me password=hunter2 dbname=postgres"
    )
    with pytest.raises(SmokeError) as caught:
        demo("broken")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "demo-dsn"
    assert "hunter2" not in repr(diagnostic)


def test_an_account_without_createdb_is_told_so(demo_server: EmbeddedServer) -> None:
    with psycopg.connect(demo_server.dsn()) as database:
        database.execute("CREATE ROLE poor LOGIN")
    server = ExternalServer(demo_server.dsn().replace("user=postgres", "user=poor"))
    with pytest.raises(SmokeError) as caught:
        server.create_database("shop")
    (diagnostic,) = caught.value.diagnostics
    assert "permission denied to create database" in diagnostic.message
    assert [note.message for note in diagnostic.notes] == ["the account needs the right CREATEDB"]
    server.close()


def test_a_dsn_that_is_none_is_told_so() -> None:
    with pytest.raises(SmokeError, match="SMOKE_DEMO_DSN"):
        ExternalServer("postgres is on the other machine")


def test_a_fault_that_the_account_may_not_prepare_is_told_and_nothing_is_left(
    demo_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account that may make databases, but no roles."""
    dsn = demo_server.dsn()
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute("CREATE ROLE plain_owner LOGIN CREATEDB")
    monkeypatch.setenv("SMOKE_DEMO_DSN", dsn.replace("user=postgres", "user=plain_owner"))
    before = databases(dsn)
    with pytest.raises(SmokeError) as caught:
        demo(look=Look(fault="too-many-connections"))
    assert "does not let the demo prepare the fault 'too-many-conn" in str(caught.value)
    with demo(look=Look(fault="check")) as shop:
        assert [post(shop.url, order()).status for _ in range(2)] == [201, 500]
    assert databases(dsn) == before
