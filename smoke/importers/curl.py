"""curl command lines, one or many, as browsers copy them and tickets hold them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

from smoke.diagnostic import Diagnostic, SmokeError, Span, nearest
from smoke.importers._filling import is_url
from smoke.importers._shells import ShellWord, commands
from smoke.recording.records import RecordedRequest
from smoke.text import safe_line, shorten

# names and meanings as in curl's manual (https://curl.se/docs/manpage.html)
_VALUES = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-d": "data", "--data": "data",
    "--data-ascii": "data", "--data-raw": "raw", "--data-binary": "binary", "--data-urlencode": "encode",
    "--json": "json", "-F": "field", "--form": "field", "--form-string": "string", "-u": "user", "--user": "user",
    "-b": "cookie", "--cookie": "cookie", "-A": "agent", "--user-agent": "agent", "-e": "referer",
    "--referer": "referer", "--url": "url", "--oauth2-bearer": "bearer", "-o": "", "--output": "", "-m": "",
    "--max-time": "", "--connect-timeout": "", "-w": "", "--write-out": "", "-c": "", "--cookie-jar": "", "--retry": "",
}  # fmt: skip
_FLAGS = {
    "-G": "get", "--get": "get", "-L": "follow", "--location": "follow", "-k": "insecure", "--insecure": "insecure",
    "-I": "head", "--head": "head", "--compressed": "", "-s": "", "--silent": "", "-S": "", "--show-error": "", "-i": "",
    "--include": "", "-v": "", "--verbose": "", "-f": "", "--fail": "", "--http1.1": "", "--http2": "", "-g": "",
    "--globoff": "", "-N": "", "--no-buffer": "", "--fail-with-body": "", "-#": "", "--progress-bar": "", "-4": "", "-6": "",
}  # fmt: skip
_BEGINS = re.compile(rb"(?:\A|[\n;&|])[ \t]*(?:\$ )?curl(?:\.exe)?[ \t\r\n^`\\]")


def recognise(head: bytes) -> bool:
    """A command `curl` at the beginning of some line."""
    return _BEGINS.search(head) is not None


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The request of each command. Raises SmokeError with every flag and file that cannot be taken over."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    problems: list[Diagnostic] = []
    found = []
    for command_words in commands(text, source):
        words = command_words[1:] if command_words[0].text == "$" else command_words
        if words and words[0].text in {"curl", "curl.exe"}:
            command = _Command(words[1:], words[0].line, source)
            problems += command.problems
            found.append(command)
    if problems:
        raise SmokeError(problems)
    for command in found:
        yield command.request()


class _Command:
    """One command line, with what is wrong in it."""

    def __init__(self, words: list[ShellWord], line: int, source: str) -> None:
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
        if any("=" not in value for value in self._given.get("cookie", [])):
            self._problem("a file of cookies is not read: write them as name=value", line)
        if urls and not is_url(_with_scheme(urls[0])):
            self._problem("a URL is expected, such as https://shop.example/api/orders", line)

    def request(self) -> RecordedRequest:
        given = self._given
        url, body = _with_scheme(given["url"][0]), self._body()
        headers = [
            (name.strip(), value.strip())
            for name, _, value in (each.partition(":") for each in given.get("header", []))
        ]
        fields = tuple(
            (name, value)
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
        headers += self._credentials()
        insecure = (
            ("-k: smoke checks certificates, --ca-file names an authority",)
            if "insecure" in given
            else ()
        )
        return RecordedRequest(
            given.get("method", [method])[-1].upper(), url, tuple(headers), body.encode("utf-8", "replace"), fields,
            place=f"line {self._line}", follows="follow" in given, remarks=insecure,
        )  # fmt: skip

    def _credentials(self) -> list[tuple[str, str]]:
        users = (user.encode("utf-8", "replace") for user in self._given.get("user", [])[-1:])
        made = [("authorization", f"Basic {base64.b64encode(user).decode()}") for user in users]
        tokens = self._given.get("bearer", [])[-1:]
        made += [("authorization", f"Bearer {token}") for token in tokens]
        if "cookie" in self._given:
            made.append(("cookie", "; ".join(self._given["cookie"])))
        return made

    def _body(self) -> str:
        given = self._given
        if "json" in given:
            return "".join(given["json"])
        plain = [
            each.replace("\n", "") if kind == "data" else each
            for kind in ("data", "raw", "binary")
            for each in given.get(kind, [])
        ]
        return "&".join([*plain, *map(_encoded, given.get("encode", []))])


def _encoded(value: str) -> str:
    """What --data-urlencode sends of `name=content`, `=content` or `content`."""
    name, equals, content = value.partition("=")
    if not equals:
        return quote(value, safe="")
    return f"{name}={quote(content, safe='')}" if name else quote(content, safe="")


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"http://{url}"
