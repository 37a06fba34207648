"""A migration's statements, parsed by PostgreSQL's own parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smoke.database.migration.split import Piece, split
from smoke.diagnostic import SmokeError
from smoke.extras import install_command
from smoke.inputs import read_input

LARGEST = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: `node` is the parser's tree (a protobuf message), None with `problem` saying why."""

    sql: str
    line: int
    file: str
    kind: str = ""
    node: Any = None
    problem: str = ""
    idle: str = ""
    """Why it has no effect here whatever it says: rolled back, or of a down section."""


def read_script(text: str, file: str = "") -> list[Statement]:
    """The statements of a script. Raises SmokeError (`database-missing-extra`) without the parser."""
    statements = [_parsed(piece, file) for piece in split(text.removeprefix("\ufeff"))]
    return _without_rolled_back(statements)


def _parsed(piece: Piece, file: str) -> Statement:
    if piece.aside == "psql":
        return _meta_command(piece, file)
    postgast = _parser()
    try:
        tree = postgast.parse(piece.sql)
    except postgast.PgQueryError as error:
        return Statement(
            piece.sql, piece.line, file, "syntax error", problem=_problem(error, piece.sql)
        )
    if len(tree.stmts) != 1:
        return Statement(piece.sql, piece.line, file, "unknown", problem="not one statement")
    node = tree.stmts[0].stmt
    kind = node.WhichOneof("node")
    idle = "it is in the down section of the file" if piece.aside == "down" else ""
    return Statement(piece.sql, piece.line, file, kind, getattr(node, kind), idle=idle)


_IDLE_COMMANDS = frozenset(
    [
        "set",
        "unset",
        "echo",
        "qecho",
        "warn",
        "restrict",
        "unrestrict",
        "pset",
        "timing",
        "encoding",
        "o",
        "out",
        "a",
        "f",
        "t",
        "x",
        "q",
        "quit",
        "prompt",
    ]
)


def _meta_command(piece: Piece, file: str) -> Statement:
    name = piece.sql[1:].split(None, 1)[0].lower() if piece.sql[1:].strip() else ""
    if name in _IDLE_COMMANDS:
        return Statement(piece.sql, piece.line, file, "psql", idle="a setting of psql")
    return Statement(
        piece.sql, piece.line, file, "psql", problem="a psql command: smoke does not run it"
    )


def connects_to(statement: Statement) -> str | None:
    """The database that a psql command connects to; None for any other statement."""
    words = statement.sql.split() if statement.kind == "psql" else []
    if not words or words[0] not in ("\\c", "\\connect") or len(words) == 1:
        return None
    return words[1].strip('"')


def _problem(error: Any, sql: str) -> str:
    message = str(error.message)
    if not message.startswith("syntax error"):
        message = f"syntax error: {message}"
    line = sql.count("\n", 0, max(error.cursorpos - 1, 0)) + 1 if error.cursorpos else 1
    return message + (f" (line {line} of the statement)" if line > 1 else "")


def _parser() -> Any:
    try:
        import postgast
    except ImportError as error:
        raise SmokeError.of(
            "database-missing-extra",
            "reading a migration needs PostgreSQL's parser",
            notes=[install_command("db")],
        ) from error
    return postgast


def _without_rolled_back(statements: list[Statement]) -> list[Statement]:
    """The statements; those between BEGIN and ROLLBACK (or a savepoint and its rollback) marked as idle."""
    from dataclasses import replace

    kinds = _transaction_kinds()
    result = list(statements)
    opened: int | None = None
    savepoints: list[tuple[str, int]] = []
    for index, statement in enumerate(statements):
        if statement.kind != "transaction_stmt" or statement.idle:
            continue
        kind = kinds.Name(statement.node.kind)
        name = statement.node.savepoint_name
        since: int | None = None
        if kind in ("TRANS_STMT_BEGIN", "TRANS_STMT_START"):
            opened, savepoints = index, []
        elif kind == "TRANS_STMT_SAVEPOINT":
            savepoints.append((name, index))
        elif kind == "TRANS_STMT_ROLLBACK":
            since, opened, savepoints = opened, None, []
        elif kind == "TRANS_STMT_ROLLBACK_TO":
            since = next((at for known, at in reversed(savepoints) if known == name), None)
        elif kind in ("TRANS_STMT_COMMIT", "TRANS_STMT_PREPARE"):
            opened, savepoints = None, []
        if since is not None:
            for inner in range(since + 1, index):
                if result[inner].kind != "transaction_stmt" and not result[inner].idle:
                    why = f"the file rolls it back in line {statement.line}"
                    result[inner] = replace(result[inner], idle=why)
    return result


def _transaction_kinds() -> Any:
    return _parser().pg_query_pb2.TransactionStmtKind


def read_files(path: Path) -> list[tuple[str, str]]:
    """Name and text of a migration file, or of each `.sql` file under a folder in the order that tools run them.

    Undo files (`*.down.sql`, Flyway's `U…__`) are left out. Raises SmokeError: `no-migration`, `unreadable`.
    """
    if path.is_dir():
        files = sorted(
            (
                file
                for file in path.rglob("*.sql")
                if file.is_file() and not _undoes(file.relative_to(path))
            ),
            key=lambda file: _order(file.relative_to(path)),
        )
        if not files:
            raise SmokeError.of("no-migration", f"there is no .sql file in {path}")
    else:
        files = [path]
    return [(str(file), _text(file)) for file in files]


_UNDO_FOLDERS = frozenset({"down", "undo", "revert", "rollback", "rollbacks", "verify"})
"""Beside the folder of what runs forward: Sqitch's revert and verify, others' down or undo."""


def _undoes(path: Path) -> bool:
    name = path.name
    return (
        not _UNDO_FOLDERS.isdisjoint(part.lower() for part in path.parts[:-1])
        or name.lower().endswith(
            (".down.sql", "_down.sql", "-down.sql", ".undo.sql", ".rollback.sql")
        )
        or name.lower() == "down.sql"
        or re.match(r"U[0-9._]+__", name) is not None
    )


def _order(path: Path) -> tuple[bool, list[tuple[int, int, str]]]:
    """Numbers count as numbers; Flyway's repeatable migrations (`R__`) come last."""
    parts = re.findall(r"[0-9]+|[^0-9]+", str(path))
    return path.name.startswith("R__"), [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts
    ]


def _text(file: Path) -> str:
    try:
        data = read_input(file, LARGEST + 1)
    except OSError as error:
        raise SmokeError.of("unreadable", f"cannot read {file}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise SmokeError.of("unreadable", f"{file} is larger than {LARGEST >> 20} MiB")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SmokeError.of("unreadable", f"{file} is not UTF-8 text") from error
