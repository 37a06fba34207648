"""`smoke run`: place the orders and judge the answers. Its options are declared in `smoke.app.options`."""

from __future__ import annotations

from inspect import Signature
from typing import Any

import typer

from smoke.cli.declared import CONTEXT, parameters
from smoke.cli.run_as_asked import in_order, run_as_asked

app = typer.Typer(rich_markup_mode=None, add_completion=False)


def run(context: typer.Context, **written: Any) -> None:
    """Place the orders of SCENARIOS at a deployment, keep every answer, and judge them.

    Exit status: 0 passed, 1 failed, 2 usage or invalid scenario (nothing was sent), 3 no verdict, 5 nothing was run.
    """
    run_as_asked(context, written)


run.__signature__ = Signature([CONTEXT, *parameters(in_order())])  # type: ignore[attr-defined]  # typer reads it
app.command()(run)
