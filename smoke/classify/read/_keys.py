"""Names of JSON fields and headers: which hold codes, messages, names of the schema, and which hold mere data."""

from __future__ import annotations

import re
from functools import lru_cache

from smoke.classify._words import words

FIELDS: dict[str, str] = {
    "constraint": "constraint_name",
    "constraintname": "constraint_name",
    "violatedconstraint": "constraint_name",
    "violated": "constraint_name",
    "constraintviolated": "constraint_name",
    "dbconstraint": "constraint_name",
    "pgconstraint": "constraint_name",
    "errorconstraint": "constraint_name",
    "table": "table_name",
    "tablename": "table_name",
    "relation": "table_name",
    "pgtable": "table_name",
    "errortable": "table_name",
    "dbtable": "table_name",
    "schema": "schema_name",
    "schemaname": "schema_name",
    "pgschema": "schema_name",
    "column": "column_name",
    "columnname": "column_name",
    "pgcolumn": "column_name",
    "errorcolumn": "column_name",
    "datatype": "datatype_name",
    "datatypename": "datatype_name",
    "severity": "severity",
    "severitylocal": "severity",
    "errorseverity": "severity",
    "detail": "message_detail",
    "details": "message_detail",
    "messagedetail": "message_detail",
    "errordetail": "message_detail",
    "sqlerrordetail": "message_detail",
    "hint": "message_hint",
    "messagehint": "message_hint",
    "sqlerrorhint": "message_hint",
}
_SHORT = {"s": "schema_name", "t": "table_name", "c": "column_name", "d": "datatype_name", "n": "constraint_name",
          "S": "severity", "V": "severity", "D": "message_detail", "H": "message_hint"}  # fmt: skip
_STATE = words("""sqlstate sqlstatecode pgcode pgerrorcode pgerrcode pgsqlstate pgstate dbcode dberrorcode databasecode databaseerrorcode
    originalcode nativecode nativeerrorcode statecode sqlerrorcode dbsqlstate postgrescode postgresqlcode postgreserrorcode
    errorsqlstate dberrcode drivercode""")
_CODE = words(
    "code errorcode errcode errno err sqlcode dbstate state number faultcode errorcode exceptioncode num name"
)
_WEAK = words("state number faultcode num name err type kind status title value")
_SQL = words("""sql query statement stmt params parameters bindings internalquery arguments args values sourcescontent contextline precontext
    postcontext codeframe source vars locals sourcecode excerpt snippet rawsql commandtext preview frames querystring body_params
    input request requestbody payload code_frame""")
_ERRORISH = re.compile(
    r"(?i)err(?!ed|er(?!r)|y|a[cnt]|itor|upt)|exception|(?<!be)cause|(?<!de)fault|fail|stack|trace(?!s\Z|_?-?id|parent)|reason|original|(?<!ap)parent|nested|debug|violat"
    r"|problem|diagnos|driver|crash|(?:(?-i:(?<![A-Za-z])log|Log|LOG)|(?:db|sql|event|server|message)log)(?!in(?!fo)|out(?!p)|ic|ist|os?(?![a-z])|ourl)|panic|attempt"
)
"""Not `default`, `preferred`, `because`, `catalog`, `slogan`, `login` and other words that merely hold such a one."""
_OF_A_STATE = re.compile(
    r"(?i)(?:state|lock|clos\w{0,3}|finish|stop|return|refund|cancel\w{0,6}|contact|pause|skip)_?reason\Z"
)
"""Why a thing is as it is: `state_reason` of an issue, `finish_reason` of an answer."""
_FILE = re.compile(r"[\w-]{1,80}\.[a-z]{1,4}\Z")
_MESSAGE = words("""message eventmessage logmessage msg detail details hint description desc reason text title statusmessage devmessage developermessage usermessage
    internalmessage body content data output info note result""")
_PRODUCT = words("""name title description subtitle summary label question answer review comment text content body html note notes caption
    bio headline tagline slogan commit product products items item articles article posts post faq faqs help results hits suggestions
    recommendations catalog catalogue lines line sku example examples docs comments reviews rendered cooked excerpt fancytitle selftext""")
_CAUSES = words("""cause causes causedby rootcause originalerror originalexception original parent previous previouserror previousexception
    inner innererror innerexception innerexceptions nested nestedexception underlying underlyingerror source driveradaptererror
    attempts""")
_ASIDES = words("""log logs logtail logoutput breadcrumbs history warnings notices suppressed suppressederrors rollbackerror rollback
    cleanuperror secondary secondaryerror""")
_PG_COMPANIONS = words(
    "severity severitylocal routine schema schemaname table tablename constraint constraintname file line where position"
)


@lru_cache(maxsize=4096)
def plain(key: str) -> str:
    """The key in lower case without marks: `constraint_name`, `ConstraintName` and `x-constraint-name` meet."""
    text = re.sub(r"[^a-z0-9]", "", key.lower())
    lowered = key.lower()
    return text[1:] if lowered.startswith("x-") else text


def field(key: str, *, libpq: bool = False) -> str:
    """The DatabaseError field that a key names, or nothing. With `libpq`, its one-letter fields too."""
    if libpq and key in _SHORT:
        return _SHORT[key]
    return FIELDS.get(plain(key), "")


def is_state(key: str) -> bool:
    """Whether the key says SQLSTATE."""
    name = plain(key)
    return name in _STATE or name.endswith(("sqlstate", "pgcode", "pgerrorcode"))


def is_code(key: str) -> bool:
    """Whether the key says a code of an error, SQLSTATE or not."""
    return plain(key) in _CODE


def is_weak_code(key: str) -> bool:
    """Whether such a key usually holds something else."""
    return plain(key) in _WEAK


def is_sql(key: str) -> bool:
    """Whether the value is a statement, its values, or program text: echoed, not said."""
    return plain(key) in _SQL


@lru_cache(maxsize=4096)
def is_errorish(key: str) -> bool:
    """Whether what stands under the key speaks of an error; a file's name (`error.txt`) does not."""
    return (
        _ERRORISH.search(key) is not None
        and _FILE.match(key) is None
        and _OF_A_STATE.search(key) is None
    )


def is_cause(key: str) -> bool:
    """Whether what stands under the key is what the error around it came of."""
    return plain(key) in _CAUSES


def is_secondary(key: str) -> bool:
    """Whether what stands under the key went wrong beside or after what the request died of."""
    return plain(key) in _ASIDES


def is_message(key: str) -> bool:
    """Whether messages stand under such a key."""
    return plain(key) in _MESSAGE


_EARLIER = (
    "last_", "last-", "lastError", "latest", "previous_", "recent", "top_", "topError", "known_", "knownError", "common_", "sample_", "biggest",
)  # fmt: skip


_SINCE = re.compile(
    r"(?i)last_?(?:minute|hour|day|week|month|24_?h)|_today\Z|_history\Z|_per_(?:minute|hour|day)\Z"
)


def is_earlier(key: str) -> bool:
    """Whether what stands under the key happened before this request: `last_error` of a job."""
    return key.startswith(_EARLIER) or _SINCE.search(key) is not None


def is_product(key: str) -> bool:
    """Whether the shop's own texts stand under such a key."""
    return plain(key) in _PRODUCT
