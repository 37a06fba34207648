"""Files of values that an option names: read whole, bounded, and told where they cannot be."""

from __future__ import annotations

from pathlib import Path

from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest
from smoke.inputs import read_input

MAX_BYTES = 1024 * 1024
_MOST_NAMED = 10


def read_value_file(file: str, option: str) -> bytes:
    """The bytes of a file. Raises SmokeError."""
    path = Path(file)
    source = path.as_posix()
    try:
        data = read_input(path, MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise SmokeError([_absent(path, option)]) from error
    except OSError as error:
        message = f"{option}: cannot read {source}: {error.strerror}"
        raise SmokeError.of("cannot-read", message, span=Span(source)) from error
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes"
        raise SmokeError.of("file-too-large", message, span=Span(source))
    return data


def _absent(path: Path, option: str) -> Diagnostic:
    """A file that is not there, with one beside it whose name is nearly the same."""
    try:
        beside = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        beside = []
    near = nearest(path.name, beside)
    suffix = path.suffix or path.name
    alike = [name for name in beside if name.endswith(suffix)][:_MOST_NAMED]
    return Diagnostic(
        "file-not-found",
        f"{option}: there is no file '{path.as_posix()}'",
        label=f"did you mean '{near}'?" if near else "",
        suggestion=near,
        span=Span(path.as_posix()),
        notes=(Note(f"in its folder: {', '.join(alike)}"),) if alike and not near else (),
    )
