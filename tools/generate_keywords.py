"""Writes smoke/app/keyword_types.py: the options of a run as a type checker knows them, from their declaration.

`--check` writes nothing and fails when the file is not up to date.
"""

from __future__ import annotations

import argparse
import sys
import typing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "smoke" / "app" / "keyword_types.py"
sys.path.insert(0, str(ROOT))

_HEAD = '''\
"""The options of a run as keyword arguments. Made by tools/generate_keywords.py from `RunOptions`; do not edit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

AnyPath = str | os.PathLike[str]


class Keywords(TypedDict, total=False):
    """Each option of `RunOptions` but the selectors, in the types that a caller may give. Times are in seconds."""

'''


def text() -> str:
    """The module."""
    from smoke.app.declared import Takes, declared
    from smoke.app.options import RunOptions

    types = {
        Takes.TEXT: "str",
        Takes.PATH: "AnyPath",
        Takes.TIME: "float",
        Takes.NUMBER: "int",
        Takes.FLAG: "bool",
        Takes.TEXTS: "Sequence[str]",
        Takes.PAIRS: "Mapping[str, str]",
        Takes.HEADERS: "Mapping[str, str] | Iterable[tuple[str, str]]",
    }
    hints = typing.get_type_hints(RunOptions)
    lines = []
    for name in RunOptions.__struct_fields__:
        item = declared(RunOptions).get(name)
        if item is None:
            kind = hints[name].__name__
        elif item.option.takes is Takes.WORDS:
            continue
        else:
            path = item.option.file and item.option.takes is Takes.TEXT
            kind = "AnyPath" if path else types[item.option.takes]
            kind += " | None" if item.default is None else ""
        lines.append(f"    {name}: {kind}\n")
    return _HEAD + "".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 1 when `--check` finds that the file is not what would be written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail when the file is not up to date")
    options = parser.parse_args(arguments)
    made = text()
    if FILE.exists() and FILE.read_text(encoding="utf-8") == made:
        return 0
    if options.check:
        sys.stderr.write(
            "smoke/app/keyword_types.py is not what the options say: run python tools/generate_keywords.py\n"
        )
        return 1
    FILE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
