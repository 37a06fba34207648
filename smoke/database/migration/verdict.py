"""From what was found of each claim to the verdict on a statement, on a file, and the exit status. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from smoke.database.migration.claims import Claim, Facet, Finding, Thing
from smoke.database.migration.world import World
from smoke.diagnostic import SmokeError


class Verdict(StrEnum):
    """Whether a statement's effect holds here and now."""

    APPLIED = "applied"
    NOT_APPLIED = "not applied"
    PARTLY = "partly"
    CANNOT_TELL = "cannot tell"
    NO_EFFECT = "no effect"


@dataclass(frozen=True, slots=True)
class Judged:
    """One statement and what was found of its effect, in words."""

    sql: str
    line: int
    verdict: Verdict
    reason: str
    file: str = ""


def judge_statement(findings: Sequence[Finding]) -> tuple[Verdict, str]:
    """The verdict of a statement's claims, and what speaks against it first."""
    against = [f for f in findings if f.holds is False]
    unknown = [f for f in findings if f.holds is None]
    holding = [f for f in findings if f.holds]
    if against:
        half = any(not f.weak for f in holding) or any(f.half for f in against)
        half = half and not any(f.old for f in against)
        words = _words([*against, *unknown]) + (
            f"; in place: {_words(holding, 3)}" if holding else ""
        )
        return (Verdict.PARTLY if half else Verdict.NOT_APPLIED), words
    if unknown:
        return Verdict.CANNOT_TELL, _words(unknown)
    return Verdict.APPLIED, _words(holding)


def _words(findings: Sequence[Finding], limit: int = 8) -> str:
    said = list(dict.fromkeys(finding.words for finding in findings))
    more = f" … and {len(said) - limit} more" if len(said) > limit else ""
    return "; ".join(said[:limit]) + more


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a file: over the statements that can be judged."""
    judged = {
        verdict
        for verdict in verdicts
        if verdict in (Verdict.APPLIED, Verdict.NOT_APPLIED, Verdict.PARTLY)
    }
    if not judged:
        return Verdict.CANNOT_TELL
    return judged.pop() if len(judged) == 1 else Verdict.PARTLY


def summary(verdicts: Iterable[Verdict]) -> str:
    """The verdict on a file in words: never plainly "applied" over what was not judged."""
    known = list(verdicts)
    found, left = overall(known), known.count(Verdict.CANNOT_TELL)
    if found is Verdict.APPLIED and left:
        return f"{known.count(Verdict.APPLIED)} applied, {left} not judged"
    return found.value


def exit_code(verdict: Verdict) -> int:
    """0 applied, 1 not or partly applied, 3 cannot tell."""
    return {Verdict.APPLIED: 0, Verdict.NOT_APPLIED: 1, Verdict.PARTLY: 1}.get(verdict, 3)


_LATER = "a later statement decides: "
_ANEW = "made anew by a later statement: "
_REFUSALS = ("database-permission", "database-error", "database-timeout")


def _asked(claim: Claim, judge: Judge) -> Finding:
    """What was found; a question that the database refuses is one that cannot be told."""
    try:
        return judge(claim)
    except SmokeError as error:
        if error.diagnostics[0].code not in _REFUSALS:
            raise
        return Finding(None, error.diagnostics[0].message)


Judge = Callable[[Claim], Finding]


class Decisions:
    """Findings of claims, also through the later claims that decide in their place.

    `missed` counts what could not be looked up yet: a finding that misses something is not kept.
    """

    def __init__(self, world: World, judge: Judge, missed: Callable[[], int] = lambda: 0) -> None:
        self._world = world
        self._judge = judge
        self._missed = missed
        self._of: dict[int, list[Claim]] = {}
        self._findings: dict[int, Finding] = {}
        self._deciding: set[int] = set()
        """The findings of the others are not kept: they are asked for once, with their statement."""
        self._making_anew: set[int] = set()
        for claim in world.claims:
            self._of.setdefault(claim.statement, []).append(claim)
            if claim.by is not None:
                self._deciding.add(id(claim.by))
                if claim.whole:
                    self._making_anew.add(id(claim.by))

    def _took_over(self, claim: Claim) -> bool:
        thing: Thing | None = claim.thing
        while thing is not None:
            if thing.former and self._world.replaces(thing):
                return True
            thing = thing.parent
        return False

    def claims(self, statement: int) -> list[Claim]:
        """The claims of one statement."""
        return self._of.get(statement, [])

    def undone(self, statement: int) -> bool:
        """Whether a statement that is not applied changes what others made: the old names or values are there."""
        claims = self.claims(statement)
        return any(id(claim) in self._making_anew for claim in claims) or all(
            self.finding(claim).old
            if claim.facet is Facet.NAME
            else id(claim) in self._deciding and self.finding(claim).holds is False
            for claim in claims
        )

    def decided_by(self, statement: int) -> set[int]:
        """The later statements that decide in place of one that has nothing left to be judged by."""
        by = [claim.by for claim in self.claims(statement)]
        return set() if None in by else {claim.statement for claim in by if claim is not None}

    def statement(self, number: int) -> tuple[Verdict, str]:
        """The verdict of a statement that makes claims.

        What a later statement decides counts only when nothing else is left of this one.
        """
        claims = self.claims(number)
        own = [claim for claim in claims if claim.by is None]
        return judge_statement([self.finding(claim) for claim in own or claims])

    def finding(self, claim: Claim) -> Finding:
        """What was found of a claim."""
        if id(claim) not in self._deciding:
            return self._find(claim)
        known = self._findings.get(id(claim))
        if known is None:
            missed = self._missed()
            known = self._find(claim)
            if self._missed() == missed:
                self._findings[id(claim)] = known
        return known

    def _find(self, claim: Claim) -> Finding:
        if claim.by is None:
            found = _asked(claim, self._judge)
            # what was made under another name and took over the name of something else: it may be that one
            return replace(found, weak=True) if found.holds and self._took_over(claim) else found
        if claim.whole and claim.by.statement != claim.statement:
            verdict, words = self.statement(claim.by.statement)
            if verdict is Verdict.NOT_APPLIED and (own := _asked(claim, self._judge)).holds:
                return own  # dropped, and not made anew yet
            holds = {Verdict.APPLIED: True, Verdict.CANNOT_TELL: None}.get(verdict, False)
            return Finding(holds, _ANEW + _last_word(words), verdict is Verdict.PARTLY)
        last = self.finding(claim.by)
        dropped = claim.by.facet is Facet.GONE and claim.by.by is None
        if dropped and last.holds is False and (own := _asked(claim, self._judge)).holds:
            return own  # it ran, and the later DROP did not
        return replace(last, words=_LATER + _last_word(last.words))


def _last_word(words: str) -> str:
    """What the last of several statements comes to, each of which is decided by the next."""
    before = ""
    while before != words:
        before, words = words, words.removeprefix(_LATER).removeprefix(_ANEW)
    return words
