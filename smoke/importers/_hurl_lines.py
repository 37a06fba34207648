"""The lines of a Hurl file: which entry and which section each belongs to."""

from __future__ import annotations

import re

from msgspec import Struct

from smoke.importers._filling import shown

Row = tuple[str, str, int]
"""Key, value, and the number of the line."""

_REQUEST = re.compile(r"([A-Z]{3,20})[ \t]+(\S[^\n]{0,8000})\Z")
_STATUS = re.compile(r"HTTP(?:/[0-9.]{1,3})?[ \t]+([0-9]{3}|\*)[ \t]*(?:#.*)?\Z")
_SECTION = re.compile(r"\[([A-Za-z]{1,40})\][ \t]*(?:#.*)?\Z")
_PAIR = re.compile(
    r"((?:[^\s:\\#]|\\.|:(?!\s|\Z))(?:[^:\\]|\\.|:(?!\s|\Z)){0,400}?)[ \t]{0,20}:(?:[ \t]+(.*)|\Z)"
)
_KNOWN = {"QueryStringParams", "Query", "FormParams", "Form", "MultipartFormData", "Multipart", "Cookies", "BasicAuth", "Captures", "Asserts", "Options"}  # fmt: skip
_BODY = re.compile(r"\s*(?:\{(?!\{)|\[|<|`|\"(?:[^\"\\]|\\.){0,2000}\"\Z)|(?:file|base64|hex),")
_FENCE = re.compile(r"```([a-z]{0,20})[, a-z]{0,40}\Z")


class HurlEntry(Struct):
    """One entry: the request, what its answer must be, and the sections of both."""

    method: str
    url: str
    line: int
    name: str = ""
    headers: list[Row] = []
    sections: dict[str, list[Row]] = {}
    body: str = ""
    kind: str = ""
    status: int = 0
    response_headers: list[Row] = []
    response_body: int = 0
    answered: bool = False

    def section(self, name: str) -> list[Row]:
        return self.sections.get(name, [])


def entries(text: str) -> tuple[list[HurlEntry], list[str]]:
    """The entries of a file, and the lines that belong to none."""
    reader = _Lines(text.split("\n"))
    return reader.run(), reader.unread


class _Lines:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._section = ""
        self._body = False
        self._comment = ""
        self.unread: list[str] = []
        self._found: list[HurlEntry] = []

    def run(self) -> list[HurlEntry]:
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            self._at += 1
            if not line.strip() or line.lstrip().startswith("#"):
                self._comment = line.strip("# \t") if line.strip() else ""
                continue
            self._line(line)
        return self._found

    def _line(self, line: str) -> None:
        request = None if _STATUS.match(line) else _REQUEST.match(line)
        if request and not (self._found and self._section and _PAIR.match(line)):
            name = self._comment if len(self._comment) <= 80 else ""
            self._found.append(
                HurlEntry(
                    request[1],
                    request[2].partition(" #")[0].strip(),
                    self._at,
                    name,
                    [],
                    {},
                    response_headers=[],
                )
            )
            self._section, self._body, self._comment = "", False, ""
            return
        if not self._found:
            self.unread.append(f"line {self._at}: no request is open")
            return
        entry = self._found[-1]
        status, section = _STATUS.match(line), _SECTION.match(line)
        if status:
            entry.status, entry.answered = (0 if status[1] == "*" else int(status[1])), True
            self._section, self._body = "", False
        elif section and (section[1] in _KNOWN or not self._body):
            self._section = section[1]
            if section[1] not in _KNOWN:
                self.unread.append(f"line {self._at}: the section '{shown(section[1])}'")
        else:
            self._row(entry, line)

    def _row(self, entry: HurlEntry, line: str) -> None:
        fence = _FENCE.match(line.strip())
        if self._section == "Asserts":
            entry.sections.setdefault("Asserts", []).append((line.strip(), "", self._at))
            return
        if fence or _BODY.match(line):
            self._take_body(entry, line, fence)
            return
        pair = _PAIR.match(line.strip())
        if not pair:
            self.unread.append(f"line {self._at}: it is no 'name: value'")
            return
        row = (_unescaped(pair[1]), _value(pair[2] or "", self._section), self._at)
        if self._section:
            entry.sections.setdefault(self._section, []).append(row)
        else:
            (entry.response_headers if entry.answered else entry.headers).append(row)

    def _take_body(self, entry: HurlEntry, line: str, fence: re.Match[str] | None) -> None:
        """A body goes on to its closing fence, to the end of its JSON, or to a status line or an empty one."""
        begin = self._at
        if fence:
            end = next(
                (at for at in range(begin, len(self._lines)) if self._lines[at].strip() == "```"),
                len(self._lines),
            )
            body, self._at = "\n".join(self._lines[begin:end]), end + 1
        else:
            end = begin
            while end < len(self._lines) and not _is_over(self._lines, end):
                end += 1
            body, self._at = "\n".join([line, *self._lines[begin:end]]).strip(), end
        self._body = True
        if entry.answered:
            entry.response_body = begin
            return
        entry.body, entry.kind = body.strip("`") if not fence else body, fence[1] if fence else ""
        if body.startswith(("file,", "base64,", "hex,")):
            entry.body = body


def _is_over(lines: list[str], at: int) -> bool:
    line = lines[at].rstrip()
    request = _REQUEST.match(line)
    return bool(
        _STATUS.match(line)
        or (request and request[1] in {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.strip().strip('"'))


def _value(text: str, section: str) -> str:
    if section == "Captures":
        return text.strip()
    found = re.match(r"((?:[^#\\]|\\.){0,8000})", text)
    return re.sub(r"\\([#:\\])", r"\1", found[1] if found else text).strip()
