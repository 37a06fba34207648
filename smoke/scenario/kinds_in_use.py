"""The step kinds that a scenario's steps are read with: those that ship, and others where one is named."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smoke import plugins
from smoke.diagnostic import SmokeError, Span
from smoke.scenario import kinds
from smoke.scenario.model import INCLUDE, StepKeys
from smoke.scenario.nodes import Items, Pairs
from smoke.scenario.reading import Reader, keys_of
from smoke.scenario.traits import Holds


@functools.cache
def _own_kinds() -> Mapping[str, plugins.Plugin]:
    """The step kinds that ship, as they are written in a file. They lie beside this module: they do not change."""
    found = plugins.find("steps", third_party=False)
    return MappingProxyType({name.replace("-", "_"): plugin for name, plugin in found.items()})


class KindsInUse:
    """Tells which kind a step has."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.named = dict(_own_kinds())
        """By the key that is written; third-party ones from when a step had one."""
        self._third_party: dict[str, plugins.Plugin] | None = None

    def of(self, node: Pairs) -> str | None:
        """The kind of a step; None after it was reported that it has none, or two."""
        found = {key.text: key.span for key, _ in node.pairs if key.text in self.named}
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
                self.named[key.text] = plugin
                return key.text
        # an unknown key that may have been meant as the kind is reported as such
        own = keys_of(StepKeys)
        if all(
            key.text in own or not self._reader.near(key.text, self.named) for key, _ in node.pairs
        ):
            self._reader.error(
                "missing-kind",
                "a step needs one key that says what it does",
                node.span,
                notes=[f"kinds: {', '.join(sorted([*self.named, INCLUDE]))}"],
            )
        return None

    def apart(self, node: Pairs) -> tuple[str, ...]:
        """The keys of a step whose value is steps."""
        return tuple(
            key.text
            for key, _ in node.pairs
            if key.text in self.named and kinds.holds(self.named[key.text]) is not Holds.NOTHING
        )

    def span(self, node: Pairs) -> Span:
        """Where a step says what kind it has."""
        return next((key.span for key, _ in node.pairs if key.text in self.named), node.span)

    def spec(self, node: Pairs, kind: str | None) -> Any:
        """What stands behind the kind; None after its faults were reported. Raises PluginError."""
        if kind is None:
            return None
        value = node.get(kind)
        assert value is not None
        if kinds.holds(self.named[kind]) is not Holds.NOTHING and not isinstance(value, Items):
            return None  # that it is no list is told where its steps are read
        module: Any = self.named[kind].load()

        def read() -> Any:
            spec = self._reader.model(module.Spec, value, kind)
            beside = self.named[kind].parts(kinds.Kind).beside
            if spec is None or beside is None:
                return spec
            return beside(spec, Path(value.span.source).parent)

        return plugins.guarded(self.named[kind], read, lets=(SmokeError,))
