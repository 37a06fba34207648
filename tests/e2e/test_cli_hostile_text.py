"""Text of a server can neither style a terminal, nor command a CI runner, nor break a report, wherever it stands."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cli import command, environment, smoke, text_of
from tests.support.wire_server import Peer, WireServer

BAITS = {
    "ansi": "a\x1b[2J\x1b[31mred\x1b]0;owned\x07b",
    "osc8": "\x1b]8;;http://evil.invalid\x1b\\click\x1b]8;;\x1b\\",
    "osc52": "\x1b]52;c;cHduZWQ=\x07",
    "c1": "x\x9b31m\x9d0;owned\x9cy",
    "backspace": "order failed\b\b\b\b\b\bpassed\r✅ VALIDATION PASSED",
    "bidi": "a\u202eevil\u2066x\u200b\ufeffy",
    "rich": "[bold red]x[/] [/] [link=http://evil.invalid]y[/link] :smile:",
    "formats": "%s %n %(x)s {0} {x} {{ secrets.KEY }} ${HOME} `id` $(id)",
    "commands": "x\n::error::owned\n  ::set-output name=ok::true\n::add-mask::a\n##[group]x\n##vso[task.complete]x\n"
    "##teamcity[buildStop]\n::stop-commands::hostile\r::warning::owned\u2028::notice::owned\u2029::error::owned\x85::error::owned",
    "delimiter": "x\nEOF\nPATH=/evil\nEOF\nghadelimiter_x",
    "cdata": "]]></failure></testcase><testcase name='x'/><![CDATA[ &#0; &x; <!DOCTYPE a>",
    "controls": "a\x00b\x01\x08\x0b\x0c\x1f\ufffe\uffff\x7f",
    "script": '</script><script>alert(1)</script><img src=http://evil.invalid/x onerror=alert(1)>" onload="alert(1)',
    "markdown": "```\n````\n</details><h1>x</h1> ![x](http://evil.invalid/y) @team | `a` | <b>",
    "formula": "=cmd|' /C calc'!A0",
    "sql": "x'; DROP TABLE orders; --",
    "name": '../../../../tmp/hostile-owned"; DROP TABLE "x',
    "long": "A" * 70_000,
}

CONTROL = re.compile(
    rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae\x8b]|\xe2\x81[\xa6-\xa9]"
)
COMMAND = re.compile(
    rb"(?im)^\s*(?:::(?!error |warning |notice |add-mask::|group::|endgroup::)[a-z-]+|##\[|##vso\[|##teamcity\[)"
)


def header(text: str) -> bytes:
    """The bait as far as a header can carry it."""
    return text.encode().replace(b"\n", b" ").replace(b"\r", b" ").replace(b"\x00", b"")[:4000]


def answer(status: bytes, kind: bytes, body: bytes, extra: bytes = b"") -> bytes:
    fields = b"Content-Type: " + kind + b"\r\nContent-Length: " + str(len(body)).encode()
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n" + extra + b"\r\n" + body


def response(place: str, bait: str) -> bytes:
    """The bait in one kind of answer."""
    if place == "raw":
        named = (
            b"X-Request-Id: "
            + header(bait)
            + b"\r\nServer: "
            + header(bait)
            + b"\r\nX-"
            + b"Note: "
            + header(bait)
            + b"\r\n"
        )
        return answer(
            b"500 " + header(bait),
            b"text/plain; charset=utf-8",
            bait.encode("utf-8", "surrogatepass"),
            named,
        )
    if place == "page":
        return answer(b"500 Oops", header(bait), f"<h1>{bait}</h1><p>boom</p>".encode())
    if place == "error":
        said = {
            "code": "23505",
            "message": f'duplicate key value violates unique constraint "{bait}"',
            "detail": f"Key (email)=({bait}) already exists.",
            "table": bait,
            "constraint": bait,
        }
        return answer(b"500 Oops", b"application/json", json.dumps({"error": said}).encode())
    return answer(
        b"201 Created",
        b"application/json",
        json.dumps({"id": bait, bait: bait, "name": bait}).encode(),
    )


SCENARIOS = {
    "raw": [{"name": "a", "request": "POST /raw/{name}"}],
    "page": [{"name": "a", "request": "POST /page/{name}"}],
    "error": [{"name": "a", "request": "POST /error/{name}"}],
    "captured": [
        {
            "name": "a",
            "request": {"method": "POST", "url": "/captured/{name}"},
            "places_order": {
                "id": "$.id",
                "remove": "DELETE FROM orders WHERE id = '{{{{ order_id }}}}'",
            },
            "capture": {"id": "$.id"},
        },
        {
            "name": "b",
            "request": {
                "method": "POST",
                "url": "/captured/{name}/{{{{ id }}}}",
                "json": {"id": "{{{{ id }}}}"},
            },
            "expect": {"json": {"$.name": "good", "$.id": {"matches": "^[0-9]+$"}}},
        },
    ],
}


def written(value: object, name: str) -> object:
    if isinstance(value, str):
        return value.format(name=name)
    if isinstance(value, list):
        return [written(item, name) for item in value]
    if isinstance(value, dict):
        return {key: written(item, name) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Left:
    """What a run left: its folder, and what it printed."""

    folder: Path
    status: int
    shown: bytes


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("hostile-text")

    def script(peer: Peer) -> None:
        _, place, name, *_ = peer.request.split(b" ", 2)[1].decode().split("/")
        peer.send(response(place, BAITS[name]))

    for place, steps in SCENARIOS.items():
        for name in BAITS:
            made = {"name": f"{place}-{name}", "steps": written(steps, name)}
            (folder / f"{place}-{name}.yaml").write_text(json.dumps(made), encoding="utf-8")
    arguments = ["run", *sorted(path.name for path in folder.glob("*.yaml"))]
    for report in ("json", "junit", "html", "har"):
        arguments += ["--report", f"{report}=report.{report}"]
    summary = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    with WireServer(script) as server:
        done = subprocess.run(
            command(*arguments, "--url", server.url),
            cwd=folder,
            env=environment(
                {**summary, "GITHUB_OUTPUT": str(folder / "o"), "GITHUB_ENV": str(folder / "e")}
            ),
            capture_output=True,
            check=False,
        )
    return Left(folder, done.returncode, text_of(done.stdout + done.stderr).encode())


def test_nothing_moves_the_cursor_and_nothing_commands_the_runner(left: Left) -> None:
    assert left.status == 1, left.shown[-2000:]
    assert b"Traceback" not in left.shown
    assert b"\\x1b]0;owned\\x07" in left.shown
    found = CONTROL.search(left.shown)
    assert found is None, left.shown[max(0, found.start() - 200) : found.end() + 100]
    ordered = COMMAND.search(left.shown)
    assert ordered is None, left.shown[max(0, ordered.start() - 200) : ordered.end() + 100]
    own = [line for line in left.shown.split(b"\n") if re.match(rb"\s*::", line)]
    assert all(re.match(rb"::(?:error|warning|notice) [a-z]+=", line) for line in own), own


@pytest.mark.parametrize(
    "arguments", [["show"], ["show", "raw-ansi"], ["orders"], ["orders", "--left"]]
)
def test_later_commands_show_the_same_text_as_safely(left: Left, arguments: list[str]) -> None:
    done = smoke(arguments, left.folder)
    shown = (done.stdout + done.stderr).encode()
    assert b"Traceback" not in shown
    assert CONTROL.search(shown) is None
    assert COMMAND.search(shown) is None


def test_the_junit_report_is_well_formed_and_counts_right(left: Left) -> None:
    data = (left.folder / "report.junit").read_bytes()
    root = ET.fromstring(data)
    names = [case.get("name") for case in root.iter("testcase")]
    assert b"<!DOCTYPE" not in data.replace(b"&lt;!DOCTYPE", b"")
    assert int(root.get("tests", "0")) == len(names)


def test_the_json_reports_are_strict(left: Left) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    for name in ("report.json", "report.har"):
        json.loads((left.folder / name).read_bytes(), parse_constant=refuse)


def test_the_html_report_runs_and_loads_nothing_of_the_servers(left: Left) -> None:
    page = (left.folder / "report.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in page
    assert "<script>alert" not in page
    assert not re.search(
        r"<(?:script|img|link|iframe|object|embed|form|base)\b[^>]*evil\.invalid", page
    )
    assert not re.search(r"<[^>]*\son(?:load|error)=", page.replace("&quot;", ""))


def test_the_job_summary_shows_no_markup_of_the_servers(left: Left) -> None:
    summary = (left.folder / "summary.md").read_bytes()
    assert CONTROL.search(summary) is None
    assert len(summary) < 1_000_000
    text = summary.decode()
    outside = re.sub(r"(?ms)^(`{3,}|~{3,})[^\n]*\n.*?^\1[ \t]*$", "", text)
    assert "![x]" not in outside
    assert "<img" not in outside
    assert "<h1>x" not in outside
    assert "@team" not in outside
    assert not (left.folder / "e").exists()


def test_no_name_of_a_file_comes_from_the_server(left: Left) -> None:
    assert not Path("/tmp/hostile-owned").exists()
    names = [path.name for path in (left.folder / ".smoke").rglob("*")]
    assert all(re.fullmatch(r"\.?[a-z0-9][a-z0-9.-]{0,150}", name) for name in names), names
