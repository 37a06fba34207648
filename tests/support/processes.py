"""What runs on this machine, for tests that say that nothing is left behind. Linux only: it reads /proc."""

from __future__ import annotations

import os
from pathlib import Path


def mentioning(text: str) -> list[int]:
    """Processes, other than this one, with `text` in their arguments or working folder.

    The server's helpers change their arguments, but work in its data folder. A zombie has neither any more, so it
    does not count: pid 1 of a container often reaps nobody.
    """
    wanted, found = os.fsencode(text), []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                seen = (folder / "cmdline").read_bytes() + os.fsencode((folder / "cwd").readlink())
            except OSError:
                continue
            if wanted in seen:
                found.append(int(folder.name))
    return found
