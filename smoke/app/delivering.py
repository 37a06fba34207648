"""Delivers notices: signed webhooks by our own client, every other address through apprise."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from smoke.diagnostic import Diagnostic, SmokeError
from smoke.extras import install_command
from smoke.model.exchange import Body, Redaction, Request
from smoke.scenario.address import AddressError, check_deployment
from smoke.scenario.naming import environment_problem
from smoke.scenario.signing import KeyUnusableError, ProviderEvent, sign
from smoke.transport import Client, Options
from smoke.watching.notice import Notice

_LARGEST_ANSWER = 64 * 1024
_SECONDS = 15.0


class Receiver(Struct, frozen=True):
    """One address that notices go to. It may hold a token: `name` is what is said of it."""

    name: str
    address: str
    secret: str = ""

    @property
    def key(self) -> str:
        """What tells this address from others, and does not tell it."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:16]

    @property
    def webhook(self) -> bool:
        return self.address.startswith(("https://", "http://"))


def receivers_of(
    names: Sequence[str], secret_name: str, environ: Mapping[str, str]
) -> tuple[Receiver, ...]:
    """The addresses that variables hold, one in each line. Raises SmokeError for what cannot be delivered to."""
    problems = [
        Diagnostic("bad-option", f"--notify-env takes the name of an environment variable: {why}")
        for name in names
        if (why := environment_problem(name))
    ]
    secret = environ.get(secret_name, "") if secret_name else ""
    if secret_name and not secret:
        problems.append(
            Diagnostic("bad-option", f"--notify-secret-env: {secret_name} is not set, or empty")
        )
    found: list[Receiver] = []
    for name in names:
        lines = [line.strip() for line in environ.get(name, "").splitlines() if line.strip()]
        if not lines:
            problems.append(Diagnostic("bad-option", f"--notify-env: {name} is not set, or empty"))
        for number, line in enumerate(lines, 1):
            label = name if len(lines) == 1 else f"{name}, line {number}"
            found.append(Receiver(label, line, secret))
    problems += [
        Diagnostic("bad-option", f"--notify-env: {receiver.name} {problem}")
        for receiver in found
        if (problem := _unusable(receiver))
    ]
    if problems:
        raise SmokeError(problems)
    return tuple(found)


def _unusable(receiver: Receiver) -> str:
    """Why nothing can be delivered there; the address is not repeated, since it may hold a token."""
    if receiver.webhook:
        try:
            check_deployment(receiver.address.partition("?")[0])
            _headers(receiver, Notice("x", "", "", "", ""), 0)
        except AddressError:
            return "is no URL that can be sent to"
        except KeyUnusableError as error:
            return f"cannot be signed for: {error}"
        return ""
    try:
        import apprise
    except ImportError:
        return (
            f"is no http or https URL; other services need a package: {install_command('notify')}"
        )
    return "" if apprise.Apprise().add(receiver.address) else "is no address that apprise knows"


def deliver(receiver: Receiver, notice: Notice) -> str:
    """Deliver once; why it was not, empty when it was."""
    return _posted(receiver, notice) if receiver.webhook else _through_apprise(receiver, notice)


def _posted(receiver: Receiver, notice: Notice) -> str:
    headers = _headers(receiver, notice, int(time.time()))
    request = Request("POST", receiver.address, headers, notice.payload.encode())
    with Client(Options(max_body=_LARGEST_ANSWER)) as client:
        raw = client.send(
            request,
            exchange_id=secrets.token_hex(8),
            timeout=_SECONDS,
            spill=_Dropped,
        )
    if raw.response is None:
        return raw.error.message if raw.error is not None else "no answer"
    status = raw.response.status
    return "" if 200 <= status < 300 else f"it answered {status}"


def _headers(receiver: Receiver, notice: Notice, at: int) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a delivery, signed as Standard Webhooks asks where there is a secret."""
    headers = [("Content-Type", "application/json")]
    if receiver.secret:
        event = ProviderEvent(notice.payload.encode(), notice.id, at)
        signed = sign("standard_webhooks", event, receiver.secret)
        headers += [*signed.beside, (signed.name, signed.value)]
    else:
        headers += [("webhook-id", notice.id), ("webhook-timestamp", str(at))]
    return tuple((name.encode(), value.encode("latin-1", "replace")) for name, value in headers)


def _through_apprise(receiver: Receiver, notice: Notice) -> str:
    import apprise

    there = apprise.Apprise()
    there.add(receiver.address)
    try:
        done = there.notify(
            title=notice.title, body=notice.body, body_format=apprise.NotifyFormat.TEXT
        )
    except Exception as fault:  # noqa: BLE001  (code of many services: whatever it is, the watch goes on)
        return f"{type(fault).__name__}"
    return "" if done else "the service did not take it"


class _Dropped:
    """An answer's large body, which nobody reads."""

    redaction_count = 0

    def write(self, data: bytes) -> None:
        """Take bytes, and keep none."""

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        return Body(), ()

    def discard(self) -> None:
        """Nothing was kept."""


Deliver = Callable[[Receiver, Notice], str]
"""Delivers a notice once: why it was not, empty when it was."""
