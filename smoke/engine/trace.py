"""Names for a run's requests, under which they are found in the logs of whoever handled them.

W3C Trace Context, 3.2: `traceparent` is `version-trace-span-flags`; all zeros are no id, and flag 01 says that the
caller may have recorded the trace. `X-Request-Id` has no standard; a UUID is what all who check it take.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection

from smoke.model.exchange import Headers

REQUEST_ID = b"X-Request-Id"
TRACEPARENT = b"traceparent"
_LIKE_A_CARD = re.compile(r"(?:[0-9]-?){12}")
"""So many digits in a row could be masked as a card number, and a masked name leads nowhere."""


class Trace:
    """Gives each exchange a name of its own; the trace is the same for all. Safe to share between workers.

    `random` gives so many random bytes. `id` is the trace's: 32 hexadecimal digits.
    """

    def __init__(self, random: Callable[[int], bytes], trace_id: str = "") -> None:
        self._random = random
        self.id = trace_id or self._hex(16)

    def names(self, present: Collection[bytes]) -> Headers:
        """The headers for one exchange, but for those in `present` (in lower case): whoever set them named it."""
        return names(self._traceparent, self._request_id, present)

    def _traceparent(self) -> str:
        return f"00-{self.id}-{self._hex(8)}-01"

    def _request_id(self) -> str:
        """A random UUID whose first group is the trace's beginning: that finds all requests of the run."""
        while True:
            text = str(uuid.UUID(hex=self.id[:8] + self._random(12).hex(), version=4))
            if not _LIKE_A_CARD.search(text):
                return text

    def _hex(self, size: int) -> str:
        while True:
            text = self._random(size).hex()
            if text.strip("0") and not _LIKE_A_CARD.search(text):
                return text


def names(
    traceparent: Callable[[], str], request_id: Callable[[], str], present: Collection[bytes]
) -> Headers:
    """The two headers, without those that are there already or that nobody may add."""
    makers = ((TRACEPARENT, traceparent), (REQUEST_ID, request_id))
    return tuple(
        (name, make().encode("ascii")) for name, make in makers if name.lower() not in present
    )
