"""Bodies that tools write as values of YAML, with variables in braces: the JSON text that they are."""

from __future__ import annotations

import json
import re
from typing import Any

from smoke.importers._filling import Filling, is_json, shown
from smoke.importers._yaml import Tagged

_WHOLE = re.compile(r'"(\{\{[^{}"\\]{1,200}\}\})"')


def json_text(value: Any, filling: Filling, *, typed: bool) -> bytes:
    """A value as JSON. `typed`: a variable that is a whole text keeps its type."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    if typed:
        text = _WHOLE.sub(r"\1", text)
    filled = filling.json_text(text)
    if not is_json(filled):  # such as a key that is a variable
        filled = filling.text(json.dumps(_plain(value), ensure_ascii=False))
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
