"""Prints what looking into a server's other databases adds, when one effect of a large schema is missing.

Run it: python tests/benchmarks/elsewhere_speed.py [TABLES] [DATABASES]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psycopg

from smoke.app.databases import db_applied
from smoke.app.migrations import db_migrations
from smoke.demo.postgres import EmbeddedServer
from tests.benchmarks.migration_speed import schema


def main() -> None:
    """The same question without and with the others, of a file and of a Flyway project."""
    tables, others = (int(word) for word in (*sys.argv[1:], "1000", "4")[:2])
    statements = schema(tables).splitlines()
    with EmbeddedServer() as server, tempfile.TemporaryDirectory() as folder:
        dsn = server.create_database("here")
        with psycopg.connect(dsn, autocommit=True) as database:
            for statement in statements:
                database.execute(statement.encode())
        with psycopg.connect(server.dsn(), autocommit=True) as database:
            for number in range(others):
                database.execute(f"CREATE DATABASE there_{number} TEMPLATE here".encode())
        with psycopg.connect(dsn, autocommit=True) as database:
            database.execute(b"DROP INDEX table_1_ix")
        file = Path(folder, "schema.sql")
        file.write_text("\n".join(statements))
        project = Path(folder, "db", "migration")
        project.mkdir(parents=True)
        for number in range(0, len(statements), 10):
            text = "\n".join(statements[number : number + 10])
            (project / f"V{number + 1}__part.sql").write_text(text)
        environ = {"SMOKE_DSN": dsn}
        for here_only in (True, False):
            start = time.perf_counter()
            told = db_applied(file, here_only=here_only, environ=environ)
            of_file = time.perf_counter() - start
            start = time.perf_counter()
            found = db_migrations(project, here_only=here_only, environ=environ)
            of_project = time.perf_counter() - start
            rows = [row for listing in found.projects for row in listing.rows if row.elsewhere]
            print(
                f"{tables} tables, {0 if here_only else others} other databases: file {of_file:5.1f} s"
                f" ({len(told.applied_in)} found), project {of_project:5.1f} s ({len(rows)} found)",
                flush=True,
            )


if __name__ == "__main__":
    main()
