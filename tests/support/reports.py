"""Reports written into memory, also those that are a folder."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from smoke import plugins
from tests.support.samples import Sample


class Written(io.BytesIO):
    """Where a reporter writes: a file, and `files` by name for one that is a folder; `getvalue` has all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}

    @contextlib.contextmanager
    def file(self, name: str, /) -> Iterator[BinaryIO]:
        with io.BytesIO() as out:
            yield out
            self.files[name] = out.getvalue()
        self.write(self.files[name])


def written(name: str, sample: Sample) -> bytes:
    """The report of a format that ships."""
    return made(plugins.load("reporters", name), sample).getvalue()


def made(module: Any, sample: Sample) -> Written:
    """What a reporter writes."""
    out = Written()
    module.write(sample.run, sample.evidence, out)
    return out
