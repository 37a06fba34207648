"""A labelled record (a JSON object, a form, elements, headers) to drafts."""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.messages import labels
from smoke.classify.read import _beside, _keys, _stated, codes
from smoke.classify.read._context import MANY, Context, errorish, is_unreliable
from smoke.classify.read._grouping import FIELDS
from smoke.classify.read._sweep import Sweep
from smoke.classify.read.draft import Draft, Read
from smoke.classify.sqlstate import NAMES
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue
from smoke.model.dberror import Certainty

_CONSTRAINT = re.compile(
    r"[^\s\"'<>{}()\[\]:;,/]{1,120}_(?:pkey|key|fkey|uq|uk|uniq|unique|idx|index|ix|check|chk|ck|fk|pk|excl|exclude|exclusion)\d{0,3}"
    r"|(?:uq|uk|fk|pk|ck|chk|idx|ix|unique|uniq)_\w{3,120}",
    re.IGNORECASE,
)
_TELLING = words("""undefined_table undefined_column undefined_function in_failed_sql_transaction numeric_value_out_of_range
    invalid_text_representation raise_exception duplicate_table ambiguous_column read_only_sql_transaction
    insufficient_resources admin_shutdown cannot_connect_now object_in_use lock_not_available""")
"""Names of conditions that nobody else gives to an error, beside those of the classes 23 and 40."""
_BROKEN = re.compile(r"(?:\.\.\.|…)\Z")
_DATA = words(
    "price amount qty quantity currency zip postal postcode postalcode zipcode street city country total discount percent stock sku"
)


def read(record: LabelledRecord, context: Context) -> list[Draft]:
    """The drafts of one record: its messages, and the code and names beside them."""
    drafts: list[Draft] = []
    by_value: dict[int, list[Draft]] = {}
    trusted = errorish(record, context)
    for index, value in enumerate(record.values):
        if value.kind == "word" or _keys.is_sql(value.key if not record.array else record.key):
            continue
        found = _message(record, value, context, trusted=trusted)
        if found:
            by_value[index] = found
            drafts.extend(found)
    _order(record, by_value)
    return _label(record, context, drafts, trusted=trusted)


def _order(record: LabelledRecord, by_value: dict[int, list[Draft]]) -> None:
    """`cause: "…"` beside `message: "…"`: the one came of the other; a log's lines and a clean-up's are no cause."""
    if len(by_value) < 2 or record.array:
        return
    for index, found in by_value.items():
        key = record.values[index].key
        for draft in found:
            if _keys.is_secondary(key):
                draft.secondary = True
        if _keys.is_cause(key):
            for other, outer in by_value.items():
                if not _keys.is_cause(record.values[other].key):
                    for draft in outer:
                        draft.causes.extend(found)


def _message(
    record: LabelledRecord, value: RecordValue, context: Context, *, trusted: bool
) -> list[Draft]:
    """Drafts of the messages in one value."""
    if len(value.raw) < 6 or is_unreliable(record, value, context, trusted=trusted):
        return []
    leaf = record.leaf(value)
    healthy = context.quiet and value.kind == "element"
    found = Sweep(leaf, context.table, healthy=healthy, rows=context.rows).drafts()
    if not value.whole or (record.cut and not value.whole):
        for draft in found:
            _without_cut_name(draft, leaf.text)
    return found


def _without_cut_name(draft: Draft, text: str) -> None:
    """A name that reaches the end of a value that broke off may be half a name."""
    for name in ("constraint_name", "table_name", "column_name"):
        read_ = draft.fields.get(name)
        if read_ is not None and read_.end >= len(text):
            del draft.fields[name]


def _label(
    record: LabelledRecord, context: Context, drafts: list[Draft], *, trusted: bool
) -> list[Draft]:
    code = _code(record, context, drafts, trusted=trusted)
    names = _names(record, drafts, has_code=code is not None)
    if code is not None:
        same = [draft for draft in drafts if draft.code == code.text]
        if same:
            owner = same[0]
            owner.sqlstate, owner.light = code, False
        elif (
            len(drafts) == 1
            and drafts[0].text("message_primary") is not None
            and not _told(drafts[0])
        ):
            # any text may be raised under any code: the code wins
            owner = drafts[0]
            owner.sqlstate, owner.light = code, False
            for name in FIELDS:
                owner.fields.pop(name, None)
            owner.columns, owner.columns_read = (), None
        else:
            same_class = [
                draft
                for draft in drafts
                if draft.code[:2] == code.text[:2] and not draft.text("message_primary")
            ]
            for draft in same_class:
                drafts.remove(draft)
            place = code.piece.place(code.start) if code.piece else 0
            owner = Draft(at=(place, code.start), sqlstate=code)
            for draft in same_class:
                owner.absorb(draft)
                owner.sqlstate = code
            drafts.insert(0, owner)
        owner.certainty = code.certainty
    elif drafts:
        owner = drafts[0]
    elif names:
        place = min(
            (read_.piece.place(read_.start) for read_ in names.values() if read_.piece), default=0
        )
        owner = Draft(at=(place, 0), certainty=Certainty.FIELD)
        drafts.append(owner)
    else:
        return []
    if code is None and owner.text("constraint_name") and names.get("constraint_name"):
        del names["constraint_name"]
    for name, read_ in names.items():
        owner.give(name, read_)
    if "message_primary" not in owner.fields and code is not None:
        _message_field(record, owner)
    return drafts


def _told(draft: Draft) -> bool:
    return draft.sqlstate is not None and draft.sqlstate.certainty == Certainty.FIELD


def _message_field(record: LabelledRecord, owner: Draft) -> None:
    for value in record.values:
        if value.kind != "word" and _keys.plain(value.key) in {
            "message",
            "msg",
            "m",
            "error",
            "errormessage",
            "primarymessage",
        }:
            leaf = record.leaf(value)
            if 3 < len(leaf.text) < 2000:
                owner.give(
                    "message_primary", Read(leaf.text, leaf, 0, len(leaf.text), Certainty.FIELD)
                )
                return


def _is_libpq(record: LabelledRecord) -> bool:
    keys = {value.key for value in record.values}
    return {"S", "C", "M"} <= keys


_OF_A_DRIVER = words(
    "schema schemaname table tablename constraint constraintname hint detail details where column columnname datatype"
)
_CLASSES = frozenset(
    {"PostgresError", "error", "DatabaseError", "PostgrestError", "QueryFailedError"}
)


def _companions(record: LabelledRecord) -> int:
    """How many fields only a driver's error has."""
    count = 0
    severities = labels()
    for value in record.values[:MANY]:
        name = _keys.plain(value.key)
        if name == "routine" or (name == "file" and value.raw.endswith(".c")):
            count += 2
        elif (
            # the server's words are in capitals; `"Error"` is a tax service's
            (name in {"severity", "severitylocal"} and record.text(value) in severities)
            or name in _OF_A_DRIVER
            or (name in {"name", "type", "errortype"} and value.raw in _CLASSES)
        ):
            count += 1
    return count


def _code(
    record: LabelledRecord, context: Context, drafts: list[Draft], *, trusted: bool
) -> Read | None:
    libpq = _is_libpq(record)
    best: tuple[int, Read] | None = None
    for value in record.values[:MANY]:
        if value.kind == "word" or not 3 < len(value.raw) < 60:
            continue
        text = record.text(value).strip()
        code = text if len(text) == 5 else ""
        state = _beside.is_state(record, value) or (libpq and value.key == "C")
        if not code:
            named = (
                _condition(text)
                if state
                or _keys.is_code(value.key)
                or _keys.plain(value.key) in {"type", "error", "conditionname", "condition"}
                else ""
            )
            if not named or not (state or _companions(record) or drafts or trusted):
                continue
            rank, code_read = 1, Read(named, certainty=Certainty.INFERRED)
        else:
            if not codes.possible(code) or (code in codes.CLIENT and drafts):
                continue
            if state:
                if not (codes.known(code) or codes.custom(code) or code.isdigit()):
                    continue
                if context.healthy and not (trusted or drafts or _companions(record)):
                    continue  # a metric's label, a setting
                rank = 4
            elif _keys.is_code(value.key):
                if not _counts(record, value, code, context, drafts, trusted=trusted):
                    continue
                rank = 3 - _keys.is_weak_code(value.key)
            else:
                continue
            leaf = record.leaf(value)
            begin = leaf.text.index(code)
            code_read = Read(code, leaf, begin, begin + 5, Certainty.FIELD)
        if best is None or rank > best[0]:
            best = (rank, code_read)
    return best[1] if best else None


def _counts(
    record: LabelledRecord,
    value: RecordValue,
    code: str,
    context: Context,
    drafts: list[Draft],
    *,
    trusted: bool,
) -> bool:
    """Whether a code under a name such as `code` is a SQLSTATE."""
    if any(draft.code == code for draft in drafts):
        return True
    companions = _companions(record)
    keys = {_keys.plain(other.key) for other in record.values[:MANY]}
    if _keys.is_weak_code(value.key):
        return companions >= 2 and codes.classed(code)
    if keys & _DATA or (
        "name" in keys
        and not (companions or keys & {"message", "stack"})
        and not any(_keys.is_errorish(key) for key in record.path())
    ):
        return companions >= 2
    if companions < 2 and not drafts and keys & _beside.PROVIDERS:
        return False
    if companions == 0 and not drafts and _beside.speaks_of_business(record):
        return False
    if companions == 0 and not drafts and _beside.named_by_api(record):
        return False
    if code == "P0001" and _beside.is_fastify(record):
        return True
    if trusted and _beside.is_handed_on(record, code):
        return True
    if companions < 2 and not drafts and _beside.reasons_otherwise(record, code):
        return False
    if codes.anybodys(code) and companions < 2 and not drafts:
        return codes.known(code) and _failed_inside(record, context, trusted=trusted)
    if not codes.known(code):
        if (companions >= 1 and codes.custom(code)) or companions >= 2:
            return True
        failed = context.server or code.startswith("PT4") or _beside.says_failed(record)
        return trusted and codes.raised(code) and failed
    if companions >= 1:
        return True
    path = record.path()
    if any(_keys.is_product(key) and not _keys.is_message(key) for key in path):
        return False
    return trusted and (
        context.failed
        or bool(path)
        or any(_keys.is_errorish(other.key) for other in record.values)
        or "ok" in keys
        or "success" in keys
    )


def _failed_inside(record: LabelledRecord, context: Context, *, trusted: bool) -> bool:
    """Whether a code that an API may have made up itself stands in an answer whose server failed, without its reason."""
    # an API that refuses a request says `success: false` and a number of its own
    failed = context.server or (
        not context.failed
        and _beside.says_failed(record)
        and not _beside.judge_once(record, _stated.gives_reason)
        and not _beside.inside(record, _stated.gives_reason)
    )
    return (
        trusted
        and failed
        and not _beside.judge_once(record, _beside.about_request)
        and not _beside.inside(record, _beside.about_request)
    )


def _condition(text: str) -> str:
    """The SQLSTATE of a condition's name, where it has only one."""
    name = text.strip(":")
    name = name.lower() if name.isupper() else name
    found = [code for code in NAMES.get(name, ()) if not code.startswith(("00", "01"))]
    if len(found) != 1 or not (found[0].startswith(("23", "40")) or name in _TELLING):
        return ""
    return found[0]


def _can_be(name: str, text: str, *, alone: bool) -> bool:
    """Whether a text can be what its key says. `alone`: no error stands beside it."""
    if name == "constraint_name":
        if _BROKEN.search(text) or len(text) > 300 or "\ufffd" in text:
            return False
        if alone and not _CONSTRAINT.fullmatch(text):
            return False
    elif alone:
        return False
    if name == "severity" and text.upper() not in labels():
        return False
    names_a_thing = name in {"schema_name", "table_name", "column_name"}
    return not (names_a_thing and (len(text) > 200 or text.startswith("http")))


def _names(record: LabelledRecord, drafts: list[Draft], *, has_code: bool) -> dict[str, Read]:
    """Names of the schema under their keys. Without an error beside them only a constraint that looks like one."""
    libpq = _is_libpq(record)
    names: dict[str, Read] = {}
    for value in record.values:
        if value.kind == "word" or not value.raw.strip():
            continue
        name = _keys.field(value.key, libpq=libpq)
        alone = not drafts and not has_code
        if not name:
            key = value.key or record.key
            if (
                alone
                and _keys.is_errorish(key)
                and len(value.raw) < 64
                and _CONSTRAINT.fullmatch(value.raw)
            ):
                name = "constraint_name"
            else:
                continue
        if not value.whole and name not in {"message_detail", "message_hint"}:
            continue
        leaf = record.leaf(value)
        text = leaf.text
        if not _can_be(name, text, alone=alone):
            continue
        names[name] = Read(text, leaf, 0, len(text), Certainty.FIELD)
    if set(names) == {"message_detail"} and not drafts and not has_code:
        return {}
    return names
