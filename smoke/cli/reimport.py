"""What `smoke import` tells where the scenario is there already: the differences, and whether it is brought up to the recording."""

from __future__ import annotations

import sys

from smoke.app.reimporting import AgainImported, update
from smoke.cli.terminal import stdout
from smoke.diagnostic import SmokeError
from smoke.model.numbers import json_text
from smoke.recording.hiding import Hidden
from smoke.recording.marks import Where
from smoke.recording.merging import ChangeKind, ValueChange
from smoke.recording.reimporting import RecordedDifference
from smoke.redact.keys import sensitive
from smoke.text import plural, safe_line, shorten

_SHOWN = 60


def tell_again(found: AgainImported, *, wanted: bool) -> int:
    """Print what differs, write it where that is wanted, or a person in a terminal says so. The exit status.

    Raises SmokeError where it is wanted and cannot be.
    """
    path = found.path.as_posix()
    if not found.differences and found.fault is None:
        stdout().write(safe_line(f"{path} says what the recording says"))
        return 0
    for line in _lines(found):
        stdout().write(line)
    if wanted or (found.fault is None and _agreed(path)):
        update(found)
        stdout().write(safe_line(f"wrote {path}"))
        return 0
    if found.fault is not None:
        raise SmokeError(found.fault.diagnostics)
    stdout().write("nothing is written; --update takes this over, and keeps what you wrote")
    return 1


def _lines(found: AgainImported) -> list[str]:
    steps = plural(len(found.differences), "place")
    made = [f"{found.path.as_posix()} and the recording differ in {steps}"]
    for each in found.differences:
        made.append(_head(each))
        made += (f"  {_change(change, line)}" for change, line in each.changes)
    return [safe_line(line) for line in made]


def _head(each: RecordedDifference) -> str:
    place = f" (line {each.line})" if each.line else ""
    request = f": {_open(each.request)}" if each.request else ""
    why = f": {each.why}" if each.why else ""
    return (
        f"{each.kind.value} {shorten(_open(each.name), _SHOWN)}{shorten(request, 120)}{place}{why}"
    )


def _change(change: ValueChange, line: int) -> str:
    key = _path(change.where)
    old, new = (_value(change.where, each) for each in (change.old, change.new))
    match change.kind:
        case ChangeKind.ADDED:
            told = f"{key}: {new}"
        case ChangeKind.REMOVED:
            told = f"{key}: {old} (line {line})"
        case ChangeKind.CHANGED:
            told = f"{key}: {old} -> {new} (line {line})"
        case ChangeKind.STAYS:
            told = f"{key}: {old} stays, it is yours (line {line})"
            if change.new is not None:
                told += f"; the recording has {new}"
    return f"{change.kind.value} {told}"


def _path(where: Where) -> str:
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in where)[1:]


def _value(where: Where, value: object) -> str:
    """A value on one line; a secret that somebody wrote into the file is not shown."""
    if any(isinstance(each, str) and sensitive(each) for each in where) and not (
        isinstance(value, str) and "{{" in value
    ):
        return "…"
    return shorten(_open(json_text(value)), _SHOWN)


def _open(text: str) -> str:
    """A text of the file without keys and card numbers, which a person may have written into it anywhere."""
    parts, at = [], 0
    for start, end, _ in Hidden().inside(text):
        parts += [text[at:start], "…"]
        at = end
    return "".join([*parts, text[at:]])


def _agreed(path: str) -> bool:
    """Whether somebody in a terminal says yes; no is the default."""
    shown = stdout()
    if sys.stdin is None or not sys.stdin.isatty() or not shown.is_tty:
        return False
    shown.stream.write(safe_line(f"write this to {path}? y/N ") + " ")
    shown.stream.flush()
    return sys.stdin.readline(4096).strip().lower() in {"y", "yes"}
