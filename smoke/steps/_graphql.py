"""Whether a GraphQL document only reads: no operation in it is a mutation or a subscription."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'''
      \#[^\n\r]*                                  # a comment, to the end of its line
    | """[^"\\]*+(?:(?:\\"""|\\(?!""")|"(?!""))[^"\\]*+)*"""  # a block string
    | "[^"\\\n\r]*+(?:\\[^\n\r][^"\\\n\r]*+)*"     # a string; no group is possessive, for Python 3.11.2
    | (?P<name>[_A-Za-z][_0-9A-Za-z]*)
    | (?P<open>[{(\[])
    | (?P<close>[})\]])
    | (?P<quote>")                                # of a string that does not end
    ''',
    re.VERBOSE,
)
_WRITES = frozenset({"mutation", "subscription"})


def only_reads(document: str) -> bool:
    """Whether no operation of a document changes anything (GraphQL October 2021, 2.3: a query is a read-only fetch).

    What cannot be told is taken for a change: a document with a template in it, or one that cannot be read to its end.
    """
    if "{{" in document:
        return False
    depth, operations = 0, 0
    for token in _TOKEN.finditer(document):
        if token["quote"]:
            return False
        if token["open"]:
            operations += depth == 0 and token["open"] == "{"
            depth += 1
        elif token["close"]:
            depth -= 1
            if depth < 0:
                return False
        elif token["name"] in _WRITES and depth == 0:
            return False
    return depth == 0 and operations > 0
