"""Stored runs by the words that a person uses for them, and values without their secrets: for callers of the library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from smoke.app.options import DEFAULT_OUT
from smoke.redact import Secrets, mask_bytes, mask_text, mask_value
from smoke.store import RunFolder, resolve
from smoke.store.runs import LATEST

if TYPE_CHECKING:
    from smoke.model.run import JsonValue

T = TypeVar("T")


def open_run(
    run: str | os.PathLike[str] = LATEST, *, out: str | os.PathLike[str] = DEFAULT_OUT
) -> RunFolder:
    """The folder of a stored run: an id (or its beginning) below `out`, `latest`, or the path of a run's folder.

    `run()` of it is the Run, `events()` how it came about, `read(body)` the bytes of a body of an exchange, masked as
    they were stored, `verify()` what of its evidence is not what was written. Raises SmokeError when there is none.
    """
    return resolve(Path(out), run) if isinstance(run, str) else RunFolder.open(Path(run))


def redacted(value: T, secrets: Mapping[str, str] | None = None) -> T:
    """A text, bytes or a JSON value with every secret masked, as the evidence of a run is.

    `secrets` are values under their names; what looks like a token, a session, a password or a card number is masked
    without being named. A value shorter than six characters is masked only where its place gives it away.
    Raises TypeError for values of other types.
    """
    if not isinstance(cast("Any", secrets), Mapping | None):
        raise TypeError(
            f"secrets: values under their names are expected, not {type(secrets).__name__}"
        )
    known = Secrets.of(secrets or {})
    if isinstance(value, bytes):
        return cast("T", mask_bytes(value, known))
    if isinstance(value, str):
        return cast("T", mask_text(value, known))
    if value is None or isinstance(value, (bool, int, float, list, dict)):
        return cast("T", mask_value(cast("JsonValue", value), known))
    raise TypeError(f"redacted() takes str, bytes or JSON values, not {type(value).__name__}")
