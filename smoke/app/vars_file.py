"""Values of scenarios' variables from a file (`--vars-file`): a mapping in YAML or JSON, each value as it is written there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from smoke.app.value_files import read_value_file
from smoke.diagnostic import Diagnostic, Level, Note, SmokeError, Span
from smoke.model.run import JsonValue
from smoke.scenario.naming import name_problem
from smoke.scenario.nodes import Pairs, found, plain
from smoke.scenario.source import Document, parse


class FileValue(Struct, frozen=True):
    """A value, and where its name stands."""

    value: JsonValue
    span: Span
    excerpt: tuple[tuple[int, str], ...] = ()


def values_of_files(files: Iterable[str]) -> dict[str, FileValue]:
    """The values by the names of the variables; of two files the later one wins.

    Raises SmokeError with every fault of every file.
    """
    values: dict[str, FileValue] = {}
    problems: list[Diagnostic] = []
    for file in files:
        try:
            values |= read_vars_file(file)
        except SmokeError as error:
            problems += error.diagnostics
    if problems:
        raise SmokeError(problems)
    return values


def read_vars_file(file: str) -> Mapping[str, FileValue]:
    """The values of one file. Raises SmokeError: no mapping, a name that is none, what YAML reads as something else."""
    document = parse(read_value_file(file, "--vars-file"), Path(file).as_posix())
    root = document.root
    if not isinstance(root, Pairs):
        message = f"a file of variables is a mapping of names and values, not {found(root)}"
        problem = Diagnostic("wrong-type", message, span=root.span)
        raise SmokeError([document.excerpted(problem)])
    problems = [*document.problems, *_names(document, root)]
    if problems:  # what is only doubted in a scenario is no value to order with unseen
        raise SmokeError(
            [each for each in problems if each.level is Level.ERROR] or problems,
        )
    return {
        key.text: FileValue(plain(value), key.span, _line(document, key.span))
        for key, value in root.pairs
    }


def check_vars_file(file: str) -> None:
    """Refuse a file that cannot be read. Raises SmokeError."""
    read_vars_file(file)


def _names(document: Document, root: Pairs) -> Iterable[Diagnostic]:
    for key, _ in root.pairs:
        if problem := name_problem(key.text):
            note = Note("write the names of the variables at the margin, each with its value")
            yield document.excerpted(Diagnostic("bad-name", problem, span=key.span, notes=(note,)))


def _line(document: Document, span: Span) -> tuple[tuple[int, str], ...]:
    return ((span.line, document.lines[span.line - 1]),)
