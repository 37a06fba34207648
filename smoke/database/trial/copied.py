"""A connection to the copy: statements are carried out there, and what was tried is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CopyRefusal:
    """What the copy's server said in place of carrying out a statement; its detail, which has values of rows, is left out."""

    sqlstate: str
    message: str
    rule: str = ""
    table: str = ""
    column: str = ""


class Copy:
    """The copied schema on a server that ends with the trial: here alone smoke writes."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    @property
    def open(self) -> bool:
        """Whether a transaction is open (or failed)."""
        import psycopg

        idle = psycopg.pq.TransactionStatus.IDLE
        return self._connection.info.transaction_status != idle

    def run(self, sql: str, *values: object) -> CopyRefusal | None:
        """Carry out one statement; the refusal, where there is one."""
        import psycopg

        try:
            self._connection.execute(sql.encode(), values or None)
        except psycopg.Error as error:
            said = error.diag
            message = said.message_primary or str(error).strip() or "refused"
            if (error.sqlstate or "").startswith("22"):
                message = message.partition(":")[0]  # what follows is the value of a row
            return CopyRefusal(
                error.sqlstate or "",
                message,
                said.constraint_name or "",
                said.table_name or "",
                said.column_name or "",
            )
        return None

    def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows of one of our own questions."""
        return self._connection.execute(sql.encode(), values or None).fetchall()

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """What is done meanwhile is undone at the end. No transaction may be open."""
        self._connection.execute(b"BEGIN")
        try:
            yield
        finally:
            self._connection.execute(b"ROLLBACK")
