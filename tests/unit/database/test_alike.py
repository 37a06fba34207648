"""What is plainly the same without a question to the server, and what is left to it."""

from __future__ import annotations

import pytest

pytest.importorskip("postgast")

from smoke.database.migration.alike import Alike, bare
from smoke.database.migration.tree import parse_expression

TYPES = {
    "price": "numeric(10,2)",
    "state": "text",
    "mail": "character varying(200)",
    "at": "timestamp with time zone",
    "n": "bigint",
}
ALIKE = Alike(TYPES, {"lower", "now", "length"}.__contains__, {"old": "state"})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("price >= 0", "(price >= (0)::numeric)"),
        ("state = 'new'", "(state = 'new'::text)"),
        ("old = 'new'", "(state = 'new'::text)"),
        ("state IN ('a', 'b')", "(state = ANY (ARRAY['a'::text, 'b'::text]))"),
        ("state NOT IN ('a')", "(state <> ALL (ARRAY['a'::text]))"),
        (
            "mail IN ('a')",
            "((mail)::text = ANY ((ARRAY['a'::character varying])::text[]))",
        ),
        ("lower(mail)", "lower((mail)::text)"),
        ("a.state IS NOT NULL AND n > 1", "((state IS NOT NULL) AND (n > 1))"),
        ("at < now()", "(at < now())"),
    ],
)
def test_what_the_server_adds_makes_no_difference(wanted: str, found: str) -> None:
    assert ALIKE.same(parse_expression(wanted), parse_expression(found))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("state = 'new'", "(state = 'old'::text)"),
        ("state NOT IN ('a', 'b')", "(state <> ANY (ARRAY['a'::text, 'b'::text]))"),
        ("state IN ('a', 'b')", "(state <> ALL (ARRAY['a'::text, 'b'::text]))"),
        ("state IN ('a', 'b')", "(state = ANY (ARRAY['a'::text]))"),
        ("at > '2020-01-01'", "(at > '2020-01-01'::date)"),
        ("n > 0", "(n > (0)::bigint)"),
        ("price > 0", "(price > (1)::numeric)"),
        ("n = 1", "(n = '1'::bigint)"),
        ("state = 'new'", "((state)::integer = 'new'::text)"),
        ("mine(state)", "mine(state)"),
        ("count(state)", "count(DISTINCT state)"),
        ("unknown = 1", "(unknown = 1)"),
        ("state = mail", "(state = 'mail'::text)"),
        ("state = NULL", "(state = 'NULL'::text)"),
        ("n > 1 AND price > 1", "((n > 1) OR (price > (1)::numeric))"),
        ("state IS NULL", "(state IS NOT NULL)"),
    ],
)
def test_any_other_difference_is_left_to_the_server(wanted: str, found: str) -> None:
    assert not ALIKE.same(parse_expression(wanted), parse_expression(found))


def test_a_type_without_its_modifier() -> None:
    assert bare("character varying(200)") == "character varying"
    assert bare("timestamp(3) with time zone") == "timestamp with time zone"
    assert bare("numeric(10,2)[]") == "numeric(10,2)[]"
