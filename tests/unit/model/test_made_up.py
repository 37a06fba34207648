"""Made-up values are known again in every form in which a text can hold them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from smoke.model.made_up import found_in
from smoke.scenario.fake import Fake

FORMS: tuple[Callable[[str], str], ...] = (
    str,
    quote,
    quote_plus,
    lambda text: quote(quote(text)),
    lambda text: json.dumps({"value": text}),
    lambda text: json.dumps({"value": text}).replace("@", "\\u0040").replace("+", "\\u002B"),
    lambda text: json.dumps(json.dumps(text).replace("@", "\\u0040").replace("+", "\\u002b")),
    lambda text: html.escape(text).replace("@", "&#64;").replace("+", "&#x2B;"),
    str.upper,
    lambda text: f"duplicate key: Key (lower(email))=({text}) already exists.",
    lambda text: f"x{text}" if "@" in text else f"tel:{text}",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["email", "phone"])
def test_what_was_made_up_is_found_in_every_form(kind: str, form: Callable[[str], str]) -> None:
    for number in range(50):
        value = Fake(f"seed {number}").make(kind)
        assert isinstance(value, str)
        assert found_in(form(value), unique=False) == (value,)


def test_a_phone_number_is_known_as_made_up_but_not_as_one_runs_alone() -> None:
    value = str(Fake("seed").make("phone"))
    assert found_in(f"call {value}") == ()
    assert found_in(f"call {value[:2]} ({value[2:5]}) 555-{value[8:]}", unique=False) == (value,)


def test_each_is_given_once_and_somebody_elses_not_at_all() -> None:
    first, second = (str(Fake(seed).make("email")) for seed in "ab")
    text = (
        f"{first} {quote(second)} {first.upper()} smoke.ada@example.com smoke.ada.short@example.com"
    )
    assert found_in(text) == (first, second)
    assert found_in("12125550142345 +12125550200 2125550142", unique=False) == ()


def test_the_same_seed_makes_the_customer_that_it_always_made() -> None:
    assert Fake("checkout").make("email") == "smoke.mina.brutkbk23922@example.com"
    assert re.fullmatch(r"\+1[2-9]\d\d55501\d\d", str(Fake("checkout").make("phone")))
