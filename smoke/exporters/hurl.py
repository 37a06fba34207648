"""Hurl: https://hurl.dev. It has no loops and no teardown: rounds are written out, and clean-up stands at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from smoke.exporters.asked import (
    Predicate,
    body_of,
    json_steps,
    method_of,
    own_headers,
    parts_of,
    predicates,
    selector_of,
    status_bounds,
    unsaid_of,
    xpath_of,
)
from smoke.model.numbers import json_text
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.extract import where
from smoke.scenario.model import Scenario, Step
from smoke.scenario.template import Expression
from smoke.text import safe_line, shorten

_ROUNDS = 20
"""Rounds that are written out at most."""
_HOW = {
    "equals": "==", "not": "!=", "greater": ">", "less": "<", "at_least": ">=", "at_most": "<=", "contains": "contains",
    "starts_with": "startsWith", "ends_with": "endsWith", "matches": "matches",
}  # fmt: skip
_SAFE_IN_URL = "/?&=+:@!$'()*,;-._~[]"


def write(scenario: Scenario) -> str:
    """The text of a Hurl file."""
    return _File(scenario).text()


class _File:
    """One file as it grows: what it asks for is known at its end."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._asked: dict[str, str] = {}
        self._known: set[str] = set()
        self._orders: list[str] = []
        self._lines: list[str] = []

    def text(self) -> str:
        for need in self._scenario.needs:
            if need.customer:
                self._comment(
                    f"not said here: what {need.scenario.source} gives belongs to {need.customer}"
                )
            self._steps(need.scenario.steps, {})
        self._steps(self._scenario.steps, {})
        if self._scenario.teardown:
            self._comment(
                "Clean-up. Hurl stops at the first failure: then this is not carried out."
            )
            self._steps(self._scenario.teardown, {})
        return "\n".join([*self._head(), *self._lines]) + "\n"

    def _head(self) -> Iterator[str]:
        scenario = self._scenario
        yield f"# {safe_line(scenario.name)}: {safe_line(scenario.summary)}".rstrip(": ")
        yield "# Written by smoke. It places orders, and Hurl neither journals them nor looks for a database error in the answers."
        yield "# hurl --test --variable url=https://shop.example … FILE, with a value for each of these:"
        for name, source in sorted(self._asked.items()):
            fixed = scenario.variables.get(source.strip("{ }"))
            shown = (
                "" if fixed is None else f", in smoke {safe_line(shorten(json_text(fixed), 200))}"
            )
            flag = "--secret" if "secrets." in source else "--variable"
            yield f"#   {flag} {name}=…   {safe_line(source)}{shown}"
        yield ""

    def _comment(self, text: str) -> None:
        self._lines.append(f"# {safe_line(shorten(text, 400))}")

    def _steps(self, steps: Sequence[Step], names: Mapping[str, Any]) -> None:
        for step in steps:
            if step.for_each is not None:
                self._each(step, names)
            elif step.repeat is not None:
                rounds = min(step.repeat, _ROUNDS)
                if rounds < step.repeat:
                    self._comment(
                        f"not said here: {step.repeat} rounds of '{step.name}'; {rounds} are written out"
                    )
                for number in range(1, rounds + 1):
                    self._step(step, {**names, "loop": {"index": number - 1, "number": number}})
            else:
                self._step(step, names)

    def _each(self, step: Step, names: Mapping[str, Any]) -> None:
        items: list[Any] = []
        if isinstance(step.for_each, list):
            items = step.for_each[:_ROUNDS]
        elif str(step.for_each).replace(" ", "") == "{{orders}}":
            items = [{"id": f"{{{{ {order} }}}}"} for order in self._orders]
        if not items:
            self._comment(f"not said here: '{step.name}' for each of {step.for_each}")
        for number, item in enumerate(items, 1):
            self._step(
                step, {**names, "item": item, "loop": {"index": number - 1, "number": number}}
            )

    def _step(self, step: Step, names: Mapping[str, Any]) -> None:
        if step.when is not None:
            self._comment(f"not said here: only when {json_text(step.when)}")
        if step.children:
            if not step.is_group:
                self._comment(f"not said here: the steps of '{step.name}' leave side by side")
            self._steps(step.children, names)
        elif step.kind == "request":
            self._entry(step, names)
        elif step.kind == "pause":
            self._comment(f"not said here: a pause of {step.spec.root:g} s")
        else:
            self._comment(f"not said here: the step '{step.name}' ({step.kind})")

    def _entry(self, step: Step, names: Mapping[str, Any]) -> None:
        spec = step.spec
        checks, unsaid = predicates(step.expect)
        kind, body = body_of(spec)
        self._comment(step.id)
        for each in [*unsaid, *unsaid_of(step)]:
            self._comment(f"not said here: {each}")
        self._lines.append(f"{method_of(spec)} {self._url(spec.url, names)}")
        for name, value in own_headers(spec).items():
            self._lines.append(f"{_key(name)}: {self._value(value, names)}")
        self._options(step)
        self._pairs("[Query]", spec.query, names)
        if spec.basic is not None:
            user, password = spec.basic.username, spec.basic.password
            self._lines += [
                "[BasicAuth]",
                f"{self._value(user, names)}: {self._value(password, names)}",
            ]
        if kind == "form":
            self._pairs("[Form]", body, names)
        elif kind == "multipart":
            self._pairs("[Multipart]", body, names)
        elif kind == "json":
            self._lines.append(self._json(body, names))
        elif kind == "text":
            self._lines.append(self._text(body, names))
        elif kind == "file":
            self._lines.append(f"file,{_escaped(str(body), ' ;')};")
        self._answer(step, checks, names)
        self._lines.append("")

    def _options(self, step: Step) -> None:
        told = ["location: true"] if step.spec.follow_redirects else []
        if step.spec.timeout is not None:
            told.append(f"max-time: {step.spec.timeout * 1000:.0f}ms")
        if step.until is not None:
            tries = max(1, round(step.until.deadline / max(step.until.every, 0.001)))
            told += [
                f"retry: {min(tries, 10_000)}",
                f"retry-interval: {step.until.every * 1000:.0f}ms",
            ]
        if told:
            self._lines += ["[Options]", *told]

    def _answer(self, step: Step, checks: Sequence[Predicate], names: Mapping[str, Any]) -> None:
        bounds = status_bounds(step)
        (low, high), several = bounds[0], len(bounds) > 1
        self._lines.append(f"HTTP {low}" if low == high and not several else "HTTP *")
        taken = [line for name, spec in step.capture.items() for line in self._capture(name, spec)]
        if step.places_order is not None and step.places_order.id is not None:
            order = f"order_{len(self._orders) + 1}"
            lines = list(self._capture(order, step.places_order.id))
            self._orders += [order] if lines and not lines[0].startswith("#") else []
            taken += lines
        if taken:
            self._lines += ["[Captures]", *taken]
        asserts = [line for each in checks for line in self._predicate(each, names)]
        if several:
            asserts.insert(
                0, f"# not said here: status {', '.join(step.expect.status or ())} and no other"
            )
        if several or low != high:
            least, most = min(low for low, _ in bounds), max(high for _, high in bounds)
            asserts[:0] = [f"status >= {least}", f"status <= {most}"]
        if asserts:
            self._lines += ["[Asserts]", *asserts]

    def _capture(self, name: str, spec: CaptureSpec) -> Iterator[str]:
        query = ""
        if spec.json_ is not None and json_steps(spec.json_) is not None:
            query = f"jsonpath {_quoted(spec.json_)}"
        elif spec.header is not None:
            query = f"header {_quoted(spec.header)}"
        elif spec.cookie is not None:
            query = f"cookie {_quoted(spec.cookie)}"
        elif spec.status:
            query = "status"
        elif spec.html is not None and (path := xpath_of(selector_of(spec))) is not None:
            query = f"xpath {_quoted(path)}"
        elif spec.regex is not None or isinstance(spec.url, str):
            source = "body" if spec.regex is not None else "url"
            query = f"{source} regex {_quoted(str(spec.regex or spec.url))}"
        elif spec.url is True:
            query = "url"
        if not query:
            yield f"# not said here: capture {safe_line(name)} of {safe_line(where(spec))}"
            return
        self._known.add(_variable(name))
        yield f"{_variable(name)}: {query}{' redact' if spec.secret else ''}"

    def _predicate(self, each: Predicate, names: Mapping[str, Any]) -> Iterator[str]:
        query = {
            "json": f"jsonpath {_quoted(each.at)}",
            "header": f"header {_quoted(each.at)}",
            "xpath": f"xpath {_quoted(each.at)}",
            "text": "body",
            "url": "url",
        }.get(each.of, "")
        if each.of == "html":
            path = xpath_of(each.at, nodes=each.how == "exists")
            query = f"xpath {_quoted(path)}" if path else ""
        if not query:
            yield f"# not said here: {safe_line(each.of)} {safe_line(each.at)}"
        elif each.how == "exists":
            yield f"{query} {'exists' if each.value else 'not exists'}"
        else:
            yield f"{query} {_HOW[each.how]} {self._literal(each.value, names)}"

    def _literal(self, value: Any, names: Mapping[str, Any]) -> str:
        if not isinstance(value, str):
            return json_text(value)
        if re.fullmatch(r"\{\{[^{}]*\}\}", value):  # its type is that of the variable
            return self._fill(value, names, lambda text: _escaped(text, '"'))
        return '"' + self._fill(value, names, lambda text: _escaped(text, '"')) + '"'

    def _pairs(self, section: str, pairs: Mapping[str, Any], names: Mapping[str, Any]) -> None:
        if not pairs:
            return
        self._lines.append(section)
        for name, value in pairs.items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    self._lines.append(
                        f"{_key(name)}: file,{_escaped(str(each.get('file', '')), ' ;')};"
                    )
                else:
                    self._lines.append(f"{_key(name)}: {self._value(each, names)}")

    def _url(self, url: str, names: Mapping[str, Any]) -> str:
        made = self._fill(url, names, lambda text: quote(text, safe=_SAFE_IN_URL + "%"))
        return made if re.match(r"https?://", url) else f"{self._name('url', '--url')}{made}"

    def _value(self, value: Any, names: Mapping[str, Any]) -> str:
        text = value if isinstance(value, str) else json_text(value)
        made = self._fill(text, names, lambda part: _escaped(part, "#"))
        return re.sub(r"^ | $", r"\\u{20}", made)

    def _json(self, value: Any, names: Mapping[str, Any]) -> str:
        def filled(each: Any, indent: str) -> str:
            inner = f"{indent}  "
            if isinstance(each, dict) and each:
                rows = [
                    f"{inner}{string(str(key))}: {filled(item, inner)}"
                    for key, item in each.items()
                ]
                return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
            if isinstance(each, list) and each:
                rows = [f"{inner}{filled(item, inner)}" for item in each]
                return "[\n" + ",\n".join(rows) + f"\n{indent}]"
            if not isinstance(each, str):
                return json_text(each)
            # what is known to be a number stays one
            return string(each).strip('"') if self._is_typed(each, names) else string(each)

        def string(text: str) -> str:
            return '"' + self._fill(text, names, _in_json) + '"'

        return filled(value, "")

    def _is_typed(self, text: str, names: Mapping[str, Any]) -> bool:
        """Whether a text is one expression whose value is known and no text."""
        parts = parts_of(text)
        if len(parts) != 1 or not isinstance(parts[0], Expression) or parts[0].filters:
            return False
        value: Any = {**self._scenario.variables, **names}
        for key in parts[0].path:
            value = value.get(key) if isinstance(value, dict) else None
        return isinstance(value, (bool, int, float))

    def _text(self, text: str, names: Mapping[str, Any]) -> str:
        return "`" + self._fill(text, names, lambda part: _escaped(part, "`")) + "`"

    def _fill(self, text: str, names: Mapping[str, Any], literal: Any) -> str:
        made = ""
        for part in parts_of(text):
            if isinstance(part, Expression):
                made += self._expression(part, names, literal)
            else:
                made += literal(part)
        return made

    def _expression(self, found: Expression, names: Mapping[str, Any], literal: Any) -> str:
        """A variable, or what is known of it while rounds are written out."""
        if found.path and str(found.path[0]) in names and not found.filters:
            value: Any = names
            for key in found.path:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, str):
                return self._fill(value, {}, literal)
            if value is not None and not isinstance(value, (dict, list)):
                return str(literal(json_text(value)))
        plain = len(found.path) == 1 and found.arguments is None and not found.filters
        name = str(found.path[0]) if plain else "_".join(re.findall(r"[A-Za-z0-9]+", found.source))
        if found.path[:1] == ("secrets",) and len(found.path) == 2 and not found.filters:
            name = str(found.path[1])
        return self._name(name, found.source)

    def _name(self, name: str, source: str) -> str:
        known = _variable(name)
        if known not in self._known:
            self._asked.setdefault(known, source)
        return f"{{{{{known}}}}}"


def _variable(name: str) -> str:
    made = re.sub(r"[^A-Za-z0-9_]", "_", name)[:60]
    return made if made[:1].isalpha() else f"v_{made}"


def _key(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.\[\]@$-]", lambda found: f"\\u{{{ord(found[0]):x}}}", name)


def _escaped(text: str, special: str) -> str:
    """Literal text: what would end it, begin a template or not be seen is written by its number."""
    return "".join(
        f"\\u{{{ord(char):x}}}" if char in f"{special}\\{{}}" or not char.isprintable() else char
        for char in text
    )


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1].replace("{", "\\u007b")


def _quoted(text: str) -> str:
    return '"' + _escaped(text, '"') + '"'
