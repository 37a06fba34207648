"""What is taken from a response is as secret as the place that it comes from.

A value that is masked in the evidence (by its key, its header, as a cookie, by its shape …) would stand there in clear as
soon as a scenario captured it and sent it on under another name. So what a capture takes is compared with what the
same rule finds in the response as it is written down: what is masked there, joins the run's secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from urllib.parse import urljoin

from msgspec import Struct
from msgspec.structs import replace

from smoke.model.exchange import Headers, RawExchange
from smoke.model.run import JsonValue
from smoke.redact import Looked, Secrets, hidden_parts, learning, mask_value
from smoke.redact.headers import mask_headers
from smoke.redact.masker import Took, mask_whole
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.extract import CaptureFailed, extract, span_of
from smoke.scenario.inserted import path_with, pattern_with
from smoke.scenario.jsonpath import follow, located
from smoke.scenario.matcher import MISSING, Missing
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import as_text

_MASK = "[masked]"
_MAX_BITS = 10_000
_BETWEEN = "\n\x1e\n"
"""What no search takes for a part of what stands before or behind it."""


class Taken(Struct, frozen=True):
    """A captured value, what may be shown of it, and what in it is a secret."""

    value: JsonValue
    shown: JsonValue
    parts: tuple[str, ...] = ()


class Taking:
    """Takes values from one answer. `exchanges` are those that led to it, the answer's own last."""

    def __init__(
        self, exchanges: tuple[RawExchange, ...], answer: StepAnswer, secrets: Secrets
    ) -> None:
        self._exchanges = exchanges
        self._final = exchanges[-1]
        self._answer = answer
        self._secrets = learning(
            secrets,
            *(raw.request.headers for raw in exchanges),
            *(raw.response.headers for raw in exchanges if raw.response is not None),
        )

    def take(
        self, spec: CaptureSpec, cookies: Mapping[str, str] | None, scope: Scope | None
    ) -> Taken:
        """The value that the rule finds, with what is masked in it. Raises CaptureFailed."""
        scope = scope if scope is not None else Scope()
        value = extract(spec, self._answer, cookies, scope)
        try:
            parts, shown = self._place(spec, cookies, scope, value)
        except (UnreadableError, TemplateError, ValueError):
            # found once, it was not found again (a pattern that took too long, say): all of it counts as masked
            parts, shown = tuple(leaves(value, keys=False)), _MASK
        own = Looked(_BETWEEN.join(leaves(value)), self._secrets)  # by its shape, wherever it stood
        found = dict.fromkeys((*parts, *own.originals()))
        return Taken(value, shown if parts else mask_value(value, self._secrets), tuple(found))

    def tell(self, took: Took) -> None:
        """Tell of everything that is masked in the exchanges."""
        for raw in self._exchanges:
            mask_whole(raw.request.url.encode("utf-8", "replace"), self._secrets, "", took)
            mask_headers(raw.request.headers, self._secrets, "", took)
            mask_whole(raw.request.body, self._secrets, "", took)
            if raw.response is not None:
                mask_headers(raw.response.headers, self._secrets, "", took)
        if self._text is not None:
            self._text.tell(took)

    @cached_property
    def _text(self) -> Looked | None:
        """The body's text; None when it cannot be read."""
        try:
            return Looked(self._answer.text, self._secrets)
        except UnreadableError:
            return None

    @cached_property
    def _written(self) -> StepAnswer:
        """The answer as it is written down."""
        response = self._final.response
        assert response is not None
        headers: Headers = mask_headers(response.headers, self._secrets, "")[0]
        text = self._text
        return StepAnswer(
            replace(self._final, response=replace(response, headers=headers)),
            elapsed=self._answer.elapsed,
            first=self._answer.first,
            follows=self._answer.follows,
            text="" if text is None else text.shown,
        )

    def _place(
        self,
        spec: CaptureSpec,
        cookies: Mapping[str, str] | None,
        scope: Scope,
        value: JsonValue,
    ) -> tuple[tuple[str, ...], JsonValue]:
        """What is masked in the place that a value was taken from, and the value with its masks."""
        match spec.source:
            case "json":
                return self._in_json(path_with(spec.json_ or "", scope), value)
            case "cookie":
                known = {**(cookies or {}), **self._answer.cookies}
                taken = known.get(spec.cookie or "")
                # all cookies are masked
                return ((taken,), _MASK) if taken else ((), value)
            case "regex" if self._text is not None:
                pattern = pattern_with(spec.regex or "", scope)
                return self._in_text(spec, self._text, self._answer.text, pattern)
            case "url":
                pattern = pattern_with(spec.url, scope) if isinstance(spec.url, str) else "(?s).*"
                url = self._answer.url
                return self._in_text(spec, Looked(url, self._secrets), url, pattern)
            case "header" | "html" | "xpath":
                return self._again(spec, scope)
            case _:
                return (), value

    def _in_json(self, path: str, value: JsonValue) -> tuple[tuple[str, ...], JsonValue]:
        nodes = located(path, self._answer.json)
        try:
            written: JsonValue | Missing = self._written.json
        except UnreadableError:
            written = MISSING
        parts: list[str] = []
        shown: list[JsonValue] = []
        for location, node in nodes:
            place = [] if isinstance(written, Missing) else follow(location, written)
            parts += self._parts(node, place[0] if place else MISSING)
            shown.append(place[0] if place else _MASK)
        return tuple(parts), shown[0] if nodes and value is nodes[0][1] else shown

    def _parts(self, value: JsonValue, written: JsonValue | Missing) -> Iterator[str]:
        """What is masked in a JSON value, as it is seen beside the same place of what is written down."""
        waiting: list[tuple[JsonValue, JsonValue | Missing]] = [(value, written)]
        while waiting:
            ours, theirs = waiting.pop()
            if isinstance(ours, dict):
                same = isinstance(theirs, dict) and len(theirs) == len(ours)
                # a key may be masked, too: members keep their order
                others = list(theirs.items()) if isinstance(theirs, dict) and same else None
                for number, (key, item) in enumerate(ours.items()):
                    name, other = others[number] if others else (MISSING, MISSING)
                    waiting += [(key, name), (item, other)]
            elif isinstance(ours, list):
                same = isinstance(theirs, list) and len(theirs) == len(ours)
                others_in_list = theirs if isinstance(theirs, list) and same else None
                for number, item in enumerate(ours):
                    waiting.append((item, others_in_list[number] if others_in_list else MISSING))
            else:
                yield from self._parts_of_leaf(ours, theirs)

    def _parts_of_leaf(self, ours: JsonValue, theirs: JsonValue | Missing) -> Iterator[str]:
        text = _leaf(ours)
        if not text or (not isinstance(theirs, Missing) and ours == theirs):
            return
        if isinstance(theirs, Missing) and self._text is not None:
            # what is written down is no JSON: it is asked whether the value can be read there at all
            if text not in self._text.shown:
                yield text
        elif isinstance(theirs, str):
            yield from hidden_parts(text, theirs)
        else:
            yield text

    def _in_text(
        self, spec: CaptureSpec, looked: Looked, text: str, pattern: str
    ) -> tuple[tuple[str, ...], JsonValue]:
        span = span_of(pattern, text, spec.group)
        if span is None:
            return (), None
        return looked.parts(*span), self._resolved(spec, looked.part_shown(*span))

    def _again(self, spec: CaptureSpec, scope: Scope) -> tuple[tuple[str, ...], JsonValue]:
        """The rule is asked of the answer as it is written down, too."""
        plain = spec.model_copy(update={"absolute": False, "default": None, "optional": False})
        try:
            ours = extract(plain, self._answer, None, scope)
        except CaptureFailed:
            return (), None
        try:
            theirs = extract(plain, self._written, None, scope)
        except CaptureFailed:
            theirs = _MASK
        parts = hidden_parts(str(ours), str(theirs))
        return parts, self._resolved(spec, str(theirs))

    def _resolved(self, spec: CaptureSpec, shown: str) -> str:
        """What is shown of a link that was resolved against the URL of the response."""
        if not spec.absolute:
            return shown
        try:
            return urljoin(Looked(self._answer.url, self._secrets).shown, shown)
        except ValueError:
            return _MASK


def leaves(value: JsonValue, *, keys: bool = True) -> Iterator[str]:
    """The texts and numbers of a value at any depth, and the keys of its objects, as texts."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*(item if keys else ()), *item.values()]
        elif isinstance(item, list):
            waiting += item
        else:
            text = _leaf(item)
            if text:
                yield text


def _leaf(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return ""  # Python writes no such number
    return as_text(value)
