"""Bodies that tools write as values of YAML, with variables in braces: the JSON text that they are."""

from __future__ import annotations

import json
import re
from typing import Any

from smoke.importers._filling import Filling, is_json, shown
from smoke.importers._yaml import Tagged

MARK, END = "\ue000", "\ue001"
"""Around the name of what is filled in, where a tool's own signs are not braces: no file has these, and braces it may have."""
MARKED = re.compile(f"{MARK}([^{MARK}{END}]{{1,200}}){END}")
TYPED = "\ue002"
"""Before a text that is one variable and no text when it is sent: a number, a truth value."""
_TYPED = re.compile(f'"{TYPED}({MARK}[^{MARK}{END}]{{1,200}}{END})"')
_WHOLE = re.compile(r'"(\{\{[^{}"\\]{1,200}\}\})"')


def marked(name: str) -> str:
    """The signs for a variable of this name."""
    return f"{MARK}{name}{END}"


def json_text(value: Any, filling: Filling, *, typed: bool) -> bytes:
    """A value as JSON. `typed`: a variable that is a whole text keeps its type."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    text = _TYPED.sub(r"\1", text).replace(TYPED, "")
    if typed:
        text = _WHOLE.sub(r"\1", text)
    filled = filling.json_text(text)
    if not is_json(filled):  # such as a key that is a variable
        filled = filling.text(json.dumps(_plain(value), ensure_ascii=False).replace(TYPED, ""))
    return filled.encode("utf-8", "replace")


def filled(value: Any, filling: Filling) -> Any:
    """A value with letters for the variables in its texts."""
    if isinstance(value, dict):
        return {filling.text(key): filled(each, filling) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, filling) for each in value]
    return filling.text(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Tagged):
        return _plain(value.value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def no_url(place: str, url: str) -> str:
    """What to say of something that no request can be sent to."""
    what = f", not '{shown(url)}'" if url and "?" not in url and "@" not in url else ""
    return f"{place}: a URL is expected, such as https://shop.example/api/orders{what}"
