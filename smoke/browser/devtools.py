"""Chromium's DevTools protocol over a pipe: no port is opened, and nobody else can join in."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from smoke.system import READABLE, ended, kill, start_on_pipes, waiter

_LARGEST = 256 * 1024 * 1024
"""Bytes of one message: beyond it what speaks there is no browser."""
_ENDING = 15.0
"""Seconds that a browser has to end by itself."""


class BrowserGoneError(Exception):
    """The browser ended: its window was closed, or it never began."""


class PipedBrowser:
    """A browser with a profile of its own. `send` a command, `receive` what it tells; `close` ends it."""

    def __init__(self, program: str, options: list[str], errors: Path) -> None:
        """Start it. Raises OSError where it cannot be started. What it complains of is in `errors`."""
        arguments = ["--remote-debugging-pipe", *options]
        self._process, self._writing, self._reading = start_on_pipes(program, arguments, errors)
        self._wait = waiter(self._reading, READABLE)
        self._rest = bytearray()
        self._number = 0

    def send(self, method: str, session: str = "", **parameters: Any) -> int:
        """Send a command; the number of its answer. Raises BrowserGoneError."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._writing, data) :]
        except OSError as error:
            raise BrowserGoneError from error
        return self._number

    def receive(self, timeout: float) -> Mapping[str, Any]:
        """The next message; an empty one after so many seconds. Raises BrowserGoneError where it ended."""
        looked = 0
        while (end := self._rest.find(b"\0", looked)) < 0:
            looked = len(self._rest)
            if not self._wait(timeout):
                return {}
            more = os.read(self._reading, 1 << 20)
            if not more or len(self._rest) > _LARGEST:
                raise BrowserGoneError
            self._rest += more
        message = bytes(self._rest[:end])
        del self._rest[: end + 1]
        try:
            found = json.loads(message)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        """End it: asked to, then made to."""
        with suppress(BrowserGoneError):
            self.send("Browser.close")
        os.close(self._writing)
        if not self._ended_within(_ENDING):
            os.kill(self._process, signal.SIGTERM)
            if not self._ended_within(_ENDING):
                kill(self._process, ask=False)
                os.waitpid(self._process, 0)
        os.close(self._reading)

    def _ended_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not ended(self._process):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True
