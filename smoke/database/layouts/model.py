"""What a migration tool knows of a project, and what its table says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration of a project. `key` is what the tool's table knows it by, `sql` what runs forward.

    Lines of `sql` are the file's lines: what is no part of it is blank. `language` names the programming language
    of a migration whose SQL cannot be read. `digests` are what the tool may have written down for this very text;
    empty when the tool writes no checksum. `group` is within what names are unique (Django's app).
    """

    key: str
    name: str
    file: Path
    sql: str = ""
    language: str = ""
    digests: frozenset[str] = frozenset()
    group: str = ""
    needs: tuple[str, ...] = ()
    """Keys of those that come before it, for tools whose table names only the last."""
    replaces: tuple[str, ...] = ()
    """Keys of those that it stands for: when all of them ran, it has."""
    prints: str = ""
    """How the SQL of a migration in a programming language is had, in words with the command."""
    only: str = ""
    """Of one that the tool runs only where it is told to: that, in words."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rows of a tool's table say of one migration."""

    done: bool
    """Whether the tool holds it for applied; not, it is marked as failed or not finished."""
    at: str = ""
    digest: str = ""
    note: str = ""
    assumed: str = ""
    """Why the tool lists it though it did not run it: that its effect is missing is no fault."""


@dataclass(frozen=True, slots=True)
class Record:
    """A tool's table, read: what it says by the key of the migration."""

    seen: dict[str, Seen] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """What else there is to say of migrations that are not marked."""
    ordered: bool = False
    """Whether `seen` is in the order in which they were applied."""
    names: dict[str, str] = field(default_factory=dict)
    """What the table calls those that are not in the project."""
