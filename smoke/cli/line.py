"""A line of text in pieces, each with its style; rich makes it colourful, and is loaded only for that."""

from __future__ import annotations

import io
from collections.abc import Iterable


def cell_len(text: str) -> int:
    """The cells of a terminal that a text takes; it holds no control characters."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only what is not ASCII may be wider than it is long

    return cell_len(text)


def chop_cells(text: str, width: int) -> list[str]:
    """A text in rows of at most `width` cells; no row for an empty one."""
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    from rich.cells import chop_cells

    return chop_cells(text, width)


class StyledLine:
    """Pieces of text with rich's styles; an empty style is plain."""

    __slots__ = ("pieces",)

    def __init__(self, text: str = "", style: str = "") -> None:
        self.pieces: list[tuple[str, str]] = [(text, style)] if text else []

    def append(self, text: str, style: str = "") -> None:
        """Put a piece behind the others."""
        if text:
            self.pieces.append((text, style))

    @property
    def plain(self) -> str:
        """The text without styles."""
        return "".join([text for text, _ in self.pieces])


def styled(lines: Iterable[StyledLine]) -> str:
    """The lines with ANSI styles, each with a line end."""
    from rich.console import Console  # 30 ms that a log does not need
    from rich.text import Text

    out = io.StringIO()
    console = Console(
        file=out,
        width=10_000,
        force_terminal=True,
        color_system="standard",
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for line in lines:
        if any(style for _, style in line.pieces):
            console.print(Text.assemble(*line.pieces), soft_wrap=True)
        else:  # a body of a megabyte has many lines
            out.write(f"{line.plain}\n")
    return out.getvalue()
