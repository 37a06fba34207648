"""Names and lists of names as messages and details hold them."""

from __future__ import annotations

import re

from smoke.classify.messages import Value
from smoke.classify.unwrap.escapes import without_escapes

_AFTER_NAME = re.compile(r"\"(?= \((?:SQLSTATE|SQLState|[0-9A-Z]{5}\))| in /| at /|\\n|\n)")

_ESCAPED = re.compile(r"\\(?:[\"']|u[0-9a-fA-F]{4})")


def trimmed(text: str, start: int, end: int) -> Value:
    """A name without what follows its closing mark, where the message itself stands in quotation marks.

    A quotation mark in the name is doubled in some messages, as SQL writes it, and escaped in some texts: it is one.
    """
    found = _AFTER_NAME.search(text)
    if found:
        end = start + found.start()
    elif text.endswith('"') and text.count('"') % 2:
        end -= 1
    name = text[: end - start]
    if "\\" in name:
        name = _ESCAPED.sub(lambda found: without_escapes(found[0]), name)
    return name.replace('""', '"'), start, end


def split_columns(text: str) -> tuple[str, ...]:
    """The columns of `Key (a, "b, c", lower(d))=`: at commas outside quotes and parentheses."""
    columns: list[str] = []
    depth = 0
    quoted = False
    current = ""
    for char in text[:2000]:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted and depth == 0:
            columns.append(current)
            current = ""
            continue
        elif not quoted:
            depth += (char == "(") - (char == ")")
        current += char
    columns.append(current)
    return tuple(
        column.strip().strip('"').replace('""', '"') for column in columns if column.strip()
    )
