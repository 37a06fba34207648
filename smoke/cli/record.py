"""`smoke record`: a person orders in a browser, and that becomes a scenario. Nothing else is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from smoke.cli.declared import OwnOption, declared_options

app = typer.Typer(rich_markup_mode=None, add_completion=False)

To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PATH|-",
        help="Where to write the scenario; - is standard output. By default scenarios/recorded.yaml.",
    ),
]
Twice = Annotated[bool, typer.Option("--twice", help="The same customer orders a second time.")]
Program = Annotated[
    str,
    typer.Option(
        "--browser",
        metavar="PATH",
        help="Chromium, Chrome, Edge or Brave. [default: the first that is found]",
    ),
]
Headless = Annotated[
    bool, typer.Option("--headless", help="Without a window, for pages that order by themselves.")
]


@app.command()
@declared_options(project=False, url=OwnOption("The page to begin at, e.g. https://shop.example."))
def record(
    to: To = "",
    browser: Program = "",
    twice: Twice = False,
    headless: Headless = False,
    *,
    url: str,
) -> None:
    """Open a browser, watch one order until its window is closed (or Ctrl-C), and write the scenario of it.

    The browser has a profile of its own, which is removed. Passwords, sessions and card numbers are not written. The order is a real one.

    Exit status: 0 written, 2 no browser, or nothing was ordered in it that a scenario can be made of.
    """
    from smoke.app.importing import scenario_of, write
    from smoke.browser.finding import find_browser
    from smoke.browser.session import watch
    from smoke.cli.import_ import tell
    from smoke.cli.terminal import stderr, stdout

    path = _place(to, url)
    name = "" if to in {"", "-"} else re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    program = find_browser(browser)
    stderr().write(_ASKED)
    made = scenario_of(watch(program, url, headless=headless), name or "recorded", twice=twice)
    if to == "-":
        stdout().write(made.text.rstrip("\n"))
        return
    write(made, path)
    tell(made, path)
    stderr().write("the order that you placed is a real one: cancel it in the shop")


_ASKED = (
    "order once in the browser, as a customer does; then close its window, or press Ctrl-C here"
)


def _place(to: str, url: str) -> Path:
    """Where the scenario goes. Raises SmokeError where none can be written: that is told before somebody orders for nothing."""
    from smoke.app.addresses import base_of
    from smoke.app.importing import FOLDER, check_place

    if not url:
        raise typer.BadParameter("--url says where to begin, such as --url https://shop.example")
    base_of(url, "--url")
    path = Path(to) if to else FOLDER / "recorded.yaml"
    if to != "-":
        check_place(path)
    return path
