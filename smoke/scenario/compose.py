"""Puts a scenario's steps together: `include` and `like` resolved, each step validated by its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from smoke import plugins
from smoke.diagnostic import SmokeError, Span, nearest
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.merge import merged
from smoke.scenario.model import (
    CaptureSpec,
    Expect,
    Include,
    PlaceOrder,
    Step,
    StepKeys,
)
from smoke.scenario.reading import Reader, key_span, keys_of, value_span
from smoke.scenario.rules import capture_of, capture_problems, expect_problems, step_problems
from smoke.scenario.source import Items, Node, Pairs, Scalar, parse, plain

MAX_INCLUDES = 50
MAX_STEPS = 5_000
INCLUDE = "include"
LET = "let"
"""The kind of the step that binds the parameters of an included file; no file can write it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A step whose `like` is resolved; `step` is None when its faults keep it from being built."""

    name: str
    node: Pairs
    step: Step | None
    parameters: tuple[str, ...] = ()
    children: tuple[Draft, ...] = ()


@dataclass(slots=True)
class _Place:
    """Which file steps are read from, and which includes led there."""

    source: str
    chain: tuple[str, ...] = ()
    names_from: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    included: bool = False
    names: dict[str, Span] = field(default_factory=dict)


class Composer:
    """Reads the steps of one scenario, with those of the files that it includes."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._reader = reader
        self._kinds = {
            name.replace("-", "_"): plugin
            for name, plugin in plugins.find("steps", foreign=False).items()
        }
        self._known: dict[str, Draft] = {}
        self._ids: dict[str, int] = {}
        self._names: dict[str, Span] = {}
        self._includes = 0
        self._count = 0

    def steps(
        self, root: Pairs, key: str, *, required: bool, before: Sequence[Draft] = ()
    ) -> list[Draft]:
        """The drafts of `steps` or `teardown` of the top file. `before` came earlier, for `like`."""
        node = root.get(key)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            if required:
                span = key_span(root, [key])
                self._reader.error(
                    "no-steps", "the scenario has no steps: it would check nothing", span
                )
            return []
        self._known.update((draft.name, draft) for draft in before)
        place = _Place(root.span.source, (root.span.source,), names=self._names)
        drafts = self._list(node, key, place)
        if required and not drafts and not self._reader.failed:
            self._reader.error(
                "no-steps", "the list of steps is empty: it would check nothing", node.span
            )
        return drafts

    @staticmethod
    def built(drafts: Sequence[Draft]) -> tuple[Step, ...]:
        """The steps of drafts, without those that have faults."""
        return tuple(draft.step for draft in drafts if draft.step is not None)

    def _list(self, node: Node, what: str, place: _Place) -> list[Draft]:
        if not isinstance(node, Items):
            self._reader.error(
                "wrong-type", f"{what} is a list: each step begins with '- '", node.span
            )
            return []
        drafts: list[Draft] = []
        for item in node.items:
            self._count += 1
            if self._count > MAX_STEPS:
                self._reader.error("too-many-steps", f"more than {MAX_STEPS:,} steps", item.span)
                break
            if not isinstance(item, Pairs):
                self._reader.error(
                    "wrong-type", "a step is a mapping of keys and values", item.span
                )
            elif item.get(INCLUDE) is not None:
                drafts += self._include(item, place)
            else:
                draft = self._step(item, place)
                if draft is not None:
                    drafts.append(draft)
        return drafts

    # one step

    def _step(self, item: Pairs, place: _Place) -> Draft | None:
        name = self._name(item, place)
        node = self._like(item)
        if name is None or node is None:
            return None
        kind = self._kind(node)
        keys = self._keys(node)
        spec = self._spec(node, kind)
        children: tuple[Draft, ...] = ()
        if kind == "together" and (listed := node.get(kind)) is not None:
            children = tuple(self._list(listed, "together", place))
            self._check_children(children, listed)
        step = None
        if kind is not None and keys is not None and spec is not None:
            step = self._build(name, node, kind, keys, spec, children, place)
        draft = Draft(name, node, step, place.parameters, children)
        self._known[name] = draft
        return draft

    def _name(self, item: Pairs, place: _Place) -> str | None:
        node = item.get("name")
        if node is None:
            self._reader.error("missing-key", "a step needs the key 'name'", item.span)
            return None
        if not isinstance(node, Scalar) or node.value is None:
            self._reader.error("bad-value", "name: a text is expected", node.span)
            return None
        name = node.text
        first = place.names.setdefault(name, node.span)
        if first is not node.span:
            self._reader.error(
                "duplicate-step",
                f"there are two steps named '{name}'",
                node.span,
                label=f"the first is in line {first.line}",
            )
        return name

    def _like(self, item: Pairs) -> Pairs | None:
        node = item.get("like")
        if node is None:
            return item
        name = node.text if isinstance(node, Scalar) else ""
        base = self._known.get(name)
        if base is None:
            near = nearest(name, self._known)
            self._reader.error(
                "unknown-step",
                f"no step before this one is named '{name}'",
                node.span,
                label=f"did you mean '{near}'?" if near else "",
                suggestion=near,
                notes=[f"steps before it: {', '.join(self._known) or '(none)'}"],
            )
            return None
        kinds = [key for key in self._kinds if item.get(key) is not None]
        return merged(base.node, item, kinds)

    def _kind(self, node: Pairs) -> str | None:
        found = [(key, value) for key, value in node.pairs if key.text in self._kinds]
        if len(found) > 1:
            names = " and ".join(f"'{key.text}'" for key, _ in found)
            self._reader.error(
                "two-kinds", f"a step has one kind, this one has {names}", found[1][0].span
            )
            return None
        if found:
            return found[0][0].text
        foreign = plugins.find("steps")
        for key, _ in node.pairs:
            plugin = foreign.get(key.text.replace("_", "-"))
            if plugin is not None:
                self._kinds[key.text] = plugin
                return key.text
        near = [
            nearest(key.text, self._kinds)
            for key, _ in node.pairs
            if key.text not in keys_of(StepKeys)
        ]
        if not any(near):  # else the unknown key is reported with what it was meant to be
            self._reader.error(
                "missing-kind",
                "a step needs one key that says what it does",
                node.span,
                notes=[f"kinds: {', '.join(sorted([*self._kinds, INCLUDE]))}"],
            )
        return None

    def _keys(self, node: Pairs) -> StepKeys | None:
        own = keys_of(StepKeys)
        known = sorted([*own, *self._kinds])
        unknown = [key for key, _ in node.pairs if key.text not in known]
        for key in unknown:
            near = nearest(key.text, known)
            self._reader.error(
                "unknown-key",
                f"a step has no key '{key.text}'",
                key.span,
                label=f"did you mean '{near}'?" if near else "",
                suggestion=near,
                notes=[f"keys of a step: {', '.join(known)}"],
            )
        skip = [*self._kinds, *(key.text for key in unknown), "expect", "capture"]
        return self._reader.model(StepKeys, node, "step", skip=skip)

    def _spec(self, node: Pairs, kind: str | None) -> Any:
        if kind is None:
            return None
        value = node.get(kind)
        assert value is not None
        return self._reader.model(self._module(kind).Spec, value, kind)

    def _module(self, kind: str) -> ModuleType:
        return self._kinds[kind].load()

    def _build(
        self,
        name: str,
        node: Pairs,
        kind: str,
        keys: StepKeys,
        spec: Any,
        children: tuple[Draft, ...],
        place: _Place,
    ) -> Step | None:
        expect = self._expect(node)
        capture = self._capture(node)
        for path, code, message in step_problems(kind, keys, spec, node.get(kind)):
            self._reader.error(code, message, key_span(node, path))
        self._module_problems(kind, spec, node)
        files = self._bodies(kind, spec, node, place)
        if expect is None or capture is None or files is None:
            return None
        order = None
        if keys.places_order is not None:
            rule = None
            if keys.places_order.id is not None:
                span = value_span(node, ["places_order", "id"])
                rule = capture_of(keys.places_order.id, node, ("places_order", "id"), self._reader)
                if rule is None:
                    return None
                for message in capture_problems(rule):
                    self._reader.error("bad-capture", message, span)
            order = PlaceOrder(rule, keys.places_order.remove)
        name_node = node.get("name")
        return Step(
            id=self._unique(name),
            name=name,
            kind=kind,
            spec=spec,
            span=name_node.span if name_node is not None else node.span,
            expect=expect,
            capture=capture,
            retry=keys.retry,
            until=keys.until,
            when=keys.when,
            repeat=keys.repeat,
            for_each=keys.for_each,
            places_order=order,
            removes_order=keys.removes_order,
            children=self.built(children),
            files=files,
            names_from=place.names_from,
            lines=_lines(node),
        )

    def _module_problems(self, kind: str, spec: Any, node: Pairs) -> None:
        problems = getattr(self._module(kind), "problems", None)
        if problems is not None:
            for path, code, message in problems(spec):
                self._reader.error(code, message, key_span(node, (kind, *path)))

    def _expect(self, node: Pairs) -> Expect | None:
        value = node.get("expect")
        if value is None:
            return Expect.model_validate({})
        expect = self._reader.model(Expect, value, "expect")
        if expect is not None:
            for path, code, message in expect_problems(expect):
                self._reader.error(code, message, key_span(value, path))
        return expect

    def _capture(self, node: Pairs) -> dict[str, CaptureSpec] | None:
        value = node.get("capture")
        if value is None:
            return {}
        if not isinstance(value, Pairs):
            self._reader.error("wrong-type", "capture is a mapping of names to places", value.span)
            return None
        found: dict[str, CaptureSpec] = {}
        for key, rule in value.pairs:
            spec = capture_of(plain(rule), node, ("capture", key.text), self._reader)
            if spec is None:
                return None
            for message in capture_problems(spec, key.text):
                self._reader.error("bad-capture", message, rule.span)
            found[key.text] = spec
        return found

    def _bodies(self, kind: str, spec: Any, node: Pairs, place: _Place) -> dict[str, bytes] | None:
        """The bytes of the files that a spec names."""
        named = getattr(self._module(kind), "files", None)
        if named is None:
            return {}
        bodies: dict[str, bytes] = {}
        for path, name in named(spec):
            try:
                bodies[name] = self._files.read_body(self._files.locate(name, place.source))
            except FileRefusedError as refused:
                self._reader.error(refused.code, str(refused), value_span(node, (kind, *path)))
                return None
        return bodies

    def _check_children(self, children: Sequence[Draft], listed: Node) -> None:
        if len(children) < 2 and not self._reader.failed:
            self._reader.error("together-alone", "together needs two steps or more", listed.span)
        for child in children:
            step = child.step
            if step is not None and (step.kind != "request" or step.repeat or step.for_each):
                self._reader.error(
                    "together-kind", "together holds plain request steps, without loops", step.span
                )

    def _unique(self, name: str) -> str:
        count = self._ids[name] = self._ids.get(name, 0) + 1
        return name if count == 1 else f"{name}~{count}"

    # included files

    def _include(self, item: Pairs, place: _Place) -> list[Draft]:
        node = item.get(INCLUDE)
        assert node is not None
        for key, _ in item.pairs:
            if key.text not in (INCLUDE, "name"):
                self._reader.error(
                    "unknown-key",
                    f"an include has no key '{key.text}'",
                    key.span,
                    notes=["keys: include, name"],
                )
        if isinstance(node, Scalar) and isinstance(node.value, str):
            include = Include.model_validate({"file": node.value})
        else:
            read = self._reader.model(Include, node, "include")
            if read is None:
                return []
            include = read
        span = value_span(node, ["file"])
        self._includes += 1
        if self._includes > MAX_INCLUDES:
            self._reader.error("too-many-includes", f"more than {MAX_INCLUDES} includes", span)
            return []
        try:
            path = self._files.locate(include.file, place.source)
            here = str(path)
            if here in place.chain or self._is_top(here, place):
                self._reader.error(
                    "cyclic-include", f"'{include.file}' includes itself in the end", span
                )
                return []
            document = parse(
                self._files.read_scenario(path), str(Path(place.source).parent / include.file)
            )
        except FileRefusedError as refused:
            self._reader.error(refused.code, str(refused), span)
            return []
        except SmokeError as error:
            for diagnostic in error.diagnostics:
                self._reader.take(diagnostic)
            return []
        self._reader.know(document.root.span.source, document.lines, document.warnings)
        if not isinstance(document.root, Pairs):
            self._reader.error(
                "not-a-scenario", "an included file is a mapping with steps", document.root.span
            )
            return []
        return self._included(
            document.root,
            include,
            item,
            node,
            replace(place, chain=(*place.chain, here), source=here),
        )

    @staticmethod
    def _is_top(path: str, place: _Place) -> bool:
        return str(Path(place.chain[0]).resolve()) == path

    def _included(
        self, root: Pairs, include: Include, item: Pairs, node: Node, place: _Place
    ) -> list[Draft]:
        """The step that binds the parameters, and the file's steps behind it."""
        allowed = ("name", "summary", "parameters", "steps")
        for key, _ in root.pairs:
            if key.text not in allowed:
                self._reader.error(
                    "unknown-key",
                    f"an included file has no key '{key.text}'",
                    key.span,
                    notes=[f"keys: {', '.join(allowed)}"],
                )
        defaults = self._parameters(root)
        values = dict(defaults)
        for name, value in include.with_.items():
            if name not in defaults:
                near = nearest(name, defaults)
                self._reader.error(
                    "unknown-parameter",
                    f"'{include.file}' has no parameter '{name}'",
                    key_span(node, ["with", name]),
                    label=f"did you mean '{near}'?" if near else "",
                    suggestion=near,
                    notes=[f"parameters: {', '.join(defaults) or '(none)'}"],
                )
            values[name] = value
        for name, value in values.items():
            if value is _NEEDED:
                self._reader.error(
                    "missing-parameter",
                    f"'{include.file}' needs the parameter '{name}'",
                    key_span(item, [INCLUDE]),
                )
                return []
        key = f"include:{self._includes}"
        bind = Step(
            id=key,
            name=f"include {include.file}",
            kind=LET,
            spec={"key": key, "values": values},
            span=item.span,
            expect=Expect.model_validate({}),
            names_from=place.names_from,
        )
        inner = replace(
            place,
            names_from=(*place.names_from, key),
            parameters=(*place.parameters, *defaults),
            included=True,
            names={},
        )
        steps = root.get("steps")
        if steps is None:
            self._reader.error("no-steps", "the included file has no steps", root.span)
            return []
        return [Draft(bind.name, item, bind, place.parameters), *self._list(steps, "steps", inner)]

    def _parameters(self, root: Pairs) -> dict[str, Any]:
        node = root.get("parameters")
        if node is None:
            return {}
        if isinstance(node, Items):
            return {item.text: _NEEDED for item in node.items if isinstance(item, Scalar)}
        if isinstance(node, Pairs):
            return {key.text: plain(value) for key, value in node.pairs}
        self._reader.error(
            "wrong-type", "parameters is a list of names, or names with defaults", node.span
        )
        return {}


_NEEDED: Any = object()


def _lines(node: Pairs) -> dict[str, Span]:
    """Where each expectation of a step stands."""
    lines = {"": node.span}
    expect = node.get("expect")
    if isinstance(expect, Pairs):
        for key, value in expect.pairs:
            lines[key.text] = value.span if not isinstance(value, Pairs) else key.span
            if isinstance(value, Pairs):
                for inner, target in value.pairs:
                    lines[f"{key.text}.{inner.text}"] = (
                        target.span if isinstance(target, Scalar) else inner.span
                    )
    return lines
