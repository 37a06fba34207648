"""Streams that would go on: as many events as are asked for are taken, within the time, and kept as they came."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke.diagnostic import SmokeError
from smoke.model.exchange import Completeness
from smoke.model.run import Outcome, Run
from smoke.store import RunFolder
from tests.support.running import run_text
from tests.support.scripted import scripted
from tests.support.transport import plain
from tests.support.wire_server import Peer, Script, WireServer

SCENARIO = """\
name: a
steps:
  - name: Events
    request: {{url: /events, take_events: {count}, timeout: 1s}}
    expect: {{json: {{{expect}}}}}
"""
SENT = b'\xef\xbb\xbf: hi\n\ndata: {"n": 1}\n\nevent: order\r\nid: 7\r\ndata: {"n": 2,\r\ndata: "x": 3}\r\n\r\n'
LINES = b'{"n": 1}\n\n{"n": 2}\n'


def goes_on(media_type: bytes, data: bytes) -> Script:
    """A server that sends events a byte at a time, and then nothing more, without an end."""

    def script(peer: Peer) -> None:
        assert b"Accept-Encoding: identity" in peer.request
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: " + media_type + b"\r\n\r\n")
        peer.drip(data, pause=0.001)
        peer.hold()

    return script


def run_at(script: Script, folder: Path, count: int, expect: str) -> tuple[Run, bytes]:
    with WireServer(script) as server:
        run = run_text(folder, server.url, SCENARIO.format(count=count, expect=expect))
    assert len(server.requests) == 1
    response = run.scenarios[0].steps[0].attempts[0].exchanges[0].response
    assert response is not None
    return run, RunFolder.open(folder / "runs" / run.id).read(response.body)


@pytest.mark.parametrize("takes", ["take_events: 2", 'take_until: {"$.n": 2}'])
@pytest.mark.parametrize("status", [301, 303, 307])
def test_a_stream_behind_a_redirect_is_read_as_far(takes: str, status: int, tmp_path: Path) -> None:
    goes = goes_on(b"application/x-ndjson", LINES)

    def script(peer: Peer) -> None:
        if peer.request.startswith(b"GET /events "):
            head = f"HTTP/1.1 {status} Moved\r\nLocation: /stream\r\nContent-Length: 4\r\n\r\nmove"
            peer.send(head.encode())
            return
        assert peer.request.startswith(b"GET /stream ")
        goes(peer)

    text = f"""\
name: a
steps:
  - name: Events
    request: {{url: /events, follow_redirects: true, {takes}, timeout: 10s}}
    expect: {{json: {{"$[0].n": 1, "$[1].n": 2}}}}
"""
    with WireServer(script) as server:
        run = run_text(tmp_path, server.url, text)
    assert run.outcome is Outcome.PASSED, run.scenarios[0].steps[0].message
    exchanges = run.scenarios[0].steps[0].attempts[0].exchanges
    assert [each.response.status for each in exchanges if each.response] == [status, 200]
    assert len(server.requests) == 2


def test_server_sent_events_are_a_list_of_type_id_and_data(tmp_path: Path) -> None:
    expect = '"$[0].data.n": 1, "$[1].event": order, "$[1].id": "7", "$[1].data.x": 3'
    run, kept = run_at(goes_on(b"text/event-stream; charset=utf-8", SENT), tmp_path, 2, expect)
    assert run.outcome is Outcome.PASSED
    assert kept == SENT[:-1]  # a carriage return ends the event, whatever follows
    (exchange,) = run.scenarios[0].steps[0].attempts[0].exchanges
    assert exchange.error is None
    assert exchange.response is not None
    assert exchange.response.completeness is Completeness.UNPROVEN


def test_lines_of_json_are_a_list(tmp_path: Path) -> None:
    run, kept = run_at(goes_on(b"application/x-ndjson", LINES), tmp_path, 2, '"$[1].n": 2')
    assert run.outcome is Outcome.PASSED
    assert kept == LINES


def test_too_few_events_in_time_are_no_success_and_are_kept(tmp_path: Path) -> None:
    run, kept = run_at(goes_on(b"text/event-stream", SENT), tmp_path, 3, '"$[0].data.n": 1')
    assert run.outcome.bad
    assert kept == SENT
    (exchange,) = run.scenarios[0].steps[0].attempts[0].exchanges
    assert exchange.error is not None
    assert "total time of 1 s" in exchange.error.message


def test_an_answer_that_is_no_stream_is_read_to_its_end(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.send(plain(b'{"n": 1}\n{"n": 2}', b"Content-Type: text/plain"))

    run, kept = run_at(script, tmp_path, 1, "$.n: 1")
    assert run.outcome is Outcome.FAILED
    assert kept == b'{"n": 1}\n{"n": 2}'


UNTIL = SCENARIO.replace("take_events: {count}", "take_until: {count}")


def until(script: Script, folder: Path, wanted: str, expect: str) -> tuple[Run, bytes]:
    with WireServer(script) as server:
        run = run_text(folder, server.url, UNTIL.format(count=wanted, expect=expect))
    assert len(server.requests) == 1
    response = run.scenarios[0].steps[0].attempts[0].exchanges[0].response
    assert response is not None
    return run, RunFolder.open(folder / "runs" / run.id).read(response.body)


@pytest.mark.parametrize(
    ("media_type", "data", "wanted", "expect"),
    [
        (b"text/event-stream", SENT, "{$.event: order, $.data.x: 3}", '"$[-1].id": "7"'),
        (b"text/event-stream", b": \r\rretry: 3\rdata: hi\r\r", "{$.data: hi}", '"$[0].data": hi'),
        (b"application/x-ndjson", LINES, "{$.n: {at_least: 2}}", '"$[-1].n": 2'),
    ],
)
def test_a_stream_is_read_up_to_the_event_that_is_wanted(
    media_type: bytes, data: bytes, wanted: str, expect: str, tmp_path: Path
) -> None:
    run, kept = until(goes_on(media_type, data), tmp_path, wanted, expect)
    assert run.outcome is Outcome.PASSED, run.scenarios[0].steps[0].message
    assert kept in (data, data[:-1])


ENDS = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: "


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (goes_on(b"text/event-stream", SENT), "2 events came, none as expected"),
        (goes_on(b"text/event-stream", b": hi\n\n"), "no event came"),
        (lambda peer: peer.send(ENDS + b"application/jsonl\r\n\n[]"), "one event came"),
        (lambda peer: peer.send(plain(b"{}", b"Content-Type: text/plain")), "is no stream"),
        (lambda peer: peer.send(ENDS + b"application/jsonl\r\n\nno json"), "one event came"),
    ],
    ids=["time over", "only a comment", "ended", "no stream", "no json"],
)
def test_an_event_that_does_not_come_is_told(script: Script, words: str, tmp_path: Path) -> None:
    run, _ = until(script, tmp_path, "{$.data.n: 9}", '"$": {exists: true}')
    assert run.outcome is Outcome.FAILED
    first = run.scenarios[0].steps[0].attempts[0].mismatches[0]
    assert (first.path, first.expected) == ("take_until", {"$.data.n": 9})
    assert words in first.message


def test_a_last_line_without_an_end_is_an_event(tmp_path: Path) -> None:
    ends = ENDS + b'application/jsonl\r\n\r\n{"n": 1}\n{"n": 2}'
    run, _ = until(lambda peer: peer.send(ends), tmp_path, "{$.n: 2}", '"$[1].n": 2')
    assert run.outcome is Outcome.PASSED


BAD = [
    ("{url: /x, take_until: {}}", "take_until"),
    ("{url: /x, take_until: {$.a: {exist: true, equals: 1}}}", "did you mean 'exists'"),
    ("{url: /x, take_until: {a: 1}}", "JSONPath"),
    ("{url: /x, take_until: {$.a: 1}, take_events: 3}", "not both"),
    ("{url: /x, take_unti: {$.a: 1}}", "did you mean 'take_until'"),
    ("{url: /x, take_events: 0}", "take_events"),
    ("{url: /x, take_events: many}", "take_events"),
    ("{url: /x, take_event: 3}", "did you mean 'take_events'"),
]


@pytest.mark.parametrize(("request_", "words"), BAD, ids=[each for each, _ in BAD])
def test_a_mistake_is_told_before_anything_is_sent(
    request_: str, words: str, tmp_path: Path
) -> None:
    text = f"name: a\nsteps:\n  - name: x\n    request: {request_}\n"
    with scripted() as shop, pytest.raises(SmokeError) as refused:
        run_text(tmp_path, shop.url, text)
    (only,) = refused.value.diagnostics
    assert words in f"{only.message} {only.label} did you mean '{only.suggestion}'"
    assert only.span is not None
    assert only.span.line == 4
    assert shop.seen == []
