"""`smoke list`: which scenarios there are."""

from __future__ import annotations

import typer

from smoke.cli.declared import declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(name="list")
@declared_options()
def list_scenarios(*, tags: tuple[str, ...], skip: tuple[str, ...], as_json: bool) -> None:
    """List the project's scenarios (scenarios/) and the ones that ship, with their tags."""
    from smoke.app.selecting import listed
    from smoke.cli.terminal import stdout
    from smoke.text import safe_line

    found = listed(tags, skip)
    terminal = stdout()
    if as_json:
        import json

        rows = [
            {
                "name": item.name,
                "path": item.path,
                "shipped": item.shipped,
                "summary": item.summary,
                "tags": list(item.tags),
                "problem": item.problem,
            }
            for item in found
        ]
        terminal.write(json.dumps(rows, indent=2))
        return
    width = max((len(item.name) for item in found), default=0)
    for item in found:
        marks = f"  [{', '.join(item.tags)}]" if item.tags else ""
        where = "" if item.shipped else f"  {item.path}"
        text = item.problem or item.summary
        terminal.write(safe_line(f"{item.name:<{width}}  {text}{marks}{where}"))
