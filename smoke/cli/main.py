"""The command `smoke`: its commands by name, each loaded when it is called."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from smoke.version import __version__

COMMANDS = {
    "run": "smoke.cli.run",
    "watch": "smoke.cli.watch",
    "check": "smoke.cli.check",
    "list": "smoke.cli.list",
    "new": "smoke.cli.new",
    "import": "smoke.cli.import_",
    "record": "smoke.cli.record",
    "show": "smoke.cli.show",
    "eval": "smoke.cli.eval_",
    "judge": "smoke.cli.judge",
    "report": "smoke.cli.report",
    "export": "smoke.cli.export",
    "merge": "smoke.cli.merge",
    "diff": "smoke.cli.diff",
    "history": "smoke.cli.history",
    "compare": "smoke.cli.compare",
    "orders": "smoke.cli.orders",
    "teardown": "smoke.cli.teardown",
    "verify": "smoke.cli.verify",
    "prune": "smoke.cli.prune",
    "classify": "smoke.cli.classify",
    "explain": "smoke.cli.explain",
    "db": "smoke.cli.db",
    "demo": "smoke.cli.demo",
    "schema": "smoke.cli.schema",
    "plugins": "smoke.cli.plugins",
}
"""Each command's module; its `app` is the typer application of the command."""


class LazyCommands(TyperGroup):
    """Loads a command's module when it is asked for: `smoke --version` pays for none of them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (typer's signature)
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: Any) -> Any:
        module = COMMANDS.get(cmd_name, "")
        if not module:
            from smoke.diagnostic import nearest

            close = nearest(cmd_name, COMMANDS)
            hint = f" Did you mean '{close}'?" if close else f" Commands: {', '.join(COMMANDS)}."
            ctx.fail(f"There is no command '{cmd_name}'.{hint}")
        command = typer.main.get_command(importlib.import_module(module).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="smoke",
    cls=LazyCommands,
    help="Drives real checkouts after a deploy, keeps the whole failing response and names the database error.",
    epilog="Exit status: 0 passed, 1 failed, 2 usage or invalid scenario (nothing was sent), 3 no verdict, "
    "4 internal error, 5 nothing was run, 129/130/143 interrupted, 141 output cut off.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"smoke {__version__}")
        raise typer.Exit


@app.callback()
def _smoke(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass
