"""Names and texts become SQL that means exactly them, judged by a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smoke.demo.postgres import EmbeddedServer
from smoke.sql import LONGEST_NAME, identifier, literal, relation, usable_name
from smoke.text import safe_line
from tests.support.samples import NASTY


@pytest.fixture
def connection(demo_server: EmbeddedServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(demo_server.dsn(), autocommit=True) as connected:
        yield connected


def value(connection: psycopg.Connection[tuple[object, ...]], sql: str, *values: str) -> object:
    row = connection.execute(sql, values or None).fetchone()
    assert row is not None
    return row[0]


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(NAMES)
def test_name_and_text_survive(
    connection: psycopg.Connection[tuple[object, ...]], name: str
) -> None:
    """PostgreSQL reads back exactly the name and the text, and nothing invisible stands in the SQL."""
    cursor = connection.execute(f"SELECT 1 AS {identifier(name)}")
    assert cursor.description is not None
    assert cursor.description[0].name == name
    assert value(connection, f"SELECT {literal(name)}") == name
    assert safe_line(identifier(name) + literal(name)) == identifier(name) + literal(name)


def test_quotes_where_postgresql_does(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Each keyword is quoted exactly where quote_ident quotes it; more would do no harm, less would."""
    words = [str(row[0]) for row in connection.execute("SELECT word FROM pg_get_keywords()")]
    assert len(words) > 400
    theirs = {word: value(connection, "SELECT quote_ident(%s)", word) for word in words}
    assert {word: identifier(word) for word in words} == theirs


@pytest.mark.parametrize(
    "name", ["a", "_a1", "A", "a b", "1a", "a-b", 'a"b', "ä", "user", "x'y", "a$", "日本"]
)
def test_quotes_as_quote_ident(
    connection: psycopg.Connection[tuple[object, ...]], name: str
) -> None:
    assert identifier(name) == value(connection, "SELECT quote_ident(%s)", name)


def test_what_cannot_be_a_name() -> None:
    assert usable_name("x" * LONGEST_NAME)
    assert not usable_name("x" * (LONGEST_NAME + 1))
    assert not usable_name("ä" * 32)
    assert not usable_name("")
    assert not usable_name("a\0b")


def test_relation_with_and_without_schema() -> None:
    assert relation("orders") == "orders"
    assert relation("Order", "my shop") == '"my shop"."Order"'


def test_no_character_of_an_attack_is_raw() -> None:
    assert identifier('x"; DROP TABLE orders; --') == '"x""; DROP TABLE orders; --"'
    assert literal("'; DROP TABLE orders; --") == "'''; DROP TABLE orders; --'"
    assert identifier("a\x1b[2Jb\\") == 'U&"a\\001b[2Jb\\\\"'
    assert literal("a\u202e'") == "U&'a\\202e'''"
    assert safe_line(identifier(NASTY)) == identifier(NASTY)
