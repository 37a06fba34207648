"""`smoke db same`: a marked order tells whether a deployment writes to the database that a DSN reads."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
from psycopg import conninfo

from smoke.demo.postgres import EmbeddedServer
from tests.support.cli import smoke
from tests.support.demo import ShopFactory


def test_its_own_database_is_the_same_and_another_is_not(shop: ShopFactory, tmp_path: Path) -> None:
    broken, fixed = shop("broken"), shop("fixed")
    arguments = ["db", "same", "--url", broken.url]
    done = smoke(arguments, tmp_path, env={"SMOKE_DSN": broken.dsn})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SAME" in done.stdout
    assert "@example.com is in public." in " ".join(done.stdout.split())
    done = smoke(arguments, tmp_path, env={"SMOKE_DSN": fixed.dsn})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "DIFFERENT" in done.stdout
    assert "the deployment writes to another database" in " ".join(done.stdout.split())
    # the orders were removed again
    assert {order["status"] for order in broken.orders()} == {"cancelled"}
    assert fixed.orders() == []


def test_as_json_for_a_program(shop: ShopFactory, tmp_path: Path) -> None:
    broken = shop("broken")
    done = smoke(
        ["db", "same", "--url", broken.url, "--json"], tmp_path, env={"SMOKE_DSN": broken.dsn}
    )
    told = json.loads(done.stdout)
    assert (told["verdict"], told["exit_status"], told["orders_left_behind"]) == ("same", 0, [])
    assert (tmp_path / told["folder"]).is_dir()


def test_a_role_that_may_not_read_cannot_tell(
    shop: ShopFactory, demo_server: EmbeddedServer, tmp_path: Path
) -> None:
    broken = shop("broken")
    with psycopg.connect(broken.dsn, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS blind")
        connection.execute("CREATE ROLE blind LOGIN")
    try:
        dsn = conninfo.make_conninfo(broken.dsn, user="blind")
        done = smoke(["db", "same", "--url", broken.url], tmp_path, env={"SMOKE_DSN": dsn})
        assert done.returncode == 3, done.stdout + done.stderr
        assert "CANNOT TELL" in done.stdout
        assert "may not read" in done.stdout
    finally:
        with psycopg.connect(broken.dsn, autocommit=True) as connection:
            connection.execute("DROP ROLE blind")


def test_an_order_that_is_not_confirmed_tells_nothing(shop: ShopFactory, tmp_path: Path) -> None:
    broken = shop("broken")
    done = smoke(
        ["db", "same", "--url", "http://127.0.0.1:9"], tmp_path, env={"SMOKE_DSN": broken.dsn}
    )
    assert done.returncode == 3
    assert "did not confirm the order" in " ".join(done.stdout.split())


def test_a_scenario_without_a_marker_is_told(shop: ShopFactory, tmp_path: Path) -> None:
    broken = shop("broken")
    (tmp_path / "plain.yaml").write_text(
        "name: plain\nsteps:\n  - name: Look\n    request: {url: /api/health}\n"
    )
    done = smoke(
        ["db", "same", "--url", broken.url, "--scenario", "plain.yaml"],
        tmp_path,
        env={"SMOKE_DSN": broken.dsn},
    )
    assert done.returncode == 3
    assert "nothing that only this order has" in " ".join(done.stdout.split())


def test_without_a_database_nothing_is_ordered(shop: ShopFactory, tmp_path: Path) -> None:
    broken = shop("broken")
    for env in ({}, {"SMOKE_DSN": "postgresql://u:secret-word@127.0.0.1:1/shop"}):
        done = smoke(["db", "same", "--url", broken.url], tmp_path, env=env)
        assert done.returncode == 2
        assert "secret-word" not in done.stdout + done.stderr
    assert broken.orders() == []
