"""What belongs to an order: ids and values of a whole scenario by which an entry of a log is known to be its. Pure.

The request that places an order is often an empty POST: the e-mail was sent at sign-up, the cart's id stands in the
path. So everything counts that this customer sent, and that the shop gave it, in every step so far.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from smoke.logs.wanted import Named, Wanted
from smoke.model import made_up
from smoke.model.correlation import Names, id_header, trace_and_span
from smoke.model.exchange import Body, Exchange, Headers
from smoke.model.finding import Finding
from smoke.model.run import Attempt, JsonValue, PlacedOrder, ScenarioResult, StepResult

Read = Callable[[Body], str]
"""Gives a kept body as text; empty when it is not there, or too large."""

MASK = "[masked:"
"""Begins what stands in the place of a secret (redact/matches.py): it is nobody's value."""
_SHORTEST = 6
_MOST = 200
"""Values of a kind at most: a scenario in rounds has many."""
_MOST_READ = 4 * 1024 * 1024
"""Characters of a scenario's bodies that are read at most."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWNED = frozenset(
    [
        "account",
        "address",
        "basket",
        "cart",
        "checkout",
        "client",
        "contact",
        "customer",
        "draft",
        "intent",
        "invoice",
        "job",
        "member",
        "order",
        "payment",
        "profile",
        "purchase",
        "quote",
        "recipient",
        "reservation",
        "session",
        "shipment",
        "shopper",
        "subscription",
        "transaction",
        "user",
        "wishlist",
    ]
)
"""Things of which each customer has one of their own."""
_SHARED = frozenset(
    [
        "category",
        "channel",
        "collection",
        "country",
        "coupon",
        "currency",
        "discount",
        "gateway",
        "inventory",
        "item",
        "language",
        "line",
        "locale",
        "location",
        "method",
        "option",
        "plan",
        "price",
        "product",
        "promotion",
        "provider",
        "rate",
        "region",
        "sales",
        "shipping",
        "sku",
        "stock",
        "store",
        "tax",
        "tenant",
        "variant",
        "vendor",
        "warehouse",
        "zone",
    ]
)
"""Things that all customers share: an id of one of them says nothing of whose an error is."""
_RANDOM = re.compile(r"(?=[\w.:~+/=-]{8,128}\Z)(?=[^0-9]{0,128}[0-9])(?=[^A-Za-z]{0,128}[A-Za-z])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]|\Z)|v?\d{1,4}(?:\.\d{1,6}){1,3}\Z")
_COUNTING = re.compile(r"\d{1,20}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ELEMENT = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_DEEPEST = 6
_MOST_OBJECTS = 2000
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
        elsewhere = {
            name for at, *both in self.ids if at != place for names in both for name in names
        }
        # a trace of the whole run, and an id that several requests share, tell the run and not the request
        shared = [name for name in (*told, *sent) if name in elsewhere]
        mine = {*told, *sent}
        first, last = attempt.exchanges[0], attempt.exchanges[-1]
        asked = last if first.request.method in _SAFE else first
        error = finding.database_error if finding is not None else None
        started, finished = window(attempt)
        return Wanted(
            started=started,
            finished=finished,
            ids=_once(name for name in (*told, *sent) if name not in elsewhere),
            sent=_once(name for name in sent if name not in elsewhere and name not in told),
            keys=_once([*self.keys, *shared]),
            given=self.given,
            named=self.named,
            others=_once(sorted(elsewhere - mine)),
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
) -> Belongings:
    """What belongs to the customers of a scenario. `also` are values that only this run has, such as its id."""
    own: dict[str, None] = dict.fromkeys(value for name in also for value in forms(name))
    found = _Found()
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
            _given_by(exchange, read, found)
        ids.append((place, _once(told), _once(sent)))
        windows.append((place, *window(attempt)))
        if attempt is step.attempts[-1]:
            _captured(step, found)
    for order in orders:
        if order.scenario == scenario.name:
            own.update(dict.fromkeys(_usable(order.idempotency_key)))
            found.take("order", order.order_id)
    own.update(dict.fromkeys(traces))
    return Belongings(
        keys=_once(own),
        given=_once(form for value in found.given for form in forms(value)),
        named=tuple(found.named.values())[:_MOST],
        ids=tuple(ids),
        windows=tuple(windows),
    )


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


class _Found:
    """Ids that the shop gave, told from those that everybody has."""

    def __init__(self) -> None:
        self.given: dict[str, None] = {}
        self.named: dict[tuple[str, str], Named] = {}
        self.common: set[str] = set()
        self.objects = 0

    def take(self, name: str, value: JsonValue) -> None:
        """An id by the name of the thing that it is of."""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return
        text = str(value)
        if not text or text in self.common or MASK in text or len(self.given) >= _MOST:
            return
        if _COUNTING.match(text):
            if name:
                names = (name, f"{name}s", f"{name}_id")
                self.named.setdefault((name, text), Named(names, text))
        elif is_random(text):
            self.given.setdefault(text)


def is_random(text: str) -> bool:
    """Whether a text is an id that nobody else has by chance: letters and digits, and no time or version."""
    return _RANDOM.match(text) is not None and _MOMENT.match(text) is None


def _sent_by(exchange: Exchange, read: Read, own: dict[str, None], found: _Found) -> None:
    """What a request carried: values that the run made up are its own; every other id in it was known before."""
    request = exchange.request
    for name, value in _texts(request.headers):
        if name == "idempotency-key":
            own.update(dict.fromkeys(_usable(value)))
    text = "\n".join((unquote(request.url), request.url, read(request.body)))
    own.update(dict.fromkeys(made_up.found_in(text)))
    if len(found.common) < _MOST * 10:
        # a product or region that the scenario names itself: other runs name it too
        words = set(re.findall(r"[\w.:~-]{8,128}", text[:_MOST_READ]))
        found.common |= {w for w in words if is_random(w) and w not in found.given}


def _given_by(exchange: Exchange, read: Read, found: _Found) -> None:
    """Ids of what an unsafe request made: of what is only read everybody may have the same."""
    response = exchange.response
    if response is None or exchange.request.method in _SAFE or response.status >= 400:
        return
    location = response.header("location") or ""
    if MASK not in location:
        segments = [unquote(part) for part in urlsplit(location).path.split("/") if part]
        for before, segment in zip(["", *segments], segments, strict=False):
            found.take(_thing(before), segment)
    if "json" not in response.body.media_type:
        return
    try:
        data = json.loads(read(response.body) or "null")
    except (ValueError, RecursionError):
        return
    _walk(data, "", found, 0)


def _walk(data: Any, name: str, found: _Found, depth: int) -> None:
    """The ids of a customer's own things in an answer; lists hold what there are many of."""
    if not isinstance(data, dict) or depth > _DEEPEST or found.objects > _MOST_OBJECTS:
        return
    found.objects += 1
    thing = _thing(name)
    if depth == 0 or thing in _OWNED:
        found.take(thing, data.get("id"))
    for key, value in data.items():
        if isinstance(value, dict):
            if _thing(key) not in _SHARED:
                _walk(value, key, found, depth + 1)
        elif _is_id(key) and _thing(key) in _OWNED:
            found.take(_thing(key), value)


def _captured(step: StepResult, found: _Found) -> None:
    """What a step took from its answer, unless it is secret or of a thing that all customers share."""
    exchanges = step.attempts[-1].exchanges
    made = bool(exchanges) and exchanges[0].request.method not in _SAFE
    for capture in step.captures:
        words = {word.lower().removesuffix("s") for word in _WORD.findall(capture.name)}
        owned = bool(words & _OWNED)
        if not capture.secret and (owned or (made and not words & _SHARED)):
            found.take(_thing(capture.name), capture.value)


def _is_id(key: str) -> bool:
    return key.endswith(("_id", "Id", "ID", "_uuid", "Uuid"))


def _thing(name: str) -> str:
    """What a name is about, in the singular: `orderId`, `order_id` and `orders` are about an order."""
    words = [word.lower() for word in _WORD.findall(name)]
    if len(words) > 1 and words[-1] in ("id", "uuid", "number"):
        words = words[:-1]
    known = [word.removesuffix("s") for word in words if word.removesuffix("s") in _OWNED]
    return known[-1] if known else "_".join(words).removesuffix("s")


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
    """The ids that stand in the body of an answer: a digest, a reference to quote."""
    return [
        name
        for item in finding.correlations
        if not _says(item.name) and not item.sent and MASK not in item.value
        for name in _spelled(item.name.lower(), item.value, ())
        if name not in sent
    ]


def _says(name: str) -> bool:
    """Whether a header's value says what went wrong, and is no id (`x-vercel-error`)."""
    known = id_header(name)
    return known is not None and known.names is Names.ERROR and known.platform


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
    return tuple(list(dict.fromkeys(values))[: _MOST * 8])
