"""The runs below a folder: newest first, by word, the last that failed, and the pointer to the latest."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.model.run import Run
from smoke.store.files import RunEmptyError, StoreError, cannot, replace_file
from smoke.store.folder import EVENTS, RunFolder
from smoke.store.room import GOING

LATEST = "latest"


class StoredRun(Struct, frozen=True):
    """A run folder that was found; `started` orders runs, by the clock of the machine that wrote them."""

    id: str
    path: Path
    started: float

    def folder(self) -> RunFolder:
        return RunFolder.open(self.path)

    def run(self) -> Run:
        """The run as its events tell it. Raises StoreError; RunEmptyError when not even its start was written."""
        return self.folder().run()


def list_runs(out: Path) -> tuple[StoredRun, ...]:
    """The runs below `out`, newest first; none when the folder does not exist."""
    found: list[StoredRun] = []
    try:
        with os.scandir(out) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(GOING):
                    path = Path(entry.path)
                    if (path / EVENTS).is_file():
                        # the lock file is written once, when the run begins
                        made = (path / "lock").stat() if (path / "lock").exists() else path.stat()
                        found.append(StoredRun(entry.name, path, made.st_mtime))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise cannot("read", out, error) from error
    return tuple(sorted(found, key=lambda run: (run.started, run.id), reverse=True))


def mark_latest(out: Path, run_id: str) -> None:
    """`latest` names this run. Raises StoreError when it cannot be written."""
    try:
        replace_file(out / LATEST, run_id.encode() + b"\n")
    except OSError as error:
        raise cannot("write", out / LATEST, error) from error


def latest(out: Path) -> StoredRun | None:
    """The run that began last: the one that `latest` names while it exists, else the newest."""
    runs = list_runs(out)
    try:
        name = (out / LATEST).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    return next((run for run in runs if run.id == name), runs[0] if runs else None)


def resolve(out: Path, word: str = LATEST) -> RunFolder:
    """The run that a word means: `latest` (or `last`), an id, the beginning of one, or a path. Raises SmokeError."""
    if ("/" in word or os.sep in word) and (Path(word) / EVENTS).is_file():
        return RunFolder.open(Path(word))
    if word in (LATEST, "last"):
        run = latest(out)
        if run is None:
            raise StoreError.of("no-runs", f"there is no run in {out} yet")
        return run.folder()
    runs = list_runs(out)
    found = [run for run in runs if run.id == word] or [
        run for run in runs if run.id.startswith(word)
    ]
    if len(found) == 1:
        return found[0].folder()
    if found:
        names = ", ".join(run.id for run in found[:10])
        raise SmokeError.of(
            "ambiguous-run", f"'{word}' begins {len(found)} runs", notes=[f"they are: {names}"]
        )
    raise SmokeError(
        [
            Diagnostic(
                "unknown-run",
                f"there is no run '{word}' in {out}",
                suggestion=nearest(word, [run.id for run in runs]),
                notes=tuple(Note(f"the last one is {run.id}") for run in runs[:1]),
            )
        ]
    )


def last_failed(out: Path) -> RunFolder | None:
    """The newest run that did not pass; None when all did, or there is none. Raises StoreError for one that is not readable."""
    for stored in list_runs(out):
        folder = stored.folder()
        try:
            outcome = folder.run().outcome
        except RunEmptyError:
            continue  # it ended before its first event: nothing to show
        if outcome.bad:
            return folder
    return None
