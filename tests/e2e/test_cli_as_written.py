"""What is sent is what is written in the file or the answer, to the last digit, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.support.cli import smoke
from tests.support.wire_server import Peer, WireServer

SPELLINGS = (
    "1.10", "1e3", "1.0", "-0", "0.10", "1E+2", "12345678901234567890", "-1.50", "5",
    "0.1000000000000000055511151231257827", "12345678901234567890.10", "100000000000000000000000.0",
)  # fmt: skip
TEXTS = ("1_000", "yes", "NO", "2024-01-01", "12:30:00", "1.2.3", ".inf", ".nan", "1e999", "0b1")
REFUSED = ("0x1F", "0o17", ".5", "+1", "007", "5.", "+1.5", "00.5", "1.e3", "-007")
WORDS = ("True", "TRUE", "Null", "~", "False")

ANSWER = """{"price": 12.50, "id": 12345678901234567890, "e": 1e2, "list": [1.10, {"in": 2.0}], "version": 3.10}"""


def shop(peer: Peer) -> None:
    body = ANSWER.encode()
    peer.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Version: 1.10\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def run(folder: Path, text: str, *more: str) -> tuple[int, str, list[bytes]]:
    """Exit status, output, and the requests of a scenario."""
    return run_all(folder, {"it": text}, *more)


def batched(requests: list[bytes], size: int) -> list[list[bytes]]:
    """The requests of each scenario."""
    return [requests[at : at + size] for at in range(0, len(requests), size)]


def run_all(folder: Path, texts: dict[str, str], *more: str) -> tuple[int, str, list[bytes]]:
    """The same of several, one after the other in one process."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with WireServer(shop) as server:
        done = smoke(
            ["run", *(f"{name}.yaml" for name in texts), "--url", server.url, *more], folder
        )
        return done.returncode, done.stdout + done.stderr, server.requests


def parts(request: bytes) -> tuple[dict[str, str], dict[str, str], str]:
    """Query, headers (names in lower case) and body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    return dict(parse_qsl(urlsplit(first.split(" ")[1]).query)), headers, body.decode()


def test_an_unquoted_value_goes_out_as_it_is_written(tmp_path: Path) -> None:
    values = [*SPELLINGS, *TEXTS]
    texts = {
        f"it-{number}": f"""
name: it-{number}
variables: {{amount: {written}}}
steps:
  - name: form
    request:
      method: POST
      url: "/p/{{{{ amount }}}}"
      query: {{a: {written}, l: [{written}], t: "{{{{ amount }}}}-x"}}
      headers: {{x-a: {written}, x-v: "{{{{ amount }}}}"}}
      form: {{a: {written}, v: "{{{{ amount }}}}"}}
  - name: text
    for_each: [{written}]
    request: {{method: POST, url: /, text: "{{{{ item }}}} {{{{ amount | json }}}} {{{{ amount | string }}}}"}}
  - name: multi
    request: {{method: POST, url: /, multipart: {{a: {written}, v: "{{{{ amount }}}}"}}}}
"""
        for number, written in enumerate(values)
    }
    status, told, requests = run_all(tmp_path, texts)
    assert status == 0, told
    for written, (form, text, multi) in zip(values, batched(requests, 3), strict=True):
        query, headers, body = parts(form)
        assert unquote(form.split(b" ")[1].decode().partition("?")[0]) == f"/p/{written}"
        assert query == {"a": written, "l": written, "t": f"{written}-x"}
        assert (headers["x-a"], headers["x-v"]) == (written, written)
        assert dict(parse_qsl(body)) == {"a": written, "v": written}
        as_json = json.dumps(written) if written in TEXTS else written
        assert parts(text)[2] == f"{written} {as_json} {written}"
        assert parts(multi)[2].count(f"\r\n\r\n{written}\r\n") == 2


def test_a_json_number_keeps_its_spelling(tmp_path: Path) -> None:
    texts = {
        f"it-{number}": f"""
name: it-{number}
variables: {{amount: {written}}}
steps:
  - name: plain
    request: {{method: POST, url: /, json: {{a: {written}, l: [{written}, {{b: "{{{{ amount }}}}"}}]}}}}
  - name: graphql
    request: {{method: POST, url: /, graphql: {{query: "{{ a }}", variables: {{a: {written}}}}}}}
"""
        for number, written in enumerate(SPELLINGS)
    }
    status, told, requests = run_all(tmp_path, texts)
    assert status == 0, told
    for written, (plain, graphql) in zip(SPELLINGS, batched(requests, 2), strict=True):
        assert parts(plain)[2] == f'{{"a":{written},"l":[{written},{{"b":{written}}}]}}'
        assert f'"variables":{{"a":{written}}}' in parts(graphql)[2]


def test_a_value_of_an_answer_is_sent_on_as_it_came(tmp_path: Path) -> None:
    status, told, requests = run(
        tmp_path,
        """
name: it
variables: {given: 1.0}
steps:
  - name: ask
    request: /
    capture: {price: $.price, id: $.id, list: $.list, e: $.e, nothing: {json: $.nothing, optional: true}}
    expect:
      json: {$.price: 12.5, $.e: {at_least: 100, at_most: 100.0}, "$.list": {contains: 1.1}}
      headers: {x-version: 1.10}
  - name: send
    for_each: "{{ list }}"
    when: {value: "{{ price }}", equals: 12.500}
    request:
      method: POST
      url: "/{{ price }}/{{ id }}"
      query: {p: "{{ price }}", d: "{{ nothing | default(1.20) }}"}
      json: {p: "{{ price }}", l: "{{ list }}", g: "{{ given }}", e: "{{ e }}", i: "{{ item }}", t: "{{ list }}!"}
""",
        "--var",
        "given=7.00",
        "--report",
        "json=report.json",
    )
    assert status == 0, told
    send = requests[1]
    assert send.startswith(b"POST /12.50/12345678901234567890?p=12.50&d=1.20 ")
    assert parts(send)[2] == (
        '{"p":12.50,"l":[1.10,{"in":2.0}],"g":7.00,"e":1e2,"i":1.10,"t":"[1.10,{\\"in\\":2.0}]!"}'
    )
    report = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert '"value": 12.50,' in report  # the evidence keeps it too
    assert '"name": "price"' in report


def test_a_number_that_differs_is_told_as_it_came(tmp_path: Path) -> None:
    status, told, _ = run(
        tmp_path,
        """
name: it
steps:
  - name: ask
    request: /
    expect: {json: {$.price: 12.60, $.version: "3.10"}}
""",
    )
    assert status == 1
    assert "expected 12.60, got 12.50" in told


def test_the_version_that_an_answer_names_keeps_its_zero(tmp_path: Path) -> None:
    text = "name: it\nsteps:\n  - name: ask\n    request: /\n"
    ready = ("--ready", "/v", "--version-from", "json:$.version", "--ready-timeout", "1s")
    assert run(tmp_path, text, *ready, "--expect-version", "3.10")[0] == 0


@pytest.mark.parametrize("written", REFUSED)
def test_a_number_that_nobody_can_send_as_written_is_refused(written: str, tmp_path: Path) -> None:
    text = f"name: it\nsteps:\n  - name: a\n    request: {{method: POST, url: /, form: {{a: {written}}}}}\n"
    status, told, requests = run(tmp_path, text)
    assert status == 2
    assert requests == []
    assert f"write '{written}' to keep it as it is" in told
    assert f"it.yaml:4:{text.splitlines()[3].index(written) + 1}" in told


@pytest.mark.parametrize("written", WORDS)
@pytest.mark.parametrize("place", ["form", "query", "headers", "multipart", "variables"])
def test_a_word_that_would_be_sent_as_another_is_refused(
    place: str, written: str, tmp_path: Path
) -> None:
    line = f"{place}: {{a: {written}}}"
    top, inner = (line, "") if place == "variables" else ("", f", {line}")
    text = f"name: it\n{top}\nsteps:\n  - name: a\n    request: {{method: POST, url: /{inner}}}\n"
    status, told, requests = run(tmp_path, text)
    assert (status, requests) == (2, [])
    assert f"write '{written}' to send it as it is" in told


def test_such_a_word_is_the_value_where_no_text_is_made_of_it(tmp_path: Path) -> None:
    status, told, requests = run(
        tmp_path,
        """
name: it
steps:
  - name: a
    request: {method: POST, url: /, json: {form: {a: True, b: ~}}, follow_redirects: True}
    capture: {query: {json: $.none, optional: True}}
""",
    )
    assert status == 0, told
    assert parts(requests[0])[2] == '{"form":{"a":true,"b":null}}'


def test_braces_are_sent_when_they_are_quoted_in_a_template(tmp_path: Path) -> None:
    status, told, requests = run(
        tmp_path,
        """
name: it
variables: {b: x}
steps:
  - name: a
    request: {method: POST, url: /, text: "{{ '{{' }} {{ b }} }} {{ \\"it's {{ \\" }}"}
""",
    )
    assert status == 0, told
    assert parts(requests[0])[2] == "{{ x }} it's {{ "


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "this is no text, but a PNG image: byte 0x89 at offset 0"),
        (b"PK\x03\x04\x14\0\0\0", "this is no text, but a ZIP archive"),
        (b"\x00\x01\x02\x03\x04\x05\x06\xfe", "this is no text, but binary data"),
        ("name: x\n".encode("utf-16-le"), "it may be UTF-16"),
        ("name: Größe\n".encode("latin-1"), "byte 0xf6 at offset 8 cannot be read"),
    ],
)
def test_a_file_that_is_no_text_is_told_with_its_first_bad_byte(
    data: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "it.yaml").write_bytes(data)
    done = smoke(["check", "it.yaml"], tmp_path)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
