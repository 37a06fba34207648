"""Lines of messages: whatever was said over a WebSocket is read back, and nothing is taken for a remark of ours."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from smoke.model.messages import body_of, closing_line, line_of, message_of, messages_of

TEXTS = st.text(st.characters(codec="utf-8")) | st.sampled_from(
    ["", "{}", '{"a":\n1}', '{"binary": "AA=="}', '{"closed": [1000, ""]}', '"quoted"', "[1]", "\u2028", "{\r}"]
)  # fmt: skip


@given(st.lists(TEXTS))
def test_what_was_said_is_read_back(messages: list[str]) -> None:
    assert messages_of(body_of(messages).decode()) == messages


@given(st.binary())
def test_bytes_are_read_back_from_one_line_of_utf8(message: bytes) -> None:
    line = line_of(message)
    assert b"\n" not in line.encode()
    assert json.loads(line)["binary"].encode("utf-8", "surrogateescape") == message


def test_what_is_no_text_is_told_from_all_texts() -> None:
    said = r'{"binary": "\u0000\udcff"}'
    assert message_of(line_of(b"\x00\xff")) == said
    assert line_of(said) != line_of(b"\x00\xff")
    assert message_of(closing_line(1000, "bye\n")) is None
    assert "\n" not in closing_line(1000, "bye\n")
    assert messages_of(f"{closing_line(1001, '')}\n") == []
