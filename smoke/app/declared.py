"""What an option is.

Each is declared once, beside its field; the command line, a project's file, the checks, what a run remembers and the
manual read it there. Every command loads this for its `--out`: the rules that the checks need are imported in them.
"""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from msgspec import Struct

MOST_WORKERS = 64
MOST_SHARDS = 1000
LARGEST_BODY = 2**40
"""Bytes: more than any disk of a CI machine has."""
_LONGEST_TEXT = 200
_SCHEDULER = re.compile(
    r"(?:tcp|tls)://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})", re.ASCII
)
_PART = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)


class Takes(StrEnum):
    """What an option takes: one value, or (the last four) several of them, each given apart."""

    TEXT = "text"
    PATH = "path"
    TIME = "time"
    NUMBER = "whole number"
    FLAG = "true or false"
    WORDS = "words"
    TEXTS = "list of texts"
    PAIRS = "texts by name"
    HEADERS = "headers by name"


class Option(Struct, frozen=True, kw_only=True):
    """One option; its type and default are those of the field that it stands beside.

    `names` are the ones on the command line, all others than the first are older words for it. `at_least` and `at_most`
    bound a number. `check` gives what is wrong with a value, in words that follow the option's name; `address` refuses
    a URL by raising AddressError, `opens` a file by raising SmokeError, once it is known that it is used. `variable`: it
    names an environment variable, and what is no such name may be what one holds. `filled`: given and empty is a mistake. `file`: its value is, or may be, a path.
    `remembered`: a stored run says how it was given. `of_target` is the key of a target that says it, too, where it is
    not given, and `in_target` what that means there, if other words are needed. `project`: a project may set it.
    """

    takes: Takes
    help: str
    names: tuple[str, ...] = ()
    metavar: str | None = None
    environment: str = ""
    at_least: int | None = None
    at_most: int | None = None
    check: Callable[[Any], Iterable[str]] | None = None
    address: Callable[[str], None] | None = None
    opens: Callable[[str], None] | None = None
    variable: bool = False
    filled: bool = False
    file: bool = False
    remembered: bool = False
    of_target: str = ""
    in_target: str = ""
    project: bool = True

    def problems(self, value: Any) -> Iterator[str]:
        """What is wrong with a value, in words that follow the option's name."""
        if self.takes is Takes.TIME and value is not None:
            yield from time_problems(value)
        if self.variable and value:
            yield from variable_problems(value)
        if self.check is not None:
            yield from self.check(value)


class Declared(Struct, frozen=True):
    """An option with the field that holds its value."""

    field: str
    default: Any
    option: Option

    @property
    def name(self) -> str:
        """The option as it is given on the command line."""
        return self.option.names[0] if self.option.names else f"--{self.field.replace('_', '-')}"

    @property
    def word(self) -> str:
        """The option's name as that of a parameter, or a key."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def inverted(self) -> bool:
        """Whether its key of a target says the opposite: `trace` of `--no-trace`."""
        return self.field == f"no_{self.option.of_target}"

    @property
    def names(self) -> tuple[str, ...]:
        """All its names on the command line."""
        return self.option.names or (self.name,)


@cache
def declared(kind: type[Struct]) -> Mapping[str, Declared]:
    """The options that the fields of a Struct declare, in their order, by field."""
    hints = typing.get_type_hints(kind, include_extras=True)
    blank = kind()
    found = {}
    for name in kind.__struct_fields__:
        for note in getattr(hints[name], "__metadata__", ()):
            if isinstance(note, Option):
                found[name] = Declared(name, getattr(blank, name), note)
    return found


def time_problems(seconds: float) -> Iterator[str]:
    """Times that no wait could last."""
    from smoke.scenario.values import LONGEST

    if not (math.isfinite(seconds) and 0 < seconds <= LONGEST):
        yield f" is a time above zero and at most {LONGEST:,.0f} s, not {seconds:g} s"


def workers_problems(count: int) -> Iterator[str]:
    """A number of threads that is none, or that no machine serves."""
    if not 1 <= count <= MOST_WORKERS:
        yield f" is a number from 1 to {MOST_WORKERS}, not {count}"


def part_of(text: str) -> tuple[int, int] | None:
    """The number of a part, and how many there are, of `2/5`; None for what names none."""
    match = _PART.fullmatch(text)
    if match is None:
        return None
    number, count = int(match[1]), int(match[2])
    return (number, count) if 1 <= number <= count <= MOST_SHARDS else None


def shard_problems(text: str) -> Iterator[str]:
    """What names no part of a selection."""
    if text and part_of(text) is None:
        yield f" is K/N, the K-th of N parts (at most {MOST_SHARDS}), such as 2/5; not '{text}'"


def workers_on(text: str) -> int:
    """How many workers `local:N` starts on this machine; 0 for the address of a scheduler."""
    kind, _, count = text.partition(":")
    return int(count) if kind == "local" and count.isdecimal() and len(count) < 4 else 0


def on_problems(text: str) -> Iterator[str]:
    """What names no cluster of Dask's."""
    if not text:
        return
    address = _SCHEDULER.fullmatch(text)
    there = address is not None and 0 < int(address[1]) < 65536
    if not there and not 1 <= workers_on(text) <= MOST_WORKERS:
        shown = "" if "@" in text else f", not '{text[:_LONGEST_TEXT]}'"
        yield (
            f" is local:N (1 to {MOST_WORKERS} workers on this machine) or tcp://HOST:PORT (or tls://) of a scheduler{shown}"
        )


def rate_problems(text: str) -> Iterator[str]:
    """What says no number of requests in a time."""
    from smoke.engine.pace import rate_of

    try:
        if text:
            rate_of(text)
    except ValueError as error:
        yield f" takes {error}, not '{text}'"


def body_problems(size: int | None) -> Iterator[str]:
    """A size that no body has."""
    if size is not None and not 0 <= size <= LARGEST_BODY:
        yield f" is a number of bytes from 0 (no limit) to {LARGEST_BODY:,}, not {size}"


def line_problems(text: str) -> Iterator[str]:
    """What is not one short line."""
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        yield f" is one line of at most {_LONGEST_TEXT} characters"


def commit_problems(text: str) -> Iterator[str]:
    """What git would not take for a commit."""
    yield from line_problems(text)
    if text.strip().startswith("-"):
        yield " is a commit, a branch or a tag, and begins with no dash"


def headers_problems(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Headers that cannot be sent; no value is repeated."""
    from smoke.scenario.values import header_problem

    for name, value in headers:
        problem = header_problem(name, value)
        if problem:
            yield f": {problem}"


def build_problems(text: str) -> Iterator[str]:
    """A place that tells no build."""
    from smoke.scenario.values import version_problem

    problem = version_problem(text) if text else ""
    if problem:
        yield f": {problem}"


def variable_problems(text: str) -> Iterator[str]:
    """A text that names no variable of an environment; it is not repeated, since it may be what one holds."""
    from smoke.scenario.naming import environment_problem

    if environment_problem(text):
        yield " takes the name of an environment variable (letters, digits and _), not what it holds"


def report_problems(texts: Iterable[str]) -> Iterator[str]:
    """Reports of a format that there is none of, or that go nowhere."""
    from smoke import plugins
    from smoke.diagnostic import nearest

    for text in texts:
        kind, _, path = text.partition("=")
        seen = plugins.survey("reporters")
        if not path:
            yield f": FORMAT=PATH is expected, not '{text}'"
        elif kind not in seen.plugins and kind not in seen.left_out:
            near = nearest(kind, seen.plugins)
            hint = (
                f"did you mean '{near}'?" if near else f"formats: {', '.join(sorted(seen.plugins))}"
            )
            yield f": there is no format '{kind}'; {hint}"


def endpoint_problems(url: str) -> Iterable[str]:
    """What is no URL of a collector of spans."""
    from smoke.app import telemetry

    return telemetry.endpoint_problems(url)


def check_proxy(url: str) -> None:
    """Refuse what is no URL of a proxy. Raises AddressError."""
    from smoke import transport

    _as_address(transport.check_proxy, url)


def check_resolve(text: str) -> None:
    """Refuse what says no address of a host's port. Raises AddressError."""
    from smoke import transport

    _as_address(transport.check_resolve, text)


def check_connect_to(text: str) -> None:
    """Refuse what names no other place to connect to. Raises AddressError."""
    from smoke import transport

    _as_address(transport.check_connect_to, text)


def check_exempt(text: str) -> None:
    """Refuse what names no host that a proxy is left out for. Raises AddressError."""
    from smoke import transport

    _as_address(transport.check_exempt, text)


def _as_address(check: Callable[[str], None], text: str) -> None:
    from smoke.diagnostic import SmokeError
    from smoke.scenario.address import AddressError

    try:
        check(text)
    except SmokeError as error:
        notes = [note.message for note in error.diagnostics[0].notes]
        raise AddressError(f"cannot be used: {error}", notes, private="@" in text) from error


def check_authorities(file: str) -> None:
    """Refuse a file that holds no certificates. Raises SmokeError."""
    from smoke import transport

    transport.check_authorities(file)


def check_client_file(file: str) -> None:
    """Refuse a file that can hold neither a client's certificate nor its key. Raises SmokeError."""
    from smoke import transport

    transport.check_client_file(file)


def check_log(source: str) -> None:
    """Refuse a log that is not there. Raises SmokeError."""
    from smoke.app.logs import check_source

    check_source(source)


def check_env_file(file: str) -> None:
    """Refuse a file of variables of the environment that cannot be read. Raises SmokeError."""
    from smoke.app import env_file

    env_file.check_env_file(file)


def check_vars_file(file: str) -> None:
    """Refuse a file of scenarios' variables that cannot be read. Raises SmokeError."""
    from smoke.app import vars_file

    vars_file.check_vars_file(file)


def check_deployment(url: str) -> None:
    """Refuse what is no URL of a deployment. Raises AddressError."""
    from smoke.scenario import address

    address.check_deployment(url)


def check_place(reference: str) -> None:
    """Refuse what is neither a path nor a URL. Raises AddressError."""
    from smoke.scenario import address

    # a base to judge a path by, where the target's own may be what is wrong
    address.check_reference(reference, "https://target.invalid")


def check_origin(text: str) -> None:
    """Refuse what names no origin. Raises AddressError."""
    from smoke.scenario import address

    address.check_origin(text)
