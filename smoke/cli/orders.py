"""`smoke orders`: which orders runs placed, and which are still there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def orders(
    run: Annotated[
        str,
        typer.Argument(
            help="One run: its id, the beginning of it, or latest. All runs by default."
        ),
    ] = "",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are.")] = Path(
        ".smoke/runs"
    ),
    left: Annotated[
        bool, typer.Option("--left", help="Only those that are, or may be, still there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the orders that runs asked for, from the journal: placed, may exist, or not placed; removed or not.

    Exit status: 0, whatever is listed.
    """
    from smoke.app.ledger import ledger
    from smoke.cli.terminal import stdout
    from smoke.text import safe_line

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
    for row in rows:
        order = row.order
        mark = "left behind" if order.left_behind else f"removed: {order.removed.value}"
        if order.state.value == "not-placed":
            mark = "nothing to remove"
        terminal.write(
            safe_line(
                f"{row.run_id}  {order.key}  {order.state.value}"
                f"{f'  id {order.order_id}' if order.order_id else ''}  {mark}  at {row.target}"
            )
        )
        if order.left_behind and order.remove_hint:
            terminal.write(safe_line(f"    remove it: {order.remove_hint}"))
        elif order.left_behind and order.idempotency_key:
            terminal.write(
                safe_line(f"    find it by its Idempotency-Key: {order.idempotency_key}")
            )
