"""Runs scenarios in this process, from text, into a folder of the test."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.model.run import Run


def run_text(
    folder: Path,
    url: str,
    *scenarios: str,
    environ: Mapping[str, str] | None = None,
    options: RunOptions | None = None,
) -> Run:
    """The run of scenarios given as YAML; their files and the run folder lie in `folder`."""
    paths = []
    for number, text in enumerate(scenarios):
        path = folder / f"scenario-{number}.yaml"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        paths.append(str(path))
    options = replace(options or RunOptions(), selectors=tuple(paths), url=url, out=folder / "runs")
    return run(options=options, environ=environ or {})
