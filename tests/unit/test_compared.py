"""The table of other tools: each capability that is ours leads to a short example, and a test carries it out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.documents import ROOT, Block, blocks_of

PAGE = ROOT / "docs" / "explanations" / "compared.md"
ROWS = re.findall(
    r"^\| ([^|]+) \|.*\| \[[^|]+\]\((\.\./how-to/[^|)]+)\) \|$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)
LONGEST = 12
"""Lines that an example of one capability takes at most."""


def examples(link: str) -> list[Block]:
    """The blocks of the section to which a link leads; without an anchor, of the page."""
    address, _, anchor = link.partition("#")
    page = PAGE.parent / address
    lines = page.read_text(encoding="utf-8").splitlines()
    first, last = 0, len(lines)
    if anchor:
        heads = [at for at, line in enumerate(lines, 1) if line.startswith("## ")]
        first = next(at for at in heads if _called(lines[at - 1]) == anchor)
        last = next((at for at in heads if at > first), last)
    return [
        block
        for block in blocks_of(page)
        if first <= block.line <= last and block.language in ("yaml", "console", "sh")
    ]  # fmt: skip


def _called(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def test_each_capability_of_the_table_leads_somewhere() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("| --- ")[2].partition("\n\n")[0]
    assert len(ROWS) == len(table.splitlines()) - 1 > 25


_IN = "tests/integration/test_documentation_capabilities.py"
RUN_BY = {
    "Rounds: n times, over a list": (_IN, "Look at each product"),
    "A round for each row of a file": ("tests/integration/test_rows_of_a_file.py", "name: every-customer"),
    "Several steps in each round": (_IN, "New cart"),
    "A condition for a step": (_IN, "Use the coupon"),
    "Steps of another file, with parameters": (_IN, "name: order-signed-in"),
    "Requests at the same instant": ("tests/integration/test_lanes.py", "name: two-customers"),
    "Polling, a GraphQL query and a search too": ("tests/integration/test_polling.py", "safe: true"),
    "Tried again": (_IN, "idempotency_key: true"),
    "… and never where it may order twice": (_IN, "on: [429]"),
    "JSON Schema of an answer": ("tests/integration/test_expectations.py", "by-schema"),
    "OpenAPI of an answer": ("tests/integration/test_expectations.py", "by-openapi"),
    "XPath in XML": ("tests/integration/test_expectations.py", "by-xpath"),
    "Time by phase": ("tests/integration/test_expectations.py", "in-time"),
    "The certificate's days left": ("tests/integration/test_expectations.py", "in-time"),
    "Parts of objects, unordered lists, each, any": ("tests/integration/test_expectations.py", "an-order"),
    "GraphQL as a body": (_IN, "name: New cart"),
    "Several customers, each with cookies": (_IN, "A guest sees none"),
    "One login for many scenarios": ("tests/integration/test_needs.py", "needs: login.yaml"),
    "OAuth 2 by client credentials": ("tests/integration/test_oauth.py", "name: token"),
    "Events of payment providers, signed": ("tests/integration/test_webhooks.py", "name: paid-by-stripe"),
    "A call from the shop": ("tests/integration/test_receivers.py", "name: order-is-confirmed"),
    "A mail in an inbox": ("tests/integration/test_mails.py", "name: mail-with-a-link"),
    "Server-sent events": ("tests/integration/test_documentation_network.py", "scenarios/events.yaml"),
    "WebSocket": ("tests/integration/test_documentation_network.py", "scenarios/live.yaml"),
    "A teardown that always runs": (_IN, "If-Match"),
    "Values from files: variables with types, `.env`": ("tests/integration/test_documentation_values.py", "from-outside"),
    "Secrets masked in what is printed and kept": (_IN, "name: order-signed-in"),
}  # fmt: skip
"""Of capabilities of the language: the test that carries the example out, and the words by which it takes the block."""


def test_each_test_that_is_named_is_for_a_capability_of_the_table() -> None:
    assert RUN_BY.keys() <= {name for name, _ in ROWS}


@pytest.mark.parametrize(("capability", "ours"), ROWS, ids=[name for name, _ in ROWS])
def test_each_capability_has_a_short_example(capability: str, ours: str) -> None:
    found = examples(ours)
    assert found, f"{capability}: no example"
    if (
        capability not in RUN_BY
    ):  # of options and commands: what is typed is carried out with its page, or has a reason why not
        assert any(block.language in ("console", "sh") for block in found), capability
        return
    test, words = RUN_BY[capability]
    short = [
        block
        for block in found
        if block.language == "yaml"
        and not block.not_run
        and len(block.text.splitlines()) <= LONGEST
        and (words in block.text or words in block.title)
    ]
    assert short, f"{capability}: no scenario of {LONGEST} lines that {test} carries out"
    source = (ROOT / test).read_text(encoding="utf-8")
    page = Path(ours.partition("#")[0]).stem
    assert words in source or (words == short[0].title and "block.title" in source)
    assert f"{page}.md" in source or f'"{page}"' in source, f"{capability}: {test} reads no {page}"
