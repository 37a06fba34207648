"""The server's own messages, in every language it speaks, found in a text.

`find_messages(text)` takes time linear in the text's length, whatever the text: words are looked up in a table once,
templates whose words are all there are searched for by their longest literal, and what lies around an occurrence is
looked at within fixed limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smoke.classify.messages._looks import Looks

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


def find_messages(
    text: str, met: Met | None = None, looks: Looks | None = None
) -> list[MessageMatch]:
    """Every message of the server in the text, in order; no two overlap, and one quoted in a value is left out.

    The text's words are looked at on the way: `met` is told of them, so that nobody has to collect them again.
    `looks` bounds how many occurrences are looked at over several texts that are searched one after the other.
    """
    from smoke.classify.messages import _find

    return _find.find(text, met, looks)


def labels() -> Mapping[str, str]:
    """The words that stand before a colon (`FEHLER`, `DÉTAIL`, `ヒント`) to the English ones (`ERROR`, `DETAIL`, `HINT`)."""
    from smoke.classify.messages._table import LABELS

    return LABELS
