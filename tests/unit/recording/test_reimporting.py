"""Importing again: the file follows the recording where nobody wrote into it, and nothing that a person wrote is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.recording.assemble import assemble
from smoke.recording.marks import leaves, read_marks, without_marks
from smoke.recording.placed import PlacedMap, PlacedValue, bare, placed
from smoke.recording.records import RecordedAnswer, RecordedRequest
from smoke.recording.reimporting import marked, reimported
from smoke.scenario.files import Files
from smoke.scenario.load import load_text

JSON = (("content-type", "application/json"),)
CART = "cart_01HV7Z3K"
CHANGES = ("prefix", "envelope", "field", "header", "step", "no-items", "status", "quantity")


def sent(
    path: str, body: object, answer: object, *headers: tuple[str, str], status: int = 200
) -> RecordedRequest:
    told = RecordedAnswer(status, JSON, json.dumps(answer).encode())
    url = f"https://shop.example{path}"
    return RecordedRequest("POST", url, (*JSON, *headers), json.dumps(body).encode(), answer=told)


def recorded(*changes: str) -> str:
    """The scenario of a recording of the shop, of which some things have changed."""
    api = "/api/v2" if "prefix" in changes else "/api"
    cart: Any = {"id": CART}
    status = 201 if "status" in changes else 200
    requests = [
        sent(
            f"{api}/carts",
            {"currency": "EUR"},
            {"data": cart} if "envelope" in changes else cart,
            status=status,
        )
    ]
    item = {"sku": "tea-sencha", "quantity": 2 if "quantity" in changes else 1}
    header = [] if "header" in changes else [("x-channel", "web")]
    if "no-items" not in changes:
        requests.append(sent(f"{api}/carts/{CART}/items", item, {"ok": True}, *header))
    quote = {}
    if "step" in changes:
        quote = {"quote": "q-77aa88bb99"}
        requests.append(
            sent(f"{api}/carts/{CART}/shipping", {"way": "post"}, {"ok": True, **quote})
        )
    customer = {"email": "ann@shop.example", "phone": "+1 555 0100"}
    body = {"customer": customer, **quote, **({"terms": True} if "field" in changes else {})}
    requests.append(sent(f"{api}/carts/{CART}/complete", body, {"order": {"id": "ORD-1"}}))
    return marked(assemble(requests, "it").text)


def loads(text: str) -> Any:
    """The document of a scenario that passes the check."""
    load_text(text.encode(), "it.yaml", Files(Path("scenarios/it.yaml")))
    return bare(placed(text))


def steps_of(text: str) -> dict[str, Any]:
    return {step["name"]: step for step in loads(text)["steps"]}


def taken_over(text: str, new: str) -> str:
    found = reimported(text, new)
    assert found.text is not None
    assert reimported(found.text, new).differences == ()
    return found.text


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_nobody_touched_becomes_what_the_recording_says(change: str) -> None:
    before, new = recorded(), recorded(change)
    assert reimported(before, before).differences == ()
    assert reimported(before, new).differences
    assert loads(taken_over(before, new)) == loads(new)


def test_what_the_recording_said_then_and_says_now_is_no_news() -> None:
    text = recorded().replace("quantity: 1", "quantity: 5").replace("        x-channel: web\n", "")
    text = text.replace("      headers:\n", "")
    text = text.replace("name: Order", "name: The order")
    assert reimported(text, recorded()).differences == ()
    found = steps_of(taken_over(text, recorded("field", "status")))
    assert found["POST carts/items"]["request"]["json"] == {"sku": "tea-sencha", "quantity": 5}
    assert "headers" not in found["POST carts/items"]["request"]
    assert found["The order"]["request"]["json"]["terms"] is True


def test_where_both_have_changed_the_persons_stays_and_is_told() -> None:
    text = recorded().replace("quantity: 1", "quantity: 5")
    (found,) = reimported(text, recorded("quantity")).differences
    ((change, line),) = found.changes
    assert (change.kind.value, change.old, change.new) == ("!", 5, 2)
    assert "quantity: 5" in text.split("\n")[line - 1]
    made = taken_over(text, recorded("quantity"))
    assert steps_of(made)["POST carts/items"]["request"]["json"]["quantity"] == 5


def test_a_request_that_is_there_is_never_put_in_again() -> None:
    """What a person moved, or took out, or what may be a request of an included file."""
    new = recorded("field")
    document = recorded()
    items = document[
        document.index("  - name: POST carts/items") : document.index("  - name: Order")
    ]
    for text in (
        document.replace(items, "").replace("\n# Marks", f"{items}\n# Marks"),
        document.replace(items, ""),
    ):
        made = reimported(text, new).text
        assert made is not None
        assert [*steps_of(made)] == [*steps_of(text)]
    part = document.replace(items, "  - include: parts/items.yaml\n").replace("#:", "#")
    found = reimported(part, new)
    assert [each.kind.value for each in found.differences if "/items" in each.request] == [
        "not put in"
    ]


def test_the_request_that_orders_is_the_step_that_orders() -> None:
    new = recorded().replace("/complete", "/checkout/now").replace("POST carts", "PUT carts")
    made = taken_over(recorded(), new)
    assert made.count("places_order") == 1
    assert "/checkout/now" in made


def test_a_step_that_is_gone_stays_where_something_needs_it() -> None:
    text = recorded().replace(
        "\n# Marks", "  - name: Look\n    request: 'GET /api/carts/{{ id }}'\n\n# Marks"
    )
    made = taken_over(text, recorded("envelope", "prefix"))
    assert steps_of(made)["POST api/carts"]["capture"] == {"data_id": "$.data.id", "id": "$.id"}
    text = recorded().replace("quantity: 1", 'quantity: 1\n        "for {{ id }}": true')
    assert "id: $.id" in taken_over(text, recorded("envelope"))
    mine = recorded().replace("quantity: 1", "quantity: 1\n        gift: true")
    kept = taken_over(mine, recorded("no-items"))
    assert steps_of(kept)["POST carts/items"]["request"]["json"]["gift"] is True
    assert "POST carts/items" not in steps_of(taken_over(recorded(), recorded("no-items")))


def test_the_step_that_orders_stays_where_a_recording_has_no_order() -> None:
    without = recorded().replace("complete", "look").replace("places_order", "capture")
    without = without.replace("      id: $.order.id\n", "      shown: $.order.id\n")
    made = taken_over(
        recorded(),
        without.replace(
            'POST\n      url: "/api/carts/{{ id }}/look',
            'PUT\n      url: "/api/carts/{{ id }}/look',
        ),
    )
    assert "Order" in steps_of(made)
    assert made.count("places_order") == 1


def test_a_layout_that_would_lose_a_comment_is_left_alone() -> None:
    text = recorded().replace(
        "        sku: tea-sencha\n        quantity: 1\n",
        "        {sku: tea-sencha, # the usual\n         quantity: 1}\n",
    )
    found = reimported(text, recorded("quantity"))
    assert found.text is None
    assert [each.name for each in found.differences] == ["POST carts/items"]


def test_marks_are_no_values() -> None:
    text = recorded()
    assert len(read_marks(text)) == 4
    assert "#:" not in without_marks(text)
    assert text.startswith(without_marks(text).rstrip("\n"))


def test_what_only_looks_like_marks_stays() -> None:
    """In a text of somebody's, or with a word behind it."""
    text = recorded().replace("sku: tea-sencha", 'sku: "tea\n#: qB8hVo45\n"')
    found = reimported(text, recorded("field"))
    assert found.text is not None
    assert loads(found.text)["steps"][1]["request"]["json"]["sku"] == "tea #: qB8hVo45 "
    text = recorded().replace("Leave them here.", "Leave them here.: mine")
    assert "Leave them here.: mine" in taken_over(text, recorded("field"))


@st.composite
def hands(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """A file that somebody worked on, the comments they wrote, and the words they put into values and keys."""
    text = without_marks(recorded())
    marks = recorded()[recorded().index("\n# Marks") :]
    said, words = [], []
    for number in range(draw(st.integers(0, 6))):
        root = placed(text)
        assert isinstance(root, PlacedMap)
        lines = text.split("\n")
        match draw(st.sampled_from(["line", "behind", "value", "key", "expect", "step", "flow"])):
            case "line":
                at = draw(st.integers(0, len(lines) - 1))
                indent = " " * draw(st.integers(0, 8))
                said.append(f"# mine {number}")
                lines.insert(at, f"{indent}# mine {number}")
                text = "\n".join(lines)
            case "behind":
                at = draw(
                    st.sampled_from(
                        [at for at, line in enumerate(lines) if line and "#" not in line]
                    )
                )
                said.append(f"# mine {number}")
                lines[at] += f"  # mine {number}"
                text = "\n".join(lines)
            case "value":
                value = draw(st.sampled_from(bodies(root)))
                words.append(f"mine {number}")
                text = f"{text[: value.start]}'mine {number}'{text[value.end :]}"
            case "key":
                at = draw(
                    st.sampled_from(
                        [
                            at
                            for at, line in enumerate(lines)
                            if line.endswith("json:") and line.startswith("      json")
                        ]
                    )
                )
                words.append(f"mine {number}")
                lines.insert(at + 1, f"        $.mine_{number}: mine {number}")
                text = "\n".join(lines)
            case "expect":
                at = draw(
                    st.sampled_from([at for at, line in enumerate(lines) if "status: 200" in line])
                )
                words.append(f"mine {number}")
                lines.insert(
                    at, f"      headers: {{x-mine: mine {number}}}"
                ) if "headers" not in lines[at - 1] else words.pop()
                text = "\n".join(lines)
            case "step":
                starts = [at for at, line in enumerate(lines) if line.startswith("  - name")]
                at = draw(st.sampled_from(starts))
                words.append(f"mine {number}")
                lines.insert(at, f"  - {{name: mine {number}, request: GET /mine}}")
                text = "\n".join(lines)
            case "flow":
                text = text.replace(
                    "        sku: tea-sencha\n        quantity: 1\n",
                    "        items: {sku: tea, quantity: 2}\n",
                )
    return text + marks, said, words


def bodies(root: PlacedMap) -> list[PlacedValue]:
    """The values of the requests' JSON that stand on a line of their own."""
    found, left = [], [root.get("steps")]
    while left:
        node = left.pop()
        if isinstance(node, PlacedMap):
            left += [
                value
                for key, value in node.pairs
                if key.value
                in {"request", "json", "customer", "currency", "sku", "quantity", "email", "phone"}
            ]
        elif (
            isinstance(node, PlacedValue)
            and node.value is not None
            and str(node.value).split()[0] not in {"POST", "GET"}
        ):
            found.append(node)
        elif node is not None and not isinstance(node, PlacedValue):
            left += node.items
    return found


@settings(max_examples=150)
@given(hands(), st.sets(st.sampled_from(CHANGES)))
def test_nothing_that_a_person_wrote_is_lost(
    worked: tuple[str, list[str], list[str]], changes: set[str]
) -> None:
    text, said, words = worked
    loads(text)
    made = taken_over(text, recorded(*changes))
    document = loads(made)
    values = [value for _, value in leaves(document)]
    before = [value for _, value in leaves(loads(text))]
    assert [each for each in words if each in before and each not in values] == []
    lines = made.split("\n")
    assert [each for each in said if not any(each in line for line in lines)] == []
    if not changes:
        assert without_marks(made).rstrip("\n") == without_marks(text).rstrip("\n")
