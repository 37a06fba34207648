"""`smoke eval`: what a JSONPath, a selector, a pattern, a header or a template takes from an answer that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import declared_options

if TYPE_CHECKING:
    from smoke.app.evaluating import LookedAt
    from smoke.cli.evaluated import TriedOn

app = typer.Typer(rich_markup_mode=None, add_completion=False)


_Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[RUN] [STEP] RULE",
        help="A rule as in capture or expect: $.order.id, 'header: etag', 'cookie: session', 'html: h1', 'html: a.pay@href', "
        "'regex: id=([0-9]+)', //order/@status, url, status, text, or a template. RUN and STEP as smoke show takes them. "
        "[default: the step that failed of the last run that failed]",
    ),
]
_Body = Annotated[
    str,
    typer.Option(
        "--body",
        metavar="FILE|-",
        help="Look at this in place of a run: a raw body, curl -i output, a HAR file of one answer; - is standard input.",
    ),
]
_Expect = Annotated[
    str,
    typer.Option(
        "--expect",
        metavar="MATCHER",
        help="What the value must be, as in expect: 'at_least: 3', '{type: string}', paid.",
    ),
]
_Attempt = Annotated[
    int,
    typer.Option(
        min=0, metavar="NUMBER", help="Which attempt's answer. [default: the last with one]"
    ),
]


@app.command()
@declared_options(
    variables="A value that a template sees under a name; may be given again.",
    as_json="Print JSON: the value, or why there is none, and what was expected.",
)
def eval_(
    words: _Words,
    body: _Body = "",
    expect: _Expect = "",
    attempt: _Attempt = 0,
    *,
    variables: Mapping[str, str],
    out: Path,
    as_json: bool,
) -> None:
    """Try a rule of a scenario on a stored answer: what it takes, exactly as a run would, or why it takes nothing.

    Nothing is sent. Bodies are as they were stored: what was masked is a mask. A template sees what the steps before captured.

    Exit status: 0 it takes a value (with --expect: and that is as expected), 1 it does not, 2 the rule cannot be read.
    """
    from smoke.app.evaluating import evaluated
    from smoke.cli.evaluated import as_json as in_json
    from smoke.cli.evaluated import as_text
    from smoke.cli.terminal import stdout
    from smoke.scenario.rule_text import doubts_of, expect_for, rule_of

    *where, written = words
    if len(where) > (0 if body else 2):
        wanted = "RULE alone goes with --body" if body else "[RUN] [STEP] RULE are expected"
        raise typer.BadParameter(f"{wanted}: put quotes around what has blanks in it")
    if body and attempt:
        raise typer.BadParameter("--attempt is of a run, and --body is none")
    rule = rule_of(written)
    wished = expect_for(rule, expect) if expect else None
    hints = doubts_of(wished) if wished is not None else ()
    looked, subject = _looked_at(where, body, attempt, variables, out)
    found = evaluated(rule, looked, wished)
    terminal = stdout()
    if as_json:
        terminal.write(in_json(subject, rule, found, expect, hints))
    else:
        terminal.write(as_text(subject, rule, found, expect, hints, terminal))
    good = not found.mismatches if wished is not None else found.found
    raise typer.Exit(0 if good else 1)


def _looked_at(
    where: list[str], body: str, attempt: int, variables: Mapping[str, str], out: Path
) -> tuple[LookedAt, TriedOn]:
    import os

    from smoke.app.evaluating import saved_answer, stored
    from smoke.cli.choosing import choose, only
    from smoke.cli.evaluated import TriedOn, exchange_of
    from smoke.store import last_failed, resolve

    if body:
        return saved_answer(body, variables, os.environ), TriedOn(file=body)
    wanted = where[-1] if where else ""
    if len(where) == 2:
        folder = resolve(out, where[0])
    else:
        folder = resolve(out) if wanted else last_failed(out) or resolve(out)
    run = folder.run()
    scenario, step = only(run, choose(run, wanted), wanted)
    title, exchange = exchange_of(step, attempt)
    looked = stored(run, scenario, step, exchange, folder, variables, os.environ)
    return looked, TriedOn(run.id, f"{scenario.name}: {step.called}", title, exchange.id)
