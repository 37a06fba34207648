"""A person orders in a browser that is watched, until its last page is closed."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from smoke.browser.devtools import BrowserGoneError, PipedBrowser
from smoke.browser.watched import BrowserTraffic
from smoke.diagnostic import SmokeError
from smoke.recording.records import RecordedRequest
from smoke.text import safe_line, shorten

_BODY = 4 * 1024 * 1024
_OPTIONS = (
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-features=Translate,MediaRouter", "--password-store=basic", "--use-mock-keychain",
)  # fmt: skip
_GLANCE = 0.2
"""Seconds between two looks at whether it is to end."""
_LAST_BODIES = 2.0
"""Seconds for the bodies that were asked for when it ended."""


def watch(program: str, url: str, *, headless: bool) -> tuple[RecordedRequest, ...]:
    """What was sent until the last page was closed, or Ctrl-C. Raises SmokeError where the browser does not start.

    Its profile is a temporary folder, which is gone behind it.
    """
    folder = Path(tempfile.mkdtemp(prefix="smoke-browser-"))
    try:
        options = [*_OPTIONS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
        if headless:
            options.insert(0, "--headless=new")
        try:
            browser = PipedBrowser(program, options, folder / "errors")
        except OSError as error:
            raise SmokeError.of(
                "no-browser", f"{program} cannot be started: {error.strerror}"
            ) from error
        session = _Session(browser, url)
        try:
            session.until_the_end()
        finally:
            browser.close()
        if not session.began:
            raise SmokeError.of(
                "no-browser",
                f"the browser ended before it showed a page: {safe_line(program)}",
                notes=[
                    _complaint(folder / "errors"),
                    "it needs a screen; another browser is named with --browser",
                ],
            )
        return session.traffic.requests
    finally:
        _removed(folder)


def _removed(folder: Path) -> None:
    """Remove the profile, also where a process of the browser still wrote into it when the first one had ended."""
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """While inside, Ctrl-C is an event and no exception: one would lose the message that is being taken up."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


class _Session:
    """What is known of the browser's pages while it runs."""

    def __init__(self, browser: PipedBrowser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._pages: set[str] = set()
        self._bodies: dict[int, tuple[str, str]] = {}
        self._first = (0, "")
        self.began = False
        self.traffic = BrowserTraffic()

    def until_the_end(self) -> None:
        """Take up what the browser tells."""
        with _interrupted() as stopped, suppress(BrowserGoneError):
            self._browser.send("Target.setAutoAttach", **_ATTACH)
            while (not self.began or self._pages) and not stopped.is_set():
                self._take(self._browser.receive(_GLANCE))
            self._what_is_left()

    def _what_is_left(self) -> None:
        """Take up what the browser had told by then, and the bodies that it is asked for."""
        deadline = time.monotonic() + _LAST_BODIES
        quiet = False
        while (self._bodies or not quiet) and time.monotonic() < deadline:
            message = self._browser.receive(_GLANCE)
            quiet = not message
            self._take(message)

    def _take(self, message: Any) -> None:
        session, method = str(message.get("sessionId", "")), message.get("method")
        told = message.get("params")
        if method is None and message.get("id") == self._first[0]:
            self._browser.send("Page.navigate", self._first[1], url=self._url)
        elif method is None:
            asked = self._bodies.pop(message.get("id", 0), None)
            result = message.get("result")
            if asked is not None and isinstance(result, dict):
                self.traffic.with_body(*asked, result)
        elif not isinstance(told, dict):
            return
        elif method == "Target.attachedToTarget":
            self._attached(told)
        elif method == "Target.detachedFromTarget":
            self._pages.discard(str(told.get("sessionId", "")))
        else:
            number = self.traffic.take(session, str(method), told)
            if number:
                asked_as = self._browser.send("Network.getResponseBody", session, requestId=number)
                self._bodies[asked_as] = (session, number)

    def _attached(self, told: dict[str, Any]) -> None:
        session = str(told.get("sessionId", ""))
        kind = (told.get("targetInfo") or {}).get("type")
        enabled = 0
        if kind in ("page", "iframe"):
            enabled = self._browser.send("Network.enable", session, maxPostDataSize=_BODY)
            self._browser.send("Target.setAutoAttach", session, **_ATTACH)
        self._browser.send("Runtime.runIfWaitingForDebugger", session)
        if kind == "page":
            self._pages.add(session)
            if not self.began:
                # not before it says that it listens: the shop's page is another process, which is told what that one says
                self.began = True
                self._first = (enabled, session)


_ATTACH: dict[str, Any] = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


def _complaint(path: Path) -> str:
    """The last line of what the browser wrote."""
    try:
        with path.open("rb") as file:
            lines = file.read(64 * 1024).decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    said = [line for line in lines if line.strip()]
    return safe_line(shorten(f"it said: {said[-1]}", 300)) if said else "it said nothing"
