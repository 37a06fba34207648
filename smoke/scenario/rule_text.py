"""One rule of a capture or an expectation as somebody types it, to try what it takes: `$.id`, `header: etag`, `//order`."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from smoke.diagnostic import Diagnostic, Level, Note, SmokeError, Span
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.expectations import Expect
from smoke.scenario.nodes import Node, Pairs, Scalar, plain
from smoke.scenario.nodes import found as found_in
from smoke.scenario.reading import Reader
from smoke.scenario.rules import capture_of, capture_problems, expect_doubts, expect_problems
from smoke.scenario.source import parse
from smoke.scenario.template import TemplateSyntaxError, compile_text

_MAPPING = re.compile(r"\{(?!\{)|[a-z_]{1,20}:(?:\s|$)")
_XPATH = re.compile(r"\(*(?:/|\.//|[a-z-]{1,20}\()")
_BARE = ("status", "text", "url")
_FORMS = (
    '$.order.id, header: etag, cookie: session, html: h1, html: a.pay@href, regex: \'"id":"([0-9]+)"\', '
    "//order/@status, url, status, text, or a template: {{ email | lower }}"
)
_NEVER_EXPECTED = {
    "cookie": "a cookie: expect the header set-cookie",
    "regex": "a regex: expect text with `matches`",
    "template": "a template: it is no part of an answer",
}


class RuleText(Struct, frozen=True):
    """A rule that can be tried. `capture` is what takes the value; None for an XPath, the text and a template.

    `text` is the path, the name, the selector, the pattern or the template by itself.
    """

    source: str
    """Such as `json`, `header`, `xpath`, `template`."""
    text: str
    capture: CaptureSpec | None = None
    namespaces: tuple[tuple[str, str], ...] = ()


def rule_of(written: str, name: str = "RULE") -> RuleText:
    """The rule that is written as in `capture` or `expect`; what begins with $ is a JSONPath. Raises SmokeError.

    `name` is what messages call the place it is written at.
    """
    text = written.strip()
    if text.startswith("$"):
        return _capture(CaptureSpec.model_validate({"json": text}), text, name)
    if _MAPPING.match(text):
        return _mapping(text, name)
    if _XPATH.match(text):
        return _xpath(text, {}, text, name)
    if "{{" in text:
        return _template(text, name)
    if text in _BARE:
        return _mapping(f"{text}: true", name)
    shown = text or "an empty text"
    raise SmokeError(
        [
            Diagnostic(
                "bad-capture",
                f"'{shown}' does not say where a value is taken from",
                span=_whole(written, name),
                label=f"is it 'html: {shown}', 'header: {shown}' or 'json: $.{shown}'?"
                if text
                else "",
                excerpt=((1, written),),
                notes=(Note(f"written as in capture and expect: {_FORMS}"),),
            )
        ]
    )


def _mapping(text: str, name: str) -> RuleText:
    document = parse(text.encode("utf-8", "surrogatepass"), name)
    root = document.root
    reader = Reader(document.lines, name)
    _raise(document.problems)
    if not isinstance(root, Pairs):
        message = f"a capture is a mapping, not {found_in(root)}"
        raise _refused("wrong-type", message, text, name)
    if (found := _of_expect(root, text, name)) is not None:
        return found
    spec = capture_of(plain(root), root, (), reader)
    reader.raise_errors()
    assert spec is not None
    return _capture(spec, text, name)


def _of_expect(root: Pairs, text: str, name: str) -> RuleText | None:
    """The text of the body, or a template, which no capture takes."""
    key = next((each for each in ("template", "text") if root.get(each) is not None), "")
    if not key:
        return None
    value = root.get(key)
    for other, _ in root.pairs:
        if other.text != key:
            message = f"beside {key} there is no key '{other.text}'"
            raise SmokeError([Diagnostic("unknown-key", message, span=other.span)])
    if not isinstance(value, Scalar):
        raise _refused("wrong-type", f"{key}: a text is expected", text, name)
    if key == "template":
        return _template(value.text, name)
    if value.value is not True:
        message = "text takes the whole of it: what must be in it is said with --expect"
        raise _refused("bad-capture", message, text, name)
    return RuleText("text", "the body's text")


def _capture(spec: CaptureSpec, written: str, name: str) -> RuleText:
    for message in capture_problems(spec):
        raise _refused("bad-capture", message, written, name)
    if spec.xpath is not None:
        return replace(_xpath(spec.xpath, spec.namespaces, written, name), capture=spec)
    text = {
        "json": spec.json_,
        "header": spec.header,
        "cookie": spec.cookie,
        "html": spec.html,
        "regex": spec.regex,
    }.get(spec.source)
    if spec.source == "url":
        text = spec.url if isinstance(spec.url, str) else "the final URL"
    return RuleText(spec.source, text or "the status", spec)


def _xpath(path: str, namespaces: Any, written: str, name: str) -> RuleText:
    declared = namespaces if isinstance(namespaces, dict) else {}
    expect = Expect.model_validate(
        {"xpath": {path: {"exists": True}}, **({"namespaces": declared} if declared else {})}
    )
    for _, code, message in expect_problems(expect):
        raise _refused(code, message, written, name)
    from smoke.scenario.xpath import namespaces_of

    return RuleText("xpath", path, namespaces=namespaces_of(declared))


def _template(text: str, name: str) -> RuleText:
    try:
        compile_text(text)
    except TemplateSyntaxError as error:
        raise _refused("template-syntax", str(error), text, name, error.start, error.end) from error
    return RuleText("template", text)


def expect_for(rule: RuleText, written: str, name: str = "--expect") -> Expect:
    """The expectation that what a rule takes meets a matcher, or is equal to a value. Raises SmokeError."""
    if rule.source in _NEVER_EXPECTED:
        raise SmokeError.of(
            "bad-matcher", f"{name}: `expect` has no place for {_NEVER_EXPECTED[rule.source]}"
        )
    if not written.strip():
        raise SmokeError.of(
            "bad-matcher", f"{name}: a matcher or a value is expected, not an empty text"
        )
    document = parse(written.encode("utf-8", "surrogatepass"), name)
    _raise(document.problems)
    reader = Reader(document.lines, name)
    place, value = _place(rule), document.root
    node: Node = value
    for key in reversed(place):
        node = Pairs(((Scalar(key, key, value.span), node),), value.span)
    if rule.namespaces:
        declared = tuple(
            (_scalar(k, value.span), _scalar(v, value.span)) for k, v in rule.namespaces
        )
        assert isinstance(node, Pairs)
        pair = (_scalar("namespaces", value.span), Pairs(declared, value.span))
        node = Pairs((*node.pairs, pair), value.span)
    expect = reader.model(Expect, node, "expect")
    for path, code, message in expect_problems(expect) if expect is not None else ():
        reader.error(code, message, _span_at(value, path[len(place) :]))
    reader.raise_errors()
    assert expect is not None
    return expect


def doubts_of(expect: Expect) -> tuple[str, ...]:
    """Where an object to be equal to may be meant as a matcher."""
    return tuple(
        f"'{path[-1]}' is no matcher, so the value must be an object with this key: did you mean '{near}'?"
        for path, near in expect_doubts(expect)
    )


def _scalar(text: str, span: Span) -> Scalar:
    return Scalar(text, text, span)


def _place(rule: RuleText) -> tuple[str, ...]:
    """Where in `expect` the matcher of a rule stands."""
    spec = rule.capture
    if rule.source == "header":
        return "headers", rule.text
    if rule.source == "html":
        from smoke.scenario.html import with_attribute

        attribute = spec.attribute if spec is not None else None
        selector, own = with_attribute(rule.text)
        return "html", f"{selector}@{attribute or own}" if attribute or own else selector
    return (rule.source, rule.text) if rule.source in ("json", "xpath") else (rule.source,)


def _span_at(node: Node, path: tuple[str | int, ...]) -> Span:
    """The key that a path within a matcher leads to, as far as it leads anywhere."""
    span = node.span
    for step in path:
        key = node.key(str(step)) if isinstance(node, Pairs) else None
        inner = node.get(str(step)) if isinstance(node, Pairs) else None
        if key is None or inner is None:
            break
        node, span = inner, key.span
    return span


def _raise(problems: tuple[Diagnostic, ...]) -> None:
    if any(problem.level is Level.ERROR for problem in problems):
        raise SmokeError(problems)


def _whole(written: str, name: str) -> Span:
    return Span(name, 1, 1, 1, len(written) + 1)


def _refused(
    code: str, message: str, written: str, name: str, start: int = 0, end: int | None = None
) -> SmokeError:
    at = Span(name, 1, start + 1, 1, (len(written) if end is None else end) + 1)
    excerpt = ((1, written),) if "\n" not in written else ()
    return SmokeError([Diagnostic(code, message, span=at, excerpt=excerpt)])
