"""What runs on this machine, for tests that say that nothing is left behind. Linux only: it reads /proc."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

with_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="processes take no such signals there"
)
of_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc to look at")


def heeds_ctrl_c() -> None:
    """For `preexec_fn`. What a shell starts in the background ignores SIGINT, and so does all that it starts; a terminal's programs do not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
