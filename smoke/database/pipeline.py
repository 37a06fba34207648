"""Many questions sent without waiting for an answer to each, and results of the protocol as values.

Somebody else's statement goes by the protocol that takes exactly one, alone or in a row of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

_MOST = 100
_LARGEST = 30_000
"""Bytes sent before an answer is read: more could fill the buffers of both ends, which would wait for each other."""


def portions(questions: list[str]) -> Iterator[list[str]]:
    """The questions in portions that can be sent at once."""
    left = list(questions)
    while left:
        count, size = 1, len(left[0])
        while count < min(len(left), _MOST) and size + len(left[count]) < _LARGEST:
            size += len(left[count])
            count += 1
        yield left[:count]
        del left[:count]


def asked(line: PGconn, questions: list[str], savepoint: str, *, described: bool) -> list[PGresult]:
    """The last result of each question, after each of which the transaction is taken back to the savepoint.

    Raises psycopg.Error when the connection is lost.
    """
    back = f"ROLLBACK TO SAVEPOINT {savepoint}".encode()
    line.enter_pipeline_mode()
    for question in questions:
        if described:
            line.send_prepare(b"", question.encode())
            line.send_describe_prepared(b"")
        else:
            line.send_query_params(question.encode(), None)
        line.pipeline_sync()
        line.send_query_params(back, None)
        line.pipeline_sync()
    found: list[PGresult] = []
    for _ in questions:
        found.append(_until_sync(line)[-1])
        _until_sync(line)
    line.exit_pipeline_mode()
    return found


def _until_sync(line: PGconn) -> list[PGresult]:
    """The results of what was sent before the next point at which an error would end."""
    import psycopg

    found: list[PGresult] = []
    while True:
        result = line.get_result()
        if line.status == psycopg.pq.ConnStatus.BAD:
            raise psycopg.OperationalError("the connection was lost")
        if result is None:  # the end of one statement's results
            continue
        if result.status == psycopg.pq.ExecStatus.PIPELINE_SYNC:
            return found
        # what comes after an error is only told to be left out
        if result.status != psycopg.pq.ExecStatus.PIPELINE_ABORTED:
            found.append(result)


def texts(result: PGresult) -> list[tuple[str | None, ...]] | None:
    """The rows of a result as texts; None when it is a refusal."""
    import psycopg

    if result.status not in (psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK):
        return None
    return [
        tuple(
            None if value is None else value.decode("utf-8", "replace")
            for value in (result.get_value(row, i) for i in range(result.nfields))
        )
        for row in range(result.ntuples)
    ]


def columns(result: PGresult) -> list[tuple[str, int, int]] | None:
    """Name, type's oid and type's modifier of each column that a result describes; None when it is a refusal."""
    import psycopg

    if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
        return None
    return [
        ((result.fname(i) or b"").decode("utf-8", "replace"), result.ftype(i), result.fmod(i))
        for i in range(result.nfields)
    ]
