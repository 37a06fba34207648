"""`smoke plugins`: dialects, reporters, step kinds, checks, CI systems and importers, with the first line of what each says of itself."""

from __future__ import annotations

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def plugins() -> None:
    """List what can be plugged in: dialects, reporters, step kinds, database checks, CI systems, importers."""
    from smoke import plugins as found
    from smoke.cli.terminal import stderr, stdout
    from smoke.text import safe_line, without_commands

    terminal = stdout()
    for kind in found.ROOMS:
        terminal.write(kind)
        for plugin in found.find(kind).values():
            try:
                if plugin.distribution:
                    plugin.load()
                told = plugin.description()
            except found.PluginError:
                told = "NOT USABLE"
            of = f"  ({plugin.distribution})" if plugin.distribution else ""
            terminal.write(without_commands(f"  {plugin.name:<18} {safe_line(told)}{of}"))
    faults = found.warnings()
    if faults:
        stderr().diagnostics(faults)
