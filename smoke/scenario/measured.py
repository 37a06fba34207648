"""How long an answer may take, phase by phase, and how long the certificate still holds."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.model.exchange import Timing
from smoke.model.run import Mismatch
from smoke.scenario.answer import StepAnswer
from smoke.scenario.expectations import Expect

_DAY = 24 * 60 * 60


def phases_of(timing: Timing) -> dict[str, float | None]:
    """Seconds of each phase that an expectation may name; None for one that there was not.

    `resolve`, `connect` and `tls` are counted from the end of the one before, `first_byte` and `total` from the beginning.
    """
    before = 0.0
    found: dict[str, float | None] = {}
    for name, end in (
        ("resolve", timing.resolve),
        ("connect", timing.connect),
        ("tls", timing.tls),
    ):
        found[name] = None if end is None else end - before
        before = before if end is None else end
    return {**found, "first_byte": timing.first_byte, "total": timing.total}


def too_slow(expect: Expect, answer: StepAnswer) -> Iterator[Mismatch]:
    """What took longer than it may. `time` is for all redirects together, `phases` for the last exchange."""
    if expect.time is not None and answer.elapsed > expect.time:
        yield _late("time", expect.time, answer.elapsed)
    if expect.phases is None:
        return
    for name, seconds in phases_of(answer.timing).items():
        limit = getattr(expect.phases, name)
        if limit is None:
            continue
        if seconds is None:
            why = f"there was no {name} in this exchange"
            yield Mismatch(f"phases.{name}", f"at most {limit:g} s", None, why, unevaluated=why)
        elif seconds > limit:
            yield _late(f"phases.{name}", limit, seconds)


def _late(path: str, limit: float, seconds: float) -> Mismatch:
    return Mismatch(
        path,
        expected=f"at most {limit:g} s",
        actual=round(seconds, 3),
        message=f"expected at most {limit:g} s, it took {seconds:.3f} s",
    )


def expiring(expect: Expect, answer: StepAnswer) -> Iterator[Mismatch]:
    """A certificate that does not hold for as many days as it has to."""
    if expect.certificate is None:
        return
    path, wanted = "certificate.days_left", expect.certificate.days_left
    if answer.certificate_until is None or answer.at is None:
        why = "there is no certificate: the exchange was not over TLS, or it cannot be read"
        yield Mismatch(path, f"at least {wanted}", None, why, unevaluated=why)
        return
    days = (answer.certificate_until - answer.at).total_seconds() / _DAY
    if days < wanted:
        yield Mismatch(
            path,
            expected=f"at least {wanted}",
            actual=round(days, 1),
            message=f"expected at least {wanted} days, it expires in {days:.1f}, on {answer.certificate_until:%Y-%m-%d %H:%M} UTC",
        )
