"""Puts a scenario's steps together: `include` and `like` resolved, each step validated by its kind."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from smoke import plugins
from smoke.diagnostic import Level, Span
from smoke.scenario import kinds
from smoke.scenario.contracts import ContractReader
from smoke.scenario.defaults import DEFAULTS, defaults_of, inherited, with_defaults
from smoke.scenario.drafts import StepDraft, StepParts, joined
from smoke.scenario.expectations import Expect
from smoke.scenario.files import Files
from smoke.scenario.includes import KEYS, IncludePlace, Includes, unnamed
from smoke.scenario.kinds_in_use import KindsInUse
from smoke.scenario.merge import Merger
from smoke.scenario.model import INCLUDE, Step, StepKeys
from smoke.scenario.nodes import Items, Node, Pairs, Scalar, found
from smoke.scenario.reading import Reader, expectation_lines, key_span, keys_of, value_span
from smoke.scenario.rules import step_doubts, step_problems
from smoke.scenario.side_by_side import check_side_by_side
from smoke.scenario.step_parts import captures_of, expect_of, order_of, rows_named, step_name
from smoke.scenario.template import stem
from smoke.scenario.template_places import template_places
from smoke.scenario.traits import Holds, Traits
from smoke.scenario.uses import uses

MAX_STEPS = 5_000
MAX_DEPTH = 32
"""Groups within groups: with `like` they can go on without an end."""
_INCLUDES = Traits(holds=Holds.IN_ORDER)

_STEP_KEYS = frozenset(keys_of(StepKeys))


class Composer:
    """Reads the steps of one scenario, with those of the files that it includes."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._contracts = ContractReader(files, reader)
        self._reader = reader
        self._kinds = KindsInUse(reader)
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
        place = IncludePlace(
            root.span.source,
            (root.span.source,),
            names=self._names,
            defaults=defaults_of(root, self._reader),
        )
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
                    self._reader.error("plugin-failed", str(fault), self._kinds.span(item))
                    continue
                if draft is not None:
                    drafts.append(draft)
        return drafts

    def _include(self, item: Pairs, place: IncludePlace) -> StepDraft | None:
        """The steps of another file, as a group."""
        opened = self._includes.open(item, place)
        apart = (INCLUDE, DEFAULTS)
        others = [key.text for key, _ in item.pairs if key.text in apart or key.text not in KEYS]
        keys = self._reader.model(StepKeys, item, "include", skip=others)
        named = item.get("name") is not None
        name = (
            step_name(item, place.names, self._reader)
            if named
            else unnamed(opened.place.source, place.files)
            if opened is not None
            else None
        )
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
                rows=rows_named(item, self._files, self._reader),
                children=self.built(children),
                names_from=place.names_from,
                path=(*place.within, name),
                uses=uses(item, ("name", *apart)),
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
            apart=apart,
        )

    # one step

    def _step(self, item: Pairs, place: IncludePlace) -> StepDraft | None:
        name = step_name(item, place.names, self._reader)
        taken = self._like(item, place)
        if name is None or taken is None:
            if name is None and taken is not None:  # one of its keys may be a misspelt name
                self._kinds.of(taken[0])
                self._unknown(taken[0])
            return None
        written, place = taken
        kind = self._kinds.of(written)
        node = self._with_defaults(written, item, kind, place)
        keys = self._keys(node)
        spec = self._kinds.spec(node, kind)
        expect = expect_of(node, self._reader)
        capture = captures_of(node, self._reader)
        holds = kinds.holds(self._kinds.named[kind]) if kind is not None else Holds.NOTHING
        children = self._children(node, kind or "", holds, name, place)
        step = None
        order = order_of(node, keys, expect, self._reader)
        if None not in (kind, keys, spec, expect, capture, order):
            parts = StepParts(kind, keys, spec, expect, capture, order or None)
            step = self._build(name, node, written, parts, children, place)
        draft = StepDraft(
            name,
            node,
            step,
            place.parameters,
            place.names_from,
            children,
            holds=holds,
            apart=(*self._kinds.apart(node), DEFAULTS),
            written=written,
            inherits=place.defaults,
        )
        self._known[name] = draft
        return draft

    def _with_defaults(
        self, written: Pairs, item: Pairs, kind: str | None, place: IncludePlace
    ) -> Pairs:
        """The step with what all requests have in common where it stands."""
        if (
            kind is None
            or place.defaults is None
            or not kinds.takes_defaults(self._kinds.named[kind])
        ):
            return written
        if not self._merger.has_room(place.defaults):
            message = "the defaults have too many values for so many requests"
            self._reader.error("too-many-nodes", message, place.defaults.span)
            return written
        return with_defaults(written, item, kind, place.defaults)

    def _children(
        self, node: Pairs, kind: str, holds: Holds, name: str, place: IncludePlace
    ) -> tuple[StepDraft, ...]:
        """The steps within a step."""
        listed = node.get(kind)
        if listed is None or holds is Holds.NOTHING:
            return ()
        if place.depth == MAX_DEPTH:
            message = f"steps within steps, more than {MAX_DEPTH} deep: a group may be like one that it is in"
            self._reader.error("too-deep", message, node.span)
            return ()
        own = defaults_of(node, self._reader)
        place = replace(place, defaults=inherited(place.defaults, own), depth=place.depth + 1)
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
        given = [key for key in self._kinds.named if item.get(key) is not None]
        short = [key for key in given if kinds.has_short_form(self._kinds.named[key])]
        step = self._merger.merged(base.written or base.node, item, given, short)
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

    def _keys(self, node: Pairs) -> StepKeys | None:
        unknown = self._unknown(node)
        skip = {*self._kinds.named, *unknown, "expect", "capture", DEFAULTS}
        return self._reader.model(StepKeys, node, "step", skip=skip)

    def _unknown(self, node: Pairs) -> list[str]:
        """The keys that no step has, after they were reported."""
        named = self._kinds.named
        unknown = [k for k, _ in node.pairs if k.text not in _STEP_KEYS and k.text not in named]
        known = sorted([*_STEP_KEYS, *named, INCLUDE]) if unknown else []
        for key in unknown:
            self._reader.unknown(
                "unknown-key",
                f"a step has no key '{key.text}'",
                key.span,
                key.text,
                known,
                "keys of a step",
            )
        return [key.text for key in unknown]

    def _build(
        self,
        name: str,
        node: Pairs,
        written: Pairs,
        parts: StepParts,
        children: tuple[StepDraft, ...],
        place: IncludePlace,
    ) -> Step | None:
        kind, keys, spec = parts.kind, parts.keys, parts.spec
        given = [key.text for key, _ in node.pairs]
        plugin = self._kinds.named[kind]
        does = kinds.traits(plugin, spec)
        for path, code, message in step_problems(does, keys, given, parts):
            self._reader.error(code, message, key_span(node, path))
        # a retry that all requests have in common is no word about each of them
        doubts = step_doubts(does, keys) if written.key("retry") is not None else ()
        for path, code, message in doubts:
            span = value_span(node, path)
            self._reader.error(code, message, span, level=Level.WARNING)
        for within, code, message in kinds.problems(plugin, spec):
            self._reader.error(code, message, key_span(node, (kind, *within)))
        files = kinds.bodies(plugin, spec, (kind, node), self._files, self._reader)
        contracts = self._contracts.of(parts.expect, node, does)
        if files is None or contracts is None:
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
            rows=rows_named(node, self._files, self._reader),
            places_order=parts.order,
            removes_order=keys.removes_order,
            children=self.built(children),
            files=files,
            contracts=contracts,
            names_from=place.names_from,
            lines=expectation_lines(node),
            path=(*place.within, name),
            places=template_places(node, self._reader, apart=(*self._kinds.apart(node), DEFAULTS)),
            uses=uses(
                node, ("name", "like", DEFAULTS, kind if does.holds is not Holds.NOTHING else "")
            ),
            traits=does,
        )
