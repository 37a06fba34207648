"""Files beside scenarios that are only there to be included: nothing runs or checks them by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from smoke.diagnostic import Diagnostic, Level, Note, SmokeError, Span
from smoke.scenario.files import Files
from smoke.scenario.includes import PART_KEYS
from smoke.scenario.model import INCLUDE
from smoke.scenario.nodes import Items, Node, Pairs, Scalar
from smoke.scenario.source import parse


def parts_among(paths: Sequence[Path]) -> dict[Path, bool]:
    """The files that are parts of scenarios, and whether another of the files includes them.

    A part has no keys but those of an included file, and `parameters` among them (an empty list will do), or no `name`
    and another of the files includes it. A file that cannot be read is none: whoever loads it says why.
    """
    if not any(_may_be_part(path) for path in paths):
        return {}
    roots = {path: root for path in paths if (root := _root(path)) is not None}
    able = {
        path: keys
        for path, root in roots.items()
        if (keys := {key.text for key, _ in root.pairs}) <= {*PART_KEYS}
    }
    marked = {path for path, keys in able.items() if "parameters" in keys}
    nameless = {path for path, keys in able.items() if "name" not in keys} - marked
    if not marked and not nameless:
        return {}
    included = {file for path, root in roots.items() for file in _included(root, path)}
    return {
        path: path.resolve() in included
        for path in paths
        if path in marked or (path in nameless and path.resolve() in included)
    }


_NAME = re.compile(rb"^name:", re.MULTILINE)


def _may_be_part(path: Path) -> bool:
    """False for a file that is plainly no part: most are none, and need not be read as YAML for that."""
    try:
        text = Files(path).read_top()
    except SmokeError:
        return False
    # an escape could spell a key in another way
    return b"\\" in text or b"parameters" in text or _NAME.search(text) is None


def unused(parts: dict[Path, bool]) -> list[Diagnostic]:
    """A warning for each part that no scenario includes: nothing has checked it."""
    return [
        Diagnostic(
            "unused-part",
            "no scenario beside it includes this file: it was not checked",
            level=Level.WARNING,
            span=Span(path.as_posix()),
            notes=(Note("a file with `parameters` is checked where it is included"),),
        )
        for path, used in sorted(parts.items())
        if not used
    ]


def _root(path: Path) -> Pairs | None:
    try:
        root = parse(Files(path).read_top(), path.as_posix()).root
    except SmokeError:
        return None
    return root if isinstance(root, Pairs) else None


def _included(root: Pairs, path: Path) -> Iterator[Path]:
    """The files that a file names in an `include`, anywhere in it."""
    for name in _names([value for _, value in root.pairs]):
        try:
            yield (path.parent / name).resolve()
        except (OSError, ValueError):
            continue  # no file has such a name: the scenario's own check says so


def _names(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Items):
            yield from _names(node.items)
        elif isinstance(node, Pairs):
            file = node.get(INCLUDE)
            named = file.get("file") if isinstance(file, Pairs) else file
            if isinstance(named, Scalar) and isinstance(named.value, str):
                yield named.value
            yield from _names([value for _, value in node.pairs])
