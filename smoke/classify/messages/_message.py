"""A message of the server that was found in a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Value = tuple[str, int, int]
"""A field's text, and where it starts and ends in the text that was searched."""


@dataclass(frozen=True, slots=True)
class MessageMatch:
    """A message of the server found in a text.

    `sqlstate` is empty for a detail that several SQLSTATEs share (`Failing row contains …`) and for what libpq says by
    itself (`server closed the connection unexpectedly`); `kind` is `primary`,
    `detail` or `hint`; `template` the English text with its placeholders. `fields` has libpq's names
    (`constraint_name`, `table_name`, `column_name`, `schema_name`, `datatype_name`), `columns` and `values` (as the
    server lists them), `referenced_table`, `role_name` and others. `cut`: the message breaks off inside a name, which
    is then left out. `unquoted`: the quotes around a name are missing. `weight`: how many letters of the template's
    own were found; a light one (`division by zero`) proves little in prose. `in_sentence`: words stand right before
    or behind it on its line (`a deadlock detected in the worker pool`), as the server would not write them.
    """

    sqlstate: str
    template: str
    language: str
    start: int
    end: int
    kind: str = "primary"
    fields: Mapping[str, Value] = field(default_factory=dict)
    cut: bool = False
    unquoted: bool = False
    weight: int = 0
    in_sentence: bool = False

    def value(self, name: str) -> str | None:
        """The text of a field, or None when the message does not have it."""
        found = self.fields.get(name)
        return found[0] if found else None


Met = Callable[[int, int, set[str]], None]
"""Takes the start and the end of a stretch of the text, and the words in it (runs of letters)."""
