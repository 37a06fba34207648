"""Whether a connection can be had: what a database that is full, or is not up, shows whoever asks right after a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    from smoke.app.asking import Asking
    from smoke.model.dberror import DatabaseError

TOO_MANY = "53300"


def refusal(error: SmokeError) -> DatabaseError | None:
    """The error with which a server refused our own connection; None where it was never reached, or took it."""
    from smoke.classify import classify_response

    if error.diagnostics[0].code != "database-connection":
        return None
    # libpq keeps the SQLSTATE of such a refusal to itself
    found = classify_response(500, [], error.diagnostics[0].message.encode())
    return next((each.database_error for each in found if each.database_error is not None), None)


def no_room(asking: Asking, message: str, within: float) -> str:
    """What shows that a connection that was refused with that message found no room; empty where nothing does.

    Either the limit that the message speaks of is reached, or our own connection is refused with the same words.
    """
    from smoke.database.answers import limits

    try:
        known = asking.ask(limits.of_each, within)
    except SmokeError as error:
        told = refusal(error)
        if told is None or told.sqlstate != TOO_MANY or told.message_primary != message:
            return ""
        return f"smoke's own connection was refused with the same words right afterwards ({asking.source})"
    reached = (limit.line() for limit in known if limit.reached and limit.refuses(message))
    line = next(reached, "")
    return f"{line} (asked through {asking.source})" if line else ""
