"""curl command lines: three shells' quoting, what the flags mean, and what is refused with its place."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from smoke.importers import read_recording
from smoke.importers.curl import read
from smoke.recording.records import RecordedRequest
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse
from tests.support.importing import document_of, made_of

URL = "https://shop.example/api"


def one(text: str) -> RecordedRequest:
    (found,) = read_recording(text.encode(), "a.sh")
    return found


BODIES = {
    "bash": (
        "curl 'https://shop.example/api' \\\n  -H 'accept: a' --data-raw '{\"a\":\"it'\\''s\"}'",
        '{"a":"it\'s"}',
    ),
    "bash double": (f'curl "{URL}" -d "a=\\"b\\"\\\nc"', 'a="b"c'),
    "bash ansi": (f"curl {URL} --data-raw $'a\\n\\u0021\\'b'", "a\n!'b"),
    "cmd": (
        f'curl ^"{URL}^" ^\n  -H ^"accept: a^" ^\n  --data-raw ^"^{{^\\^"a^\\^":^\\^"50^%^\\^"^}}^"',
        '{"a":"50%"}',
    ),
    "cmd line": (f'curl ^"{URL}^" ^\n  --data-raw ^"a^\n\nb^"', "a\nb"),
    "powershell": (f"curl.exe '{URL}' `\n  -H 'accept: a' `\n  --data-raw 'it''s $a'", "it's $a"),
    "powershell double": (f'curl.exe "{URL}" `\n -d "a`"b`$c"', 'a"b$c'),
    "several": (f"curl {URL} -d a=1 -d b=2", "a=1&b=2"),
    "encoded": (
        f"curl {URL} --data-urlencode 'a=b c&d' --data-urlencode '=x y'",
        "a=b%20c%26d&x%20y",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_shells_quoting_is_undone(name: str) -> None:
    text, body = BODIES[name]
    found = one(text)
    assert (found.method, found.url, found.body.decode()) == ("POST", URL, body)


@pytest.mark.parametrize(
    ("flags", "method", "url", "header"),
    [
        ("-X put -d a=1", "PUT", URL, ("content-type", "application/x-www-form-urlencoded")),
        ("-XDELETE", "DELETE", URL, ("", "")),
        ("--json '{}'", "POST", URL, ("content-type", "application/json")),
        ("-G -d a=1 -d b=2", "GET", f"{URL}?a=1&b=2", ("", "")),
        ("-u ann:x", "GET", URL, ("authorization", f"Basic {base64.b64encode(b'ann:x').decode()}")),
        ("-b 'a=1; b=2'", "GET", URL, ("cookie", "a=1; b=2")),
        ("-sSL --compressed -I", "HEAD", URL, ("", "")),
        ("--oauth2-bearer t", "GET", URL, ("authorization", "Bearer t")),
    ],
)
def test_a_flag_means_what_it_means_to_curl(
    flags: str, method: str, url: str, header: tuple[str, str]
) -> None:
    found = one(f"curl {flags} {URL}")
    assert (found.method, found.url) == (method, url)
    assert found.header(header[0]) == header[1]


def test_commands_of_a_text_come_in_their_order_and_other_lines_do_not_count() -> None:
    text = f"# first\n$ curl {URL}/1 ;\ncurl {URL}/2 &&\n\necho done\ncurl -F a=1 {URL}/3\n"
    found = list(read(text.encode(), "a.sh"))
    assert [each.url[-1] for each in found] == ["1", "2", "3"]
    assert [each.place for each in found] == ["line 2", "line 3", "line 6"]
    assert found[2].fields == (("a", "1"),)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f"\ncurl {URL} --frob", 2, "does not know curl's --frob"),
        (f"curl {URL} \\\n --headr x", 2, "--headr"),
        ("curl", 1, "one URL"),
        (f"curl {URL} {URL}", 1, "one URL"),
        ("curl 'http://a b'", 1, "a URL is expected"),
        ("curl 'http://[x'", 1, "a URL is expected"),
        (f"curl {URL} -d @body.json", 1, "a file beside"),
        (f"curl {URL} -F a=@x.png", 1, "a file beside"),
        (f"curl {URL} -b jar.txt", 1, "a file of cookies"),
        (f"curl {URL} -H", 1, "has no value"),
        (f"\n\ncurl '{URL}", 3, "never closed"),
        (f'curl "{URL}\\', 1, "never closed"),
    ],
)
def test_what_cannot_be_taken_over_is_told_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(SmokeError) as refused:
        list(read(text.encode(), "a.sh"))
    (problem,) = refused.value.diagnostics
    assert said in problem.message
    assert problem.span is not None
    assert problem.span.line == line


TAKEN = {
    "| jq -r .data.id": "$.data.id",
    "| jq -re '.carts[0].id'": "$.carts[0].id",
    "| jq -r '.[0].id'": "$[0].id",
    "| grep -oP 'id=\\K[0-9]+' | head -1": {"regex": "id=([0-9]+)"},
    "| grep -oE 'ORD-[0-9]+'": {"regex": "ORD-[0-9]+"},
    "| jq -r '.id | tostring'": None,
    "| grep -oP '(a)\\K(b)'": None,
    "| grep -oP '(unclosed'": None,
    "| python3 -c 'print(1)'": None,
    "": None,
}


@pytest.mark.parametrize(("pipe", "spec"), TAKEN.items(), ids=TAKEN)
def test_what_a_script_takes_of_an_answer_is_captured(pipe: str, spec: object) -> None:
    made = made_of(f'ID=$(curl {URL}/carts -d a=1 {pipe})\ncurl -d b=1 "{URL}/carts/${{ID}}/done"')
    document: Any = plain(parse(made.text.encode(), "it.yaml").root)
    first, second = document["steps"]
    assert second["request"]["url"] == "/api/carts/{{ id }}/done"
    assert first.get("capture") == (None if spec is None else {"id": spec})
    assert [*made.unread] == (
        []
        if spec
        else ["line 1: what ID takes of the answer is not understood: give the step a capture"]
    )


def test_variables_of_a_script_are_those_of_the_scenario() -> None:
    """Only those that it sets, and only where the shell would put them in."""
    text = (
        f"export BASE={URL}\nSKU='tea'\nQTY=2\nNOTE=\"for $SKU\"\n"
        'curl "$BASE/orders" -H "x-api-key: $KEY" -H \'x-a: $SKU\' -H \'content-type: application/json\' -d \'{"sku": "\'$SKU\'", "n": \'"$QTY"\', "note": "\'"$NOTE"\'"}\''
    )
    document = document_of(text)
    assert document["variables"] == {"sku": "tea", "qty": 2, "note": "for {{ sku }}"}
    (step,) = document["steps"]
    assert step["request"]["headers"] == {"x-api-key": "{{ secrets.KEY }}", "x-a": "$SKU"}
    assert step["request"]["json"] == {"sku": "{{ sku }}", "n": "{{ qty }}", "note": "{{ note }}"}


def test_a_file_of_cookies_is_the_customers_jar_where_the_script_writes_it() -> None:
    (first, second) = document_of(f"curl -c jar {URL}/a -d a=1\ncurl -b jar {URL}/b -d b=1")[
        "steps"
    ]
    assert "headers" not in {**first["request"], **second["request"]}
    with pytest.raises(SmokeError, match="a file of cookies is not read"):
        made_of(f"curl -c jar {URL}/a -d a=1\ncurl -b other {URL}/b -d b=1")
