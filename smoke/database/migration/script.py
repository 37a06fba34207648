"""A migration's statements, parsed by PostgreSQL's own parser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smoke.database.migration.split import Piece, split
from smoke.diagnostic import SmokeError
from smoke.extras import install_command


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
        "g",
        "gx",
        "gset",
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
