"""Puts a scenario's steps together: `include` and `like` resolved, each step validated by its kind."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from smoke import plugins
from smoke.diagnostic import Level, SmokeError, Span
from smoke.scenario import kinds
from smoke.scenario.drafts import StepDraft, StepParts, joined
from smoke.scenario.files import Files
from smoke.scenario.includes import KEYS, IncludedFile, IncludePlace, Includes
from smoke.scenario.merge import Merger
from smoke.scenario.model import INCLUDE, Expect, Step, StepKeys
from smoke.scenario.names import template_places
from smoke.scenario.nodes import Items, Node, Pairs, Scalar, found
from smoke.scenario.reading import Reader, expectation_lines, key_span, keys_of, value_span
from smoke.scenario.rules import step_doubts, step_problems
from smoke.scenario.side_by_side import check_side_by_side
from smoke.scenario.step_parts import captures_of, expect_of, order_of
from smoke.scenario.template import stem
from smoke.scenario.traits import Holds, Traits
from smoke.scenario.uses import uses

MAX_STEPS = 5_000
_INCLUDES = Traits(holds=Holds.IN_ORDER)


@functools.cache
def _own_kinds() -> Mapping[str, plugins.Plugin]:
    """The step kinds that ship, as they are written in a file. They lie beside this module: they do not change."""
    found = plugins.find("steps", third_party=False)
    return MappingProxyType({name.replace("-", "_"): plugin for name, plugin in found.items()})


class Composer:
    """Reads the steps of one scenario, with those of the files that it includes."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._reader = reader
        self._kinds = dict(_own_kinds())
        self._third_party: dict[str, plugins.Plugin] | None = None
        self._known: dict[str, StepDraft] = {}
        self._names: dict[str, Span] = {}
        self._includes = Includes(files, reader)
        self._merger = Merger()
        self._count = 0

    def steps(
        self, root: Pairs, key: str, *, required: bool, before: Sequence[StepDraft] = ()
    ) -> list[StepDraft]:
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
        place = IncludePlace(root.span.source, (root.span.source,), names=self._names)
        drafts = self._list(node, key, place)
        if required and not drafts and not self._reader.failed:
            self._reader.error(
                "no-steps", "the list of steps is empty: it would check nothing", node.span
            )
        return drafts

    @staticmethod
    def built(drafts: Sequence[StepDraft]) -> tuple[Step, ...]:
        """The steps of drafts, without those that have faults."""
        return tuple(draft.step for draft in drafts if draft.step is not None)

    def _list(self, node: Node, what: str, place: IncludePlace) -> list[StepDraft]:
        if not isinstance(node, Items):
            self._reader.error(
                "wrong-type",
                f"{what} is a list (each step begins with '- '), not {found(node)}",
                node.span,
            )
            return []
        drafts: list[StepDraft] = []
        for item in node.items:
            self._count += 1
            if self._count > MAX_STEPS:
                self._reader.error("too-many-steps", f"more than {MAX_STEPS:,} steps", item.span)
                break
            if not isinstance(item, Pairs):
                self._reader.error(
                    "wrong-type",
                    f"a step is a mapping of keys and values, not {found(item)}",
                    item.span,
                )
            elif item.get(INCLUDE) is not None:
                draft = self._include(item, place)
                if draft is not None:
                    drafts.append(draft)
            else:
                try:
                    draft = self._step(item, place)
                except plugins.PluginError as fault:  # named where it is asked for
                    self._reader.error("plugin-failed", str(fault), self._kind_span(item))
                    continue
                if draft is not None:
                    drafts.append(draft)
        return drafts

    def _include(self, item: Pairs, place: IncludePlace) -> StepDraft | None:
        """The steps of another file, as a group."""
        opened = self._includes.open(item, place)
        others = [key.text for key, _ in item.pairs if key.text == INCLUDE or key.text not in KEYS]
        keys = self._reader.model(StepKeys, item, "include", skip=others)
        named = item.get("name") is not None
        name = self._name(item, place) if named else self._nameless(opened, place)
        if opened is None:
            return None
        own = Pairs(tuple(pair for pair in item.pairs if pair[0].text == INCLUDE), item.span)
        bind = replace(opened.bind, uses=uses(own, ()))
        children = (
            StepDraft(bind.name, own, bind, place.parameters, defaults=opened.defaults),
            *self._list(
                opened.steps,
                "steps",
                replace(opened.place, within=(*place.within, name or "")),
            ),
        )
        step = None
        if keys is not None and name is not None:
            given = [key.text for key, _ in item.pairs if key.text in KEYS]
            for path, code, message in step_problems(_INCLUDES, keys, given):
                self._reader.error(code, message, key_span(item, path))
            name_node = item.get("name")
            step = Step(
                id=stem(name),
                name=name,
                kind=INCLUDE,
                spec=None,
                span=name_node.span if name_node is not None else item.span,
                expect=Expect.model_validate({}),
                when=keys.when,
                repeat=keys.repeat,
                for_each=keys.for_each,
                children=self.built(children),
                names_from=place.names_from,
                path=(*place.within, name),
                uses=uses(item, ("name", INCLUDE)),
                traits=_INCLUDES,
            )
        return StepDraft(
            name or "",
            item,
            step,
            place.parameters,
            place.names_from,
            children,
            holds=Holds.IN_ORDER,
            apart=(INCLUDE,),
        )

    @staticmethod
    def _nameless(opened: IncludedFile | None, place: IncludePlace) -> str | None:
        """What an include without a name is called: as its file, with a number from the second one on."""
        if opened is None:
            return None
        file = Path(opened.place.source).stem
        count = place.files[file] = place.files.get(file, 0) + 1
        return file if count == 1 else f"{file} {count}"

    # one step

    def _step(self, item: Pairs, place: IncludePlace) -> StepDraft | None:
        name = self._name(item, place)
        taken = self._like(item, place)
        if name is None or taken is None:
            return None
        node, place = taken
        kind = self._kind(node)
        keys = self._keys(node)
        spec = self._spec(node, kind)
        expect = expect_of(node, self._reader)
        capture = captures_of(node, self._reader)
        holds = kinds.holds(self._kinds[kind]) if kind is not None else Holds.NOTHING
        children = self._children(node, kind or "", holds, name, place)
        step = None
        order = order_of(node, keys, self._reader)
        if None not in (kind, keys, spec, expect, capture, order):
            parts = StepParts(kind, keys, spec, expect, capture, order or None)
            step = self._build(name, node, parts, children, place)
        draft = StepDraft(
            name,
            node,
            step,
            place.parameters,
            place.names_from,
            children,
            holds=holds,
            apart=self._apart(node),
        )
        self._known[name] = draft
        return draft

    def _children(
        self, node: Pairs, kind: str, holds: Holds, name: str, place: IncludePlace
    ) -> tuple[StepDraft, ...]:
        """The steps within a step."""
        listed = node.get(kind)
        if listed is None or holds is Holds.NOTHING:
            return ()
        if holds is Holds.TOGETHER:
            children = tuple(self._list(listed, kind, place))
            check_side_by_side(children, listed, self._reader)
            return children
        inside = replace(place, names={}, files={}, within=(*place.within, name))
        children = tuple(self._list(listed, kind, inside))
        if not children and not self._reader.failed:
            message = "the group has no steps: it would do nothing"
            self._reader.error("no-steps", message, listed.span)
        return children

    def _apart(self, node: Pairs) -> tuple[str, ...]:
        """The keys of a step whose value is steps."""
        return tuple(
            key.text
            for key, _ in node.pairs
            if key.text in self._kinds and kinds.holds(self._kinds[key.text]) is not Holds.NOTHING
        )

    def _name(self, item: Pairs, place: IncludePlace) -> str | None:
        node = item.get("name")
        if node is None:
            self._reader.error("missing-key", "a step needs the key 'name'", item.span)
            return None
        if not isinstance(node, Scalar) or node.value is None:
            self._reader.error("bad-value", "name: a text is expected", node.span)
            return None
        name = node.text
        first = place.names.get(name)
        if first is not None:  # an alias of a whole step comes here as well
            self._reader.error(
                "duplicate-step",
                f"there are two steps named '{name}'",
                node.span,
                label=f"the first is in line {first.line}",
            )
        place.names[name] = node.span
        return name

    def _like(self, item: Pairs, place: IncludePlace) -> tuple[Pairs, IncludePlace] | None:
        """The step with what `like` takes over, and where its names are read."""
        node = item.get("like")
        if node is None:
            return item, place
        name = node.text if isinstance(node, Scalar) else ""
        base = self._known.get(name)
        if base is None:
            self._reader.unknown(
                "unknown-step",
                f"no step before this one is named '{name}'",
                node.span,
                name,
                self._known,
                "steps before it",
            )
            return None
        given = [key for key in self._kinds if item.get(key) is not None]
        short = [key for key in given if kinds.has_short_form(self._kinds[key])]
        step = self._merger.merged(base.node, item, given, short)
        if step is None:
            message = "the steps that `like` takes over have too many values in all"
            self._reader.error("too-many-nodes", message, node.span)
            return None
        # what was written in an included file means the parameters of that file
        return step, replace(
            place,
            names_from=joined(base.names_from, place.names_from),
            parameters=joined(base.parameters, place.parameters),
        )

    def _kind(self, node: Pairs) -> str | None:
        found = {key.text: key.span for key, _ in node.pairs if key.text in self._kinds}
        if len(found) > 1:
            names = " and ".join(f"'{name}'" for name in found)
            self._reader.error(
                "two-kinds", f"a step has one kind, this one has {names}", [*found.values()][1]
            )
            return None
        if found:
            return next(iter(found))
        if self._third_party is None:  # reading the entry points takes milliseconds
            self._third_party = plugins.find("steps")
        for key, _ in node.pairs:
            plugin = self._third_party.get(key.text.replace("_", "-"))
            if plugin is not None and key.text not in keys_of(StepKeys):
                self._kinds[key.text] = plugin
                return key.text
        # an unknown key that may have been meant as the kind is reported as such
        own = keys_of(StepKeys)
        if all(
            key.text in own or not self._reader.near(key.text, self._kinds) for key, _ in node.pairs
        ):
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
            self._reader.unknown(
                "unknown-key",
                f"a step has no key '{key.text}'",
                key.span,
                key.text,
                known,
                "keys of a step",
            )
        skip = [*self._kinds, *(key.text for key in unknown), "expect", "capture"]
        return self._reader.model(StepKeys, node, "step", skip=skip)

    def _spec(self, node: Pairs, kind: str | None) -> Any:
        if kind is None:
            return None
        value = node.get(kind)
        assert value is not None
        module: Any = self._kinds[kind].load()

        def read() -> Any:
            spec = self._reader.model(module.Spec, value, kind)
            beside = self._kinds[kind].parts(kinds.Kind).beside
            if spec is None or beside is None:
                return spec
            return beside(spec, Path(value.span.source).parent)

        return plugins.guarded(self._kinds[kind], read, lets=(SmokeError,))

    def _kind_span(self, node: Pairs) -> Span:
        return next((key.span for key, _ in node.pairs if key.text in self._kinds), node.span)

    def _build(
        self,
        name: str,
        node: Pairs,
        parts: StepParts,
        children: tuple[StepDraft, ...],
        place: IncludePlace,
    ) -> Step | None:
        kind, keys, spec = parts.kind, parts.keys, parts.spec
        given = [key.text for key, _ in node.pairs]
        plugin = self._kinds[kind]
        does = kinds.traits(plugin, spec)
        for path, code, message in step_problems(does, keys, given):
            self._reader.error(code, message, key_span(node, path))
        for path, code, message in step_doubts(does, keys):
            span = value_span(node, path)
            self._reader.error(code, message, span, level=Level.WARNING)
        for within, code, message in kinds.problems(plugin, spec):
            self._reader.error(code, message, key_span(node, (kind, *within)))
        files = kinds.bodies(plugin, spec, (kind, node), self._files, self._reader)
        if files is None:
            return None
        name_node = node.get("name")
        return Step(
            id=stem(name),
            name=name,
            kind=kind,
            spec=spec,
            span=name_node.span if name_node is not None else node.span,
            expect=parts.expect,
            capture=parts.capture,
            retry=keys.retry,
            until=keys.until,
            when=keys.when,
            repeat=keys.repeat,
            for_each=keys.for_each,
            places_order=parts.order,
            removes_order=keys.removes_order,
            children=self.built(children),
            files=files,
            names_from=place.names_from,
            lines=expectation_lines(node),
            path=(*place.within, name),
            places=template_places(node, self._reader, apart=self._apart(node)),
            uses=uses(node, ("name", "like", kind if does.holds is Holds.IN_ORDER else "")),
            traits=does,
        )
