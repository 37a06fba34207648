"""The order that worked against the one that failed: what was different in the two requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from msgspec import Struct

from smoke.model.exchange import Exchange
from smoke.model.numbers import json_text, loads
from smoke.model.run import JsonValue, StepResult

LARGEST = 256 * 1024
"""Bytes of a request body that are compared value by value; larger ones are compared as a whole."""

_MASK = "[masked"
_MOST_VALUES = 2000
_DEEPEST = 40
_NOT_TOLD = frozenset({
    b"content-length", b"date", b"host", b"user-agent", b"accept-encoding", b"connection",
    b"traceparent", b"x-request-id",
})  # fmt: skip
"""What every request has of its own, or all have alike."""


class Difference(Struct, frozen=True):
    """One value that the two requests do not share; None where a request does not have it."""

    path: str
    first: str | None
    second: str | None
    masked: bool = False
    """Both are masked, and their digests differ."""


class Comparison(Struct, frozen=True):
    """Two order steps side by side. `same` are the paths of equal values, customers' ones included."""

    first: str
    second: str
    differences: tuple[Difference, ...] = ()
    same: tuple[str, ...] = ()
    bodies_compared: bool = True
    unknown: tuple[str, ...] = ()
    """Places with masked values of which nothing says whether they were the same."""
    shared: tuple[tuple[str, str], ...] = ()
    """Every place that holds the same in both, head and body, with what it holds."""

    @property
    def identical(self) -> bool:
        return not self.differences and self.bodies_compared


def compare_orders(
    first: StepResult, second: StepResult, first_body: bytes, second_body: bytes
) -> Comparison | None:
    """What differs between two steps that order; None when one of them sent nothing.

    The bodies are the stored ones of the last exchange of each step. Of masked values
    the digests are compared, which were made before they were masked.
    """
    left, right = _sent(first), _sent(second)
    if left is None or right is None:
        return None
    ours = {**_head(left), **body_values(_media_type(left), first_body)}
    theirs = {**_head(right), **body_values(_media_type(right), second_body)}
    alike, unlike, unknown = _hidden(left, right, ours, theirs)
    differences = tuple(
        Difference(path, ours.get(path), theirs.get(path))
        for path in dict.fromkeys([*ours, *theirs])
        if ours.get(path) != theirs.get(path) and path not in alike and path not in unlike
    ) + tuple(Difference(path, ours.get(path), theirs.get(path), masked=True) for path in unlike)
    same = tuple(
        path
        for path in ours
        if path.startswith("$")
        and ours[path] == theirs.get(path)
        and path not in (*unlike, *unknown)
    )
    compared = max(len(first_body), len(second_body)) <= LARGEST or first_body == second_body
    apart = {item.path for item in differences}.union(unknown)
    shared = tuple((path, ours[path]) for path in ours if path in theirs and path not in apart)
    return Comparison(first.called, second.called, differences, same, compared, unknown, shared)


def _hidden(
    left: Exchange, right: Exchange, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Places with masked values: those that were the same, those that were not, those of which nobody can tell."""
    first, second = _digests(left), _digests(right)
    alike: list[str] = []
    unlike: list[str] = []
    unknown: list[str] = []
    for path in dict.fromkeys([*ours, *theirs]):
        place = path.lower()
        if path.startswith("$") or path == "body" or path not in ours or path not in theirs:
            continue
        if place in first and place in second:
            if first[place] == second[place]:
                alike.append(path)
            elif ours[path] == theirs[path]:
                unlike.append(path)
        elif ours[path] == theirs[path] and _MASK in ours[path]:
            unknown.append(path)
    in_bodies = [path for path in {**ours, **theirs} if path.startswith("$") or path == "body"]
    masked = [path for path in in_bodies if _MASK in ours.get(path, "") and path in theirs]
    masked = [path for path in masked if ours[path] == theirs[path]]
    original, other = left.request.body.original_digest, right.request.body.original_digest
    if not masked or (original and original == other):
        return tuple(alike), tuple(unlike), tuple(unknown)
    if original and other and all(ours.get(path) == theirs.get(path) for path in in_bodies):
        # all that can be read of the bodies is the same, and yet they were not
        unlike.append(masked[0] if len(masked) == 1 else "body")
    else:
        unknown += masked
    return tuple(alike), tuple(unlike), tuple(unknown)


def _digests(exchange: Exchange) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, digest in exchange.request.digests:
        found[place] = f"{found[place]} {digest}" if place in found else digest
    return found


def _sent(step: StepResult) -> Exchange | None:
    for attempt in reversed(step.attempts):
        if attempt.exchanges:
            return attempt.exchanges[0]
    return None


def _head(exchange: Exchange) -> dict[str, str]:
    request = exchange.request
    head = {"method": request.method, "url": request.url}
    for name, value in request.headers:
        if name.lower() not in _NOT_TOLD:
            key = f"header {name.decode('latin-1')}"
            head[key] = (
                f"{head[key]}, {value.decode('latin-1')}"
                if key in head
                else value.decode("latin-1")
            )
    return head


def _media_type(exchange: Exchange) -> str:
    return exchange.request.body.media_type or _header(exchange, b"content-type")


def body_values(media_type: str, body: bytes) -> dict[str, str]:
    """The values of a body by path; one that is neither JSON nor a form is one value, one above LARGEST has none."""
    if not body or len(body) > LARGEST:
        return {}
    if media_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_VALUES * 4
        )
        return {f"$.{name}": value for name, value in pairs[:_MOST_VALUES]}
    try:
        data = loads(body)
    except (ValueError, RecursionError):
        return {"body": body.decode("utf-8", "replace")}
    return dict(_flat(data))


def _header(exchange: Exchange, wanted: bytes) -> str:
    for name, value in exchange.request.headers:
        if name.lower() == wanted:
            return value.decode("latin-1")
    return ""


def _flat(data: JsonValue) -> Iterator[tuple[str, str]]:
    """Every leaf with its path, in the order of the text, at most _MOST_VALUES; iterative, so that depth costs nothing."""
    waiting: list[tuple[str, JsonValue, int]] = [("$", data, 0)]
    count = 0
    while waiting and count < _MOST_VALUES:
        path, value, depth = waiting.pop()
        if isinstance(value, dict) and value and depth < _DEEPEST:
            waiting.extend(
                (f"{path}.{key}", item, depth + 1) for key, item in reversed(value.items())
            )
        elif isinstance(value, list) and value and depth < _DEEPEST:
            waiting.extend(
                (f"{path}[{i}]", value[i], depth + 1) for i in reversed(range(len(value)))
            )
        else:
            count += 1
            yield path, value if isinstance(value, str) else _compact(value)


def _compact(value: JsonValue) -> str:
    try:
        return json_text(value, ascii_only=True, spaced=True)
    except RecursionError:
        return "(nested too deeply)"
