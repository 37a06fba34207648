"""Recorded values as a scenario writes them: captures, variables with made-up data, secrets by name, or as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from smoke.recording.document import is_document, operations_of, values_in
from smoke.recording.given import Gift, given, telling
from smoke.recording.hiding import Hidden, apart, variable_name
from smoke.recording.literals import told_in
from smoke.recording.named import NamedValues, Surroundings, free_name, is_secret, kind_of_variable
from smoke.recording.operation import telling_names
from smoke.recording.records import RecordedRequest, StandIn
from smoke.recording.typed import kind_of
from smoke.recording.yaml_text import Said
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
_SCHEME = re.compile(r"(?:; ?)?(?:[A-Za-z][\w.-]{0,40}=|[A-Z][A-Za-z-]{1,20} )?\Z")
"""What may stand beside a variable in a credential: the word of a scheme, the name of a cookie."""
_NUMBER = re.compile(r"#[A-Za-z-]{0,8}[0-9]{3,19}")
"""An order's number as a person reads it."""
_DIGITS = re.compile(r"[0-9]{3,19}")
_ONE = re.compile(r"\{\{ [^{}|]{1,200} \}\}")
_SHORTEST = 6
"""Characters from which a value that is known is looked for inside of other texts."""


class Rewriter:
    """Keeps what is known from one request to the next: call `answered` behind each one."""

    def __init__(
        self, requests: Sequence[RecordedRequest], hidden: Hidden, *, one_customer: bool = False
    ) -> None:
        """`one_customer`: made-up data of a person is the same wherever it is asked for."""
        self._hidden = hidden
        self._one_customer = one_customer
        self.named = NamedValues(requests)
        self._signs_up = any(map(signs_up, requests))
        self._known: dict[str, tuple[int, Gift]] = {}
        self._sent: set[str] = set()
        self._names: dict[str, str] = {}
        self._last_names: set[str] = set()
        self.variables: dict[str, tuple[str, str]] = {}
        """By value: the variable's name, and its template."""
        self.captures: dict[int, dict[str, Any]] = {}
        """By request: what is captured of its answer."""
        self.given: dict[str, Any] = {}
        """Variables with the values that the recording gives them, or an empty one where it gives none."""

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
        if not isinstance(value, str):
            return self._as_recorded(text, self._number(value, text))
        return self._as_recorded(text, self.text(name, text, signing_up=signing_up))

    def _as_recorded(self, text: str, written: Any) -> Any:
        """The same; with a comment where an answer gave such a number, and it may be another's that is the same by chance."""
        found = self._known.get(text)
        if found is None or str(written) != text or not _DIGITS.fullmatch(text):
            return written
        if not telling(found[1].name):
            return written
        return Said(written, "as it was recorded: an earlier answer has the same number")

    def text(self, name: str, text: str, *, signing_up: bool = False) -> str:
        """A text with values in it that have names there: those of a GraphQL document, secrets of JSON, XML or a form."""
        document = name == "query" and is_document(text)
        told = list(values_in(text)) if document else []
        if not document or not operations_of(text):  # one that cannot be read may end anywhere
            told += told_in(text)
        beside = tuple(each.name for each in told)
        found: list[tuple[int, int, str]] = []
        for each in told:
            written = text[each.start : each.end]
            self._sent.add(each.value)
            template = self._whole(each.name, each.value, beside, signing_up=signing_up)
            if template and written == each.value:
                found.append((each.start, each.end, template))
            elif template and _ONE.fullmatch(template):
                # the filter writes the quotes, and what has to be escaped between them
                found.append((each.start - 1, each.end + 1, f"{template[:-2]}| json }}}}"))
                self._hidden.also(each.value, written)
            elif document:
                inner = told_in(written)
                found += [
                    (each.start + one.start, each.start + one.end, said)
                    for one in inner
                    if (said := self._whole(one.name, one.value, (), signing_up=signing_up))
                ]
        return self._plain(text, found)

    def segment(self, text: str) -> str:
        """One part of a path."""
        captured = self._captured(text, "", in_path=True)
        return captured or self._plain(text)

    def header(self, name: str, value: str) -> str:
        """The value of a header that a program set."""
        captured = self._captured(value, name)
        if captured:
            return captured
        if sensitive_header(name) and self.named.inside(value):
            return self.secret(value, name)
        if sensitive_header(name):
            return self._hidden.template(value, variable_name(name))
        return self.text("", value)

    def secret(self, value: str, wanted: str) -> str:
        """A credential: captured where an answer gave it, else a secret."""
        found = self.named.inside(value)
        if found:
            return self._credential(value, found, wanted)
        return self._captured(value, wanted) or self._hidden.template(value, variable_name(wanted))

    def expected(self, name: str, value: Any) -> Any:
        """A value that an answer must have: nothing that was sent."""
        if isinstance(value, dict):
            return {self._plain(str(key)): self.expected(name, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.expected(name, each) for each in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        text = str(value)
        looked_at = isinstance(value, str) or sensitive(name) is not None
        whole = self._whole(name, text, (), signing_up=False) if looked_at else ""
        return whole or (self._plain(text) if isinstance(value, str) else self._number(value, text))

    def _credential(self, text: str, found: Sequence[tuple[int, int, StandIn]], name: str) -> str:
        """A credential with variables in it: they stay where nothing stands beside them but the word of a scheme."""
        ends = [0, *(end for _, end, _ in found)]
        beside = [text[end:start] for end, (start, _, _) in zip(ends, found, strict=False)]
        if not all(map(_SCHEME.match, (*beside, text[ends[-1] :]))):
            return self._hidden.template(text, variable_name(name))
        place = Surroundings(name, credential=True)
        parts = [
            _literal(before) + self._filled(each, place)
            for before, (_, _, each) in zip(beside, found, strict=True)
        ]
        return "".join([*parts, _literal(text[ends[-1] :])])

    def _filled(self, each: StandIn, place: Surroundings, *, whole: bool = False) -> str:
        """The template for a variable; `whole` where it is the whole value."""
        if each.template and not (each.value and is_secret(each, place)):
            return self._made_up(each)
        name = self.named.captured(each)
        if name:
            return "{{ " + name + " }}"
        known = self._captured(each.value, each.name) if each.value else ""
        if known:
            return known
        drawn = self._drawn(each)
        if drawn:
            self.given.setdefault(self.named.name(each.name), drawn)
            return "{{ " + self.named.name(each.name) + " }}"
        if is_secret(each, place):
            return self._confidential(each, place)
        kind = kind_of_variable(each, place)
        if kind == "email" and not self._signs_up and any(map(_is_password, place.beside)):
            return self._asked(each, "SHOP_EMAIL")
        if kind:
            return self._variable(
                each.value or f"\0{each.name}",
                self.named.name(each.name),
                "{{ fake." + kind + " }}",
                own=True,
            )
        value = self.named.value_of(each)
        value = self.text(each.name, value) if isinstance(value, str) else value
        name = self.named.name(each.name)
        if self.given.get(name, value) != value:
            name = self.named.name(each.name, str(value))
        self.given.setdefault(name, value)
        return "{{ " + name + (self.named.filtered(each) if whole else "") + " }}"

    def _drawn(self, each: StandIn) -> str:
        """The template of a variable whose value is made-up data and nothing else."""
        inner = self.named.inside(each.value or "")
        if len(inner) == 1 and inner[0][:2] == (0, len(each.value or "")) and inner[0][2].template:
            return "{{ " + inner[0][2].template + " }}"
        return ""

    def _confidential(self, each: StandIn, place: Surroundings) -> str:
        password = _is_password(place.name) or (not place.name and _is_password(each.name))
        if password and not each.secret and (place.signing_up or self._signs_up):
            name = self.named.name(each.name)
            return self._variable(
                each.value or f"\0{each.name}", name, "{{ fake.hex(16) }}", own=True
            )
        return self._asked(
            each, variable_name(each.name if sensitive(each.name) else place.name or each.name)
        )

    def _asked(self, each: StandIn, wanted: str) -> str:
        if each.value:
            return self._hidden.template(each.value, wanted)
        return "{{ secrets." + self._hidden.ask(each.name) + " }}"

    def _made_up(self, each: StandIn) -> str:
        """Made-up data: one variable where a customer is to be the same one in every request."""
        kind = each.template.removeprefix("fake.")
        if self._one_customer and kind in {"email", "phone", "name", "first_name", "last_name"}:
            return self._variable(f"\0fake.{kind}", kind, "{{ " + each.template + " }}")
        return "{{ " + each.template + " }}"

    def _whole(self, name: str, text: str, beside: Iterable[str], *, signing_up: bool) -> str:
        found = self.named.inside(text)
        if found:
            return self._with_variables(
                name, text, found, Surroundings(name, tuple(beside), signing_up)
            )
        captured = self._captured(text, name)
        if captured:
            return captured
        if text in self.variables:
            return "{{ " + self.variables[text][0] + " }}"
        if text in self._hidden.values:
            return self._hidden.template(text, "")
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

    def _with_variables(
        self, name: str, text: str, found: Sequence[tuple[int, int, StandIn]], place: Surroundings
    ) -> str:
        if len(found) == 1 and found[0][:2] == (0, len(text)):
            return self._filled(found[0][2], place, whole=True)
        return self._credential(text, found, name) if sensitive(name) else self._plain(text)

    def _variable(self, text: str, name: str, template: str, *, own: bool = False) -> str:
        if text in self._hidden.values:  # met as a secret elsewhere
            return self._hidden.template(text, "")
        if text not in self.variables:
            taken = {each for each, _ in self.variables.values()}
            if not own or name in taken:
                taken |= self.named.taken
            self.variables[text] = (free_name(name, taken), template)
        return "{{ " + self.variables[text][0] + " }}"

    def _captured(self, text: str, name: str, *, in_path: bool = False) -> str:
        if text not in self._known or not _worth(self._known[text][1], name, in_path=in_path):
            return ""
        if text not in self._names:
            index, each = self._known[text]
            taken = {
                *self._last_names,
                *self.named.taken,
                *(named for named, _ in self.variables.values()),
                "email",
                "password",
            }
            named = free_name("_".join(words(each.name)) or "value", taken)
            self._last_names.add(named)
            self._names[text] = named
            self.captures.setdefault(index, {})[named] = each.spec
        return "{{ " + self._names[text] + " }}"

    def _number(self, value: Any, text: str) -> Any:
        return next((template for _, _, template in self._hidden.inside(text)), value)

    def _plain(self, text: str, told: Iterable[tuple[int, int, str]] = ()) -> str:
        """A text with what is `told` or known inside of it replaced; what looks like a template stays what it is."""
        known = {
            **{value: self._names[value] for value in self._names},
            **{value: name for value, (name, _) in self.variables.items()},
        }
        found = apart((*told, *self._hidden.inside(text)))
        found += [
            (start, end, self._filled(each, Surroundings()))
            for start, end, each in self.named.inside(text)
            if not any(one < end and start < other for one, other, _ in found)
        ]
        for value, name in known.items():
            if len(value) >= _SHORTEST and not value.startswith("\0"):
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
    if telling(each.name) and _NUMBER.fullmatch(value):
        return True
    return (
        telling(each.name)
        and value.isalnum()
        and any(map(str.isdigit, value))
        and (in_path or telling(name))
    )


def _literal(text: str) -> str:
    return text.replace("{{", "{{ '{{' }}")
