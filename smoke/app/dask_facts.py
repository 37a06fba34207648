"""What must be the same where a run is asked for and where it is carried out. Workers answer with it, too."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import smoke
from smoke.app.dask_work import WorkerFacts
from smoke.version import __version__


def facts(files: Iterable[str] = ()) -> WorkerFacts:
    """Those of this process."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return WorkerFacts(__version__, version, _code(), {name: _digest(Path(name)) for name in files})


@cache
def _code() -> str:
    found = hashlib.sha256()
    root = Path(smoke.__file__).parent
    for path in sorted(root.rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
