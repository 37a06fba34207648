"""A fact as text, for formats that have nothing else."""

from __future__ import annotations

from smoke.model.fact import Fact
from smoke.text import safe_line


def plain(fact: Fact) -> str:
    """A fact as text lines without any layout, safe to print."""
    if not fact.block:
        return (
            f"{fact.label}: {safe_line(fact.value)}" if fact.label else f"  {safe_line(fact.value)}"
        )
    lines = [f"  | {safe_line(line)}" for line in fact.value.split("\n")]
    return "\n".join([f"{fact.label}:", *lines])
