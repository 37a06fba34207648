"""What the history says of a run, as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smoke.cli.layout import Sheet
from smoke.facts.evidence import duration
from smoke.history.comparing import Basis, Became, FailureChange, RunComparison
from smoke.history.known import KnownFailure
from smoke.history.rows import RunRow
from smoke.history.verdict import Verdict, Word
from smoke.text import plural

Listed = Mapping[tuple[str, str, str], KnownFailure]
_STYLES = {
    Became.NEW: "bold red",
    Became.STILL: "yellow",
    Became.FIXED: "green",
    Became.UNKNOWN: "dim",
}
_LABELS = {
    Became.NEW: "new",
    Became.STILL: "still",
    Became.FIXED: "fixed",
    Became.UNKNOWN: "not judged",
}
_BASES = {
    Basis.BUILD: "",
    Basis.RUN: ", the run before: which build this is is not known",
    Basis.GIVEN: "",
}


def tell_comparison(sheet: Sheet, comparison: RunComparison, listed: Listed) -> None:
    """Every line of a comparison."""
    _field(sheet, "this", f"{_called(comparison.now)}  {_when(comparison.now)}")
    if comparison.against is None:
        _field(sheet, "against", "nothing: there is no verdict of another build to compare with")
    else:
        told = f"{_called(comparison.against)}  {_when(comparison.against)}"
        _field(sheet, "against", told + _BASES[comparison.basis])
    for kind in Became:
        for change in comparison.of(kind):
            _tell_change(sheet, change, listed.get(change.key))
    for slow in comparison.slower:
        times = f"{duration(slow.now)}, {duration(slow.before)} before"
        proof = f"n = {slow.passes} passes, {plural(slow.runs, 'run')} now, p = {slow.p:.3f}"
        _field(sheet, "slower", f"{slow.scenario} '{slow.step}': {times} ({proof})", "yellow")
    for flaky in comparison.flaky:
        where = f"{flaky.scenario} '{flaky.step}'" if flaky.step else flaky.scenario
        _field(sheet, "flaky", f"{where}: {flaky.note}", "yellow")
    if comparison.needed and comparison.passes < comparison.needed:
        few = f"nothing is said: n = {plural(comparison.passes, 'pass', 'passes')} before, one run needs {comparison.needed}"
        _field(sheet, "speed", few, "dim")
    if not comparison.changes:
        _field(sheet, "failures", "none, neither now nor before")


def _tell_change(sheet: Sheet, change: FailureChange, known: KnownFailure | None) -> None:
    words = change.where
    if change.title:
        words += f": {change.title}"
    if change.kind is Became.UNKNOWN:
        words += f": {change.note}"
    if change.kind is Became.STILL:
        words = f"failing: {words}"
    since = change.since
    if since is not None and change.kind is not Became.NEW:
        verb = change.begins if change.kind is Became.STILL else "it failed since"
        words += f"; {verb} {_called(since)} ({plural(change.runs, 'run')})"
    _field(sheet, _LABELS[change.kind], words, _STYLES[change.kind])
    if change.note and change.kind is not Became.UNKNOWN:
        _field(sheet, "", change.note)
    if known is not None:
        _field(sheet, "", f"known: {known.reason} ({known.owner}, until {known.expires})")
    if change.fingerprint and change.kind in (Became.NEW, Became.STILL):
        _field(sheet, "", f"fingerprint {change.fingerprint}", "dim")


def tell_verdict(
    sheet: Sheet, verdict: Verdict, comparison: RunComparison, *, gate: bool, status: int
) -> None:
    """The verdict, and what a gate makes of it."""
    style = {Word.PASSED: "green", Word.KNOWN: "yellow"}.get(verdict.word, "bold red")
    _field(sheet, "verdict", f"{verdict.word.value}: {verdict.because}", style)
    if verdict.word is not Word.PASSED and comparison.last_good is not None:
        good = comparison.last_good
        _field(sheet, "last good", f"{_called(good)}  {_when(good)}")
    if gate:
        plain = comparison.now.status
        count = plural(len(verdict.forgiven), "failure")
        beside = f" in place of {plain}: nothing new failed, {count} forgiven"
        beside = "" if plain == status else beside
        _field(sheet, "gate", f"exit status {status}{beside}", style)
        if verdict.word is Word.NEW and comparison.basis is Basis.RUN:
            _field(
                sheet,
                "",
                "name the build with --build or SMOKE_VERSION, or what to compare with by --against",
            )


def tell_since(sheet: Sheet, comparison: RunComparison) -> None:
    """One line for a run that failed: whether it is the same as before, and since when; none where nothing is known."""
    failed = [each for each in comparison.changes if each.kind in (Became.NEW, Became.STILL)]
    old = [each for each in failed if each.runs > 1 and each.since is not None]
    if not old:
        _tell_new(sheet, failed)
        return
    first = old[0].since
    assert first is not None
    alike = all((each.since, each.runs) == (first, old[0].runs) for each in failed)
    which = "it fails" if alike else f"{old[0].where} fails"
    row = plural(old[0].runs, "run")
    _field(sheet, "history", f"{which} so {old[0].begins} {_called(first)} ({row} in a row)")


def _tell_new(sheet: Sheet, failed: Sequence[FailureChange]) -> None:
    """The last run that carried the scenario out, where it did not fail so; of several failures of the first that has one."""
    new = [each for each in failed if each.kind is Became.NEW and each.before is not None]
    if not new or new[0].before is None:
        return
    alike = len(new) == len(failed) and all(each.before == new[0].before for each in new)
    which = "it" if alike else new[0].where
    _field(sheet, "history", f"{which} did not fail so in {_called(new[0].before)}")


def _field(sheet: Sheet, label: str, words: str, style: str = "") -> None:
    sheet.field(label, words, indent=0, style=style)


def _called(run: RunRow) -> str:
    return run.called


def _when(run: RunRow) -> str:
    build = f"run {run.id}, " if run.version else ""
    return f"({build}{run.started[:16].replace('T', ' ')} UTC)"
