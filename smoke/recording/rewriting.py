"""Recorded values as a scenario writes them: captures, variables with made-up data, secrets by name, or as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from smoke.recording.given import Gift, given, telling
from smoke.recording.hiding import Hidden, variable_name
from smoke.recording.operation import telling_names
from smoke.recording.records import RecordedRequest
from smoke.recording.typed import kind_of
from smoke.redact.keys import ValueKind, sensitive, sensitive_header, words

_SIGN_UP = {"register", "registration", "signup", "customers", "users", "join"}
_PAIRS = {
    frozenset(pair) for pair in (("sign", "up"), ("customer", "create"), ("account", "create"))
}
_PASSWORDS = {
    "password",
    "passwd",
    "passwort",
    "pwd",
    "pass",
    "passphrase",
    "password1",
    "confirm",
    "confirmation",
    "repeat",
}
_RESERVED = {
    "env",
    "fake",
    "run",
    "secrets",
    "target",
    "orders",
    "orders_without_id",
    "item",
    "loop",
}
_SHORTEST = 6
"""Characters from which a value that is known is looked for inside of other texts."""


class Rewriter:
    """Keeps what is known from one request to the next: call `answered` behind each one."""

    def __init__(self, requests: Sequence[RecordedRequest], hidden: Hidden) -> None:
        self._hidden = hidden
        self._signs_up = any(map(signs_up, requests))
        self._known: dict[str, tuple[int, Gift]] = {}
        self._sent: set[str] = set()
        self._names: dict[str, str] = {}
        self._last_names: set[str] = set()
        self.variables: dict[str, tuple[str, str]] = {}
        """By value: the variable's name, and its template."""
        self.captures: dict[int, dict[str, Any]] = {}
        """By request: what is captured of its answer."""

    def answered(self, index: int, request: RecordedRequest) -> None:
        """Take up what an answer gave. What was sent before is no gift: it came from a person."""
        for each in given(request):
            if each.value not in self._sent:
                self._known.setdefault(each.value, (index, each))

    def value(self, name: str, value: Any, beside: Iterable[str], *, signing_up: bool) -> Any:
        """A value of a body, a query or a form: a template, or the value itself."""
        if isinstance(value, dict):
            return {
                self._plain(str(key)): self.value(key, item, value, signing_up=signing_up)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(name, item, beside, signing_up=signing_up) for item in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        text = str(value)
        self._sent.add(text)
        found = self._whole(name, text, beside, signing_up=signing_up)
        if found:
            return found
        return self._plain(text) if isinstance(value, str) else self._number(value, text)

    def segment(self, text: str) -> str:
        """One part of a path."""
        captured = self._captured(text, "", in_path=True)
        return captured or self._plain(text)

    def header(self, name: str, value: str) -> str:
        """The value of a header that a program set."""
        captured = self._captured(value, name)
        if captured:
            return captured
        if sensitive_header(name):
            return self._hidden.template(value, variable_name(name))
        return self._plain(value)

    def secret(self, value: str, wanted: str) -> str:
        """A credential: captured where an answer gave it, else a secret."""
        return self._captured(value, wanted) or self._hidden.template(value, variable_name(wanted))

    def _whole(self, name: str, text: str, beside: Iterable[str], *, signing_up: bool) -> str:
        captured = self._captured(text, name)
        if captured:
            return captured
        if text in self.variables:
            return "{{ " + self.variables[text][0] + " }}"
        told = sensitive(name)
        if told is not None:
            if _is_password(name) and (signing_up or self._signs_up):
                return self._variable(text, "password", "{{ fake.hex(16) }}")
            wanted = "CARD_NUMBER" if told[1] is ValueKind.CARD else variable_name(name)
            return self._hidden.template(text, wanted)
        kind = kind_of(name, text, beside)
        if kind == "email" and not self._signs_up and any(map(_is_password, beside)):
            return self._hidden.template(text, "SHOP_EMAIL")
        return self._variable(text, kind, "{{ fake." + kind + " }}") if kind else ""

    def _variable(self, text: str, name: str, template: str) -> str:
        if text in self._hidden.values:  # met as a secret elsewhere
            return self._hidden.template(text, "")
        if text not in self.variables:
            taken = {each for each, _ in self.variables.values()}
            self.variables[text] = (_free(name, taken), template)
        return "{{ " + self.variables[text][0] + " }}"

    def _captured(self, text: str, name: str, *, in_path: bool = False) -> str:
        if text not in self._known or not _worth(self._known[text][1], name, in_path=in_path):
            return ""
        if text not in self._names:
            index, each = self._known[text]
            taken = {
                *self._last_names,
                *(named for named, _ in self.variables.values()),
                "email",
                "password",
            }
            named = _free("_".join(words(each.name)) or "value", taken)
            self._last_names.add(named)
            self._names[text] = named
            self.captures.setdefault(index, {})[named] = each.spec
        return "{{ " + self._names[text] + " }}"

    def _number(self, value: Any, text: str) -> Any:
        return next((template for _, _, template in self._hidden.inside(text)), value)

    def _plain(self, text: str) -> str:
        """A text with what is known inside of it replaced; what looks like a template stays what it is."""
        known = {
            **{value: self._names[value] for value in self._names},
            **{value: name for value, (name, _) in self.variables.items()},
        }
        found = list(self._hidden.inside(text))
        for value, name in known.items():
            if len(value) >= _SHORTEST:
                found += [
                    (at.start(), at.end(), "{{ " + name + " }}")
                    for at in re.finditer(re.escape(value), text)
                    if not any(start < at.end() and at.start() < end for start, end, _ in found)
                ]
        parts, at = [], 0
        for start, end, template in sorted(found):
            parts += [_literal(text[at:start]), template]
            at = end
        return "".join([*parts, _literal(text[at:])])


def signs_up(request: RecordedRequest) -> bool:
    """Whether a request makes an account: its path says so, and it sends a password."""
    if request.method != "POST" or b"passw" not in request.body.lower():
        return False
    told = [word for part in telling_names(request) for word in words(part)]
    pairs = {frozenset(pair) for pair in pairwise(told)}
    return bool(_SIGN_UP & set(told)) or not _PAIRS.isdisjoint(pairs)


def _is_password(name: str) -> bool:
    told = words(name)
    return bool(told) and (told[-1] in _PASSWORDS or "password" in told)


def _worth(each: Gift, name: str, *, in_path: bool) -> bool:
    """Whether a value is so much its own that it was taken from the answer: short words are not."""
    value = each.value
    if len(value) >= 20 or (len(value) >= 8 and any(map(str.isdigit, value))):
        return True
    if each.secret:
        return len(value) >= _SHORTEST
    return (
        telling(each.name)
        and value.isalnum()
        and any(map(str.isdigit, value))
        and (in_path or telling(name))
    )


def _literal(text: str) -> str:
    return text.replace("{{", "{{ '{{' }}")


def _free(name: str, taken: set[str]) -> str:
    base = name if re.match(r"[a-z_]", name) and name not in _RESERVED else f"value_{name}"
    made, count = base[:40], 1
    while made in taken:
        count += 1
        made = f"{base[:40]}_{count}"
    return made
