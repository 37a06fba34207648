"""A page's text in blocks, and the elements around a place, whatever the markup is worth."""

from __future__ import annotations

from smoke.classify.text import layout

PAGE = """<!doctype html><html><head><title>Shop</title><style>p { color: red }</style></head><body>
<nav><a href=/>Home</a></nav><ul><li>One<li>Two <b>and</b> a half</ul>
<table><tr><td>a<td>b<tr><td>c</table><p class='Lead small'>First<p>Second<br>Third &amp; last
<!-- a remark --><script>var x = "<p>no</p>";</script></p></main><div class=plain><span>1</span><span>2</span></div>
<footer>At the foot</footer></body></html>"""


def _whole(page: str) -> layout.Blocks:
    found = layout.BlocksAround(page).at(0)
    assert found is not None
    return found


def test_blocks_of_text() -> None:
    told = [block.text for block in _whole(PAGE).blocks]
    assert told == [
        "Shop", "Home", "One", "Two and a half", "a", "b", "c", "First", "Second", "Third & last", "1 2", "At the foot",
    ]  # fmt: skip


def test_what_stands_beside_the_page() -> None:
    told = [block.text for block in _whole(PAGE).blocks if block.beside]
    assert told == ["Shop", "Home", "At the foot"]


def test_elements_around_a_place() -> None:
    page = _whole(PAGE)
    around = [page.elements[number].name for number in page.around(PAGE.index("and</b>"))]
    assert around == ["b", "li", "ul", "body", "html"]
    assert page.around(0) == []
    lead = page.elements[page.around(PAGE.index("First"))[0]]
    assert lead.classes == {"lead", "small"}
    assert page.elements[page.around(PAGE.index("Second"))[0]].classes == frozenset()


def test_no_block_stands_in_a_program_or_before_the_text() -> None:
    page = _whole(PAGE)
    assert page.block_at(PAGE.index("<p>no")) == -1
    assert page.block_at(0) == -1
    assert page.blocks[page.block_at(PAGE.index("half"))].text == "Two and a half"


def test_what_is_not_closed_reaches_to_the_end() -> None:
    page = "<div><p>a<!-- never closed"
    assert [block.text for block in _whole(page).blocks] == ["a"]
    assert [block.text for block in _whole("x<script>y").blocks] == ["x"]
    assert [block.text for block in _whole("x<SCRIPT>y</Script>z").blocks] == ["x", "z"]


def test_of_a_large_page_some_windows_are_looked_at() -> None:
    page = "<p>tea</p>" * 200_000
    layouts = layout.BlocksAround(page)
    found = [layouts.at(number * 100_000) for number in range(layout.MOST_WINDOWS + 2)]
    assert [each is None for each in found] == [False] * layout.MOST_WINDOWS + [True] * 2
    assert found[1] is layouts.at(100_001)
    assert found[1] is not None
    assert found[1].block_at(100_004) >= 0


def test_a_page_of_too_many_elements() -> None:
    page = _whole("<i></i>" * 13_000 + "<p>behind</p>")
    assert [block.text for block in page.blocks] == ["behind"]
    page = _whole("<b>" * 30_000)
    assert len(page.elements) == 20_000
