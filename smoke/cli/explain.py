"""`smoke explain`: what a code means, how it reaches a checkout, and what to check."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def explain(
    code: Annotated[
        str,
        typer.Argument(
            help="A SQLSTATE, a condition name, a PGRST or Prisma code, or one of smoke's own."
        ),
    ],
) -> None:
    """Explain CODE, such as 23505, unique_violation, PGRST116, P2002, error-hidden or unknown-key."""
    from smoke.explain import explain as page_of
    from smoke.explain import suggest

    page = page_of(code)
    if page is None:
        near = suggest(code)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        sys.stderr.write(f"smoke: nothing is known of {code[:80]!a}.{hint}\n")
        raise typer.Exit(2)
    sys.stdout.write(page.markdown())
