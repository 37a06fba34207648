"""A page as data, and pages read from Markdown."""

from __future__ import annotations

from dataclasses import dataclass

HEADINGS = {
    "": "What it means",
    "In a checkout": "How it reaches a checkout",
    "Check": "What to check",
    "With a DSN": "What a run with a DSN tells of it",
}
"""What the short headings of the sources are called on a page."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a heading and Markdown without headings."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class ExplanationPage:
    """One explanation: what the code is, what it means, what to check, and where that is documented."""

    code: str
    title: str
    sections: tuple[Section, ...]
    source: str = ""

    def section(self, heading: str) -> str:
        """The text under a heading, or an empty one."""
        return next((part.text for part in self.sections if part.heading == heading), "")

    def markdown(self) -> str:
        """The page as plain Markdown."""
        parts = [f"# {self.title}\n"]
        parts += [f"## {part.heading}\n\n{part.text}\n" for part in self.sections]
        if self.source:
            parts.append(f"Source: {self.source}\n")
        return "\n".join(parts)


def sections_of(markdown: str, marker: str) -> tuple[Section, ...]:
    """The sections of a Markdown text whose headings begin with `marker` (`##`, `###`), empty ones left out."""
    heading = ""
    lines: dict[str, list[str]] = {"": []}
    fenced = False
    for line in markdown.splitlines():
        fenced ^= line.startswith("```")
        if not fenced and line.startswith(f"{marker} "):
            heading = line[len(marker) + 1 :].strip()
            lines.setdefault(heading, [])
        else:
            lines[heading].append(line)
    return tuple(
        Section(HEADINGS.get(name, name), text)
        for name, body in lines.items()
        if (text := "\n".join(body).strip())
    )


def entries(markdown: str) -> dict[str, tuple[Section, ...]]:
    """The sections of each `## CODE` entry of a collection, by code."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in markdown.splitlines():
        if line.startswith("## "):
            current = found.setdefault(line[3:].strip(), [])
        else:
            current.append(line)
    return {code: sections_of("\n".join(lines), "###") for code, lines in found.items()}


def single(code: str, markdown: str) -> ExplanationPage:
    """A page of its own file: `# title`, text, `## heading` and text, at last perhaps a line `Source: …`."""
    title, _, rest = markdown.strip().partition("\n")
    body, _, source = rest.rpartition("\nSource: ")
    if not body:
        body, source = rest, ""
    return ExplanationPage(
        code, title.removeprefix("# ").strip(), sections_of(body, "##"), source.strip()
    )
