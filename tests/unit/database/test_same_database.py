"""Same, different, or cannot tell: decided from what two searches saw."""

from __future__ import annotations

import pytest

from smoke.database.same import MarkerPlace, Sameness, Search, judge_same

NOTHING = Search((), ("public.orders",))
FOUND = Search((MarkerPlace("public.orders", "email"),), ("public.orders",))
UNREAD = Search((), ("public.orders",), (("public.jobs", "the role may not read it"),))
NO_TABLE = Search((), ())


@pytest.mark.parametrize(
    ("before", "after", "placed", "verdict", "word"),
    [
        (NOTHING, FOUND, True, Sameness.SAME, "public.orders.email"),
        (NOTHING, FOUND, False, Sameness.SAME, "not confirmed"),
        (NOTHING, NOTHING, True, Sameness.DIFFERENT, "another database"),
        (NOTHING, NOTHING, False, Sameness.CANNOT_TELL, "did not confirm"),
        (FOUND, FOUND, True, Sameness.CANNOT_TELL, "before the order"),
        (NOTHING, UNREAD, True, Sameness.CANNOT_TELL, "may not read"),
        (NO_TABLE, NO_TABLE, True, Sameness.CANNOT_TELL, "no table"),
    ],
)
def test_only_a_whole_search_proves_that_it_is_another_database(
    before: Search, after: Search, placed: bool, verdict: Sameness, word: str
) -> None:
    answer = judge_same(before, after, placed=placed, marker="marker-1")
    assert answer.verdict is verdict
    assert word in answer.reason
