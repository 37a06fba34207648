"""The lines of a .http file: one block for each request, with what stands before and behind it."""

from __future__ import annotations

import re

from msgspec import Struct

from smoke.importers._filling import shown

_SEPARATOR = re.compile(r"###+[ \t]*(.*)\Z")
_VARIABLE = re.compile(r"@([\w.-]{1,100})[ \t]*=[ \t]*(.*)\Z")
_META = re.compile(r"(?:#|//)[ \t]*@([\w-]{1,40})(?:[ \t=]+(.*))?\Z")
_REQUEST = re.compile(
    r"(?:([A-Z]{3,10})[ \t]+)?((?:https?://|\{\{|/|[\w.-]{1,100}[:/])\S.{0,8000})\Z"
)
_HEADER = re.compile(r"([\w-]{1,100})[ \t]*:[ \t]*(.*)\Z")
_QUIET = {"name", "no-redirect", "no-cookie-jar", "no-log", "note", "title", "description", "no-auto-encoding", "use-os-credentials"}  # fmt: skip


class HttpBlock(Struct):
    """A request as a file writes it. `scripts` have the number of their first line, and whether they are carried out before it."""

    line: int
    title: str = ""
    name: str = ""
    method: str = "GET"
    url: str = ""
    headers: list[tuple[str, str]] = []
    body: str = ""
    stays: bool = False
    variables: dict[str, str] = {}
    scripts: list[tuple[str, int, bool]] = []
    unread: list[str] = []


def blocks(text: str) -> list[HttpBlock]:
    """The blocks between the separators of a file."""
    found: list[HttpBlock] = []
    lines = text.split("\n")
    start, title = 0, ""
    for number in range(len(lines) + 1):
        separator = _SEPARATOR.match(lines[number]) if number < len(lines) else None
        if separator or number == len(lines):
            found.append(_Block(lines[start:number], start, title).read())
            start, title = number + 1, separator[1].strip() if separator else ""
    return found


class _Block:
    def __init__(self, lines: list[str], before: int, title: str) -> None:
        self._lines = lines
        self._at = 0
        self._before = before
        self._made = HttpBlock(before + 1, title[:80])
        self._body: list[str] = []

    def read(self) -> HttpBlock:
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            self._at += 1
            if not self._made.url:
                self._head(line)
            elif self._special(line):
                continue
            else:
                self._body.append(self._lines[self._at - 1])
        self._made.body = "\n".join(self._body).strip("\n")
        if not self._made.body.strip():
            self._made.body = ""
        return self._made

    @property
    def _number(self) -> int:
        return self._before + self._at

    def _head(self, line: str) -> None:
        """What stands before the request line, and that with its headers."""
        variable, meta = _VARIABLE.match(line), _META.match(line)
        if variable:
            self._made.variables[variable[1]] = variable[2].strip()
        elif meta:
            self._meta(meta[1], (meta[2] or "").strip())
        elif not line.strip() or line.startswith(("#", "//")) or self._special(line):
            return
        else:
            request = _REQUEST.match(line)
            if request:
                self._request(request)
            else:
                self._say("it is neither a request nor a variable")

    def _meta(self, key: str, value: str) -> None:
        if key == "name":
            self._made.name = value
        elif key == "no-redirect":
            self._made.stays = True
        elif key not in _QUIET:
            self._say(f"@{shown(key)}")

    def _request(self, request: re.Match[str]) -> None:
        made = self._made
        made.method, made.line = request[1] or "GET", self._number
        url = [re.sub(r"\s+HTTP/[0-9.]{1,3}\Z", "", request[2]).strip()]
        while self._at < len(self._lines):
            line = self._lines[self._at].strip()
            header = _HEADER.match(line)
            if not line:
                self._at += 1
                break
            if line.startswith(("?", "&")) or (
                self._lines[self._at][:1] in " \t" and not made.headers and not header
            ):
                url.append(re.sub(r"\s+HTTP/[0-9.]{1,3}\Z", "", line))
            elif header:
                made.headers.append((header[1], header[2]))
            elif not line.startswith(("#", "//")):
                break
            self._at += 1
        made.url = "".join(url)

    def _special(self, line: str) -> bool:
        """Scripts, files of answers and asserts; whether the line was one of them."""
        opened = re.match(r"([<>])[ \t]*\{%(.*)\Z", line)
        if opened:
            first, inner = self._number, [opened[2]]
            while "%}" not in inner[-1] and self._at < len(self._lines):
                inner.append(self._lines[self._at])
                self._at += 1
            self._made.scripts.append(
                ("\n".join(inner).partition("%}")[0], first, opened[1] == "<")
            )
            return True
        if re.match(r"(?:>>!?|<>|>)[ \t]+\S", line) and not line.startswith("<"):
            if not line.startswith(">>"):
                self._say("a script in another file")
            return True
        if line.startswith("<> "):
            return True
        asserted = re.match(r"\?\?[ \t]+(.{1,400})\Z", line)
        if asserted:
            self._assert(asserted[1])
            return True
        if line == "{{" or re.match(r"\{\{[@+]?\w*\Z", line):
            self._say("a script of httpYac")
            while self._at < len(self._lines) and not self._lines[self._at].startswith("}}"):
                self._at += 1
            self._at += 1
            return True
        return False

    def _assert(self, text: str) -> None:
        """HttpYac's `?? status == 200` as the script that says the same."""
        found = re.match(
            r"(status|duration|header\s+([\w-]{1,80})|body\s+([\w.\[\]]{1,200}))\s*(==|!=|>=|<=|>|<)\s*(.{1,200})\Z",
            text,
        )
        if not found:
            self._say("an assert")
            return
        word = found[1].split()[0]
        subject = {
            "status": "response.status", "duration": "pm.response.responseTime", "header": f"response.headers['{found[2]}']", "body": f"response.body.{found[3]}",
        }[word]  # fmt: skip
        value = found[5].strip()
        literal = (
            value
            if re.fullmatch(r"-?[0-9.]+|true|false|null|['\"].*['\"]", value)
            else f'"{value}"'
        )
        self._made.scripts.append(
            (f"client.assert({subject} {found[4]} {literal})", self._number, False)
        )

    def _say(self, what: str) -> None:
        self._made.unread.append(f"line {self._number}: {what}")
