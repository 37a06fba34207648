"""Foreign text in GitHub's Markdown: always code, never markup, mention, link or image."""

from __future__ import annotations

from smoke.text import safe, safe_line, shorten

_PUNCTUATION = {ord(c): f"&#{ord(c)};" for c in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}


def inline(text: str, limit: int = 500) -> str:
    """Code within a line or a table's cell.

    Every punctuation character is a reference: CommonMark takes references for text, never for structure, and within
    `<code>` GitHub looks for no mentions. A code span would do, if a `|` in it did not end the cell.
    """
    shown = shorten(safe_line(text), limit)
    return f"<code>{shown.translate(_PUNCTUATION)}</code>" if shown else ""


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
    """One row of a table."""
    return f"| {' | '.join(inline(cell) for cell in cells)} |\n"
