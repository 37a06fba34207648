"""The values of a PowerShell script, as far as texts say them: literals, hashtables, arrays, variables, what an answer gave. Nothing is run."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from smoke.importers._scripts import json_key


class NotUnderstoodError(Exception):
    """A piece of a script is not understood; the message says what."""


class AnswerPart(Struct, frozen=True):
    """What a script takes of an answer: of which request, and where. `raw` is the answer of Invoke-WebRequest before its JSON is read."""

    request: int
    path: str = "$"
    raw: bool = False
    header: str = ""


class Surrounding(Struct):
    """What the values of a script depend on: its variables, its commands, and letters for what is not known yet."""

    variables: dict[str, Any]
    command: Callable[[PowerShellReader, str], Any]
    letters: Callable[[AnswerPart], str]
    made_up: Callable[[str], str]
    environment: Callable[[str], str]


_SPACE = re.compile(r"(?:[ \t\r]+|`\r?\n|#[^\n]*|<\#(?:[^#]|\#(?!>))*\#>)+")
_LINES = re.compile(r"(?:[ \t\r\n;]+|`\r?\n|#[^\n]*|<\#(?:[^#]|\#(?!>))*\#>)+")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?(?![\w.])")
_VARIABLE = re.compile(r"\$(?:\{([^}\n]{1,100})\}|((?:\w{1,20}:)?\w{1,100}))")
_TYPE = re.compile(r"\[[A-Za-z][\w.\[\]]{0,60}\](?!::)")
_WORD = re.compile(r"[A-Za-z][\w.-]{0,80}")
_MEMBER = re.compile(r"\??\.([A-Za-z_]\w{0,80})")
_GUID = re.compile(r"\[(?:System\.)?Guid\]::NewGuid\(\)", re.IGNORECASE)
_BASE64 = re.compile(
    r"\[(?:System\.)?Convert\]::ToBase64String\(\s{0,20}\[(?:System\.)?Text\.Encoding\]::\w{1,20}\.GetBytes\(",
    re.IGNORECASE,
)
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "b": "\b",
    "a": "\a",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}
_SAME = {"tostring", "trim", "guid", "tolower"}
"""Methods and members that leave a text what it is, where it is in small letters already."""
_DEEPEST = 40


class PowerShellReader:
    """Reads values from a place of a script on; `at` is where it stands."""

    def __init__(self, text: str, surrounding: Surrounding) -> None:
        self.text = text
        self.at = 0
        self.around = surrounding
        self._depth = 0

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def begin(self) -> int:
        """Where a statement begins: nothing of the one before is open any more."""
        self._depth = 0
        return self.at

    def space(self, *, lines: bool = False) -> None:
        """Pass over blanks and comments, and over ends of lines where `lines` says so."""
        found = (_LINES if lines else _SPACE).match(self.text, self.at)
        if found:
            self.at = found.end()

    def sees(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def takes(self, sign: str) -> bool:
        if self.sees(sign):
            self.at += len(sign)
            return True
        return False

    def needs(self, sign: str) -> None:
        self.space(lines=True)
        if not self.takes(sign):
            raise NotUnderstoodError(f"'{sign}' is expected")

    def pipeline(self) -> Any:
        """A value, and what it is piped into."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstoodError("it is too deep")
        value = self.expression()
        self.space()
        while self.takes("|"):
            self.space(lines=True)
            value = self._piped(value)
            self.space()
        self._depth -= 1
        return value

    def expression(self) -> Any:
        """A value with `+` and `,` between its parts."""
        value = self._sum()
        self.space()
        if not self.sees(","):
            return value
        values = [value]
        while self.takes(","):
            self.space(lines=True)
            values.append(self._sum())
            self.space()
        return values

    def term(self) -> Any:
        """One value with its members."""
        self.space()
        value = self._start()
        while True:
            member = _MEMBER.match(self.text, self.at)
            if member and not isinstance(value, (int, float)):
                self.at = member.end()
                called = self.takes("(")
                if called:
                    self.needs(")")
                value = self._member(value, member[1], called=called)
            elif self.sees("[") and isinstance(value, (dict, list, AnswerPart)):
                self.at += 1
                key = self.expression()
                self.needs("]")
                value = self._indexed(value, key)
            else:
                return value

    def _sum(self) -> Any:
        value = self.term()
        self.space()
        while self.sees("+") and not self.sees("+="):
            self.at += 1
            self.space(lines=True)
            other = self.term()
            if isinstance(value, (str, AnswerPart)):
                value = self.as_text(value) + self.as_text(other)
            elif isinstance(value, dict) and isinstance(other, dict):
                value = {**value, **other}
            elif isinstance(value, list):
                value = [*value, *(other if isinstance(other, list) else [other])]
            else:
                raise NotUnderstoodError("a sum is not reckoned")
            self.space()
        return value

    def _start(self) -> Any:
        if self.takes("@{"):
            return self._hashtable()
        if self.takes("@("):
            return self._items(")")
        here = re.compile(r"@(['\"])[ \t\r]*\n").match(self.text, self.at)
        if here:
            return self._here_string(here)
        if self.takes("$(") or self.takes("("):
            self.space(lines=True)
            value = self.pipeline()
            self.needs(")")
            return value
        if self.sees("'"):
            return self._single()
        if self.takes('"'):
            return self._double()
        return self._plain()

    def _plain(self) -> Any:
        guid, number, variable = (
            pattern.match(self.text, self.at) for pattern in (_GUID, _NUMBER, _VARIABLE)
        )
        if guid:
            self.at = guid.end()
            return self.around.made_up("fake.uuid")
        encoded = _BASE64.match(self.text, self.at)
        if encoded:
            self.at = encoded.end()
            value = self.as_text(self.expression())
            self.needs(")")
            self.needs(")")
            return base64.b64encode(value.encode("utf-8", "replace")).decode()
        if number:
            self.at = number.end()
            return json.loads(number[0]) if not re.match(r"-?0[0-9]", number[0]) else int(number[0])
        if variable:
            self.at = variable.end()
            return self._variable(variable[1] or variable[2])
        cast = _TYPE.match(self.text, self.at)
        if cast:
            self.at = cast.end()
            return self.term()
        word = _WORD.match(self.text, self.at)
        if word:
            self.at = word.end()
            return self.around.command(self, word[0])
        raise NotUnderstoodError("a value is expected")

    def _variable(self, name: str) -> Any:
        scope, _, rest = name.lower().rpartition(":")
        if scope == "env":
            return self.around.environment(name.rpartition(":")[2])
        if rest in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[rest]
        if rest not in self.around.variables:
            raise NotUnderstoodError(f"nothing is known of ${rest}")
        return self.around.variables[rest]

    def _member(self, value: Any, name: str, *, called: bool) -> Any:
        if isinstance(value, AnswerPart) and not called:
            if value.raw and name.lower() == "content":
                return AnswerPart(value.request, raw=True)
            if value.raw and name.lower() in {"statuscode", "headers"}:
                return AnswerPart(value.request, f"#{name.lower()}")
            return AnswerPart(value.request, value.path + json_key(name))
        if isinstance(value, dict) and not called:
            return self._indexed(value, name)
        if isinstance(value, (str, AnswerPart)) and name.lower() in _SAME:
            return value
        raise NotUnderstoodError(f"'.{name}' is not understood here")

    def _indexed(self, value: Any, key: Any) -> Any:
        if isinstance(value, AnswerPart):
            if value.path == "#headers" and isinstance(key, str):
                return AnswerPart(value.request, header=key)
            if isinstance(key, int) and not isinstance(key, bool) and key >= 0:
                return AnswerPart(value.request, f"{value.path}[{key}]")
            return AnswerPart(value.request, value.path + json_key(self.as_text(key)))
        if isinstance(value, dict):
            for name, item in value.items():
                if str(name).lower() == str(key).lower():
                    return item
        elif isinstance(key, int) and -len(value) <= key < len(value):
            return value[key]
        raise NotUnderstoodError("nothing is there")

    def _hashtable(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        self.space(lines=True)
        while not self.takes("}"):
            key = re.compile(r"[A-Za-z_0-9][\w-]{0,100}").match(self.text, self.at)
            if key:
                self.at = key.end()
                name = key[0]
            else:
                name = self.as_text(self.term())
            self.needs("=")
            self.space(lines=True)
            made[name] = self.pipeline()
            self.space(lines=True)
            if self.at >= len(self.text):
                raise NotUnderstoodError("'}' is expected")
        return made

    def _items(self, end: str) -> list[Any]:
        made: list[Any] = []
        self.space(lines=True)
        while not self.takes(end):
            found = self.pipeline()
            made += found if isinstance(found, list) else [found]
            self.space(lines=True)
            self.takes(",")
            self.space(lines=True)
            if self.at >= len(self.text):
                raise NotUnderstoodError(f"'{end}' is expected")
        return made

    def _single(self) -> str:
        found = re.compile(r"'((?:[^']|''){0,1000000})'").match(self.text, self.at)
        if not found:
            raise NotUnderstoodError("a quote is never closed")
        self.at = found.end()
        return found[1].replace("''", "'")

    def _double(self) -> str:
        made: list[str] = []
        while self.at < len(self.text):
            if self.takes('""'):
                made.append('"')
            elif self.takes('"'):
                return "".join(made)
            else:
                made.append(self._inside())
        raise NotUnderstoodError("a quote is never closed")

    def _inside(self) -> str:
        """One piece of a text in which variables are filled in."""
        char = self.text[self.at]
        if char == "`" and self.at + 1 < len(self.text):
            self.at += 2
            following = self.text[self.at - 1]
            return _ESCAPES.get(following, "" if following == "\n" else following)
        if self.sees("$("):
            self.at += 2
            value = self.as_text(self.pipeline())
            self.needs(")")
            return value
        variable = _VARIABLE.match(self.text, self.at)
        if variable:
            name = variable[1] or variable[2]
            scope, colon, _ = name.partition(":")
            if (
                colon
                and not variable[1]
                and scope.lower() not in {"env", "script", "global", "local"}
            ):
                self.at += 1 + len(scope)  # "$host:$port": the colon is none of the name
                return self.as_text(self._variable(scope))
            self.at = variable.end()
            return self.as_text(self._variable(name))
        self.at += 1
        return char

    def _here_string(self, opened: re.Match[str]) -> str:
        end = re.compile(rf"\r?\n{opened[1]}@").search(self.text, opened.end() - 1)
        if not end:
            raise NotUnderstoodError("a here-string is never closed")
        inner = self.text[opened.end() : max(end.start(), opened.end())]
        self.at = end.end()
        if opened[1] == "'":
            return inner
        reader = PowerShellReader(inner, self.around)
        made: list[str] = []
        while reader.at < len(inner):
            made.append(reader._inside())
        return "".join(made)

    def _piped(self, value: Any) -> Any:
        word = _WORD.match(self.text, self.at)
        name = word[0].lower() if word else ""
        self.at = word.end() if word else self.at
        options = re.compile(
            r"(?:[ \t]+-(?:Depth|Compress|AsHashtable|EnumsAsStrings|First|Last)\b(?:[ \t]+[0-9]{1,4})?){0,6}",
            re.IGNORECASE,
        ).match(self.text, self.at)
        if name in {"convertto-json", "convertfrom-json", "out-null", "out-string"} and options:
            self.at = options.end()
            if name == "convertto-json":
                return json.dumps(self.as_json(value))
            return self._parsed(value) if name == "convertfrom-json" else value
        raise NotUnderstoodError(f"what is piped into '{name}' is not followed")

    def _parsed(self, value: Any) -> Any:
        if isinstance(value, AnswerPart):
            return AnswerPart(value.request, value.path)
        try:
            return json.loads(self.as_text(value))
        except (ValueError, RecursionError) as error:
            raise NotUnderstoodError("what is read as JSON is none") from error

    def as_text(self, value: Any) -> str:
        """A value as PowerShell writes it into a text."""
        if isinstance(value, AnswerPart):
            return self.around.letters(value)
        if isinstance(value, bool):
            return "True" if value else "False"
        if isinstance(value, list):
            return " ".join(map(self.as_text, value))
        if isinstance(value, dict):
            raise NotUnderstoodError("a hashtable within a text is its type's name")
        return "" if value is None else str(value)

    def as_json(self, value: Any) -> Any:
        """A value without what an answer is to give: letters stand for it."""
        if isinstance(value, dict):
            return {str(key): self.as_json(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.as_json(item) for item in value]
        return self.around.letters(value) if isinstance(value, AnswerPart) else value
