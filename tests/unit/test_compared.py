"""The table of other tools: each capability that is ours leads to a short example that the documentation's tests hold."""

from __future__ import annotations

import re

import pytest
import yaml

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
    """The blocks that are checked in the section to which a link leads; without an anchor, in the page."""
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
        if first <= block.line <= last and not block.not_run and block.language in ("yaml", "console", "sh")
    ]  # fmt: skip


def _called(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def shortest(block: Block) -> int:
    """Lines of the block, or of the shortest of its steps where it is a scenario."""
    parts = re.split(r"^ {0,4}- ", block.text, flags=re.MULTILINE)
    return min(len(part.strip().splitlines()) for part in parts[1:] or parts)


def test_each_capability_of_the_table_leads_somewhere() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("| --- ")[2].partition("\n\n")[0]
    assert len(ROWS) == len(table.splitlines()) - 1 > 25


@pytest.mark.parametrize(("capability", "ours"), ROWS, ids=[name for name, _ in ROWS])
def test_each_capability_has_a_short_example(capability: str, ours: str) -> None:
    found = examples(ours)
    assert found, f"{capability}: no example"
    assert min(map(shortest, found)) <= LONGEST, f"{capability}: a long example"
    assert all(yaml.safe_load(block.text) for block in found if block.language == "yaml")
