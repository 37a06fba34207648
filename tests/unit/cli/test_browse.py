"""What a key does to what is looked at."""

from __future__ import annotations

import pytest

from smoke.cli.browse import BrowsedPage, Extent, pressed
from smoke.cli.present import ShownParts

EXTENT = Extent(pages=5, bad=(2, 4), lines=100, rows=10, folded=40)


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("n", BrowsedPage(0, 7), BrowsedPage(1, 0)),
        ("n", BrowsedPage(4), BrowsedPage(4)),
        ("p", BrowsedPage(0), BrowsedPage(0)),
        ("left", BrowsedPage(3, 2), BrowsedPage(2, 0)),
        ("f", BrowsedPage(0), BrowsedPage(2)),
        ("f", BrowsedPage(2), BrowsedPage(4)),
        ("f", BrowsedPage(4), BrowsedPage(2)),
        ("s", BrowsedPage(3), BrowsedPage(0)),
        ("j", BrowsedPage(1, 0), BrowsedPage(1, 1)),
        ("k", BrowsedPage(1, 0), BrowsedPage(1, 0)),
        (" ", BrowsedPage(1, 85), BrowsedPage(1, 90)),
        ("G", BrowsedPage(1, 0), BrowsedPage(1, 90)),
        ("g", BrowsedPage(1, 50), BrowsedPage(1, 0)),
        ("b", BrowsedPage(1, 50), BrowsedPage(1, 40, ShownParts(body=True))),
        ("b", BrowsedPage(1, 0, ShownParts(body=True)), BrowsedPage(1)),
        (
            "n",
            BrowsedPage(1, 9, ShownParts(headers=True)),
            BrowsedPage(2, 0, ShownParts(headers=True)),
        ),
        ("b", BrowsedPage(0, 3), BrowsedPage(0, 3)),
        ("unknown", BrowsedPage(1, 3), BrowsedPage(1, 3)),
    ],
)
def test_a_key_leads_to_a_view(key: str, before: BrowsedPage, after: BrowsedPage) -> None:
    assert pressed(before, key, EXTENT) == after


@pytest.mark.parametrize("key", ["q", "escape", ""])
def test_it_is_left(key: str) -> None:
    assert pressed(BrowsedPage(2), key, EXTENT) is None


def test_without_a_failure_nothing_is_jumped_to() -> None:
    assert pressed(BrowsedPage(1), "f", Extent(3, (), 5, 10)) == BrowsedPage(1)
    assert pressed(BrowsedPage(1), "G", Extent(3, (), 5, 10)) == BrowsedPage(1)
