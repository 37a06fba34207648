"""Foreign text in the Markdown that every forge reads: as code, which nothing in it ends.

Bitbucket takes no HTML and knows few escapes, GitLab acts on a line that begins with `/`, and all of them make links and
mentions of text. None of them does anything inside code.
"""

from __future__ import annotations

from smoke.text import safe, safe_line, shorten


def code(text: str, limit: int = 300) -> str:
    """Code within a line, its fence longer than any run of backticks in it (CommonMark 6.1). Never empty."""
    shown = shorten(safe_line(text), limit).strip() or "-"
    fence = "`" * (_longest_run(shown) + 1)
    room = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def fenced(text: str, language: str = "text", limit: int = 3000) -> str:
    """A block of code between fences that are longer than any run of backticks in it."""
    shown = shorten(safe(text), limit)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
