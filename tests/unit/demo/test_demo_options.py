"""What the demo takes, and what it needs to say so."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smoke.demo.serve import ERROR_STYLES, STATES, demo
from smoke.diagnostic import SmokeError


def test_states_and_styles_are_what_the_command_line_offers() -> None:
    assert STATES == ("broken", "fixed", "fix-not-applied", "wrong-database", "masked")
    assert ERROR_STYLES == ("json", "text", "html", "graphql", "nothing")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": "brocken"}, "the demo has no state 'brocken'; did you mean 'broken'?"),
        ({"error_style": "xml"}, "the demo has no error style 'xml'"),
    ],
)
def test_a_misspelt_option_is_told_before_anything_is_started(
    options: dict[str, str], message: str
) -> None:
    with pytest.raises(SmokeError) as caught:
        demo(**options)  # type: ignore[arg-type]  # only the two texts are given
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message.startswith(message)
    assert diagnostic.notes[0].message.startswith("known: ")


def test_importing_the_demo_loads_neither_driver_nor_http_server() -> None:
    """The command line imports it for its options; what is heavy is loaded when a demo starts."""
    code = (
        "import sys, smoke.demo.serve, smoke.demo.postgres;"
        "print(sorted({'psycopg', 'http.server', 'httpx', 'pydantic', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
