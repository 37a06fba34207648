"""Answers that are documents: descriptions of APIs, feeds, programs, bundles of translations, catalogues of codes.

They hold the words of errors, and none happened. Only a successful answer is looked at.
"""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.read import _beside, _failing, _keys, codes
from smoke.classify.read.draft import Draft
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue

_DESCRIBES = re.compile(
    r"\ufeff?\s{0,200}(?:\{\s{0,200}\"(?:openapi|swagger|asyncapi|\$schema)\"|\{\s{0,200}\"(?:kind|apiVersion)\"\s{0,9}:\s{0,9}\"[^\"]{1,80}\"\s{0,9},\s{0,9}\"(?:kind|apiVersion|items|metadata)\"|(?:openapi|swagger|asyncapi):\s|(?:---\s{1,9})?(?:openapi|swagger): )"
)
_COLLECTION = re.compile(
    r'\s{0,200}\{[^{}]{0,200}\{[^{}]{0,900}"schema"\s{0,9}:\s{0,9}"[^"]{0,80}schema\.getpostman\.com'
)
"""A collection of requests with examples of what they were answered."""
_FEED = re.compile(
    r"\ufeff?\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?(?:<!DOCTYPE [^>\[]{0,300}>\s{0,200})?<(?:(?:rss|feed|rdf:RDF|opml|xliff|resources|book|article|chapter|refentry"
    r"|(?:wsdl:)?definitions|urlset|log|testsuites?|TestRun|TS|TEI|svg)[\s>]|root>\s{0,200}<data name=)"
)
_WRITTEN = words(
    "text/markdown text/x-markdown text/x-rst text/asciidoc text/x-asciidoc text/x-wiki text/x-org text/csv text/tab-separated-values text/vtt"
    " text/calendar text/yaml application/yaml application/x-yaml application/mbox message/rfc822 application/sql application/toml"
    " application/x-gettext text/x-gettext-translation application/xliff+xml application/rss+xml application/atom+xml image/svg+xml text/css"
)
"""What a document or data of a person's is sent as; no failure of a request is told in it with a status of success."""
_HEAD_OF_TEXT = re.compile(
    r"\ufeff?\s{0,200}(?:\"{3}\n|= [^\n]{1,200}\n[:\n]|[Uu]sage: |=== RUN |v?\d{1,4}\.\d{1,4}(?:\.\d{1,4})?[ \t]\(?\d{4}-|#{1,3} [^\n]{1,200}\n\s{0,20}\n|[^\n]{3,120}\n(?:={4,120}|-{4,120})\n|BEGIN:VCALENDAR|TAP version \d|(?:not )?ok \d{1,6} |From \S{3,80} \w{3} \w{3} "
    r"|(?:(?:Subject|From|To|Date|Message-ID|Return-Path|Received): [^\n]{0,300}\n){2}|WEBVTT|\d{1,4}\n\d\d:\d\d:\d\d[,.]\d{3} --> |diff --git |Index: \S|PLAY \[|msgid |\*{1,2} [^\n]{1,200}\n(?:[^\n]{0,200}\n){0,6}?#\+BEGIN_)"
)
_TITLE_LINE = re.compile(r"(?:\A|\n[ \t]*\n)[A-Z][A-Z ,()0-9-]{3,60}\n")
_CHAT_LINE = re.compile(r"(?m)^(?:\[?\d{1,2}:\d\d(?::\d\d)?\]? )?<[\w .-]{1,30}> \S")
_CODE_LINE = re.compile(
    r"(?m)^[ \t|*-]{0,12}([0-9][0-9A-Z]{4}|P0[0-9]{3}|XX[0-9]{3})[ \t]{0,9}(?:[|:\t-]|[ ]{2})[ \t]{0,9}\S"
)
"""`23505  duplicate key …`: with others like it a row of a table."""
_TABLE = re.compile(
    r"\ufeff?\"?[A-Za-z_][\w ]{0,30}\"?(?P<mark>[,;\t|])\"?[A-Za-z_][\w ]{0,30}\"?(?:(?P=mark)\"?[A-Za-z_][\w ]{0,30}\"?){0,30}\r?\n[^\n]{0,2000}(?P=mark)"
)
"""A line of names of columns, and below it a line with the same mark between values."""
_TALLY = re.compile(
    r"(?m)^[ \t=]{0,80}(?:Tests:[ \t]{1,8})?\d{1,6} (?:failed|passed|passing|failing)\b"
)
"""What a run of tests ends with."""
_TIMED_LINE = re.compile(
    r"(?m)^[ \t]{0,8}(?:[\w.-]{1,40}[ \t]{1,3}\|[ \t]{1,3})?\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}|\w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d|\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)(?![^\s\]])"
)
"""What each line of a log begins with; one error is told at one time."""
_CODE_ALONE = re.compile(r"(?m)^[ \t]{0,40}([0-9][0-9A-Z]{4}|P0[0-9]{3}|XX[0-9]{3})[ \t]{0,40}$")
_SENTENCE_LINE = re.compile(
    r"[ \t]{0,8}[^\W\d_a-z][^\W\d_]{0,20},? (?:\w[\w'’-]{0,30}[,;:]? ){4,200}\w[\w'’-]{0,30}[.!?]"
)
_BUNDLE_LINE = re.compile(
    r"""(?m)^[ \t]{0,8}"?[A-Za-z]\w{0,60}(?:[.-][\w-]{1,60}){1,6}"?[ \t]{0,4}=[ \t]{0,4}\S"""
)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
_NUMBERED = re.compile(r"[A-Z]{1,12}[-_]?\d{2,6}|[0-9A-Z]{5}")
_LISTS = words(
    "catalog catalogue codes errorcodes errorcatalog errorcatalogue knownerrors errordefinitions toperrors rules retry retries match glossary"
    " cards quiz questions incidents tickets ticket issues poststream posts threads releases changelog docs documentation alerts groups cells"
    " jobs builds pipelines workflows parameters config configuration settings flags fixtures mappings stubs mocks"
)
"""What a successful answer calls a list of what may go wrong, went wrong elsewhere, or was written about it."""
_NOTED = words(
    "count counts occurrences firstseen lastseen uptime sample service host hostname logger rank score frequency price sku quantity"
    " app events users sha path filename url desc author sender"
)
"""What is counted or noted of a thing in a list; an error that an answer reports has none of it."""
_OUTCOMES = words(
    "results result responses response operations outcomes steps batch data items orders records rows lines payload objects entries"
)
"""What a list is called of what became of each part of a request."""
_PAGED = words(
    "total totalentries totalcount totalresults pagination page nextpage hasmore next nbhits"
)
_MORE = words("nextpage hasmore next nextcursor cursor pagination")
_ERRORS = words("error errors")
_LEVELS = words("level lvl severity loglevel levelname")
_TIMES = words("ts t time timestamp at date datetime asctime epoch")
_ERROR_CLASS = re.compile(r"(?i)error|exception|fail|violation")
_TEXT_LOOKED_AT = 20_000
_PROGRAM = re.compile(
    r"\s{0,200}(?:export |import |const |let |var |function |async |class |if ?\(|!function|\(?\(\)|\"use strict\"|'use strict'|window\.|self\.|/\*|//)"
)
_TRANSLATIONS = words(
    "i18n translations translation locales intl dictionary resourcebundle texts phrases"
)
EXAMPLES = words("example examples")
_DOTTED = re.compile(r"[A-Za-z][\w-]{0,60}(?:\.[\w-]{1,60}){1,6}")
_OF_AN_ERROR = words(
    "message msg code detail details sqlstate status statuscode name type stack constraint hint severity error reason cause"
)
_NAMES_ERROR = ("error", "errors", "errormessage", "exception", "sqlstate")
_LOOKED_AT = 200
_FEW = 5
"""So many neighbours tell what a list holds: each of its elements asks."""
_CATALOGUE = 5
"""So many different codes in one successful answer are a list of codes."""


def is_document(view: View) -> bool:
    """Whether the answer describes an API, is a feed, a program, or a text that somebody wrote."""
    head = view.text[:1000]
    media_type = view.media_type.lower()
    if media_type.partition(";")[0].strip() in _WRITTEN or _COLLECTION.match(view.text[:2000]):
        return True
    if _DESCRIBES.match(head) or _FEED.match(head):
        return True
    if "javascript" in media_type:
        return _PROGRAM.match(head) is not None
    return _is_written(view.text[:_TEXT_LOOKED_AT], media_type)


def _is_written(text: str, media_type: str) -> bool:
    """Whether a plain text is a manual, a letter, a conversation, a log, a table of codes or a bundle of translations."""
    if not media_type.startswith("text/plain"):
        return False
    return (
        _HEAD_OF_TEXT.match(text) is not None
        or _TABLE.match(text) is not None
        or _TALLY.search(text) is not None
        or len(_TITLE_LINE.findall(text)) > 1
        or len(_CHAT_LINE.findall(text)) > 1
        or len(_BUNDLE_LINE.findall(text)) > 1
        or len(_CODE_LINE.findall(text)) > 1
        or len(set(_TIMED_LINE.findall(text))) > 2
        or _is_prose(text)
    )


def _is_prose(text: str) -> bool:
    """Whether several of its lines are whole sentences that tell of no failure."""
    told = (line for line in text.splitlines() if _SENTENCE_LINE.match(line))
    return sum(not _failing.says(line) for line in told) > 2


def translates(record: LabelledRecord) -> bool:
    """Whether the record is a part of a bundle of translations, or of an example."""
    path = [_keys.plain(key) for key in record.path()]
    if any(key in _TRANSLATIONS or key in EXAMPLES for key in path):
        return True
    if _is_listed(record, path):
        return True
    values = record.values[:_LOOKED_AT]
    if record.array or len(values) < 2 or any(value.kind != "string" for value in values):
        return False
    if (
        record.parent is not None
        and not any(map(_keys.is_errorish, path))
        and _beside.judge_once(_root(record), _names_language)
    ):
        return not any(_keys.plain(value.key) in _OF_AN_ERROR for value in values)
    if "pageprops" in path and "messages" in path[path.index("pageprops") : -1]:
        return True  # what next-intl and its like give a page
    if any(_keys.plain(value.key) in _OF_AN_ERROR for value in values):
        return False
    if record.parent is None:
        # `{"errors.db.unique": …, "cart.title": …}`; below `errors` such keys are paths of fields
        if any(value.key.startswith("@@") for value in values):
            return True  # Flutter's bundles name their language so
        flat = len(values) > 2 and all(_DOTTED.fullmatch(value.key) for value in values)
        return (flat and len({value.key.partition(".")[0] for value in values}) > 1) or (
            _is_bundle([value.key for value in values])
        )
    flat = len(values) > 2 and all(_DOTTED.fullmatch(value.key) for value in values)
    if flat and not any(_keys.is_errorish(key) for key in path):
        return len({value.key.partition(".")[0] for value in values}) > 1
    if (
        path
        and not _keys.is_errorish(path[0])
        and _beside.judge_once(_root(record), _is_tree_of_texts)
    ):
        return True
    below = "messages" in path[:-1] and path[-1] != "messages"
    return (below and len(values) > 2) or _is_namespace(record)


def _names_language(root: LabelledRecord) -> bool:
    """Whether it says in which language its texts are: `{"locale": "de", "entries": {…}}`."""
    return any(
        _keys.plain(value.key) in {"locale", "lang", "language"} and _LANGUAGE.fullmatch(value.raw)
        for value in root.values[:_LOOKED_AT]
    )


def _is_listed(record: LabelledRecord, path: list[str]) -> bool:
    """Whether a successful answer holds the record in a list of errors that it keeps, not as its own error."""
    if _beside.is_notice(record):
        return False
    if _is_observed(record):
        return True
    if path and (path[0] in _LISTS or any(key in {"catalog", "catalogue"} for key in path)):
        return True
    root = _root(record)
    if root is record:
        return False
    tongues = root.children[:_FEW]
    if (
        not root.values
        and len(tongues) > 1
        and all(_LANGUAGE.fullmatch(each.key) for each in tongues)
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
        noted |= any(map(_is_noted, node.values[:_LOOKED_AT])) or _keys.is_earlier(node.key)
        noted |= node.key == "attributes"  # a resource of JSON:API
        within |= _speaks(node.key)
        node = node.parent
        recorded |= _is_recorded(node)
    array = node.parent
    if array is None:
        return False
    if recorded:
        return True
    noted |= any(map(_is_noted, node.values[:_LOOKED_AT])) or is_log(node)
    root = _root(array)
    if _beside.judge_once(array, _stands_below_error) or (
        root is not array and _beside.judge_once(root, _beside.says_failed)
    ):
        return _beside.judge_once(root, _is_paged) and _keys.plain(array.key) not in _ERRORS
    if _beside.is_messages(array):
        return False
    outcomes = root is array or (
        array.parent is root
        and (within or _keys.plain(array.key) in _OUTCOMES)
        and not _beside.judge_once(root, _goes_on)
    )
    if any(_keys.plain(value.key) in _ERRORS for value in node.values[:_LOOKED_AT]):
        noted = False
    return noted or not outcomes


def _is_recorded(record: LabelledRecord) -> bool:
    """Whether it is what another request was answered: a delivery of a webhook, an example of a collection."""
    return (
        _keys.plain(record.key) in {"request", "response", "reply"}
        and not record.array
        and any(_keys.plain(value.key) == "body" for value in record.values[:_LOOKED_AT])
    )


def _stands_below_error(array: LabelledRecord) -> bool:
    return any(map(_speaks, array.path()))


def _is_paged(root: LabelledRecord) -> bool:
    return any(_keys.plain(value.key) in _PAGED for value in root.values[:_LOOKED_AT])


def _goes_on(root: LabelledRecord) -> bool:
    """Whether it is a page of a list that is kept."""
    return any(_keys.plain(value.key) in _MORE for value in root.values[:_LOOKED_AT])


def _speaks(key: str) -> bool:
    """Whether the key is of an error of this request; a log has those of others."""
    return (
        _keys.is_errorish(key) and not _keys.is_earlier(key) and not key.lower().startswith("log")
    )


def _is_noted(value: RecordValue) -> bool:
    key = _keys.plain(value.key)
    named = key in {"name", "title"} and _ERROR_CLASS.search(value.raw[:200]) is None
    return named or key in _NOTED or _keys.is_earlier(value.key)


def holds_texts(record: LabelledRecord) -> bool:
    """Whether an object in a page holds texts under names of the page's own, and nothing that an error has."""
    path = record.path()
    if record.array or (path and _keys.plain(path[-1]).endswith(("errors", "flash"))):
        return False
    names = (_keys.plain(value.key) for value in record.values[:_LOOKED_AT])
    return not any(name in _OF_AN_ERROR or name.endswith(_NAMES_ERROR) for name in names)


def is_log(record: LabelledRecord) -> bool:
    """Whether it is a line of a log: with a level, a time and a message."""
    keys = {_keys.plain(value.key) for value in record.values[:_LOOKED_AT]}
    return bool(keys & _LEVELS and keys & _TIMES and keys & {"message", "msg", "event", "text"})


def _root(record: LabelledRecord) -> LabelledRecord:
    while record.parent is not None:
        record = record.parent
    return record


def _has_code(record: LabelledRecord) -> bool:
    keys = {_keys.plain(value.key) for value in record.values[:_LOOKED_AT]}
    return "code" in keys and not keys.isdisjoint({"message", "name", "description", "text"})


_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def _is_bundle(keys: list[str]) -> bool:
    """Whether flat keys (`error_unique`, `cart_title`) are those of texts of many places, not the fields of an error."""
    parts = [_PARTS.findall(key) for key in keys]
    if len(keys) < 4 or any(len(each) < 2 for each in parts):
        return False
    spoken = [each for each in parts if _keys.is_errorish(each[0])]
    if any(
        each[1].lower() in _OF_AN_ERROR or each[1].lower() in {"id", "description"}
        for each in spoken
    ):
        return False
    return len(spoken) > 1 and len({each[0].lower() for each in parts}) > 1


_SOME_TEXTS = 4


def _is_tree_of_texts(root: LabelledRecord) -> bool:
    """Whether it holds objects of nothing but texts, none of which is a field of an error, as translations do."""
    count, branches = 0, 0
    left = [root]
    for _ in range(_LOOKED_AT):
        if not left:
            return count >= _SOME_TEXTS and branches > 1
        node = left.pop()
        if node.array or any(value.kind != "string" for value in node.values[:_LOOKED_AT]):
            return False
        if any(_keys.plain(value.key) in _OF_AN_ERROR for value in node.values[:_LOOKED_AT]):
            return False
        count += len(node.values)
        branches += bool(node.values) and node is not root
        left += node.children[:_LOOKED_AT]
    return True


_NAMESPACES = words(
    "common general nav navigation buttons labels home footer header menu shared forms"
)


def _is_namespace(record: LabelledRecord) -> bool:
    """`{errors: {…}, cart: {…}, account: {…}}`: objects of nothing but texts side by side, and nothing else."""
    parent = record.parent
    if parent is None or parent.parent is not None or parent.values or len(parent.children) < 2:
        return False
    if len(parent.children) == 2 and not any(
        _keys.plain(child.key) in _NAMESPACES for child in parent.children
    ):
        return False
    return all(
        child.values
        and not child.array
        and not child.children
        and all(value.kind == "string" for value in child.values[:_LOOKED_AT])
        for child in parent.children[:_LOOKED_AT]
    )


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
    for piece in view.texts[:_LOOKED_AT]:
        found = _CODE_ALONE.findall(piece.text[:_TEXT_LOOKED_AT])
        alone.update(code for code in found if codes.known(code))
    return len(alone) > 1
