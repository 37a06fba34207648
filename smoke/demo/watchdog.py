"""Runs the server in a process of its own, and removes it when the process that asked for it is gone.

Started by path with `python -I -S`, so it imports nothing of ours. It is the server's parent: whatever happens to
the demo, `kill -9` included, its standard input ends; it then stops the server, waits for it and removes the
folder. It leads a session of its own, so a Ctrl-C in the terminal reaches neither it nor the server, and the
demo decides when the server stops.

The first line of standard input is a plan (JSON): `home`, `remove`, `setup` (argv), `server` (argv), `environment`,
`account` ([uid, gid] or null), `setup_log`, `server_log`. Where a program starts and stops the server (pg_ctl on Windows): `stop`
(argv, to which the mode is added), `data`, and `settings` (lines for its postgresql.conf); else these are null. Answers, one line each: `setup-failed TEXT`,
`not-permitted` (to become that account), `running PID`, `exited STATUS`.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import Any

PATIENCE = 5.0
"""Seconds between one signal to the server and the next, stronger one."""
_TRIES = 40 if sys.platform == "win32" else 1
"""Windows lets go of the files of a process a moment after its end."""


class Watchdog:
    """Runs the plan's commands one after the other, until the parent is gone or the server ends."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._leaving = False
        self._left = threading.Event()

    def run(self) -> None:
        """Until nobody wants the server any more; a server that ended by itself leaves its log to be read."""
        threading.Thread(target=self._wait_for_parent, daemon=True).start()
        self._commands()
        self._left.wait()

    def _commands(self) -> None:
        try:
            setup = self._start("setup")
            if setup is None:
                return
            if setup.wait() != 0:
                say(f"setup-failed status {setup.returncode}")
                return
            if self._plan["settings"] is not None:
                with open(f"{self._plan['data']}/postgresql.conf", "a", encoding="utf-8") as file:  # noqa: PTH123  (as above)
                    file.write(self._plan["settings"])
            server = self._start("server")
            if server is None:
                return
            if self._plan["stop"] is not None:
                status = server.wait()
                say(f"exited {status}" if status else f"running {server.pid}")
                return
        except (OSError, subprocess.SubprocessError) as error:
            refused = isinstance(error, PermissionError) and error.errno == errno.EPERM
            say("not-permitted" if refused else f"setup-failed {error}")
            return
        say(f"running {server.pid}")
        say(f"exited {server.wait()}")

    def _start(self, command: str) -> subprocess.Popen[bytes] | None:
        """The command, running; None when it is no longer wanted."""
        account = self._plan["account"]
        identity: dict[str, Any] = {}
        if account is not None:
            identity = {"user": account[0], "group": account[1], "extra_groups": []}
        if self._plan["stop"] is None:
            identity["process_group"] = 0
        with self._lock, open(self._plan[f"{command}_log"], "ab") as log:  # noqa: PTH123  (pathlib costs 5 ms)
            if self._leaving:
                return None
            self._child = subprocess.Popen(  # noqa: S603  (the plan comes from our own parent)
                self._plan[command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._plan["home"],
                env=self._plan["environment"],
                **identity,
            )
            return self._child

    def _wait_for_parent(self) -> None:
        while os.read(0, 4096):
            pass
        self.stop()

    def stop(self) -> None:
        """Stop the running command: fast shutdown, then immediate shutdown, then without asking."""
        try:
            self._signal()
        finally:
            self._left.set()

    def _signal(self) -> None:
        with self._lock:
            self._leaving = True
            child = self._child
        if self._plan["stop"] is not None:
            self._ask_to_stop(child)
            return
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if child is None or child.poll() is not None:
                    return
                try:
                    os.killpg(child.pid, number)
                except ProcessLookupError:
                    return
                try:
                    child.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    continue

    def _ask_to_stop(self, child: subprocess.Popen[bytes] | None) -> None:
        if child is not None and child.poll() is None:
            child.wait()  # it is being set up or started: both end by themselves
        for mode in ("fast", "immediate"):
            done = subprocess.run(  # noqa: S603  (as above)
                [*self._plan["stop"], mode],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                env=self._plan["environment"],
            )
            if done.returncode == 0:
                return


def say(line: str) -> None:
    """Tell the parent, if it is still there to be told."""
    try:
        os.write(1, f"{line}\n".encode(errors="replace"))
    except OSError:
        return


def clear(home: str, folder: str) -> None:
    """The folder gone. The lock in it stays with what cannot be removed, so that a later demo sweeps both."""
    for _ in range(_TRIES):
        shutil.rmtree(home, ignore_errors=True)
        if not os.path.exists(home):  # noqa: PTH110  (pathlib costs 5 ms)
            break
        time.sleep(0.1)
    else:
        return
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """One plan, from start to removal."""
    if sys.platform != "win32":
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = b""
    while not line.endswith(
        b"\n"
    ):  # unbuffered: a thread blocked in a buffered read would spoil the exit
        byte = os.read(0, 1)
        if not byte:
            return  # the parent died before it had said anything
        line += byte
    plan = json.loads(line)
    watchdog = Watchdog(plan)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=watchdog.stop).start())
    try:
        watchdog.run()
    finally:
        clear(plan["home"], plan["remove"])


if __name__ == "__main__":
    main()
