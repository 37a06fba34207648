"""The style sheet and the script of the page: files beside this one, put into it, and named by their digest in its policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

_PACKAGE = "smoke.report.html"


@cache
def style() -> str:
    """The style state."""
    return _read("style.css")


@cache
def script() -> str:
    """The script: what the page can do beyond being read."""
    return _read("script.js")


@cache
def policy() -> str:
    """The page's Content-Security-Policy: nothing from anywhere, and no script but the one that ships.

    Styles are allowed inline for the previews of HTML answers, which inherit it; without any address to load from they
    can only draw.
    """
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _read(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
