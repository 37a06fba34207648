"""Delivers notices: signed webhooks by our own client, every other address through apprise."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from urllib.parse import quote

from msgspec import Struct

from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.extras import install_command
from smoke.model.exchange import Body, Redaction, Request
from smoke.scenario.address import AddressError, check_deployment
from smoke.scenario.naming import environment_problem
from smoke.scenario.signing import KeyUnusableError, ProviderEvent, sign
from smoke.transport import Client, Options, check
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


def sending_of(options: RunOptions, environ: Mapping[str, str]) -> Options:
    """How notices leave: through the proxy, and trusting the certificates, of the options. Raises SmokeError.

    What a target says of its own, and what is shown to it alone, is not for them.
    """
    password = environ.get(options.proxy_password_env, "") if options.proxy_password_env else ""
    made = Options(
        ca_file=options.ca_file or None,
        proxy=options.proxy or None,
        proxy_password=password,
        no_proxy=options.no_proxy,
        ip_version=4 if options.ipv4 else 6 if options.ipv6 else 0,
        max_body=_LARGEST_ANSWER,
    )
    check(made)
    return made


def delivery(sending: Options) -> Deliver:
    """Delivers a notice once, so."""
    return partial(deliver, sending=sending)


def deliver(receiver: Receiver, notice: Notice, sending: Options) -> str:
    """Deliver once; why it was not, empty when it was."""
    if receiver.webhook:
        return _posted(receiver, notice, sending)
    with _requests_proxy(sending):
        return _through_apprise(receiver, notice)


@contextmanager
def _requests_proxy(sending: Options) -> Iterator[None]:
    """While inside, apprise's own client has the proxy: it is told by the environment, and by nothing else."""
    if not sending.proxy:
        yield
        return
    scheme, _, rest = sending.proxy.partition("://")
    user, at, place = rest.rpartition("@")
    if at and sending.proxy_password:
        user = f"{user}:{quote(sending.proxy_password, safe='')}"
    given = {
        "HTTP_PROXY": f"{scheme}://{user}{at}{place}",
        "HTTPS_PROXY": f"{scheme}://{user}{at}{place}",
        "NO_PROXY": ",".join(sending.no_proxy),
    }
    names = [*given, *map(str.lower, given)]
    before = {name: os.environ.get(name) for name in names}
    try:
        for name in names:
            os.environ[name] = given[name.upper()]
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _posted(receiver: Receiver, notice: Notice, sending: Options) -> str:
    headers = _headers(receiver, notice, int(time.time()))
    request = Request("POST", receiver.address, headers, notice.payload.encode())
    with Client(sending) as client:
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
