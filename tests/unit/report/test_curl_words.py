"""A request as a command of curl: its words, whatever stands in the request; forms that curl puts together again."""

from __future__ import annotations

import shlex

import pytest
from msgspec import structs

from smoke.facts.curl import as_curl
from smoke.facts.multipart import FormPart, form_parts
from smoke.model.asked import Asked
from smoke.model.exchange import Body, Exchange, Headers, Redaction, StoredRequest
from tests.support import samples


def test_a_command_of_curl_has_the_proxy_and_the_certificates_of_the_run() -> None:
    sample = samples.failing()
    target = structs.replace(
        sample.run.target,
        url="https://shop.example",
        insecure=True,
        proxy="http://proxy:3128",
        client_cert="own cert.pem",
    )
    asked = Asked(
        proxy="http://ada@proxy:3128",
        proxy_password_env="PROXY_PASSWORD",
        no_proxy=("localhost", ".test"),
        ca_file="ca.pem",
        client_key="key.pem",
        client_key_password_env="KEY_PASSWORD",
    )
    run = structs.replace(sample.run, target=target, asked=asked)
    request = StoredRequest("HEAD", "https://shop.example/{a}/../b", (), Body())
    assert as_curl(run, Exchange("1", request), sample.evidence) == (
        "# set before: PROXY_PASSWORD, KEY_PASSWORD (masked in the evidence)",
        "curl --include \\",
        "  --head \\",
        "  'https://shop.example/{a}/../b' \\",
        "  --globoff \\",
        "  --path-as-is \\",
        "  --proxy http://proxy:3128 \\",
        '  --proxy-user ada:"$PROXY_PASSWORD" \\',
        "  --noproxy localhost,.test \\",
        "  --insecure \\",
        "  --cacert ca.pem \\",
        "  --cert 'own cert.pem' \\",
        "  --key key.pem \\",
        '  --pass "$KEY_PASSWORD"',
    )
    elsewhere = structs.replace(request, url="https://pay.example/")
    assert "--cert" not in " ".join(as_curl(run, Exchange("1", elsewhere), sample.evidence))


def test_a_websocket_is_no_command_of_curl() -> None:
    sample = samples.failing()
    request = StoredRequest("WEBSOCKET", "wss://shop.example/\x1b[2J", (), Body())
    (line,) = as_curl(sample.run, Exchange("1", request), sample.evidence)
    assert line.startswith("# wss://shop.example/")
    assert "\x1b" not in line
    assert line.endswith("is a WebSocket: curl sends no messages over one")


def test_a_hostile_method_url_and_folder_stay_words_of_curl() -> None:
    sample = samples.failing()
    request = StoredRequest(
        "GET\n$(id)", "http://shop/\n# x\x1b[2J'; id", ((b"x\n", b"\xff'`id`"),), Body()
    )
    lines = as_curl(sample.run, Exchange("1", request), sample.evidence)
    assert lines == (
        "curl --include \\",
        "  --request 'GET\n$(id)' \\",
        r"  $'http://shop/\n# x\x1b[2J\'; id' " + "\\",
        "  --globoff \\",
        r"  --header $'x\n: \xff\'`id`'",
    )


def words_of(headers: Headers, data: bytes, **body: object) -> list[str]:
    """The command's words for a body in a file."""
    sample = samples.failing()
    kept = structs.replace(sample.evidence.keep("it's", data), **body)
    sent = Exchange(
        "1",
        StoredRequest("POST", "http://shop/", headers, kept),
        redactions=(Redaction("request:body", "secret", "TOKEN", 0, 1),),
        received=True,
    )
    lines = as_curl(sample.run, sent, sample.evidence)
    comments = [line for line in lines if line.startswith("#")]
    rest = [line.removesuffix("\\") for line in lines[len(comments) :]]
    return [*comments, *shlex.split(" ".join(rest))[5:]]


FROM_FILE = [
    "# it came from the shop, to a receiver that closed with the run",
    "# the file of the body has masks where secrets were: put them in before",
]


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"x" * 5000, {}),
        (b"a\0b", {}),
        (b"\xff\xfe", {}),
        ("é".encode("utf-16"), {"charset": "utf-16"}),
    ],
)
def test_what_no_line_holds_is_read_from_its_file(data: bytes, body: dict[str, object]) -> None:
    told = words_of(((b"Content-Type", b"text/x"),), data, **body)
    assert told[:2] == FROM_FILE
    assert told[2:] == [
        "--header",
        "Content-Type: text/x",
        "--data-binary",
        f"@{samples.FOLDER}/bodies/it's",
    ]


def test_a_body_that_is_lost_is_told() -> None:
    told = words_of((), b"tea", path="", omitted=3)
    assert told[1].startswith("# the body of the request is not whole: ")
    assert "--data-binary" not in told


def test_a_text_that_begins_as_a_file_name_is_none() -> None:
    assert words_of((), b"@tea")[-2:] == ["--data-raw", "@tea"]


FORM = (
    '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx=1;"y"\r\n--B\r\n'
    'Content-Disposition: form-data; name="f"; filename="l.csv"\r\nContent-Type: text/csv\r\n\r\n1\\,2\r\n--B--\r\n'
)
TYPE = "multipart/form-data; boundary=B"


def test_a_form_of_text_is_put_together_by_curl() -> None:
    told = words_of(((b"X-A", b""), (b"Content-Type", TYPE.encode())), FORM.encode())
    assert told[1:] == [
        *("--header", "X-A;"),
        *("--form-string", 'a=x=1;"y"'),
        *("--form", 'f="1\\\\,2";type=text/csv;filename="l.csv"'),
    ]
    assert form_parts(TYPE, FORM) == (
        FormPart("a", 'x=1;"y"'),
        FormPart("f", "1\\,2", "l.csv", "text/csv"),
    )


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("application/json", FORM),
        ("multipart/form-data", FORM),
        ("multipart/mixed; boundary=B", FORM),
        (TYPE, f"preamble\r\n{FORM}"),
        (TYPE, FORM.removesuffix("--\r\n")),
        (TYPE, "tea"),
        (TYPE, FORM.replace('name="a"', 'name="a=b"')),
        (TYPE, FORM.replace('name="a"', "name=a")),
        (TYPE, FORM.replace("Content-Type: text/csv", "Content-Type: a b; c")),
        (TYPE, FORM.replace("Content-Type: text/csv", "X-Other: text/csv")),
        (TYPE, '--B\r\nContent-Disposition: form-data; name="a"\r\n--B--'),
    ],
)
def test_what_is_no_plain_form_stays_one_body(content_type: str, text: str) -> None:
    assert form_parts(content_type, text) == ()


def test_origins_are_compared_whatever_stands_in_them() -> None:
    sample = samples.failing()
    target = structs.replace(sample.run.target, url="https://[", client_cert="c.pem")
    run = structs.replace(sample.run, target=target, asked=Asked())
    request = StoredRequest("GET", "https://[", (), Body())
    assert "  --cert c.pem" in as_curl(run, Exchange("1", request), sample.evidence)


def test_a_part_may_have_a_type_or_a_file_name_alone() -> None:
    head = "Content-Disposition: form-data; name="
    form = f'--B\r\n{head}"a"\r\nContent-Type: text/x\r\n\r\n1\r\n--B\r\n{head}"b"; filename="n"\r\n\r\n2\r\n--B--\r\n'
    told = words_of(((b"Content-Type", TYPE.encode()),), form.encode())
    assert told[1:] == ["--form", 'a="1";type=text/x', "--form", 'b="2";filename="n"']


def test_a_proxy_without_a_user_and_half_a_pair() -> None:
    sample = samples.failing()
    target = structs.replace(sample.run.target, proxy="http://proxy:3128")
    run = structs.replace(sample.run, target=target, asked=Asked(ca_file="ca.pem"))
    request = StoredRequest("GET", "http://shop/\ud800", (), Body())
    assert as_curl(run, Exchange("1", request), sample.evidence)[2:] == (
        "  $'http://shop/?' \\",
        "  --proxy http://proxy:3128",
    )
    run = structs.replace(run, asked=None)
    assert (
        as_curl(run, Exchange("1", request), sample.evidence)[-1] == "  --proxy http://proxy:3128"
    )
