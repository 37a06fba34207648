"""Foreign text in GitHub's Markdown: always text, never markup, mention, link, image, emoji or formula."""

from __future__ import annotations

import re

from smoke.text import safe, safe_line, shorten

# CommonMark takes character references for text, never for structure. What is left alone can start nothing within
# a line; `_` between letters or digits neither
_SPECIAL = {ord(character): f"&#{ord(character)};" for character in '!"#$&*:<>@[\\]^`{|}~'}
_UNDERSCORE = re.compile("(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])")
_WWW = re.compile(r"(www)\.", re.IGNORECASE)


def _text(text: str, limit: int) -> str:
    shown = shorten(safe_line(text), limit)
    shown = _UNDERSCORE.sub("\0", shown).translate(_SPECIAL).replace("\0", "&#95;")
    return _WWW.sub(r"\1&#46;", shown)


def prose(text: str, limit: int = 4000) -> str:
    """A sentence of ours with foreign names in it. An `@` stands alone, so that nobody is mentioned."""
    return _text(text, limit).replace("&#64;", "<code>&#64;</code>")


def inline(text: str, limit: int = 500) -> str:
    """Code within a line or a table's cell. A code span would do, if a `|` in it did not end the cell."""
    return f"<code>{_text(text, limit)}</code>" if text else ""


def block(text: str, language: str = "", limit: int = 8000) -> str:
    """A fenced block, its fence longer than any run of backticks in it."""
    shown = shorten(safe(text), limit)
    longest = run = 0
    for character in shown:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language or 'text'}\n{shown}\n{fence}"


def row(*cells: str) -> str:
    """One row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cell or '-' for cell in cells)} |\n"
