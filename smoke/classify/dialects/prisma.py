"""Prisma: P-codes with `meta`, sentences of its own, and the driver adapter's error with the SQLSTATE inside.

Mapping: @prisma/adapter-pg, mapDriverError; the codes are described in Prisma's error reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from smoke.classify import forms
from smoke.classify.read.speech import Spoken
from smoke.classify.sqlstate import condition_name
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue
from smoke.model.dberror import Certainty, Citation, DatabaseError

MARKS: tuple[str, ...] = (
    "PrismaClient",
    "clientVersion",
    "driverAdapterError",
    "@prisma/client",
    "prisma.",
)
SYMBOLS: Mapping[str, str] = {}
CODES: Mapping[str, str] = {
    "P2002": "23505",
    "P2003": "23503",
    "P2011": "23502",
    "P2000": "22001",
    "P2020": "22003",
    "P2007": "22P02",
    "P2021": "42P01",
    "P2022": "42703",
    "P2037": "53300",
    "P1000": "28P01",
    "P1010": "28000",
    "P1003": "3D000",
    "P1009": "42P04",
}
"""P-codes that stand for one SQLSTATE (P2003 also for 23001); P2034 stands for 40001 and 40P01, P2010 for any."""
_FORMS = (
    forms.form("Unique constraint failed", r"Unique constraint failed on the constraint: `(?P<constraint>[^`\n]{1,200})`", "23505"),
    forms.form("Unique constraint failed", r"Unique constraint failed on the fields: \((?P<columns>[^()\n]{1,400})\)", "23505"),
    forms.form("Unique constraint failed", r"Unique constraint failed on the \(not available\)", "23505"),
    forms.form("Foreign key constraint", r"Foreign key constraint (?:violated|failed)(?: on the (?:constraint|field))?: `(?P<constraint>[^`\n]{1,200}?)(?: \(index\))?`", "23503"),
    forms.form("Foreign key constraint", r"Foreign key constraint violated on the fields: \((?P<columns>[^()\n]{1,400})\)", "23503"),
    forms.form("Foreign key constraint", r"Foreign key constraint violated on the \(not available\)", "23503"),
    forms.form("Null constraint violation", r"Null constraint violation on the (?:fields: \((?P<columns>[^()\n]{1,400})\)|\(not available\)|constraint: `(?P<constraint>[^`\n]{1,200})`)", "23502"),
    forms.form("too long for the column's type", r"The provided value for the column is too long for the column's type\.(?: Column: (?P<column>[^\s()]{1,100}))?", "22001"),
    forms.form("does not exist in the current database", r"The table `(?P<table>[^`\n]{1,200})` does not exist in the current database", "42P01"),
    forms.form("does not exist in the current database", r"The column `(?P<column>[^`\n]{1,200})` does not exist in the current database", "42703"),
    forms.form("Value out of range for the type", r"Value out of range for the type", "22003"),
    forms.form("Too many database connections opened", r"Too many database connections opened", "53300"),
    forms.form("Authentication failed against database server", r"Authentication failed against database server", "28P01"),
)  # fmt: skip
_CODE = re.compile(r"(?:code|errorCode)[\"']?\s{0,3}[:=]\s{0,3}[\"'`]?(P[12]0\d\d)\b")


def read(view: View) -> Iterable[DatabaseError]:
    """Records and lines with a P-code, and sentences."""
    yield from forms.read(view, _FORMS)
    for record in view.records:
        yield from _record(record)
    if "P20" not in view.haystack() and "P10" not in view.haystack():
        return
    plain = set(map(id, view.texts))
    for speech in Spoken.of(view).speeches:
        piece = speech.piece
        if id(piece) in plain and ("P20" in piece.text or "P10" in piece.text):
            for match in list(_CODE.finditer(piece.text))[:20]:
                if match[1] in CODES and speech.shows(match.start(1)):
                    yield _error(match[1], piece.cite("message_primary", *match.span(1)), match[1])


def _record(record: LabelledRecord) -> Iterator[DatabaseError]:
    for value in record.values:
        if len(value.raw) != 5 or value.raw not in CODES or value.kind == "word":
            continue
        if value.key.lower().endswith("code"):
            leaf = record.leaf(value)
            yield _error(value.raw, leaf.cite("message_primary", 0, 5), value.raw, *_target(record))


def _target(record: LabelledRecord) -> tuple[str, tuple[str, ...], tuple[Citation, ...]]:
    """The index and the columns of `meta.target`, an index name or an array of columns."""
    for meta in record.children:
        if meta.key != "meta":
            continue
        for value in meta.values:
            if not value.whole or value.kind != "string":
                continue  # the name of an answer that broke off may be half a name
            if value.key in {"target", "field_name", "constraint"}:
                return _index(meta, value)
        for target in meta.children:
            if target.key == "target" and target.array and target.values:
                names = tuple(target.text(value) for value in target.values)
                first, last = target.values[0], target.values[-1]
                cited = target.piece.cite("columns", first.start, last.end)
                return "", names, (cited,)
    return "", (), ()


def _index(
    meta: LabelledRecord, value: RecordValue
) -> tuple[str, tuple[str, ...], tuple[Citation, ...]]:
    text = meta.text(value)
    name = text.removesuffix(" (index)")
    if "_" not in name or (name == text and value.key == "field_name" and "fkey" not in name):
        return "", (), ()
    leaf = meta.leaf(value)
    return name, (), (leaf.cite("constraint_name", 0, len(name)),)


def _error(
    code: str,
    cited: Citation,
    text: str,
    constraint: str = "",
    columns: tuple[str, ...] = (),
    citations: tuple[Citation, ...] = (),
) -> DatabaseError:
    return DatabaseError(
        sqlstate=CODES[code],
        condition_name=condition_name(CODES[code]),
        message_primary=text,
        constraint_name=constraint or None,
        columns=columns,
        dialect="prisma",
        certainty=Certainty.INFERRED,
        citations=(cited, *citations),
    )
