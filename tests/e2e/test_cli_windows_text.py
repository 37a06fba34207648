"""Output and files where the console speaks a code page and lines end in CRLF: nothing is lost, and no file is touched by it."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.cli import NARROW_PLATFORM, environment
from tests.support.wire_server import Peer, WireServer

NAME = "Bestellung é 日本 😀"
BODY = json.dumps({"error": "größer als 日本 😀"}, ensure_ascii=False).encode()
SCENARIO = f"""
name: order
steps:
  - name: "{NAME}"
    request: {{url: /api/shop, json: {{a: 1}}}}
    places_order: {{id: $.id}}
    expect: {{status: 201}}
"""
REPORTS = ("json", "html", "junit", "har", "github")


def shop(peer: Peer) -> None:
    head = f"HTTP/1.1 500 No\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(BODY)}\r\n\r\n"
    peer.send(head.encode() + BODY)


def on_windows(folder: Path, *arguments: str, status: int = 0) -> bytes:
    """What a narrow platform's smoke writes to a pipe whose encoding is that of Western Windows."""
    done = subprocess.run(
        [sys.executable, str(NARROW_PLATFORM), *arguments],
        cwd=folder,
        env=environment({"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252:strict"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    asked = [f"--report={kind}=out/{kind}" for kind in REPORTS]
    with WireServer(shop) as server:
        shown = on_windows(folder, "run", "s.yaml", "--url", server.url, *asked, status=1)
    (folder / "shown").write_bytes(shown)
    return folder


def test_what_a_person_reads_ends_lines_as_there_and_loses_no_character(project: Path) -> None:
    shown = (project / "shown").read_bytes()
    assert shown.count(b"\n") == shown.count(b"\r\n") > 5
    # PowerShell reads a pipe in another code page than programs write it: ASCII is the same in both
    assert rb"Bestellung \xe9 \u65e5\u672c \U0001f600 FAILED" in shown
    assert shown.isascii()


def test_what_a_program_reads_is_ascii(project: Path) -> None:
    (project / "kept").write_bytes(BODY)
    for command in (["judge", "latest"], ["orders", "list"], ["classify", "kept"], ["list"]):
        told = on_windows(project, *command, "--json", status=1 if command[0] == "judge" else 0)
        assert told.isascii()
        json.loads(told)
    assert NAME in json.dumps(
        json.loads(on_windows(project, "orders", "list", "--json")), ensure_ascii=False
    )


def test_a_body_comes_out_byte_for_byte(project: Path) -> None:
    assert on_windows(project, "show", "latest", NAME, "--body") == BODY


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_utf_8_with_newlines_whatever_the_console_speaks(
    project: Path, kind: str
) -> None:
    data = (project / "out" / kind).read_bytes()
    assert b"\r" not in data
    text = data.decode("utf-8")
    if kind in ("json", "har"):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    elif kind == "junit":
        text = ET.tostring(ET.fromstring(text), encoding="unicode")
    assert NAME in text


def test_two_reports_whose_names_differ_in_case_alone_are_one_file(project: Path) -> None:
    arguments = ("run", "s.yaml", "--url", "http://127.0.0.1:9", "--report", "json=Report")
    done = on_windows(project, *arguments, "--report", "html=report", status=2)
    assert done == b""
    assert not list(project.glob(".*.part"))
    assert not (project / "Report").exists()
