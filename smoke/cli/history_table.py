"""The history as a table: one block for each target, one row for each scenario."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from smoke.app.comparing import Past
from smoke.cli.layout import STYLES, to_text
from smoke.cli.line import StyledLine, cell_len
from smoke.cli.terminal import Terminal
from smoke.diagnostic import SmokeError, nearest
from smoke.facts.evidence import duration
from smoke.history.rows import FailureRow, RunRecord, RunRow
from smoke.model.run import Outcome
from smoke.text import plural, safe_line, shorten

_BARS = "▁▂▃▄▅▆▇█"
_SIGNS = {
    Outcome.PASSED.value: ("✓", "."),
    Outcome.FAILED.value: ("✗", "F"),
    Outcome.ERRORED.value: ("!", "!"),
    Outcome.SKIPPED.value: ("-", "-"),
    Outcome.UNFINISHED.value: ("?", "?"),
}
_LONGEST_NAME = 32


def tell_history(
    found: Sequence[Past], scenarios: Collection[str], last: int, terminal: Terminal
) -> str:
    """The table as text: of each scenario the `last` outcomes. Raises SmokeError for a scenario that no run has."""
    names = [row.name for past in found for record in past.records for row in record.scenarios]
    for wanted in scenarios:
        if wanted not in names:
            near = nearest(wanted, names)
            raise SmokeError.of(
                "unknown-scenario",
                f"the history has no scenario '{wanted}'",
                notes=[f"did you mean '{near}'?"] if near else [],
            )
    lines: list[StyledLine] = []
    for past in found:
        if lines:
            lines.append(StyledLine())
        lines += _target_lines(past, scenarios, last, terminal)
    return to_text(lines, color=terminal.color, unicode=terminal.unicode)


def _target_lines(
    past: Past, scenarios: Collection[str], last: int, terminal: Terminal
) -> list[StyledLine]:
    records = past.records
    newest = records[0].run
    head = StyledLine(safe_line(past.target), "bold")
    head.append(f"  {plural(len(records), 'run')}, the last {_when(newest)}")
    head.append(safe_line(f", build {shorten(newest.version, 40)}") if newest.version else "")
    lines = [head]
    names = list(dict.fromkeys(row.name for record in records for row in record.scenarios))
    shown = [name for name in names if not scenarios or name in scenarios]
    if not shown:
        lines.append(StyledLine(f"  nothing was run: {safe_line(newest.message)}"))
    width = min(max(map(len, shown), default=0), _LONGEST_NAME)
    for name in shown:
        lines += _scenario_lines(name, records, width, last, terminal)
    return lines


def _scenario_lines(
    name: str, records: Sequence[RunRecord], width: int, last: int, terminal: Terminal
) -> list[StyledLine]:
    """Name, outcomes (the newest at the end), times, and since when it fails; narrower terminals show fewer runs."""
    of_it = [(record, row) for record in records if (row := record.scenario(name)) is not None]
    room = max(5, min(last, (terminal.width - width - 24) // 2))
    recent = of_it[:room][::-1]
    line = StyledLine("  ")
    line.append(safe_line(shorten(name, _LONGEST_NAME)).ljust(width + 2))
    for _, row in recent:
        sign = _SIGNS.get(row.outcome, ("?", "?"))[0 if terminal.unicode else 1]
        line.append(sign, STYLES.get(Outcome(row.outcome), ""))
    times = [row.seconds for _, row in recent if row.outcome == Outcome.PASSED]
    if times:
        line.append("  ")
        line.append(
            _spark(
                [row.seconds if row.outcome == Outcome.PASSED else None for _, row in recent],
                terminal,
            )
        )
        line.append(f"  {duration(times[-1])}")
    lines = [line]
    newest, row = of_it[0]
    if row.outcome != Outcome.PASSED:
        lines += _failing(newest, name, [record for record, _ in of_it])
    judged = sum(row.outcome == Outcome.FAILED for _, row in of_it)
    passed = sum(row.outcome == Outcome.PASSED for _, row in of_it)
    line.append(f"  {passed} passed, {judged} failed")
    if cell_len(line.plain) > terminal.width:
        line.pieces.pop()
    return lines


def _failing(newest: RunRecord, name: str, records: Sequence[RunRecord]) -> list[StyledLine]:
    failures = newest.failed(name)
    if not failures:
        row = newest.scenario(name)
        return [StyledLine(f"    {row.outcome if row is not None else ''} in the last run", "dim")]
    lines = []
    for failure in failures:
        since = _since(failure, records)
        words = f"    {failure.where}: {failure.title}; since {since.called} {_when(since)}"
        lines.append(StyledLine(safe_line(words), STYLES[Outcome(failure.outcome)]))
        lines.append(StyledLine(f"    fingerprint {failure.fingerprint}", "dim"))
    return lines


def _since(failure: FailureRow, records: Sequence[RunRecord]) -> RunRow:
    """The first of the runs in a row that failed so; those without a verdict do not end the row."""
    first = records[0].run
    for record in records[1:]:
        row = record.scenario(failure.scenario)
        if any(each.key == failure.key for each in record.failed(failure.scenario)):
            first = record.run
        elif row is not None and row.judged:
            break
    return first


def _spark(times: Sequence[float | None], terminal: Terminal) -> str:
    """Times as bars, the longest as the highest; a gap where it did not pass. Without Unicode there are none."""
    if not terminal.unicode:
        return ""
    most = max(each for each in times if each is not None) or 1.0
    return "".join(
        " " if each is None else _BARS[min(int(each / most * 7.999), 7)] for each in times
    )


def _when(run: RunRow) -> str:
    return f"{run.started[:16].replace('T', ' ')} UTC"
