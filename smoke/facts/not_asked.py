"""What a run could have asked about a failure and did not, where that would have told more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smoke.facts.typed import typed
from smoke.model.exchange import Exchange
from smoke.model.fact import Fact
from smoke.model.finding import Finding, Severity
from smoke.model.run import Run

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_HIDE = frozenset({"error-hidden", "server-error", "database-error", "database-unreachable"})


def not_asked(
    run: Run, exchanges: Sequence[Exchange], findings: Iterable[Finding]
) -> Iterator[Fact]:
    """What to type so that the cause is looked up; nothing where it would not help.

    `exchanges` are those of the attempt: a shop may answer an order by a redirect to a page that says sorry.
    """
    asked = run.asked
    if asked is None or asked.log or not run.folder:
        return
    serious = [finding for finding in findings if finding.severity is Severity.ERROR]
    commands = typed(run)
    show = commands.show("", "--log", "FILE")
    if any(finding.code in _HIDE and finding.database_error is None for finding in serious):
        why = "the error behind this answer"
    elif any(_lacks(finding) for finding in serious):
        why = "what this answer leaves out"
    elif not serious and _refused(exchanges):
        why = "an error behind this answer, if there is one,"
    else:
        return
    yield Fact("not asked", f"{why} is in the shop's log, or PostgreSQL's; to look there:")
    yield Fact("", show)
    again = commands.again()
    if again and not asked.database and any(_lacks(finding) for finding in serious):
        yield Fact("", "or in another run, to ask the database itself:")
        yield Fact("", f"{again} --dsn-env NAME")


def _lacks(finding: Finding) -> bool:
    """Whether an answer told of a broken rule and left out which."""
    error = finding.database_error
    if error is None or not (error.sqlstate or "").startswith("23"):
        return False
    return not (error.constraint_name or error.column_name) or not error.table_name


def _refused(exchanges: Sequence[Exchange]) -> bool:
    """Whether something was to be written, and the answer may be that it was not."""
    if all(exchange.request.method in _READS for exchange in exchanges):
        return False
    response = exchanges[-1].response
    return response is None or not 200 < response.status < 300
