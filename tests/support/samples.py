"""Runs as tests need them, made of events, with their evidence in memory: fixed ids, fixed times, no disk.

`failing()` is the incident: Order 1 passes with 201, Order 2 gets the 500 of a unique violation, teardown removes
order 1. The others vary it. `hostile()` has every text from outside as an attacker would write it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from msgspec import structs

from smoke.model import events as e
from smoke.model.asked import Target
from smoke.model.dberror import Certainty, Citation, DatabaseError
from smoke.model.exchange import (
    Body,
    Completeness,
    Delivery,
    ErrorKind,
    Exchange,
    Headers,
    Phase,
    Redaction,
    Response,
    StoredRequest,
    Timing,
    TransportError,
)
from smoke.model.finding import Correlation, Finding
from smoke.model.fold import fold
from smoke.model.run import Capture, Decision, Mismatch, OrderState, Outcome, Removal, Run
from tests.support import told

RUN_ID = "20261123-101500-abc123"
FOLDER = f".smoke/runs/{RUN_ID}"
SOURCE = "scenarios/repeat-customer.yaml"
URL = "https://shop.example"
AT = "2026-11-23T10:15:00.000+00:00"
PASSED = "Repeat customers can place multiple orders"

NASTY = (
    "\x1b[2J\x1b]0;owned\x07[bold red]x[/] {0} %s\n::error::pwned\r##[error]x ##vso[task.complete]\u2028::warning::y "
    "\u202eevil\u200b</pre><script>alert(1)</script>]]> & \" ' | `` ``` @everyone ![x](http://evil.example/p.png) \ud800\x00"
)
"""Text with everything in it that styles, breaks or commands some reader."""


class MemoryEvidence:
    """Evidence that lies in memory."""

    def __init__(self, folder: str = FOLDER) -> None:
        self.folder = folder
        self.bodies: dict[str, bytes] = {}

    def keep(self, name: str, data: bytes, media_type: str = "application/json") -> Body:
        path = f"bodies/{name}"
        self.bodies[path] = data
        return Body(
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            path=path,
            media_type=media_type,
            charset="utf-8",
            original_size=len(data),
            wire_size=len(data),
            declared_size=len(data),
        )

    def read(self, body: Body, start: int = 0, size: int | None = None) -> bytes:
        data = self.bodies[body.path]
        return data[start:] if size is None else data[start : start + size]

    def path(self, body: Body) -> str:
        return f"{self.folder}/{body.path}"


@dataclass(frozen=True)
class Sample:
    """A run as its events, and its evidence."""

    events: tuple[e.Event, ...]
    evidence: MemoryEvidence

    @property
    def run(self) -> Run:
        run = fold(self.events, self.evidence.folder)
        assert run is not None
        return run


ORDER = {
    "action": "place_order",
    "customer": {"email": "ada.king@example.com", "phone": "+12025550143", "name": "Ada King"},
    "items": [{"sku": "tea-sencha", "quantity": 1}],
    "payment": {"card_number": "424242******4242"},
}

INCIDENT = {
    "ok": False,
    "error": 'duplicate key value violates unique constraint "h2s_dispatch_jobs_recipient_step_uq"',
    "code": "23505",
    "details": {
        "severity": "ERROR",
        "code": "23505",
        "detail": "Key (recipient_id, step_id)=(5b1f6f2e-8d0c-4f6e-9a53-0c1d7d3f2a10, step-1) already exists.",
        "schema": "public",
        "table": "h2s_dispatch_jobs",
        "constraint": "h2s_dispatch_jobs_recipient_step_uq",
        "file": "nbtinsert.c",
        "line": "666",
        "routine": "_bt_check_unique",
    },
    "request_id": "req_7f3a",
}


class Teller:
    """Collects the events of one run."""

    def __init__(self, target: Target | None = None) -> None:
        self.evidence = MemoryEvidence()
        self.events: list[e.Event] = [
            told.run_started(
                AT,
                RUN_ID,
                "0.1.0",
                target or Target("shop", URL, version="v2", expected_version="v2"),
                RUN_ID,
            )
        ]
        self._count = 0

    def scenario(self, name: str = "repeat-customer", passed: str = PASSED) -> None:
        self.events.append(
            told.scenario_started(
                AT,
                name,
                "The same customer can order twice.",
                f"scenarios/{name}.yaml",
                passed,
                "fixes/0007_one_dispatch_job_per_order.sql",
            )
        )

    def exchange(
        self,
        *,
        method: str = "POST",
        url: str = f"{URL}/api/shop",
        sent: object = None,
        status: int | None = 201,
        reason: bytes = b"",
        body: bytes = b"",
        media_type: str = "application/json",
        headers: Headers = (),
        error: TransportError | None = None,
        seconds: float = 0.038,
        completeness: Completeness = Completeness.COMPLETE,
        redactions: tuple[Redaction, ...] = (),
    ) -> Exchange:
        self._count += 1
        number = self._count
        request = b"" if sent is None else json.dumps(sent).encode()
        response = None
        if status is not None:
            response = Response(
                status=status,
                reason=reason,
                headers=((b"Content-Type", media_type.encode()), *headers),
                body=self.evidence.keep(f"{number}.response", body, media_type),
                completeness=completeness,
            )
        return Exchange(
            id=f"{RUN_ID}-{number}",
            request=StoredRequest(
                method,
                url,
                (
                    (b"Host", b"shop.example"),
                    (b"Content-Type", b"application/json"),
                    (b"Authorization", b"[masked:authorization]"),
                ),
                self.evidence.keep(f"{number}.request", request) if request else Body(),
                (("header authorization", "c" * 64),),
            ),
            response=response,
            error=error,
            timing=Timing(0.001, 0.003, 0.012, 0.013, seconds - 0.002, seconds),
            peer="203.0.113.7:443",
            redactions=redactions,
            redaction_count=len(redactions),
            started_at=f"2026-11-23T10:15:{number:02d}.000+00:00",
        )

    def step(
        self,
        name: str,
        exchanges: Iterable[Exchange],
        outcome: Outcome = Outcome.PASSED,
        *,
        scenario: str = "repeat-customer",
        order: tuple[OrderState, str] | None = None,
        removes: str = "",
        mismatches: tuple[Mismatch, ...] = (),
        findings: tuple[Finding, ...] = (),
        decision: str = "nothing speaks against the answer",
        captures: tuple[Capture, ...] = (),
        checked: tuple[str, ...] = (),
        message: str = "",
        teardown: bool = False,
        line: int = 16,
        seconds: float = 0.04,
    ) -> None:
        """A whole step of one attempt, with the order that it places or removes."""
        add = self.events.append
        started = told.step_started(AT, scenario, name, teardown=teardown, source=SOURCE, line=line)
        add(started)
        made = tuple(exchanges)
        key = f"{scenario}/{name}"
        if order is not None:
            add(
                told.order_intended(
                    AT,
                    scenario,
                    name,
                    key,
                    made[0].id,
                    "",
                    "0" * 64,
                    "DELETE FROM orders WHERE id = '{{ order_id }}'",
                )
            )
        for exchange in made:
            add(e.ExchangeRecorded(AT, scenario, name, 1, exchange))
        if order is not None:
            add(e.OrderSettled(AT, key, order[0], order[1], made[-1].id))
        placed = tuple(
            replace(finding, scenario=scenario, step=name, attempt=1, exchange_id=made[-1].id)
            for finding in findings
        )
        error = made[-1].error.message if made and made[-1].error is not None else ""
        add(
            told.attempt_finished(
                AT,
                scenario,
                name,
                1,
                mismatches,
                placed,
                Decision(retry=False, reason=decision),
                error,
            )
        )
        if removes:
            add(e.OrderRemoved(AT, removes, Removal.YES, "status 200"))
        add(told.step_finished(AT, started, outcome, captures, checked, message, seconds=seconds))

    def order_1(self, scenario: str = "repeat-customer") -> None:
        answer = {"ok": True, "order": {"id": "ORD-AAA", "total": 1250}}
        self.step(
            "Order 1",
            [self.exchange(sent=ORDER, body=json.dumps(answer).encode(), reason=b"Created")],
            scenario=scenario,
            order=(OrderState.PLACED, "ORD-AAA"),
            captures=(Capture("first_order", "ORD-AAA"),),
            checked=CHECKED,
        )

    def cancel(
        self, order: str = "ORD-AAA", of: str = "Order 1", scenario: str = "repeat-customer"
    ) -> None:
        number = 1 + sum(isinstance(x, e.OrderRemoved) for x in self.events)
        self.step(
            "Cancel the orders" if number == 1 else f"Cancel the orders#{number}",
            [
                self.exchange(
                    sent={"action": "cancel_order", "order_id": order},
                    status=200,
                    body=b'{"ok":true}',
                )
            ],
            scenario=scenario,
            removes=f"{scenario}/{of}",
            checked=("status is 200",),
            teardown=True,
            line=47,
        )

    def end(self, outcome: Outcome, scenario: str = "repeat-customer", message: str = "") -> None:
        started = next(
            event.result
            for event in self.events
            if isinstance(event, e.ScenarioStarted) and event.scenario == scenario
        )
        result = structs.replace(started, outcome=outcome, message=message, seconds=0.41)
        self.events.append(e.ScenarioFinished(AT, result))

    def done(
        self, outcome: Outcome, interrupted_by: str = "", problems: tuple[str, ...] = ()
    ) -> Sample:
        self.events.append(
            e.RunFinished("2026-11-23T10:15:01.000+00:00", outcome, interrupted_by, problems, 0.437)
        )
        return self.sample()

    def sample(self) -> Sample:
        return Sample(tuple(self.events), self.evidence)


CHECKED = (
    "status is 201",
    "$.ok equals true",
    "$.order.id starts with ORD-",
    "no database error in the response",
)


def cited(body: bytes, **values: str) -> tuple[Citation, ...]:
    """A citation for each value: where the body has it for the first time."""
    return tuple(
        Citation(name, "body", start, start + len(value.encode()))
        for name, value in values.items()
        if (start := body.find(value.encode())) >= 0
    )


def unique_violation(body: bytes) -> Finding:
    """The finding of the incident."""
    details = INCIDENT["details"]
    assert isinstance(details, dict)
    error = DatabaseError(
        sqlstate="23505",
        condition_name="unique_violation",
        severity="ERROR",
        message_primary=str(INCIDENT["error"]),
        message_detail=details["detail"],
        schema_name="public",
        table_name="h2s_dispatch_jobs",
        constraint_name="h2s_dispatch_jobs_recipient_step_uq",
        columns=("recipient_id", "step_id"),
        dialect="node-postgres",
        certainty=Certainty.FIELD,
        citations=cited(
            body,
            sqlstate="23505",
            constraint_name="h2s_dispatch_jobs_recipient_step_uq",
            table_name="h2s_dispatch_jobs",
        ),
    )
    return Finding(
        code="unique-violation",
        title="unique_violation (SQLSTATE 23505) on h2s_dispatch_jobs_recipient_step_uq",
        database_error=error,
        correlations=(Correlation("x-vercel-id", "fra1::iad1::abcde-1795000000000-0f1e2d3c4b5a"),),
        fingerprint="3f0c9d2a7b51",
    )


def wrong_status(actual: int = 500) -> Mismatch:
    return Mismatch("status", 201, actual, source=SOURCE, line=29, column=15)


VERCEL: Headers = (
    (b"X-Vercel-Id", b"fra1::iad1::abcde-1795000000000-0f1e2d3c4b5a"),
    (b"x-request-id", b"req_7f3a"),
    (b"Cache-Control", b"no-store"),
)


def failing() -> Sample:
    """The incident."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    _order_2(teller, OrderState.MAY_EXIST)
    teller.cancel()
    teller.end(Outcome.FAILED)
    return teller.done(Outcome.FAILED)


def large() -> Sample:
    """The incident with an answer that no screen holds."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    _order_2(teller, OrderState.MAY_EXIST, padding="x" * 5000)
    teller.end(Outcome.FAILED)
    return teller.done(Outcome.FAILED)


def same_cause() -> Sample:
    """Three scenarios that fail by one cause."""
    teller = Teller()
    for name in ("repeat-customer", "second", "third"):
        teller.scenario(name)
        teller.order_1(name)
        _order_2(teller, OrderState.MAY_EXIST, name)
        teller.end(Outcome.FAILED, name)
    return teller.done(Outcome.FAILED)


def _order_2(
    teller: Teller,
    state: OrderState = OrderState.NOT_PLACED,
    scenario: str = "repeat-customer",
    padding: str = "",
) -> None:
    body = json.dumps({**INCIDENT, **({"padding": padding} if padding else {})}).encode()
    teller.step(
        "Order 2",
        [
            teller.exchange(
                sent=ORDER,
                status=500,
                reason=b"Internal Server Error",
                body=body,
                headers=VERCEL,
                seconds=0.0521,
            )
        ],
        Outcome.FAILED,
        order=(state, ""),
        mismatches=(wrong_status(),),
        findings=(unique_violation(body),),
        scenario=scenario,
        decision="not sent again: the request may have been carried out",
        checked=CHECKED,
        message="unique_violation (SQLSTATE 23505) on h2s_dispatch_jobs_recipient_step_uq",
        line=38,
    )


def passing() -> Sample:
    """Both orders pass and are removed again."""
    teller = Teller()
    _passing_scenario(teller, "repeat-customer")
    return teller.done(Outcome.PASSED)


def _passing_scenario(teller: Teller, name: str, passed: str = PASSED) -> None:
    teller.scenario(name, passed)
    teller.order_1(name)
    answer = {"ok": True, "order": {"id": "ORD-BBB", "total": 1250}}
    teller.step(
        "Order 2",
        [teller.exchange(sent=ORDER, body=json.dumps(answer).encode(), reason=b"Created")],
        scenario=name,
        order=(OrderState.PLACED, "ORD-BBB"),
        checked=CHECKED,
        line=38,
    )
    teller.cancel(scenario=name)
    teller.cancel("ORD-BBB", "Order 2", name)
    teller.end(Outcome.PASSED, name)


def errored() -> Sample:
    """Nothing listens at the target."""
    teller = Teller(Target("", "http://127.0.0.1:9"))
    teller.scenario()
    error = TransportError(
        ErrorKind.CONNECTION_REFUSED,
        Phase.CONNECT,
        Delivery.NOT_SENT,
        "connection refused by 127.0.0.1:9",
    )
    teller.step(
        "Order 1",
        [
            teller.exchange(
                url="http://127.0.0.1:9/api/shop",
                sent=ORDER,
                status=None,
                error=error,
                seconds=0.004,
            )
        ],
        Outcome.ERRORED,
        order=(OrderState.NOT_PLACED, ""),
        decision="the step declares no retry",
        checked=CHECKED,
        message=error.message,
    )
    second = told.step_started(AT, "repeat-customer", "Order 2", source=SOURCE, line=38)
    skipped = told.step_finished(AT, second, Outcome.SKIPPED, message="step 'Order 1' did not pass")
    teller.events += [second, skipped]
    teller.end(Outcome.ERRORED)
    return teller.done(Outcome.ERRORED)


def maybe_sent() -> Sample:
    """The connection was reset after the order had been sent: it may exist."""
    teller = Teller()
    teller.scenario()
    error = TransportError(
        ErrorKind.RESET,
        Phase.WAIT,
        Delivery.MAYBE_SENT,
        "the connection was reset while waiting for the answer",
    )
    teller.step(
        "Order 1",
        [teller.exchange(sent=ORDER, status=None, error=error, seconds=1.5)],
        Outcome.ERRORED,
        order=(OrderState.MAY_EXIST, ""),
        decision="not sent again: the request may have been carried out",
        message=error.message,
    )
    teller.end(Outcome.ERRORED)
    return teller.done(Outcome.ERRORED)


def flaky() -> Sample:
    """Order 1 got a 503 first, and passed the second time."""
    teller = Teller()
    teller.scenario()
    busy = teller.exchange(
        sent=ORDER, status=503, reason=b"Service Unavailable", body=b"busy", media_type="text/plain"
    )
    good = teller.exchange(
        sent=ORDER, body=b'{"ok": true, "order": {"id": "ORD-AAA"}}', reason=b"Created"
    )
    scenario, name, key = "repeat-customer", "Order 1", "repeat-customer/Order 1"
    hidden = Finding(
        "server-error",
        "status 503 without a database error",
        scenario=scenario,
        step=name,
        attempt=1,
        exchange_id=busy.id,
    )
    started = told.step_started(AT, scenario, name, source=SOURCE, line=16)
    teller.events += [
        started,
        told.order_intended(AT, scenario, name, key, busy.id, "key-1"),
        e.ExchangeRecorded(AT, scenario, name, 1, busy),
        e.OrderSettled(AT, key, OrderState.MAY_EXIST, "", busy.id),
        told.attempt_finished(
            AT,
            scenario,
            name,
            1,
            (wrong_status(503),),
            (hidden,),
            Decision(
                retry=True,
                reason="the request has an Idempotency-Key, and the same key is sent again",
                wait=0.5,
            ),
        ),
        e.ExchangeRecorded(AT, scenario, name, 2, good),
        e.OrderSettled(AT, key, OrderState.PLACED, "ORD-AAA", good.id),
        told.attempt_finished(
            AT,
            scenario,
            name,
            2,
            decision=Decision(retry=False, reason="nothing speaks against the answer"),
        ),
        told.step_finished(AT, started, Outcome.PASSED, checked=CHECKED, flaky=True, seconds=0.6),
    ]
    teller.cancel()
    teller.end(Outcome.PASSED)
    return teller.done(Outcome.PASSED)


def unfinished() -> Sample:
    """The process was killed while order 2 was under way."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    teller.events += [
        told.step_started(AT, "repeat-customer", "Order 2", source=SOURCE, line=38),
        told.order_intended(
            AT, "repeat-customer", "Order 2", "repeat-customer/Order 2", f"{RUN_ID}-2"
        ),
    ]
    return teller.sample()


def left_behind() -> Sample:
    """The clean-up of order 1 failed with a 500, and order 2 may exist."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    _order_2(teller, OrderState.MAY_EXIST)
    teller.events += [
        e.OrderRemoved(AT, "repeat-customer/Order 1", Removal.FAILED, "status 500"),
    ]
    teller.step(
        "Cancel the orders",
        [
            teller.exchange(
                sent={"action": "cancel_order", "order_id": "ORD-AAA"},
                status=500,
                body=b"",
                reason=b"Internal Server Error",
            )
        ],
        Outcome.FAILED,
        mismatches=(Mismatch("status", 200, 500, source=SOURCE, line=52, column=21),),
        findings=(
            Finding(
                "error-hidden",
                "the response fails and does not show the database's error",
                hiding="empty-body",
            ),
        ),
        decision="not sent again: the request may have been carried out",
        message="the response fails and does not show the database's error",
        teardown=True,
        line=47,
    )
    teller.end(Outcome.FAILED)
    return teller.done(Outcome.FAILED)


def not_ready() -> Sample:
    """The target never became ready; nothing was run."""
    teller = Teller()
    busy = teller.exchange(
        method="GET",
        url=f"{URL}/api/health",
        status=503,
        reason=b"Service Unavailable",
        body=b"DEPLOYMENT_NOT_READY",
        media_type="text/plain",
        headers=VERCEL,
    )
    message = "not ready within 120 s: status 503"
    teller.events.append(e.TargetReady(AT, ready=False, message=message, exchange=busy))
    return teller.done(Outcome.ERRORED)


def interrupted() -> Sample:
    """Ctrl-C in the middle of order 2; the teardown ran."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    error = TransportError(
        ErrorKind.INTERRUPTED, Phase.WAIT, Delivery.SENT, "interrupted by SIGINT"
    )
    teller.step(
        "Order 2",
        [teller.exchange(sent=ORDER, status=None, error=error)],
        Outcome.ERRORED,
        order=(OrderState.MAY_EXIST, ""),
        decision="interrupted",
        message=error.message,
        line=38,
    )
    teller.cancel()
    teller.end(Outcome.ERRORED, message="interrupted by SIGINT")
    return teller.done(Outcome.ERRORED, "SIGINT")


def hidden() -> Sample:
    """A production build that says only `Internal Server Error` and a request id."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    body = b'{"ok": false, "error": "Internal Server Error", "request_id": "req_7f3a"}'
    teller.step(
        "Order 2",
        [
            teller.exchange(
                sent=ORDER, status=500, reason=b"Internal Server Error", body=body, headers=VERCEL
            )
        ],
        Outcome.FAILED,
        order=(OrderState.MAY_EXIST, ""),
        mismatches=(wrong_status(),),
        findings=(
            Finding(
                "error-hidden",
                "the response fails and does not show the database's error",
                hiding="generic-page",
                correlations=(
                    Correlation("x-vercel-id", "fra1::iad1::abcde-1795000000000-0f1e2d3c4b5a"),
                    Correlation("request_id", "req_7f3a"),
                ),
            ),
        ),
        decision="not sent again: the request may have been carried out",
        message="the response fails and does not show the database's error",
        line=38,
    )
    teller.cancel()
    teller.end(Outcome.FAILED)
    return teller.done(Outcome.FAILED)


def several() -> Sample:
    """Two scenarios pass and one was not carried out."""
    teller = Teller()
    _passing_scenario(teller, "first-order", "A new customer can order")
    _passing_scenario(teller, "repeat-customer")
    teller.scenario("cancel-order", "An order can be cancelled")
    teller.end(Outcome.SKIPPED, "cancel-order", "not started: --fail-fast")
    return teller.done(Outcome.PASSED)


def hostile(text: str = NASTY) -> Sample:
    """Every text that is not ours is `text`."""
    teller = Teller(Target(text, f"https://shop.example/{text}", version=text, proxy=text))
    raw = text.encode("utf-8", "surrogatepass")
    teller.events.append(told.scenario_started(AT, text, text, text, text, text))
    finding = Finding(
        code=text,
        title=text,
        database_error=DatabaseError(
            sqlstate=text,
            condition_name=text,
            severity=text,
            message_primary=text,
            message_detail=text,
            message_hint=text,
            schema_name=text,
            table_name=text,
            column_name=text,
            datatype_name=text,
            constraint_name=text,
            columns=(text, text),
            dialect=text,
            citations=(Citation("sqlstate", text, 0, 5, (text,)),),
        ),
        reason=text,
        hiding=text,
        correlations=(Correlation(text, text),),
        notes=(text,),
    )
    teller.step(
        text,
        [
            teller.exchange(
                method=text,
                url=f"https://shop.example/{text}",
                sent=text,
                status=500,
                reason=raw,
                body=raw * 3,
                media_type=text.encode("ascii", "backslashreplace").decode(),
                headers=((b"x-request-id", raw), (raw, raw)),
            )
        ],
        Outcome.FAILED,
        scenario=text,
        order=(OrderState.MAY_EXIST, text),
        mismatches=(Mismatch(text, {text: [text]}, text, text, text, text, 3, 4),),
        findings=(finding,),
        decision=text,
        captures=(Capture(text, text),),
        checked=(text,),
        message=text,
    )
    teller.end(Outcome.FAILED, text, text)
    return teller.done(Outcome.FAILED, problems=(text,))


SAMPLES = {
    "failing": failing,
    "passing": passing,
    "errored": errored,
    "maybe-sent": maybe_sent,
    "flaky": flaky,
    "unfinished": unfinished,
    "left-behind": left_behind,
    "same-cause": same_cause,
    "not-ready": not_ready,
    "interrupted": interrupted,
    "hidden": hidden,
    "several": several,
    "hostile": hostile,
}
"""Every sample by name."""
