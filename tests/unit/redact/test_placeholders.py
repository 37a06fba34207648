"""Secrets as names that are put back: what was hidden comes back byte for byte, and nobody else's name is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.redact import Secrets
from smoke.redact.headers import header_matches
from smoke.redact.placeholders import Placeholders

SECRET = "abcdef-123456"
SECRETS = Secrets.of({"API KEY": SECRET, "": "p4ssw0rd-77-xyz"})
PIECES = (
    SECRET,
    "p4ssw0rd-77-xyz",
    "{{ API_KEY }}",
    "{{ API_KEY.2 }}",
    "{{ ",
    " }}",
    '"password": "hunter2-hunter2", ',
    "4111111111111111",
    "ä\n\t\x00",
)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12))
def test_what_was_hidden_comes_back_as_it_was(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    names = Placeholders(SECRETS, data)
    hidden = names.hide(data)
    assert SECRET.encode() not in hidden
    assert names.put_back(hidden) == data


def test_the_same_value_has_the_same_name_and_another_one_another() -> None:
    names = Placeholders(SECRETS, b"{{ token }}")
    assert names.name("token", b"1") == names.name("token", b"1") == b"{{ token.2 }}"
    assert names.name("token", b"2") == b"{{ token.3 }}"
    assert names.name("*", b"3") == b"{{ secret }}"
    assert names.names == ["secret", "token.2", "token.3"]
    assert names.put_back(b"{{ token.3 }}{{ token }}") == b"2{{ token }}"
    with pytest.raises(ValueError, match=r"nothing is called \{\{ tokn \}\}"):
        names.put_back(b"{{ tokn }}")


def test_what_a_header_tells_by_its_name_is_hidden_too() -> None:
    names = Placeholders(Secrets.of({}), b"")
    value = b"sid=s3cr3t; theme=dark"
    hidden = names.hide(value, header_matches(b"Cookie", value))
    assert hidden == b"sid={{ cookie }}; theme={{ cookie.2 }}"
    assert names.put_back(hidden) == value


def test_the_secrets_whose_names_stand_in_a_text_are_known() -> None:
    names = Placeholders(SECRETS, b"")
    hidden = names.hide(f"X-Key: {SECRET}".encode())
    assert names.secrets_in(b"X-Other: " + hidden) == [("API KEY", SECRET.encode())]
    assert names.secrets_in(b"{{ api_key }}") == []
