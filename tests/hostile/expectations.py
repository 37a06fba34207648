"""What cases.json says that its judge leaves to a reader: the kind, the words, and that it is not green."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.hostile.driver import Done
from tests.hostile.scenarios import Case


def wrong(done: Done) -> Iterator[str]:
    """Each expectation that is not met, in words."""
    if not done.report:
        yield f"no report was written; exit status {done.status}:\n{done.shown}"
        return
    yield from _kind(done)
    yield from _verdict(done)
    yield from _words(done)
    yield from _findings(done)
    yield from _evidence(done)


def waits(case: Case) -> bool:
    """Whether a run of the case spends most of its time waiting."""
    timed = case.get("kind") in ("timeout", "connect_timeout")
    return timed or case["path"].startswith("/slow/") or case["group"] == "retry"


def seen(done: Done) -> set[str]:
    """The kinds that the run found, in the words of cases.json."""
    kinds = set()
    for exchange in done.exchanges():
        error, response = exchange["error"], exchange["response"]
        if error is not None:
            kinds.add(error["kind"].replace("-", "_"))
        if response is not None:
            kinds.add("ok" if response["status"] < 300 else "http_status")
            if response["completeness"] == "unproven":
                kinds.add("truncated")
            if response["body"]["decode_error"]:
                kinds.add("bad_encoding")
    for mismatch in done.mismatches():
        if mismatch["path"] == "redirect":
            kinds |= {
                "loop": {"redirect_loop"},
                "bad-location": {"bad_redirect", "redirect_blocked", "redirect"},
                "scheme": {"redirect_blocked", "bad_redirect"},
            }.get(mismatch["actual"], {"redirect_blocked", "redirect"})
        if mismatch["path"].startswith("capture."):
            kinds.add("capture_failed")
    return kinds


def _kind(done: Done) -> Iterator[str]:
    case = done.case
    right = {case.get("kind"), *case.get("accept_kinds", [])} - {None}
    if "not_followed" in case.get("accept", []):
        right |= {"redirect_blocked", "bad_redirect", "http_status"}
    if "evidence_complete" in case.get("accept", []):
        right |= {"http_status", "ok"}
    if case["expect"] == "evidence_complete" and (case.get("status") or 500) < 400:
        right |= {"ok", "http_status"}
    if right and not right & seen(done):
        yield f"the kind should be one of {sorted(right)}, seen: {sorted(seen(done))}"


def _verdict(done: Done) -> Iterator[str]:
    case = done.case
    if done.status not in (0, 1, 3):
        yield f"exit status {done.status}\n{done.shown}"
    must = " ".join(case.get("must", []))
    green = case.get("kind") == "ok" and case["group"] in ("plain", "order")
    if green and done.status != 0:
        yield f"exit status {done.status} for an answer that is good"
    may_be_green = green or case["group"] == "retry" or case["path"].startswith("/keepalive/")
    # a redirect within the origin may be followed
    within = case["path"].startswith(("/redirect/same-", "/redirect/secret", "/redirect/long"))
    may_be_green = may_be_green or within or case.get("kind") == "ok"
    if done.status == 0 and (not may_be_green or "not green" in must or "is not 0" in must):
        yield "green"


def _words(done: Done) -> Iterator[str]:
    must = " ".join(done.case.get("must", []))
    shown = done.shown.lower()
    if "no order was placed" in must and "no order was placed" not in shown:
        yield f"the words 'no order was placed' are not there:\n{done.shown}"
    if "MAY exist" in must:
        placed = [order["state"] for order in done.report["orders_left_behind"]]
        if "may exist" not in shown or not placed:
            yield f"it does not say that an order may exist ({placed}):\n{done.shown}"
    if "left behind" in must and "left behind" not in shown:
        yield f"the order left behind is not shown:\n{done.shown}"


def _findings(done: Done) -> Iterator[str]:
    wanted = done.case.get("classify")
    if wanted is None:
        return
    found = [finding["database_error"] for finding in done.report["findings"]]
    errors = [error for error in found if error]
    codes = {error["sqlstate"] for error in errors if error["sqlstate"]}
    if wanted.get("sqlstate") is None:
        if codes:
            yield f"claims SQLSTATE {codes}, which nothing proves"
        return
    if wanted["sqlstate"] not in codes:
        yield f"SQLSTATE {wanted['sqlstate']} is not found: {codes}"
    names = {error["constraint_name"] for error in errors}
    if wanted.get("constraint") and wanted["constraint"] not in names:
        yield f"constraint {wanted['constraint']} is not found: {names}"


def _evidence(done: Done) -> Iterator[str]:
    """The redirect itself is evidence, and so is every partial body, also where the judge lets it pass."""
    if any("5 bytes 'moved'" in text for text in done.case.get("must", [])) and not _kept(
        done.out, hashlib.sha256(b"moved").hexdigest()
    ):
        yield "the body 'moved' of the redirect is not kept"
    received = done.case.get("received")
    if received is not None:
        sizes = [
            (body["wire_size"], body["declared_size"])
            for exchange in done.exchanges()
            if exchange["response"] is not None
            for body in [exchange["response"]["body"]]
        ]
        wanted = (received, done.case.get("declared"))
        if wanted not in sizes:
            yield f"received and declared should be {wanted}, seen: {sizes}"


def _kept(out: Path, digest: str) -> bool:
    """Whether a body of that digest has a file of its own, or lies in its event."""
    files = [path for path in out.rglob("*") if path.is_file()]
    if any(hashlib.sha256(path.read_bytes()).hexdigest() == digest for path in files):
        return True
    logs = [path.read_bytes() for path in files if path.name == "events.jsonl"]
    return any(_has_text(json.loads(line), digest) for log in logs for line in log.splitlines())


def _has_text(value: Any, digest: str) -> bool:
    if isinstance(value, list):
        return any(_has_text(each, digest) for each in value)
    if not isinstance(value, dict):
        return False
    text = value.get("text")
    if isinstance(text, str) and hashlib.sha256(text.encode()).hexdigest() == digest:
        return True
    return any(_has_text(each, digest) for each in value.values())
