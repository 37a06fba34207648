"""What one step of the action keeps for the next: the task, how the run ended, and whether that was told."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from smoke.action.task import OUT, VERDICT, Task
from smoke.action.told import Ended
from smoke.app.stored import open_run
from smoke.diagnostic import SmokeError
from smoke.store import RunFolder

_PREFIX = "smoke-action-"


class Handed:
    """The folder of one use of the action. Runs are looked for from the working directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def new(cls, variables: Mapping[str, str]) -> Handed:
        """A folder that is removed with the job."""
        return cls(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_base(variables))))

    @classmethod
    def named(cls, variables: Mapping[str, str]) -> Handed:
        """The one that an earlier step made."""
        return cls(Path(variables["ACTION_FOLDER"]))

    @classmethod
    def untold(cls, variables: Mapping[str, str]) -> list[Handed]:
        """Those of this job of whose run nothing was told, though it was to begin."""
        found = [cls(path) for path in sorted(_base(variables).glob(f"{_PREFIX}*"))]
        return [handed for handed in found if handed.is_untold()]

    def is_untold(self) -> bool:
        """Whether a run was to begin of which nothing was told yet."""
        return self._has("place") and not self._has("told")

    def begin(self, task: Task) -> None:
        """Keep what is to be done, and where."""
        (self.folder / "task.json").write_bytes(msgspec.json.encode(task))
        path, text = task.targets
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text, encoding="utf-8")
        self._write("place", str(Path.cwd()))

    def task(self) -> Task:
        """What is to be done."""
        return msgspec.json.decode((self.folder / "task.json").read_bytes(), type=Task)

    def place(self) -> Path:
        """The working directory."""
        return Path(self._read("place"))

    def note_before(self) -> None:
        """Keep which run was the last one before ours."""
        latest = _latest()
        self._write("before", latest.run_id if latest is not None else "")

    def ended(self, status: int) -> None:
        """Keep the exit status."""
        self._write("status", str(status))

    def mark_told(self) -> None:
        """Keep that everything was told."""
        self._write("told", "")

    def run(self) -> RunFolder | None:
        """Our run, as far as it came; None when it wrote nothing."""
        found = _latest() if self._has("before") else None
        return found if found is not None and found.run_id != self._read("before") else None

    def how_it_ended(self) -> Ended:
        """Status, run, verdict, and the reports that were written."""
        found = self.run()
        return Ended(
            int(self._read("status")) if self._has("status") else None,
            found.run() if found is not None else None,
            self._verdict(),
            tuple(path for path in self.task().reports if Path(path).exists()),
            any(word.startswith("--changed-since") for word in self.task().arguments),
        )

    def _verdict(self) -> Any:
        try:
            return json.loads((self.folder / VERDICT).read_bytes())
        except (OSError, ValueError):
            return None

    def _has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


def _base(variables: Mapping[str, str]) -> Path:
    return Path(variables.get("RUNNER_TEMP") or tempfile.gettempdir())


def _latest() -> RunFolder | None:
    try:
        found = open_run(out=OUT)
        found.run()
    except SmokeError:  # there is none, or nothing was written of it yet
        return None
    return found
