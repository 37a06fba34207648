"""What differs between systems lies in `smoke.system`, and both of its halves have the same names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smoke

ROOT = Path(smoke.__file__).parent
HALVES = ("posix", "windows")
MODULES = {
    *("fcntl", "select", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "crypt"),
    *("msvcrt", "winreg", "_winapi", "ctypes", "platform"),
}
ATTRIBUTES = {
    **dict.fromkeys(
        ("name", "uname", "fork", "forkpty", "pread", "pwrite", "posix_fallocate"), "os"
    ),
    **dict.fromkeys(("fchmod", "fchown", "chown", "lchown", "geteuid", "getuid", "getgid"), "os"),
    **dict.fromkeys(("killpg", "setsid", "mkfifo", "getrlimit", "link", "sync", "SEEK_DATA"), "os"),
    **dict.fromkeys(("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY"), "os"),
    **dict.fromkeys(("SIGHUP", "SIGQUIT", "SIGKILL", "SIGPIPE", "SIGALRM", "SIGBREAK"), "signal"),
    "AF_UNIX": "socket",
}
EXEMPT = {
    "demo/watchdog.py": "started by its path, it imports nothing of ours",
    "cli/crash.py": "tells which system it crashed on",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT).as_posix()
        if not relative.startswith("system/") and relative not in EXEMPT:
            yield relative, ast.parse(path.read_text(encoding="utf-8"))


def test_nobody_else_asks_which_system_this_is_or_uses_what_one_alone_has() -> None:
    found = []
    for name, tree in sources():
        for node in ast.walk(tree):
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Import):
                found += [f"{name}:{line} {a.name}" for a in node.names if a.name in MODULES]
            elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
                found.append(f"{name}:{line} {node.module}")
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = node.value.id
                if ATTRIBUTES.get(node.attr) == owner or (owner, node.attr) == ("sys", "platform"):
                    found.append(f"{name}:{line} {owner}.{node.attr}")
    assert found == []


def public(half: str) -> dict[str, str]:
    """The public names of a half, functions with their signatures."""
    names: dict[str, str] = {}
    for node in ast.parse((ROOT / "system" / f"{half}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names[node.name] = (
                f"({ast.unparse(node.args)}) -> {ast.unparse(node.returns or ast.Constant(None))}"
            )
        elif isinstance(node, ast.Assign):
            names |= {t.id: "" for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = ""
    return {name: what for name, what in names.items() if not name.startswith("_")}


def test_both_halves_have_the_same_names_and_signatures() -> None:
    posix, windows = map(public, HALVES)
    assert posix == windows
    assert len(posix) > 15


def test_the_room_gives_every_name_of_its_halves() -> None:
    from smoke import system

    assert {name for name in public("posix") if not hasattr(system, name)} == set()


@pytest.mark.parametrize("name", sorted(EXEMPT))
def test_what_is_exempt_is_still_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_a_path_in_evidence_has_slashes_on_every_system() -> None:
    """A printed command, an annotation of CI and a stored source are told apart by them (`str` of a path is the system's own)."""
    found = []
    for name, tree in sources():
        if not name.startswith(
            ("scenario/", "store/", "app/journal", "app/target_spec", "app/catalog")
        ):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "parse",
                "Reader",
                "Fold",
                "fold",
                "load_text",
            ):
                found += [
                    f"{name}:{node.lineno}"
                    for a in node.args
                    if isinstance(a, ast.Call) and ast.unparse(a.func) in ("str", "os.fspath")
                ]
    assert found == []
