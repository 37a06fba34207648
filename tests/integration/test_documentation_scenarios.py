"""What the tutorials have somebody type comes out as they say, at the demo shop."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smoke.demo.look import Look
from tests.support.cli import smoke
from tests.support.demo import ShopFactory
from tests.support.documents import ROOT, Block, blocks_of

FIRST = ROOT / "docs" / "tutorials" / "first-scenario.md"


def yaml_of(page: Path) -> list[Block]:
    return [block for block in blocks_of(page) if block.language == "yaml"]


def shown(page: Path, command: str) -> list[str]:
    """The lines that a page shows behind a command, in its order, without what it left out."""
    lines = []
    for block in blocks_of(page):
        if block.language == "console" and command in block.text:
            lines += [line.strip() for line in block.text.splitlines() if not line.startswith("$")]
    return [line for line in lines if line and line != "…"]


def test_the_first_scenario(shop: ShopFactory, tmp_path: Path) -> None:
    """It passes, fails with the step behind it, and every line that the page shows is printed."""
    whole, piece = yaml_of(FIRST)
    path = tmp_path / whole.title
    path.parent.mkdir()
    path.write_text(whole.text, encoding="utf-8")
    assert smoke(["check"], tmp_path).stdout.strip() in shown(FIRST, "smoke check")
    url = shop("broken").url
    passed = smoke(["run", "two-teas", "--url", url], tmp_path)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    head, mark, tail = whole.text.partition("teardown:")
    indented = "".join(f"  {line}\n" for line in piece.text.splitlines())
    path.write_text(f"{head}{indented}{mark}{tail}", encoding="utf-8")
    failed = smoke(["run", "two-teas", "--url", url], tmp_path)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    printed = steady(passed.stdout + failed.stdout)
    for line in shown(FIRST, "smoke run two-teas"):
        assert steady(line) in printed, line
    assert smoke(["show", "latest", "Second tea", "--body"], tmp_path).stdout.startswith("{")
    assert "may exist" in smoke(["orders", "--left"], tmp_path).stdout


def steady(text: str) -> str:
    """Text without what differs in every run: times, ids, addresses, and where lines end."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "UUID", text)
    text = re.sub(r"https?://127\.0\.0\.1:\d+", "URL", text)
    text = re.sub(r"\d+(\.\d+)? (ms|s)\b", "TIME", text)
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("page", "name", "face"),
    [
        ("logins", "order-with-account", "session"),
        ("payments", "declined-card-then-another", "rest"),
        ("loops", "two-tabs", "rest"),
    ],
)
def test_a_scenario_of_a_guide_passes_at_the_demo_shop(
    page: str, name: str, face: str, shop: ShopFactory, tmp_path: Path
) -> None:
    """Their requests are those of the demo, but for what a real shop would not ask."""
    texts = [block.text for block in yaml_of(ROOT / "docs" / "how-to" / f"{page}.md")]
    text = next(text for text in texts if f"name: {name}" in text)
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    demo = shop("fixed", look=Look(face))
    done = smoke(["run", str(path), "--url", demo.url], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
