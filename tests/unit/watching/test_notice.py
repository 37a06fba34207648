"""What is told of a change: for people in a chat, for programs, and for a header."""

from __future__ import annotations

import json

from smoke.watching.notice import notice
from smoke.watching.standing import Standing, What

HOSTILE = 'constraint "@everyone" <!channel>\x1b[2J\n::error::'


def test_nobody_is_mentioned_and_nothing_is_a_command_of_a_terminal() -> None:
    told = notice("shop", "https://shop.example", What.FAILING, Standing(), None, "now", HOSTILE)
    for text in (told.title, *told.body.splitlines()):
        assert "@everyone" not in text
        assert "<!channel" not in text
        assert "\x1b" not in text
    assert "everyone" in told.title
    assert json.loads(told.payload)["data"]["why_not"] == HOSTILE  # a program gets what was there


def test_an_id_is_what_a_header_can_hold_and_no_other_targets() -> None:
    ids = [
        notice(name, "https://shop.example", What.NO_VERDICT, Standing(), None, "now", "x").id
        for name in ("магазин", "лавка", "a b", "a-b")
    ]
    assert len({*ids}) == 4
    assert all(each.isascii() and each.isalnum() for each in ids)
