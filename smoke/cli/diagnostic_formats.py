"""Diagnostics for programs: JSON for scripts, SARIF 2.1.0 for code scanning, workflow commands for a job of GitHub Actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from smoke.cli.render import issue
from smoke.diagnostic import Diagnostic, Level, Note, SmokeError, Span, nearest
from smoke.text import plural, safe, safe_line, shorten

TEXT = "text"
_SARIF_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note"}


class Checked(Struct, frozen=True):
    """What `smoke check` found: how much there is when all of it is right, and every diagnostic."""

    scenarios: int
    steps: int
    diagnostics: Sequence[Diagnostic]

    @property
    def counted(self) -> str:
        """How much is all right, for people."""
        return f"{plural(self.scenarios, 'scenario')} with {plural(self.steps, 'step')}: all right"

    @property
    def right(self) -> bool:
        """Whether nothing is an error."""
        return all(each.level is not Level.ERROR for each in self.diagnostics)


def as_json(checked: Checked) -> str:
    """One object; its `schema` grows by additions. Lines and columns begin with 1, ends are exclusive."""
    return _dumps(
        {
            "schema": 1,
            "ok": checked.right,
            "scenarios": checked.scenarios,
            "steps": checked.steps,
            "diagnostics": [_plain(each) for each in checked.diagnostics],
        }
    )


def as_github(checked: Checked) -> str:
    """A workflow command for each, which puts it on its line."""
    from smoke.ci import github

    return "\n".join(github.issue(issue(each)) for each in checked.diagnostics)


def as_sarif(checked: Checked) -> str:
    """A log with a result for each."""
    from smoke.report.sarif import SCHEMA
    from smoke.version import __version__

    rules = list(dict.fromkeys(each.code for each in checked.diagnostics))
    driver = {
        "name": "smoke check",
        "semanticVersion": __version__,
        "rules": [{"id": code} for code in rules],
    }
    results = [_result(each, rules.index(each.code)) for each in checked.diagnostics]
    return _dumps(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": driver},
                    "columnKind": "unicodeCodePoints",
                    "results": results,
                }
            ],
        }
    )


_FORMATS: dict[str, Callable[[Checked], str]] = {
    "github": as_github,
    "json": as_json,
    "sarif": as_sarif,
}
FORMATS = (TEXT, *_FORMATS)


def writer(name: str) -> Callable[[Checked], str] | None:
    """What writes that format; None for the text that a person reads. Raises SmokeError for a name of none."""
    if name == TEXT:
        return None
    if name not in _FORMATS:
        near = nearest(name, FORMATS)
        hint = f" (did you mean '{near}'?)" if near else ""
        raise SmokeError.of(
            "bad-option",
            f"--format: {', '.join(FORMATS[:-1])} or {FORMATS[-1]} is expected, not '{name}'{hint}",
        )
    return _FORMATS[name]


def _plain(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "level": diagnostic.level.value,
        "message": safe(diagnostic.message),
        **_place(diagnostic.span),
        "label": safe(diagnostic.label),
        "suggestion": None if diagnostic.suggestion is None else safe(diagnostic.suggestion),
        "notes": [
            {"message": safe(note.message), **_place(note.span)} for note in diagnostic.notes
        ],
    }


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    return {
        "file": span.source,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[diagnostic.level],
        "message": {"text": shorten(safe(issue(diagnostic).message), 8000)},
    }
    if diagnostic.span is not None:
        found["locations"] = [_location(diagnostic.span)]
    related = [note for note in diagnostic.notes if note.span is not None]
    if related:
        found["relatedLocations"] = [_related(note) for note in related]
    return found


def _related(note: Note) -> dict[str, Any]:
    message = {"text": shorten(safe(note.message), 8000)}
    return (
        {"message": message} if note.span is None else {**_location(note.span), "message": message}
    )


def _location(span: Span) -> dict[str, Any]:
    """The place in a file; below the folder that smoke was started in it is relative to the repository."""
    from smoke.facts.issues import place_in_repository

    path = place_in_repository(span.source)
    uri = quote(path or safe_line(span.source), errors="backslashreplace")
    artifact = {"uri": uri, "uriBaseId": "%SRCROOT%"} if path else {"uri": uri}
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _dumps(value: dict[str, Any]) -> str:
    import json

    return json.dumps(value, indent=2)
