"""Markdown that GitHub and the manual show alike."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

MADE = "<!-- Made by tools/generate_reference.py from the code; do not edit. -->\n"
_PLAIN = re.compile(r"[A-Za-z0-9$/_.][A-Za-z0-9$/_.@ -]*")
_SPAN = re.compile(r"(`+)(.+?)\1(?!`)")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


def page(title: str, intro: str, parts: Iterable[str]) -> str:
    """A whole page."""
    return "\n".join([f"{MADE}\n# {title}\n", f"{intro}\n", *parts]).rstrip() + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; columns without any text are left out, and without rows there is none."""
    listed = [tuple(row) for row in rows]
    kept = [column for column in range(len(head)) if any(row[column] for row in listed)]
    if not listed:
        return ""
    lines = [
        _row([head[column] for column in kept]),
        _row(["---" for _ in kept]),
        *(_row([_cell(row[column]) for column in kept]) for row in listed),
    ]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Text as code, also with backquotes in it."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def fence(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def sentence(text: str) -> str:
    """Text that ends like a sentence."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?:…" else f"{text}."


def unwrapped(text: str) -> str:
    """A docstring's paragraphs and items of lists, each in one line."""
    paragraphs = re.split(r"\n\s*\n|\n(?=- )", text.strip())
    joined = "\n\n".join(" ".join(part.split()) for part in paragraphs)
    return re.sub(r"(\n- [^\n]*)\n(?=\n- )", r"\1", joined)


def flow(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        bare = _PLAIN.fullmatch(value) and value not in _WORDS and not value[0].isdigit()
        return value if bare or value.endswith("xx") else _quoted(value)
    return "null" if value is None else str(value)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text within a cell. A bar within code is written in HTML: of GitHub and the manual each takes it otherwise."""
    line = _SPAN.sub(_bars_in_code, " ".join(text.split()))
    return line.replace("|", "\\|")


def _bars_in_code(span: re.Match[str]) -> str:
    if "|" not in span[0]:
        return span[0]
    return f"<code>{html.escape(span[2].strip(), quote=False).replace('|', '&#124;')}</code>"
