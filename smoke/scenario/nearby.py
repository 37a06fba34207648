"""What there is where a rule found nothing: how far it leads, and the names that it may have meant. Pure, and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from smoke.diagnostic import nearest
from smoke.model.run import JsonValue
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.filtering import kind
from smoke.scenario.filters import FILTERS
from smoke.scenario.inserted import path_with, pattern_with, selector_with
from smoke.scenario.jsonpath import PathError, find
from smoke.scenario.patterns import PatternError, search
from smoke.scenario.rule_text import RuleText
from smoke.scenario.scope import NAMESPACES, Scope, TemplateError
from smoke.scenario.template import Expression, compile_text

_MOST_NAMES = 40
_MOST_VALUES = 20_000
_MOST_CUTS = 100
_LONGEST_TEXT = 200_000
_CUT = re.compile(r"[.\[]")
_MEMBER = re.compile(r"\.{0,2}(?:\[['\"])?([A-Za-z_][\w-]{0,100})")
_PLAIN_NAME = re.compile(r"[A-Za-z_][0-9A-Za-z_]*")
_SELECTED = re.compile(r"[.#]?[A-Za-z_][\w-]*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]")
_XML_NAME = re.compile(r"(?<![\w:-])@?([A-Za-z_][\w.-]{0,100})(?![\w(:.-])")
_FULL_NAME = re.compile(r"(?:\{([^}]*)\})?(.*)", re.DOTALL)


class Nearby(Struct, frozen=True):
    """`there` says in words what is there instead, `names` which ones there are, `nearest` what was probably meant."""

    there: str = ""
    names: tuple[str, ...] = ()
    nearest: str = ""


def nearby(rule: RuleText, answer: StepAnswer, cookies: Mapping[str, str], scope: Scope) -> Nearby:
    """What is there in place of that which a rule looked for. Never raises for what an answer holds."""
    try:
        match rule.source:
            case "json":
                return _in_json(path_with(rule.text, scope), answer.json)
            case "header":
                return _among(rule.text, answer.header_names)
            case "cookie":
                return _among(rule.text, {**cookies, **answer.cookies})
            case "html":
                return _in_page(rule, selector_with(rule.text, scope), answer)
            case "xpath":
                return _in_xml(rule.text, answer.xml)
            case "regex":
                return _in_text(pattern_with(rule.text, scope), answer.text)
            case "template":
                return _in_template(rule.text, scope)
            case "url" if rule.capture is not None and isinstance(rule.capture.url, str):
                return Nearby(there=f"the final URL is {answer.url}")
            case _:
                return Nearby()
    except UnreadableError:
        return Nearby(there=_kind_of_body(answer))
    except (PathError, PatternError, TemplateError, ValueError):
        return Nearby()


def _kind_of_body(answer: StepAnswer) -> str:
    given = next(iter(answer.headers("content-type")), "without a content type")
    return f"the body is {given}"


def _among(word: str, names: Iterable[str]) -> Nearby:
    known = tuple(dict.fromkeys(names))
    return Nearby(names=known[:_MOST_NAMES], nearest=nearest(word, known) or "")


def _in_json(path: str, value: JsonValue) -> Nearby:
    """The longest beginning of the path that leads to something, and the names there."""
    if whole := find(path, value):
        what = "an empty text" if whole[0] == "" else kind(whole[0])
        return Nearby(f"{path} is there, and is {what}: a capture takes that for no value")
    cuts = [found.start() for found in _CUT.finditer(path)][-_MOST_CUTS:]
    for cut in reversed(cuts):
        if cut and path[cut - 1] == ".":
            continue  # the second point of `..`
        before, rest = path[:cut], path[cut:]
        try:
            there = find(before, value)
        except PathError:
            continue
        if there:
            return _behind(before, rest, there[0], value)
    return Nearby(there=f"the body is {kind(value)}")


def _behind(before: str, rest: str, there: JsonValue, whole: JsonValue) -> Nearby:
    wanted = _MEMBER.match(rest)
    word = wanted[1] if wanted is not None else ""
    names = tuple(there) if isinstance(there, dict) else ()
    near = nearest(word, names) if word else None
    meant = _member(before, near) if near else next(iter(_elsewhere(word, whole)), "")
    if meant and wanted is not None:
        meant += rest[wanted.end() :].removeprefix("']").removeprefix('"]')
    size = f" with {len(there)} items" if isinstance(there, list) else ""
    return Nearby(f"{before} is {kind(there)}{size}", names[:_MOST_NAMES], meant)


def _member(before: str, name: str) -> str:
    if _PLAIN_NAME.fullmatch(name):
        return f"{before}.{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{before}['{quoted}']"


def _elsewhere(word: str, whole: JsonValue) -> Iterable[str]:
    """Where in the document a name stands, the nearest to its root first."""
    waiting: list[tuple[str, Any]] = [("$", whole)]
    seen = 0
    while waiting and seen < _MOST_VALUES:
        below: list[tuple[str, Any]] = []
        for path, value in waiting:
            seen += 1
            if seen >= _MOST_VALUES:
                break
            if isinstance(value, dict):
                if word in value:
                    yield _member(path, word)
                below += [(_member(path, key), inner) for key, inner in value.items()]
            elif isinstance(value, list):
                below += [(f"{path}[{at}]", inner) for at, inner in enumerate(value)]
        waiting = below


def _in_page(rule: RuleText, selector: str, answer: StepAnswer) -> Nearby:
    from smoke.scenario.html import SelectorError, with_attribute

    spec = rule.capture
    plain, attribute = with_attribute(selector)
    attribute = (spec.attribute if spec is not None else None) or attribute
    try:
        of_first = answer.page.attributes(plain)
    except SelectorError:
        return Nearby()
    if attribute and of_first is not None:
        near = nearest(attribute, of_first)
        return Nearby(
            "the element is there, without this attribute",
            of_first[:_MOST_NAMES],
            f"{plain}@{near}" if near else "",
        )
    if of_first is not None:
        return Nearby("the element is there, and has no text")
    names = answer.page.names()
    for word in _SELECTED.findall(_QUOTED.sub("", plain)):
        if word in names:
            continue
        near = nearest(word, names)
        meant = plain.replace(word, near) if near else ""
        if meant and attribute:
            meant += f"@{attribute}"
        return Nearby(names=names[:_MOST_NAMES], nearest=meant)
    return Nearby(names=names[:_MOST_NAMES])


def _in_xml(path: str, document: Any) -> Nearby:
    """The names of elements and attributes, and the namespaces that they are in."""
    from smoke.scenario.xpath import elements_of

    names: dict[str, None] = {}
    spaces: dict[str, None] = {}
    for element in elements_of(document):
        for mark, name in (("", element.tag), *(("@", key) for key in element.attrib)):
            found = _FULL_NAME.fullmatch(name)
            assert found is not None
            names[f"{mark}{found[2]}"] = None
            if found[1] and not mark:
                spaces[found[1]] = None
        if len(names) >= _MOST_NAMES:
            break
    there = ""
    if spaces and ":" not in path:
        uri = next(iter(spaces))
        there = f"its elements are in a namespace: {{xpath: //p:…, namespaces: {{p: {uri}}}}}"
    for found in _XML_NAME.finditer(_QUOTED.sub("", path)):
        word = found[0]
        near = nearest(word, names) if word not in names else None
        if near:
            return Nearby(there, tuple(names), path.replace(word, near))
    return Nearby(there, tuple(names))


def _in_text(pattern: str, text: str) -> Nearby:
    """The longest beginning of a pattern that is in the text, and what follows there."""
    size = f"the text has {len(text):,} characters"
    if "|" in pattern or len(text) > _LONGEST_TEXT:
        return Nearby(size)
    for end in range(len(pattern) - 1, max(0, len(pattern) - _MOST_CUTS), -1):
        try:
            found = search(pattern[:end], text)
        except PatternError as error:
            if "took more than" in str(error):
                break
            continue
        if found is not None and found.end() > found.start():
            behind = text[found.end() : found.end() + 40]
            return Nearby(f"found as far as {pattern[:end]} ; then comes: {behind or 'the end'}")
    return Nearby(size)


def _in_template(text: str, scope: Scope) -> Nearby:
    """A filter that is none, a secret, a name. The message itself tells the nearest name."""
    for part in compile_text(text):
        if not isinstance(part, Expression):
            continue
        if "secrets" in part.first_names:
            return Nearby("no secret is kept with a run: a template of one cannot be tried here")
        for call in part.filters:
            if call.name not in FILTERS:
                return _among(call.name, FILTERS)
        for name in part.first_names:
            if name not in NAMESPACES and not scope.has(name):
                return Nearby(f"variables of a scenario are not kept: --var '{name}=…' gives one")
    return Nearby()
