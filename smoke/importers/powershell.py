"""PowerShell scripts with Invoke-RestMethod or Invoke-WebRequest: hashtables, here-strings, variables, splatting, what is taken of answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from smoke.diagnostic import SmokeError
from smoke.importers._chai import merged
from smoke.importers._filling import Filling, is_url
from smoke.importers._powershell import (
    AnswerPart,
    NotUnderstoodError,
    PowerShellReader,
    Surrounding,
)
from smoke.importers._powershell_blocks import block_end, headers_of, statement_end, what_is_asked
from smoke.importers._powershell_words import (
    FLAGS,
    HARMLESS,
    REQUESTS,
    UNUSED,
    VALUES,
    with_hashtables,
)
from smoke.importers._shapes import joined_query, with_rest
from smoke.recording.records import RecordedRequest, StandIn
from smoke.redact.keys import sensitive
from smoke.text import safe_line, shorten

_COMMANDS = re.compile(
    rb"(?im)(?:^|[=({;|\t ])(?:Invoke-(?:RestMethod|WebRequest)|irm|iwr)\b(?!\s*=)[ \t`]"
)
_LARGEST = 1024 * 1024
_WORD = re.compile(r"[A-Za-z][\w-]{0,60}")
_ASSIGNED = re.compile(
    r"(?:\[[\w.\[\]]{1,60}\]\s{0,9})?\$((?:\w{1,20}:)?\w{1,100})((?:\.\w{1,100}|\[[^\]\n]{1,100}\]){0,4})\s{0,20}(\+?=)(?!=)"
)


def recognise(head: bytes) -> bool:
    """A call of one of the two commands, in a text that is no document of another kind."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:  # UTF-16, as Windows PowerShell writes it
        head = head.replace(b"\0", b"")[2:]
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return _COMMANDS.search(head) is not None and not re.match(rb"\{|<(?!#)", begins)


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of a script, in their order. Raises SmokeError where none can be read, with the places."""
    if len(data) > _LARGEST:
        raise SmokeError.of("cannot-read", f"{source} is longer than {_LARGEST:,} bytes: no script")
    text = data.decode(
        "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "replace"
    )
    script = _Script(with_hashtables(text.replace("\r\n", "\n")), data)
    try:
        script.block(0, len(script.reader.text))
    except RecursionError as error:
        raise SmokeError.of("cannot-read", f"{source} is too deep") from error
    yield from with_rest(script.made(), script.unread, source)


class _Draft(Struct):
    """A request that later lines may still ask something of."""

    request: RecordedRequest
    captures: dict[str, Any]
    expect: dict[str, Any]


class _Script:
    def __init__(self, text: str, data: bytes) -> None:
        self._filling = Filling(data, {}, lambda _: None)
        self._drafts: list[_Draft] = []
        self._names: dict[AnswerPart, str] = {}
        self._deep = 0
        self.unread: list[str] = []
        around = Surrounding({}, self._command, self._letters, self._made_up, self._environment)
        self.reader = PowerShellReader(text, around)

    def made(self) -> list[RecordedRequest]:
        made = [
            replace(each.request, captures=tuple(each.captures.items()), expect=each.expect)
            for each in self._drafts
        ]
        rest = self._filling.used()
        return [
            *made[:-1],
            *(replace(each, stand_ins=(*each.stand_ins, *rest)) for each in made[-1:]),
        ]

    def block(self, start: int, end: int) -> None:
        """Carry out the statements between two places."""
        reader = self.reader
        reader.at = start
        while True:
            reader.space(lines=True)
            if reader.at >= end:
                return
            begin = reader.begin()
            try:
                self._statement(end)
            except NotUnderstoodError as error:
                self._say(begin, str(error))
                reader.at = max(statement_end(reader.text, begin, end), begin + 1)
            if reader.at <= begin:
                reader.at = begin + 1

    def _statement(self, end: int) -> None:
        reader = self.reader
        text, at = reader.text, reader.at
        word = _WORD.match(text, at)
        name = word[0].lower() if word else ""
        if name in {"if", "elseif"} and word:
            self._condition(word.end(), end)
        elif name in {"try", "finally", "process", "begin", "end"}:
            self._inner(at, end)
        elif name in {"else", "catch", "trap"}:
            reader.at = block_end(text, text.find("{", at), end)
        elif name == "param":
            self._parameters(end)
        elif name in {"function", "filter", "class", "workflow"}:
            opened = text.find("{", at)
            reader.at = block_end(text, opened, end)
            if _COMMANDS.search(text[at : reader.at].encode("utf-8", "replace")):
                self._say(at, "a function: what it sends is not taken over")
        elif name in {"foreach", "for", "while", "do", "switch"}:
            self._say(at, f"a loop ({name}): what it sends is taken over once")
            self._inner(at, end)
        elif HARMLESS.match(text, at):
            reader.at = statement_end(text, at, end)
        else:
            self._value_or_assignment(end)

    def _inner(self, at: int, end: int) -> None:
        """What stands in the braces behind a word."""
        text = self.reader.text
        opened = text.find("{", at, end)
        if opened < 0:
            raise NotUnderstoodError("'{' is expected")
        if self._deep > 40:
            raise NotUnderstoodError("it is too deep")
        closed = block_end(text, opened, end)
        self._deep += 1
        self.block(opened + 1, max(closed - 1, opened + 1))
        self._deep -= 1
        self.reader.at = closed

    def _condition(self, at: int, end: int) -> None:
        """`if`: what fails unless an answer is right is an expectation; what is known is decided; a good answer is taken for granted."""
        reader, text, begin = self.reader, self.reader.text, self.reader.at
        opened = text.find("(", at, end)
        closed = block_end(text, opened, end)
        brace = text.find("{", closed, end)
        if opened < 0 or brace < 0:
            raise NotUnderstoodError("a condition is expected")
        body = block_end(text, brace, end)
        inner, then = text[opened + 1 : closed - 1], text[brace:body]
        asked = what_is_asked(PowerShellReader(inner, reader.around), fails=then)
        if asked is None and _COMMANDS.search(then.encode("utf-8", "replace")):
            self._say(begin, "what is sent under this condition is taken over as if it held")
            self._inner(brace, end)
        elif asked is None and re.search(r"\b(?:throw|exit\s+[1-9])", then):
            self._say(begin, "this condition is not followed")
        elif asked is not None and asked.part is None and asked.holds:
            self._inner(brace, end)
        elif asked is not None and asked.part and not self._expect(asked.part, asked.matcher):
            self._say(begin, "this condition is not followed")
        reader.at = body

    def _expect(self, part: AnswerPart, matcher: Any) -> bool:
        """Whether what is asked of an answer is taken over."""
        found: dict[str, Any] = {}
        if part.header:
            found = {"headers": {part.header: matcher}}
        elif part.path == "#statuscode" and isinstance(matcher, int) and 100 <= matcher <= 599:
            found = {"status": matcher}
        elif not part.path.startswith("#"):
            found = {"json": {part.path: matcher}}
        return bool(found) and merged(self._drafts[part.request].expect, found)

    def _parameters(self, end: int) -> None:
        reader, text = self.reader, self.reader.text
        opened = text.find("(", reader.at, end)
        closed = block_end(text, opened, end)
        inner = text[opened + 1 : closed - 1]
        for found in re.finditer(r"\$(\w{1,100})[ \t]{0,20}(=)?", inner):
            value: Any = None
            if found[2]:
                part = PowerShellReader(inner, reader.around)
                part.at = found.end()
                part.space()
                try:
                    value = part.term()
                except NotUnderstoodError:
                    value = None
            if found[1].lower() not in {"true", "false", "null"}:
                self._assign(found[1], self._kept(found[1], value, asked=True))
        reader.at = closed

    def _value_or_assignment(self, end: int) -> None:
        reader, begin = self.reader, self.reader.at
        assigned = _ASSIGNED.match(reader.text, begin)
        if not assigned:
            value = reader.pipeline()
        else:
            reader.at = assigned.end()
            reader.space(lines=True)
            value = reader.pipeline()
            name, members, sign = assigned[1], assigned[2], assigned[3]
            if members:
                self._member(name, members, value)
            elif sign == "+=":
                raise NotUnderstoodError("'+=' is not reckoned")
            else:
                self._assign(name, self._kept(name, value))
        rest = reader.text[reader.at : statement_end(reader.text, reader.at, end)].strip(" \t;})")
        if rest and not rest.startswith("#"):
            raise NotUnderstoodError("the rest of the line is not understood")

    def _assign(self, name: str, value: Any) -> None:
        self.reader.around.variables[name.lower().rpartition(":")[2]] = value

    def _member(self, name: str, members: str, value: Any) -> None:
        target = self.reader.around.variables.get(name.lower().rpartition(":")[2])
        keys = re.findall(r"\.(\w+)|\[\s*['\"]?([^\]'\"]+)['\"]?\s*\]", members)
        for one, other in keys[:-1]:
            target = target.get(one or other) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise NotUnderstoodError("nothing is known of what is changed here")
        target[keys[-1][0] or keys[-1][1]] = value

    def _kept(self, name: str, value: Any, *, asked: bool = False) -> Any:
        """A variable's value: letters for what is a variable of the scenario too."""
        if value is None and asked:
            return self._filling.stand_in(StandIn("", name))
        if (
            isinstance(value, str)
            and value
            and len(value) < 2000
            and "\n" not in value
            and value.lstrip()[:1] not in {"{", "["}
        ):
            own = self._filling.is_stand_in(value)
            return value if own else self._filling.stand_in(StandIn("", name, value))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._filling.stand_in(StandIn("", name, str(value), typed=True))
        return value

    def _letters(self, part: AnswerPart) -> str:
        """Letters for what an answer is to give: a capture of its request."""
        if part.path == "#headers" or (part.raw and part.path == "$"):
            raise NotUnderstoodError("a whole answer is no value here")
        if part not in self._names:
            keys = re.findall(r"\w+", part.header or part.path)[-2:]
            base = "_".join(each for each in keys if not each.isdigit()) or "value"
            name, count = base, 1
            while name in self._names.values():
                count += 1
                name = f"{base}_{count}"
            self._names[part] = name
            spec: Any = {"header": part.header} if part.header else {"status": True} if part.path == "#statuscode" else part.path  # fmt: skip
            self._drafts[part.request].captures[name] = spec
        return self._filling.stand_in(StandIn("", self._names[part]))

    def _made_up(self, template: str) -> str:
        return self._filling.stand_in(StandIn("", template=template))

    def _environment(self, name: str) -> str:
        value = f"$env:{name}"
        if sensitive(name):
            return self._filling.stand_in(StandIn("", name, value, secret=True))
        return self._filling.stand_in(StandIn("", name, value, template=f"env.{name}"))

    def _say(self, at: int, reason: str) -> None:
        text = self.reader.text
        line = text.count("\n", 0, at) + 1
        said = _WORD.match(text, at) or re.compile(r"\$\w{1,60}").match(text, at)
        place = f"line {line}" + (f" ({shorten(said[0], 40)})" if said else "")
        self.unread.append(safe_line(f"{place}: {reason}"))

    def _command(self, reader: PowerShellReader, word: str) -> Any:
        """The value of a command."""
        name = word.lower()
        if name in REQUESTS:
            return self._request(reader, word)
        if name == "new-guid":
            return self._made_up("fake.uuid")
        options = re.compile(
            r"(?:[ \t]+-\w{1,20}(?:[ \t]+(?:-?[0-9]{1,9}|'[^'\n]{0,60}'|\"[^\"\n$]{0,60}\"|\w{1,30}))?){0,4}"
        ).match(reader.text, reader.at)
        said = options[0].lower() if options else ""
        reader.at = options.end() if options else reader.at
        if name == "get-random":
            low, high = (re.search(rf"-{each}\w*\s+(-?\d+)", said) for each in ("min", "max"))
            return self._made_up(
                f"fake.number({low[1] if low else 0}, {int(high[1]) - 1 if high else 2147483646})"
            )
        if name == "get-date":
            return self._made_up("now | unix" if "%s" in said else "now")
        if name == "read-host":
            return None
        if name == "start-sleep":
            raise NotUnderstoodError("a pause: add a step with `pause`")
        if name == "convertto-securestring":
            raise NotUnderstoodError("a secure string is not made")
        raise NotUnderstoodError(f"the command '{shorten(word, 40)}' is not followed")

    def _request(self, reader: PowerShellReader, word: str) -> AnswerPart:
        line, begin = reader.line, reader.at
        given = self._arguments(reader)
        url = reader.as_text(given.pop("uri", None))
        url = self._filling.known_url(url)
        if not is_url(url):
            raise NotUnderstoodError("a URL is expected, such as https://shop.example/api/orders")
        headers = headers_of(reader, given)
        body = given.get("body")
        method = reader.as_text(given.get("custommethod") or given.get("method") or "Get").upper()
        fields: tuple[tuple[str, str], ...] = ()
        content = b""
        if isinstance(body, dict):
            pairs = [(str(key), reader.as_text(value)) for key, value in body.items()]
            if method == "GET":
                url = joined_query(url, pairs)
            else:
                content = urlencode(pairs, errors="replace").encode()
                headers.append(("content-type", "application/x-www-form-urlencoded"))
        elif body is not None:
            content = self._filling.quoted(reader.as_text(body)).encode("utf-8", "replace")
        if isinstance(given.get("form"), dict):
            fields = tuple(
                (str(key), reader.as_text(value)) for key, value in given["form"].items()
            )
        for key, reason in UNUSED.items():
            if key in given:
                self._say(begin, f"-{key} is not taken over: {reason}")
        remarks = ("-SkipCertificateCheck: smoke checks certificates, --ca-file names an authority",) if "skipcertificatecheck" in given else ()  # fmt: skip
        unread, self.unread = tuple(self.unread), []
        request = RecordedRequest(
            method, url, tuple(headers), content, fields, None, f"line {line}", follows=given.get("maximumredirection") not in {0, "0"},
            remarks=remarks, written=True, stand_ins=self._filling.used(), unread=unread,
        )  # fmt: skip
        self._drafts.append(_Draft(request, {}, {}))
        return AnswerPart(len(self._drafts) - 1, raw=REQUESTS[word.lower()])

    def _arguments(self, reader: PowerShellReader) -> dict[str, Any]:
        """Parameters by their names in small letters."""
        given: dict[str, Any] = {}
        while True:
            reader.space()
            found = re.compile(r"-([A-Za-z]\w{0,40}):?").match(reader.text, reader.at)
            splat = re.compile(r"@(\w{1,100})").match(reader.text, reader.at)
            if splat:
                reader.at = splat.end()
                known = reader.around.variables.get(splat[1].lower())
                if not isinstance(known, dict):
                    raise NotUnderstoodError(f"nothing is known of @{splat[1]}")
                given |= {key.lower(): value for key, value in known.items()}
            elif found:
                reader.at = found.end()
                self._parameter(reader, found[1], given)
            elif reader.at >= len(reader.text) or reader.text[reader.at] in "\n;|)}":
                return given
            elif "uri" not in given:
                given["uri"] = self._argument(reader)
            else:
                raise NotUnderstoodError("an argument has no name")

    def _parameter(self, reader: PowerShellReader, word: str, given: dict[str, Any]) -> None:
        name = word.lower()
        names = [each for each in sorted(FLAGS | VALUES) if each.startswith(name)]
        name = name if name in FLAGS | VALUES else names[0] if len(names) == 1 else ""
        if not name:
            raise NotUnderstoodError(f"-{shorten(word, 40)} is not a parameter that is known")
        reader.space()
        given[name] = True if name in FLAGS else self._argument(reader)

    def _argument(self, reader: PowerShellReader) -> Any:
        """The value of a parameter: bare words are texts, in which variables are filled in."""
        bare = re.compile(r"(?![@(\"'$\[]|-?[0-9]+(?![\w.]))[^\s;|(){}\"',]{1,2000}").match(
            reader.text, reader.at
        )
        if bare is None and reader.sees("$"):
            joined = re.compile(r"\$[\w:]{1,100}(?=[/?])[^\s;|(){}\"',]{1,2000}").match(
                reader.text, reader.at
            )
            bare = joined
        if bare is None:
            return reader.term()
        reader.at = bare.end()
        inner = PowerShellReader(f'"{bare[0]}"', reader.around)
        return inner.term()
