"""What stands beside a value in its record, and says what the value is worth."""

from __future__ import annotations

import re
from collections.abc import Callable

from smoke.classify._words import words
from smoke.classify.read import _keys, _stated, codes
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue

NEIGHBOURS = 200
"""Of a record with more values the first ones tell what it is about."""
_ECHOES = words(
    "note comment query value input received given submitted rejected rejectedvalue attemptedvalue givenvalue actual invalidvalue"
)
PROVIDERS = words(
    "debugid issue pspreference declinecode subcode submsg suberrorcode resultcode refusalreason responsecode"
)
"""What payment providers have beside a code of their own."""
_GIVEN = words(
    "got sent provided supplied entered typed yousent youwrote youentered submittedvalue"
)
_REASONS = words("message reason error detail title")
_MADE = words("createdat created createdon datecreated insertedat creationdate createddate")
_CHANGED = words(
    "updatedat updated updatedon dateupdated modifiedat modified lastmodified lastactivitydate closedat edited editedat"
)
EMPTY = frozenset({"null", "false", "", "0"})
"""What a field holds that tells of no error."""
_OF_SCHEMAS = frozenset({"schemaPath", "instancePath", "dataPath", "keyword"})
"""What a check of JSON against a schema tells of each fault."""
_AROUND = 3
"""So far out is looked for what a code is about."""
_FIELDS_OF_FORMS = words("field loc path param property pointer location instancepath")


def is_echo(record: LabelledRecord, value: RecordValue) -> bool:
    """Whether a failed validation gives back what was sent."""
    if record.key in {"_original", "submitted"}:
        return True  # what Joi was given, and others
    key = _keys.plain(value.key)
    if key in _GIVEN or (key == "value" and value.kind == "element"):
        around = [*record.values[:NEIGHBOURS], *(record.parent.values[:3] if record.parent else ())]
        return any(_keys.plain(other.key) in _REASONS for other in around)
    if key not in _ECHOES:
        beside = {other.key for other in record.values[:NEIGHBOURS]}
        return key == "data" and not beside.isdisjoint(_OF_SCHEMAS)
    names = {_keys.plain(other.key) for other in record.values[:NEIGHBOURS]}
    names |= {_keys.plain(child.key) for child in record.children[:NEIGHBOURS]}
    if _keys.plain(record.key) == "meta" and record.parent is not None:
        names |= {
            "pointer" for child in record.parent.children[:NEIGHBOURS] if child.key == "source"
        }
    told = "message" in names and value.kind == "string"
    return told or not _FIELDS_OF_FORMS.isdisjoint(names)


def is_fastify(record: LabelledRecord) -> bool:
    """Whether it is what Fastify answers of an error that nobody handled: it gives the error's own code on."""
    values = {value.key: value.raw for value in record.values[:NEIGHBOURS]}
    return values.get("statusCode") == "500" and (
        values.get("error") == "Internal Server Error" and "message" in values
    )


_HANDED_ON = words("original originalerror drivererror nativeerror pgerror dberror databaseerror")
_FIRST = frozenset({"000", "001", "002", "003"})
"""The first numbers of a class are those with which APIs number their own errors, too."""


def is_handed_on(record: LabelledRecord, code: str) -> bool:
    """Whether a code came from below: it stands in the error that was wrapped, or in what Fastify answers of one that nobody handled."""
    if not codes.known(code) or code[2:] in _FIRST:
        return False
    return _keys.plain(record.key) in _HANDED_ON or is_fastify(record)


def speaks_of_error(record: LabelledRecord) -> bool:
    """Whether one of an object's keys does; looked at once, for each of its values asks."""
    if record.errorish is None:
        record.errorish = not record.array and any(
            _keys.is_errorish(value.key) and value.raw not in EMPTY
            for value in record.values[:NEIGHBOURS]
        )
    return record.errorish


def is_stored(record: LabelledRecord) -> bool:
    """Whether it is a thing that somebody keeps: it says when it was made, and when it was changed."""
    names = {_keys.plain(value.key) for value in record.values[:NEIGHBOURS]}
    return not names.isdisjoint(_MADE) and not names.isdisjoint(_CHANGED)


def is_state(record: LabelledRecord, value: RecordValue) -> bool:
    """Whether the key says SQLSTATE: Hasura's `status_code` beside libpq's `exec_status`, DBI's `state` beside its `errstr`, too."""
    if _keys.is_state(value.key):
        return True
    if value.key not in {"status_code", "state"}:
        return False
    neighbours = record.values[:NEIGHBOURS]
    if value.key == "status_code":
        return any(other.key == "exec_status" for other in neighbours)
    return any(other.key == "errstr" or "DBD::Pg::" in other.raw[:400] for other in neighbours)


_NOTICES = words(
    "messages message alerts alert notifications notification flash flashes toasts toast notices notice banners banner"
)
_MARKS_ERROR = words("error danger fatal failure critical")


def is_notice(record: LabelledRecord) -> bool:
    """Whether it is a notice that a shop shows its user, marked as an error: `{"messages": [{"type": "error", "text": …}]}`."""
    path = record.path()
    if not path or _keys.plain(path[-1]) not in _NOTICES:
        return False
    return any(
        _keys.plain(value.key) in _MARKING and value.raw.lower() in _MARKS_ERROR
        for value in record.values[:NEIGHBOURS]
    )


def is_messages(record: LabelledRecord) -> bool:
    """Whether notices for the user stand in the list."""
    return _keys.plain(record.key) in _NOTICES


_MARKING = words("type level severity kind variant status category")


def offered(record: LabelledRecord) -> bool:
    """Whether it is one of several things that an answer lists beside its own error: related articles, suggestions."""
    path = record.path()
    listed = record.parent is not None and record.parent.array
    return (
        bool(path)
        and listed
        and not any(_keys.is_errorish(key) or _keys.is_message(key) for key in path)
        and not any(_keys.is_errorish(value.key) for value in record.values[:NEIGHBOURS])
    )


def says_failed(record: LabelledRecord) -> bool:
    """Whether the record says so itself: `ok: false`, `statusCode: 500`."""
    for value in record.values[:NEIGHBOURS]:
        name = _keys.plain(value.key)
        if value.raw == "false" and name in {"ok", "success", "succeeded"}:
            return True
        if name in {"statuscode", "status", "httpstatus"} and re.fullmatch(r"5\d\d", value.raw):
            return True
    return False


_BUSINESS = re.compile(
    r"(?i)\b(?:cards?|payments?|charged?|declined?|refund\w*|zip|postal|sms|phone|voucher|coupon|shipping|carrier|tracking|invoice"
    r"|captcha|password|login|token|otp|merchants?|issuers?|fraud|risk engine|tax(?:es)?|parcels?|shipments?|weight|customs|courier|wallet|iban|loyalty|points|rewards?|labels?|maintenance|upstream"
    r"|subscription)\b"
)

_REQUEST = re.compile(
    r"(?i)\b(?:(?:invalid|missing|required|bad|wrong|illegal|unknown|unsupported|malformed|empty|insufficient|no such|not)\b[^\n]{0,40}"
    r"\b(?:params?|parameters?|arguments?|args?|fields?|methods?|requests?|input|keys?|signature|sign|permissions?|merchant|account"
    r"|users?|balance|stock|quantity|amount|price|address|data|format|value|cart|orders?|items?|products?|promotions?|applicable)"
    r"|(?:parameters?|request|input|signature) (?:verification|validation|check)|not found|unauthori[sz]ed|forbidden|expired|too many requests|rate limit|access denied|promotions?|discount|balance"
    r"|is required|are required|must be|incomplete|not allowed|not applicable|out of stock|unavailable)\b"
)


def about_request(record: LabelledRecord) -> bool:
    """Whether the message beside a code tells the caller what is wrong with the request, as an API of its own does."""
    return any(
        value.kind != "word"
        and (
            _keys.is_errorish(value.key)
            or _keys.is_message(value.key)
            or "msg" in value.key.lower()
        )
        and _speaks_of_request(value.raw)
        for value in record.values
    )


def _speaks_of_request(text: str) -> bool:
    return _REQUEST.search(text[:400]) is not None and not _stated.says_nothing(text)


_NAMING = words("name title label subject heading headline caption term topic")
_OF_ERRORS = words("code sqlstate constraint stack table detail severity errno status statuscode")
_CLASS = re.compile(r"(?i)error(?!s)|exception(?!s)|fail|violation(?!s)")


def is_a_thing(record: LabelledRecord) -> bool:
    """Whether it is something with a name and a text, as a rule or a task is, and has nothing that an error has."""
    if not record.key or record.array:
        return False
    named = False
    for value in record.values[:NEIGHBOURS]:
        key = _keys.plain(value.key)
        if key in _OF_ERRORS:
            return False
        named |= key in _NAMING and _CLASS.search(value.raw[:100]) is None
    return named


_TRACKED = words(
    "priority assignee assignees reporter author likes upvotes votes phone company requester recipient sender"
)


def is_tracked(record: LabelledRecord) -> bool:
    """Whether it is something that people write or see to, as a comment or an alert is, and has no code of an error."""
    names = {_keys.plain(value.key) for value in record.values[:NEIGHBOURS]}
    names |= {_keys.plain(child.key) for child in record.children[:NEIGHBOURS]}
    return not names.isdisjoint(_TRACKED) and names.isdisjoint({"code", "sqlstate", "severity"})


def named_by_api(record: LabelledRecord) -> bool:
    """Whether a name of the API's own stands beside a code and says what is wrong: `{"error": "out_of_stock", "code": "23503"}`."""
    for value in record.values[:NEIGHBOURS]:
        if value.kind == "string" and _keys.plain(value.key) in {"error", "type", "reason"}:
            name = value.raw.replace("_", " ").replace("-", " ")
            if " " not in value.raw and name != value.raw:
                return bool(_REQUEST.search(name) or _BUSINESS.search(name))
    return False


def about_business(record: LabelledRecord) -> bool:
    """Whether the message beside a code speaks of what has codes of its own."""
    return any(
        value.kind != "word"
        and (_keys.is_errorish(value.key) or _keys.is_message(value.key))
        and _BUSINESS.search(value.raw[:400]) is not None
        for value in record.values
    )


_OF_A_DATABASE = re.compile(
    r"(?i)\b(?:databases?|db|\w{0,12}sql\w{0,12}|pg|quer(?:y|ies)|constraints?|relations?|tables?|columns?|schemas?|statements?|migrations?|rows?|insert\w{0,3}|upsert|prisma|orm)\b"
)
"""Words of a message that fit every code."""
_FITS = {
    "02": re.compile(r"(?i)no data"),
    "08": re.compile(r"(?i)connect|reach|network|host"),
    "0A": re.compile(r"(?i)support|implement|cached plan"),
    "21": re.compile(r"(?i)more than|multiple|several|single"),
    "22": re.compile(
        r"(?i)invalid|syntax|too long|range|overflow|zero|enum|type|format|number|date|time|uuid|value"
    ),
    "23502": re.compile(r"(?i)required|missing|null|empty|blank|must|need|provide"),
    "23503": re.compile(
        r"(?i)found|exist|referenc|in use|used|missing|unknown|belong|depend|foreign|relat|delete|remove|parent|assigned|linked"
    ),
    "23505": re.compile(
        r"(?i)exist|already|duplicate|taken|unique|in use|used|conflict|twice|same"
    ),
    "23514": re.compile(
        r"(?i)must|check|invalid|constraint|violat|allowed|range|positive|negative|rule|less|greater|exceed|stock|enough|between|not valid"
    ),
    "23": re.compile(r"(?i)constraint|violat|conflict|overlap|exist"),
    "25": re.compile(r"(?i)transaction|read.?only|abort"),
    "28": re.compile(r"(?i)password|auth|role|user|login|access"),
    "3D": re.compile(r"(?i)catalog"),
    "40": re.compile(
        r"(?i)seriali[sz]|retry|again|concurren|conflict|deadlock|lock|transaction|busy|parallel"
    ),
    "42": re.compile(
        r"(?i)exist|undefined|missing|permission|denied|syntax|privilege|ambiguous|not found|unknown|policy|allowed|function|operator"
    ),
    "53": re.compile(r"(?i)too many|connection|disk|memory|full|resource|space|capacity"),
    "54": re.compile(r"(?i)limit|too (?:many|large|complex)|exceed"),
    "55": re.compile(r"(?i)lock|in use|busy|state|enum|object"),
    "57": re.compile(r"(?i)cancel|time.?out|timed out|shut|start|terminat|interrupt|recover"),
    "HV": re.compile(r"(?i)foreign|fdw"),
    "P0002": re.compile(r"(?i)no data|found|returned|empty|exist"),
    "P0003": re.compile(r"(?i)more than|multiple|several"),
    "XX": re.compile(r"(?i)internal|unexpected|cache|corrupt|tenant|tuple"),
}
"""What a message says that an application gives to an error of its database's: of a code, or of its class."""


def reasons_otherwise(record: LabelledRecord, code: str) -> bool:
    """Whether the message beside a code gives a reason that is none of its class: such an API numbers its own errors so."""
    fits = _FITS.get(code) or _FITS.get(code[:2])
    if fits is None and (code == "P0001" or not codes.known(code)):
        return False  # under these any sentence is raised
    said = [value.raw[:400] for value in record.values[:NEIGHBOURS] if _is_said(value, value.key)]
    if not said and record.parent is not None:
        # GraphQL's `extensions` and their like stand beside the message
        around = record.parent.values[:NEIGHBOURS]
        said = [value.raw[:400] for value in around if _is_said(value, value.key)]
    for child in record.children[:_AROUND]:
        said += [value.raw[:400] for value in child.values[:_AROUND] if _is_said(value, child.key)]
    if any((fits and fits.search(text)) or _OF_A_DATABASE.search(text) for text in said):
        return False
    return any(_stated.tells(text) or _speaks_of_request(text) for text in said)


def _is_said(value: RecordValue, key: str) -> bool:
    said = _keys.is_message(key) or _keys.is_errorish(key) or "msg" in key.lower()
    return (
        value.kind in {"string", "element", "form"} and said and _keys.plain(key) not in _OF_ERRORS
    )


def inside(record: LabelledRecord, judge: Callable[[LabelledRecord], bool]) -> bool:
    """Whether it is said of one of the objects around the record."""
    around = record.parent
    for _ in range(_AROUND):
        if around is None:
            return False
        if judge_once(around, judge):
            return True
        around = around.parent
    return False


def judge_once(record: LabelledRecord, judge: Callable[[LabelledRecord], bool]) -> bool:
    """What the judge says of the record, asked for the first time."""
    if record.judged is None:
        record.judged = {}
    if judge not in record.judged:
        record.judged[judge] = judge(record)
    return record.judged[judge]


def speaks_of_business(record: LabelledRecord) -> bool:
    """Whether it, an object around it, or the words before it in a text speak of what has codes of its own."""
    if judge_once(record, about_business) or inside(record, about_business):
        return True
    top = record
    while top.parent is not None:
        top = top.parent
    before = top.piece.text[max(0, top.start - 80) : top.start].rpartition("\n")[2]
    return bool(_BUSINESS.search(before))
