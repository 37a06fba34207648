"""What the scripts of request tools capture and expect, where one statement says it alone: Postman, Insomnia, Bruno, JetBrains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from smoke.importers._chai import AssertedPart, comparison, expectation, merged
from smoke.importers._filling import BRACES
from smoke.importers._literals import literal
from smoke.importers._statements import ScriptStatement, statements
from smoke.text import safe_line, shorten

_SETTER = re.compile(
    r"(?:await\s+)?(?:(?:pm|insomnia)\.(?:environment|collectionVariables|globals|variables|baseEnvironment|collection)\.set|"
    r"postman\.set(?:Environment|Global)Variable|bru\.set(?:Var|EnvVar|GlobalEnvVar|CollectionVar)|client\.global\.set|"
    r"request\.variables\.set)\s*\((.*)\)\s*;?\Z"
)
_ASSIGNED = re.compile(r"(?:(?:const|let|var)\s+)?([A-Za-z_$][\w$]{0,63})\s*=(?![=>])\s*(.*)\Z")
_EXPORTED = re.compile(r"exports\.([A-Za-z_$][\w$]{0,63})\s*=(?!=)\s*(.*)\Z")
_UNSET = re.compile(
    r"(?:pm|insomnia)\.\w{1,40}\.unset\(|bru\.deleteVar\(|console\.\w{1,20}\(|client\.log\(|return\b.{0,40}\Z"
)
_STATEMENT_OPENS = re.compile(r".*\{\Z")
_BODIES = re.compile(
    r"(?:await\s+)?(?:(?:pm|insomnia)\.response\.json\(\)|JSON\.parse\(\s*(?:responseBody|(?:pm|insomnia)\.response\.text\(\)|response\.body|res\.body)\s*\)|"
    r"(?:res|response)\.(?:getBody\(\)|body|parsedBody)|\(?await response\.json\(\)\)?)"
)
_CODES = re.compile(
    r"(?:(?:pm|insomnia)\.response\.(?:code|status)|responseCode\.code|(?:res|response)\.(?:status|getStatus\(\)|statusCode))\Z"
)
_TEXTS = re.compile(r"(?:responseBody|(?:pm|insomnia)\.response\.text\(\))\Z")
_TIMES = re.compile(
    r"(?:(?:pm|insomnia)\.response\.responseTime|responseTime|res\.(?:responseTime|getResponseTime\(\)))\Z"
)
_HEADERS = re.compile(
    r"(?:(?:pm|insomnia)\.response\.headers\.get|postman\.getResponseHeader|res\.getHeader|response\.headers\.valueOf)\(\s*(['\"])([\w-]{1,80})\1\s*\)\Z|"
    r"(?:res|response)\.headers\[\s*(['\"])([\w-]{1,80})\3\s*\]\Z"
)
_COOKIES = re.compile(r"(?:pm|insomnia)\.cookies\.get\(\s*(['\"])([\w.-]{1,80})\1\s*\)\Z")
_STEP = re.compile(
    r"\s*(?:\?\.)?(?:\.?([A-Za-z_$][\w$]{0,100})(?!\s*\()|\[\s*(?:([0-9]{1,9})|'([^'\\]{0,100})'|\"([^\"\\]{0,100})\")\s*\])"
)
_KEPT = re.compile(
    r"(?:pm|insomnia)\.(?:variables|environment|collectionVariables)\.replaceIn\((.*)\)\Z"
)
_GOOD = re.compile(r"(?:else )?if \((.{1,200})\)\Z")


class ScriptRead(Struct, frozen=True):
    """What a script says: captures, expectations, variables that it sets, and what could not be read, a line each."""

    captures: tuple[tuple[str, Any], ...] = ()
    expect: Mapping[str, Any] = {}
    values: Mapping[str, str] = {}
    unread: tuple[str, ...] = ()


def read_script(script: str, place: str, *, first: int = 1) -> ScriptRead:
    """Read a script. `place` names it in what is not read, `first` is the number of its first line."""
    reader = _Script(place, first)
    for each in statements(script):
        reader.statement(each)
    return ScriptRead(
        tuple(reader.captures.items()), reader.expect, reader.values, tuple(reader.unread)
    )


def capture_of_expression(text: str) -> Any:
    """The capture of an expression such as `res.body.order.id`; None for one that is not understood."""
    found = _Script("", 1).subject(text)
    return found.capture if found is not None else None


class _Script:
    def __init__(self, place: str, first: int) -> None:
        self._place = place
        self._first = first
        self._names: dict[str, AssertedPart] = {}
        self._texts: dict[str, str] = {}
        self.captures: dict[str, Any] = {}
        self.expect: dict[str, Any] = {}
        self.values: dict[str, str] = {}
        self.unread: list[str] = []

    def statement(self, each: ScriptStatement) -> None:
        text = each.text.rstrip("; )") if each.text.endswith("{") else each.text.rstrip("; ")
        if _is_frame(text) or _UNSET.match(text):
            return
        if (each.inside and not self._is_good(each.inside)) or not self._read(_unwrapped(text)):
            said = f" (under '{_quoted(each.inside)}')" if each.inside else ""
            self.unread.append(
                f"{self._place}, line {each.line + self._first - 1}: {_quoted(text)}{said}"
            )

    def _read(self, text: str) -> bool:
        setter = _SETTER.match(text)
        if setter:
            name, _, value = _arguments(setter[1])
            return bool(name) and self._set(name, value)
        exported = _EXPORTED.match(text)
        if exported:
            return self._set(exported[1], exported[2])
        found = expectation(text, self.subject) or comparison(text, self.subject)
        if found is not None:
            return merged(self.expect, found)
        assigned = _ASSIGNED.match(text)
        return assigned is not None and self._assign(assigned[1], assigned[2].rstrip("; "))

    def _assign(self, name: str, value: str) -> bool:
        subject = self.subject(value)
        if subject is not None:
            self._names[name] = subject
            return True
        text = self._text_of(value)
        if text is not None:
            self._texts[name] = text
        return text is not None

    def _set(self, name: str, value: str) -> bool:
        subject = self.subject(value)
        if subject is not None and subject.capture is not None:
            self.captures[name] = subject.capture
            return True
        text = self._text_of(value)
        if text is not None:
            self.values[name] = text
        return text is not None

    def _text_of(self, value: str) -> str | None:
        """A text that a script says: a literal, a name for one, or a text whose variables the tool fills in."""
        kept = _KEPT.match(value)
        value = kept[1].strip() if kept else value.strip()
        if value in self._texts:
            return self._texts[value]
        found = literal(value)
        if isinstance(found, bool) or found is None:
            return None
        if isinstance(found, str):
            return found if kept or not BRACES.search(found) else None
        return str(found) if isinstance(found, int) else None

    def subject(self, text: str) -> AssertedPart | None:
        """What of an answer an expression speaks of."""
        text = text.strip()
        if text.startswith(("String(", "parseInt(", "Number(")) and text.endswith(")"):
            text = text.partition("(")[2][:-1].strip()
        if text.endswith(".toString()"):
            text = text.removesuffix(".toString()")
        if _CODES.match(text):
            return AssertedPart("status", capture={"status": True})
        if _TIMES.match(text):
            return AssertedPart("time")
        if _TEXTS.match(text):
            return AssertedPart("text")
        header = _HEADERS.match(text)
        if header:
            name = header[2] or header[4]
            return AssertedPart("headers", name, capture={"header": name})
        cookie = _COOKIES.match(text)
        if cookie:
            return AssertedPart("cookie", cookie[2], capture={"cookie": cookie[2]})
        return self._in_body(text)

    def _in_body(self, text: str) -> AssertedPart | None:
        body = _BODIES.match(text)
        if body:
            return _path("$", text[body.end() :])
        name = re.match(r"[A-Za-z_$][\w$]{0,63}", text)
        known = self._names.get(name[0]) if name else None
        if known is None or name is None:
            return None
        if known.kind != "json":
            return known if len(name[0]) == len(text) else None
        return _path(known.name, text[name.end() :])

    def _is_good(self, condition: str) -> bool:
        """Whether a condition only asks that the answer is a good one."""
        found = _GOOD.match(condition)
        if not found:
            return False
        asked = comparison(found[1], self.subject)
        status = asked.get("status") if asked else None
        return (isinstance(status, int) and 200 <= status < 300) or self.subject(
            found[1]
        ) is not None


def _path(start: str, steps: str) -> AssertedPart | None:
    path, at = start, 0
    while at < len(steps.rstrip()):
        found = _STEP.match(steps, at)
        if not found:
            return None
        key = found[1] if found[1] is not None else found[3] if found[3] is not None else found[4]
        if found[1] == "length" and not steps[found.end() :].strip():
            return AssertedPart("json", path, length=True)
        path += f"[{found[2]}]" if found[2] is not None else json_key(key)
        at = found.end()
    return AssertedPart("json", path, capture=path)


def json_key(key: str) -> str:
    """A key as a step of a JSONPath (RFC 9535)."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
        return f".{key}"
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _arguments(text: str) -> tuple[str, str, str]:
    """The first argument, where it is a text, and what stands behind it."""
    found = re.match(r"\s*(['\"`])([^'\"`]{1,200})\1\s*,\s*(.+)\Z", text)
    return (found[2], "", found[3].strip()) if found else ("", "", "")


def _is_frame(text: str) -> bool:
    """Whether a statement only opens a callback or a condition, of which the inside is read by itself."""
    return bool(
        _STATEMENT_OPENS.match(text)
        and re.match(
            r"(?:await\s+)?(?:(?:pm|client|insomnia)\.)?(?:test|it|describe)\b|(?:\}?\s*else\s+)?if\b|else\b|try\b|catch\b|finally\b|\(?\s*(?:async )?(?:function)?\s*\(",
            text,
        )
    ) or text in {'"use strict"', "'use strict'"}


def _unwrapped(text: str) -> str:
    """The expression of a test in one line: `pm.test("…", () => …)`, `tests["…"] = …`."""
    found = re.match(
        r"(?:(?:pm|client|insomnia)\.)?test\s*\(\s*(?:\"[^\"]{0,300}\"|'[^']{0,300}')\s*,\s*\(\)\s*=>\s*(.+)\)\Z",
        text,
    )
    if found:
        return found[1].strip()
    found = re.match(r"tests\[[^\]]{0,300}\]\s*=\s*(.+)\Z", text)
    return found[1].strip() if found else text


def _quoted(text: str) -> str:
    """A piece of a script without the texts in it, which may be anybody's secret."""
    text = re.sub(
        r"\"[^\"\n]{3,}\"|'[^'\n]{3,}'|`[^`]{3,}`",
        lambda found: f"{found[0][0]}…{found[0][0]}",
        text,
    )
    text = re.sub(r"[\w+/=.-]{24,}|\b\w*[0-9]\w{7,}\b", "…", text)
    return safe_line(shorten(text, 120))


def script_lines(value: Any) -> str:
    """A script as the tools save it: a text, or a list of lines."""
    if isinstance(value, str):
        return value
    return "\n".join(map(str, value)) if isinstance(value, list) else ""
