"""What is said of a statement is for a person: no numbers of the catalogue, no letters of it, no empty values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smoke.demo.postgres import EmbeddedServer
from tests.support.migrations import ask, fresh, reasons

BEFORE = """
create function f(integer) returns int language sql as 'select 1';
create table t (id int, big text);
create domain amount as int;
"""
SAID = {
    "revoke execute on all functions in schema public from public": "PUBLIC still has EXECUTE on f(integer)",
    "revoke execute on function f(int) from public": "PUBLIC still has EXECUTE on public.f",
    "alter table t alter column big set storage external": "column big has storage EXTENDED",
    "alter table t alter column big set statistics 50": "column big has the usual statistics target",
    "alter domain amount drop default": "domain public.amount has no default",
    "comment on table t is 'x'": "table public.t has no comment",
    "create extension hstore schema public": "there is no extension hstore in this database",
    "create table t (id bigserial)": "column id has no sequence of its own, and no default",
}


@pytest.fixture(scope="module")
def database(demo_server: EmbeddedServer) -> Iterator[str]:
    with fresh(demo_server, BEFORE) as dsn:
        yield dsn


@pytest.mark.parametrize("sql", SAID)
def test_the_words_are_for_a_person(database: str, sql: str) -> None:
    told = reasons(ask(database, sql))
    assert SAID[sql] in told
    assert "None" not in told
    assert " none" not in told


def test_what_another_file_makes_anew_is_not_said_to_be_in_this_one(database: str) -> None:
    told = reasons(ask(database, "drop domain amount; create domain amount as text"))
    assert "anew by a later statement" in told
