"""What a capture takes from a masked place is known again: all of it, or, where that is not sure, too much."""

from __future__ import annotations

import pytest

from smoke.redact import Secrets
from smoke.redact.hidden import Looked, hidden_parts, readings
from smoke.redact.ordinary import is_ordinary, is_worth_hiding

TOKEN = "correct-horse-battery"
TEXT = f"ä {TOKEN} and {TOKEN} ü"


def looked(text: str = TEXT) -> Looked:
    return Looked(text, Secrets.of({"TOKEN": TOKEN}))


def test_what_is_masked_is_told_with_its_name() -> None:
    told: list[tuple[str, bytes]] = []
    looked().tell(lambda name, data: told.append((name, data)))
    assert told == [("TOKEN", TOKEN.encode())] * 2
    assert looked().originals() == (TOKEN, TOKEN)
    assert TOKEN not in looked().shown
    assert looked().shown.startswith("ä [masked")
    assert looked().shown.endswith(" ü")


def test_a_part_shows_only_what_lies_in_it() -> None:
    half = TEXT.index(TOKEN) + 7
    assert looked().parts(0, half) == (TOKEN[:7],)
    assert looked().parts(half, half + 3) == (TOKEN[7:10],)
    assert looked().parts(0, 2) == ()
    assert looked().part_shown(0, 2) == "ä "
    assert "[masked" in looked().part_shown(half, half + 3)


def test_a_short_text_has_no_room_for_a_secret() -> None:
    assert looked("abc").originals() == ()
    assert looked("abc").shown == "abc"


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("abc", "abc", ()),
        ("a secret b", "a [masked:X] b", ("secret",)),
        ("a one, two b", "a [masked:X], [masked:Y] b", ("one", "two")),
        # where the parts cannot be told for certain, all of it is hidden
        ("abc", "xyz", ("abc",)),
        ("abc", "x[masked:X]", ("abc",)),
        ("abc", "a[masked:X]z", ("abc",)),
        ("ab", "ab[masked:X]ab", ("ab",)),
        ("a one two b", "a [masked:X][masked:Y] b", ("a one two b",)),
        ("a one b", "a [masked:X]-[masked:Y] b", ("a one b",)),
        ("a 1-2-3 b", "a [masked:X]-[masked:Y] b", ("a 1-2-3 b", "1", "2-3")),
    ],
)
def test_hidden_parts(text: str, shown: str, hidden: tuple[str, ...]) -> None:
    assert hidden_parts(text, shown) == hidden


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" x ", ("x",)),
        ("", ()),
        ("a%2Bb+c", ("a%2Bb+c", "a+b+c", "a+b c")),
        ("a+b", ("a+b",)),
        ("a&amp;b", ("a&amp;b", "a&b")),
        (r"a\u0041", (r"a\u0041", "aA")),
        ("a\n" + r"\u0041", ("a\n" + r"\u0041", "a\nA")),
        (
            "%41" * 21_845 + "b",
            ("%41" * 21_845 + "b", "A" * 21_845 + "b"),
        ),  # the longest that is read
        (r"a\q", (r"a\q",)),
        ("%41" * 30_000, ("%41" * 30_000,)),
    ],
)
def test_readings(text: str, found: tuple[str, ...]) -> None:
    assert readings(text) == found


@pytest.mark.parametrize(
    ("value", "ordinary"),
    [
        ("required", True),
        ("pendingPayment", True),
        ("guest-42", True),
        ("------", True),
        ("aaaaaaaa", True),
        ("required-" * 6, False),
        ("guest-12345", False),
        ("k3y-v4lue", False),
        ("12-abc", False),
    ],
)
def test_ordinary_words_are_no_secrets(value: str, ordinary: bool) -> None:
    assert is_ordinary(value) is ordinary
    assert is_worth_hiding(value) is not ordinary


def test_a_short_value_is_not_worth_hiding() -> None:
    assert not is_worth_hiding("q7z")


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("x-a-b", "x-[masked:P]-b", ("a",)),
        ("-a-b-", "-[masked:P]-[masked:P]-", ("a", "b")),
        ("a--b", "[masked:P]-[masked:P]", ("a--b", "a", "-b")),
        ("a-b-c", "[masked:P]-[masked:P]", ("a-b-c", "a", "b-c")),
        ("a b- c-", "a [masked:P]- [masked:P]-", ("b", "c")),
        ("ab", "ab[masked:P]", ("",)),
        ("ab", "[masked:P]xy[masked:P]", ("ab",)),
        ("abx", "[masked:P]x[masked:P]x", ("abx",)),
        ("ab", "[masked:P][masked:P]", ("ab",)),
    ],
)
def test_what_is_behind_several_masks(text: str, shown: str, hidden: tuple[str, ...]) -> None:
    assert hidden_parts(text, shown) == hidden


def test_a_part_that_begins_where_a_mask_ends_has_nothing_of_it() -> None:
    looked = Looked("?pin=1234&sku=tea", Secrets())
    assert (looked.parts(9, 17), looked.part_shown(9, 17)) == ((), "&sku=tea")
    assert (looked.parts(8, 17), looked.parts(5, 9)) == (("4",), ("1234",))
    assert (looked.parts(0, 5), looked.part_shown(0, 5)) == ((), "?pin=")
    half = Looked("pin=\ud83d\ude00ä1", Secrets())
    assert half.parts(4, 5)[0].isascii() is False
