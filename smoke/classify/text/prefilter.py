"""A look at the bytes that settles most answers: nothing in an ordinary successful one can speak of an error.

Three steps, each only when the one before could not settle it: words that every error's answer has; whether the
JSON itself says that it failed; words of which every English message of the server has one.
"""

from __future__ import annotations

import re

_WORDS = (
    b"error", b"exception", b"sqlstate", b"violat", b"constraint", b"duplicate", b"fatal", b"fault", b"errno",
    b'code"', b"fail", b"traceback", b"deadlock", b"digest", b"unique", b"denied", b"invalid", b"does not exist",
    b"out of range", b"too long", b"too many", b"\\u", b"null value", b"is of type", b"\x1b[", b"\x00", b"could not",
    b"cannot", b"aborted", b"cancel", b"warn", b"%22", b"reason", b"message", b"msg", b"ambiguous",
)  # fmt: skip
_TELLING = (
    b"violat", b"constraint", b"duplicate", b"null value", b"not exist", b"already exist", b"denied", b"syntax", b"out of range",
    b"too long", b"invalid", b"deadlock", b"serializ", b"aborted", b"too many", b"authentication", b"terminating", b"sqlstate",
    b"postgres", b"psycopg", b"prisma", b"by zero", b"timeout", b"could not", b"cannot", b"not present", b"referenced",
    b"ambiguous", b"is of type", b"overflow", b"canceling", b"must ", b"transaction i", b"transaction b", b"not allowed",
    b"permission", b"unterminated", b"malformed", b"more than one", b"reserved", b"shutting", b"starting up", b"argument",
    b"not support", b"not enough", b"unexpected", b"conflict", b"unrecognized", b"exceed", b"no unique", b"undefined",
    b"recovery", b"no data", b"being ", b"does not", b"has no ", b"returned no", b"has more", b"cached plan", b"sorry,",
    b"is not ", b"case not", b"escape", b"corrupt", b" full", b"precision", b"assertion", b"locked", b"infinite", b"divis",
    b"pg_hba", b"requires", b"connection", b"failing row", b"than once", b"concurrently", b"not recognized", b"maximum",
    b"has been", b"row-level", b"no parameter", b"deduced", b"mismatch", b"unacceptable", b"only be updated", b"insufficient",
    b"not implemented", b"at most", b"unsafe", b"reached end", b"crashed", b"no such", b"unsupported", b"max clients",
    b"tenant or", b"server log", b"or cast", b"perhaps you", b"could refer", b"no partition", b"failed query", b"pgrst",
    b"\\u00", b"eyj", b"%22", b"\x1b[", b"ora-0", b"e11000", b"er_dup", b"psql", b"pq:", b"pgcode", b"unique", b"p20",
    b"no space", b" failed", b"failed on", b"out of memory", b"out of shared", b"if retried", b"missing ", b"populated", b"not available", b"not found", b"negative", b"exception", b"traceback", b"fatal", b"digest",
)  # fmt: skip
_BOXES = (b"alert", b"flash", b"danger", b"toast", b"snackbar", b"assertive", b"notice")
"""What a page calls the box that shows its error, in whatever language the error is."""
_SAYS_FAILED = re.compile(
    rb'"(?:errors?|exception|fault|err)"\s{0,9}+:\s{0,9}+(?!null|false|\[\s{0,9}\]|""|\{\s{0,9}\})'
    rb'|"(?:ok|success|succeeded)"\s{0,9}:\s{0,9}false|"(?:status|statusCode)"\s{0,9}:\s{0,9}"?[45]\d\d\b',
    re.IGNORECASE,
)
_CODE = re.compile(rb'(?:[Cc]ode|[Ee]rrno|[Ss]tate)"\s{0,9}+:\s{0,9}+"[0-9A-Z]{5}"')
_OF_ERRORS = re.compile("error|exception|debug|sqlstate|pg-|grpc|fault|proxy-status|flash")
"""What the names of headers have in them that speak of errors."""
_MEDIA = ("application/json", "text/html", "application/vnd", "application/ld", "application/hal")


def clean(status: int, headers: list[tuple[str, str]], body: bytes, reason: str) -> bool:
    """Whether the response needs no reading: a success without a word that an error would have."""
    if not 200 <= status < 300 or len(reason) > 30:
        return False
    media_type = ""
    for name, value in headers:
        title = name.lower()
        if title == "content-type":
            media_type = value.lower()
        elif title == "set-cookie":
            if "flash" in value.lower() or "err" in value.lower():
                return False
        elif _OF_ERRORS.search(title):
            return False
    if not body:
        return True
    if body[0] not in b'{[<"tfn0123456789 \r\n\t' or not media_type.startswith(_MEDIA):
        return False
    lowered = body.lower()
    if not lowered.isascii() and ("html" in media_type or not _short_words_only(body)):
        return False  # the words below are English ones, and a page shows an error in any place
    if "html" in media_type and any(box in lowered for box in _BOXES):
        return False
    if not any(word in lowered for word in _WORDS):
        return True
    if b"\x00" in body or _SAYS_FAILED.search(body) or _CODE.search(body):
        return False
    return (
        "json" in media_type and lowered.isascii() and not any(word in lowered for word in _TELLING)
    )


def _short_words_only(body: bytes) -> bool:
    """Words in other scripts and accents: only few of them in a row, as names and titles have."""
    return len(body) < 4_000_000 and all(len(run) < 24 for run in body.translate(_SPACED).split())


_SPACED = bytes(32 if code < 128 else code for code in range(256))
