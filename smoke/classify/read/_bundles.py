"""Texts that an answer holds ready for later: translations, examples, what a page shows under names of its own."""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.read import _beside, _kept, _keys
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue

_TRANSLATIONS = words(
    "localedata i18n translations translation locales intl dictionary resourcebundle texts phrases"
)
EXAMPLES = words("example examples")
_DOTTED = re.compile(r"[A-Za-z][\w-]{0,60}(?:\.[\w-]{1,60}){1,6}")
_OF_AN_ERROR = words(
    "message msg code detail details sqlstate status statuscode name type stack constraint hint severity error reason cause"
)
_NAMES_ERROR = ("error", "errors", "errormessage", "exception", "sqlstate")


def translates(record: LabelledRecord) -> bool:
    """Whether the record is a part of a bundle of translations, or of an example."""
    path = [_keys.plain(key) for key in record.path()]
    if any(key in _TRANSLATIONS or key in EXAMPLES for key in path):
        return True
    if _kept.is_kept(record, path):
        return True
    if any(
        node is not None and _beside.judge_once(node, _is_keyed_by_texts)
        for node in (record, record.parent)
    ):
        return True
    values = record.values[: _kept.LOOKED_AT]
    if record.array or len(values) < 2 or any(value.kind != "string" for value in values):
        return False
    if (
        record.parent is not None
        and not any(map(_keys.is_errorish, path))
        and _beside.judge_once(_kept.root_of(record), _names_language)
    ):
        return not any(_keys.plain(value.key) in _OF_AN_ERROR for value in values)
    if "pageprops" in path and "messages" in path[path.index("pageprops") : -1]:
        return True  # what next-intl and its like give a page
    return _is_of_texts(record, path, values)


def _is_of_texts(record: LabelledRecord, path: list[str], values: list[RecordValue]) -> bool:
    """Whether an object of nothing but texts holds those of many places, under names that no error's fields have."""
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
        and _beside.judge_once(_kept.root_of(record), _is_tree_of_texts)
    ):
        return True
    below = "messages" in path[:-1] and path[-1] != "messages"
    return (below and len(values) > 2) or _is_namespace(record)


_SENTENCE_KEYS = 8
"""So many keys of several words are texts to translate; an error has none."""


def _is_keyed_by_texts(node: LabelledRecord) -> bool:
    """Whether texts in one language are the keys of those in another: `{"Default value": ["Standardwert"]}`."""
    keys = [value.key for value in node.values[: _kept.LOOKED_AT]]
    keys += [child.key for child in node.children[: _kept.LOOKED_AT]]
    return sum(" " in key for key in keys) >= _SENTENCE_KEYS


def _names_language(root: LabelledRecord) -> bool:
    """Whether it says in which language its texts are: `{"locale": "de", "entries": {…}}`."""
    return any(
        _keys.plain(value.key) in {"locale", "lang", "language"}
        and _kept.LANGUAGE.fullmatch(value.raw)
        for value in root.values[: _kept.LOOKED_AT]
    )


def holds_texts(record: LabelledRecord) -> bool:
    """Whether an object in a page holds texts under names of the page's own, and nothing that an error has."""
    path = record.path()
    if record.array or (path and _keys.plain(path[-1]).endswith(("errors", "flash"))):
        return False
    names = (_keys.plain(value.key) for value in record.values[: _kept.LOOKED_AT])
    return not any(name in _OF_AN_ERROR or name.endswith(_NAMES_ERROR) for name in names)


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
    for _ in range(_kept.LOOKED_AT):
        if not left:
            return count >= _SOME_TEXTS and branches > 1
        node = left.pop()
        if node.array or any(value.kind != "string" for value in node.values[: _kept.LOOKED_AT]):
            return False
        if any(_keys.plain(value.key) in _OF_AN_ERROR for value in node.values[: _kept.LOOKED_AT]):
            return False
        count += len(node.values)
        branches += bool(node.values) and node is not root
        left += node.children[: _kept.LOOKED_AT]
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
        and all(value.kind == "string" for value in child.values[: _kept.LOOKED_AT])
        for child in parent.children[: _kept.LOOKED_AT]
    )
