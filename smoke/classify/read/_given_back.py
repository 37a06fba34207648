"""Texts of other people in an answer: what was sent and is given back, what is listed, what stands in quotation marks in a sentence.

A failed JSON answer says in one place what went wrong (`error`, `message`). What it holds under other keys beside such
a cause (`draft`, `old.note`, `suggestions[].title`) is content, whatever it says.
"""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.read import _beside, _keys, _stated
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue

_SPEAKING = words(
    """message messages msg detail details hint desc description reason info result response data inner internal technical developer system server
    backend upstream raw extra meta context output stdout stderr statusmessage devmessage developermessage usermessage internalmessage
    logmessage statustext code name type title"""
)
"""Names of places in which an application says more of its own error."""
_OURS = re.compile(r"(?i)pg|postgres|sql|db|database|prisma|query|grpc")
_LOOKED_AT = 200


def is_content(record: LabelledRecord, value: RecordValue) -> bool:
    """Whether a value of a failed answer stands beside a cause that the answer states, under a name that is no error's."""
    if value.kind != "string" or record.piece.root().part != "body":
        return False
    key = value.key or record.key
    path = record.path()
    named = (*path, key)
    if _is_of_thing(path, key):
        return True
    if any(_keys.is_errorish(name) or _OURS.search(name) for name in named):
        return False
    if record.array and len(path) < 2:
        return False
    foreign = any(_keys.is_product(name) and not _is_speaking(name) for name in path)
    if _is_speaking(key) and not foreign:
        return False
    root = _root(record)
    if record is not root and not any(map(_is_speaking, path)):
        return _beside.judge_once(root, _says) or _beside.judge_once(root, _states)
    return _beside.judge_once(root, _states)


def _is_of_thing(path: tuple[str, ...], key: str) -> bool:
    """Whether below an error a thing is described that it is about: `error.product.name`."""
    last = max((index for index, name in enumerate(path) if _keys.is_errorish(name)), default=-1)
    return (
        last >= 0
        and not _is_speaking(key)
        and not _keys.is_errorish(key)
        and any(_keys.is_product(name) and not _keys.is_message(name) for name in path[last + 1 :])
    ) or (last >= 0 and key == "name" and any(_keys.is_product(name) for name in path[last + 1 :]))


def _says(root: LabelledRecord) -> bool:
    """Whether the answer has a message of its own at all."""
    return any(
        value.kind == "string"
        and " " in value.raw
        and (_keys.is_errorish(value.key) or _is_speaking(value.key) or value.key == "why")
        for value in root.values[:_LOOKED_AT]
    )


def _is_speaking(key: str) -> bool:
    return _keys.plain(key) in _SPEAKING


def _root(record: LabelledRecord) -> LabelledRecord:
    while record.parent is not None:
        record = record.parent
    return record


def _states(root: LabelledRecord) -> bool:
    """Whether the answer says in an error's place what went wrong, and more than that something did."""
    left = [(root, False)]
    for _ in range(_LOOKED_AT):
        if not left:
            return False
        node, told = left.pop()
        told = told or _keys.is_errorish(node.key)
        if (told or node is root) and _stated.gives_reason(node):
            return True
        if told and any(
            value.kind == "string" and _stated.tells(value.raw)
            for value in node.values[:_LOOKED_AT]
        ):
            return True
        left += [(child, told) for child in node.children[:_LOOKED_AT]]
    return False


_OPENED = re.compile(
    r"(?P<before>\A|\w |[,(:=>\[] ?)\\{0,3}(?P<mark>[\"'“”„«‘`])(?=[^\s\"'])[^\"'“”„«»‘’`\n]{0,160}\Z"
)
_OBJECT = re.compile(r"(?P<before>\A|\w )\\{0,3}(?P<mark>[\"'“”„«‘`])\{\\{0,3}\"")
_OPENS = re.compile(r"(?P<before>\A|\w )\\{0,3}(?P<mark>[\"'“”„«‘`])\Z")
"""The same right before an object of JSON."""
_BECAUSE = re.compile(
    r"(?i)\b(?:with|because|because of|errors?|exception|fail(?:ed|s|ure)?|reasons?|causes?|field|caused by|due to|message|said|says|answered|returned) \Z"
)
_GOES_ON = re.compile(
    r"[\"'”“»’`] {1,2}(?!while|when|during|for|on|in|at|from|by|and|at)[a-z]{2,12} [a-z]{2,}"
)
_ADDRESS = re.compile(
    r"\b(?i:cannot|no route for) (?:GET|POST|PUT|PATCH|DELETE|HEAD) /|(?:\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) /|https?://|\b(?i:URL|URI|path|address) /)\S{0,200}\Z"
)
_YOU_SENT = re.compile(
    r"(?i)(?<![^\W_])(?:you(?:'ve| have)? (?:sent|wrote|written|entered|typed|submitted|searched for|asked for|gave|provided)|your (?:note|text|search|input|comment|message|subject)(?: was| is| reads)?|searched for|your (?:note|text|comment|message) begins"
    r"|sie (?:haben|schrieben|suchten)|vous avez (?:écrit|saisi|cherché))[^\n.:]{0,40}(?::|\Z)\s{0,3}[\"'“„«]?\Z"
)
"""`You sent: …`"""
_CLOSES_WITHIN = 300
_MARK_BEHIND = re.compile(r"[,(:=>\[] ?\\{0,3}[\"'“”„«‘`]\Z")
_MARKED = re.compile(r"[\"'“”„«‘`/]")
_MARKS = frozenset("\"'“”„«‘`")


def is_quoted_object(text: str, start: int, end: int) -> bool:
    """Whether an object of JSON stands in quotation marks within a sentence."""
    return text[start - 1 : start] in _MARKS and in_quotation(text, start, end)


def in_quotation(text: str, start: int, end: int, *, name: bool = False) -> bool:
    """Whether [start, end) stands in quotation marks within a sentence, or is a part of an address.

    `No results for "ERROR: …"`, `"…" is out of stock`; not `failed with "ERROR: …"`.
    """
    left = text[max(0, start - 200) : start].replace("\nDETAIL", " DETAIL")
    line = left[left.rfind("\n") + 1 :]
    if _YOU_SENT.search(line):
        return True
    if _MARKED.search(line) is None:
        return False  # asked for each of thousands of codes: most stand in no quotation
    if _MARK_BEHIND.search(line) and _GOES_ON.match(text, end):
        return True
    opened = _OPENS.search(line) if name or text[start : start + 1] == "{" else None
    opened = opened or _OPENED.search(line)
    if opened is not None and opened["before"] and opened["before"][0] in ",(:=>[":
        if _GOES_ON.search(text, end, end + _CLOSES_WITHIN) is not None:
            return True
        opened = None
    if opened is None:
        # of a whole object that stands in quotation marks a part is looked at
        opened = _OBJECT.search(line)
    if opened is None:
        return _ADDRESS.search(line) is not None
    before = line[: opened.start("mark")].rstrip("\\")
    if opened["before"]:
        return _BECAUSE.search(before) is None
    # nothing but the quotation stands before: a sentence must go on behind it
    return len(left) < 200 and _GOES_ON.search(text, end, end + _CLOSES_WITHIN) is not None


def follows_your_words(line: str) -> bool:
    """Whether a line announces what the visitor sent: `You wrote:`."""
    return _YOU_SENT.search(line) is not None
