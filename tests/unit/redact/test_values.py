"""Values for people and records: texts, JSON, what an expectation saw. Whatever is secret in them is masked."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.model.run import Mismatch, ValueDifference
from smoke.redact import Secrets, mask_mismatch, mask_text, mask_value

SECRETS = Secrets.of({"PASS": "s3cretword"})
CARD = 4111111111111111
SHOWN = "411111******1111"


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("x s3cretword y", "x [masked:PASS] y"),
        (["s3cretword", 1.5, True, None, 12], ["[masked:PASS]", 1.5, True, None, 12]),
        ({"s3cretword": 1}, {"[masked:PASS]": 1}),
        ({"a": {"b": ["s3cretword"]}}, {"a": {"b": ["[masked:PASS]"]}}),
        # what a name announces is masked, whatever it is
        ({"password": "hunter2"}, {"password": "[masked:password]"}),
        ({"pin": 123456}, {"pin": "[masked:pin]"}),
        ({"password": 12.5}, {"password": "[masked:password]"}),
        ({"token": ""}, {"token": ""}),
        ({"password": True}, {"password": True}),
        ({"password": None}, {"password": None}),
        # of a card its ends are shown; a field of cards without one holds something else
        (CARD, SHOWN),
        ({"card_number": CARD}, {"card_number": SHOWN}),
        ({"card_number": str(CARD)}, {"card_number": SHOWN}),
        ({"card_number": "none"}, {"card_number": "none"}),
        ({"card_number": ""}, {"card_number": ""}),
        ({"card_number": 5}, {"card_number": 5}),
        # half a character is no way around it
        ({"card_number": f"\ud800 {CARD}"}, {"card_number": SHOWN}),
    ],
)
def test_values_are_masked_where_they_are_and_stay_what_they_are(value: Any, masked: Any) -> None:
    assert mask_value(value, SECRETS) == masked


@pytest.mark.parametrize("wrap", [lambda item: item, lambda item: {"a": item}])
def test_a_number_too_large_to_be_written_is_told_by_its_size(wrap: Any) -> None:
    assert mask_value(wrap(1 << 9_999), Secrets()) == wrap(1 << 9_999)
    assert mask_value(wrap(1 << 10_000), Secrets()) == wrap("[a number of 10001 bits]")
    large: dict[str, Any] = {"token": 1 << 10_000}
    assert mask_value(large, Secrets()) == {"token": "[a number of 10001 bits]"}


@pytest.mark.parametrize("wrap", [lambda item: [item], lambda item: {"a": item}])
def test_what_lies_deeper_than_a_hundred_levels_is_left_out(wrap: Any) -> None:
    value: Any = "s3cretword"
    whole: Any = "[masked:PASS]"
    for _ in range(100):
        value, whole = wrap(value), wrap(whole)
    assert mask_value(value, SECRETS) == whole
    kept: Any = "[too deep]"
    for _ in range(100):
        kept = wrap(kept)
    assert mask_value(wrap(value), SECRETS) == kept


def test_a_mismatch_is_masked_in_all_its_parts() -> None:
    found = Mismatch(
        "headers.s3cretword",
        expected={"equals": "s3cretword"},
        actual=["s3cretword"],
        message="expected s3cretword",
        unevaluated="s3cretword!",
        line=7,
    )
    assert mask_mismatch(found, SECRETS) == Mismatch(
        "headers.[masked:PASS]",
        expected={"equals": "[masked:PASS]"},
        actual=["[masked:PASS]"],
        message="expected [masked:PASS]",
        unevaluated="[masked:PASS]!",
        line=7,
    )


def test_what_the_path_of_a_mismatch_announces_is_masked_on_both_sides() -> None:
    found = mask_mismatch(Mismatch("json.$.password", "hunter2", "other"), Secrets())
    assert (found.expected, found.actual) == ("[masked:password]", "[masked:password]")
    found = mask_mismatch(Mismatch("json.$.card_number", str(CARD), CARD), Secrets())
    assert (found.expected, found.actual) == (SHOWN, SHOWN)


def test_the_places_of_a_difference_are_masked_by_their_names_and_cut_afterwards() -> None:
    places = (
        ValueDifference("$.password", "hunter2", "other", absent=""),
        ValueDifference("$.token[3]", "abc", None),
        ValueDifference("$.s3cretword", {"password": "hunter2"}, ["s3cretword"]),
        ValueDifference("$.note", "x" * 495 + "s3cretword", [1] * 1000),
    )
    found = mask_mismatch(Mismatch("json.$", {}, {}, differences=places), SECRETS)
    shown = [(each.path, each.expected, each.actual) for each in found.differences]
    assert shown[0] == ("$.password", "[masked:password]", "[masked:password]")
    assert "abc" not in str(shown[1])
    assert shown[2] == ("$.[masked:PASS]", {"password": "[masked:password]"}, ["[masked:PASS]"])
    assert shown[3][1] == "x" * 495 + "[mask… (+8 characters)"
    assert str(shown[3][2]).endswith(" characters)")


def test_what_a_path_announces_is_masked_in_the_words_too() -> None:
    found = Mismatch(
        "xpath.//password", "hunter2", "an other", 'expected "hunter2", got "an other"'
    )
    said = 'expected "[masked:password]", got "[masked:password]"'
    assert mask_mismatch(found, SECRETS).message == said
    long = "hunter2" * 30
    found = Mismatch("json.$.password", 12345678, long, f'expected 12345678, got "{long[:119]}…')
    assert mask_mismatch(found, SECRETS).message == said


def test_the_shortest_text_that_has_room_for_a_secret_is_looked_at() -> None:
    assert mask_text("pin=1", Secrets()) == "pin=[masked:pin]"
    assert mask_text("pin=", Secrets()) == "pin="


def test_half_of_a_character_is_no_obstacle() -> None:
    assert mask_text("\ud83d pin=1234", Secrets()) == "\ud83d pin=[masked:pin]"
    value: Any = {"card_number": "4111111111111111 \ud83d", "pin": "\ud83d"}
    shown: Any = mask_value(value, Secrets())
    assert "4111111111111111" not in str(shown)
    assert shown["pin"] == "[masked:pin]"


@pytest.mark.parametrize(("size", "cut"), [(500, False), (501, True)])
def test_a_value_that_differs_is_kept_up_to_its_bound(size: int, cut: bool) -> None:
    each = ValueDifference("$.a", "x" * size, [1, {"b": 2}])
    (kept,) = mask_mismatch(
        Mismatch(path="$", expected=1, actual=2, message="", differences=(each,)), Secrets()
    ).differences
    assert (kept.expected == "x" * size) is not cut
    assert kept.actual == [1, {"b": 2}]
    if cut:
        assert kept.expected == "x" * 500 + "… (+1 characters)"


def test_empty_quotes_in_the_words_of_a_mismatch_stay() -> None:
    told = Mismatch(path="$.pin", expected="", actual="1234", message='expected "", got "1234"')
    assert mask_mismatch(told, Secrets()).message == 'expected "", got "[masked:pin]"'
