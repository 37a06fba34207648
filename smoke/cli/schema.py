"""`smoke schema`: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def schema(
    report: Annotated[
        bool, typer.Option("--report", help="The schema of the JSON report instead.")
    ] = False,
) -> None:
    """Print the JSON Schema (2020-12) of scenario files.

    With it an editor completes and checks scenarios: save it as scenario.schema.json and begin a file with
    `# yaml-language-server: $schema=scenario.schema.json`.
    """
    import json

    from smoke.cli.terminal import stdout

    if report:
        from smoke.report.json import report_schema

        stdout().write(json.dumps(report_schema(), indent=2))
        return
    from smoke import plugins
    from smoke.cli.terminal import stderr
    from smoke.scenario.schema import json_schema

    faults = plugins.warnings()
    if faults:
        stderr().diagnostics(faults)
    stdout().write(json.dumps(json_schema(), indent=2))
