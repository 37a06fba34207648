"""Diagnostics as text for a terminal, as annotations for GitHub, as JSON lines. No other place formats one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from smoke.cli.layout import to_text, wrap
from smoke.cli.line import StyledLine, cell_len
from smoke.cli.snippet import Snippet, snippet
from smoke.diagnostic import Diagnostic, Level, Span
from smoke.facts.issues import Issue
from smoke.text import plural, safe_line, shorten

MOST = 20
"""Diagnostics that are printed; the rest is counted."""

_STYLES = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "bold cyan"}


def render_diagnostics(
    diagnostics: Sequence[Diagnostic], *, width: int, color: bool, unicode: bool
) -> str:
    """All diagnostics as text, the first MOST of them in full, with their source lines and carets."""
    lines: list[StyledLine] = []
    for diagnostic in diagnostics[:MOST]:
        if lines:
            lines.append(StyledLine())
        lines += _lines(diagnostic, width, unicode=unicode)
    if len(diagnostics) > MOST:
        lines += [StyledLine(), StyledLine(f"and {_counted(diagnostics[MOST:])} more")]
    if len(diagnostics) > 1:
        lines += [StyledLine(), StyledLine(_counted(diagnostics), "bold")]
    return to_text(lines, color=color, unicode=unicode)


def _counted(diagnostics: Sequence[Diagnostic]) -> str:
    parts = []
    for level in Level:
        count = sum(diagnostic.level is level for diagnostic in diagnostics)
        if count:
            parts.append(plural(count, level.value))
    return ", ".join(parts)


def _lines(diagnostic: Diagnostic, width: int, *, unicode: bool) -> list[StyledLine]:
    from smoke.explain import is_diagnostic

    style = _STYLES[diagnostic.level]
    head = StyledLine(f"{diagnostic.level.value}[{safe_line(diagnostic.code)}]", style)
    first, *rest = wrap(
        f": {safe_line(shorten(diagnostic.message, 1000))}", max(20, width - cell_len(head.plain))
    )
    head.append(first, style)
    lines = [
        head,
        *(StyledLine(f"  {line}", "bold") for line in wrap(" ".join(rest), width - 2) if rest),
    ]
    span = diagnostic.span
    gutter = 3
    if span is not None:
        label = _label(diagnostic)
        shown = snippet(
            diagnostic.excerpt, span, room=max(20, width - 8), label=label, unicode=unicode
        )
        gutter = len(str(max([span.line, *(row.number or 0 for row in shown)]))) + 1
        lines.append(StyledLine(f"{' ' * (gutter - 1)}--> {_place(span)}", "cyan"))
        lines += _framed(shown, gutter, style)
        if not shown and label:
            lines.append(_note(gutter, label))
    elif diagnostic.suggestion or diagnostic.label:
        lines.append(_note(gutter, _label(diagnostic)))
    for note in diagnostic.notes:
        at = f" ({_place(note.span)})" if note.span is not None else ""
        told = wrap(safe_line(shorten(note.message, 1000)) + at, max(20, width - gutter - 3))
        lines.append(_note(gutter, told[0]))
        lines += [StyledLine(f"{' ' * (gutter + 3)}{line}") for line in told[1:]]
    if is_diagnostic(diagnostic.code):
        lines.append(_note(gutter, f"more: smoke explain {diagnostic.code}"))
    return lines


def _label(diagnostic: Diagnostic) -> str:
    meant = f"did you mean '{diagnostic.suggestion}'?" if diagnostic.suggestion is not None else ""
    if diagnostic.suggestion is not None and f"'{diagnostic.suggestion}'" in diagnostic.label:
        meant = ""
    return safe_line(" ".join(part for part in (diagnostic.label, meant) if part))


def _place(span: Span) -> str:
    return f"{safe_line(span.source)}:{span.line}:{span.column}"


def _note(gutter: int, text: str) -> StyledLine:
    line = StyledLine(f"{' ' * gutter}= ", "cyan")
    line.append(text, "")
    return line


def _framed(rows: Sequence[Snippet], gutter: int, style: str) -> list[StyledLine]:
    if not rows:
        return []
    bar = StyledLine(f"{' ' * gutter}|", "cyan")
    lines = [bar]
    for row in rows:
        number = "" if row.number is None else str(row.number)
        text = row.text.rstrip()
        line = StyledLine(f"{number.rjust(gutter - 1)} |{' ' if text else ''}", "cyan")
        line.append(text, style if row.carets else "")
        lines.append(line)
    return [*lines, bar]


_LEVELS: dict[Level, Literal["error", "warning", "notice"]] = {
    Level.ERROR: "error",
    Level.WARNING: "warning",
    Level.NOTE: "notice",
}


def issue(diagnostic: Diagnostic) -> Issue:
    """A diagnostic as a CI system shows it, on its line of the scenario."""
    span = diagnostic.span
    parts = [diagnostic.message, _label(diagnostic), *(note.message for note in diagnostic.notes)]
    message = "\n".join(part for part in parts if part)
    title = f"smoke: {diagnostic.code}"
    level = _LEVELS[diagnostic.level]
    if span is None:
        return Issue(level, message, title)
    end = span.end_column if span.end_line == span.line and span.end_column > span.column else 0
    return Issue(level, message, title, span.source, span.line, span.column, end)
