"""The dialects, loaded once they are needed: their exception classes, their marks, and what only they can read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import convert, to_builtins

from smoke import plugins
from smoke.classify.read import codes
from smoke.classify.read.draft import MAX_VALUE, NAMES, Draft, Read
from smoke.classify.read.symbols import conditions
from smoke.classify.text.view import OUTLINE, View
from smoke.classify.unwrap.glimpse import longest_run
from smoke.classify.unwrap.piece import BEHIND_THE_BODY, Piece
from smoke.model.dberror import Certainty, Citation, DatabaseError

if TYPE_CHECKING:
    from smoke.classify.dialects import Dialect

MOST_ERRORS = 200
"""So many errors of one response are taken from one dialect."""


@dataclass(frozen=True, slots=True)
class Dialects:
    """`symbols`: class name to (SQLSTATE, dialect). `problems` are the dialects that are left out, in words."""

    modules: tuple[tuple[plugins.Plugin, Dialect], ...]
    symbols: Mapping[str, tuple[str, str]]
    problems: tuple[str, ...] = ()

    def read(self, view: View) -> tuple[list[Draft], list[str]]:
        """What the dialects read themselves; a dialect that raises is named, and the others go on."""
        drafts: list[Draft] = []
        problems = list(self.problems)
        for plugin, module in self.modules:
            try:
                # what it reads is masked, and so is what it can say of it
                drafts += plugins.guarded(plugin, _reader(plugin, module, view))
            except plugins.PluginError as fault:
                problems.append(str(fault))
        return drafts, problems

    def name(self, view: View, drafts: list[Draft]) -> None:
        """Gives each draft without one the name of the stack whose marks the response bears most."""
        if all(draft.dialect for draft in drafts):
            return
        text, words = view.outline(OUTLINE), view.vocabulary()
        scores = {
            plugin.name: score
            for plugin, module in self.modules
            if (score := sum(longest_run(mark) in words and mark in text for mark in module.MARKS))
        }
        best = max(scores, key=lambda name: scores[name], default="")
        for draft in drafts:
            draft.dialect = draft.dialect or best or _fallback(draft)


def _fallback(draft: Draft) -> str:
    return "labelled-fields" if draft.certainty == Certainty.FIELD else "server-message"


@lru_cache(maxsize=1)
def load() -> Dialects:
    """Every dialect that ships or is installed."""
    modules: list[tuple[plugins.Plugin, Dialect]] = []
    symbols: dict[str, tuple[str, str]] = {name: (code, "") for name, code in conditions().items()}
    seen = plugins.survey("dialects")
    problems = list(seen.left_out.values())
    for name, plugin in seen.plugins.items():
        try:
            module: Dialect = plugin.load()
            own = dict(module.SYMBOLS)
        except plugins.PluginError as fault:
            problems.append(str(fault))
            continue
        modules.append((plugin, module))
        symbols.update({symbol: (code, name) for symbol, code in own.items()})
    return Dialects(tuple(modules), symbols, tuple(problems))


def _reader(plugin: plugins.Plugin, module: Dialect, view: View) -> Callable[[], list[Draft]]:
    """What calls one dialect: its errors as drafts. One that ships is tested; a foreign one is looked at."""

    def read() -> list[Draft]:
        errors: Iterable[DatabaseError] = itertools.islice(module.read(view), MOST_ERRORS)
        if plugin.distribution:
            errors = (_sound(error) for error in errors)
        return [_draft(error, plugin.name, view) for error in errors]

    return read


def _sound(given: object) -> DatabaseError:
    """The error of a foreign dialect. Raises TypeError or ValueError for what no response can say."""
    if not isinstance(given, DatabaseError):
        raise TypeError(f"read gave {type(given).__name__}, not DatabaseError")
    error = convert(to_builtins(given), DatabaseError)  # its types are only said, not held to
    if error.sqlstate is not None and not codes.possible(error.sqlstate):
        raise ValueError("an error whose sqlstate is no SQLSTATE")
    if any(len(text) > MAX_VALUE for name in NAMES if (text := getattr(error, name)) is not None):
        raise ValueError(f"an error with a field of more than {MAX_VALUE} characters")
    if not all(0 <= citation.start <= citation.end for citation in error.citations):
        raise ValueError("an error with a citation of no bytes")
    return error


def _draft(error: DatabaseError, dialect: str, view: View) -> Draft:
    """A dialect's error as a draft: it stands where its first citation in the body stands."""
    starts = [citation.start for citation in error.citations if citation.part == "body"]
    place = view.character(min(starts)) if starts else BEHIND_THE_BODY
    cited = {citation.field: citation for citation in error.citations}
    draft = Draft(at=(place, 1), dialect=error.dialect or dialect, certainty=error.certainty)
    if error.sqlstate:
        draft.sqlstate = _cited(error.sqlstate, cited.get("sqlstate"), error.certainty)
    for name in ("severity", "message_primary", "message_detail", "message_hint", "schema_name", "table_name",
                 "column_name", "datatype_name", "constraint_name"):  # fmt: skip
        value = getattr(error, name)
        if value:
            draft.fields[name] = _cited(value, cited.get(name), error.certainty)
    if error.columns:
        draft.columns = error.columns
        if "columns" in cited:
            draft.columns_read = _cited("", cited["columns"], error.certainty)
    return draft


def _cited(text: str, citation: Citation | None, certainty: Certainty) -> Read:
    if citation is None:
        return Read(text, certainty=certainty)
    return Read(
        text,
        _Fixed("", citation.part, fixed=replace(citation)),
        citation.start,
        citation.end,
        certainty,
    )


@dataclass(slots=True, eq=False)
class _Fixed(Piece):
    """A piece whose citation is already known."""

    fixed: Citation | None = None

    def cite(self, name: str, start: int, end: int) -> Citation:
        del start, end
        assert self.fixed is not None
        return replace(self.fixed, field=name)

    def place(self, at: int) -> int:
        return at
