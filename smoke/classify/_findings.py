"""The merged errors, or the lack of one, as findings."""

from __future__ import annotations

from smoke.classify import _foreign, hiding
from smoke.classify._correlations import correlations as ids_of
from smoke.classify._view import View
from smoke.classify.merge import Merged
from smoke.classify.sqlstate import CLASSES, condition_name
from smoke.model.dberror import DatabaseError
from smoke.model.exchange import Completeness
from smoke.model.finding import Finding, Severity


def make(view: View, merged: Merged, *, completeness: Completeness, lost: bool) -> list[Finding]:
    """One finding for the root cause; else what hides it; else nothing."""
    correlations = ids_of(view)
    if merged.root is not None:
        error = merged.root.build()
        return [
            Finding(
                code=code_of(error),
                title=title_of(error),
                database_error=error,
                consequences=tuple(draft.build() for draft in merged.consequences),
                ambiguous=tuple(draft.build() for draft in merged.ambiguous),
                reason=merged.reason,
                correlations=correlations,
                citations=error.citations,
            )
        ]
    if lost or hiding.unreachable(view):
        return [
            Finding(
                code="database-unreachable",
                title="the application could not reach its database, or lost the connection",
                severity=Severity.ERROR if view.failed else Severity.WARNING,
                correlations=correlations,
            )
        ]
    other = _foreign.database(view)
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
