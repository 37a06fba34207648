"""Which spelling is offered in the place of a wrong one: a near one, or none."""

from __future__ import annotations

import pytest

from smoke.diagnostic import nearest


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("timout", ("timeout", "target"), "timeout"),
        ("hok", ("hook", "cart"), "hook"),
        ("teh", ("the", "item"), "the"),
        ("str", ("integer", "string"), "string"),
        ("sup", ("sub", "iat"), "sub"),
        ("xpht", ("html", "xpath"), "xpath"),
        ("retries", ("repeat", "retry"), "retry"),
        ("Crat", ("Cart",), "Cart"),
        ("cart", ("target",), None),
        ("get", ("target",), None),
        ("cart", ("target", "start", "carts"), "carts"),
        ("tea", ("target", "item"), None),
    ],
)
def test_a_word_that_is_alike_by_chance_is_not_offered(
    word: str, known: tuple[str, ...], meant: str | None
) -> None:
    assert nearest(word, known) == meant
