"""How this smoke is started: what a command line that is printed has to begin with."""

from __future__ import annotations

import os
import shutil
import sys


def program() -> tuple[str, ...]:
    """`smoke` when that is what a shell finds, `python3 -m smoke` when it was started so, else the path of either.

    In a program that uses smoke as a library it is `smoke`.
    """
    started = sys.argv[0] if sys.argv else ""
    folder, name = os.path.split(started)
    if name == "__main__.py" and os.path.basename(folder) == "smoke":  # noqa: PTH119  (start-up: no pathlib)
        return (_interpreter(), "-m", "smoke")
    if name == "smoke" and folder:
        return ("smoke",) if _is(shutil.which("smoke"), started) else (started,)
    return ("smoke",)


def _interpreter() -> str:
    """The shortest name by which a shell finds this interpreter: not another one of the same name."""
    own = sys.executable
    for name in ("python3", "python"):
        # compared by where they lie: the links of two environments lead to one file, with other packages
        if own and _is(shutil.which(name), os.path.join(os.path.dirname(own), name)):  # noqa: PTH118, PTH120
            return name
    return own or "python3"


def _is(found: str | None, path: str) -> bool:
    """Whether a shell finds that program: Windows adds `.EXE`, and does not look at case."""
    if found is None:
        return False
    root, end = os.path.splitext(found)  # noqa: PTH122  (start-up: no pathlib)
    plain = root if end.lower() == ".exe" else found
    return os.path.normcase(plain) == os.path.normcase(path)
