"""One connection to a PostgreSQL that can only read; the only import of psycopg beside the demo's.

Read-only three times over: by the session's default, by `BEGIN READ ONLY`, and because the transaction is always
rolled back. Settings are made again inside the transaction, since a pooler in transaction mode drops those of the
start-up packet (or refuses them), and no statement is prepared under a name that another session would not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from smoke.database.dsn import Dsn, bad_dsn
from smoke.database.pipeline import asked, columns, portions, texts
from smoke.diagnostic import SmokeError
from smoke.extras import install_command

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the server may take, in seconds."""

    connect: int = 10
    statement: float = 15.0
    lock: float = 2.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said in place of rows."""

    sqlstate: str
    message: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the connection goes, as the client knows it."""

    host: str
    port: int
    user: str
    database: str
    tls: bool
    pooled: bool
    source: str


class Database:
    """An open read-only transaction. Made by `connect`."""

    def __init__(
        self,
        connection: psycopg.Connection[Row],
        endpoint: Endpoint,
        secret: str,
        begin: str,
        dsn: Dsn | None = None,
    ) -> None:
        self._connection = connection
        self._secret = secret
        self._begin = begin
        self._dsn = dsn
        self._savepoints = 0
        self.endpoint = endpoint

    @contextmanager
    def beside(self, name: str, limits: Limits) -> Iterator[Database]:
        """Another database of the same server, as the same role. Raises SmokeError as `connect`."""
        from psycopg import conninfo

        if self._dsn is None:
            raise SmokeError.of("no-dsn", "no database to ask")
        changed = conninfo.make_conninfo(self._dsn.conninfo, dbname=name)
        with connect(Dsn(changed, self._dsn.source, self._dsn.search_path), limits) as other:
            yield other

    def renew(self) -> None:
        """Begin the read-only transaction, anew if there is one: it sees what was committed until now."""
        import psycopg

        if self._connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            try:
                self._connection.execute("ROLLBACK")
            except psycopg.Error as error:
                raise self._refused(error) from error
        self.rows(self._begin)

    def limit(self, seconds: float) -> None:
        """Let no statement take longer, until the transaction ends (or the `savepoint` in which this is said)."""
        self.rows(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The rows of one of our own statements. Raises SmokeError when the server refuses."""
        import psycopg

        try:
            cursor = self._connection.execute(_query(sql), parameters or None)
            return cursor.fetchall() if cursor.description is not None else []
        except psycopg.Error as error:
            refused = self._refused(error)
            if not self._savepoints and not self._connection.closed:
                # the next question shall not be told that the transaction is aborted
                self._connection.execute("ROLLBACK TO SAVEPOINT asked")
            raise refused from error

    def row(self, sql: str, *parameters: object) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, *parameters)
        return found[0] if found else None

    def attempt(self, sql: str, *parameters: object) -> list[Row] | Refusal:
        """As `rows`, but a refusal is a value, and the transaction goes on."""
        import psycopg

        with self.savepoint():
            try:
                cursor = self._connection.execute(_query(sql), parameters or None)
                return cursor.fetchall() if cursor.description is not None else []
            except psycopg.OperationalError as error:
                if self._connection.closed or error.sqlstate == "57014":
                    raise self._refused(error) from error
                return self._refusal(error)
            except psycopg.Error as error:
                return self._refusal(error)

    def untrusted(
        self, sql: str, parameters: Sequence[str | None] = ()
    ) -> list[tuple[str | None, ...]] | Refusal:
        """Rows (as text) of somebody else's statement: exactly one, by the protocol that takes no second."""
        import psycopg

        with self.savepoint():
            try:
                values = [None if value is None else value.encode() for value in parameters]
                result = self._connection.pgconn.exec_params(sql.encode(), values or None)
            except psycopg.Error as error:
                raise self._refused(error) from error
            return self._answer(texts(result), result)

    def untrusted_many(self, questions: list[str]) -> list[list[tuple[str | None, ...]] | Refusal]:
        """As `untrusted` for each, without waiting for one answer before the next question."""
        results = self._in_a_row(questions, described=False)
        return [self._answer(texts(result), result) for result in results]

    def describe_many(self, questions: list[str]) -> list[list[tuple[str, int, int]] | Refusal]:
        """As `describe` for each, without waiting for one answer before the next question."""
        results = self._in_a_row(questions, described=True)
        return [self._answer(columns(result), result) for result in results]

    def _in_a_row(self, questions: list[str], *, described: bool) -> list[PGresult]:
        import psycopg

        found: list[PGresult] = []
        for portion in portions(questions):
            with self.savepoint():
                try:
                    line = self._connection.pgconn
                    found += asked(line, portion, "smoke", described=described)
                except psycopg.Error as error:
                    raise self._refused(error) from error
        return found

    def _answer(self, found: list[T] | None, result: PGresult) -> list[T] | Refusal:
        import psycopg

        if found is not None:
            return found
        state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b""
        said = result.error_field(psycopg.pq.DiagnosticField.MESSAGE_PRIMARY) or b"no rows"
        return Refusal(state.decode(), self._masked(said.decode("utf-8", "replace")))

    def describe(self, sql: str) -> list[tuple[str, int, int]] | Refusal:
        """Name, type's oid and type's modifier of each column of a query that is not run."""
        return self.describe_many([sql])[0]

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A place from which the transaction goes on as if nothing had happened, settings included."""
        self._connection.execute("SAVEPOINT smoke")
        self._savepoints += 1
        try:
            yield
        finally:
            self._savepoints -= 1
            if not self._connection.closed:
                self._connection.execute("ROLLBACK TO SAVEPOINT smoke; RELEASE SAVEPOINT smoke")

    def close(self) -> None:
        """Roll back and disconnect."""
        import psycopg

        try:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK")
        except psycopg.Error:
            # the server has gone: there is nothing left that could be rolled back
            return
        finally:
            self._connection.close()

    def _refusal(self, error: psycopg.Error) -> Refusal:
        return Refusal(error.sqlstate or "", self._masked(error.diag.message_primary or str(error)))

    def _masked(self, text: str) -> str:
        return _without(text, self._secret)

    def _refused(self, error: psycopg.Error) -> SmokeError:
        said = self._masked(error.diag.message_primary or str(error).strip() or "connection lost")
        where = f"database {self.endpoint.database}, user {self.endpoint.user}"
        if self._connection.closed:
            return SmokeError.of(
                "database-connection", f"the connection was lost: {said}", notes=[where]
            )
        if error.sqlstate == "57014":
            return SmokeError.of(
                "database-timeout",
                f"the database did not answer in time: {said}",
                notes=[where, "nothing was changed; the time limit is --statement-timeout"],
            )
        if error.sqlstate == "42501":
            return SmokeError.of(
                "database-permission",
                f"the role may not read this: {said}",
                notes=[
                    where,
                    "the catalogue is readable by default; rows need GRANT SELECT on their table",
                ],
            )
        return SmokeError.of(
            "database-error",
            f"the database refused a question: {said}"
            + (f" (SQLSTATE {error.sqlstate})" if error.sqlstate else ""),
            notes=[where],
        )


def _query(sql: str) -> Any:
    # psycopg asks for a literal so that nobody puts values into SQL; ours are parameters or quoted by rule
    return sql


def _without(text: str, secret: str) -> str:
    return text.replace(secret, "********") if secret else text


@contextmanager
def connect(dsn: Dsn, limits: Limits = Limits()) -> Iterator[Database]:
    """A database to ask, read-only. Raises SmokeError: `database-missing-extra`, `bad-dsn`, `database-connection`."""
    try:
        import psycopg
        from psycopg import conninfo
    except ImportError as error:
        raise SmokeError.of(
            "database-missing-extra",
            "asking a database needs psycopg",
            notes=[install_command("db")],
        ) from error
    try:
        known = conninfo.conninfo_to_dict(dsn.conninfo)
    except psycopg.ProgrammingError:
        raise bad_dsn(dsn.source) from None  # the message quotes parts of the DSN
    secret = str(known.get("password") or "")
    try:
        connection, pooled = _open(dsn.conninfo, limits)
    except psycopg.Error as error:
        said = _without(" ".join(str(error).partition("\n\tIs the server")[0].split()), secret)
        raise SmokeError.of(
            "database-connection",
            f"cannot connect to the database that {dsn.source} names: {said}",
            notes=[_hint(said)],
        ) from None
    host = str(known.get("host") or "local socket")
    endpoint = _endpoint(connection, host, dsn.source, pooled=pooled)
    database = Database(connection, endpoint, secret, _begin(limits, dsn.search_path), dsn)
    try:
        database.renew()
        yield database
    finally:
        database.close()


def _endpoint(
    connection: psycopg.Connection[Row], host: str, source: str, *, pooled: bool
) -> Endpoint:
    info = connection.info
    return Endpoint(
        host=info.host or host,
        port=info.port,
        user=info.user,
        database=info.dbname,
        tls=bool(connection.pgconn.ssl_in_use),
        pooled=pooled,
        source=source,
    )


def _open(conninfo: str, limits: Limits) -> tuple[psycopg.Connection[Row], bool]:
    """The connection, and whether a pooler refused start-up options."""
    import psycopg

    options = (
        "-c default_transaction_read_only=on"
        f" -c statement_timeout={int(limits.statement * 1000)}"
        f" -c lock_timeout={int(limits.lock * 1000)}"
    )
    settings: dict[str, Any] = {
        "autocommit": True,  # BEGIN is ours: it says READ ONLY
        "prepare_threshold": None,
        "application_name": "smoke",
        "connect_timeout": limits.connect,
        "client_encoding": "utf8",
    }
    try:
        return psycopg.connect(conninfo, options=options, **settings), False
    except psycopg.OperationalError as error:
        if "startup parameter" not in str(error):
            raise
        # pgbouncer refuses `options` unless it is told to ignore them; BEGIN READ ONLY does the work then
        return psycopg.connect(conninfo, **settings), True


def _begin(limits: Limits, search_path: Sequence[str]) -> str:
    settings = {
        "statement_timeout": f"{int(limits.statement * 1000)}",
        "lock_timeout": f"{int(limits.lock * 1000)}",
        "idle_in_transaction_session_timeout": "600000",
        "application_name": "smoke",
        "standard_conforming_strings": "on",
        "quote_all_identifiers": "off",
        "DateStyle": "ISO, YMD",
        "IntervalStyle": "postgres",
        "bytea_output": "hex",
    }
    made = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())
    path = ", ".join('"' + schema.replace('"', '""') + '"' for schema in search_path)
    return (
        f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {made}"
        + (f"; SET LOCAL search_path = {path}" if path else "")
        # from here on the transaction cannot be made to write any more: it has had a query
        + "; SELECT 1; SAVEPOINT asked"
    )


def _hint(said: str) -> str:
    low = said.lower()
    if "password authentication" in low or "no password supplied" in low:
        return "the password of the DSN is not this role's"
    if "does not exist" in low:
        return "is it the right server? the name is not known there"
    if re.search(r"refused|timeout|could not translate|no route|unreachable", low):
        return "is the host right, and may this machine reach it?"
    if re.search(r"too many|remaining connection slots|max_client_conn", low):
        return "no connection is free for this role either"
    if "ssl" in low:
        return "sslmode in the DSN says how TLS is used: sslmode=require"
    return "check host, port, database and user of the DSN"
