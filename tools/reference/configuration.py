"""A project's defaults, from the options as they are declared."""

from __future__ import annotations

import re

from reference.commands import commands
from reference.markdown import code, page, sentence, table

from smoke.app.declared import Declared, Takes
from smoke.app.project import options_of_projects

_INTRO = """\
What smoke should always be told in a project stands in `smoke.toml`, or in the table `[tool.smoke]` of `pyproject.toml`:

```toml title="smoke.toml"
target = "staging"
timeout = "10s"
out = "build/smoke"
reports = ["junit=build/smoke.xml"]

[headers]
X-Shop = "de"
```

The file is looked for in the working directory and then upwards, to the root of the repository (the folder with `.git`) and
no further; outside of a repository only in the working directory. The nearest one holds; both kinds in one folder are
refused. Paths in it are relative to the file.

## What goes before what

1. the command line,
2. the environment (`SMOKE_URL`),
3. the target,
4. the project's file,
5. what an option is by default.

- `url` and `target` both say which deployment is meant: where `--url`, `SMOKE_URL` or `--target` is given, those of the file are not looked at,
  so that a target's headers go nowhere else. In the file, `target` goes before `url`.
- `headers` and `variables` of the file are added to those of the command line and of the target, which go before it where a name is the same;
  `allow_hosts` are added. Any other list is replaced as a whole.
- A variable is set for the scenarios that have it.
- A flag that the file sets cannot be taken back on the command line.
- A command that has the same option, in the same words, takes the file's value too: the table says which. `smoke db same` places its order as
  `smoke run` would, with every key of a run. Where an option means something else (the `--url` of `smoke teardown` chooses runs), the file says
  nothing. `smoke.run()` in Python looks at no file.

An unknown key or a wrong value is told with file, line and column, exit status 2, and nothing is sent. There are no secrets and no DSNs in
the file: a password in a URL, a header such as `Authorization` or a `dsn` is refused, and not repeated. They come from the environment,
named by `dsn_env` or the `secrets` of a [target](targets.md).

## Keys

A key may also be spelt as its option (`max-time`, `header`). A list of one may be that one."""
_DEFAULT = re.compile(r"\s*\[default: (.+?)\]\s*$")
_TAKES = {
    Takes.PATH: "text",
    Takes.TIME: "text, or a number of seconds",
    Takes.PAIRS: "table of texts",
    Takes.HEADERS: "table of texts",
}


def configuration_page() -> str:
    """docs/reference/configuration.md."""
    rows = (_row(item) for item in options_of_projects().values())
    head = ("key", "takes", "option", "meaning", "also for")
    return page("A project's defaults", _INTRO, [table(head, rows)])


def _row(item: Declared) -> tuple[str, str, str, str, str]:
    takes = _TAKES.get(item.option.takes, item.option.takes.value)
    meaning = sentence(_DEFAULT.sub("", item.option.help))
    return code(item.field), takes, code(item.name), meaning, ", ".join(_others(item))


def _others(item: Declared) -> list[str]:
    """The commands beside `run` that mean the same by the option."""
    return [
        code(words)
        for words, command in commands()
        for param in command.params
        if param.name == item.word and param.help == item.option.help and words != "run"
    ]
