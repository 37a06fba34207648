"""Hostile texts are answered, and the work done for them is bounded by counting, not by the clock."""

from __future__ import annotations

import pytest

from smoke.classify.messages import _find, find_messages, looks
from smoke.classify.messages._match import match_at
from smoke.classify.messages._table import ROWS

SIZE = 1 << 20
REAL = '\nduplicate key value violates unique constraint "real_uq"\n'


def filled(bait: str) -> str:
    return (bait * (SIZE // len(bait) + 1))[:SIZE]


@pytest.mark.parametrize(
    "bait",
    [
        '"',
        "\\",
        " ",
        "ERROR: ",
        'violates unique constraint "',
        'of relation "',
        "Key (",
        ")=(",
        " already exists.",
        "existe déjà. ",
        "違反",
        "x" * 1000 + " ",
    ],
)
def test_the_real_message_is_found_behind_bait(bait: str) -> None:
    found = find_messages(filled(bait) + REAL)
    assert "real_uq" in [match.value("constraint_name") for match in found]


@pytest.mark.parametrize(
    "bait", ['duplicate key value violates unique constraint "', "Key (a)=(b) already exists. "]
)
def test_a_flood_of_one_message_is_looked_at_so_many_times(
    bait: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    def counted(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        return match_at(*arguments)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(_find, "match_at", counted)
    find_messages(filled(bait))
    assert 0 < calls <= 10 * looks.OCCURRENCES_OF_ONE


def test_a_flood_of_all_messages_is_looked_at_so_many_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0

    def counted(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        return match_at(*arguments)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(_find, "match_at", counted)
    find_messages(
        "\n".join(text for _, language, text in ROWS if language in {"en", "fr", "ja"}) * 6
    )
    assert calls <= looks.OCCURRENCES + looks.OCCURRENCES_OF_ONE + looks.OCCURRENCES_THEN * len(
        ROWS
    )


def test_a_message_across_the_border_of_two_chunks_is_found_once() -> None:
    for shift in range(-70, 10, 7):
        text = "x " * ((_find.CHUNK + shift) // 2) + REAL + "y " * 100
        found = find_messages(text)
        assert [match.value("constraint_name") for match in found] == ["real_uq"]
