"""`smoke watch`: the same scenarios again and again, and a word only when something changes."""

from __future__ import annotations

from inspect import Signature
from typing import Any

import typer

from smoke.cli.declared import CONTEXT, parameters
from smoke.cli.watch_parameters import options

app = typer.Typer(rich_markup_mode=None, add_completion=False)


def watch(context: typer.Context, **written: Any) -> None:
    """Place the orders of SCENARIOS at a deployment every few minutes, and tell what changed since the round before.

    A line for each round; a notice only when a target begins to fail, fails for another reason too, cannot be judged twice in a
    row, or passes again. It ends with Ctrl-C or SIGTERM, after the clean-up.

    Exit status: 130 or 143 when it was stopped, 0 after --rounds, 2 usage.
    """
    from smoke.cli.watch_as_asked import watch_as_asked

    watch_as_asked(context, written)


watch.__signature__ = Signature([CONTEXT, *parameters(options())])  # type: ignore[attr-defined]  # typer reads it
app.command()(watch)
