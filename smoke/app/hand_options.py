"""What `smoke run` is asked of a person at its terminal, as a value: no matter of the run itself, nor of a job."""

from typing import Annotated

from msgspec import Struct

from smoke.app.declared import Option, Takes


class HandOptions(Struct, frozen=True):
    """Options of somebody who sits before the terminal while the run goes on."""

    step: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            project=False,
            help="Stop before each request: send, edit or skip it, go on, or quit. A run that was changed by hand has no verdict.",
        ),
    ] = False
    on_failure: Annotated[
        str,
        Option(
            takes=Takes.TEXT,
            metavar="end|pause",
            project=False,
            help="pause: when a scenario fails, stop before its teardown, show why, and let somebody look. [default: end]",
        ),
    ] = "end"
    watch: Annotated[
        bool,
        Option(
            takes=Takes.FLAG,
            project=False,
            help="Check the scenarios when they are saved, and run them each time that Enter is pressed, until Ctrl-C.",
        ),
    ] = False

    @property
    def asks(self) -> bool:
        """Whether somebody is asked while a run goes on."""
        return self.step or self.on_failure == "pause"

    @property
    def word(self) -> str:
        """The option that wants somebody there."""
        if self.step:
            return "--step"
        return "--on-failure pause" if self.asks else "--watch"
