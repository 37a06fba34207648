"""What belongs to an order: ids and values of a whole scenario by which an entry of a log is known to be its. Pure.

The request that places an order is often an empty POST: the e-mail was sent at sign-up, the cart's id stands in the
path. So everything counts that this customer sent, and that the shop gave it, in every step so far.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, quote_plus, unquote, urlsplit

from smoke.logs.given import MASK, MOST, SAFE, GivenIds, Read, captured, given_by, is_random
from smoke.logs.wanted import Named, Wanted
from smoke.model import made_up
from smoke.model.correlation import CorrelationKind, id_header, trace_and_span
from smoke.model.exchange import Exchange, Headers
from smoke.model.finding import Finding
from smoke.model.run import Attempt, Outcome, PlacedOrder, ScenarioResult, StepResult

_SHORTEST = 6
_MOST_READ = 4 * 1024 * 1024
"""Characters of a scenario's bodies that are read at most."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_ELEMENT = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_DIGEST = "digest"
_LONGEST_SAID = 8192


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a scenario has shown so far; `wanted` says what of it speaks for one of its attempts."""

    keys: tuple[str, ...]
    given: tuple[str, ...]
    named: tuple[Named, ...]
    ids: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]
    """Of each attempt, by its place in the scenario: the ids that the answers told, and those that were sent."""
    windows: tuple[tuple[int, datetime, datetime], ...]
    """When each was going on."""
    shared: tuple[str, ...] = ()
    """Keys that the run's other scenarios have too."""
    other_windows: tuple[tuple[datetime, datetime], ...] = ()
    """When those were going on."""

    def wanted(
        self,
        place: int,
        attempt: Attempt,
        finding: Finding | None,
        *,
        said: str = "",
        database: str = "",
        repeated: bool = False,
    ) -> Wanted:
        """What is known of the attempt with that place; `said` is what its answer says, `database` the shop's."""
        told, sent = next(((told, sent) for at, told, sent in self.ids if at == place), ((), ()))
        if finding is not None:
            told = _once([*told, *_told_by(finding, sent)])
        digests = _digests(finding) if finding is not None else ()
        elsewhere = {
            name for at, *both in self.ids if at != place for names in both for name in names
        }
        # a trace of the whole run, and an id that several requests share, tell the run and not the request
        shared = [name for name in (*told, *sent) if name in elsewhere]
        mine = {*told, *sent}
        first, last = attempt.exchanges[0], attempt.exchanges[-1]
        asked = last if first.request.method in SAFE else first
        error = finding.database_error if finding is not None else None
        started, finished = window(attempt)
        return Wanted(
            started=started,
            finished=finished,
            ids=_once(name for name in (*told, *sent) if name not in elsewhere),
            sent=_once(name for name in sent if name not in elsewhere and name not in told),
            keys=_once([*self.keys, *shared]),
            given=self.given,
            digests=digests,
            named=self.named,
            others=_once(sorted(elsewhere - mine)),
            shared=self.shared,
            other_windows=self.other_windows,
            busy=tuple((begun, ended) for at, begun, ended in self.windows if at != place),
            tables=(error.table_name,) if error is not None and error.table_name else (),
            sqlstate=(error.sqlstate or "") if error is not None else "",
            constraint=(error.constraint_name or "") if error is not None else "",
            said=_plain_words(said),
            database=database,
            method=first.request.method,
            path=unquote(urlsplit(asked.request.url).path),
            status=asked.response.status if asked.response is not None else 0,
            repeated=repeated,
        )


def belongings(
    scenario: ScenarioResult,
    orders: Sequence[PlacedOrder],
    read: Read,
    *,
    also: Sequence[str] = (),
    beside: Sequence[ScenarioResult] = (),
) -> Belongings:
    """What belongs to the customers of a scenario so far.

    `also` are values that only this run has, such as its id; `beside` are the run's scenarios, where this is not the only one.
    """
    own: dict[str, None] = dict.fromkeys(value for name in also for value in forms(name))
    found = GivenIds()
    ids: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
    windows: list[tuple[int, datetime, datetime]] = []
    traces: list[str] = []
    for place, step, attempt in attempts(scenario):
        if not attempt.exchanges:
            continue
        told: list[str] = []
        sent: list[str] = []
        for exchange in attempt.exchanges:
            traces += _traces(exchange.request.headers)
            sent += _ids(exchange.request.headers, traces)
            if exchange.response is not None:
                told += _ids(exchange.response.headers, traces)
            _sent_by(exchange, read, own, found)
            given_by(exchange, read, found)
        ids.append((place, _once(told), _once(sent)))
        windows.append((place, *window(attempt)))
        own.update(dict.fromkeys(form for value in attempt.made for form in forms(value)))
        if attempt is step.attempts[-1]:
            captured(step, found)
    for order in orders:
        if order.scenario == scenario.name:
            own.update(dict.fromkeys(_usable(order.idempotency_key)))
            found.take("order", order.order_id)
    own.update(dict.fromkeys(traces))
    return Belongings(
        keys=_once(own),
        given=_once(form for value in found.given for form in forms(value)),
        named=tuple(found.named.values())[:MOST],
        ids=tuple(ids),
        windows=tuple(windows),
        shared=_once([*(form for name in also for form in forms(name)), *traces]),
        other_windows=_other_windows(scenario, beside, windows),
    )


def _other_windows(
    scenario: ScenarioResult,
    beside: Sequence[ScenarioResult],
    windows: Sequence[tuple[int, datetime, datetime]],
) -> tuple[tuple[datetime, datetime], ...]:
    """When other scenarios of the run had a request under way; one that is not over may have one at any time."""
    others = [other for other in beside if other.name != scenario.name]
    found = [
        window(attempt)
        for other in others
        for _, _, attempt in attempts(other)
        if attempt.exchanges
    ]
    if windows and any(other.outcome is Outcome.UNFINISHED for other in others):
        found.append((min(begun for _, begun, _ in windows), datetime.max.replace(tzinfo=UTC)))
    return tuple(found)


def attempts(scenario: ScenarioResult) -> Iterator[tuple[int, StepResult, Attempt]]:
    """Every attempt of a scenario with its place in it."""
    place = 0
    for step in scenario.steps:
        for attempt in step.attempts:
            yield place, step, attempt
            place += 1


def window(attempt: Attempt) -> tuple[datetime, datetime]:
    """From the first byte of an attempt's first request to the last of its last answer, by the clock of this machine."""
    started = datetime.fromisoformat(attempt.exchanges[0].started_at)
    # the exchanges of a redirect chain have the start of the first
    seconds = sum(exchange.timing.total or 0.0 for exchange in attempt.exchanges)
    seconds += sum(exchange.timing.held for exchange in attempt.exchanges[1:])
    return started, started + timedelta(seconds=seconds, milliseconds=1)


def forms(value: str) -> tuple[str, ...]:
    """A value in every form in which a request may hold it, and a log repeat it."""
    cased = [value]
    if "@" in value or _UUID.match(value):
        cased += [value.lower(), value.upper()]
    if _UUID.match(value):
        cased += [value.replace("-", ""), value.replace("-", "").upper()]
    found: list[str] = []
    for text in cased:
        once = quote(text, safe="")
        found += [text, once, once.lower(), quote_plus(text), quote(once, safe="")]
        found += [json.dumps(text)[1:-1], text.replace("/", "\\/"), html.escape(text)]
    return tuple(dict.fromkeys(form for form in found if len(form) >= _SHORTEST))


def _sent_by(exchange: Exchange, read: Read, own: dict[str, None], found: GivenIds) -> None:
    """What a request carried: values that the run made up are its own; every other id in it was known before."""
    request = exchange.request
    for name, value in _texts(request.headers):
        if name == "idempotency-key":
            own.update(dict.fromkeys(_usable(value)))
    text = "\n".join((unquote(request.url), request.url, read(request.body)))
    own.update(dict.fromkeys(made_up.found_in(text)))
    for value in made_up.found_in(text, unique=False):
        if value not in own:  # a phone number: another run has the same once in many thousand times
            found.named.setdefault(("", value), Named((), value))
    if len(found.common) < MOST * 10:
        # a product or region that the scenario names itself: other runs name it too
        words = set(re.findall(r"[\w.:~-]{8,128}", text[:_MOST_READ]))
        found.common |= {w for w in words if is_random(w) and w not in found.given}


def _traces(headers: Headers) -> list[str]:
    """The traces that a request was sent in: one for the run."""
    parts = [trace_and_span(value) for name, value in _texts(headers) if name == "traceparent"]
    return [part[0] for part in parts if part is not None]


def _ids(headers: Headers, traces: Sequence[str]) -> list[str]:
    """The ids of a request or an answer, in the spellings of logs. Those of the run's own traces name no request."""
    found: list[str] = []
    for name, value in _texts(headers):
        known = id_header(name)
        if known is None or _says(name) or MASK in value:
            continue
        found += _spelled(name, value, traces)
    return found


def _told_by(finding: Finding, sent: Sequence[str]) -> list[str]:
    """The ids that stand in the body of an answer: an id of the request, a reference to quote."""
    return [
        name
        for item in finding.correlations
        if not _says(item.name) and not item.sent and MASK not in item.value
        if _DIGEST not in item.name.lower()
        for name in _spelled(item.name.lower(), item.value, ())
        if name not in sent
    ]


def _digests(finding: Finding) -> tuple[str, ...]:
    """The digests that an answer shows in the place of its error: Next.js makes them of the error's message and stack."""
    return _once(
        item.value
        for item in finding.correlations
        if _DIGEST in item.name.lower() and MASK not in item.value
    )


def _says(name: str) -> bool:
    """Whether a header's value says what went wrong, and is no id (`x-vercel-error`)."""
    known = id_header(name)
    return known is not None and known.names is CorrelationKind.ERROR and known.platform


def _spelled(name: str, value: str, traces: Sequence[str]) -> list[str]:
    parts = trace_and_span(value)
    if parts is not None:
        return [part for part in parts if part not in traces]
    found = [value]
    if name == "x-vercel-id":  # regions, then the id alone, as Vercel's log has it
        found.append(value.rpartition("::")[2])
    elif name == "cf-ray":  # the data centre stands behind it
        found.append(value.partition("-")[0])
    elif ";" in value or "=" in value:  # AWS X-Ray: Root=…;Parent=…
        found += [part for part in re.split(r"[;=,]", value) if len(part) >= 16]
    return [name for name in found if len(name) >= _SHORTEST and name not in traces]


def _usable(value: str) -> tuple[str, ...]:
    return forms(value) if len(value) >= _SHORTEST and MASK not in value else ()


def _texts(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        yield name.decode("latin-1").lower(), value.decode("latin-1").strip()


def _plain_words(text: str) -> str:
    """A text as words in lower case with one space between them, and one at either end."""
    visible = _ELEMENT.sub(" ", text[: _LONGEST_SAID * 8])[:_LONGEST_SAID]
    words = re.findall(r"[^\W_]+", visible.lower())
    return f" {' '.join(words)} " if words else ""


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(list(dict.fromkeys(values))[: MOST * 8])
