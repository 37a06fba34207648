"""`smoke orders`: which orders runs placed, and which are still there; `smoke orders forget`: one was dealt with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from smoke.cli.declared import declared_options

_LIST = "list"


class _Orders(TyperGroup):
    """`smoke orders [RUN]` lists: the word for that may be left out."""

    def parse_args(self, ctx: Any, args: Any) -> Any:
        if not args or args[0] not in self.commands:
            args = [_LIST, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Orders,
    rich_markup_mode=None,
    add_completion=False,
    help="List the orders that runs placed, and which are still there; or forget one that was dealt with.",
)


@app.command(
    _LIST, epilog="`smoke orders forget RUN [KEY] --why TEXT` says that one was dealt with by hand."
)
@declared_options()
def orders(
    run: Annotated[
        str,
        typer.Argument(
            help="One run: its id, the beginning of it, or latest. All runs by default."
        ),
    ] = "",
    left: Annotated[
        bool, typer.Option("--left", help="Only those that are, or may be, still there.")
    ] = False,
    *,
    out: Path,
    as_json: bool,
) -> None:
    """List the orders that runs asked for, from the journal: placed, may exist, or not placed; removed or not.

    Exit status: 0, whatever is listed.
    """
    from smoke.app.ledger import ledger
    from smoke.cli.terminal import stdout

    rows = [row for row in ledger(out, run) if row.order.left_behind or not left]
    terminal = stdout()
    if as_json:
        import json

        from smoke.codec import encode

        terminal.write(
            json.dumps(
                [
                    {"run": row.run_id, "target": row.target, "left_behind": row.order.left_behind}
                    | encode(row.order)
                    for row in rows
                ],
                indent=2,
            )
        )
        return
    if not rows:
        terminal.write("no orders" if not left else "no orders left behind")
        return
    from datetime import UTC, datetime

    from smoke.cli.order_lines import listed

    now = datetime.now(UTC)
    for row in rows:
        for line in listed(row, now):
            terminal.write(line)


@app.command()
@declared_options()
def forget(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or latest.")],
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY]...", help="Keys or ids of orders; all that are left by default."
        ),
    ] = None,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="How it was dealt with; kept in the journal.")
    ] = "",
    *,
    out: Path,
) -> None:
    """Say that orders were dealt with by hand: they are not left behind any more. Nothing is sent.

    Exit status: 0 written down, 2 usage.
    """
    from smoke.app.ledger import forget as write_down
    from smoke.cli.terminal import stdout
    from smoke.store import resolve
    from smoke.text import safe_line

    with resolve(out, run) as folder:
        done = write_down(folder, tuple(keys or ()), why)
    terminal = stdout()
    for order in done:
        terminal.write(
            safe_line(f"forgotten: {order.key}  {order.order_id or 'id unknown'}  {why}")
        )
