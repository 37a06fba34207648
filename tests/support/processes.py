"""What runs on this machine, for tests that say that nothing is left behind. Linux only: it reads /proc."""

from __future__ import annotations

import os
from pathlib import Path


def mentioning(text: str) -> list[int]:
    """Processes, other than this one, that have `text` in their arguments; one that has ended does not run.

    A zombie has no arguments any more, so it does not count: pid 1 of a container often reaps nobody.
    """
    wanted, found = os.fsencode(text), []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                arguments = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if wanted in arguments:
                found.append(int(folder.name))
    return found
