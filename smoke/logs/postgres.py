"""The entries of a server's log in whichever format it is. Pure."""

from __future__ import annotations

from smoke.logs.entry import LogEntry
from smoke.logs.labelled import is_csv, json_object, of_fields, read_csv
from smoke.logs.stderr import read_stderr

_LOOKED_AT = 2000
"""Lines in which the first record of a csvlog is looked for: one statement may go on over many."""


def read_log(text: str) -> list[LogEntry]:
    """The entries of a log; lines that are none are passed over.

    JSON lines and plain ones may be mixed, as the stream of a container mixes them. A log is csvlog when a record of
    it begins within the first lines.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines[:_LOOKED_AT]):
        if is_csv(line):
            return list(read_csv("\n".join(lines[number:])))
    found: list[LogEntry] = []
    plain: list[tuple[int, str]] = []
    for number, full in enumerate(lines, 1):
        line = full.rstrip("\r")
        start = line.find("{")
        fields = json_object(line[start:]) if 0 <= start <= 200 and line.endswith("}") else None
        if fields is not None and "error_severity" in fields:
            found.append(of_fields(fields, number))
        elif fields is not None and isinstance(fields.get("log"), str):
            plain.append((number, fields["log"].rstrip("\n")))  # Docker's own files wrap each line
        else:
            plain.append((number, line))
    return [*found, *read_stderr(plain)]
