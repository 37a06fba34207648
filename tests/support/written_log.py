"""A PostgreSQL server's log that a test writes, as the server would, while a run goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path


class Log:
    """A log as a server writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def writes(
        self,
        message: str,
        detail: str = "",
        *,
        state: str = "23505",
        ago: float = 0.0,
        about: str = "",
    ) -> None:
        """Write an error; `about` goes before it: an application_name, an id, a database."""
        at = datetime.now(UTC) - timedelta(seconds=ago)
        stamp = at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
        before = f"{stamp} [7] {about} " if about else f"{stamp} [7] "
        text = f"{before}ERROR:  {state}: {message}\n"
        if detail:
            text += f"{before}DETAIL:  {detail}\n"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)
