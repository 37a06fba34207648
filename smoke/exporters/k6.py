"""k6: https://k6.io. One iteration is one run; the teardown is in `finally`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
)
from smoke.model.numbers import json_text
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.extract import where
from smoke.scenario.model import Scenario, Step
from smoke.scenario.template import Expression
from smoke.text import safe_line, shorten

_FAKE = {
    "email": "`smoke-${unique()}@example.com`",
    "phone": "`+1555${Math.floor(Math.random() * 9e6 + 1e6)}`",
    "uuid": "crypto.randomUUID()",
    "name": "`Test ${unique()}`",
    "first_name": "'Test'",
    "last_name": "`T${unique()}`",
    "street": "'1 Test Street'",
    "city": "'Testville'",
    "postcode": "'10115'",
    "company": "`Test ${unique()}`",
    "word": "unique()",
}
_FILTERS = {
    "upper": "String({}).toUpperCase()",
    "lower": "String({}).toLowerCase()",
    "int": "Math.trunc(Number({}))",
    "string": "String({})",
    "length": "({}).length",
    "trim": "String({}).trim()",
}
_HOW = {
    "equals": "{0} === {1}", "not": "{0} !== {1}", "greater": "{0} > {1}", "less": "{0} < {1}",
    "at_least": "{0} >= {1}", "at_most": "{0} <= {1}", "contains": "{0} !== undefined && {0}.includes({1})",
    "starts_with": "String({0}).startsWith({1})", "ends_with": "String({0}).endsWith({1})",
    "matches": "new RegExp({1}).test(String({0}))",
}  # fmt: skip
_HELPERS = """\
const unique = () => Math.random().toString(16).slice(2, 14);
const at = (value, steps) => steps.reduce((found, step) => (found === null || found === undefined ? undefined : found[step]), value);
const document = (res) => { try { return res.json(); } catch (error) { return undefined; } };
const found = (pattern, text) => { const match = new RegExp(pattern).exec(text); return match === null ? undefined : match[1] ?? match[0]; };
const form = (fields) => fields.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
const must = (res, checks) => { if (!check(res, checks)) { fail(`${res.request.method} ${res.url}: ${res.status}`); } };
const each = (v, items, body) => {
  const around = { item: v.item, loop: v.loop };
  items.forEach((item, index) => { v.item = item; v.loop = { index, number: index + 1 }; body(); });
  Object.assign(v, around);
};
const rounds = (many) => Array.from({ length: many }, (_, index) => index);
const todo = (source) => { throw new Error(`k6 has no word for smoke's ${source}: write it here`); };"""


def write(scenario: Scenario) -> str:
    """The text of a k6 script."""
    lines = [
        f"// {safe_line(scenario.name)}: {safe_line(scenario.summary)}".rstrip(": "),
        "// Written by smoke. EACH ITERATION PLACES ORDERS: raise `iterations` only where that is wanted. k6 neither journals",
        "// them nor looks for a database error in the answers.",
        f"// k6 run -e URL=https://shop.example{''.join(f' -e {name}=…' for name in scenario.secrets)} FILE",
        "import http from 'k6/http';",
        "import encoding from 'k6/encoding';",
        "import { check, fail, group, sleep } from 'k6';",
        "",
        "export const options = { vus: 1, iterations: 1, thresholds: { checks: ['rate==1'] } };",
        "",
        *_HELPERS.splitlines(),
        "",
        "export default function () {",
        "  const v = { run: { id: unique() }, target: { url: __ENV.URL } };",
        "  const orders = [];",
        "  v.orders = orders;",
    ]
    lines += _variables(scenario)
    steps = [step for need in scenario.needs for step in need.scenario.steps] + [*scenario.steps]
    if scenario.teardown:
        lines += [
            "  try {",
            *_steps(steps, "    "),
            "  } finally {",
            *_steps(scenario.teardown, "    "),
            "  }",
        ]
    else:
        lines += _steps(steps, "  ")
    return "\n".join([*lines, "}"]) + "\n"


def _variables(scenario: Scenario) -> Iterator[str]:
    """The variables of a scenario, behind those of what it needs."""
    for each in (*(need.scenario for need in scenario.needs), scenario):
        for name, value in {**each.variables, **each.given}.items():
            yield f"  v[{_text(name)}] = {_value(value)};"
    for need in scenario.needs:
        if need.customer:
            told = f"not said here: what {need.scenario.source} gives belongs to {need.customer}"
            yield _comment(told, "  ")


def _comment(text: str, indent: str) -> str:
    return f"{indent}// {safe_line(shorten(text, 400))}"


def _steps(steps: Sequence[Step], indent: str) -> Iterator[str]:
    for step in steps:
        if step.for_each is None and step.repeat is None:
            yield from _step(step, indent)
            continue
        items = f"rounds({step.repeat})" if step.for_each is None else _items(step)
        if not items:
            yield _comment(f"not said here: '{step.name}' for each of {step.for_each}", indent)
            continue
        yield f"{indent}each(v, {items}, () => {{"
        yield from _step(step, f"{indent}  ")
        yield f"{indent}}});"


def _items(step: Step) -> str:
    """What a step goes through; empty where that is not known here."""
    if step.rows:
        return _value([dict(row.values) for row in step.rows])
    if isinstance(step.for_each, list):
        return _value(step.for_each)
    parts = parts_of(step.for_each.strip()) if isinstance(step.for_each, str) else []
    if len(parts) != 1 or not isinstance(parts[0], Expression):
        return ""
    if parts[0].path[0] in {"orders_without_id", "secrets", "env"}:
        return ""
    made = _expression(parts[0])
    return "" if made.startswith("todo(") else made


def _step(step: Step, indent: str) -> Iterator[str]:
    if step.when is not None:
        yield _comment(f"not said here: only when {json_text(step.when)}", indent)
    if step.children:
        if not step.is_group:
            yield _comment(f"not said here: the steps of '{step.name}' leave side by side", indent)
        yield f"{indent}group({_text(step.name)}, () => {{"
        yield from _steps(step.children, f"{indent}  ")
        yield f"{indent}}});"
    elif step.kind == "request":
        yield from _request(step, indent)
    elif step.kind == "pause":
        yield f"{indent}sleep({step.spec.root:g});"
    else:
        yield _comment(f"not said here: the step '{step.name}' ({step.kind})", indent)


def _request(step: Step, indent: str) -> Iterator[str]:
    spec = step.spec
    checks, unsaid = predicates(step.expect)
    for words in [*unsaid, *unsaid_of(step), *(["until"] if step.until is not None else [])]:
        yield _comment(f"not said here: {words}", indent)
    kind, body = body_of(spec)
    if kind == "file" or (
        kind == "multipart" and any(isinstance(each, dict) for each in body.values())
    ):
        yield _comment("not said here: a file that is sent (k6: open() and http.file())", indent)
    yield f"{indent}{{"
    inner = f"{indent}  "
    yield f"{inner}// {safe_line(step.id)}"
    yield f"{inner}const res = http.request({_text(method_of(spec))}, {_url(spec)}, {_body(kind, body)}, {_params(spec, kind)});"
    yield f"{inner}const doc = document(res);"
    if step.places_order is not None:
        given = _taken(step.places_order.id) if step.places_order.id is not None else "undefined"
        order = given or "undefined"
        yield f"{inner}if ({order} !== undefined) {{ orders.push({{ id: {order} }}); }}"
    yield f"{inner}must(res, {{"
    yield f"{inner}  'status': (r) => {_statuses(step)},"
    for each in checks:
        written = _check(each)
        if written is None:
            yield _comment(f"not said here: {each.of} {each.at}: {each.how}", f"{inner}  ")
        else:
            yield f"{inner}  {_text(f'{each.of} {each.at} {each.how}'.strip())}: () => {written},"
    yield f"{inner}}});"
    for name, capture in step.capture.items():
        taken = _taken(capture)
        if taken:
            yield f"{inner}v[{_text(name)}] = {taken};"
        else:
            yield _comment(f"not said here: capture {name} of {where(capture)}", inner)
    yield f"{indent}}}"


def _statuses(step: Step) -> str:
    return " || ".join(
        f"r.status === {low}" if low == high else f"(r.status >= {low} && r.status <= {high})"
        for low, high in status_bounds(step)
    )


def _taken(spec: CaptureSpec) -> str:
    """Where a value is taken from; empty where k6 has no word for it."""
    steps = json_steps(spec.json_) if spec.json_ is not None else None
    if steps is not None:
        return f"at(doc, {json.dumps(steps)})"
    if spec.header is not None:
        return f"res.headers[Object.keys(res.headers).find((name) => name.toLowerCase() === {_text(spec.header.lower())})]"
    if spec.cookie is not None:
        return f"http.cookieJar().cookiesForURL(res.url)[{_text(spec.cookie)}]?.[0]"
    if spec.html is not None:
        return _html(selector_of(spec))
    if spec.regex is not None:
        return f"found({_text(spec.regex)}, res.body)"
    if spec.url:
        return "res.url" if spec.url is True else f"found({_text(str(spec.url))}, res.url)"
    return "res.status" if spec.status else ""


def _html(selector: str) -> str:
    css, _, attribute = selector.partition("@")
    element = f"res.html().find({_text(css)}).first()"
    return f"{element}.attr({_text(attribute)})" if attribute else f"{element}.text().trim()"


def _check(each: Predicate) -> str | None:
    steps = json_steps(each.at) if each.of == "json" else None
    if each.of == "json" and steps is None:
        return None
    taken = {
        "json": f"at(doc, {json.dumps(steps)})",
        "header": f"res.headers[Object.keys(res.headers).find((name) => name.toLowerCase() === {_text(each.at.lower())})]",
        "text": "res.body",
        "url": "res.url",
        "html": _html(each.at),
    }.get(each.of)
    if taken is None:
        return None
    if each.how == "exists":
        if each.of == "html":
            size = f"res.html().find({_text(each.at.partition('@')[0])}).size()"
            return f"{size} {'> 0' if each.value else '=== 0'}"
        return f"{taken} {'!==' if each.value else '==='} undefined"
    return _HOW[each.how].format(taken, _value(each.value))


def _url(spec: Any) -> str:
    url = _value(spec.url)
    base = "" if re.match(r"https?://", spec.url) else "__ENV.URL + "
    if not spec.query:
        return f"{base}{url}"
    joint = "&" if "?" in spec.url else "?"
    return f"{base}{url} + {_text(joint)} + {_form(spec.query)}"


def _form(pairs: Mapping[str, Any]) -> str:
    rows = [
        f"[{_text(name)}, {_value(each)}]"
        for name, value in pairs.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return f"form([{', '.join(rows)}])"


def _body(kind: str, body: Any) -> str:
    if kind == "json":
        return f"JSON.stringify({_value(body)})"
    if kind == "form":
        return _form(body)
    if kind == "multipart":
        return _value({name: each for name, each in body.items() if not isinstance(each, dict)})
    return _value(body) if kind == "text" else "null"


def _params(spec: Any, kind: str) -> str:
    headers = own_headers(spec)
    if kind == "form":
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    made = [f"headers: {_value(headers)}", f"redirects: {10 if spec.follow_redirects else 0}"]
    if spec.basic is not None:
        pair = f"{spec.basic.username}:{spec.basic.password}"
        joined = f"`Basic ${{encoding.b64encode({_value(pair)})}}`"
        made = [f"headers: {{ ...{_value(headers)}, Authorization: {joined} }}", made[1]]
    if spec.timeout is not None:
        made.append(f"timeout: '{spec.timeout * 1000:.0f}ms'")
    return f"{{ {', '.join(made)} }}"


def _value(value: Any) -> str:
    """A value as an expression of JavaScript, its templates filled in there."""
    if isinstance(value, dict):
        return (
            "{ "
            + ", ".join(f"[{_value(str(key))}]: {_value(item)}" for key, item in value.items())
            + " }"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if not isinstance(value, str):
        return json_text(value)
    parts = parts_of(value)
    if len(parts) == 1:
        return _expression(parts[0]) if isinstance(parts[0], Expression) else _text(parts[0])
    made = [
        f"String({_expression(part)})" if isinstance(part, Expression) else _text(part)
        for part in parts
    ]
    return " + ".join(made) if made else "''"


def _expression(found: Expression) -> str:
    path = [*found.path]
    made = ""
    if path[:1] == ["fake"] and len(path) == 2:
        made = _fake(str(path[1]), found)
    elif (path[:1] == ["secrets"] and len(path) == 2) or (path[:1] == ["env"] and len(path) == 2):
        made = f"__ENV[{_text(str(path[1]))}]"
    elif found.arguments is None and path[:1] != ["now"]:
        made = f"at(v, {json.dumps(path)})"
    for call in found.filters:
        made = (
            _FILTERS[call.name].format(made)
            if made and call.name in _FILTERS and not call.arguments
            else ""
        )
    return made or f"todo({_text(found.source)})"


def _fake(kind: str, found: Expression) -> str:
    if kind in ("hex", "digits"):
        count = next((each for each in found.arguments or () if isinstance(each, int)), 8)
        base = 16 if kind == "hex" else 10
        return f"Array.from({{ length: {count} }}, () => Math.floor(Math.random() * {base}).toString({base})).join('')"
    return _FAKE.get(kind, "")


def _text(text: str) -> str:
    return json.dumps(text)
