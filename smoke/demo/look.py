"""What a demo shop looks like, as it is asked for, and what that comes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smoke.demo.shop.settings import (
    DEFAULT_MASK,
    DEFAULT_STYLE,
    DbTrace,
    ErrorStyle,
    FaceName,
    Fault,
    LogStyle,
    Mask,
)
from smoke.demo.states import State
from smoke.diagnostic import SmokeError, nearest

STATES: tuple[str, ...] = tuple(State)
FACES: tuple[str, ...] = tuple(FaceName)
ERROR_STYLES: tuple[str, ...] = tuple(ErrorStyle)
MASKS: tuple[str, ...] = tuple(Mask)
FAULTS: tuple[str, ...] = tuple(Fault)
LOG_STYLES: tuple[str, ...] = tuple(LogStyle)
DB_TRACES: tuple[str, ...] = tuple(DbTrace)


@dataclass(frozen=True, slots=True)
class Look:
    """How a shop looks: its face, how it shows or hides database errors, and the log that it keeps.

    Without an `error_style` or `mask` it has the face's own; a `mask` hides errors in every state, not in `masked` alone.
    A `fault` meets the second order of each customer, whatever the state; `db_trace` is how the database learns which
    request a statement belongs to (`name`, `comment`, `none`).
    """

    face: str = "rest"
    error_style: str | None = None
    mask: str | None = None
    app_log: Path | None = None
    app_log_style: str = "pino"
    db_trace: str = "name"
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A look in a state: without `mask` errors are shown."""

    state: State
    face: FaceName
    error_style: ErrorStyle
    mask: Mask | None
    log_style: LogStyle
    db_trace: DbTrace
    fault: Fault | None


def choose(state: str, look: Look, error_style: str | None = None) -> Chosen:
    """What was asked for; `error_style` goes before the look's. SmokeError for a name that is not known."""
    wanted = State(_one_of("state", state, STATES))
    face = FaceName(_one_of("face", look.face, FACES))
    style = look.error_style if error_style is None else error_style
    hides = look.mask is not None or wanted is State.MASKED
    mask = DEFAULT_MASK[face] if look.mask is None else look.mask
    return Chosen(
        state=wanted,
        face=face,
        error_style=ErrorStyle(
            _one_of("error style", DEFAULT_STYLE[face] if style is None else style, ERROR_STYLES)
        ),
        mask=Mask(_one_of("mask", mask, MASKS)) if hides else None,
        log_style=LogStyle(_one_of("app log style", look.app_log_style, LOG_STYLES)),
        db_trace=DbTrace(_one_of("db trace", look.db_trace, DB_TRACES)),
        fault=None if look.fault is None else Fault(_one_of("fault", look.fault, FAULTS)),
    )


def _one_of(kind: str, given: str, known: tuple[str, ...]) -> str:
    if given in known:
        return given
    near = nearest(given, known)
    meant = f"; did you mean '{near}'?" if near else ""
    raise SmokeError.of(
        "demo-option",
        f"the demo has no {kind} '{given}'{meant}",
        notes=(f"known: {', '.join(known)}",),
    )
