"""Answers that are documents: descriptions of APIs, feeds, programs, bundles of translations, catalogues of codes.

They hold the words of errors, and none happened. Only a successful answer is looked at.
"""

from __future__ import annotations

import re

from smoke.classify import _keys
from smoke.classify._draft import Draft
from smoke.classify._view import View
from smoke.classify._words import words
from smoke.classify.unwrap.jsonish import Record

_DESCRIBES = re.compile(
    r"\ufeff?\s{0,200}(?:\{\s{0,200}\"(?:openapi|swagger|asyncapi|\$schema)\"|(?:openapi|swagger|asyncapi):\s|(?:---\s{1,9})?(?:openapi|swagger): )"
)
_FEED = re.compile(r"\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?<(?:rss|feed|rdf:RDF)\b")
_PROGRAM = re.compile(
    r"\s{0,200}(?:export |import |const |let |var |function |async |class |if ?\(|!function|\(?\(\)|\"use strict\"|'use strict'|window\.|self\.|/\*|//)"
)
_TRANSLATIONS = words("i18n translations translation locales intl dictionary resourcebundle")
_EXAMPLES = words("example examples")
_DOTTED = re.compile(r"[A-Za-z][\w-]{0,60}(?:\.[\w-]{1,60}){1,6}")
_OF_AN_ERROR = words(
    "message msg code detail details sqlstate status statuscode name type stack constraint hint severity error reason cause"
)
_LOOKED_AT = 200
_CATALOGUE = 5
"""So many different codes in one successful answer are a list of codes."""


def is_document(view: View) -> bool:
    """Whether the answer describes an API, is a feed, or a program."""
    head = view.text[:1000]
    if _DESCRIBES.match(head) or _FEED.match(head):
        return True
    return "javascript" in view.media_type.lower() and _PROGRAM.match(head) is not None


def translates(record: Record) -> bool:
    """Whether the record is a part of a bundle of translations, or of an example."""
    path = [_keys.plain(key) for key in record.path()]
    if any(key in _TRANSLATIONS or key in _EXAMPLES for key in path):
        return True
    values = record.values[:_LOOKED_AT]
    if record.array or len(values) < 2 or any(value.kind != "string" for value in values):
        return False
    if any(_keys.plain(value.key) in _OF_AN_ERROR for value in values):
        return False
    if record.parent is None:
        # `{"errors.db.unique": …, "cart.title": …}`; below `errors` such keys are paths of fields
        flat = len(values) > 2 and all(_DOTTED.fullmatch(value.key) for value in values)
        return flat and len({value.key.partition(".")[0] for value in values}) > 1
    below = "messages" in path[:-1] and path[-1] != "messages"
    return (below and (len(values) > 2 or path[0] == "pageprops")) or _is_namespace(record)


def _is_namespace(record: Record) -> bool:
    """`{errors: {…}, cart: {…}, account: {…}}`: objects of nothing but texts side by side, and nothing else."""
    parent = record.parent
    if parent is None or parent.parent is not None or parent.values or len(parent.children) < 3:
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
    return view.succeeded and len({draft.code for draft in drafts if draft.code}) >= _CATALOGUE
