"""curl command lines, one or many, as browsers copy them and tickets hold them."""

from __future__ import annotations

import base64
import re
from collections.abc import Container, Iterator
from typing import Any
from urllib.parse import quote

from smoke.diagnostic import Diagnostic, SmokeError, Span, nearest
from smoke.importers._filling import Filling, is_url
from smoke.importers._shell_variables import (
    ASSIGNMENT,
    REFERENCE,
    ShellScript,
    piped,
    script_of,
    taken_by,
)
from smoke.importers._shells import ShellWord, commands, is_posix
from smoke.recording.records import RecordedRequest
from smoke.text import safe_line, shorten

# names and meanings as in curl's manual (https://curl.se/docs/manpage.html)
_VALUES = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-d": "data", "--data": "data",
    "--data-ascii": "data", "--data-raw": "raw", "--data-binary": "binary", "--data-urlencode": "encode",
    "--json": "json", "-F": "field", "--form": "field", "--form-string": "string", "-u": "user", "--user": "user",
    "-b": "cookie", "--cookie": "cookie", "-A": "agent", "--user-agent": "agent", "-e": "referer",
    "--referer": "referer", "--url": "url", "--oauth2-bearer": "bearer", "-o": "", "--output": "", "-m": "",
    "--max-time": "", "--connect-timeout": "", "-w": "", "--write-out": "", "-c": "jar", "--cookie-jar": "jar", "--retry": "",
}  # fmt: skip
_FLAGS = {
    "-G": "get", "--get": "get", "-L": "follow", "--location": "follow", "-k": "insecure", "--insecure": "insecure",
    "-I": "head", "--head": "head", "--compressed": "", "-s": "", "--silent": "", "-S": "", "--show-error": "", "-i": "",
    "--include": "", "-v": "", "--verbose": "", "-f": "", "--fail": "", "--http1.1": "", "--http2": "", "-g": "",
    "--globoff": "", "-N": "", "--no-buffer": "", "--fail-with-body": "", "-#": "", "--progress-bar": "", "-4": "", "-6": "",
}  # fmt: skip
_BEFORE = {"$", "export", "readonly"}
"""Words before a command that say nothing here."""
_BEGINS = re.compile(
    rb"(?:\A|[\n;&|]|[\n \t]\w{1,64}=\"?\$\()[ \t]*(?:\$ )?curl(?:\.exe)?[ \t\r\n^`\\]"
)


def recognise(head: bytes) -> bool:
    """A command `curl` at the beginning of some line."""
    return _BEGINS.search(head) is not None


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The request of each command. Raises SmokeError with every flag and file that cannot be taken over."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\x02", "")
    script = script_of(text) if is_posix(text) else ShellScript(text, frozenset(), {})
    problems: list[Diagnostic] = []
    found: list[_Command | tuple[str, str]] = []
    for command_words in commands(script.text, source, script.names):
        words = command_words
        while words and words[0].text in _BEFORE:
            words = words[1:]
        if words and words[0].text in {"curl", "curl.exe"}:
            command = _Command(words[1:], words[0].line, source, script)
            problems += command.problems
            found.append(command)
        elif len(words) == 1 and (assigned := ASSIGNMENT.match(words[0].text)):
            found.append((assigned[1], assigned[2]))
    sent = [each for each in found if isinstance(each, _Command)]
    jars = {each for command in sent for each in command.jars}
    problems += (each for command in sent for each in command.foreign_jars(jars))
    if problems:
        raise SmokeError(problems)
    filling = Filling(data, {}, lambda _: None, pattern=REFERENCE)
    for each in found:
        if isinstance(each, _Command):
            yield each.request(filling)
        else:
            filling.values[each[0]] = each[1]


class _Command:
    """One command line, with what is wrong in it."""

    def __init__(self, words: list[ShellWord], line: int, source: str, script: ShellScript) -> None:
        self._taken = script.taken.get(line, "")
        texts = [word.text for word in words]
        self._pipe = piped(texts)[1:]
        words = words[: texts.index("|")] if self._pipe else words
        self._source = source
        self._line = line
        self._given: dict[str, list[str]] = {}
        self.problems: list[Diagnostic] = []
        rest = iter(words)
        for word in rest:
            self._word(word, rest)
        if not self.problems:
            self._check(line)

    def _word(self, word: ShellWord, rest: Iterator[ShellWord]) -> None:
        text, value = word.text, None
        if not text.startswith("-") or text == "-":
            self._given.setdefault("url", []).append(text)
            return
        if not text.startswith("--") and len(text) > 2:
            if text[:2] in _FLAGS:  # several in one word: -sSL
                self._given.setdefault(_FLAGS[text[:2]], []).append("")
                self._word(ShellWord(f"-{text[2:]}", word.line), rest)
                return
            text, value = text[:2], text[2:]
        if text in _FLAGS:
            self._given.setdefault(_FLAGS[text], []).append("")
        elif text in _VALUES:
            following = next(rest, None) if value is None else ShellWord(value, word.line)
            if following is None:
                self._problem(f"{text} has no value", word.line)
            else:
                self._given.setdefault(_VALUES[text], []).append(following.text)
        else:
            name = safe_line(shorten(text.partition("=")[0], 40))
            self._problem(
                f"smoke does not know curl's {name}", word.line, nearest(text, [*_FLAGS, *_VALUES])
            )

    def _problem(self, message: str, line: int, suggestion: str | None = None) -> None:
        span = Span(self._source, line, 1, line, 2)
        self.problems.append(Diagnostic("cannot-read", message, span=span, suggestion=suggestion))

    def _check(self, line: int) -> None:
        urls = self._given.get("url", [])
        if len(urls) != 1:
            self._problem(f"one URL is expected in a command, not {len(urls)}", line)
        for kind in ("data", "binary", "json", "encode", "field"):
            for value in self._given.get(kind, []):
                if value.startswith("@") or (kind == "field" and re.match(r"[^=]*=[@<]", value)):
                    self._problem("a file beside the command is not read: put its text here", line)
        plain = urls and not REFERENCE.search(urls[0])
        if plain and not is_url(_with_scheme(urls[0])):
            self._problem("a URL is expected, such as https://shop.example/api/orders", line)

    @property
    def jars(self) -> list[str]:
        """The files that it keeps cookies in."""
        return self._given.get("jar", [])

    def foreign_jars(self, known: Container[str]) -> list[Diagnostic]:
        """A file of cookies that no command of the script writes."""
        self.problems = []
        for value in self._given.get("cookie", []):
            if "=" not in value and value not in known:
                message = "a file of cookies is not read: write them as name=value"
                self._problem(message, self._line)
        return self.problems

    def request(self, filling: Filling) -> RecordedRequest:
        """The request, with letters for the variables of the script."""
        given = self._given
        url, body = self._url(filling), self._body(filling)
        headers = [
            (name.strip(), filling.text(value.strip()))
            for name, _, value in (each.partition(":") for each in given.get("header", []))
        ]
        kinds = [value for name, value in headers if name.lower() == "content-type"]
        is_json = "json" in given or any("json" in kind for kind in kinds)
        body = filling.json_text(body) if is_json else filling.text(body)
        fields = tuple(
            (name, filling.text(value))
            for name, _, value in (
                each.partition("=") for each in given.get("field", []) + given.get("string", [])
            )
        )
        if "get" in given and body:
            url, body = f"{url}{'&' if '?' in url else '?'}{body}", ""
        method = "HEAD" if "head" in given else "POST" if body or fields else "GET"
        names = {name.lower() for name, _ in headers}
        if body and "content-type" not in names:
            kind = "application/json" if "json" in given else "application/x-www-form-urlencoded"
            headers.append(("content-type", kind))
        headers += self._credentials(filling)
        insecure = (
            ("-k: smoke checks certificates, --ca-file names an authority",)
            if "insecure" in given
            else ()
        )
        captures, unread = self._kept(filling)
        return RecordedRequest(
            given.get("method", [method])[-1].upper(), url, tuple(headers), body.encode("utf-8", "replace"), fields,
            place=f"line {self._line}", follows="follow" in given, remarks=insecure, stand_ins=filling.used(), captures=captures,
            unread=unread,
        )  # fmt: skip

    def _url(self, filling: Filling) -> str:
        """Raises SmokeError where variables make no URL."""
        written = self._given["url"][0]
        if not REFERENCE.search(written):
            return _with_scheme(written)
        url = filling.url(written)
        if not is_url(url):
            self._problem("a URL is expected, such as https://shop.example/api/orders", self._line)
            raise SmokeError(self.problems)
        return url

    def _kept(self, filling: Filling) -> tuple[tuple[tuple[str, Any], ...], tuple[str, ...]]:
        """What the script keeps of the answer, and what of that is not understood."""
        unread = tuple(f"line {self._line}: {each}" for each in filling.unread)
        filling.unread = []
        if not self._taken:
            return (), unread
        filling.values.pop(self._taken, None)
        spec = taken_by(self._pipe)
        if spec is not None:
            return ((self._taken, spec),), unread
        told = f"line {self._line}: what {self._taken} takes of the answer is not understood: give the step a capture"
        return (), (*unread, told)

    def _credentials(self, filling: Filling) -> list[tuple[str, str]]:
        made = []
        for user in self._given.get("user", [])[-1:]:
            name, _, password = user.partition(":")
            both = f"{filling.text(name)}:{filling.secret(password)}".encode("utf-8", "replace")
            made.append(("authorization", f"Basic {base64.b64encode(both).decode()}"))
        tokens = self._given.get("bearer", [])[-1:]
        made += [("authorization", f"Bearer {filling.text(token)}") for token in tokens]
        cookies = [filling.text(each) for each in self._given.get("cookie", []) if "=" in each]
        if cookies:
            made.append(("cookie", "; ".join(cookies)))
        return made

    def _body(self, filling: Filling) -> str:
        given = self._given
        if "json" in given:
            return "".join(given["json"])
        plain = [
            each.replace("\n", "") if kind == "data" else each
            for kind in ("data", "raw", "binary")
            for each in given.get(kind, [])
        ]
        encoded = (_encoded(filling.text(each)) for each in given.get("encode", []))
        return "&".join([*plain, *encoded])


def _encoded(value: str) -> str:
    """What --data-urlencode sends of `name=content`, `=content` or `content`."""
    name, equals, content = value.partition("=")
    if not equals:
        return quote(value, safe="")
    return f"{name}={quote(content, safe='')}" if name else quote(content, safe="")


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"http://{url}"
