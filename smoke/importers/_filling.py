"""Variables of a tool's texts (`{{name}}`): letters that stand for each, so that URLs, forms and JSON can be read around them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from msgspec.structs import replace

from smoke.recording.records import NO_HOST, StandIn
from smoke.redact.keys import sensitive
from smoke.text import safe_line, shorten

UNKNOWN = NO_HOST
"""The origin of requests whose recording does not say which deployment they went to."""
BRACES = re.compile(r"\{\{\s{0,8}([^{}\s][^{}]{0,199}?)\s{0,8}\}\}")
_DEEPEST = 8
"""Variables in the values of variables that are looked at."""
_OWN = re.compile(r"zq[a-p]{18}qz")
_TWICE = re.compile(r"https?://(?=https?://)")
"""What converters write before a variable that has a scheme already."""
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class Filling:
    """Puts letters in place of variables, and knows what each of them is.

    `values` may be changed from request to request. `made_up` gives the made-up data (`fake.uuid`) of a name that the tool fills in
    by itself; None for any other name, and an empty text for one that has nothing like it here.
    """

    def __init__(
        self,
        data: bytes,
        values: Mapping[str, str],
        made_up: Callable[[str], str | None],
        *,
        secrets: Iterable[str] = (),
        pattern: re.Pattern[str] = BRACES,
    ) -> None:
        self.values = dict(values)
        self.secrets = set(secrets)
        self.unread: list[str] = []
        """What to say of names that cannot be filled in."""
        self._made_up = made_up
        self._pattern = pattern
        self._key = hashlib.sha256(data).hexdigest()[:12].translate(_LETTERS)
        self._known: dict[StandIn, str] = {}
        self._used: dict[str, StandIn] = {}

    @contextmanager
    def within(self, values: Mapping[str, str]) -> Iterator[None]:
        """While inside, these values of a folder or a request stand before others of their names; what is set there anew stays."""
        before = {name: self.values.get(name) for name in values}
        self.values |= values
        yield
        for name, value in before.items():
            if self.values.get(name) != values[name]:
                continue
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value

    def used(self) -> tuple[StandIn, ...]:
        """The stand-ins of the texts since this was last asked, with those in their values."""
        found, self._used = tuple(self._used.values()), {}
        return found

    def text(self, text: str, *, depth: int = 0) -> str:
        """A text with letters for its variables."""
        return self._pattern.sub(lambda found: self._letters(found[1], depth=depth), text)

    def secret(self, text: str) -> str:
        """As `text`, of a credential: its variables are secrets wherever they stand."""
        self.secrets |= {found[1] for found in self._pattern.finditer(text)}
        return self.text(text)

    def json_text(self, text: str) -> str:
        """As `text`, of a JSON document: what stands there without quotes gets some, or is its value where that is JSON."""
        parts, at, quoted = [], 0, False
        for found in self._pattern.finditer(text):
            quoted = _is_quoted(text[at : found.start()], quoted=quoted)
            parts += [text[at : found.start()], self._in_json(found[1], quoted=quoted)]
            at = found.end()
        return "".join([*parts, text[at:]])

    def url(self, text: str) -> str:
        """A URL: variables before its path have their values, since they name the deployment."""
        text = text.strip()
        for _ in range(_DEEPEST):
            start = text.find("://") + 3 if "://" in text else 0
            found = self._pattern.search(text)
            if found is None or re.search(
                r"[/?#]", text[start : found.start()] if found.start() > start else ""
            ):
                break
            value = self.values.get(found[1], "")
            if not value and found.start() == 0:
                value = self.values[found[1]] = UNKNOWN
                self.unread.append(
                    f"{shown(found[1])} has no value: the deployment is the one of --url"
                )
            text = text[: found.start()] + (value or "unknown") + text[found.end() :]
        text = _TWICE.sub("", text)
        if text.startswith("/") or not text:
            text = UNKNOWN + text
        text = text if "://" in text else f"http://{text}"
        path = re.compile(r"[/?#]").search(text, text.find("://") + 3)
        at = path.start() if path else len(text)
        return self.text(text[:at]) + self.text(text[at:]).replace(" ", "%20")

    def _in_json(self, name: str, *, quoted: bool) -> str:
        value = self.values.get(name, "")
        if quoted:
            return self._letters(name)
        if value.lstrip()[:1] in {"{", "["}:
            return self.text(value)
        return f'"{self._letters(name, typed=True)}"'

    def _letters(self, name: str, *, typed: bool = False, depth: int = 0) -> str:
        template = self._made_up(name)
        if template is None:
            value = self.values.get(name) or None
            if value is not None and depth < _DEEPEST:
                value = self.text(value, depth=depth + 1)
            each = StandIn("", name, value, secret=name in self.secrets, typed=typed)
        elif template.startswith("env."):
            variable = template.removeprefix("env.")
            plain = "" if sensitive(variable) else template
            each = StandIn("", variable, f"$env:{variable}", plain, secret=not plain)
        elif template:
            each = StandIn("", "", template=template)
        else:
            self.unread.append(f"{shown(name)} has no made-up data here: it is a word")
            each = StandIn("", "", template="fake.word")
        return self.stand_in(each)

    def stand_in(self, each: StandIn) -> str:
        """The letters of a stand-in that has none yet."""
        if each not in self._known:
            number = f"{len(self._known):06x}".translate(_LETTERS)
            self._known[each] = f"zq{self._key}{number}qz"
        letters = self._known[each]
        self._used[letters] = replace(each, text=letters)
        return letters

    def is_stand_in(self, text: str) -> bool:
        """Whether a text is the letters of one variable and nothing else."""
        return _OWN.fullmatch(text) is not None

    def quoted(self, text: str) -> str:
        """A text that is JSON but for letters without quotes, as JSON; any other as it is."""
        made = re.sub(rf"([:\[,]\s{{0,20}})({_OWN.pattern})(?=\s{{0,20}}[,}}\]])", r'\1"\2"', text)
        return made if not is_json(text) and is_json(made) else text

    def known_url(self, url: str) -> str:
        """As `url`, of a text that has its letters already: those before the path are their values again."""
        values = {letters: each.value for each, letters in self._known.items()}
        for _ in range(_DEEPEST):
            start = url.find("://") + 3 if "://" in url else 0
            end = re.compile(r"[/?#]").search(url, start)
            found = _OWN.search(url, 0, end.start() if end else len(url))
            if found is None or found[0] not in values:
                break
            url = url[: found.start()] + (values[found[0]] or UNKNOWN) + url[found.end() :]
        return url if "://" in url else f"http://{url}"


def _is_quoted(text: str, *, quoted: bool) -> bool:
    """Whether what stands behind a piece of JSON is within a text."""
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"':
            quoted = not quoted
    return quoted


def shown(text: str) -> str:
    """A name of the recording, short and harmless."""
    return safe_line(shorten(" ".join(text.split()), 60))


def is_url(url: str) -> bool:
    """Whether a request can be sent there."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for one that is no number
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and not re.search(r"[\x00-\x20]", url)
    )


def without_comments(text: str) -> str:
    """JSON with `//` and `/* */` in it as JSON; the number of lines stays."""
    pattern = re.compile(r'"(?:[^"\\\n]|\\.){0,100000}"|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/')
    return pattern.sub(
        lambda found: found[0] if found[0][0] == '"' else "\n" * found[0].count("\n"), text
    )


def begins_json(text: str) -> bool:
    """Whether a text begins as an object or a list does, and not with a variable."""
    return re.match(r"\s*(?:\{(?!\{)|\[)", text) is not None


def is_json(text: str) -> bool:
    """Whether a text is a JSON document."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
