"""What two exchanges, steps or runs contain, value by value: equal, different, or different in every run anyway.

A value is volatile when its place says so (an id, a time, a token: by the name of a header or key), when both sides have the same
form that nothing lasting has (a UUID, a date, a long random word), or when only values that the runs made up differ in it. It is
never called equal, and a word, a status or an amount is never called volatile. Texts in here are as they came.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from smoke.advice.orders import LARGEST, body_values
from smoke.facts.evidence import UNREADABLE, Evidence, answer
from smoke.facts.step import headline
from smoke.model.correlation import id_header
from smoke.model.exchange import Body, Exchange, Headers
from smoke.model.made_up import KINDS
from smoke.model.run import Run, ScenarioResult, StepResult

MOST_LINES = 2000
"""Lines of a text that are aligned one by one; of more, it is told that they differ."""


class Likeness(StrEnum):
    """How a value of one side is to that of the other."""

    EQUAL = "equal"
    DIFFERS = "differs"
    VOLATILE = "volatile"
    UNKNOWN = "unknown"


class ComparedValue(Struct, frozen=True):
    """One place in both sides; None where a side has nothing there. `why` says why it is volatile or unknown."""

    place: str
    left: str | None
    right: str | None
    likeness: Likeness
    why: str = ""


class Side(Struct, frozen=True):
    """One side: an exchange with what is known of it."""

    run: Run
    scenario: ScenarioResult
    step: StepResult
    exchange: Exchange
    evidence: Evidence

    @property
    def made(self) -> tuple[str, ...]:
        """The values that the step's attempts made up."""
        return tuple(value for attempt in self.step.attempts for value in attempt.made)


class ComparedStep(Struct, frozen=True):
    """One step of two runs; `only` names the side that has it alone."""

    scenario: str
    step: str
    values: tuple[ComparedValue, ...] = ()
    only: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.only) or differs(self.values)


def differs(values: Iterable[ComparedValue]) -> bool:
    """Whether anything differs that is not different in every run."""
    return any(value.likeness is Likeness.DIFFERS for value in values)


def compare_exchanges(left: Side, right: Side) -> tuple[ComparedValue, ...]:
    """Every value of two exchanges: request, answer, headers and bodies (JSON by path, text by lines)."""
    return tuple(_exchanges(left, right))


def compare_runs(
    left: Run, right: Run, ours: Evidence, theirs: Evidence
) -> tuple[ComparedStep, ...]:
    """Every step of two runs, by scenario and id: its outcome, and what its last exchange contains."""
    first, second = _steps(left), _steps(right)
    found = []
    for key in dict.fromkeys([*first, *second]):
        one, other = first.get(key), second.get(key)
        if one is None or other is None:
            found.append(ComparedStep(*key, only="left" if other is None else "right"))
            continue
        values = [
            _plain("outcome", one[1].outcome.value, other[1].outcome.value),
            _plain("reason", _reason(one[1]), _reason(other[1])),
            _plain("attempts", f"{len(one[1].attempts)}", f"{len(other[1].attempts)}"),
        ]
        sides = side_of(left, *one, ours), side_of(right, *other, theirs)
        if sides[0] is not None and sides[1] is not None:
            values += _exchanges(sides[0], sides[1])
        elif sides[0] is not sides[1]:
            one_line, other_line = (
                None if side is None else _line(side.exchange) for side in sides
            )
            values.append(_plain("request", one_line, other_line))
        found.append(ComparedStep(*key, tuple(values)))
    return tuple(found)


def side_of(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence
) -> Side | None:
    """The side that a step is: its last exchange; None where it sent nothing."""
    for attempt in reversed(step.attempts):
        if attempt.exchanges:
            return Side(run, scenario, step, attempt.exchanges[-1], evidence)
    return None


def _steps(run: Run) -> dict[tuple[str, str], tuple[ScenarioResult, StepResult]]:
    return {
        (scenario.name, step.id): (scenario, step)
        for scenario in run.scenarios
        for step in scenario.steps
    }


def _reason(step: StepResult) -> str | None:
    return headline(step) if step.outcome.bad else None


def _line(exchange: Exchange) -> str:
    return f"{exchange.request.method} {exchange.request.url}"


def _plain(place: str, left: str | None, right: str | None) -> ComparedValue:
    """A value of ours, which nothing makes volatile."""
    return ComparedValue(place, left, right, Likeness.EQUAL if left == right else Likeness.DIFFERS)


def _exchanges(left: Side, right: Side) -> Iterator[ComparedValue]:
    judge = _Judge(left, right)
    one, other = left.exchange, right.exchange
    yield _plain("request method", one.request.method, other.request.method)
    yield judge.value("request url", _below(left), _below(right), "url")
    yield from judge.headers("request header", one.request.headers, other.request.headers)
    yield from judge.bodies("request", one.request.body, other.request.body)
    yield _plain("answer", answer(one), answer(other))
    yield _plain("broke", _broke(one), _broke(other))
    first, second = one.response, other.response
    if first is not None and second is not None:
        yield from judge.headers("answer header", first.headers, second.headers)
        yield from judge.headers("answer trailer", first.trailers, second.trailers)
        yield from judge.bodies("answer", first.body, second.body)
    yield ComparedValue(
        "time",
        f"{one.timing.total * 1000:.0f} ms",
        f"{other.timing.total * 1000:.0f} ms",
        Likeness.VOLATILE,
        "a time",
    )


def _below(side: Side) -> str:
    """The URL below the run's own: the same path on two deployments is the same place."""
    url, base = side.exchange.request.url, side.run.target.url.rstrip("/")
    return url.removeprefix(base) or "/" if base and url.startswith(base) else url


def _broke(exchange: Exchange) -> str | None:
    error = exchange.error
    return None if error is None else f"{error.message} ({error.kind.value}, {error.phase.value})"


def _sender(side: Side) -> str:
    """The run that sent an exchange: its id is that of the run and a number."""
    return side.exchange.id.rpartition("-")[0]


class _Judge:
    """Judges pairs of values of two exchanges."""

    def __init__(self, left: Side, right: Side) -> None:
        self._left, self._right = left, right
        self._digests = dict(left.exchange.request.digests), dict(right.exchange.request.digests)
        # digests are keyed with a key of the run that sent: a merged one has several
        self._one_run = left.run.id == right.run.id and _sender(left) == _sender(right)

    def headers(self, part: str, left: Headers, right: Headers) -> Iterator[ComparedValue]:
        """By name in any case; of several of one name all, in their order."""
        ours, theirs = _by_name(left), _by_name(right)
        for name in dict.fromkeys([*ours, *theirs]):
            yield self.value(f"{part} {name}", ours.get(name), theirs.get(name), f"header {name}")

    def bodies(self, part: str, left: Body, right: Body) -> Iterator[ComparedValue]:
        """JSON and forms by path, other text by lines, the rest as a whole."""
        if not left.size and not right.size:
            return
        place = f"{part} body"
        if left.sha256 == right.sha256 and left.original_digest == right.original_digest:
            yield ComparedValue(place, _size(left), _size(right), Likeness.EQUAL)
            return
        data = _read(self._left.evidence, left), _read(self._right.evidence, right)
        if data[0] is None or data[1] is None:
            yield ComparedValue(
                place, _size(left), _size(right), Likeness.DIFFERS, _why_whole(left, right)
            )
            return
        ours = body_values(left.media_type, data[0])
        theirs = body_values(right.media_type, data[1])
        if "body" not in ours and "body" not in theirs:
            for path in dict.fromkeys([*ours, *theirs]):
                yield self.value(f"{part} {path}", ours.get(path), theirs.get(path), path)
        else:
            yield from self._lines(part, data[0], data[1])

    def value(self, place: str, left: str | None, right: str | None, name: str) -> ComparedValue:
        """One value. `name` is what the place is called in the message: a header, a path."""
        masked = "[masked" in (left or "") and "[masked" in (right or "")
        if masked and left == right:
            return ComparedValue(place, left, right, *self._hidden(name))
        if left == right:
            return ComparedValue(place, left, right, Likeness.EQUAL)
        if left is None or right is None:
            why = _OWN if _of_header(name.removeprefix("header ")) == _OWN else ""
        else:
            why = self._volatile(place, name, left, right)
        kind = Likeness.VOLATILE if why else Likeness.DIFFERS
        return ComparedValue(place, left, right, kind, why)

    def _volatile(self, place: str, name: str, left: str, right: str) -> str:
        """Why two values differ in every run; empty when they do not. What a request says by a key is the scenario's."""
        kind, _, header = name.partition(" ")
        named = _of_header(header) if kind == "header" else ""
        if place.startswith("answer $"):
            named = _of_key(name, left, right)
        return named or _shape(left, right) or self._made_up(left, right)

    def _hidden(self, name: str) -> tuple[Likeness, str]:
        """Of a masked value: only digests of one run can tell."""
        first, second = (digests.get(name.lower()) for digests in self._digests)
        if not self._one_run or first is None or second is None:
            return Likeness.UNKNOWN, "masked"
        return (Likeness.EQUAL, "") if first == second else (Likeness.DIFFERS, "masked")

    def _made_up(self, left: str, right: str) -> str:
        """Whether only values that the runs made up differ."""
        ours, theirs = _without(left, self._left.made), _without(right, self._right.made)
        return "made up" if ours == theirs and ours != left else ""

    def _lines(self, part: str, left: bytes, right: bytes) -> Iterator[ComparedValue]:
        ours = left.decode("utf-8", "backslashreplace").split("\n")
        theirs = right.decode("utf-8", "backslashreplace").split("\n")
        if max(len(ours), len(theirs)) > MOST_LINES:
            counts = f"{len(ours)} lines", f"{len(theirs)} lines"
            yield ComparedValue(f"{part} body", counts[0], counts[1], Likeness.DIFFERS, "too many")
            return
        steady = (
            [_steady(_without(line, self._left.made)) for line in ours],
            [_steady(_without(line, self._right.made)) for line in theirs],
        )
        matcher = difflib.SequenceMatcher(None, *steady, autojunk=False)
        for kind, start, end, begin, stop in matcher.get_opcodes():
            if kind == "equal":
                for one, other in zip(range(start, end), range(begin, stop), strict=True):
                    same = ours[one] == theirs[other]
                    likeness = Likeness.EQUAL if same else Likeness.VOLATILE
                    why = "" if same else "ids, times or made-up values"
                    place = f"{part} line {one + 1}"
                    yield ComparedValue(place, ours[one], theirs[other], likeness, why)
                continue
            for step in range(max(end - start, stop - begin)):
                one, other = start + step, begin + step
                yield ComparedValue(
                    f"{part} line {one + 1}",
                    ours[one] if one < end else None,
                    theirs[other] if other < stop else None,
                    Likeness.DIFFERS,
                )


def _by_name(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        text = value.decode("latin-1")
        found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def _read(evidence: Evidence, body: Body) -> bytes | None:
    if not body.size:
        return b""
    if not body.file or body.size > LARGEST:
        return None
    try:
        return evidence.read(body)
    except UNREADABLE:
        return None


def _why_whole(left: Body, right: Body) -> str:
    """Why two bodies are compared as a whole only."""
    if max(left.size, right.size) > LARGEST:
        return f"above {LARGEST:,} bytes only digests are compared; `smoke show RUN STEP --body` has each"
    return "the evidence of one was removed, or changed"


def _size(body: Body) -> str:
    return f"{body.size} bytes, sha256 {body.sha256[:16]}"


_OWN = "of the exchange"
_HEADERS: Mapping[str, str] = {
    **dict.fromkeys(
        ("date", "expires", "last-modified", "age", "x-runtime", "server-timing"), "a time"
    ),
    **dict.fromkeys(("content-length", "host", "connection", "keep-alive"), _OWN),
    **dict.fromkeys(("etag", "set-cookie", "cookie", "x-csrf-token", "x-xsrf-token"), "a token"),
    **dict.fromkeys(("idempotency-key", "x-nonce"), "a token"),
    **dict.fromkeys(
        ("x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "cf-cache-status"), _OWN
    ),
}
_WORDS = {
    **dict.fromkeys(("id", "uuid", "guid", "digest"), "an id"),
    **dict.fromkeys(
        ("at", "time", "timestamp", "date", "expires", "duration", "elapsed", "ms"), "a time"
    ),
    **dict.fromkeys(("token", "nonce", "csrf", "session", "signature"), "a token"),
}
"""The last word of a key whose values an answer has of one moment: `order_id`, `createdAt`."""
_WORD = re.compile(r"[A-Z]{1,99}(?![a-z])|[A-Z]?[a-z]{1,99}|[0-9]{1,99}")
_LASTING = frozenset({"", "true", "false", "null"})
_SHAPES = {
    "an id": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "a time": re.compile(
        r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d| UTC| GMT)?)?"
        r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d GMT"
        r"|1[5-9]\d{8}(?:\d{3})?"
    ),
    "a random word": re.compile(
        r"(?=[^\s]{0,300}\d)(?=[^\s]{0,300}[A-Za-z])[A-Za-z0-9_+/=.-]{20,300}"
    ),
}
_IN_TEXT = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\b[0-9a-f]{16,64}\b"
)


def _of_header(name: str) -> str:
    """Why a header is of one exchange; empty when its name does not say so."""
    return _HEADERS.get(name, "an id" if id_header(name) is not None else "")


def _of_key(path: str, left: str, right: str) -> str:
    """Why a value of an answer is of one moment, by the last word of its key; words alone never are."""
    if _LASTING.intersection((left, right)) or not all(map(_HAS_DIGIT.search, (left, right))):
        return ""
    words = _WORD.findall(path.rpartition(".")[2].partition("[")[0][-200:])
    return _WORDS.get(words[-1].lower(), "") if words else ""


_HAS_DIGIT = re.compile(r"[0-9]")


def _shape(left: str, right: str) -> str:
    """The form that both have and nothing lasting has; in a longer text, whether all that differs has it."""
    for why, shape in _SHAPES.items():
        if shape.fullmatch(left) and shape.fullmatch(right):
            return why
    if max(len(left), len(right)) <= 20_000 and _steady(left) == _steady(right):
        return "ids or times"
    return ""


def _steady(text: str) -> str:
    return _IN_TEXT.sub("…", text)


def _without(text: str, made: tuple[str, ...]) -> str:
    """A text without values that were made up: those that a step noted, and customers that are known again."""
    for value in sorted(made, key=len, reverse=True):
        if len(value) > 3:
            text = text.replace(value, "…")
    for kind in KINDS:
        text = kind.pattern.sub("…", text)
    return text
