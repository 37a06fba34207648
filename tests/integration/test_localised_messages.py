"""A real server that speaks each language it is translated into, and what is found in what it says.

The catalogues are those of a PostgreSQL that was installed by Debian's package (the wheel has English only). A
session's `lc_messages` needs a locale of that language. Where the machine has none, one is made for the server
alone: a folder of the C locale's files under the language's name, which is all that gettext looks at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from smoke.classify.messages import find_messages, labels
from smoke.classify.messages._table import ROWS
from smoke.demo.account import server_account

LOCALES = {
    "de": "de_DE", "es": "es_ES", "fr": "fr_FR", "it": "it_IT", "ja": "ja_JP", "ka": "ka_GE", "ko": "ko_KR",
    "ru": "ru_RU", "sv": "sv_SE", "uk": "uk_UA", "zh_CN": "zh_CN",
}  # fmt: skip
CATALOGUES = Path("/usr/share/locale")
C_LOCALE = Path("/usr/lib/locale/C.utf8")
NEWEST_FIRST = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True
)

SCHEMA = """
CREATE TABLE "order items" (id int CONSTRAINT "Bestell»ung_pk" PRIMARY KEY, amount int NOT NULL,
    CONSTRAINT "数量_チェック" CHECK (amount > 0));
CREATE TABLE lines (item int CONSTRAINT lines_item_fk REFERENCES "order items", CONSTRAINT "a, b" UNIQUE (item));
INSERT INTO "order items" VALUES (1, 1);
INSERT INTO lines VALUES (1);
"""
CASES = {
    "unique": ('INSERT INTO "order items" VALUES (1, 1)', "23505", {"constraint_name": "Bestell»ung_pk"}),
    "comma": ("INSERT INTO lines VALUES (1)", "23505", {"constraint_name": "a, b"}),
    "insert": ("INSERT INTO lines VALUES (7)", "23503", {"constraint_name": "lines_item_fk", "table_name": "lines"}),
    "delete": (
        'DELETE FROM "order items"',
        "23503",
        {"constraint_name": "lines_item_fk", "table_name": "lines", "referenced_table": "order items"},
    ),
    "null": ('INSERT INTO "order items" VALUES (2, NULL)', "23502", {"column_name": "amount", "table_name": "order items"}),
    "check": (
        'INSERT INTO "order items" VALUES (2, 0)',
        "23514",
        {"constraint_name": "数量_チェック", "table_name": "order items"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    """A server with catalogues, in whose environment the locales exist."""
    if not NEWEST_FIRST or not list(CATALOGUES.glob("*/LC_MESSAGES/postgres-*.mo")):
        pytest.skip("no PostgreSQL with message catalogues: apt-get install postgresql")
    if not C_LOCALE.is_dir():
        pytest.skip(f"no {C_LOCALE}: locales of other languages cannot be made of it")
    home = Path(tempfile.mkdtemp(prefix="smoke-spoken-"))
    for name in (*(f"{name}.utf8" for name in LOCALES.values()), "C.utf8"):
        (home / name).symlink_to(C_LOCALE)
    environment = {
        "PATH": "/usr/bin:/bin",
        "LOCPATH": str(home),
        "LC_ALL": "C.utf8",
        "HOME": str(home),
    }
    account = server_account()
    credentials: dict[str, Any] = {}
    if account is not None:
        os.chown(home, account.uid, account.gid)
        credentials = {"user": account.uid, "group": account.gid, "extra_groups": []}
    data, log = home / "data", home / "log"
    where = f"host={home} port=5432 user=postgres dbname=postgres"

    def run(*command: str) -> None:
        # the server inherits what is open: with a file in place of a pipe nobody waits for it
        with log.open("ab") as output:
            subprocess.run(
                command,
                env=environment,
                cwd=home,
                check=True,
                stdout=output,
                stderr=output,
                **credentials,
            )

    binaries = NEWEST_FIRST[0]
    try:
        run(
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        )
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -p 5432"
        run(
            str(binaries / "pg_ctl"),
            "-D",
            str(data),
            "-l",
            str(home / "server.log"),
            "-w",
            "-o",
            options,
            "start",
        )
        try:
            with psycopg.connect(where, autocommit=True) as connection:
                connection.execute(SCHEMA)
            yield where
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home)


def provoked(dsn: str, language: str, statement: str) -> psycopg.Error:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"SET lc_messages = '{LOCALES[language]}.utf8'".encode())
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement.encode())
        return caught.value


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("case", CASES)
def test_what_the_server_says_in_its_language_is_found(dsn: str, language: str, case: str) -> None:
    statement, sqlstate, fields = CASES[case]
    error = provoked(dsn, language, statement)
    assert error.sqlstate == sqlstate
    found = [match for match in find_messages(str(error)) if match.kind == "primary"]
    assert [match.sqlstate for match in found] == [sqlstate], str(error)
    assert {name: found[0].value(name) for name in fields} == fields
    assert error.diag.constraint_name == fields.get("constraint_name")
    details = [match for match in find_messages(str(error)) if match.kind == "detail"]
    if error.diag.message_detail:
        assert [match.value("values") for match in details] != [], str(error)


@pytest.mark.parametrize("language", LOCALES)
def test_the_server_really_spoke_that_language(dsn: str, language: str) -> None:
    error = provoked(dsn, language, CASES["unique"][0])
    assert {match.language for match in find_messages(str(error))} == {language}
    assert error.diag.severity is not None
    assert labels()[error.diag.severity] == "ERROR"


def test_the_catalogues_are_those_of_the_table() -> None:
    assert set(LOCALES) <= {language for _, language, _ in ROWS}
