"""Event files of earlier versions: their lines made into those of today.

Schema 1 told what had changed, not the record: a step's end had its outcome, and its name and line stood in its start
alone. Each line is known by its shape, not by the file's number, since a later `smoke teardown` appends today's lines.
"""

from __future__ import annotations

from typing import Any

Line = dict[str, Any]
"""One line of an event file as JSON: the event's type name under `event`, and its fields."""

UNFINISHED = "unfinished"


def schema_of(started: Line) -> int:
    """The number of the format, as the first event (`RunStarted`) tells it; 1 where it tells none."""
    run = started.get("run", started)
    number = run.get("schema", 1) if isinstance(run, dict) else 1
    return number if isinstance(number, int) else 1


class Earlier:
    """Takes the lines of one file in their order: what ended is told in full from what its start said."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, ...], Line] = {}

    def today(self, line: Line) -> Line | None:
        """The line in today's shape; None for the end of what the file does not tell the beginning of.

        Raises KeyError and TypeError for a line that has no shape of any version.
        """
        shape = _SHAPES.get(line["event"])
        if shape is None or shape in line:
            return line
        at = line["at"]
        match line["event"]:
            case "RunStarted":
                run = {**line, "id": line["run_id"], "schema": schema_of(line), "started_at": at}
                return {**line, "run": run}
            case "OrderIntended":
                return {**line, "order": {**line, "intended_at": at}}
            case "AttemptFinished":
                return {**line, "attempt": dict(line)}
            case "ScenarioStarted":
                blank = {"summary": "", "source": "", "outcome": UNFINISHED}
                return self._begins({**blank, **line, "name": line["scenario"]}, line)
            case "StepStarted":
                return self._begins({"outcome": UNFINISHED, **line, "id": line["step"]}, line)
        begun = self._begun.get(_key(line))
        return None if begun is None else {**line, "result": {**begun, **line}}

    def _begins(self, result: Line, line: Line) -> Line:
        self._begun[_key(line)] = result
        return {**line, "result": result}


_SHAPES = {
    "RunStarted": "run",
    "OrderIntended": "order",
    "AttemptFinished": "attempt",
    "ScenarioStarted": "result",
    "ScenarioFinished": "result",
    "StepStarted": "result",
    "StepFinished": "result",
}
"""What every line of that event has since schema 2, and none had before."""


def _key(line: Line) -> tuple[str, ...]:
    return (line["scenario"], line["step"]) if "step" in line else (line["scenario"],)
