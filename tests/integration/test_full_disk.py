"""A disk that takes no more: what is missing of the evidence is named wherever it is shown, and the run is not proven."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.model.exchange import WINDOW_HEAD, WINDOW_TAIL
from smoke.redact.exchange import TAIL_CONTEXT
from tests.support.cli import command, environment, smoke
from tests.support.wire_server import Peer, WireServer

SECRET = "geheim-7d20c1b94e"
ERROR = b'{"error": "duplicate key value violates unique constraint \\"jobs_uq\\"", "code": "23505", "pad": "'
SCENARIO = """
name: it
secrets: [KEY]
steps:
  - name: Order 1
    request: {method: POST, url: /orders, bearer: "{{ secrets.KEY }}", json: {n: 1}}
    places_order: {remove: by hand}
    expect: {status: %d}
  - name: Order 2
    request: {method: POST, url: /orders, json: {n: 2}}
    places_order: {remove: by hand}
"""


def page(size: int) -> bytes:
    """A body whose bytes tell where they are; a secret lies over the place where its tail begins."""
    lines = b"".join(b"%09d\n" % number for number in range(0, size, 10))
    body = bytearray(ERROR + lines[len(ERROR) : size])
    begin = size - WINDOW_TAIL - len(SECRET) // 2
    body[begin : begin + len(SECRET)] = SECRET.encode()
    return bytes(body)


def shop(body: bytes, status: bytes = b"500 Internal Server Error") -> WireServer:
    head = b"HTTP/1.1 %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body))
    return WireServer(lambda peer: Peer.send(peer, head + body))


REPORTS = ("json=r.json", "junit=r.xml", "har=r.har", "html=r.html")


def run(
    folder: Path, url: str, *, blocks: int = 0, out: str = "runs", expected: int = 201
) -> subprocess.CompletedProcess[str]:
    """The run of SCENARIO; no file may become larger than `blocks` (of 512 bytes)."""
    (folder / "it.yaml").write_text(SCENARIO % expected, encoding="utf-8")
    arguments = ["run", "it.yaml", "--url", url, "--out", out, "--max-body", "0"]
    arguments += [word for report in REPORTS for word in ("--report", report)]
    limited = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh"] if blocks else []
    return subprocess.run(
        [*limited, *command(*arguments)],
        cwd=folder,
        env=environment({"KEY": SECRET}),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def bodies(folder: Path) -> dict[str, bytes]:
    """The body files of the only run, by the part that they hold."""
    return {path.name.split(".")[-2]: path.read_bytes() for path in folder.rglob("*.body")}


def test_what_is_lost_of_a_large_body_is_named_everywhere(tmp_path: Path) -> None:
    body = page(30_000_000)
    with shop(body) as server:
        done = run(tmp_path, server.url, blocks=20_000)
        assert len(server.requests) == 1  # no second order without evidence
    assert done.returncode == 3, done.stdout + done.stderr
    assert "3: no verdict: evidence or a report could not be written" in done.stdout
    assert "23505" in done.stdout  # what is there was examined

    kept = bodies(tmp_path)
    tail = body[len(body) - WINDOW_TAIL + TAIL_CONTEXT :]
    assert kept["response"] == body[:WINDOW_HEAD]
    assert kept["tail"].endswith(tail[100:])
    lost = len(body) - WINDOW_HEAD - len(kept["tail"])
    words = f"NOT WHOLE: {lost:,} bytes from offset {WINDOW_HEAD:,} on could not be written"
    assert words in " ".join(done.stdout.split())
    assert f"the last {len(kept['tail']):,} bytes lie in" in " ".join(done.stdout.split())
    shown = smoke(["show", "--out", "runs"], tmp_path)
    step = smoke(["show", "--out", "runs", "latest", "Order 1", "--body"], tmp_path)
    assert words in " ".join(shown.stdout.split())
    assert step.stdout == body[:WINDOW_HEAD].decode()
    assert words in " ".join(step.stderr.split())
    for report in ("r.xml", "r.har", "r.html"):
        assert words in (tmp_path / report).read_text(encoding="utf-8"), report
    ET.parse(tmp_path / "r.xml")
    report = json.loads((tmp_path / "r.json").read_bytes())
    stored = report["run"]["scenarios"][0]["steps"][0]["attempts"][0]["exchanges"][0]["response"]
    assert stored["body"]["omitted"] == lost
    assert stored["body"]["tail_size"] == len(kept["tail"])
    assert report["exit_status"] == 3
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "it.yaml":
            text = path.read_bytes()
            assert SECRET.encode() not in text
            assert SECRET[len(SECRET) // 2 :].encode() not in text


def test_verify_tells_what_could_not_be_written(tmp_path: Path) -> None:
    with shop(page(30_000_000)) as server:
        run(tmp_path, server.url, blocks=20_000)
    verified = smoke(["verify", "--out", "runs"], tmp_path)
    assert verified.returncode == 1
    assert f"bytes from offset {WINDOW_HEAD:,} on could not be written: bodies/" in verified.stdout
    assert "1 body is not as received" in verified.stdout
    (tail,) = tmp_path.rglob("*.tail.body")
    tail.write_bytes(b"x" + tail.read_bytes()[1:])
    changed = smoke(["verify", "--out", "runs"], tmp_path)
    assert ".tail.body (sha256)" in changed.stdout


def test_a_full_disk_is_not_the_failure_of_the_shop(tmp_path: Path) -> None:
    """The answer was good: the step is not failed, and the run is not green."""
    body = b"{" + b" " * 12_000_000 + b"}"
    with shop(body, b"201 Created") as server:
        done = run(tmp_path, server.url, blocks=20_000)
    assert done.returncode == 3
    assert "could not be written" in done.stdout
    assert "broke off" not in done.stdout
    report = json.loads((tmp_path / "r.json").read_bytes())
    (first, _) = report["run"]["scenarios"][0]["steps"]
    assert first["outcome"] == "errored"
    assert report["run"]["orders"][0]["state"] == "placed"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root may mount a small file system")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_keeps_the_beginning_of_a_body(small_disk: Path, tmp_path: Path) -> None:
    body = page(7_000_000).replace(SECRET.encode(), b"0" * len(SECRET))  # held in memory

    def fills(peer: Peer) -> None:
        free = shutil.disk_usage(small_disk).free
        (small_disk / "filler").write_bytes(bytes(free - 4_000_000))
        peer.send(b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with WireServer(fills) as server:
        done = run(tmp_path, server.url, out="small/runs")
        assert len(server.requests) == 1
    assert done.returncode == 3, done.stdout + done.stderr
    kept = bodies(small_disk)["response"]
    assert 1_000_000 < len(kept) < 4_000_000
    assert body.startswith(kept)
    lost = f"{len(body) - len(kept):,} bytes from offset {len(kept):,} on could not be written"
    assert f"NOT WHOLE: {lost}" in " ".join(done.stdout.split())
    assert "23505" in done.stdout
    verified = smoke(["verify", "--out", "small/runs"], tmp_path)
    assert verified.returncode == 1
    assert lost in verified.stdout


def test_an_order_that_cannot_be_journalled_is_not_sent(small_disk: Path, tmp_path: Path) -> None:
    with shop(b"{}", b"201 Created") as server:
        (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 400_000))
        done = run(tmp_path, server.url, out="small/runs")
        assert server.requests == []
    assert done.returncode == 2, done.stdout
    assert "are needed before an order is placed" in " ".join(done.stderr.split())
