"""What `smoke import` makes of bytes, checked as `smoke check` does, without a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smoke.importers import read_recording
from smoke.recording.assemble import Imported, assemble
from smoke.recording.records import RecordedRequest
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse

CORPUS = Path(__file__).parents[1] / "corpus" / "imports"


def requests_of(
    text: str | bytes, beside: Mapping[str, bytes] | None = None, names: Sequence[str] = ()
) -> list[RecordedRequest]:
    data = text.encode() if isinstance(text, str) else text
    return read_recording(data, "the file", beside, names)


def made_of(
    text: str | bytes,
    beside: Mapping[str, bytes] | None = None,
    *,
    twice: bool = False,
    names: Sequence[str] = (),
) -> Imported:
    """The scenario of a recording; it loads. Raises SmokeError."""
    made = assemble(requests_of(text, beside, names), "imported", twice=twice)
    load_text(made.text.encode(), "imported.yaml", Files(Path("scenarios/imported.yaml")))
    return made


def document_of(
    text: str | bytes,
    beside: Mapping[str, bytes] | None = None,
    *,
    twice: bool = False,
    names: Sequence[str] = (),
) -> Any:
    """The same as a document."""
    return plain(
        parse(made_of(text, beside, twice=twice, names=names).text.encode(), "it.yaml").root
    )


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP with these files in it, in their order."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
