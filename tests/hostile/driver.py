"""Starts the hostile server, runs the installed `smoke` against one case of it, and looks at what is left."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.scenarios import UPLOAD, Case, scenario
from tests.support.cli import REPOSITORY, command, environment

PORTS = 20
_SIDE_BY_SIDE = 2.5
"""The judge's limits are for a case that runs alone: here eight do, beside other workers of the suite."""


def folder() -> Path | None:
    """Where the hostile server is, None when it is not there."""
    given = os.environ.get("SMOKE_HOSTILE")
    place = Path(given) if given else REPOSITORY.parent / "shared" / "hostile"
    return place if (place / "cases.json").is_file() else None


def cases(place: Path | None) -> dict[str, Case]:
    """The cases by id."""
    if place is None:
        return {}
    read = json.loads((place / "cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in read["cases"]}


def secrets(place: Path) -> dict[str, str]:
    """The secrets that a run is given."""
    read = json.loads((place / "cases.json").read_text(encoding="utf-8"))
    return dict(read["assumptions"]["secrets"])


@dataclass(frozen=True)
class Hostile:
    """A running hostile server."""

    place: Path
    port: int
    ca: str
    origins: dict[str, int]

    def url(self, case: Case) -> str:
        name = case["origin"]
        scheme = "https" if name.startswith("tls_") or name == "h2_tls" else "http"
        return f"{scheme}://127.0.0.1:{self.port + self.origins[name]}"

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__stats", timeout=10) as answer:
            return dict(json.load(answer))

    def reset(self) -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__reset", timeout=10):
            pass


@contextmanager
def server(place: Path) -> Iterator[Hostile]:
    """A running hostile server on ports that were free; it ends with the block."""
    read = json.loads((place / "cases.json").read_text(encoding="utf-8"))
    first = min(read["ports"].values())
    origins = {name: port - first for name, port in read["ports"].items()}
    for port in _free(PORTS):
        process = subprocess.Popen(
            [sys.executable, "-B", str(place / "server.py"), "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if line:
            break
        process.wait()
        process.stdout.close()
    try:
        yield Hostile(place, port, json.loads(line)["ca"], origins)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _free(count: int) -> Iterator[int]:
    """First ports of ranges that nobody uses just now; another process may be quicker, so there are several."""
    start = 20_000 + os.getpid() % 400 * count
    for attempt in range(40):
        first = 20_000 + (start - 20_000 + attempt * 997 * count) % 12_000
        listeners = []
        try:
            for port in range(first, first + count):
                listener = socket.socket()
                listeners.append(listener)
                listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for listener in listeners:
                listener.close()
        yield first
    raise AssertionError("no free range of ports")


@dataclass(frozen=True)
class Done:
    """A finished `smoke run` of one case."""

    case: Case
    status: int
    out: Path
    shown: str
    seconds: float
    rss_mb: float
    report: dict[str, Any]

    def exchanges(self) -> list[dict[str, Any]]:
        """Every exchange of the run."""
        return [
            exchange
            for scenario in self.report["run"]["scenarios"]
            for step in scenario["steps"]
            for attempt in step["attempts"]
            for exchange in attempt["exchanges"]
        ]

    def mismatches(self) -> list[dict[str, Any]]:
        return [
            mismatch
            for scenario in self.report["run"]["scenarios"]
            for step in scenario["steps"]
            for attempt in step["attempts"]
            for mismatch in attempt["mismatches"]
        ]


def run_case(hostile: Hostile, case: Case, folder: Path, *, timeout: str) -> Done:
    """Run `smoke` for one case in `folder`, with every report."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text(scenario(case), encoding="utf-8")
    if case["path"].startswith("/upload/"):
        (folder / UPLOAD).write_bytes(b"x" * 5_000_000)
    out = folder / "out"
    out.mkdir(mode=0o700)
    trap = f"http://127.0.0.1:{hostile.port + hostile.origins['proxy_trap']}"
    env = environment(
        {**secrets(hostile.place), "HTTP_PROXY": trap, "HTTPS_PROXY": trap, "ALL_PROXY": trap}
    )
    arguments = ["run", "case.yaml", "--url", hostile.url(case), "--timeout", timeout]
    arguments += ["--out", "out/runs"]
    for name in ("json", "junit", "html", "har"):
        suffix = {"junit": "xml"}.get(name, name)
        arguments += ["--report", f"{name}=out/report.{suffix}"]
    if case["origin"] != "tls_selfsigned" and hostile.url(case).startswith("https:"):
        arguments += ["--ca-file", hostile.ca]
    begun = time.monotonic()
    with (folder / "stdout").open("wb") as shown, (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            command(*arguments),
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=errors,
        )
        killer = threading.Timer(90, process.kill)
        killer.start()
        try:
            _, code, usage = os.wait4(process.pid, 0)
        finally:
            killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(code)
    seconds = time.monotonic() - begun
    report = out / "report.json"
    words = (folder / "stdout").read_bytes() + (folder / "stderr").read_bytes()
    return Done(
        case,
        process.returncode,
        out,
        words.decode("utf-8", "replace"),
        round(seconds, 3),
        _peak(usage.ru_maxrss) / 1024,
        json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {},
    )


def _peak(seen: int) -> int:
    """Kilobytes of a child's peak; 0 when only its parent's is known, which Linux counts until the child's exec."""
    return seen if seen > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss else 0


def judged(hostile: Hostile, done: Done) -> list[str]:
    """What the hostile server's own judge says is wrong."""
    folder = done.out.parent
    judge = subprocess.run(
        [
            *(sys.executable, "-B", str(hostile.place / "judge.py")),
            *("--case", done.case["id"], "--out", str(done.out)),
            *("--stdout", str(folder / "stdout"), "--stderr", str(folder / "stderr")),
            *("--stats", f"http://127.0.0.1:{hostile.port}/__stats"),
            *("--seconds", str(done.seconds / _SIDE_BY_SIDE), "--rss-mb", str(done.rss_mb)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in judge.stdout.splitlines() if "WRONG" in line]
    if judge.returncode not in (0, 1) or (judge.returncode == 1 and not lines):
        return [judge.stdout + judge.stderr]
    if done.case.get("nice_to_have"):  # what is missed there is no failure; a leak would be one
        lines = [line for line in lines if not line.endswith(" is lost")]
    return lines
