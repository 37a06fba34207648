"""What the demo takes, and what it needs to say so."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from smoke.demo.look import DB_TRACES, ERROR_STYLES, FACES, FAULTS, LOG_STYLES, MASKS, STATES, Look
from smoke.demo.serve import demo
from smoke.diagnostic import SmokeError
from tests.support.command_tree import commands


@pytest.mark.parametrize(
    ("option", "known"),
    [
        ("state", STATES),
        ("face", FACES),
        ("error_style", ERROR_STYLES),
        ("mask", MASKS),
        ("fault", FAULTS),
        ("app_log_style", LOG_STYLES),
        ("db_trace", DB_TRACES),
    ],
)
def test_what_can_be_chosen_is_what_the_command_line_offers(
    option: str, known: tuple[str, ...]
) -> None:
    (said,) = [each.help for each in commands()["demo serve"] if each.name == option]
    assert f": {', '.join(known)}." in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": "brocken"}, "the demo has no state 'brocken'; did you mean 'broken'?"),
        ({"error_style": "xml"}, "the demo has no error style 'xml'"),
        ({"look": Look("sesion")}, "the demo has no face 'sesion'; did you mean 'session'?"),
        ({"look": Look(mask="none")}, "the demo has no mask 'none'"),
        ({"look": Look(app_log_style="bunyan")}, "the demo has no app log style 'bunyan'"),
    ],
)
def test_a_misspelt_option_is_told_before_anything_is_started(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SmokeError) as caught:
        demo(**options)
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
