"""No question writes anything, whoever asks it: no transaction id, no growth of the log of changes."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from smoke.database.dsn import read_dsn
from smoke.database.enrich import _BY_SQLSTATE, Enrichment, enrich
from smoke.database.session import connect
from smoke.demo.postgres import EmbeddedServer
from smoke.model.finding import Finding
from tests.support.asked import CONNECTS, READER, SNAKE, by, every_question, shop_of


@pytest.fixture
def garden(demo_server: EmbeddedServer) -> Iterator[str]:
    with shop_of(demo_server, SNAKE) as dsn:
        with psycopg.connect(dsn, autocommit=True) as warm:
            warm.execute("VACUUM FREEZE ANALYZE")
            warm.execute("CHECKPOINT")
        yield dsn


def ask_all(dsn: str) -> list[Enrichment]:
    with connect(read_dsn(dsn, "SMOKE_DSN")) as database:
        told = [
            enrich(
                database,
                Finding(code="x", title="", database_error=error),
                orders={"shop/Order 1": "ord-1"},
                show_values=True,
            )
            for error in every_question()
        ]
        assert database.row("SELECT pg_current_xact_id_if_assigned()") == (None,)
    return told


def test_there_is_an_error_for_every_question() -> None:
    assert set(_BY_SQLSTATE) <= {error.sqlstate for error in every_question()}


def test_whoever_asks_gets_answers_and_no_question_fails(garden: str) -> None:
    for role in ("", READER, CONNECTS):
        for told, error in zip(
            ask_all(by(role, garden) if role else garden), every_question(), strict=True
        ):
            # all of it is in catalogues that everybody may read; of rows it is said that they may not be read
            assert told.untold == (), (role, error.sqlstate)


def test_the_log_of_changes_does_not_grow(garden: str) -> None:
    ask_all(garden)  # what the first reader of a page writes is PostgreSQL's, not ours
    with psycopg.connect(garden, autocommit=True) as watcher:
        for _ in range(5):
            before = watcher.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            for dsn in (garden, by(READER, garden), by(CONNECTS, garden)):
                ask_all(dsn)
            # the server itself writes now and then: once without growth is proof enough
            if watcher.execute("SELECT pg_current_wal_insert_lsn()").fetchone() == before:
                return
    pytest.fail("the log of changes grew every time")
