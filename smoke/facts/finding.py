"""The facts of a finding: what is known of a database error, and the bytes that prove it."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.model.dberror import Certainty, Citation, DatabaseError
from smoke.model.fact import Fact
from smoke.model.finding import (
    IN_APPLICATION_LOG,
    IN_CATALOGUE,
    IN_LOG,
    IN_RESPONSE,
    Finding,
)
from smoke.text import shorten

TITLE = "finding"
"""The label of what a finding says where it has no database error."""


def cause(finding: Finding) -> str:
    """A key that two findings share when they tell of one cause, at whatever step: known of database errors only.

    It is the rule that refused, else what the message says: a SQLSTATE alone is no cause.
    """
    error = finding.database_error
    if error is None:
        return f"{finding.scenario}\n{finding.step}\n{finding.title}"
    named = (error.constraint_name, error.table_name, error.column_name, *error.columns)
    told = error.constraint_name or (error.message_primary if not any(named) else "")
    place = (error.schema_name, error.table_name, *([] if error.constraint_name else named))
    return "\n".join(part or "" for part in (error.sqlstate or finding.code, told, *place))


def database_facts(error: DatabaseError, found_in: str = IN_RESPONSE) -> Iterator[Fact]:
    """What is known of a database error, with the proof. `found_in` is where it was read."""
    name = f" {error.condition_name}" if error.condition_name else ""
    if error.sqlstate:
        yield Fact("SQLSTATE", f"{error.sqlstate}{name}")
    elif name:
        yield Fact("condition", name.strip())
    if error.constraint_name:
        yield Fact("constraint", error.constraint_name)
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    if error.table_name:
        schema = f"{error.schema_name}." if error.schema_name else ""
        yield Fact(
            "table", f"{schema}{error.table_name}" + (f" ({', '.join(columns)})" if columns else "")
        )
    elif columns:
        yield Fact("columns", ", ".join(columns))
    if error.datatype_name:
        yield Fact("data type", error.datatype_name)
    for label, value in (
        ("message", error.message_primary),
        ("detail", error.message_detail),
        ("hint", error.message_hint),
    ):
        if value:
            yield Fact(label, shorten(value, 600))
    yield Fact("read from", _proof(error, found_in))


_HOW = {
    Certainty.FIELD: "labelled field",
    Certainty.TEXT: "text of a message",
    Certainty.INFERRED: "inferred, not read",
}


_LOGS = {
    IN_LOG: "the PostgreSQL server's log",
    IN_APPLICATION_LOG: "the application's log",
    IN_CATALOGUE: "the database's catalogue",
}
_FIELDS = {
    "sqlstate": "SQLSTATE",
    "condition_name": "condition",
    "message_primary": "message",
    "message_detail": "detail",
    "message_hint": "hint",
    "schema_name": "schema",
    "table_name": "table",
    "column_name": "column",
    "datatype_name": "data type",
    "constraint_name": "constraint",
    "columns": "columns",
}


def _sources(finding: Finding) -> Iterator[Fact]:
    """Which fields were learnt elsewhere than where the error was found, and how."""
    groups: dict[tuple[str, str], list[str]] = {}
    for source in finding.sources:
        name = field_name(source.field)
        groups.setdefault((source.where, source.how), []).append(name)
    for (where, how), names in groups.items():
        by = f" ({how})" if where == IN_CATALOGUE and how else f", found by {how}" if how else ""
        yield Fact("completed", f"{', '.join(names)} from {_LOGS.get(where, where)}{by}")


def proof(finding: Finding) -> str:
    """Where the database error of a finding was read, and how; empty where it has none."""
    error = finding.database_error
    return _proof(error, finding.found_in) if error is not None else ""


def _proof(error: DatabaseError, found_in: str) -> str:
    if found_in in _LOGS:
        where = _cited(error)
        return f"{_LOGS[found_in]}{f', {where}' if where else ''}, not from the response"
    how = (
        f"{_HOW[error.certainty]}, dialect {error.dialect}"
        if error.dialect
        else _HOW[error.certainty]
    )
    where = _cited(error)
    return f"{where} ({how})" if where else how


def _cited(error: DatabaseError) -> str:
    """The bytes that prove most of it; of a log they count from the beginning of the entry."""
    for wanted in ("sqlstate", "constraint_name", ""):
        for citation in error.citations:
            if wanted in ("", citation.field):
                return _place(citation)
    return ""


def field_name(name: str) -> str:
    """How reports call a field of a database error."""
    return _FIELDS.get(name, name)


def _place(citation: Citation) -> str:
    through = f" through {' > '.join(citation.through)}" if citation.through else ""
    part = citation.part.replace("header:", "header ").replace("log:", "line ")
    return f"{part} bytes {citation.start}-{citation.end}{through}"


def citation_facts(error: DatabaseError, most: int = 8) -> Iterator[Fact]:
    """The bytes that prove each field of an error, for whoever asks how it was read."""
    for citation in error.citations[:most]:
        yield Fact("proof", f"{field_name(citation.field)}: {_place(citation)}")


def finding_facts(finding: Finding, shown: frozenset[str] = frozenset()) -> Iterator[Fact]:
    """A finding: its database error, or that there is none and why. Ids in `shown` are not repeated."""
    if finding.database_error is not None:
        yield from database_facts(finding.database_error, finding.found_in)
        yield from _sources(finding)
    else:
        yield Fact(TITLE, f"{finding.title} ({finding.code})")
        if finding.hiding:
            yield Fact("hidden by", finding.hiding)
    found = "another reading says" if finding.database_error is not None else "the log may mean"
    for other in finding.ambiguous:
        yield Fact("ambiguous", f"{found} {_short(other)}")
    for other in finding.consequences:
        yield Fact("then", f"{_short(other)}, a consequence")
    if finding.reason:
        yield Fact("reason", finding.reason)
    for may_be in finding.possible:
        yield Fact("possible", f"{_named(may_be.error)}: {may_be.reason}")
    for note in finding.notes:
        yield Fact("note", note)
    for line in finding.database:
        yield Fact("database", line)
    for item in [item for item in finding.correlations if item.value not in shown][:5]:
        yield Fact("look up", f"{item.name}: {item.value}")


def _short(error: DatabaseError) -> str:
    words = (error.sqlstate, error.condition_name, error.constraint_name)
    return " ".join(word for word in words if word) or "something else"


def _named(error: DatabaseError) -> str:
    """An error with its rule and table, or its message where it has neither."""
    table = f" on {error.table_name}" if error.table_name else ""
    name = _short(error)
    if not (error.constraint_name or table) and error.message_primary:
        return f"{name}, {shorten(error.message_primary, 200)}"
    return f"{name}{table}"
