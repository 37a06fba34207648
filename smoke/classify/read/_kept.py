"""Errors that a successful answer keeps in a list: lines of a log, results of tests, catalogues of codes, what failed elsewhere."""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.read import _beside, _keys, codes
from smoke.classify.read.draft import Draft
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue

LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
LOOKED_AT = 200
_TEXT = 20_000
_NUMBERED = re.compile(r"[A-Z]{1,12}[-_]?\d{2,6}|[0-9A-Z]{5}")
_LISTS = words(
    "catalog catalogue codes errorcodes errorcatalog errorcatalogue knownerrors errordefinitions toperrors rules retry retries match glossary"
    " cards quiz questions incidents tickets ticket issues poststream posts threads releases changelog docs documentation alerts groups cells"
    " jobs builds pipelines workflows parameters config configuration settings flags fixtures mappings stubs mocks"
)
"""What a successful answer calls a list of what may go wrong, went wrong elsewhere, or was written about it."""
_NOTED = words(
    "count counts occurrences firstseen lastseen uptime sample service host hostname logger rank score frequency price sku quantity"
    " app events users sha path filename url desc author sender user username subject requester rule ruleid solution fix remedy"
)
"""What is counted or noted of a thing in a list; an error that an answer reports has none of it."""
_DATED = re.compile(
    r"(?i)(?:created|updated|started|finished|ended|completed|failed|queued|enqueued|scheduled|run|executed|sent|delivered|received|posted|published|opened|closed|resolved|seen)(?:_?(?:at|on|time|date|ts))?\Z"
)
"""When something of the past was: what becomes of a part of this request has no such date."""
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d|\d{10,13}\Z|\d{1,2} (?:seconds?|minutes?|hours?|days?) ago"
)
_SEEN = words(
    "firstseen lastseen occurrences firstseenat lastseenat timesseen eventcount usercount rule ruleid"
)
"""What is counted of an error that others had."""
_OUTCOMES = words(
    "results result responses response operations outcomes steps batch data items orders records rows lines payload objects entries"
)
"""What a list is called of what became of each part of a request."""
_PAGED = words(
    "total totalentries totalcount totalresults pagination page nextpage hasmore next nbhits"
)
_MORE = words("nextpage hasmore next nextcursor cursor pagination")
_ERRORS = words("error errors")
_LEVELS = words("level lvl severity loglevel levelname priority")
_TIMES = words("ts t time timestamp at date datetime asctime epoch")
_SAYING = words("message msg event text")
_ERROR_CLASS = re.compile(r"(?i)error|exception|fail|violation")
_FEW = 5
"""So many neighbours tell what a list holds: each of its elements asks."""
_CATALOGUE = 5
"""So many different codes in one successful answer are a list of codes."""
_CODE_ALONE = re.compile(r"(?m)^[ \t]{0,40}([0-9][0-9A-Z]{4}|P0[0-9]{3}|XX[0-9]{3})[ \t]{0,40}$")


def is_kept(record: LabelledRecord, path: list[str]) -> bool:
    """Whether a successful answer holds the record in a list of errors that it keeps, not as its own error."""
    if _beside.is_notice(record):
        return False
    if _is_observed(record):
        return True
    if path and (path[0] in _LISTS or any(key in {"catalog", "catalogue"} for key in path)):
        return True
    root = root_of(record)
    if root is record:
        return False
    tongues = root.children[:_FEW]
    if (
        not root.values
        and len(tongues) > 1
        and all(LANGUAGE.fullmatch(each.key) for each in tongues)
    ):
        return True
    around = record.parent
    if around is None or around.array:
        # a bare array of codes with texts
        return (
            around is root
            and len(around.children) > 1
            and all(_has_code(child) for child in around.children[:_FEW])
        )
    numbered = around.children[:_FEW]
    return len(numbered) > 1 and all(_NUMBERED.fullmatch(child.key) for child in numbered)


def _is_observed(record: LabelledRecord) -> bool:
    """Whether it is one of several things that the answer lists: a log's line, a test's result, a check's last failure.

    What became of each part of a request stands in a list, too; it has no more than an outcome (`_OUTCOMES`).
    """
    node, noted, within, recorded = record, False, False, _is_recorded(record)
    while node.parent is not None and not node.parent.array:
        noted |= any(map(_is_noted, node.values[:LOOKED_AT])) or _keys.is_earlier(node.key)
        noted |= node.key == "attributes"  # a resource of JSON:API
        within |= _speaks(node.key)
        node = node.parent
        recorded |= _is_recorded(node)
    array = node.parent
    if array is None:
        return False
    if recorded or any(_keys.plain(value.key) in _SEEN for value in node.values[:LOOKED_AT]):
        return True
    noted |= any(map(_is_noted, node.values[:LOOKED_AT])) or is_log(node)
    root = root_of(array)
    if _beside.judge_once(array, _stands_below_error) or (
        root is not array and _beside.judge_once(root, _beside.says_failed)
    ):
        return _beside.judge_once(root, _is_paged) and _keys.plain(array.key) not in _ERRORS
    if is_log(record) or is_log(node):
        return True
    if _beside.is_messages(array):
        return False
    outcomes = root is array or (
        array.parent is root
        and (within or _keys.plain(array.key) in _OUTCOMES)
        and not _beside.judge_once(root, _goes_on)
    )
    if any(_keys.plain(value.key) in _ERRORS for value in node.values[:LOOKED_AT]):
        noted = False
    return noted or not outcomes or any(map(_is_dated, node.values[:LOOKED_AT]))


def _is_recorded(record: LabelledRecord) -> bool:
    """Whether it is what another request was answered: a delivery of a webhook, an example of a collection."""
    return (
        _keys.plain(record.key) in {"request", "response", "reply"}
        and not record.array
        and any(_keys.plain(value.key) == "body" for value in record.values[:LOOKED_AT])
    )


def _stands_below_error(array: LabelledRecord) -> bool:
    return any(map(_speaks, array.path()))


def _is_paged(root: LabelledRecord) -> bool:
    return any(_keys.plain(value.key) in _PAGED for value in root.values[:LOOKED_AT])


def _goes_on(root: LabelledRecord) -> bool:
    """Whether it is a page of a list that is kept."""
    return any(_keys.plain(value.key) in _MORE for value in root.values[:LOOKED_AT])


def _speaks(key: str) -> bool:
    """Whether the key is of an error of this request; a log has those of others."""
    return (
        _keys.is_errorish(key) and not _keys.is_earlier(key) and not key.lower().startswith("log")
    )


def _is_dated(value: RecordValue) -> bool:
    return _DATED.match(value.key) is not None and _DATE.match(value.raw) is not None


def _is_noted(value: RecordValue) -> bool:
    key = _keys.plain(value.key)
    named = key in {"name", "title"} and _ERROR_CLASS.search(value.raw[:200]) is None
    return named or key in _NOTED or _keys.is_earlier(value.key)


def is_log(record: LabelledRecord) -> bool:
    """Whether it is a line of a log: with a level, a time and a message."""
    keys = {_keys.plain(value.key) for value in record.values[:LOOKED_AT]}
    timed = any(key in _TIMES or key.endswith("timestamp") for key in keys)
    return timed and bool(keys & _LEVELS and keys & _SAYING)


def _has_code(record: LabelledRecord) -> bool:
    keys = {_keys.plain(value.key) for value in record.values[:LOOKED_AT]}
    return "code" in keys and not keys.isdisjoint({"message", "name", "description", "text"})


def lists_codes(view: View, drafts: list[Draft]) -> bool:
    """Whether a successful answer shows so many different codes that it is a catalogue of them."""
    if not view.succeeded:
        return False
    return len({draft.code for draft in drafts if draft.code}) >= _CATALOGUE or _columns_of_codes(
        view
    )


def _columns_of_codes(view: View) -> bool:
    """Whether several known codes stand alone, each on its line or in its cell."""
    alone: set[str] = set()
    for piece in view.texts[:LOOKED_AT]:
        found = _CODE_ALONE.findall(piece.text[:_TEXT])
        alone.update(code for code in found if codes.known(code))
    return len(alone) > 1


def root_of(record: LabelledRecord) -> LabelledRecord:
    while record.parent is not None:
        record = record.parent
    return record
