"""The server's own messages, in every language it speaks, found in a text.

`find_messages(text)` takes time linear in the text's length, whatever the text: words are looked up in a table once,
templates whose words are all there are searched for by their longest literal, and what lies around an occurrence is
looked at within fixed limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from smoke.classify.messages._message import MessageMatch as MessageMatch
from smoke.classify.messages._message import Met as Met
from smoke.classify.messages._message import Value as Value

if TYPE_CHECKING:
    from smoke.classify.messages.looks import Looks


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
