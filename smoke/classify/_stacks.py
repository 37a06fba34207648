"""The dialects, loaded once they are needed: their exception classes, their marks, and what only they can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType

from smoke import plugins
from smoke.classify import _symbols
from smoke.classify._draft import Draft, Read
from smoke.classify._piece import BEHIND_THE_BODY, Piece
from smoke.classify._view import OUTLINE, View
from smoke.classify.unwrap.glimpse import longest_run
from smoke.model.dberror import Certainty, Citation, DatabaseError


@dataclass(frozen=True, slots=True)
class Stacks:
    """`symbols`: class name to (SQLSTATE, dialect)."""

    modules: tuple[tuple[str, ModuleType], ...]
    symbols: Mapping[str, tuple[str, str]]
    problems: tuple[str, ...] = ()

    def read(self, view: View) -> tuple[list[Draft], list[str]]:
        """What the dialects read themselves; a dialect that raises is named, and the others go on."""
        drafts: list[Draft] = []
        problems = list(self.problems)
        for name, module in self.modules:
            try:
                drafts.extend([_draft(error, name, view) for error in module.read(view)])
            except Exception as fault:  # noqa: BLE001  (a dialect may come from another distribution)
                problems.append(f"dialect {name} failed: {type(fault).__name__}")
        return drafts, problems

    def name(self, view: View, drafts: list[Draft]) -> None:
        """Gives each draft without one the name of the stack whose marks the response bears most."""
        if all(draft.dialect for draft in drafts):
            return
        text, words = view.outline(OUTLINE), view.vocabulary()
        scores = {
            name: score
            for name, module in self.modules
            if (score := sum(longest_run(mark) in words and mark in text for mark in module.MARKS))
        }
        best = max(scores, key=lambda name: scores[name], default="")
        for draft in drafts:
            draft.dialect = draft.dialect or best or _fallback(draft)


def _fallback(draft: Draft) -> str:
    return "labelled-fields" if draft.certainty == Certainty.FIELD else "server-message"


@lru_cache(maxsize=1)
def load() -> Stacks:
    """Every dialect that ships or is installed."""
    modules: list[tuple[str, ModuleType]] = []
    symbols: dict[str, tuple[str, str]] = {
        name: (code, "") for name, code in _symbols.conditions().items()
    }
    problems: list[str] = []
    for name, plugin in plugins.find("dialects").items():
        try:
            module = plugin.load()
            own = dict(module.SYMBOLS)
        except Exception as fault:  # noqa: BLE001  (a dialect may come from another distribution)
            problems.append(f"dialect {name} could not be loaded: {type(fault).__name__}")
            continue
        modules.append((name, module))
        symbols.update({symbol: (code, name) for symbol, code in own.items()})
    return Stacks(tuple(modules), symbols, tuple(problems))


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
