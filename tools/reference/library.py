"""Exit statuses, environment variables, and the public names of the library."""

from __future__ import annotations

import enum
import inspect
import re
from pathlib import Path
from typing import Any

from reference.commands import variables_of_options
from reference.markdown import code, fence, page, sentence, table, unwrapped
from reference.members import told_members

import smoke
from smoke.app.declared import declared
from smoke.model import status

_ROOT = Path(smoke.__file__).parent
_READ = re.compile(
    r"""(?:environ(?:\.get\(|\[)|env(?:ironment)?\.get\()["']([A-Z][A-Z0-9_]+)["']"""
)
_CONSTANT = re.compile(r"""^(?:\w*VARIABLES?)(?::[^=]+)? = (.+)$""", re.MULTILINE)
_MODULES = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Z])")
_STATUSES = """\
What a process of `smoke` ends with. A status of one kind is never given for another: CI may trust that 1 is the shop's, and that
0 is only given where everything that was asked for was checked. When several hold, a failure goes before "no verdict".
With `--fail-on new` 0 says less: that [nothing failed but what failed before](../how-to/history.md#let-only-what-is-new-fail-a-pipeline)."""
_ENVIRONMENT = """\
Secrets and addresses come from the environment, never from arguments: a process list and a CI log show arguments. What an
option says goes before its variable. `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `.netrc` are not looked at: `--proxy`,
`--no-proxy` and `--ca-file` are options, and are said in every report."""
_VARIABLES = {
    "SMOKE_DSN": "DSN of the database behind the deployment, which is only read",
    "DATABASE_URL": "The same, where `SMOKE_DSN` is not set",
    "SUPABASE_ACCESS_TOKEN": "Token with which the log of a Supabase project is read",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "The run's spans are sent to this OpenTelemetry collector; `OTEL_EXPORTER_OTLP_HEADERS` and its other "
    "variables are read too",
    "OTEL_TRACES_EXPORTER": "`none`: no spans are sent for the variable above",
    "OTEL_SDK_DISABLED": "`true`: the same",
    "SMOKE_DEMO_DSN": "`smoke demo` uses this server in place of the embedded PostgreSQL",
    "NO_COLOR": "No colours (no-color.org)",
    "FORCE_COLOR": "Colours also where the output is no terminal",
    "CLICOLOR_FORCE": "The same",
    "TERM": "`dumb`: no colours",
    "COLUMNS": "Width of the output",
    "GITHUB_ACTIONS": "`true`: failures are annotations of the workflow run too",
    "GITHUB_STEP_SUMMARY": "File of the job summary, to which the run's is added",
    "GITLAB_CI": "`true`: failures are a section of the job's log too",
    "TF_BUILD": "`True`: failures are issues of the Azure pipeline's run too",
    "AGENT_TEMPDIRECTORY": "Azure's folder of the job, from which the run's summary is uploaded",
    "BUILDKITE": "`true`: the summary is an annotation of the build too, where `buildkite-agent` is on PATH",
    "CI": "Set: CI systems of other packages are asked whether this is a job of theirs",
    "BUILD_ID": "The same",
    "BUILD_NUMBER": "The same",
    "TEAMCITY_VERSION": "The same",
    "GITHUB_EVENT_NAME": "`push`, `deployment` or `deployment_status`: the commit of the job is the build that is tested, in the history",
    "GITHUB_SHA": "That commit",
    "PATH": "Where `buildkite-agent` is found",
}
_PYTHON = """\
`import smoke` costs nothing: each name is loaded when it is first used. Names that are not here are not public, and may
change, but for [those that plugins are written with](../how-to/plugins.md#versions). Types are there for mypy and pyright
(`py.typed`)."""

_TOLD = {
    "Event": "The type of what a listener is given: any of [the events](#events).",
    "__version__": "A text: the version of smoke.",
}
_SHOWN_METHODS = {
    "Run": ("findings", "orders_left_behind"),
    "RunFolder": ("run", "events", "read", "path", "verify"),
}


def statuses_page() -> str:
    """docs/reference/exit-statuses.md."""
    told = told_members(status.ExitStatus)
    rows = ((str(item.value), told[item.name]) for item in status.ExitStatus)
    return page("Exit statuses", _STATUSES, [table(("exit status", "meaning"), rows)])


def environment_page() -> str:
    """docs/reference/environment.md."""
    options = variables_of_options()
    known = _variables_in_code()
    undescribed = known - _VARIABLES.keys() - options.keys()
    assert not undescribed, f"describe in tools/reference/library.py: {sorted(undescribed)}"
    gone = _VARIABLES.keys() - known
    assert not gone, f"no code reads these any more: {sorted(gone)}"
    rows = [(code(name), f"Stands for {' and '.join(of)}.") for name, of in sorted(options.items())]
    rows += [(code(name), f"{text}.") for name, text in _VARIABLES.items()]
    rows.append(
        (
            "names of your own",
            "`secrets:` of a scenario or target, `{{ env.NAME }}`, `--dsn-env`, `dsn_env:`.",
        )
    )
    return page("Environment variables", _ENVIRONMENT, [table(("variable", "meaning"), rows)])


def python_page() -> str:
    """docs/reference/python.md."""
    parts = []
    for name in smoke.__all__:
        value = getattr(smoke, name)
        parts.append(f"## {_heading(name)}\n")
        if inspect.ismodule(value):
            parts.append(f"{unwrapped(inspect.getdoc(value) or '')}\n")
            for event in smoke.events.EVENT_TYPES.values():
                parts += [f"### {event.__name__}\n", *_described(event.__name__, event)]
        elif name in _TOLD:
            parts.append(f"{_TOLD[name]}\n")
        else:
            parts += _described(name, value)
    return page("The Python library", _PYTHON, parts)


def _heading(name: str) -> str:
    """A name as a title: one in double underscores would be Markdown's bold word."""
    return name.replace("_", r"\_") if name.startswith("__") else name


def _described(name: str, value: Any) -> list[str]:
    """How it is called, and what it says of itself."""
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        members = ", ".join(f"`{item.name}` ({item.value!r})" for item in value)
        return [f"{unwrapped(inspect.getdoc(value) or '')}\n", f"Members: {members}.\n"]
    # a class without words of its own would be told in those of msgspec's Struct
    told = (
        "" if inspect.isclass(value) and not vars(value).get("__doc__") else inspect.getdoc(value)
    )
    return [
        fence("text", _signature(name, value)),
        *([f"{unwrapped(told)}\n"] if told else []),
        *_fields(value),
        *_methods(value),
    ]


def _fields(value: Any) -> list[str]:
    """What each field holds, of a class that says it: of a report's values, or of options."""
    if not inspect.isclass(value):
        return []
    told = dict(told_members(value))
    if value is smoke.RunOptions:
        told |= {name: item.option.help for name, item in declared(value).items()}
    fields = inspect.signature(value).parameters
    rows = [(code(name), sentence(told[name])) for name in fields if name in told]
    return [table(("field", "what it holds"), rows)] if rows else []


def _methods(value: Any) -> list[str]:
    """The methods that are for readers, of a class that has more than fields."""
    names = _SHOWN_METHODS.get(getattr(value, "__name__", ""), ())
    rows = []
    for name in names:
        found = inspect.getattr_static(value, name)
        called = name if isinstance(found, property) else _called(name, found)
        rows.append((code(called), unwrapped(inspect.getdoc(found) or "").replace("\n", " ")))
    return [table(("of it", "what it gives"), rows)] if rows else []


def _called(name: str, function: Any) -> str:
    function = getattr(function, "__func__", function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return f"{name}({', '.join(_parameter(item) for item in parameters)})"


def _signature(name: str, value: Any) -> str:
    """How it is called; long ones with a parameter in each line."""
    if inspect.isclass(value) and issubclass(value, Exception):
        return f"class {name}(Exception)"
    signature = inspect.signature(value)
    parameters = [_parameter(item) for item in signature.parameters.values()]
    returned = (
        ""
        if inspect.isclass(value)
        else f" -> {_MODULES.sub('', str(signature.return_annotation))}"
    )
    line = f"{'class ' if inspect.isclass(value) else ''}{name}({', '.join(parameters)}){returned}"
    if len(line) <= 100:
        return line
    inner = "".join(f"    {parameter},\n" for parameter in parameters)
    return f"{line.partition('(')[0]}(\n{inner}){returned}"


def _parameter(item: inspect.Parameter) -> str:
    stars = {item.VAR_POSITIONAL: "*", item.VAR_KEYWORD: "**"}.get(item.kind, "")
    annotation = item.annotation
    if hasattr(annotation, "__metadata__"):  # how an option is declared is told with the commands
        annotation = annotation.__origin__
    kind = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    line = f"{stars}{item.name}: {_MODULES.sub('', kind)}"
    return line if item.default is item.empty else f"{line} = {_default(item.default)}"


def _default(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Path):
        return f'Path("{value}")'
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if value is None or isinstance(value, (bool, int, float, tuple)) else "…"


def _variables_in_code() -> set[str]:
    """Every variable that the code reads by a name of its own."""
    found: set[str] = set()
    for path in _ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(_READ.findall(text))
        for value in _CONSTANT.findall(text):
            found |= set(re.findall(r"""["']([A-Z][A-Z0-9_]+)["']""", value))
    return found
