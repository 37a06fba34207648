"""A plain command line of `smoke run`: read without typer, as typer reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from smoke.app.declared import Takes
from smoke.cli import run as module
from smoke.cli.option_values import Sources
from smoke.cli.plain import plain_run
from smoke.cli.run_as_asked import in_order

_NAMES = sorted({name for item in in_order() for name in item.names} - {"--help"})
_WORDS = st.sampled_from(
    [
        "shop",
        "a.yaml",
        "1",
        "8",
        "0",
        "65",
        "10s",
        "x=1",
        "a: b",
        "http://shop.example",
        "json=r.json",
        "-",
        "--",
        "-h",
        "",
        " ",
        "/etc",
        "--url=x",
        "--url=",
        "--quiet=x",
        "--ur",
        "--nothing",
    ]
)


def as_typer(words: list[str]) -> tuple[Mapping[str, Any], set[str]] | None:
    """What typer makes of a line: the values, and which were written; None for a mistake."""
    seen: list[tuple[Mapping[str, Any], set[str]]] = []

    def take(context: Sources, written: Mapping[str, Any]) -> None:
        sources = {name: context.get_parameter_source(name) for name in written}
        seen.append(
            (written, {name for name, at in sources.items() if at and at.name == "COMMANDLINE"})
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run_as_asked", take)
        try:
            typer.main.get_command(module.app)(words, standalone_mode=False)
        except Exception:  # noqa: BLE001  (whatever typer raises for a mistake)
            return None
    return seen[0] if seen else None


@given(st.lists(st.sampled_from(_NAMES) | _WORDS, min_size=1, max_size=6))
def test_a_plain_line_is_read_as_typer_reads_it(words: list[str]) -> None:
    plain = plain_run(words, {})
    if plain is None:
        return
    theirs = as_typer(words)
    assert theirs is not None
    values, written = theirs
    assert {name: value or None for name, value in plain.values.items()} == {
        name: value or None for name, value in values.items()
    }
    sources = {name: plain.get_parameter_source(name).name for name in plain.values}
    assert {name for name, source in sources.items() if source == "COMMANDLINE"} == written


_VALUES = {Takes.NUMBER: "8", Takes.TIME: "10s", Takes.PAIRS: "a=b", Takes.HEADERS: "A: b"}


@pytest.mark.parametrize("item", in_order(), ids=lambda item: item.field)
def test_every_option_can_be_written_plainly(item: Any) -> None:
    flag = item.option.takes is Takes.FLAG
    for name in item.names if item.option.takes is not Takes.WORDS else ():
        words = ["shop", name] if flag else ["shop", name, _VALUES.get(item.option.takes, "x")]
        plain = plain_run(words, {})
        assert plain is not None
        values, _ = as_typer(words) or ({}, set())
        assert plain.values[item.word] == values[item.word]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--url", "http://shop.example"],
        ["shop", "--quiet=yes"],
        ["shop", "--url"],
        ["shop", "--url", "--quiet"],
        ["shop", "--ur", "x"],
        ["shop", "--url", "a", "--url", "b"],
        ["shop", "--workers", "0"],
        ["shop", "--workers", "65"],
        ["shop", "--workers", "many"],
        ["sh*p"],
        ["shop", "--", "x"],
        ["shop", "--help"],
    ],
)
def test_what_is_not_plain_is_left_to_typer(words: list[str]) -> None:
    assert plain_run(words, {}) is None


def test_a_file_that_cannot_be_read_is_left_to_typer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["shop", "--targets", str(tmp_path)]
    assert plain_run(words, {}) is not None
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    assert plain_run(words, {}) is None


@pytest.mark.parametrize("name", ["SMOKE_URL", "_SMOKE_COMPLETE"])
def test_what_the_environment_says_is_left_to_typer(name: str) -> None:
    assert plain_run(["shop"], {name: "x"}) is None
    assert plain_run(["shop"], {"PATH": "x"}) is not None
