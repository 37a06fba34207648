"""What a line of plain text says of its request: ids, method, path, status, severity and time. Pure.

Shapes: access logs (common and combined), Rails, Django, Phoenix, Next.js and morgan, Gin, uvicorn, ASP.NET, Heroku's
router and all that write `key=value` (logfmt), AWS Lambda.
"""

from __future__ import annotations

import re

from smoke.logs.application import names
from smoke.logs.application.facts import Facts, facts_of, path_of
from smoke.logs.application.times import access_time, severity
from smoke.logs.zones import Stamp, stamps

_HEAD = 400
"""Characters of a line in which its time and level are looked for."""
_LOOKED_AT = 8192
_SLASHED = re.compile(r"(?<!\d)(\d{4})/(\d\d)/(\d\d)(?!\d)")
_LEVEL = re.compile(
    r"(?:^|[\s\[(|.:])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|EROR|SEVERE|FATAL|CRITICAL|PANIC|ALERT|EMERGENCY|"
    r"trace|debug|info|notice|warn|warning|error|err|fatal|critical|panic|fail|crit|dbug)(?=[\s\]):|\[]|$)"
)
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} {1,9}\d{1,9} \S{1,200}:\d{1,6}\] ")
"""glog's and Kubernetes' head of a line, which has no year."""
_PAIR = re.compile(
    r"(?i)(?<![\w-])((?:[\w.-]{0,40}(?:request|req|trace|span|correlation|operation|invocation)[-_ ]?id)|digest|traceparent|"
    r"cf-ray|x-vercel-id|x-amzn-trace-id)[\"']?\s{0,3}(?:=>|[:=])\s{0,3}[\"'\[]?([\w.:+/=;-]{4,200})"
)
_SAID = re.compile(r"[Rr]equest [Ii][Dd] \"([\w:.-]{4,100})\"")
_TAGGED = re.compile(
    r"[\[(]((?:req[-_])?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{16,64}|req[-_][\w-]{4,60})[\])]"
)
_SLEUTH = re.compile(r"\[[\w.-]{0,80},([0-9a-f]{16,32}),([0-9a-f]{16})")
_LAMBDA = re.compile(r"(?:^|\t)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\t")
_LOGFMT = re.compile(r"(?:^|\s)([\w.@-]{1,60})=(?:\"((?:[^\"\\]|\\.){0,4000})\"|([^\s\"]{0,2000}))")
_REQUEST = re.compile(
    r"(?<![\w/])(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) {1,6}\"?((?:https?://[^\s\"/]{1,200})?/[^\s\"]{0,2000})\"?"
    r"(?: HTTP/[\d.]{1,3}\"?)?(?:(?: - | -> |\s)\s{0,4}(?:[A-Za-z]\w{0,11}\s)?([1-5]\d\d)(?!\d|\.\d|ms))?"
)
_GIN = re.compile(r"\| {1,3}([1-5]\d\d) {0,3}\|")
_COMPLETED = re.compile(r"(?:Completed|Sent|responded|returned|status(?: code)?:?) ([1-5]\d\d)\b")


def facts_of_text(text: str) -> Facts:
    """The facts of the first line of an entry (or of all of a short one)."""
    head = text[:_HEAD].partition("\n")[0]
    looked = text[:_LOOKED_AT]
    pairs = _logfmt(looked) if "=" in head else {}
    found = facts_of(pairs) if len(pairs) >= 3 else Facts()
    request = _REQUEST.search(looked)
    status = _status(looked, request)
    return found.completed(
        Facts(
            stamp=_stamp(head),
            severity=_severity(head),
            ids=_ids(looked, head),
            method=request[1] if request else "",
            path=path_of(request[2]) if request else "",
            status=status,
        )
    )


def _stamp(head: str) -> Stamp | None:
    found = stamps(_SLASHED.sub(r"\1-\2-\3", head))
    return found[0] if found else access_time(head)


def _status(text: str, request: re.Match[str] | None) -> int:
    if request is not None:
        if request[3]:
            return int(request[3])
        gin = _GIN.search(text, 0, request.start())
        if gin is not None:
            return int(gin[1])
    done = _COMPLETED.search(text)
    return int(done[1]) if done is not None else 0


def _severity(head: str) -> str:
    short = _KLOG.match(head)
    if short is not None:
        return severity(short[1])
    level = _LEVEL.search(head[:200])
    return severity(level[1].rstrip("]:|[")) if level is not None else ""


def _ids(text: str, head: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in _PAIR.finditer(text):
        found.update(dict.fromkeys(names.ids_in(match[2].rstrip(".,;:"))))
    found.update(dict.fromkeys(match[1] for match in _SAID.finditer(text)))
    for pattern in (_TAGGED, _LAMBDA, _SLEUTH):
        for match in pattern.finditer(head):
            found.update(dict.fromkeys(match.groups()))
    return tuple(found)[:20]


def _logfmt(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _LOGFMT.finditer(text.partition("\n")[0]):
        value = match[2] if match[2] is not None else match[3]
        found.setdefault(match[1], value.replace('\\"', '"'))
        if len(found) >= 60:
            break
    return found
