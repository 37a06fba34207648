"""Values of a project's file as options keep them; what cannot be one, or may be a secret, is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from smoke.app.declared import Declared, Takes
from smoke.app.written import duration, header, pair
from smoke.diagnostic import SmokeError
from smoke.scenario.address import AddressError

_CREDENTIALS = re.compile(r"://[^/\s]{0,1000}@|\bpostgres(?:ql)?://", re.IGNORECASE)
_ELSEWHERE = (
    "secrets come from the environment: `secrets` and `headers` of a target, dsn_env for a DSN"
)
_EXPECTED = {
    Takes.TEXT: "a text",
    Takes.PATH: "a path",
    Takes.TIME: 'a time such as "30s", or a number of seconds',
    Takes.NUMBER: "a whole number",
    Takes.FLAG: "true or false",
    Takes.TEXTS: "a list of texts",
    Takes.PAIRS: "a table of names and texts",
    Takes.HEADERS: "a table of names and texts",
}


class ValueRefusedError(Exception):
    """A value that is not used: `path` leads to it from its key. The words repeat nothing of one that is `private`."""

    def __init__(
        self,
        code: str,
        words: str,
        *,
        path: Sequence[str] = (),
        notes: Sequence[str] = (),
        private: bool = False,
    ) -> None:
        super().__init__(words)
        self.code = code
        self.path = tuple(path)
        self.notes = tuple(notes)
        self.private = private


def value_of(item: Declared, key: str, value: Any, folder: Path) -> Any:
    """The value of an option; paths are read below `folder`. Raises ValueRefusedError."""
    made = _READERS[item.option.takes](item, key, value)
    for problem in item.option.problems(made):
        raise ValueRefusedError("bad-value", f"{key}{problem}", private=item.option.variable)
    if item.option.takes is Takes.PATH:
        return folder / made
    if item.option.file:
        below = _report_below if item.option.metavar == "FORMAT=PATH" else _below
        several = isinstance(made, tuple)
        return tuple(below(each, folder) for each in made) if several else below(made, folder)
    return made


def _below(text: str, folder: Path) -> str:
    """A log whose file is named relative to the folder."""
    if text in ("-", "off") or text.startswith(("supabase:", "env:")):
        return text
    return str(folder / text)


def _report_below(text: str, folder: Path) -> str:
    """A report whose file is named relative to the folder; one without a file is refused where reports are."""
    kind, equals, path = text.partition("=")
    return f"{kind}={folder / path}" if equals and path else text


def _text(item: Declared, key: str, value: Any, path: Sequence[str] = ()) -> str:
    if not isinstance(value, str):
        raise _wrong(item, key, value, path)
    if not value.strip():
        raise ValueRefusedError("bad-value", f"{key} is empty: leave it out", path=path)
    if "\0" in value:
        raise ValueRefusedError("bad-value", f"{key} has a null character in it", path=path)
    _refuse_secret(key, value, path)
    if item.option.address is not None:
        try:
            item.option.address(value)
        except AddressError as error:
            words = f"{key} {error}"
            raise ValueRefusedError(
                "bad-url", words, path=path, notes=error.notes, private=error.private
            ) from error
    return value


def _refuse_secret(name: str, value: str, path: Sequence[str]) -> None:
    from smoke.redact import Secrets, mask_text

    if _CREDENTIALS.search(value) or mask_text(value, Secrets()) != value:
        raise ValueRefusedError(
            "project-secret",
            f"{name}: a project's file holds no secrets and no DSN",
            path=path,
            notes=(_ELSEWHERE,),
            private=True,
        )


def _time(item: Declared, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(item, key, value)
    if not isinstance(value, str):
        return float(value)  # whether it is in bounds is the option's own check
    try:
        return duration(_text(item, key, value), key)
    except SmokeError as error:
        raise _told(error) from error


def _number(item: Declared, key: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _wrong(item, key, value)


def _flag(item: Declared, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(item, key, value)
    return value


def _texts(item: Declared, key: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(item, key, value),)
    if not isinstance(value, list):
        raise _wrong(item, key, value)
    return tuple(_text(item, key, each, (str(place),)) for place, each in enumerate(value))


def _named(item: Declared, key: str, value: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """Names and texts with their places: of a table, or of a list as the command line takes them."""
    named: list[tuple[str, Any, tuple[str, ...]]]
    if isinstance(value, dict):
        named = [(name, each, (name,)) for name, each in value.items()]
    elif isinstance(value, list):
        read = header if item.option.takes is Takes.HEADERS else pair
        named = []
        for place, each in enumerate(value):
            path: tuple[str, ...] = (str(place),)
            try:
                named.append((*read(_text(item, key, each, path), key), path))
            except SmokeError as error:
                raise _told(error, path) from error
    else:
        raise _wrong(item, key, value)
    for name, each, at in named:
        if not isinstance(each, str):
            words = f"{key}.{name}: a text is expected, not {_found(each)}"
            raise ValueRefusedError("bad-value", words, path=at, notes=("write it between quotes",))
        _refuse_telling(item, key, name, at)
        _refuse_secret(f"{key}.{name}", each, at)
    return named


def _refuse_telling(item: Declared, key: str, name: str, path: Sequence[str]) -> None:
    """Refuse a name that says that a secret follows."""
    from smoke.redact.keys import sensitive, sensitive_header

    of_header = item.option.takes is Takes.HEADERS
    if (sensitive_header if of_header else sensitive)(name) is not None:
        raise ValueRefusedError(
            "project-secret",
            f"{key}: what '{name}' holds is a secret, and a project's file holds none",
            path=path,
            notes=(_ELSEWHERE,),
            private=True,
        )


def _pairs(item: Declared, key: str, value: Any) -> dict[str, str]:
    return {name: text for name, text, _ in _named(item, key, value)}


def _headers(item: Declared, key: str, value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text, _ in _named(item, key, value))


_READERS: Mapping[Takes, Callable[[Declared, str, Any], Any]] = {
    Takes.TEXT: _text,
    Takes.PATH: _text,
    Takes.TIME: _time,
    Takes.NUMBER: _number,
    Takes.FLAG: _flag,
    Takes.TEXTS: _texts,
    Takes.PAIRS: _pairs,
    Takes.HEADERS: _headers,
}


def _wrong(item: Declared, key: str, value: Any, path: Sequence[str] = ()) -> ValueRefusedError:
    expected = "a text" if path else _EXPECTED[item.option.takes]
    words = f"{key}: {expected} is expected, not {_found(value)}"
    return ValueRefusedError("wrong-type", words, path=path)


def _found(value: Any) -> str:
    """What a value is, in words; a text is not repeated."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")


def _told(error: SmokeError, path: Sequence[str] = ()) -> ValueRefusedError:
    first = error.diagnostics[0]
    notes = [note.message for note in first.notes]
    return ValueRefusedError("bad-value", first.message, path=path, notes=notes)
