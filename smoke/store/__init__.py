"""Run folders: events appended as they happen, bodies beside them, safe against crashes and curious eyes."""

from smoke.store.files import StoreError
from smoke.store.folder import RunFolder
from smoke.store.runs import StoredRun, last_failed, latest, list_runs, mark_latest, resolve
from smoke.store.shelf import Shelf
from smoke.store.verify import BodyDiffers

__all__ = [
    "BodyDiffers",
    "RunFolder",
    "Shelf",
    "StoreError",
    "StoredRun",
    "last_failed",
    "latest",
    "list_runs",
    "mark_latest",
    "resolve",
]
