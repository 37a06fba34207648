"""Where a DSN is taken from, and what is never said of it."""

from __future__ import annotations

import pytest

from smoke.database.answers.keys import key_values
from smoke.database.dsn import find_dsn, read_dsn
from smoke.database.identity import supabase_ref
from smoke.database.lookup import split_name
from smoke.diagnostic import SmokeError


def test_the_named_variable_wins_over_the_usual_ones() -> None:
    environ = {"SMOKE_DSN": "host=a", "DATABASE_URL": "host=b", "STAGING": "host=c"}
    assert find_dsn(environ).conninfo == "host=a"
    assert find_dsn({"DATABASE_URL": "host=b"}).conninfo == "host=b"
    assert find_dsn(environ, "STAGING").source == "STAGING"


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({}, ""),
        ({}, "NOPE"),
        ({}, "postgresql://u:hunter2@h/db"),
        ({"SMOKE_DSN": "mysql://u:hunter2@h/db"}, ""),
        ({"SMOKE_DSN": "postgresql://u:hunter2#x@h/db"}, ""),
        ({"SMOKE_DSN": "postgresql://u:hunter2@[h/db"}, ""),
        ({"SMOKE_DSN": "hunter2"}, ""),
        ({"SMOKE_DSN": "host=h hunter2"}, ""),
        ({"SMOKE_DSN": "host=h password='hunter2"}, ""),
    ],
)
def test_a_dsn_that_cannot_be_used_is_a_message_without_its_password(
    environ: dict[str, str], variable: str
) -> None:
    with pytest.raises(SmokeError) as caught:
        find_dsn(environ, variable)
    told = repr(caught.value.diagnostics)
    assert caught.value.diagnostics[0].code in ("no-dsn", "bad-dsn")
    assert "hunter2" not in told


def test_parameters_of_other_drivers_are_left_out_and_a_schema_is_the_search_path() -> None:
    dsn = read_dsn(
        "postgresql+psycopg2://u:p%40ss@h:6543/db?schema=shop&pgbouncer=true&sslmode=require", "X"
    )
    assert dsn.conninfo == "postgresql://u:p%40ss@h:6543/db?sslmode=require"
    assert dsn.search_path == ("shop",)
    assert "p%40ss" not in repr(dsn)


@pytest.mark.parametrize(
    ("host", "user", "ref"),
    [
        ("db.abcdefghijklmnopqrst.supabase.co", "postgres", "abcdefghijklmnopqrst"),
        (
            "aws-0-eu-west-1.pooler.supabase.com",
            "postgres.abcdefghijklmnopqrst",
            "abcdefghijklmnopqrst",
        ),
        ("db.example", "postgres.abcdefghijklmnopqrst", ""),
        ("localhost", "postgres", ""),
    ],
)
def test_a_supabase_project_is_known_by_host_or_user(host: str, user: str, ref: str) -> None:
    assert supabase_ref(host, user) == ref


def test_names_are_split_by_the_rules_of_quotes() -> None:
    assert split_name("t") == (None, "t")
    assert split_name("s.t") == ("s", "t")
    assert split_name('"a.b"."c""d"') == ("a.b", 'c"d')


def test_a_keys_values_are_read_only_when_they_can_be_told_apart() -> None:
    assert key_values("Key (a)=(x, y) already exists.", ["a"]) == ("x, y",)
    assert key_values("Key (a, b)=(1, 2) already exists.", ["a", "b"]) == ("1", "2")
    assert key_values("Key (a, b)=(1, 2, 3) already exists.", ["a", "b"]) is None
    assert key_values("Key (a)=(1) already exists.", ["b"]) is None
    assert key_values("", ["a"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "host=",
        "host = a  password='it\\'s me'",
        "password=a\\ b dbname=x",
        "host='/tmp/x y' port=5432",
        "host=a'b",
    ],
)
def test_keywords_are_taken_as_libpq_takes_them(text: str) -> None:
    from psycopg import conninfo

    assert conninfo.conninfo_to_dict(read_dsn(text, "SMOKE_DSN").conninfo)
