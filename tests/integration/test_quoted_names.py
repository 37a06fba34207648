"""A rule whose name holds quotation marks is read whole, however it is written, and quoted again in SQL."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

import smoke
from smoke.advice import advise_in
from smoke.demo.postgres import EmbeddedServer
from tests.support.running import run_text
from tests.support.scripted import scripted

NAMES = (
    'x"; DROP TABLE orders; --',
    'a"b',
    "it's",
    'two "words" here',
    'x""y',
    "back\\slash",
    'ä"ö',
)
ONE = "name: one\nsummary: One.\nsteps: [{name: Order, request: {url: /, json: {a: 1}}}]\n"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize(
    "written",
    [
        "{message}",
        "{message}\nDETAIL:  Key (a)=(1) already exists.",
        "error: {message}\n    at Parser.parse (/app/node_modules/pg-protocol/dist/parser.js:283:98)",
        "{message} (SQLSTATE 23505)",
    ],
)
def test_a_name_in_a_message(name: str, doubled: bool, written: str) -> None:
    shown = name.replace('"', '""') if doubled else name
    if not doubled and '""' in name:
        pytest.skip("two marks side by side are one, doubled")
    message = f'duplicate key value violates unique constraint "{shown}"'
    if "SQLSTATE" in written and '"' in name and not doubled:
        pytest.skip("nothing tells the name's marks from those around it")
    text = written.format(message=message)
    for body in (text, json.dumps({"error": text}), json.dumps({"body": json.dumps({"e": text})})):
        found = smoke.classify_response(500, [("content-type", "application/json")], body.encode())
        assert found[0].database_error is not None
        assert found[0].database_error.constraint_name == name, body


@pytest.mark.parametrize(
    "text",
    [
        'duplicate key value violates unique constraint "jobs_uq"; nested exception is PSQLException: "jobs_uq" again',
        'could not insert; "ERROR: duplicate key value violates unique constraint "jobs_uq"; try again"',
        'duplicate key value violates unique constraint "jobs_uq", at "line 1"',
    ],
)
def test_what_stands_behind_a_name_is_none_of_it(text: str) -> None:
    found = smoke.classify_response(500, [("content-type", "text/plain")], text.encode())
    assert found[0].database_error is not None
    assert found[0].database_error.constraint_name == "jobs_uq"


@pytest.mark.parametrize("name", [name for name in NAMES if '""' not in name])
def test_the_servers_own_message_leads_to_sql_that_finds_the_rule(
    demo_server: EmbeddedServer, tmp_path: Path, name: str
) -> None:
    dsn = demo_server.create_database("quoted")
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        with psycopg.connect(dsn, autocommit=True) as connection, scripted() as shop:
            connection.execute(f"CREATE TABLE t (a int, CONSTRAINT {quoted} UNIQUE (a))")
            connection.execute("INSERT INTO t VALUES (1)")
            with pytest.raises(psycopg.errors.UniqueViolation) as refused:
                connection.execute("INSERT INTO t VALUES (1)")
            shop.on("POST /", 500, {"error": str(refused.value)})
            run = run_text(tmp_path, shop.url, ONE)
            (finding,) = run.findings
            assert finding.database_error is not None
            assert finding.database_error.constraint_name == name
            advice = advise_in(run, finding)
            found = connection.execute(advice.verify[0].sql).fetchall()
            assert name in found[0]
    finally:
        demo_server.drop_database(dsn)
