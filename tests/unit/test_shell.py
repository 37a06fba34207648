"""Command lines for the shell that they are typed into."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from smoke.shell import Shell

WORDS = st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"])), min_size=1, max_size=6)


@given(WORDS)
def test_a_posix_shell_gets_the_words_that_were_meant(words: list[str]) -> None:
    assert shlex.split(Shell.POSIX.join(words)) == words


@given(WORDS)
def test_powershell_gets_the_words_that_were_meant(words: list[str]) -> None:
    assert read_by_powershell(Shell.POWERSHELL.join(words)) == words


def test_powershell_runs_a_program_whose_path_is_quoted() -> None:
    line = Shell.POWERSHELL.join([r"C:\Program Files\Python\smoke.exe", "run", "it\u2019s --x"])
    assert line == "& 'C:\\Program Files\\Python\\smoke.exe' run 'it\u2019\u2019s --x'"


@given(WORDS.map(lambda words: ["smoke", *words, 'a "b"']))
def test_a_double_quote_reaches_a_program_from_every_version_of_powershell(
    words: list[str],
) -> None:
    """5.1 hands it on bare and later ones escape it, so it stands behind the stop-parsing token, where that can be."""
    line = Shell.POWERSHELL.join(words)
    if any(sign in word for word in words for sign in "%|&"):
        return
    assert line.startswith("smoke --% ")
    assert ["smoke", *taken_apart(line.removeprefix("smoke --% "))] == words


def test_variables_are_set_as_each_shell_does_it() -> None:
    assert Shell.POSIX.setting("SMOKE_URL") == "export SMOKE_URL=…"
    assert Shell.POWERSHELL.setting("SMOKE_URL") == "$env:SMOKE_URL = '…'"
    dsn = "host=x password=it's"
    assert (
        Shell.POSIX.with_variable("D", dsn, "smoke run")
        == """D='host=x password=it'"'"'s' smoke run"""
    )
    assert (
        Shell.POWERSHELL.with_variable("D", dsn, "smoke run")
        == "$env:D = 'host=x password=it''s'; smoke run"
    )


def taken_apart(line: str) -> list[str]:
    """The arguments of a command line, as Microsoft's C run-time library reads it."""
    words: list[str] = []
    word, quoted, at = "", False, 0
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        at += slashes
        if line[at : at + 1] == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
        else:
            word += "\\" * slashes
            if line[at : at + 1] == " " and not quoted:
                words.append(word)
                word = ""
            else:
                word += line[at : at + 1]
        at += 1
    return [*words, word]


def read_by_powershell(line: str) -> list[str]:
    """The arguments of a line, read as about_Quoting_Rules says: in a single-quoted text two quotes are one.

    Outside of one, what has a meaning of its own may not stand.
    """
    program, verbatim, rest = line.partition(" --% ")
    if verbatim and "' " not in program:
        return [*read_by_powershell(program), *taken_apart(rest)]
    quotes = "'\u2018\u2019\u201a\u201b"
    words: list[str] = []
    at = len("& ") if line.startswith("& ") else 0
    while at < len(line):
        word = ""
        if line[at] in quotes:
            at += 1
            while line[at] not in quotes or line[at : at + 2] == line[at] * 2:
                step = 2 if line[at] in quotes else 1
                word += line[at]
                at += step
            at += 1
        else:
            while at < len(line) and line[at] != " ":
                assert line[at] not in '`$@#{}()[]<>|&;,*?!%^~"' + quotes
                word += line[at]
                at += 1
        words.append(word)
        at += 1
    return words
