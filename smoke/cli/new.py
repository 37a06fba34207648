"""`smoke new`: a project to begin with. Looks at the shop with requests that only read; orders nothing, overwrites nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import OwnOption, declared_options

if TYPE_CHECKING:
    from smoke.app.beginning import NewProject

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_URL = "The shop, e.g. https://shop.example: it is looked at with a few requests that only read, and becomes the target."

Kind = Annotated[
    str,
    typer.Option(
        metavar="KIND",
        help="The kind of shop; without it the shop at --url is looked at: rest, html, graphql, nextjs, medusa, "
        "vendure, shopify, woocommerce, saleor.",
    ),
]
System = Annotated[
    str, typer.Option(metavar="SYSTEM", help="Write a workflow for this CI system too: github.")
]


@app.command()
@declared_options(
    project=False,
    url=OwnOption(_URL),
    target=OwnOption("What the deployment is called in the targets file.", "production"),
)
def new(
    kind: Kind = "",
    ci: System = "",
    *,
    url: str,
    target: str,
) -> None:
    """Write a first scenario, a targets file, the editor's settings and a line of .gitignore. Orders nothing.

    Files that are there stay as they are, and are listed. In a terminal it asks for what is not given.

    Exit status: 0 written, 2 usage, or a shop that cannot be looked at (nothing is written then).
    """
    from smoke.app.beginning import begin, check_target
    from smoke.cli.terminal import stdout
    from smoke.text import safe_line

    check_target(target)
    _check(kind, ci)
    asks = sys.stdin is not None and sys.stdin.isatty() and stdout().is_tty
    if asks and not url and not kind:
        url = _answer("URL of the shop (empty: none yet)", "")
    found, why, path = _kind(kind, url, asks=asks)
    if (
        asks
        and not ci
        and _answer("a workflow for GitHub Actions? y/n", "n").lower() in {"y", "yes"}
    ):
        ci = "github"
    begun = begin(Path(), found, url, target, ci, path)
    stdout().write(safe_line(f"{'kind':<8}{found}{f': {why}' if why else ''}"))
    _tell(begun, url, target)


def _check(kind: str, ci: str) -> None:
    from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
    from smoke.starters import KINDS

    for name, given, known in (("--kind", kind, [*KINDS]), ("--ci", ci, ["github"])):
        if given and given not in known:
            notes = (Note(f"known: {', '.join(known)}"),)
            message = f"{name} does not know '{given}'"
            raise SmokeError(
                [Diagnostic("bad-option", message, suggestion=nearest(given, known), notes=notes)]
            )


def _kind(kind: str, url: str, *, asks: bool) -> tuple[str, str, str]:
    """The kind, by what it is known, and where its API is. Raises SmokeError where the shop cannot be looked at."""
    from smoke.app.addresses import base_of
    from smoke.app.looking import look_at
    from smoke.starters import KINDS

    if url:
        base_of(url, "--url")
    if kind:
        return kind, "", ""
    found, why, path = "rest", "nothing was looked at; --url looks, --kind says it", ""
    if url:
        seen = look_at(url)
        found, why, path = seen.kind, seen.why, seen.path
    if asks:
        given = _answer(f"kind of shop ({', '.join(KINDS)})", found)
        _check(given, "")
        return given, why if given == found else "", path if given == found else ""
    return found, why, path


def _answer(question: str, default: str) -> str:
    """What somebody types; the default for an empty line, or where nobody is there any more."""
    from smoke.cli.terminal import stdout

    shown = stdout()
    shown.stream.write(f"{question}{f' [{default}]' if default else ''}: ")
    shown.stream.flush()
    return sys.stdin.readline(4096).strip() or default


def _tell(begun: NewProject, url: str, target: str) -> None:
    from smoke.app.beginning import EXAMPLE, SCENARIO, TARGETS
    from smoke.cli.terminal import stderr, stdout
    from smoke.system import SHELL
    from smoke.text import safe_line

    for each in begun.files:
        beside = f": {', '.join(each.lines)}" if each.did == "added" else ""
        stdout().write(safe_line(f"{each.did:<8}{each.path.as_posix()}{beside}"))
        if each.did == "by hand":
            stdout().write("        put this into it:")
            for line in each.lines:
                stdout().write(f"        {line}")
    did = {each.path: each.did for each in begun.files}
    for secret in begun.secrets if did[SCENARIO] == "wrote" else ():
        stderr().write(f"set {secret} in the environment: the scenario asks for it")
    stdout().write(f"next    change {SCENARIO.as_posix()} to what your shop takes, then")
    stdout().write("        smoke check")
    where = ["--target", target] if did[TARGETS] == "wrote" else ["--url", url or EXAMPLE]
    command = SHELL.join(["smoke", "run", "first-order", *where, "--dry-run"])
    stdout().write(safe_line(f"        {command}"))
