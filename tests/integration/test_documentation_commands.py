"""What README and the manual have somebody type is carried out, page by page, at the demo shop: no command is refused.

The shop's address, its database and its logs stand in for the reader's. What installs, tests or starts other programs is not
ours to carry out here: `.ci/run` does it for README's own two commands.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from smoke.app.catalog import shipped_folder
from smoke.demo.serve import Demo
from tests.support import fragments
from tests.support.cli import environment, smoke
from tests.support.demo import ShopFactory
from tests.support.documents import PAGES, ROOT, Block, blocks_of, typed

ELSEWHERE = {
    "docs/index.md": "the same as in README.md",
    "docs/tutorials/first-scenario.md": "tests/integration/test_documentation_scenarios.py",
    "docs/how-to/demo.md": "tests/e2e/test_cli_demo_faces.py",
    "docs/how-to/network.md": "tests/integration/test_documentation_network.py",
    "docs/plugins/reporters.md": "tests/plugins/test_manual_plugins.py",
}
"""Pages whose commands another test carries out, with what they print."""
OTHERS = ("bash", "docker", "pip", "pytest", "python3", "ruff")
"""Programs that are not smoke: they do nothing here."""
_ADDRESS = re.compile(
    r"(?:https?://[a-z-]*\.?(?:shop\.example|vercel\.app)|http://127\.0\.0\.1:\d+)"
)
_RUN = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b")
_DSN = re.compile(r"postgres(?:ql)?://[^\s'\"]+")
_TYPED = re.compile(r"(?:^|[|;&] *|\bdo )smoke (?!demo)[a-z]")
_REFUSED = (2, 4)
_ROUNDS = """\
name: order
steps:
  - name: Order
    repeat: 2
    group: [{name: Complete, request: GET /api/health}]
"""


def commands_of(page: Path) -> list[Block]:
    """The blocks of a page in which somebody types `smoke …`."""
    return [
        block
        for block in blocks_of(page)
        if block.language in ("console", "sh")
        and not block.not_run
        and any(_TYPED.search(line) for line in typed(block))
    ]


PAGES_TO_TYPE = [
    page for page in PAGES if commands_of(page) and str(page.relative_to(ROOT)) not in ELSEWHERE
]


class World:
    """A project in which the commands of a page can be typed."""

    def __init__(self, folder: Path, page: Path, shop: Demo) -> None:
        self.folder = folder
        self.shop = shop
        self._calls = folder / "calls"
        for name in ("app.log", "postgresql.log"):
            (folder / name).write_text("", encoding="utf-8")
        lines = [line for block in commands_of(page) for line in typed(block)]
        for block in blocks_of(page):
            if block.title:
                self.write(block.title, block.text)
            elif block.language == "yaml":
                kind = fragments.kind_of(block.text)
                if kind == "scenario":
                    self.write(f"scenarios/{yaml.safe_load(block.text)['name']}.yaml", block.text)
                elif kind == "targets" and not (folder / "smoke-targets.yaml").exists():
                    self.write("smoke-targets.yaml", block.text)
        self.write("supabase/migrations/20261128000000_nothing.sql", "SELECT 1;\n")
        self._fill_in(" ".join(lines))
        self._programs()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.here(text), encoding="utf-8")

    def here(self, text: str) -> str:
        """A text with this world in place of the reader's."""
        text = _ADDRESS.sub(self.shop.url, text)
        text = _RUN.sub("latest", _DSN.sub(self.shop.dsn, text))
        text = text.replace("supabase:abcdefghijklmnopqrst", "postgresql.log")
        return text.replace("/var/log/shop/", "").replace("deadline: 3m", "deadline: 5s")

    def _fill_in(self, lines: str) -> None:
        """The scenarios and targets that are only named."""
        first = (shipped_folder() / "first-order.yaml").read_text(encoding="utf-8")
        for name in re.findall(r"(?:smoke run|--scenario) ([a-z][a-z-]*)", lines):
            shipped = (shipped_folder() / f"{name}.yaml").exists()
            if not shipped and not (self.folder / "scenarios" / f"{name}.yaml").exists():
                text = first.replace("name: first-order", f"name: {name}", 1)
                text = text.replace("variables:\n", "variables:\n  currency: EUR\n", 1)
                self.write(f"scenarios/{name}.yaml", text)
        if not (self.folder / "smoke-targets.yaml").exists():
            named = ("production", "staging", "de", "preview")
            targets = "".join(f"  {name}: {{url: '{self.shop.url}'}}\n" for name in named)
            self.write("smoke-targets.yaml", f"targets:\n{targets}")

    def _programs(self) -> None:
        there = self.folder / "programs"
        there.mkdir()
        for name in OTHERS:
            (there / name).write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        (there / "smoke").write_text(
            f'#!/bin/sh\n"{sys.executable}" -m smoke "$@"\nstatus=$?\n'
            f'echo "$status smoke $*" >> "{self._calls}"\nexit $status\n',
            encoding="utf-8",
        )
        for program in there.iterdir():
            program.chmod(0o755)

    def type(self, block: Block) -> tuple[list[tuple[int, str]], str]:
        """The exit status of each `smoke …` of a block, and what was said on standard error."""
        self._calls.write_text("", encoding="utf-8")
        extra = {
            "SMOKE_DSN": self.shop.dsn,
            "SMOKE_URL": self.shop.url,
            "DEPLOYMENT_URL": self.shop.url,
            "GITHUB_SHA": "demo-1",
            "VERCEL_BYPASS": "a-bypass-of-the-test",
            "BYPASS_TOKEN": "a-bypass-of-the-test",
            "SHOP_PASSWORD": "a-password-of-the-test",
            "SHOP_DE_PASSWORD": "a-password-of-the-test",
            "PREVIEW_DSN": self.shop.dsn,
            "STAGING_DSN_READONLY": self.shop.dsn,
        }
        env = environment(extra)
        done = subprocess.run(
            ["/bin/bash", "-c", self.here("\n".join(typed(block)))],
            cwd=self.folder,
            env={**env, "PATH": f"{self.folder / 'programs'}:{env['PATH']}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        calls = [line.partition(" ") for line in self._calls.read_text("utf-8").splitlines()]
        return [(int(status), line) for status, _, line in calls], done.stderr


@pytest.mark.parametrize("page", PAGES_TO_TYPE, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_typed_is_carried_out(page: Path, shop: ShopFactory, tmp_path: Path) -> None:
    made = shop("broken")
    world = World(tmp_path, page, made)
    before = "repeat-customer"
    if page.name == "loops.md":
        world.write("scenarios/order.yaml", _ROUNDS)
        before = "order"
    done = smoke(["run", before, "--url", made.url], tmp_path)  # what `latest` is
    assert done.returncode in (0, 1), done.stdout + done.stderr
    for block in commands_of(page):
        calls, told = world.type(block)
        assert calls, f"{block}: nothing was typed"
        for status, line in calls:
            assert status not in _REFUSED, f"{block}: {line} ended with {status}\n{told}"
