"""What each condition means for a checkout, in words for somebody who was woken up by it."""

from __future__ import annotations

from collections.abc import Callable

from smoke.advice.connections import explain_limit, pooler_full
from smoke.advice.poolers import explain_pooler
from smoke.advice.seen import RunEvidence
from smoke.advice.subject import Subject
from smoke.advice.unique import explain_unique

Words = Callable[[Subject], str]


def _foreign_key(s: Subject) -> str:
    if s.deleting:
        return (
            f"The shop tried to delete or change a row{s.in_table} that other rows still refer to. "
            "Delete those first, or let the foreign key say what happens to them (ON DELETE)."
        )
    return (
        f"The shop wrote a row{s.in_table} that refers to a row which is not there: a wrong id was sent, the row was "
        "deleted, it is written later or in another transaction (then the order of the two is wrong), or it is seed "
        "data that this database never got. The rule is right in all of these: write the missing row, or write it first."
    )


def _not_null(s: Subject) -> str:
    column = f"the column {s.column}{s.in_table}" if s.column else f"a required column{s.in_table}"
    return (
        f"The shop wrote no value for {column}. Often the column is new and the running build does not know it "
        "yet, or its default was forgotten in the migration."
    )


def _check(s: Subject) -> str:
    if "partition" in s.message:
        return (
            f"No partition{s.in_table} takes the row: the one for its key (often this month's) was not made yet, or "
            "the key has a value that none is for."
        )
    rule = s.constraint or "a check constraint"
    return (
        f"A value that the shop wrote{s.in_table} breaks the rule {rule}: the value is wrong (the request, a "
        "calculation, a unit), or the code knows a new one (a status, a step, a currency) that the rule does not have "
        "yet because its migration did not run here. Look at the rule and at the row first."
    )


def _exclusion(s: Subject) -> str:
    return (
        f"The row overlaps with one that is there already{s.in_table} ({s.constraint or 'an exclusion constraint'}): "
        "two bookings of the same slot, for example."
    )


def _no_table(s: Subject) -> str:
    table = s.table or "a table"
    return (
        f"The running build asks for {table}, which this database does not have under that name: the migration did "
        "not run here, ran on another database, or the table is in a schema outside the search_path."
    )


def _no_column(s: Subject) -> str:
    column = s.column or "a column"
    return (
        f"The running build asks for {column}{s.in_table}, which this database does not have: code and schema are of "
        "different versions. Either the migration is still to run, or it ran and the old build is still answering."
    )


def _denied(s: Subject) -> str:
    if "row-level security" in s.message:
        return (
            f"A row-level security policy{s.in_table} refused the row: no policy lets this role write it. A new table "
            "with row-level security and without policies refuses everything."
        )
    return (
        f"The shop's database role may not do this{s.in_table}. New tables belong to whoever ran the migration; the "
        "role of the shop needs its own GRANT."
    )


def _fixed(text: str) -> Words:
    return lambda _: text


BY_SQLSTATE: dict[str, Words] = {
    "23503": _foreign_key,
    "23001": _foreign_key,
    "23502": _not_null,
    "23514": _check,
    "23P01": _exclusion,
    "42P01": _no_table,
    "42703": _no_column,
    "42501": _denied,
    "42883": _fixed(
        "The running build calls a function that this database does not have with these argument types: the migration "
        "did not run here, or an extension or the search_path is missing."
    ),
    "42P07": _fixed(
        "Something tries to create a table or index that is there already: a migration runs at start-up and was "
        "half done before, or runs twice at the same time."
    ),
    "42P05": _fixed(
        "A prepared statement of that name exists already: typical of a connection pooler in transaction mode with a "
        "driver that names its statements. Switch prepared statements off in the driver, or use session mode."
    ),
    "26000": _fixed(
        "The prepared statement is not known to this connection: typical of a connection pooler in transaction mode. "
        "Switch prepared statements off in the driver, or use session mode."
    ),
    "0A000": _fixed(
        "PostgreSQL does not do this. After a migration the usual one is `cached plan must not change result type`: "
        "connections that were open before it still hold old plans. Restart the shop, or recycle its connections."
    ),
    "40001": _fixed(
        "Two transactions read and wrote the same rows, and PostgreSQL ended one to keep the result serializable. The "
        "shop is expected to run the whole transaction again; this code path does not, or gave up."
    ),
    "40P01": _fixed(
        "Two transactions waited for each other's rows, and PostgreSQL ended one. Usually two code paths lock the "
        "same rows in a different order (stock of several items: sort them first). The server's log names both."
    ),
    "53300": explain_limit,
    "53100": _fixed(
        "The database server's disk is full: no order can be written until there is space again."
    ),
    "53200": _fixed("The database server ran out of memory while it answered this query."),
    "57014": _fixed(
        "The query was ended before it was done: by statement_timeout, or by somebody who cancelled it. Often a lock "
        "is held by something else, a migration for example, or an index is missing."
    ),
    "57P01": _fixed(
        "The database server closed the connection for a restart or failover while the order was written."
    ),
    "57P03": _fixed(
        "The database server is starting up or shutting down and takes no connections."
    ),
    "55P03": _fixed(
        "The row or table was locked by another transaction, and the shop did not wait (NOWAIT) or not longer than "
        "lock_timeout. A migration that runs now, or a transaction left open, is the usual holder."
    ),
    "25P02": _fixed(
        "An earlier statement of the same transaction failed, and everything after it is refused. This error is a "
        "consequence: the cause is the first error of that transaction, in the shop's or the database's log."
    ),
    "25006": _fixed(
        "The shop tried to write through a connection that only reads: a replica, or a failover that has not "
        "finished. Check which host its connection string names."
    ),
    "22001": _fixed(
        "A text is longer than its column allows (varchar with a length). Either the input is not checked before it is "
        "written, or the column was made shorter."
    ),
    "22003": _fixed(
        "A number is outside what its column's type can hold: an id or amount grew beyond integer, or is negative."
    ),
    "22007": _fixed(
        "A text that should be a date or time is none in the format that PostgreSQL takes."
    ),
    "22008": _fixed(
        "A date or time is outside of what is allowed; day and month may have changed places."
    ),
    "22012": _fixed(
        "A query divides by zero: a quantity, rate or total is 0 where the code does not expect it."
    ),
    "22023": _fixed("A parameter has a value that the function or setting does not take."),
    "22P02": _fixed(
        "A text cannot be read as its column's type: a word where a number or uuid is expected, or an enum value that "
        "this database does not know yet (the migration that adds it is still to run)."
    ),
    "P0001": _fixed(
        "A function or trigger in the database refused this with RAISE EXCEPTION: it is somebody's own rule. Its "
        "text is the message; the trigger's source tells when it is raised."
    ),
    "3D000": _fixed(
        "The database that the shop's connection string names does not exist on that server: a typing error, or a "
        "preview database that was removed or not yet made."
    ),
    "3F000": _fixed("The schema that the query names does not exist in this database."),
    "28P01": _fixed(
        "The password for the shop's database role is wrong: it was changed and this deployment has the old one, or "
        "the secret was set for another environment."
    ),
    "28000": _fixed(
        "The database server does not let this role in (pg_hba.conf): wrong role, host or TLS setting."
    ),
    "XX000": _fixed(
        "An internal error of PostgreSQL, an extension or a pooler. Its log has more than the response."
    ),
}
"""By SQLSTATE: what it means when a checkout meets it."""

BY_CLASS: dict[str, str] = {
    "08": "The connection between the shop and its database broke or could not be made.",
    "22": "A value has a form or size that its column or function does not take.",
    "23": "What the shop wrote breaks a rule of the database.",
    "25": "The transaction is in a state in which this statement is not allowed.",
    "28": "The database does not let the shop in.",
    "40": "The transaction was rolled back by the server; it has to be run again as a whole.",
    "42": "The statement does not fit the schema, or the role may not run it: code and schema may be of different versions.",
    "53": "The database server is out of a resource.",
    "54": "A limit of PostgreSQL itself was passed.",
    "55": "An object is not in the state, or not free, for what was asked.",
    "57": "Somebody or something intervened: a cancel, a timeout, a shutdown.",
    "58": "An error outside of PostgreSQL: a file or the system below it.",
    "P0": "A function in the database raised this error.",
    "XX": "An internal error of the database server.",
}
"""By the first two characters, for codes without an entry of their own."""


def explain(sqlstate: str | None, subject: Subject, seen: RunEvidence = RunEvidence()) -> str:
    """The explanation of a SQLSTATE for these names and what the run saw; empty when nothing is known of it."""
    if sqlstate is None:
        return ""
    if sqlstate == "23505":
        return explain_unique(subject, seen)
    by_pooler = explain_pooler(subject.message) if sqlstate in POOLERS else ""
    if by_pooler:
        return by_pooler
    if sqlstate in POOLERS and pooler_full(subject.message):
        return explain_limit(subject)
    words = BY_SQLSTATE.get(sqlstate)
    return words(subject) if words is not None else BY_CLASS.get(sqlstate[:2], "")


def explained(sqlstate: str) -> bool:
    """Whether there is an explanation of this code or of its class."""
    return sqlstate == "23505" or sqlstate in BY_SQLSTATE or sqlstate[:2] in BY_CLASS


POOLERS = frozenset({"53300", "08P01", "XX000"})
"""Under these a pooler says that it is full."""
