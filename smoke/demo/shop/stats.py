"""Counts what the shop was asked, for tests that must know that nothing was sent."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any


class Stats:
    """Thread-safe counters of requests by route and answers by status."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()

    def request(self, route: str) -> None:
        with self._lock:
            self._requests[route] += 1

    def answered(self, status: int) -> None:
        with self._lock:
            self._answers[str(status)] += 1

    def as_json(self) -> dict[str, Any]:
        """All counters; requests for the counters themselves are not counted."""
        with self._lock:
            return {
                "total": self._requests.total(),
                "requests": dict(sorted(self._requests.items())),
                "answers": dict(sorted(self._answers.items())),
            }
