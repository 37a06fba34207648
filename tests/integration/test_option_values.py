"""Every option and argument of every command refuses values that it cannot take: exit 2, and nothing is sent.

A declared option has them once, by its field or by what it takes. A parameter without any fails the test.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.declared import Declared, Takes
from smoke.app.options import every_option
from smoke.cli.entry import main
from tests.support.command_tree import commands
from tests.support.scripted import Shop, scripted

HANGS = 60
"""Seconds after which a command that waits for ever ends the test run, loudly (SIGALRM)."""
RUN = "run a.yaml --url {url}"
TIMES = ["0", "-1", "nan", "inf", "1e3", "soon", "99999999999h", "9999999h", "0ms", "5 parsecs"]
URLS = [
    "http://a b",
    "http://",
    "http:///x",
    "shop.example",
    "ftp://shop.example",
    "http://shop.example:99999",
    "http://shop.example:0",
    "http://shop.example:x",
    "http://shop..example",
    "http://[::1",
    "http://ann:secret@shop.example",
    "http://shop.example/?a=b",
    "http://shop.example/#x",
    "http://shop.example/a\nb",
    "http:\\\\shop.example",
]
HEADERS = ["x", ": x", "a b: x", "X: a\nb", "X\n: a", "X: a\x00"]
TARGETS = ["nothing.yaml", ".", "pipe", "/dev/zero", "bytes", "a.yaml"]
FOLDERS = ["a.yaml", "a.yaml/runs", "/proc/runs", "pipe"]
RUNS = ["nothing", "../x"]
PATHS = ["", ".", "reports/", "a.yaml/x", "/proc/x/y", "/dev/null", "pipe", "x" * 300]
"""What no report can be written to."""
COLLECTORS = [url for url in URLS if not url.endswith(("?a=b", "#x"))]
FORMATS = (
    "ctrf",
    "github",
    "har",
    "html",
    "html_whole",
    "json",
    "junit",
    "markdown",
    "ndjson",
    "otlp",
    "sarif",
    "tap",
)
VARIABLES = ["DSN_THAT_IS_NOT_THERE", "empty"]
FREE = "any text may be right"
Rows = dict[str, list[str] | str]

DECLARED: Rows = {
    "selectors": ["nothing", "nothing.yaml", "pipe/", "./pipe", "/dev/zero", "bytes.yaml"],
    "tags": ["", "nothing", "checkout and", "(checkout", "checkout slow", "a\nb", "\x1b[2J"],
    "skip": ["", "nothing", "nothing.yaml", "not", "checkout)", "a\nb", "\x1b[2J"],
    "changed_since": ["", " ", "HEAD", "-h", "--output=x", "a\nb", "\x1b[2J"],
    "until": ["", " ", "nothing", "Order#2", "a\nb", "\x1b[2J"],
    "url": URLS,
    "target": ["nothing"],
    "targets_file": TARGETS,
    "variables": ["x", "=x", "", "nothing=1"],
    "vars_files": ["", "nothing.yaml", ".", "pipe", "/dev/zero", "bytes", "a.yaml", "order.sh"],
    "env_files": ["", "nothing.env", ".", "pipe", "/dev/zero", "bytes", "a.yaml"],
    "allow_hosts": [*URLS, "foo", "foo:80", "http://shop.example/path", "//shop.example", ""],
    "shard": ["", "2", "0/2", "3/2", "1/1001", "a/b", "-1/2", "1/2/3", "1 / 2", "٣/٥"],
    "shard_times": TARGETS,
    "on": [
        "",
        "local",
        "local:0",
        "local:65",
        "local:x",
        "tcp://",
        "tcp://scheduler",
        "http://a:1",
    ],
    "rate": ["", "5", "0/s", "5/d", "5 / s", "-1/s", "1.5/s", "٣/s", "5/s/s", "1000000/s"],
    "seed": ["a\nb", "a\x1b[2Jb", "x" * 1000],
    "out": FOLDERS,
    "ready": [
        "",
        " ",
        *URLS[:3],
        *URLS[4:11],
        "http://other.example/health",
        "//other.example/health",
    ],
    "expect_version": ["", " ", "v1\n", "v1"],
    "version_from": [
        "x",
        "header:",
        "header:a b",
        "json:",
        "json:version",
        "json:$[",
        "HEADER:x",
        "header:x",
    ],
    "reports": [
        "x",
        "json=",
        "=x",
        "jsn=x.json",
        "json=.",
        "json=reports/",
        "json=a.yaml/x.json",
        "json=/proc/x/y.json",
        "json=/dev/null",
        "json=pipe",
        f"json={'x' * 300}",
        "json=x.json --report junit=./x.json",
    ],
    "ca_file": ["nothing.pem", ".", "a.yaml", "pipe", "/dev/zero"],
    "proxy": [
        "proxy",
        "ftp://proxy",
        "socks5://proxy",
        "https://",
        "http://",
        "http://a b",
        "http://proxy:99999",
        "http://proxy/path",
    ],
    "proxy_password_env": [*VARIABLES, "PATH"],
    "no_proxy": ["", "http://shop.example", "10.0.0.0/33", "10.0.0.1/8", "shop:0", "*shop", "a@b"],
    "client_cert": ["nothing.pem", ".", "a.yaml", "pipe", "/dev/zero"],
    "client_key": ["a.yaml", "nothing.pem"],
    "client_key_password_env": VARIABLES,
    "resolve": ["", "x", "x:80", "x:80:y", "x:0:127.0.0.1", "x:80:127.0.0.1", "x:80:127.0.0.1,"],
    "connect_to": ["", "x", "x:80", "x:80:y", "x:80::", "x:80:y:0", "x:80:y:80", ":1:y:80"],
    "dsn_env": VARIABLES,
    "logs": ["", "nothing.log", ".", "supabase:", "supabase:X Y", "supabase:abcdefghijklmnop"],
    "log_token_env": ["NOT_THERE"],
    "all_targets": FREE,
    "status_page": ["a.yaml/x.html", "empty-folder", "/proc/x/y.html", "x.html --history off"],
    "maintenance": ["", "Sun", "Sum 02:00-04:00", "25:00-26:00", "02:00-04:00 Nowhere/Land"],
    "notify_env": VARIABLES,
    "notify_secret_env": VARIABLES,
    "metrics": ["", "x", "70000", "host", "a b:1", "::1:1", "[::1:1", "192.0.2.1:9464", "-1"],
    "keep_runs": ["", "0", "0d", "-1", "1.5d", "30 d", "30m", "all", "9999999d"],
    "state_file": ["a.yaml", "a.yaml/x.json", "/proc/x/y.json", "pipe", "."],
    "overview": ["x.pdf", "all", "", ".html"],
    "build": FREE,
    "history": ["env:", "env:NOT_THERE", "postgresql://ann:secret@shop.example/x"],
    "against": ["nothing", "https://", "http://shop.example:99999", "20261128-"],
    "on_failure": ["stop", "", "Pause", "pause,end"],
    "fail_on": ["old", "", "New", "any,new"],
    "known_failures": TARGETS,
    "verdict": ["a.yaml/x.json", "empty-folder", "/proc/x/y.json", "pipe"],
}
"""Bad values of declared options, by field, for each command that has them; of those that are not here, by what they take."""
BAD: dict[str, Rows] = {
    "run": {"otel": COLLECTORS},
    "report": {
        "run": RUNS,
        **dict.fromkeys(FORMATS, PATHS),
        "allure": ["", "a.yaml", "pipe", "/dev/null"],
        "otel": COLLECTORS,
    },
    "diff": {"first": ["nothing"], "second": ["nothing"], "within": RUNS},
    "check": {
        "selectors": [
            "nothing",
            "nothing.yaml",
            "./pipe",
            "/dev/zero",
            "bytes.yaml",
            "empty-folder",
        ],
        "form": ["", "yaml", "JSON", "jsn"],
    },
    "show": {"run": RUNS, "step": ["nothing"]},
    "judge": {"run": RUNS},
    "eval": {
        "words": ["", "$.[", "{{", "html: [", "regex: ("],
        "body": ["nothing", "pipe", "empty-folder"],
        "expect": ["{", "nothing: 1", "at_leest: 1"],
        "attempt": ["0", "-1", "99", "x"],
    },
    "merge": {"folders": ["nothing", "a.yaml", "empty-folder", "pipe"]},
    "orders list": {"run": RUNS, "out": ["a.yaml", "pipe"]},
    "orders forget": {
        "run": RUNS,
        "keys": ["nothing"],
        "why": ["", " ", "a\nb", "\x1b[2J"],
    },
    "prune": {
        "keep": ["", "0", "0d", "-1", "1.5d", "30 d", "30m", "all", "9999999d"],
        "out": ["a.yaml", "pipe"],
    },
    "teardown": {
        "run": RUNS,
        "var": ["x", "=x", ""],
        "out": ["a.yaml", "pipe"],
    },
    "verify": {"run": RUNS},
    "history": {
        "scenarios": ["nothing", "a.yaml"],
        "last": ["0", "-1", "501", "x"],
        "folders": ["a.yaml", "pipe"],
        "page": ["a.yaml/x.html", "empty-folder", "/proc/x/y.html"],
    },
    "compare": {"before": ["nothing"], "after": ["nothing"]},
    "classify": {
        "files": ["nothing", "pipe", "/dev/zero", "empty-folder"],
        "status": ["-1", "1000", "x", "2.5"],
    },
    "explain": {"code": ["nothing-like-that", "", "\x1b[2J"]},
    "demo": {
        "out": FREE,  # it starts a server before it makes a run, which then refuses it
        "face": ["nothing", ""],
    },
    "demo serve": {
        "state": ["nothing", ""],
        "port": ["-1", "65536", "x"],
        "face": ["nothing", ""],
        "error_style": ["xml", ""],
        "mask": ["nothing", ""],
        "fault": ["nothing", ""],
        "app_log": ["empty-folder", "no/such/folder.log"],
        "app_log_style": ["nothing", ""],
        "db_trace": ["nothing", ""],
        "version": ["a\nb"],
        "log_format": ["nothing", ""],
    },
    "db which": {},
    "db constraint": {"name": FREE, "table": FREE},
    "db table": {"name": FREE},
    "db applied": {"path": ["nothing.sql"], "tool": ["nothing", ""]},
    "db try": {"fix": ["nothing.sql"], "scenario": ["nothing"], "run": ["nothing", "latest/x"]},
    "db same": {"scenario": ["nothing", "nothing.yaml"]},
    "import": {
        "file": ["nothing", "pipe", "/dev/zero", "empty-folder", "bytes", "a.yaml"],
        "beside": ["nothing", "pipe", "/dev/zero", "empty-folder", "bytes", "a.yaml"],
        "to": ["a.yaml/x.yaml", "/proc/x/y.yaml", "order.sh"],
        "run": ["nothing", "dry", "Once", "\x1b[2J"],
        "operation": ["", "placeOrder", "\x1b[2J"],  # curl lines have none
    },
    "new": {
        "kind": ["nothing", "REST", "\x1b[2J"],
        "ci": ["nothing", "GitHub"],
        "target": ["", " ", "a b", "a: b", "-x", "x" * 41, "a\nb"],
    },
    "export": {"what": ["nothing", "../x"], "to": ["", "nothing", "HAR", "\x1b[2J"]},
    "record": {
        "to": ["a.yaml", "order.sh", "empty-folder"],
        "browser": ["nothing", "./a.yaml", "empty-folder"],
    },
    "list": {},
    "schema": {},
    "plugins": {},
}
"""Bad values of the other parameters of each command, and of those of which one takes more, or less, than the others."""
ARGUMENTS = {
    "run": RUN,
    "show": "show latest",
    "diff": "diff x y",
    "orders forget": "orders forget latest --why gone",
    "prune": "prune --keep 30d",
    "classify": "classify a.yaml",
    "import": "import order.sh",
    "record": "record --url https://shop.example --browser nothing",
    "new": "new --kind rest",
    "export": "export latest --to har",
    "db constraint": "db constraint x",
    "db table": "db table x",
    "db applied": "db applied fix.sql",
    "db try": "db try fix.sql",
    "db same": "db same --url {url}",
}
"""What a command needs beside the parameter in question."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /x", body={})
        yield running


@pytest.fixture(scope="module")
def folder(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run, and things that are no files."""
    made = tmp_path_factory.mktemp("project")
    (made / "a.yaml").write_text("name: a\nsteps:\n  - {name: x, request: GET /x}\n")
    (made / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (made / "bytes").write_bytes(b"\xff\xfe\x00")
    (made / "fix.sql").write_text("SELECT 1;\n")
    (made / "smoke-targets.yaml").write_text(f"targets:\n  it: {{url: '{shop.url}'}}\n")
    (made / "order.sh").write_text("curl -d a=1 https://shop.example/orders\n")
    (made / "empty-folder").mkdir()
    os.mkfifo(made / "pipe")
    return made


def status(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["smoke", *arguments])
    signal.alarm(HANGS)
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        signal.alarm(0)
    assert isinstance(end.value.code, int)
    return end.value.code


def by_kind(item: Declared) -> list[str]:
    """What no option takes that takes what this one does."""
    match item.option.takes:
        case Takes.TIME:
            return TIMES
        case Takes.HEADERS:
            return HEADERS
        case Takes.NUMBER:
            bounds = (item.option.at_least, -1), (item.option.at_most, 1)
            beyond = [str(bound + step) for bound, step in bounds if bound is not None]
            return [*beyond, "-5", "1.5", "1e3", "many", "", "99999999999999999999"]
        case _:
            return []


def bad_values() -> dict[str, Rows]:
    """Of every parameter of every command; an empty list where nobody wrote any down."""
    declared = {item.word: item for item in every_option().values()}
    found: dict[str, Rows] = {}
    for command, params in commands().items():
        rows: Rows = {}
        for param in params:
            if param.name == "help" or getattr(param, "is_flag", False):
                continue
            item = declared.get(param.name)
            known = [] if item is None else DECLARED.get(item.field) or by_kind(item)
            rows[param.name] = BAD.get(command, {}).get(param.name, known)
        found[command] = rows
    return found


def test_every_parameter_has_its_bad_values() -> None:
    missing = [
        f"{command} {name}"
        for command, rows in bad_values().items()
        for name in rows
        if not rows[name]
    ]
    assert missing == []
    idle = [
        f"{command} {name}"
        for command, rows in BAD.items()
        for name in rows
        if name not in bad_values()[command]
    ]
    assert idle == []


def words_for(command: str, param: str, value: str) -> list[str]:
    found = next(each for each in commands()[command] if each.name == param)
    if found.param_type_name == "option":
        base = ARGUMENTS.get(command, command).split()
        if param in ("why", "keep"):
            base = base[:-2]
        if param in ("url", "target", "targets") and "--url" in base and command == "run":
            base = base[: base.index("--url")]
        extra = ["--target", "it"] if param == "targets" else []
        value, *more = value.split(" --report ") if param == "report" else [value]
        given = [f"{max(found.opts, key=len)}={value}", *(f"--report={item}" for item in more)]
        return [*base, *given, *extra]
    order = [each.name for each in commands()[command] if each.param_type_name == "argument"]
    known = {"run": "latest", "selectors": "a.yaml", "before": "last-pass", "first": "x"}
    known |= {"file": "order.sh"}
    before = [known[name] for name in order[: order.index(param)]]
    rest = ["--url", "{url}"] if command == "run" else []
    rest = ["--why", "gone"] if command == "orders forget" else rest
    return [*command.split(), *before, *rest, "--", value]


CASES = [
    (command, param, value)
    for command, rows in bad_values().items()
    for param, values in rows.items()
    if values != FREE
    for value in values
]


@pytest.mark.parametrize(
    ("command", "param", "value"), CASES, ids=[f"{c}-{p}-{v[:20]!a}" for c, p, v in CASES]
)
def test_a_bad_value_is_refused_before_anything_is_sent(
    command: str,
    param: str,
    value: str,
    shop: Shop,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    for name in ("SMOKE_DSN", "DATABASE_URL", "SMOKE_URL", "SUPABASE_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("empty", "")
    if command in ("show", "orders forget") and not (folder / ".smoke").exists():
        assert status(["run", "a.yaml", "--url", shop.url], monkeypatch) == 0
    shop.seen.clear()
    arguments = [word.replace("{url}", shop.url) for word in words_for(command, param, value)]
    ended = status(arguments, monkeypatch)
    told = capsys.readouterr()
    assert ended == 2, told.out + told.err
    assert told.err.strip()
    assert "secret@" not in told.err
    assert "\x1b" not in told.err
    assert shop.seen == []
