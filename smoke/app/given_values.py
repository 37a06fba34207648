"""What a run is given from outside of its scenarios: values of their variables, and the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from smoke.app.catalog import scenarios_beside
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.model.run import JsonValue
from smoke.scenario.load import Loaded
from smoke.scenario.variables import AsWritten, Overrides

if TYPE_CHECKING:
    from smoke.app.vars_file import FileValue


class GivenValues(Struct, frozen=True):
    """The environment with what its files add, the texts of `--var`, and the values of files that none of those replaces."""

    environ: Mapping[str, str]
    texts: Mapping[str, str]
    of_files: Mapping[str, FileValue]

    @property
    def overrides(self) -> Overrides:
        """What stands in place of the scenarios' own values."""
        return {
            **{name: AsWritten(each.value) for name, each in self.of_files.items()},
            **self.texts,
        }

    def values(self) -> dict[str, JsonValue]:
        """The values that come from files."""
        return {name: each.value for name, each in self.of_files.items()}


def given_values(options: RunOptions, environ: Mapping[str, str]) -> GivenValues:
    """What options and environment give. Files are read here, and nowhere else. Raises SmokeError."""
    if options.env_files:
        from smoke.app.env_file import with_env_files

        environ = with_env_files(environ, options.env_files)
    of_files: Mapping[str, FileValue] = {}
    if options.vars_files:
        from smoke.app.vars_file import values_of_files

        read = values_of_files(options.vars_files)
        of_files = {name: each for name, each in read.items() if name not in options.variables}
    # a copy, since the environment of a process decodes each value whenever one is copied: each scenario has it
    return GivenValues(MappingProxyType(dict(environ)), options.variables, of_files)


def check_variables(loaded: Sequence[Loaded], given: GivenValues) -> None:
    """Refuse names of variables that no selected scenario has. Raises SmokeError.

    A file of variables may be for several scenarios: one of its names may be of another scenario in the same folders.
    """
    known = sorted({name for item in loaded for name in item.scenario.variables})
    notes = (Note(f"variables: {', '.join(known) or '(none)'}"),)
    problems = [
        Diagnostic(
            "unknown-variable",
            f"--var: no selected scenario has a variable '{name}'",
            suggestion=nearest(name, known),
            notes=notes,
        )
        for name in given.texts
        if name not in known
    ]
    strange = [name for name in given.of_files if name not in known]
    others = _variables_beside(loaded) if strange else frozenset()
    for name in strange:
        if name in others:
            continue
        value, near = given.of_files[name], nearest(name, {*known, *others})
        problems.append(
            Diagnostic(
                "unknown-variable",
                f"no scenario has a variable '{name}'",
                span=value.span,
                label=f"did you mean '{near}'?" if near else "",
                suggestion=near,
                notes=notes,
                excerpt=value.excerpt,
            )
        )
    if problems:
        raise SmokeError(problems)


def _variables_beside(loaded: Sequence[Loaded]) -> frozenset[str]:
    """The variables of all scenarios that can be read, of the project and beside those that are selected."""
    folders = {Path(item.scenario.source).parent for item in loaded}
    return frozenset(name for item in scenarios_beside(folders) for name in item.scenario.variables)
