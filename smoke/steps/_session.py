"""What a step may ask of the engine, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct, field

from smoke.diagnostic import SmokeError
from smoke.model.call import CallAnswer, ReceivedCall
from smoke.model.exchange import RawResponse, Request
from smoke.model.fact import Fact
from smoke.model.run import JsonValue, Outcome
from smoke.scenario.scope import Scope
from smoke.scenario.template import as_text, render
from smoke.steps._url import BuildError, header, request_url


class Answer(Protocol):
    """What a check found: whether what was expected holds, in one sentence, and the details."""

    @property
    def ok(self) -> bool: ...
    @property
    def message(self) -> str: ...
    @property
    def details(self) -> tuple[str, ...]: ...


class Built(Struct, frozen=True):
    """A request ready to be sent, and how. `customer` names whose cookies go along, `timeout` is in seconds.

    With `read`, `expect` and `capture` look at what it makes of an answer; a text says why there is nothing to look at.
    """

    request: Request
    customer: str = "default"
    follow_redirects: bool = False
    timeout: float | None = None
    idempotency_key: str | None = None
    read: Callable[[RawResponse], RawResponse | str] | None = None


def _nobody_asks(_seconds: float, _refresh: str) -> None:
    """Nobody wants to know how long it is good for."""


def _now() -> datetime:
    return datetime.now(UTC)


class Making(Struct, frozen=True):
    """What a request is made with. `files` holds the bytes of the files that the spec names (`files(spec)`).

    `good_for` is for the `read` of its Built: for how many seconds what an answer gives is good, and the text that asks for the
    next. `refresh` is that text, where the step is carried out again because what it gave ran out; else it is empty.
    """

    scope: Scope
    base_url: str
    new_uuid: Callable[[], str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    now: Callable[[], datetime] = _now
    good_for: Callable[[float, str], None] = _nobody_asks
    refresh: str = ""

    def fill(self, template: Any) -> JsonValue:
        """A text, list or mapping of the scenario with its templates filled in. Raises TemplateError."""
        return render(template, self.scope)

    def text(self, template: str) -> str:
        """The same as text. Raises TemplateError."""
        return as_text(self.fill(template))

    def json(self, template: Any) -> bytes:
        """A list or mapping of the scenario as a JSON document, its templates filled in. Raises TemplateError, BuildError."""
        from smoke.steps._body import json_body

        return json_body(template, self.scope)[0]

    def request(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Request:
        """A request to a path below the target, or to an allowed origin: the templates of `url` and `query` are filled in.

        Headers and body are taken as they are. Raises TemplateError, and BuildError for what no request can hold.
        """
        return Request(
            method=method.upper(),
            url=request_url(url, query or {}, self.scope, self.base_url),
            headers=tuple(header(name, value, value) for name, value in (headers or {}).items()),
            body=body,
        )


class Reply(Struct, frozen=True):
    """What came of a step's request, judged by the step's `expect`. `captures` are those of `capture`, as they really are."""

    outcome: Outcome
    message: str = ""
    status: int | None = None
    captures: Mapping[str, JsonValue] = field(default_factory=dict)


class WantedCall(Struct, frozen=True):
    """Which call a step waits for, at the receiver of `url`, and how long. None for any path, an empty method for any.

    `meets` looks at all of a call; with `none` such a call must not come.
    """

    url: str
    method: str = ""
    path: str | None = None
    seconds: float = 30.0
    meets: Callable[[ReceivedCall], bool] | None = None
    none: bool = False

    def is_met_by(self, call: ReceivedCall) -> bool:
        """Whether this is the one."""
        if self.method and call.request.method.upper() != self.method:
            return False
        if self.path is not None and self.path != (call.path or "/"):
            return False
        return self.meets is None or self.meets(call)

    @property
    def words(self) -> str:
        """What is waited for."""
        where = "" if self.path is None else f" to {self.path}"
        body = "" if self.meets is None else " with the JSON that is asked for"
        return f"a {self.method or 'call'}{where}{body}"


def _receives_nothing(_wanted: WantedCall) -> Reply:
    raise SmokeError.of("plugin-failed", "the kind of this step does not receive (RECEIVES)")


def _opens_nothing(_answer: CallAnswer, _port: int) -> str:
    raise SmokeError.of("no-receiver", "nothing can be received here")


def _sends_nothing() -> Reply:
    raise BuildError("this step kind has no `build`: there is no request to send")


class Session(Struct, frozen=True):
    """The engine's doors for one step. `sleep` takes seconds and is False when it was cut short.

    `ask` puts a question to the database: a check's name, and what a scenario writes behind it, as a mapping or as the
    check's own Spec (`session.ask("rows", {"query": "select 1 as one", "count": 1})`). It raises SmokeError without an answer.
    Its kind says `ASKS_DATABASE = True`, so that a run without a database is refused before anything is sent.
    `send` carries out the request that the kind's `build` makes, as a request step does: with its journal, retries,
    masks, evidence, `expect`, `capture` and orders. It can be called once; what it comes to cannot be taken back.
    """

    scope: Scope
    sleep: Callable[[float], bool]
    clear_cookies: Callable[[str], None]
    remaining: Callable[[], float]
    ask: Callable[[str, Any], Answer]
    send: Callable[[], Reply] = _sends_nothing
    open_receiver: Callable[[CallAnswer, int], str] = _opens_nothing
    receive: Callable[[WantedCall], Reply] = _receives_nothing

    def fill(self, template: Any) -> JsonValue:
        """A text, list or mapping of the scenario with its templates filled in. Raises TemplateError."""
        return render(template, self.scope)

    def text(self, template: str) -> str:
        """The same as text. Raises TemplateError."""
        return as_text(self.fill(template))


class Given(Struct, frozen=True):
    """A name for the steps behind, and its value (of JSON's types); a secret one is masked everywhere from now on."""

    name: str
    value: Any
    secret: bool = False


class Done(Struct, frozen=True):
    """What a step came to; `checked` says in words what was looked at.

    `captures` are names for the steps behind, which the kind's `captures(spec)` declares. `facts` stand in every report
    of the step, whether it passed or not: at most 50, each with a label of one to 32 characters.
    """

    outcome: Outcome
    message: str = ""
    checked: tuple[str, ...] = ()
    captures: tuple[Given, ...] = ()
    facts: tuple[Fact, ...] = ()
