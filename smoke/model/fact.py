"""One labelled value of a report, before it is made safe for a format."""

from __future__ import annotations

from msgspec import Struct

LONGEST_LABEL = 32
"""Characters of a label that a step kind brings: it stands in a column of its own."""

LONGEST_VALUE = 64 * 1024
"""Characters of a value that a step kind brings: it is stored with the step, and shown in every report."""

MOST_FACTS = 50
"""Facts that a step kind brings of one step."""


class Fact(Struct, frozen=True):
    """One labelled value. `block` ones are several lines that are shown as they are (a body)."""

    label: str
    """What it is."""
    value: str
    """The value, as text."""
    block: bool = False
    """Whether it is several lines that are shown as they are (a body)."""
