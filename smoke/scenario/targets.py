"""The targets file: named deployments, with what goes along and what to wait for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.scenario.address import AddressError, check_deployment, check_origin, check_reference
from smoke.scenario.files import Files
from smoke.scenario.model import Model
from smoke.scenario.nodes import Node, Pairs
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.source import parse
from smoke.scenario.template import as_text, render_text
from smoke.scenario.value_types import Duration, Statuses
from smoke.scenario.values import header_problem, version_problem

_ANY = "https://target.invalid"
"""A base to judge a path by, where the target's own may be what is wrong."""


class ReadinessSpec(Model):
    """What to wait for before the first order."""

    url: str = Field("/", description="A path, or a URL of the target")
    status: Statuses | None = Field(None, description="Good statuses [default: 2xx and 3xx]")
    deadline: Duration = Field(120.0, gt=0, description="Give up after this time")
    version_from: str = Field(
        "", pattern=r"^(header:.+|json:\$.*)?$", description="header:NAME or json:PATH"
    )

    @property
    def names_url(self) -> bool:
        """Whether the file says what to ask, and not only how."""
        return "url" in self.model_fields_set


class Credentials(Model):
    """Basic authentication (RFC 7617) in front of a whole deployment; both are templates that see secrets."""

    username: str = Field(description="A template; it has no colon in it")
    password: str = Field(description="A template", examples=["{{ secrets.STAGING_PASSWORD }}"])


class TargetSpec(Model):
    """One named deployment."""

    url: str = Field(
        min_length=1,
        description="The deployment; requests go below its path",
        examples=["https://staging.shop.example"],
    )
    headers: dict[str, str] = Field(
        default_factory=dict, description="Sent to the target's origin; templates see secrets"
    )
    basic: Credentials | None = Field(
        None, description="Basic authentication for the target's origin; templates see secrets"
    )
    secrets: tuple[str, ...] = Field((), strict=False, description="Names of environment variables")
    allow_hosts: tuple[str, ...] = Field(
        (), strict=False, description="Other origins that requests may go to"
    )
    readiness: ReadinessSpec | None = Field(
        None, description="What to wait for before the first order"
    )
    dsn_env: str = Field("", description="Environment variable with the DSN of its database")
    logs: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Logs of its application and its PostgreSQL: files (from where smoke is started) or supabase:REF",
    )
    trace: bool = Field(
        True, description="Send traceparent and X-Request-Id with each request, unless it sets them"
    )

    def header_values(self, secrets: Mapping[str, str]) -> dict[str, str]:
        """The headers with their templates rendered. Raises SmokeError for a name that is not declared."""
        scope = Scope(secrets=secrets)

        def text(template: str) -> str:
            return as_text(render_text(template, scope))

        try:
            values = {name: text(value) for name, value in self.headers.items()}
            if self.basic is not None:
                pair = f"{text(self.basic.username)}:{text(self.basic.password)}"
                values["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        except TemplateError as error:
            raise SmokeError.of("bad-target", f"a header of the target: {error}") from error
        return values


class _File(Model):
    targets: dict[str, Any]


def load_targets(path: Path) -> dict[str, TargetSpec]:
    """The targets of a file, by name. Raises SmokeError with every mistake that was found."""
    document = parse(Files(path).read_top(), str(path))
    reader = Reader(document.lines, str(path))
    for problem in document.problems:
        reader.take(problem)
    root = document.root
    if not isinstance(root, Pairs):
        message = "a targets file is a mapping with the key 'targets'"
        raise SmokeError([document.excerpted(Diagnostic("not-targets", message, span=root.span))])
    reader.model(_File, root, "targets file")
    named = root.get("targets")
    found: dict[str, TargetSpec] = {}
    if named is not None and not isinstance(named, Pairs):
        reader.error("wrong-type", "targets is a mapping of names", value_span(root, ["targets"]))
    elif named is not None:
        for key, node in named.pairs:
            spec = reader.model(TargetSpec, node, "target")
            if spec is not None:
                found[key.text] = spec
                _check(spec, node, reader)
    reader.raise_errors()
    return found


def _check(spec: TargetSpec, node: Node, reader: Reader) -> None:
    """Report what is wrong with a target's values, each at its place."""

    def url(path: Sequence[str | int], check: Callable[[], None]) -> None:
        try:
            check()
        except AddressError as error:
            name = next(str(step) for step in reversed(path) if isinstance(step, str))
            span = value_span(node, path)
            if error.private:  # the line has a password in it
                notes = tuple(Note(note) for note in error.notes)
                reader.take(Diagnostic("bad-url", f"{name} {error}", span=span, notes=notes))
            else:
                reader.error("bad-url", f"{name} {error}", span, notes=error.notes)

    url(["url"], lambda: check_deployment(spec.url))
    for index, host in enumerate(spec.allow_hosts):
        url(["allow_hosts", index], partial(check_origin, host))
    if spec.readiness is not None:
        readiness = spec.readiness
        url(["readiness", "url"], lambda: check_reference(readiness.url, _ANY))
        problem = version_problem(readiness.version_from) if readiness.version_from else ""
        if problem:
            span = value_span(node, ["readiness", "version_from"])
            reader.error("bad-value", f"version_from: {problem}", span)
    for name, value in spec.headers.items():
        problem = header_problem(name, value)
        if problem:
            reader.error("bad-value", f"headers: {problem}", value_span(node, ["headers", name]))
    for index, log in enumerate(spec.logs):
        if log.strip() in ("", "-"):
            span = value_span(node, ["logs", index])
            reader.error(
                "bad-value", "logs: a file or supabase:REF; standard input is --log -", span
            )
    if spec.basic is not None:
        if any(name.lower() == "authorization" for name in spec.headers):
            span = value_span(node, ["basic"])
            reader.error("two-credentials", "a target has basic or the header Authorization", span)
        if ":" in spec.basic.username:  # RFC 7617, 2: the rest of it would be read as the password
            span = value_span(node, ["basic", "username"])
            reader.error("bad-value", "basic: a username has no colon in it", span)
