"""The targets file: named deployments, with what goes along and what to wait for.

What a target says of an option of a run is declared with the option (`of_target`); only what no run is asked for on the
command line is declared here.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import Field, create_model

from smoke.app.declared import Declared, Takes, declared
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.scenario.address import AddressError
from smoke.scenario.files import Files
from smoke.scenario.nodes import Node, Pairs
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.source import parse
from smoke.scenario.strict import StrictModel
from smoke.scenario.template import as_text, render_text
from smoke.scenario.value_types import Duration, Statuses

READINESS = "readiness"
_TYPES: Mapping[Takes, Any] = {
    Takes.TEXT: str,
    Takes.PATH: str,
    Takes.TIME: Duration,
    Takes.NUMBER: int,
    Takes.FLAG: bool,
    Takes.TEXTS: tuple[str, ...],
    Takes.PAIRS: dict[str, str],
    Takes.HEADERS: dict[str, str],
}


class ReadinessSpec(StrictModel):
    """What to wait for before the first order."""

    status: Statuses | None = Field(None, description="Good statuses [default: 2xx and 3xx]")


class Credentials(StrictModel):
    """Basic authentication (RFC 7617) in front of a whole deployment; both are templates that see secrets."""

    username: str = Field(description="A template; it has no colon in it")
    password: str = Field(description="A template", examples=["{{ secrets.STAGING_PASSWORD }}"])


class TargetSpec(StrictModel):
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
    readiness: ReadinessSpec | None = Field(
        None, description="What to wait for before the first order"
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

    def said(self, kind: type[Struct] = RunOptions) -> dict[str, Any]:
        """What it says of the options of a run, by field, as these keep it; nothing of those that it leaves out."""
        return {
            item.field: _kept(item, value)
            for item in declared(kind).values()
            for value in _values(self, item.option.of_target)
        }


def _values(spec: StrictModel | None, key: str) -> Iterator[Any]:
    """The value of a key, where it is there."""
    first, _, rest = key.partition(".")
    if spec is None or first not in spec.model_fields_set:
        return
    value = getattr(spec, first)
    if rest:
        yield from _values(value, rest)
    else:
        yield value


def _kept(item: Declared, value: Any) -> Any:
    """A value of the file as an option keeps it."""
    if item.option.takes is Takes.HEADERS:
        return tuple(value.items())
    if item.option.takes is Takes.PATH:
        return Path(value)
    return not value if item.inverted else value


@cache
def target_model(kind: type[Struct] = RunOptions) -> type[TargetSpec]:
    """The model of a target: its own keys, and those that the options of a run declare for it."""
    flat: dict[str, Any] = {}
    waiting: dict[str, Any] = {}
    for item in declared(kind).values():
        first, _, rest = item.option.of_target.partition(".")
        if rest:
            waiting[rest] = _field(item)
        elif first and first not in TargetSpec.model_fields:
            flat[first] = _field(item)
    readiness = create_model(
        "ReadinessSpec", __base__=ReadinessSpec, __doc__=ReadinessSpec.__doc__, **waiting
    )
    told = TargetSpec.model_fields[READINESS].description
    flat[READINESS] = (readiness | None, Field(None, description=told))
    return create_model("TargetSpec", __base__=TargetSpec, __doc__=TargetSpec.__doc__, **flat)


def _field(item: Declared) -> tuple[Any, Any]:
    """The key of a target that an option declares."""
    takes = item.option.takes
    default = not item.default if item.inverted else item.default
    if takes is Takes.HEADERS:
        default = dict(item.default)
    told = item.option.in_target or item.option.help
    strict = False if takes is Takes.TEXTS else None  # YAML has lists, options keep tuples
    return _TYPES[takes], Field(default, description=told, strict=strict)


class _File(StrictModel):
    targets: dict[str, Any]


def load_targets(path: Path, kind: type[Struct] = RunOptions) -> dict[str, TargetSpec]:
    """The targets of a file, by name. Raises SmokeError with every mistake that was found."""
    document = parse(Files(path).read_top(), path.as_posix())
    reader = Reader(document.lines, path.as_posix())
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
            spec = reader.model(target_model(kind), node, "target")
            if spec is not None:
                found[key.text] = spec
                _check(spec, node, reader, kind)
    reader.raise_errors()
    return found


def _check(spec: TargetSpec, node: Node, reader: Reader, kind: type[Struct]) -> None:
    """Report what is wrong with a target's values, each at its place: first what each option checks itself."""
    for item in declared(kind).values():
        for value in _values(spec, item.option.of_target):
            _check_option(item, value, node, reader)
    for index, log in enumerate(spec.said().get("logs", ())):
        if log.strip() in ("", "-"):
            span = value_span(node, ["logs", index])
            reader.error(
                "bad-value", "logs: a file or supabase:REF; standard input is --log -", span
            )
    user = spec.said().get("proxy", "").partition("://")[2].rpartition("@")[0]
    if ":" in user:
        words = "proxy: a password stands in no file: proxy_password_env names the variable that holds it"
        reader.take(Diagnostic("bad-value", words, span=value_span(node, ["proxy"])))
    if spec.basic is not None:
        if any(name.lower() == "authorization" for name in spec.headers):
            span = value_span(node, ["basic"])
            reader.error("two-credentials", "a target has basic or the header Authorization", span)
        if ":" in spec.basic.username:  # RFC 7617, 2: the rest of it would be read as the password
            span = value_span(node, ["basic", "username"])
            reader.error("bad-value", "basic: a username has no colon in it", span)


def _check_option(item: Declared, value: Any, node: Node, reader: Reader) -> None:
    path = item.option.of_target.split(".")
    name = path[-1]
    parts: list[tuple[list[str | int], Any]] = [(list(path), value)]
    if item.option.takes is Takes.TEXTS:
        parts = [([*path, index], each) for index, each in enumerate(value)]
    for place, each in parts if item.option.address is not None else ():
        _check_address(item, name, each, place, node, reader)
    if item.option.takes is Takes.HEADERS:  # one by one: each has its place
        for header, text in value.items():
            for problem in item.option.problems(((header, text),)):
                reader.error("bad-value", f"{name}{problem}", value_span(node, [*path, header]))
        return
    for problem in item.option.problems(_kept(item, value)):
        span = value_span(node, path)
        if item.option.variable:  # the line may hold a secret instead of its name
            reader.take(Diagnostic("bad-value", f"{name}{problem}", span=span))
        else:
            reader.error("bad-value", f"{name}{problem}", span)


def _check_address(
    item: Declared, name: str, text: str, path: Sequence[str | int], node: Node, reader: Reader
) -> None:
    assert item.option.address is not None
    try:
        item.option.address(text)
    except AddressError as error:
        span = value_span(node, path)
        if error.private:  # the line has a password in it
            notes = tuple(Note(note) for note in error.notes)
            reader.take(Diagnostic("bad-url", f"{name} {error}", span=span, notes=notes))
        else:
            reader.error("bad-url", f"{name} {error}", span, notes=error.notes)
