"""What stands around a message on a page is weighed, for so many places as somebody could fail at."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

import smoke
from smoke.classify.read._weighing import Scales
from smoke.classify.text.regions import Region
from tests.support.elsewhere import LOREM
from tests.support.hearsay import HEARSAY

HEAD = "<!doctype html><html><head><title>Checkout</title></head><body>"
FOOT = "<div>Tea and cups.</div></body></html>"
SAID = "deadlock detected"
PLACES: dict[str, tuple[str, Region]] = {
    "words to a customer": (f"<p>Sorry, your order could not be placed.</p><p>{SAID}</p>", Region.PLAIN),
    "in red": (f"<p style='color: red'>{SAID}</p>", Region.BOX),
    "of PHP": (f"<b>Warning</b>:  array_map(): {SAID} in <b>/srv/a.php</b>", Region.BOX),
    "in grey": (f"<p style='color: #d1d5db; border-color: #bbbbbb'>{SAID}</p>", Region.QUOTE),
    "nothing": (f"<p>{SAID}</p>", Region.QUOTE),
    "a row": (f"<div class=row><b>1</b><i>Error</i> {SAID}</div><div class=row><b>2</b><i>ok</i></div>", Region.QUOTE),
    "a question": (f"<p>Did an order fail, and why?</p><p>{SAID}</p>", Region.QUOTE),
    "a question behind": (f"<h2>Order failed</h2><p>{SAID}</p><p>What do I have to change?</p>", Region.QUOTE),
    "somebody's story": (f"<h2>Order failed</h2><p>I ordered twice, then it said</p><p>{SAID}</p>", Region.QUOTE),
    "a condition": (f"<p>If the order failed with</p><p>{SAID}</p><p>then run it again.</p>", Region.QUOTE),
    "a remark of a program": (f"<p># error: {SAID}</p>", Region.QUOTE),
}  # fmt: skip


def _weighed(page: str, kind: Region = Region.PLAIN, *, teaches: bool = False) -> Region:
    return Scales(page).weighed(page.index(SAID), kind, bare=False, teaches=teaches)


@pytest.mark.parametrize("name", PLACES)
def test_a_place_of_a_page(name: str) -> None:
    inner, told = PLACES[name]
    assert _weighed(HEAD + inner + FOOT) is told


def test_outside_the_page_even_of_one_that_teaches() -> None:
    page = HEAD + "<p>Our manual</p>" + FOOT
    for broken in (SAID + page, page + SAID):
        assert _weighed(broken, Region.QUOTE, teaches=True) is Region.BOX
    assert _weighed(HEAD + f"<p>{SAID}</p>" + FOOT, Region.QUOTE, teaches=True) is Region.QUOTE


def test_where_a_page_breaks_off() -> None:
    listed = "<div class=q><h3>Questions</h3><p>Tea?</p></div>"
    assert _weighed(f"{HEAD}{listed}<div class=q><h3>Questions</h3>{SAID}") is Region.BOX
    assert _weighed(f"{HEAD}{listed}<div class=q><h3>Questions</h3>{SAID}</div>") is Region.QUOTE
    assert _weighed(f"{HEAD}{listed}<div><h3>Questions</h3><p>{SAID}<p>Cups") is Region.QUOTE
    assert _weighed(f"{HEAD}<h3>Questions</h3><ul><li>Tea<li>{SAID}</ul>") is Region.QUOTE


WRITTEN: dict[str, Callable[[str], str]] = {
    "the body is not closed": lambda page: re.sub(r"</(?:body|html)>", "", page),
    "what needs no end has none": lambda page: re.sub(r"</(?:body|html|li|t[rdh]|d[dt]|p)>", "", page),
    "in capitals": lambda page: re.sub(r"</?[a-z][a-z0-9]*", lambda tag: tag[0].upper(), page),
    "a script in capitals": lambda page: page.replace("<head>", "<head><SCRIPT>a = 1</SCRIPT>"),
    "bordered in grey": lambda page: re.sub(r"<(div|p|td)>", r"<\1 style='border-color:#dddddd'>", page),
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_words_of_others_however_the_page_is_written(written: str) -> None:
    said = html.escape('duplicate key value violates unique constraint "orders_number_key"')
    pages = {
        name: (status, body)
        for name, (status, kind, body) in HEARSAY.items()
        if status == 200 and "html" in kind
    }
    assert len(pages) > 80
    for name, (status, body) in pages.items():
        page = WRITTEN[written](body).replace("#m", said).replace("#L", LOREM)
        found = smoke.classify_response(status, [("content-type", "text/html")], page.encode())
        assert [each.title for each in found if each.database_error] == [], name


def test_what_is_no_text_is_left_as_it_is() -> None:
    page = HEAD + f"<script>alert('{SAID}')</script>" + FOOT
    assert _weighed(page) is Region.PLAIN
    assert _weighed(page, Region.OTHERS) is Region.OTHERS


def test_so_many_places_are_a_list() -> None:
    page = HEAD + f"<p style='color:red'>{SAID}</p>" * 100 + FOOT
    scales = Scales(page)
    place, told = 0, []
    for _ in range(100):
        place = page.index(SAID, place + 1)
        told.append(scales.weighed(place, Region.PLAIN, bare=False, teaches=False))
    assert told == [Region.BOX] * 60 + [Region.QUOTE] * 40


def test_places_far_from_one_another() -> None:
    filler = "<p>Tea and cups.</p>" * 5_000
    page = HEAD + f"{filler}<p>{SAID}</p>" * 10 + FOOT
    scales = Scales(page)
    place, told = 0, []
    for _ in range(10):
        place = page.index(SAID, place + 1)
        told.append(scales.weighed(place, Region.BOX, bare=False, teaches=False))
    assert told == [Region.BOX] * 10
