"""Which browser there is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from smoke.diagnostic import SmokeError

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "brave-browser",
)  # fmt: skip
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/snap/bin/chromium",
)
_OTHERWISE = "or save a HAR file in any browser, and `smoke import` it"


def find_browser(given: str) -> str:
    """The path of the browser that is named, or of the first there is. Raises SmokeError where there is none."""
    if given:
        path = shutil.which(given)
        if path is None:
            raise SmokeError.of("no-browser", f"--browser {given}: there is no such program")
        return path
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    found = found or next(
        (each for each in _PLACES if os.access(each, os.X_OK) and Path(each).is_file()), None
    )
    if found is None:
        raise SmokeError.of(
            "no-browser",
            "no Chromium, Chrome or Edge was found",
            notes=["install one, or name it: --browser PATH", _OTHERWISE],
        )
    return found
