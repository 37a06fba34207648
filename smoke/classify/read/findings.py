"""The merged errors, or the lack of one, as findings."""

from __future__ import annotations

import re
from dataclasses import replace

from smoke.classify.messages import find_messages
from smoke.classify.read import _other_databases, _postgrest, _unreachable, hiding
from smoke.classify.read._correlations import correlations as ids_of
from smoke.classify.read.draft import Draft, Read
from smoke.classify.read.merge import Merged
from smoke.classify.sqlstate import CLASSES, condition_name
from smoke.classify.text.view import View
from smoke.model.dberror import Certainty, DatabaseError
from smoke.model.exchange import Completeness
from smoke.model.finding import Finding, Severity


def make(
    view: View, merged: Merged, *, completeness: Completeness, client: Draft | None
) -> list[Finding]:
    """One finding for the root cause; else what hides it; else nothing. `client` is what a driver said by itself."""
    correlations = ids_of(view)
    own = _postgrest.own(view)
    if merged.root is not None and not (own is not None and _of_postgrest(merged.root, own)):
        error = merged.root.build()
        return [
            Finding(
                code=code_of(error),
                title=title_of(error),
                database_error=error,
                consequences=tuple(draft.build() for draft in merged.consequences),
                ambiguous=tuple(draft.build() for draft in merged.ambiguous),
                reason="; ".join(filter(None, (merged.reason, _quoted(error)))),
                correlations=correlations,
                citations=error.citations,
            )
        ]
    severity = Severity.NOTE if view.succeeded else Severity.ERROR
    if own is not None:
        said = f": {own.message}" if own.message else ""
        return [
            Finding(
                code=own.code.lower(),
                title=f"{own.code} of PostgREST{said}",
                severity=severity,
                correlations=correlations,
                citations=own.citations,
            )
        ]
    met = _unreachable.obstacle(view)
    if client is not None or met is not None:
        return [replace(_not_reached(view, client, met), correlations=correlations)]
    other = _other_databases.database(view)
    if other:
        return [
            Finding(
                code="not-postgres",
                title=f"an error of {other}, not of PostgreSQL",
                severity=Severity.ERROR if view.status >= 500 else Severity.NOTE,
                correlations=correlations,
            )
        ]
    hidden = hiding.hidden(view, completeness=completeness)
    return [hidden] if hidden is not None else []


def _quoted(error: DatabaseError) -> str:
    """What the text of an error that a function raised quotes of the server's: `checkout failed: duplicate key …`."""
    sqlstate = error.sqlstate
    if sqlstate is None or not error.message_primary:
        return ""
    if sqlstate != "P0001" and condition_name(sqlstate):
        return ""
    for match in find_messages(error.message_primary):
        if match.kind == "primary" and match.sqlstate and match.sqlstate != sqlstate:
            by = match.value("constraint_name")
            where = f" by {by}" if by else ""
            name = condition_name(match.sqlstate) or ""
            return (
                f"it was raised by a function; its text quotes {name} (SQLSTATE {match.sqlstate}){where}, "
                "which is the likely cause"
            )
    return ""


def _of_postgrest(root: Draft, own: _postgrest.OwnCode) -> bool:
    """Whether the reading is of nothing but the words that PostgREST put beside its own code."""
    said = root.fields.get("message_primary")
    return root.certainty is not Certainty.FIELD and (
        said is None or own.message == "" or said.text in own.message
    )


_SPOKE = re.compile(r"failed:\s{1,5}(?:ERROR|FATAL):\s{1,5}([^\n\r<]{3,300})")
"""libpq: what the server, or what stands before it, answered before a session was there."""


def _not_reached(view: View, client: Draft | None, met: _unreachable.Obstacle | None) -> Finding:
    """The finding of a database that was not reached, with the response's words; with its code where the server spoke."""
    kind = met.kind if met is not None else ""
    words = f" ({met.words})" if met is not None else ""
    title = f"the application could not reach its database, or lost the connection{words}"
    note = _unreachable.OBSTACLES.get(kind, "")
    error = None
    for piece in view.strings() if client is not None else ():
        found = _SPOKE.search(piece.text)
        if found is not None and client is not None:
            said = Read(found[1].strip(), piece, found.start(1), found.end(1), Certainty.TEXT)
            client.fields["message_primary"] = said
            error = client.build()
            break
    return Finding(
        code="database-unreachable",
        title=title,
        severity=Severity.WARNING if view.succeeded and met is None else Severity.ERROR,
        database_error=error,
        citations=error.citations if error is not None else (),
        notes=(note,) if note else (),
    )


def code_of(error: DatabaseError) -> str:
    """The finding's code: the condition name with dashes."""
    return error.condition_name.replace("_", "-") if error.condition_name else "database-error"


def title_of(error: DatabaseError) -> str:
    """The finding in one line."""
    sqlstate = error.sqlstate
    if sqlstate is None:
        return f"a database error that names the constraint {error.constraint_name} and no SQLSTATE"
    name = condition_name(sqlstate) or CLASSES.get(sqlstate[:2], "a code of the application's own")
    where = f" by {error.constraint_name}" if error.constraint_name else ""
    table = f" on {error.table_name}" if error.table_name else ""
    return f"{name} (SQLSTATE {sqlstate}){where}{table}"
