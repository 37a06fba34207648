"""Plugins of somebody else, as pip leaves them: modules beside a dist-info folder with entry points."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path


def install(
    site: Path, distribution: str, modules: Mapping[str, str], points: Mapping[str, str]
) -> dict[str, str]:
    """Write a distribution into `site`; the environment in which it is installed.

    `modules` are names and their code. `points` are `group:name` and what each leads to.
    """
    site.mkdir(parents=True, exist_ok=True)
    for name, code in modules.items():
        (site / f"{name}.py").write_text(textwrap.dedent(code), encoding="utf-8")
    folder = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8"
    )
    groups: dict[str, list[str]] = {}
    for point, value in points.items():
        group, _, name = point.partition(":")
        groups.setdefault(group, []).append(f"{name} = {value}")
    lines = [line for group, entries in groups.items() for line in (f"[{group}]", *entries, "")]
    (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return {"PYTHONPATH": str(site), "COLUMNS": "160"}
