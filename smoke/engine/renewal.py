"""Whether a request that was refused because a login ran out is sent once more, with a new one.

RFC 9110, 15.5.2: a 401 says that the request has not been applied, because it lacks valid credentials. That the shop
keeps to it is for the author to say, by naming 401 and nothing else; other statuses say no such thing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import Struct

from smoke.engine.control import Control
from smoke.engine.cookies import Jar
from smoke.engine.logins import Hold, Lease, Logins
from smoke.engine.tally import Tally
from smoke.model.exchange import Completeness, Headers
from smoke.model.finding import Severity
from smoke.model.run import OrderState
from smoke.model.semantics import SAFE_METHODS, UNAUTHORIZED
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope
from smoke.steps._session import Built


class RefusedLogin(Struct, frozen=True):
    """An answer that says that a login ran out, and what is known of its request.

    `clean`: the answer came whole, to the request itself, and nothing in it or before it speaks of something that was
    carried out. `promised`: the request has an Idempotency-Key, or is declared idempotent. `named` are the statuses that
    the scenario wrote.
    """

    status: int
    method: str
    safe: bool = False
    clean: bool = False
    promised: bool = False
    named: tuple[str, ...] = ()


def why_not(refused: RefusedLogin) -> str:
    """Why the request must not be sent once more; empty when it may."""
    if refused.safe or refused.method.upper() in SAFE_METHODS or refused.promised:
        return ""
    if refused.status != UNAUTHORIZED:
        return f"after status {refused.status} the {refused.method} may have been carried out"
    if set(refused.named) != {str(UNAUTHORIZED)}:
        return "a 401 repeats it only where renew_on names nothing else"
    if not refused.clean:
        return "its answer does not say for sure that nothing was carried out"
    return ""


def refused(
    step: Step, built: Built, tally: Tally, named: Collection[str], *, safe: bool, may_exist: bool
) -> RefusedLogin | None:
    """What one attempt was refused with; None where it was not, or where its status is what the step expects."""
    response = tally.final.response
    if response is None or tally.wall is not None or tally.good:
        return None
    if step.expect.names_status(response.status):
        return None
    order = tally.order
    serious = any(finding.severity is Severity.ERROR for finding in tally.findings)
    clean = (
        tally.final.error is None
        and response.body.completeness is Completeness.COMPLETE
        and not (tally.followed or serious or may_exist)
        and (order is None or order.state is OrderState.NOT_PLACED)
    )
    promised = bool(built.idempotency_key) or (step.retry is not None and step.retry.idempotent)
    return RefusedLogin(response.status, built.request.method, safe, clean, promised, tuple(named))


def same_order(before: Built, again: Built) -> bool:
    """Whether a request that was made anew asks for what it asked for before: by its method, and by its key."""
    mine, theirs = before.request, again.request
    return (
        before.idempotency_key == again.idempotency_key
        and mine.method == theirs.method
        and keys_of(mine.headers) == keys_of(theirs.headers)
    )


def keys_of(headers: Headers) -> list[bytes]:
    """The idempotency keys among the headers of a request."""
    return [value for name, value in headers if name.lower() == b"idempotency-key"]


class StepLogins(Struct, frozen=True):
    """The logins that one step goes by, and the names that it sees with the newest of them."""

    logins: Logins
    seen: Callable[[], Scope]
    lease: Lease
    """Where it is told how long what the step is given is good."""

    @property
    def may_run_out(self) -> bool:
        """Whether one of them is renewed at all."""
        return self.logins.may_run_out()

    def that_ran_out(self, status: int, step: Step, built: Built) -> list[Hold]:
        """Those that this status of an answer says something of."""
        return self.logins.that_ran_out(status, step, built.customer, built.request.url)

    def renew(self, holds: Collection[Hold], jar: Callable[[str], Jar], control: Control) -> str:
        """Have them renewed; why that is not so, or nothing."""
        return self.logins.renew(holds, jar, control)
