"""Debug pages and tracebacks of Flask, Werkzeug, Starlette and FastAPI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "Werkzeug Debugger",
    "starlette",
    "fastapi",
    "flask/app.py",
    "werkzeug",
)
SYMBOLS: Mapping[str, str] = {}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
