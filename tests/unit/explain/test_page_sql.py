"""The SQL of the pages runs as it is pasted, with a name put in that no search_path leads to."""

from __future__ import annotations

import re

import psycopg
import pytest

from smoke.demo.postgres import EmbeddedServer
from smoke.explain import codes, explain

_BLOCK = re.compile(r"```sql\n(.*?)```", re.DOTALL)


def statements() -> list[str]:
    """Every statement with a placeholder for a name, of every page."""
    found: dict[str, None] = {}
    for code in codes():
        page = explain(code)
        text = page.markdown() if page is not None else ""
        for block in _BLOCK.findall(text):
            for statement in block.split(";\n"):
                if "'NAME'" in statement or "'TABLE" in statement:
                    found[statement.strip()] = None
    return list(found)


@pytest.mark.parametrize("statement", statements())
def test_it_runs_whatever_the_schema(demo_server: EmbeddedServer, statement: str) -> None:
    with psycopg.connect(demo_server.dsn()) as connection:
        connection.execute("CREATE SCHEMA garden")
        connection.execute(
            "CREATE TABLE garden.outbox (id serial, CONSTRAINT outbox_uq UNIQUE (id))"
        )
        sql = statement.replace("'NAME'", "'outbox_uq'").replace("'TABLE", "'outbox")
        connection.execute(sql)
        connection.rollback()
    assert len(statements()) > 10
