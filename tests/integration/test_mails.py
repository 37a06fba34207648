"""Mails that a shop sent, in an inbox whose API answers as Mailpit's and MailHog's do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from smoke.steps import _mails
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

HTML = '<h1>Thank you, Grüße</h1><a class="confirm" href="https://shop.example/c?order=o-1&amp;n=2">Confirm</a>'
TEXT = "Thank you. Your code is 481516.\n"
SUBJECT = "Your order – Grüße"


def mail(to: str, html: str = HTML, text: str = TEXT) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", f"Ada <{to}>", SUBJECT
    message.set_content(text, cte="quoted-printable")
    if html:
        message.add_alternative(html, subtype="html", cte="base64")
    return message


def as_mailpit(to: str, html: str = HTML, text: str = TEXT) -> dict[str, Any]:
    return {
        "ID": "m1",
        "MessageID": "1@shop",
        "From": {"Name": "Shop", "Address": "shop@example.com"},
        "To": [{"Name": "Ada", "Address": to}],
        "Cc": None,
        "Bcc": [],
        "Subject": SUBJECT,
        "Date": "2026-01-01T00:00:00Z",
        "Text": text,
        "HTML": html,
    }


def as_mailhog(*mails: EmailMessage) -> dict[str, Any]:
    items = [
        {"ID": str(number), "Raw": {"From": "", "To": [], "Data": message.as_string()}}
        for number, message in enumerate(mails)
    ]
    return {"total": len(items), "count": len(items), "start": 0, "items": items}


@pytest.fixture
def inbox() -> Iterator[Shop]:
    with scripted() as running:
        yield running


STEP = """
name: mailed
variables: {email: ada@example.com}
steps:
  - name: It came
    mail: {inbox: INBOX, server: SERVER, to: "{{ email }}", subject: your orderMORE}
    until: {deadline: 5s, every: 20ms}
    EXPECT
  - name: Use
    request: GET /use?c={{ code }}&l={{ link }}
"""
BY_HTML = """expect: {headers: {subject: {contains: Grüße}}, html: {h1: {contains: "Thank you, Grüße"}}}
    capture: {link: {html: a.confirm@href}, code: {header: from}}"""
BY_TEXT = """expect: {text: Thank you}
    capture: {link: {header: to}, code: {regex: "code is ([0-9]{6})"}}"""


def looked(inbox: Shop, folder: Path, server: str, expect: str = BY_HTML, more: str = "") -> Run:
    text = STEP.replace("INBOX", inbox.url).replace("SERVER", server)
    text = text.replace("EXPECT", expect).replace("MORE", more)
    return run_text(folder, inbox.url, text)


ROUTES = {"mailpit": "GET /api/v1/message/latest", "mailhog": "GET /api/v2/search"}


def late(inbox: Shop, server: str, answer: object) -> None:
    """The mail is there at the third look."""
    nothing = (404, b"Message not found") if server == "mailpit" else (200, b'{"items":[]}')

    def look(_body: bytes) -> Answer:
        if len(inbox.seen) < 3:
            return nothing[0], {}, nothing[1]
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    inbox.routes[ROUTES[server]] = look


@pytest.mark.parametrize("server", sorted(ROUTES))
@pytest.mark.parametrize(
    ("expect", "more", "used"),
    [
        (BY_HTML, "", {"l": "https://shop.example/c?order=o-1&n=2", "c": "shop@example.com"}),
        (BY_TEXT, ", part: text", {"l": "ada@example.com", "c": "481516"}),
    ],
)
def test_it_is_waited_for_and_a_link_or_a_code_is_taken_from_it(
    server: str, expect: str, more: str, used: dict[str, str], inbox: Shop, tmp_path: Path
) -> None:
    mails = as_mailpit("Ada@Example.com")
    others = mail("xada@example.com"), mail("ada@example.com")
    late(inbox, server, mails if server == "mailpit" else as_mailhog(*others))
    inbox.on("GET /use", 200, {})
    run = looked(inbox, tmp_path, server, expect, more)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    first, second = urlsplit(inbox.seen[0][1]), urlsplit(inbox.seen[3][1])
    assert len(inbox.seen) == 4
    asked = {name: value for name, (value,) in parse_qs(first.query).items()}
    if server == "mailpit":
        assert asked == {"query": 'to:"ada@example.com" subject:"your order"'}
    else:
        assert asked == {"kind": "to", "query": "ada@example.com", "limit": "10"}
    found = {
        name: value.removeprefix("Ada <").rstrip(">")
        for name, (value,) in parse_qs(second.query).items()
    }
    assert {name: value.lower() for name, value in found.items()} == used


@pytest.mark.parametrize(
    ("server", "status", "answer", "words"),
    [
        (
            "mailpit",
            404,
            b"Message not found",
            "there is no mail to ada@example.com with 'your order'",
        ),
        ("mailpit", 200, as_mailpit("xada@example.com"), "there is no mail to ada@example.com"),
        ("mailpit", 200, as_mailpit("ada@example.com", html="", text=""), "the mail has no text"),
        ("mailpit", 200, b"<html>", "did not answer as mailpit does: no JSON"),
        ("mailpit", 200, [1], "did not answer as mailpit does: JSON of another shape"),
        ("mailpit", 401, b"who", "expected 2xx"),
        ("mailhog", 200, as_mailhog(), "there is no mail to ada@example.com"),
        ("mailhog", 200, as_mailhog(mail("eve@example.com")), "there is no mail to ada@"),
        ("mailhog", 200, {"items": 7}, "its list of mails is none"),
        ("mailhog", 200, {"items": [7]}, "JSON of another shape"),
        ("mailhog", 404, b"no", "expected 2xx"),
    ],
)
def test_what_is_not_there_is_told(
    server: str, status: int, answer: object, words: str, inbox: Shop, tmp_path: Path
) -> None:
    inbox.on(ROUTES[server], status, answer)
    text = STEP.replace("INBOX", inbox.url).replace("SERVER", server).replace("MORE", "")
    text = text.replace("EXPECT", BY_HTML).replace("until: {deadline: 5s, every: 20ms}", "")
    step = run_text(tmp_path, inbox.url, text).scenarios[0].steps[0]
    assert step.outcome is Outcome.FAILED
    assert words in step.message
    assert len(inbox.seen) == 1


def test_an_inbox_elsewhere_is_asked_only_when_it_is_allowed(inbox: Shop, tmp_path: Path) -> None:
    inbox.on(ROUTES["mailpit"], 200, as_mailpit("ada@example.com"))
    text = STEP.replace("INBOX", inbox.url).replace("SERVER", "mailpit").replace("MORE", "")
    text = text.replace("EXPECT", BY_HTML).partition("  - name: Use")[0]
    text = text.replace("deadline: 5s", "deadline: 100ms")
    with scripted() as shop:
        options = RunOptions(allow_hosts=(inbox.url,))
        for chosen, outcome, asked in ((None, Outcome.ERRORED, 0), (options, Outcome.PASSED, 1)):
            run = run_text(tmp_path, shop.url, text, options=chosen)
            assert run.outcome is outcome
            assert len(inbox.seen) == asked
        assert shop.seen == []


def test_a_secret_of_a_mail_is_masked_in_the_evidence(inbox: Shop, tmp_path: Path) -> None:
    link = "https://shop.example/reset?token=tok-12345678"
    html = f'<a class="confirm" href="{link}">card 4242424242424242</a><h1>Thank you, Grüße</h1>'
    inbox.on(ROUTES["mailpit"], 200, as_mailpit("ada@example.com", html=html))
    inbox.on("GET /use", 200, {})
    run = looked(inbox, tmp_path, "mailpit")
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert parse_qs(urlsplit(inbox.seen[-1][1]).query)["l"] == [link]
    kept = b"".join(p.read_bytes() for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert b"tok-12345678" not in kept
    assert b"4242424242424242" not in kept


def _nested(depth: int) -> str:
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)
    )
    return f"Subject: x\n{head}Content-Type: text/plain\n\nhello\n"


@pytest.mark.parametrize(
    "data",
    [
        _nested(5_000),
        "Subject: =?utf-8?b?" + "A" * 100_000 + "?=\n\nx",
        "Subject: =?no-such?q?x?=\nTo: " + "<" * 50_000 + "\n\nx",
        "Content-Type: text/html; charset=zlib_codec\n\nx",
        "Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n" + "=" * 100_000,
        "\x00" * 1000,
        "x" * (5 * 1024 * 1024),
    ],
    ids=["nested", "words", "address", "codec", "base64", "zeros", "large"],
)
def test_a_hostile_mail_is_read_or_refused(data: str) -> None:
    body = json.dumps({"items": [{"Raw": {"To": ["<a@b.example>"], "Data": data}}]}).encode()
    try:
        (found,) = _mails.mailhog(body)
    except _mails.NoMailsError:
        return
    assert len(found.subject) <= 3_000


WRONG = [
    ("inbox: localhost:8025, to: a@b.example", "a URL begins with"),
    ("inbox: http://127.0.0.1:1, to: ada", "to is an address"),
    ("inbox: http://127.0.0.1:1, to: a@b.example, server: mailcatcher", "'mailpit'"),
    ("inbox: http://127.0.0.1:1, too: a@b.example", "did you mean 'to'?"),
    ("inbox: http://127.0.0.1:1, to: a@b.example, subject: 'say \"hi\"'", 'has a " in it'),
    ("inbox: http://127.0.0.1:1, to: a@b.example, part: attachment", "'text'"),
    ("inbox: http://127.0.0.1:1, to: '{{ quoted }}'", 'there is a " in it'),
    ("inbox: http://127.0.0.1:1, to: '{{ quotd }}'", "did you mean 'quoted'?"),
]


@pytest.mark.parametrize(("keys", "words"), WRONG)
def test_a_mistake_is_told_with_its_place_and_nothing_is_sent(
    keys: str, words: str, inbox: Shop, tmp_path: Path
) -> None:
    text = f"""\
name: wrong
variables: {{quoted: 'a"b@c.example'}}
steps:
  - name: First
    request: GET /first
  - name: Mail
    mail: {{{keys}}}
"""
    with pytest.raises(SmokeError) as caught:
        run_text(tmp_path, inbox.url, text)
    found = caught.value.diagnostics
    assert any(words in f"{each.message} {each.label}" for each in found), found
    assert all(each.span is not None and each.span.line == 7 for each in found)
    assert inbox.paths() == []


def test_the_scenario_of_the_manual_does_what_it_says(inbox: Shop, tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "mails.md"
    text = next(b.text for b in blocks_of(page) if "name: mail-with-a-link" in b.text)

    def latest(_body: bytes) -> Answer:
        to = parse_qs(urlsplit(inbox.seen[-1][1]).query)["query"][0].split('"')[1]
        html = HTML.replace("https://shop.example", inbox.url)
        return 200, {}, json.dumps(as_mailpit(to, html=html)).encode()

    inbox.routes[ROUTES["mailpit"]] = latest
    inbox.on("POST /api/shop", 201, {"id": "o-1"})
    inbox.on("GET /c", 200, {"status": "confirmed"})
    (tmp_path / "it.yaml").write_text(text)
    text = text.replace("http://127.0.0.1:8025", inbox.url)
    run = run_text(tmp_path, inbox.url, text)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert [path.partition("?")[0] for path in inbox.paths()] == [
        "POST /api/shop",
        "GET /api/v1/message/latest",
        "GET /c",
    ]
