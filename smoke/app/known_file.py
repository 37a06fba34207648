"""Where the known failures of a project stand."""

from __future__ import annotations

from pathlib import Path

from smoke.app.past_options import PastOptions

DEFAULT = Path("known-failures.yaml")


def known_file(output: PastOptions) -> Path | None:
    """The file that is named, else the usual one where it is there and a gate asks for it; None without any."""
    if output.known_failures is not None:
        return output.known_failures
    return DEFAULT if output.fail_on == "new" and DEFAULT.is_file() else None
