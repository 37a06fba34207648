"""The log of a Supabase project, asked over HTTP at a scripted API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from smoke.app.supabase_log import SupabaseLog
from smoke.diagnostic import SmokeError
from smoke.logs.match import How, Wanted, find_error
from tests.support.scripted import Shop, scripted

AT = datetime(2026, 11, 23, 9, 30, 0, tzinfo=UTC)
WANTED = Wanted(started=AT, finished=AT)
TOKEN = "sbp_4242424242abcdef"
ENVIRON = {"SUPABASE_ACCESS_TOKEN": TOKEN}
PROJECT = "abcdefghijklmnopqrst"
PATH = f"/v1/projects/{PROJECT}/analytics/endpoints"
FIELDS = {
    "error_severity": "ERROR",
    "sql_state_code": "23505",
    "detail": "Key (a, b)=(1, x) already exists.",
    "application_name": "shop req_aaaaaaaa",
}
MESSAGE = 'duplicate key value violates unique constraint "jobs_uq"'
TODAY = {
    "timestamp": "2026-11-23T09:30:00.215000",
    "event_message": MESSAGE,
    "log_attributes": {f"parsed.{name}": value for name, value in FIELDS.items()},
}
BEFORE = {
    "timestamp": int(AT.timestamp() * 1e6) + 215_000,
    "event_message": MESSAGE,
    "metadata": [{"parsed": [FIELDS]}],
}


@pytest.fixture
def api() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def opened(api: Shop, source: str = f"supabase:{PROJECT}", **more: str) -> SupabaseLog:
    return SupabaseLog(
        source, more or ENVIRON, started=AT, ended=AT + timedelta(seconds=3), api=api.url
    )


@pytest.mark.parametrize(
    "row", [TODAY, {**TODAY, "log_attributes": json.dumps(TODAY["log_attributes"])}]
)
def test_the_error_is_found_by_its_request_id(api: Shop, row: dict[str, object]) -> None:
    api.on(f"GET {PATH}/logs", body={"result": [row]})
    log = opened(api)
    entries = log.entries(WANTED)
    assert entries[0].at == AT + timedelta(milliseconds=215)
    answer = find_error(entries, Wanted(AT, AT + timedelta(seconds=1), ids=("req_aaaaaaaa",)))
    assert answer.how is How.ID
    assert answer.error is not None
    assert (answer.error.sqlstate, answer.error.constraint_name) == ("23505", "jobs_uq")
    assert answer.error.columns == ("a", "b")


def test_it_is_asked_for_the_time_of_the_exchange_and_not_again_at_once(api: Shop) -> None:
    api.on(f"GET {PATH}/logs", body={"result": []})
    log = opened(api)
    assert log.entries(WANTED) == log.entries(WANTED) == []
    ((_, url, headers, _),) = api.seen
    asked = parse_qs(urlsplit(url).query)
    assert asked["iso_timestamp_start"] == ["2026-11-23T09:29:30Z"]
    assert asked["iso_timestamp_end"] == ["2026-11-23T09:30:30Z"]
    assert "postgres_logs" in asked["sql"][0]
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in url


def answering(api: Shop, *answers: tuple[int, dict[str, str], object]) -> None:
    """One answer after the other."""
    left = list(answers)

    def answer(_body: bytes) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = left.pop(0)
        return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()

    api.routes[f"GET {PATH}/logs"] = answer


def test_a_page_that_is_full_is_turned(api: Shop) -> None:
    since = int(AT.timestamp() * 1e6) + 5_000_000
    crowd = [{**BEFORE, "timestamp": since + n} for n in range(1000)]
    answering(api, (200, {}, {"result": crowd}), (200, {}, {"result": [BEFORE]}))
    entries = opened(api).entries(WANTED)
    assert len(entries) == 1001
    assert entries[-1].at == AT + timedelta(milliseconds=215)
    asked = [parse_qs(urlsplit(url).query)["iso_timestamp_end"] for _, url, _, _ in api.seen]
    assert asked == [["2026-11-23T09:30:30Z"], ["2026-11-23T09:30:06Z"]]


def test_it_waits_when_it_asked_too_often(api: Shop) -> None:
    answering(api, (429, {"Retry-After": "0"}, {}), (200, {}, {"result": [BEFORE]}))
    assert len(opened(api).entries(WANTED)) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(401, "expired"), (403, "analytics:read"), (404, "reference"), (429, "later")]
)  # fmt: skip
def test_what_to_do_about_a_refusal_is_told(api: Shop, status: int, words: str) -> None:
    for endpoint in ("logs", "logs.all"):
        api.on(f"GET {PATH}/{endpoint}", status, {"message": "no"}, Retry_After="0")
    with pytest.raises(SmokeError) as caught:
        opened(api).entries(WANTED)
    assert words in caught.value.diagnostics[0].notes[0].message


@pytest.mark.parametrize("answer", [(404, {"message": "Cannot GET"}), (200, {"error": "no table"})])
def test_a_project_with_the_former_endpoint_is_asked_there(
    api: Shop, answer: tuple[int, object]
) -> None:
    api.on(f"GET {PATH}/logs", *answer)
    api.on(f"GET {PATH}/logs.all", body={"result": [BEFORE]})
    (entry,) = opened(api).entries(WANTED)
    assert (entry.sqlstate, entry.at) == ("23505", AT + timedelta(milliseconds=215))


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, {"message": "Unauthorized"}), (200, b"<html>"), (302, b""), (500, b""), (0, b"")],
)
def test_an_answer_that_is_none_is_told_without_the_token(
    api: Shop, status: int, body: object
) -> None:
    for endpoint in ("logs", "logs.all"):
        api.on(f"GET {PATH}/{endpoint}", status, body, Location="http://127.0.0.1:1/")
    with pytest.raises(SmokeError) as caught:
        opened(api).entries(WANTED)
    assert caught.value.diagnostics[0].code == "unreadable-log"
    assert TOKEN not in repr(caught.value.diagnostics)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"message": "unknown column parsed"}, "HTTP 400, unknown column parsed"),
        (404, {"message": "Project not found"}, "HTTP 404, Project not found"),
        (200, {"error": {"message": "query timed out"}}, "HTTP 200, query timed out"),
        (429, {"message": "Too many requests"}, "HTTP 429, Too many requests"),
        (400, {"message": f"bad token {TOKEN}"}, "HTTP 400, bad token [token]"),
        (502, b"<html>bad gateway</html>", "HTTP 502, the answer is no JSON"),
    ],
)
def test_the_first_answer_is_told_and_not_that_the_former_endpoint_is_gone(
    api: Shop, status: int, body: object, words: str
) -> None:
    api.on(f"GET {PATH}/logs", status, body)
    api.on(f"GET {PATH}/logs.all", 410, {"message": "this endpoint was removed"})
    with pytest.raises(SmokeError) as caught:
        opened(api).entries(WANTED)
    assert caught.value.diagnostics[0].message.endswith(words)
    assert TOKEN not in repr(caught.value.diagnostics)


@pytest.mark.parametrize(
    ("source", "environ", "code"),
    [
        (f"supabase:{PROJECT}", {"OTHER": "x"}, "missing-environment"),
        ("supabase:../../x", ENVIRON, "bad-option"),
        ("supabase:", ENVIRON, "bad-option"),
    ],
)
def test_what_cannot_be_asked_is_told_at_once(
    api: Shop, source: str, environ: dict[str, str], code: str
) -> None:
    with pytest.raises(SmokeError) as caught:
        opened(api, source, **environ)
    assert caught.value.diagnostics[0].code == code
    assert api.seen == []
