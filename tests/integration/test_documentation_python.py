"""Every Python block of README and the manual runs, against the demo shop in the states that a reader may meet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import environment
from tests.support.demo import ShopFactory
from tests.support.documents import Block, blocks, blocks_of

SHOP = "https://shop.example"


@pytest.mark.parametrize("state", ["broken", "fixed", "masked"])
@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_it_runs(block: Block, state: str, shop: ShopFactory, tmp_path: Path) -> None:
    """Also where the shop's answer hides its error, and where there is nothing to find."""
    for other in blocks_of(block.page):
        if other.title:
            path = tmp_path / other.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(other.text.replace(SHOP, "http://127.0.0.1:9"), encoding="utf-8")
    text = block.text.replace(SHOP, shop(state).url)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, f"{block}:\n{text}\n{done.stderr}"
    assert done.returncode in (0, 1), done.stderr
