"""Run folders: events appended as they happen, bodies beside them, safe against crashes and curious eyes."""

from smoke.store.files import PartlyKeptError, RunEmptyError, StoreError
from smoke.store.folder import RunFolder
from smoke.store.runs import StoredRun, last_failed, latest, list_runs, mark_latest, resolve
from smoke.store.spill import FileSpill
from smoke.store.verify import BodyDiffers

__all__ = [
    "BodyDiffers",
    "FileSpill",
    "PartlyKeptError",
    "RunEmptyError",
    "RunFolder",
    "StoreError",
    "StoredRun",
    "last_failed",
    "latest",
    "list_runs",
    "mark_latest",
    "resolve",
]
