"""What git knows of a commit, asked so that a hostile repository carries nothing out.

Only commands that read objects are used: none of them looks at the working tree, where filters, a file system monitor or a
diff driver of `.git/config` would be started. What a clone lacks is not fetched, since a remote is a command, too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from smoke.app.declared import commit_problems
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.scenario.files import resolved
from smoke.system import EXECUTABLE_SUFFIX

OPTION = "--changed-since"
_SECONDS = 60
_MOST_SAID = 5
_LONGEST_COMMAND = 8_000
"""Characters of paths in one command line: Windows takes 32,767 in all."""
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
}
_SETTINGS = ("-c", "core.fsmonitor=false", "--no-pager", "--no-optional-locks")


class _Said(Struct, frozen=True):
    """How a command of git ended, and what it wrote."""

    status: int
    out: bytes
    errors: tuple[str, ...]


class GitTree(Struct, frozen=True):
    """The files of one commit. `root` is the folder that their paths begin in."""

    root: Path
    commit: str
    program: str

    def blobs(self, paths: Sequence[str]) -> dict[str, str]:
        """The ids of those of the files that the commit has. Paths have slashes. Raises SmokeError."""
        found: dict[str, str] = {}
        for some in _chunks(paths):
            said = _ask(
                self.program, ["ls-tree", "-z", "--full-tree", self.commit, "--", *some], self.root
            )
            if said.status:
                raise _refused(said)
            for entry in said.out.split(b"\0"):
                head, tab, name = entry.partition(b"\t")
                parts = head.split()
                if tab and len(parts) == 3 and parts[1] == b"blob":
                    found[os.fsdecode(name)] = parts[2].decode("ascii", "replace")
        return found


def git_tree(word: str) -> GitTree:
    """The commit that a word means in the repository around this folder. Raises SmokeError."""
    wrong = next(commit_problems(word), "")
    if wrong:  # it stands where git takes options, too
        raise SmokeError.of("bad-option", f"{OPTION}{wrong}")
    program = _program()
    here = Path.cwd()
    if program is None:
        raise SmokeError.of("no-git", f"{OPTION} asks git, and there is none on PATH")
    top = _ask(program, ["rev-parse", "--show-toplevel"], here)
    if top.status:
        raise _refused(top)
    root = resolved(Path(os.fsdecode(top.out).rstrip("\r\n")))
    found = _ask(program, ["rev-parse", "--verify", "--quiet", f"{word}^{{commit}}"], here)
    if found.status:
        raise _unknown(program, word, here)
    return GitTree(root, found.out.decode("ascii", "replace").strip(), program)


def _unknown(program: str, word: str, here: Path) -> SmokeError:
    """Why there is no such commit, and what could help."""
    shallow = _ask(program, ["rev-parse", "--is-shallow-repository"], here).out.strip() == b"true"
    if shallow:
        message = f"{OPTION}: this clone has no commit '{word}': it is a shallow one"
        notes = (
            Note("fetch the whole history: `git fetch --unshallow`"),
            Note("in GitHub Actions: `fetch-depth: 0` under `with` of actions/checkout"),
        )
        return SmokeError([Diagnostic("unknown-commit", message, notes=notes)])
    names = _ask(program, ["for-each-ref", "--count=1000", "--format=%(refname:short)"], here)
    near = nearest(word, names.out.decode("utf-8", "replace").splitlines())
    message = f"{OPTION}: git knows no commit '{word}'"
    return SmokeError([Diagnostic("unknown-commit", message, suggestion=near)])


def _refused(said: _Said) -> SmokeError:
    """What git cannot do, in its words."""
    first, *more = said.errors or (f"it ended with {said.status}",)
    return SmokeError.of("no-git", f"{OPTION}: git says: {first}", notes=more)


def _program() -> str | None:
    """Where git is. Only in folders that PATH names from the root: not in the one that is looked at."""
    for folder in os.get_exec_path():
        path = Path(folder) / f"git{EXECUTABLE_SUFFIX}"
        if Path(folder).is_absolute() and path.is_file() and os.access(path, os.X_OK):
            return str(path)
    return None


def _ask(program: str, words: Sequence[str], folder: Path) -> _Said:
    environment: Mapping[str, str] = {**os.environ, **_ENVIRONMENT}
    try:
        done = subprocess.run(  # noqa: S603  (no shell; the one foreign word never begins with a dash)
            [program, *_SETTINGS, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise SmokeError.of("no-git", f"{OPTION}: git did not end within {_SECONDS} s") from late
    except OSError as error:
        raise SmokeError.of(
            "no-git", f"{OPTION}: git cannot be started: {error.strerror}"
        ) from error
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    said = (line.strip().removeprefix("fatal: ")[:300] for line in lines)
    return _Said(done.returncode, done.stdout, tuple(line for line in said if line)[:_MOST_SAID])


def _chunks(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths, as many at a time as a command line takes."""
    some: list[str] = []
    length = 0
    for path in paths:
        if some and length + len(path) > _LONGEST_COMMAND:
            yield some
            some, length = [], 0
        some.append(path)
        length += len(path) + 1
    if some:
        yield some
