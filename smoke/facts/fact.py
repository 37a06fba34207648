"""One labelled value of a report, before it is made safe for a format."""

from __future__ import annotations

from msgspec import Struct

from smoke.text import safe_line


class Fact(Struct, frozen=True):
    """One labelled value. `block` ones are several lines that are shown as they are (a body)."""

    label: str
    value: str
    block: bool = False


def plain(fact: Fact) -> str:
    """A fact as text lines without any layout, safe to print."""
    if not fact.block:
        return (
            f"{fact.label}: {safe_line(fact.value)}" if fact.label else f"  {safe_line(fact.value)}"
        )
    lines = [f"  | {safe_line(line)}" for line in fact.value.split("\n")]
    return "\n".join([f"{fact.label}:", *lines])
