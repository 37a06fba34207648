"""Claims judged by rows of a catalogue in memory: kind by kind, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.database.catalogue.records import (
    ENUMS,
    EXTENSIONS,
    POLICIES,
    ROUTINE_NAMES,
    TRIGGERS,
    TYPES,
)
from smoke.database.migration.references import KEPT
from tests.support.catalogue import Rows, column, relation, table, told

T = table("t", column("t", "a"))
WITH_KEY = table("t", column("t", "a", not_null=True), row_security=True, persistence="u")
ENUM: Rows = {
    TYPES: [("public", "e", 900, "e", "postgres", 0, 0, "e")],
    ENUMS: [("public", "e", ["new", "paid"])],
}
ROLE: Rows = {
    KEPT["role"].rows: [("bob", 7, None)],
    "FROM pg_roles r": [("bob", {"rolcanlogin": True, "rolconnlimit": -1})],
    "FROM pg_auth_members": [("staff", "bob", {"admin_option": False, "set_option": True})],
    "FROM pg_db_role_setting": [("bob", "", ["work_mem=4MB"])],
}
PUBLICATION: Rows = {
    **T,
    KEPT["publication"].rows: [("p", 5, "postgres")],
    "FROM pg_publication p": [("p", 5, False, ["insert", "update"], True, "")],
    "FROM pg_publication_rel": [(5, "public", "t", None, ["a"])],
}
FOREIGN: Rows = {
    KEPT["foreign data wrapper"].rows: [("w", 3, "postgres")],
    KEPT["server"].rows: [("s", 4, "postgres")],
    "FROM pg_foreign_server s": [("s", ["host=db"], "w", None)],
    "FROM pg_user_mappings": [("ann", "s", ["user=a", "password=x"]), ("eve", "s", None)],
}
EVENT: Rows = {
    KEPT["event trigger"].rows: [("g", 6, "postgres")],
    "FROM pg_event_trigger e": [("g", "ddl_command_end", "f", ["CREATE TABLE"], "D")],
}
RIGHTS: Rows = {
    **T,
    "a.attacl": [("public", "t", "ann", "UPDATE", False, "a")],
    "c.relacl": [
        ("public", "t", "bob", "SELECT", False),
        ("public", "t", "eve", "SELECT", True),
        ("public", "t", "", "INSERT", False),
    ],
}
POLICY: Rows = {**T, POLICIES: [("public", "t", "p", 8, "r", True, "(a > 1)", None, ["bob"])]}
TRIGGER: Rows = {
    **T,
    TRIGGERS: [
        (
            "public",
            "t",
            "g",
            "D",
            "CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION f()",
            "public",
            "f",
            9,
        )
    ],
    ROUTINE_NAMES: [("f", "public", True)],
}
CASES: list[tuple[Rows, str, str, str]] = [
    ({}, "create table t (a int)", "not applied", "there is no table public.t in this database"),
    (T, "create table t (a int)", "applied", "table public.t is there; column a is there"),
    (T, "alter table t add b int", "not applied", "public.t has no column b (its columns: a)"),
    (T, "alter table t alter a type bigint", "not applied", "column a is integer, not bigint"),
    (T, "alter table t alter a set not null", "not applied", "its NOT NULL is missing"),
    (WITH_KEY, "alter table t alter a set not null", "applied", "column a is NOT NULL"),
    (T, "alter table t drop column a", "not applied", "column a is still there (integer)"),
    (T, "alter table t drop column b", "applied", "public.t has no column b"),
    (WITH_KEY, "alter table t enable row level security", "applied", "public.t is on"),
    (WITH_KEY, "alter table t set logged", "not applied", "public.t is unlogged"),
    (T, "alter table t set (fillfactor = 70)", "not applied", "fillfactor not set"),
    (T, "alter table t owner to bob", "not applied", "belongs to postgres, not bob"),
    (T, "alter table t owner to current_user", "applied", "public.t belongs to postgres"),
    (T, "alter table t rename to u", "not applied", "table t still has its old name"),
    (T, "alter table t set schema other", "not applied", "table t is still in schema public"),
    (T, "drop table t", "not applied", "table public.t is still there"),
    ({}, "drop table t", "applied", "table public.t is not there"),
    (T, "comment on table t is 'x'", "not applied", "table public.t has no comment"),
    (ENUM, "create type e as enum ('new', 'paid')", "applied", "is there (new, paid)"),
    (ENUM, "alter type e add value 'void'", "not applied", "has no value 'void' (new, paid)"),
    (ENUM, "alter type e add value 'paid' before 'new'", "partly", "'paid' stands elsewhere"),
    (ENUM, "alter type e rename value 'new' to 'n'", "not applied", "has the values new, paid"),
    (ROLE, "create role bob login", "applied", "role bob has canlogin true"),
    (ROLE, "alter role bob connection limit 3", "not applied", "connectionlimit -1"),
    (ROLE, "grant staff to bob", "applied", "bob is a member of staff"),
    (ROLE, "grant staff to bob with admin option", "partly", "admin is False"),
    (ROLE, "revoke staff from bob", "not applied", "bob is a member of staff"),
    (ROLE, "alter role bob set work_mem = '8MB'", "not applied", "work_mem of bob is 4MB"),
    (ROLE, "alter role bob password 'x'", "cannot tell", "password of bob cannot be seen"),
    (PUBLICATION, "alter publication p add table t (a)", "applied", "p publishes public.t"),
    (PUBLICATION, "alter publication p add table t", "not applied", "with other columns (a)"),
    (PUBLICATION, "alter publication p drop table t", "not applied", "p publishes public.t"),
    (PUBLICATION, "alter publication p set (publish = 'insert')", "not applied", "insert, update"),
    (FOREIGN, "create server s foreign data wrapper w options (host 'db')", "applied", "host db"),
    (FOREIGN, "alter server s version '2'", "not applied", "server s has version none"),
    (FOREIGN, "alter user mapping for ann server s options (set password 'x')", "applied", "set"),
    (FOREIGN, "alter user mapping for eve server s options (set user 'e')", "cannot tell", "seen"),
    (FOREIGN, "drop user mapping for ann server s", "not applied", "ann at s is still there"),
    (FOREIGN, "drop user mapping for bob server s", "applied", "bob at s is not there"),
    (EVENT, "alter event trigger g enable", "not applied", "event trigger g is disabled"),
    (
        EVENT,
        "create event trigger g on ddl_command_end when tag in ('create table') execute function f()",
        "partly",
        "event trigger g is disabled; in place: event trigger g is there",
    ),
    (RIGHTS, "grant select on t to bob", "applied", "bob has SELECT on public.t"),
    (RIGHTS, "grant select on t to bob with grant option", "not applied", "without GRANT OPTION"),
    (RIGHTS, "grant select on t to eve with grant option", "applied", "eve has SELECT"),
    (RIGHTS, "revoke insert on t from bob", "applied", "but PUBLIC has it"),
    (RIGHTS, "revoke grant option for select on t from eve", "not applied", "eve may pass on"),
    (RIGHTS, "grant update (a) on t to ann", "applied", "ann has UPDATE on public.t (a)"),
    (RIGHTS, "revoke update on t from ann", "not applied", "ann still has UPDATE on public.t"),
    (POLICY, "create policy p on t for select to bob using (a > 1)", "applied", "p is there"),
    (
        POLICY,
        "create policy p on t using (a > 1)",
        "not applied",
        "another command (select), roles",
    ),
    (POLICY, "create policy q on t using (a > 1)", "not applied", "no policy q on public.t"),
    (
        TRIGGER,
        "create trigger g before insert on t for each row execute function f()",
        "partly",
        "trigger g is disabled; in place: trigger g is there",
    ),
    (
        TRIGGER,
        "create trigger g after insert on t for each row execute function f()",
        "not applied",
        "trigger g is there with another definition",
    ),
    (
        {KEPT["extension"].rows: [("x", 2, "postgres")], EXTENSIONS: [("x", "public", "1", "2")]},
        "alter extension x update",
        "not applied",
        "extension x has version 1",
    ),
    (
        {KEPT["extension"].rows: [("x", 2, "postgres")], EXTENSIONS: [("x", "public", "1", "2")]},
        "create extension x schema extensions",
        "partly",
        "extension x is in schema public",
    ),
    ({"FROM pg_cast c": []}, "drop cast (int4 as text)", "applied", "(integer as text) is not"),
]


@pytest.mark.parametrize(
    ("rows", "sql", "verdict", "words"), CASES, ids=[case[1] for case in CASES]
)
def test_one_statement(rows: Rows, sql: str, verdict: str, words: str) -> None:
    ((found, said),) = told(rows, sql)
    assert found == verdict, said
    assert words in said


@pytest.mark.parametrize(
    ("rows", "sql", "verdicts"),
    [
        (
            T,
            "create table t (a int); alter table t rename a to b; alter table t rename to u",
            "ann",
        ),
        (T, "create table t (a int); drop table t", "an"),
        (RIGHTS, "grant select on t to bob; revoke select on t from bob", "an"),
        (RIGHTS, "grant update on t to ann; revoke update on t from ann", "nn"),
        (
            ENUM,
            "create type e as enum ('new', 'paid'); alter type e rename value 'new' to 'n'",
            "an",
        ),
        (
            PUBLICATION,
            "create publication p for table t (a); alter publication p rename to q",
            "pn",
        ),
    ],
)
def test_a_later_change_is_blamed_itself(rows: Rows, sql: str, verdicts: str) -> None:
    letters = {"applied": "a", "not applied": "n", "partly": "p"}
    assert "".join(letters[verdict] for verdict, _ in told(rows, sql)) == verdicts


def test_what_is_renamed_with_its_schema_is_found_there() -> None:
    rows: dict[Any, Any] = {
        "FROM pg_class c JOIN pg_namespace n": [relation("t", schema="y")],
        KEPT["schema"].rows: [("y", 2, "postgres")],
        "SELECT nspname FROM pg_namespace": [("public",), ("y",)],
    }
    script = "create schema z; create table z.t (); alter schema z rename to y"
    assert [verdict for verdict, _ in told(rows, script)] == ["applied"] * 3
