"""`gzip: true`: the body leaves compressed, and is kept as it was before, with its secrets masked."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from smoke.diagnostic import SmokeError
from smoke.facts.curl import as_curl
from smoke.model.run import Outcome
from smoke.store import RunFolder
from tests.support.running import run_text
from tests.support.scripted import scripted

SCENARIO = """\
name: a
secrets: [TOKEN]
steps:
  - name: Import
    request: {url: /import, json: {sku: tea, note: "{{ secrets.TOKEN }}"}, gzip: true}
    expect: {status: 200}
"""
TOKEN = "a-token-of-the-test-4711"


def test_the_body_leaves_compressed_and_is_kept_masked(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.on("POST /import", body={})
        run = run_text(tmp_path, shop.url, SCENARIO, environ={"TOKEN": TOKEN})
    ((_, _, headers, body),) = shop.seen
    assert run.outcome is Outcome.PASSED
    assert headers["Content-Encoding"] == "gzip"
    assert int(headers["Content-Length"]) == len(body)
    plain = gzip.decompress(body)
    assert plain == b'{"sku":"tea","note":"%s"}' % TOKEN.encode()
    (exchange,) = run.scenarios[0].steps[0].attempts[0].exchanges
    kept = exchange.request.body
    assert (kept.content_encoding, kept.wire_size) == ("gzip", len(body))
    assert kept.original_size == len(plain)
    folder = RunFolder.open(tmp_path / "runs" / run.id)
    assert b"[masked:TOKEN]" in folder.read(kept)
    assert body not in b"".join(p.read_bytes() for p in folder.folder.rglob("*") if p.is_file())
    command = "\n".join(as_curl(run, exchange, folder))
    assert "Content-Encoding" not in command  # curl would send the plain body


BAD = [
    ("{url: /x, gzip: true}", "gzip compresses a body: one of json, form", 13),
    (
        "{url: /x, json: {}, gzip: true, headers: {content-encoding: br}}",
        "leave the header out",
        13,
    ),
    ("{url: /x, json: {}, gzip: please}", "gzip", 13),
    ("{url: /x, json: {}, gzpi: true}", "did you mean 'gzip'", 13),
]


@pytest.mark.parametrize(("request_", "words", "column"), BAD, ids=[words for _, words, _ in BAD])
def test_what_cannot_be_compressed_is_told_before_anything_is_sent(
    request_: str, words: str, column: int, tmp_path: Path
) -> None:
    text = f"name: a\nsteps:\n  - name: x\n    request: {request_}\n"
    with scripted() as shop, pytest.raises(SmokeError) as refused:
        run_text(tmp_path, shop.url, text)
    (only,) = refused.value.diagnostics
    told = f"{only.message} {only.label} did you mean '{only.suggestion}'"
    assert words in told
    assert only.span is not None
    assert only.span.line == 4
    assert only.span.column > column
    assert shop.seen == []
