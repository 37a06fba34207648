"""The targets file: named deployments, with what goes along and what to wait for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from smoke.diagnostic import Diagnostic, SmokeError
from smoke.scenario.files import Files
from smoke.scenario.model import Duration, Model, Statuses
from smoke.scenario.nodes import Pairs
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.source import parse
from smoke.scenario.template import as_text, render_text


class ReadinessSpec(Model):
    """What to wait for before the first order."""

    url: str = Field("/", description="A path, or a URL of the target")
    status: Statuses | None = None
    deadline: Duration = Field(120.0, description="Give up after this time")
    version_from: str = Field(
        "", pattern=r"^(header:.+|json:\$.*)?$", description="header:NAME or json:PATH"
    )


class TargetSpec(Model):
    """One named deployment."""

    url: str = Field(min_length=1)
    headers: dict[str, str] = Field(
        default_factory=dict, description="Sent to the target's origin; templates see secrets"
    )
    secrets: tuple[str, ...] = Field((), strict=False, description="Names of environment variables")
    allow_hosts: tuple[str, ...] = Field(
        (), strict=False, description="Other origins that requests may go to"
    )
    readiness: ReadinessSpec | None = None
    dsn_env: str = Field("", description="Environment variable with the DSN of its database")

    def header_values(self, secrets: Mapping[str, str]) -> dict[str, str]:
        """The headers with their templates rendered. Raises SmokeError for a name that is not declared."""
        scope = Scope(secrets=secrets)
        try:
            return {
                name: as_text(render_text(value, scope)) for name, value in self.headers.items()
            }
        except TemplateError as error:
            raise SmokeError.of("bad-target", f"a header of the target: {error}") from error


class _File(Model):
    targets: dict[str, Any]


def load_targets(path: Path) -> dict[str, TargetSpec]:
    """The targets of a file, by name. Raises SmokeError with every mistake that was found."""
    document = parse(Files(path).read_top(), str(path))
    reader = Reader(document.lines, str(path))
    for problem in document.problems:
        reader.take(problem)
    root = document.root
    if not isinstance(root, Pairs):
        message = "a targets file is a mapping with the key 'targets'"
        raise SmokeError([document.excerpted(Diagnostic("not-targets", message, span=root.span))])
    reader.model(_File, root, "targets file")
    named = root.get("targets")
    found: dict[str, TargetSpec] = {}
    if named is not None and not isinstance(named, Pairs):
        reader.error("wrong-type", "targets is a mapping of names", value_span(root, ["targets"]))
    elif named is not None:
        for key, node in named.pairs:
            spec = reader.model(TargetSpec, node, "target")
            if spec is not None:
                found[key.text] = spec
    reader.raise_errors()
    return found
