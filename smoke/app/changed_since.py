"""`--changed-since COMMIT`: the scenarios of which a file is not what it was in a commit of git."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from smoke.app.git_tree import OPTION, GitTree, git_tree
from smoke.diagnostic import NothingChangedError, SmokeError
from smoke.inputs import read_input
from smoke.scenario.files import MAX_BODY_FILE
from smoke.scenario.load import Loaded, load_noting
from smoke.text import plural


def changed_since(loaded: Sequence[Loaded], word: str) -> list[Loaded]:
    """Those of the scenarios that changed: their file, or one that they include, need, send or hold an answer against.

    What git does not know counts as changed. Raises SmokeError where git cannot tell, NothingChangedError where nothing did.
    """
    tree = git_tree(word)
    read = [_files_of(item, tree) for item in loaded]
    before = tree.blobs(sorted({path for paths in read for path in paths}))
    same: dict[str, bool] = {}
    for path in dict.fromkeys(path for paths in read for path in paths):
        same[path] = _is_same(tree.root / path, before.get(path, ""))
    changed = [
        item for item, paths in zip(loaded, read, strict=True) if not all(same[p] for p in paths)
    ]
    if not changed:
        count = plural(len(loaded), "scenario")
        raise NothingChangedError.of(
            "nothing-changed", f"nothing to run: of {count} none changed since {word}"
        )
    return changed


def _files_of(item: Loaded, tree: GitTree) -> tuple[str, ...]:
    """The files that a scenario is made of, as git names them. Raises SmokeError for one outside of the repository."""
    source = Path(item.scenario.source)
    named = [Path(os.path.abspath(source))] if source.is_symlink() else []  # noqa: PTH100  (the link itself, not where it leads)
    load_noting(source, named)
    found: dict[str, None] = {}
    for path in named:
        try:
            found[path.relative_to(tree.root).as_posix()] = None
        except ValueError as error:
            raise SmokeError.of(
                "no-git",
                f"{OPTION}: {path} is outside of the repository {tree.root}",
                notes=[f"{source.as_posix()} is made of it"],
            ) from error
    return tuple(found)


def _is_same(path: Path, before: str) -> bool:
    """Whether a file is what it was; `before` is the id that git gave it, empty where it was not there."""
    try:
        data = (
            os.fsencode(path.readlink()) if path.is_symlink() else read_input(path, MAX_BODY_FILE)
        )
    except OSError:
        return not before
    # git keeps texts without carriage returns, where it is told to
    return before in (_blob(data, before), _blob(data.replace(b"\r\n", b"\n"), before))


def _blob(data: bytes, like: str) -> str:
    """The id that git gives to a file: of SHA-1, or of SHA-256 in repositories that use it."""
    made = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(data))
    made.update(data)
    return made.hexdigest()
