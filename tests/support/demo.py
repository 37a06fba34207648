"""A PostgreSQL for the whole test session, and demo shops on it.

`demo_server` is started once (per xdist worker) when a test first asks for it. `shop` makes shops:

    def test_something(shop: ShopFactory) -> None:
        broken = shop("broken")                      # or shop("fixed", error_style="html", version="v2")
        hides = shop(look=Look("session", mask="unknown", app_log=tmp_path / "app.log", db_trace="none"))
        … broken.url, broken.dsn, broken.stats(), broken.orders()

Each has a database of its own, and both end with the test.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

import pytest

from smoke.demo.look import Look
from smoke.demo.postgres import EmbeddedServer
from smoke.demo.serve import Demo, demo


class ShopFactory(Protocol):
    """Starts a shop that ends with the test."""

    def __call__(
        self,
        state: str = "broken",
        error_style: str | None = None,
        *,
        port: int = 0,
        version: str = "demo-1",
        slow_card_seconds: float = 2.0,
        look: Look | None = None,
    ) -> Demo: ...


@pytest.fixture(scope="session")
def demo_server() -> Iterator[EmbeddedServer]:
    """A running PostgreSQL; tests make databases of their own on it."""
    with EmbeddedServer() as server:
        yield server


@pytest.fixture
def shop(demo_server: EmbeddedServer) -> Iterator[ShopFactory]:
    """A function that starts shops."""
    with contextlib.ExitStack() as stack:

        def start(
            state: str = "broken",
            error_style: str | None = None,
            *,
            port: int = 0,
            version: str = "demo-1",
            slow_card_seconds: float = 2.0,
            look: Look | None = None,
        ) -> Demo:
            return stack.enter_context(
                demo(
                    state,
                    look=look,
                    port=port,
                    error_style=error_style,
                    version=version,
                    server=demo_server,
                    slow_card_seconds=slow_card_seconds,
                )
            )

        yield start
