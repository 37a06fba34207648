"""Which GraphQL documents only read: what cannot be told is taken for a change."""

from __future__ import annotations

import pytest

from smoke.steps._graphql import only_reads

READS = {
    "short": "{ order { id } }",
    "query": "query { order }",
    "named like the other": "query Order($a: [ID!] = [1], $b: T = {mutation: 1}) { mutation subscription(a: $a) }",
    "a comment": "# mutation { a }\rquery { a } # }",
    "in texts": 'query { a(b: "mutation } \\" {", c: """ mutation { \\""" " "" } """) }',
    "fragments": "query { ...F } fragment F on Order { id }",
    "directives": "query A @live(if: true) { a }",
    "several": "query A { a } query B { b }",
    "minified": "{a{b}}",
}
DOES_NOT = {
    "mutation": "mutation { a }",
    "with variables": "mutation ($a: ID!) { a(a: $a) }",
    "behind a query": "query { a } mutation { b }",
    "behind a fragment": "fragment F on A { a }\n\n,mutation M{b}",
    "behind a comment": "# a\nmutation { a }",
    "behind a text": 'query { a(b: "\\\\") } mutation { c }',
    "behind a long text": 'query { a(b: """ \\""" """) } mutation { c }',
    "subscription": "subscription { a }",
    "a template": "{{ document }}",
    "a template within": "query { a { {{ fields }} } }",
    "not ended": "query { a",
    "a text not ended": 'query { a(b: "x }) }',
    "too much ended": "query { a } } mutation { b }",
    "nothing": "",
    "words alone": "query A",
}


@pytest.mark.parametrize("document", READS.values(), ids=READS)
def test_it_only_reads(document: str) -> None:
    assert only_reads(document)


@pytest.mark.parametrize("document", DOES_NOT.values(), ids=DOES_NOT)
def test_it_may_change_something(document: str) -> None:
    assert not only_reads(document)


@pytest.mark.parametrize("piece", ['"', '"""', '\\"""', "{", "(", "#", '\\"', 'a"', '""""'])
def test_its_work_grows_no_faster_than_the_document(piece: str) -> None:
    """With a pattern that backtracks these would take hours."""
    only_reads("query { a(b: " + piece * 100_000)
