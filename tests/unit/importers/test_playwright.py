"""Playwright's traces and the archives of its `recordHar`: bodies that stand in files, the order of requests, and what a hostile ZIP may not do."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from smoke.app.importing import imported
from smoke.diagnostic import SmokeError
from smoke.importers import _zipped
from tests.support.importing import CORPUS, document_of, requests_of, zipped

URL = "https://shop.example/orders"
POSTED = {"mimeType": "application/json", "text": "", "params": []}


def snapshot(time: float = 0, file: str = "", **request: Any) -> str:
    posted = {"postData": {**POSTED, "_file": file}} if file else {}
    asked = {"method": "POST", "url": URL, "headers": [], **posted, **request}
    told = {"request": asked, "response": {"status": 200, "headers": [], "content": {}}}
    return json.dumps({"type": "resource-snapshot", "snapshot": {**told, "_monotonicTime": time}})


def test_requests_of_several_contexts_come_as_they_were_sent() -> None:
    trace = zipped(
        {
            "0-trace.network": snapshot(3, url=f"{URL}/3") + "\n" + snapshot(1, url=f"{URL}/1"),
            "1-trace.network": snapshot(2, url=f"{URL}/2"),
            "test.trace": "{}",
        }
    )
    assert [each.path for each in requests_of(trace)] == ["/orders/1", "/orders/2", "/orders/3"]
    assert requests_of(trace)[0].place == "0-trace.network, line 2"


@pytest.mark.parametrize("named", ["resources/1a.json", "1a.json"])
def test_bodies_stand_in_files_of_the_trace(named: str) -> None:
    trace = zipped({"trace.network": snapshot(file=named), "resources/1a.json": '{"sku": "tea"}'})
    assert document_of(trace)["steps"][0]["request"]["json"] == {"sku": "tea"}


@pytest.mark.parametrize("named", ["resources/../../secret.json", "/etc/hostname", "resources/2b"])
def test_a_body_that_is_not_in_the_trace_is_told_and_looked_for_nowhere_else(named: str) -> None:
    (request,) = requests_of(zipped({"trace.network": snapshot(file=named)}))
    assert request.body == b""
    assert request.remarks == (
        "its body stands in another file, which is not there: write it here",
    )


def test_a_form_with_a_file_is_taken_apart() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nfor Ann\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n\x89PNG\r\n--b--\r\n'
    )
    posted = {**POSTED, "mimeType": "multipart/form-data; boundary=b", "_file": "resources/b"}
    trace = zipped({"trace.network": snapshot(postData=posted), "resources/b": body})
    (request,) = requests_of(trace)
    assert request.fields == (("note", "for Ann"),)
    assert request.remarks == ("a file of the form is left out",)


def refused(data: bytes) -> str:
    with pytest.raises(SmokeError) as error:
        requests_of(data)
    return str(error.value)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_zipped, "LARGEST", 1_000_000)
    bomb = zipped({"trace.network": b" " * 50_000_000})
    assert len(bomb) < 60_000
    tracemalloc.start()
    assert "holds more than 1,000,000 bytes when it is unpacked" in refused(bomb)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    many = "\n".join(snapshot(file=f"resources/{each}") for each in range(40))
    bodies = {f"resources/{each}": b" " * 100_000 for each in range(40)}
    assert "holds more than 1,000,000 bytes" in refused(zipped({"trace.network": many, **bodies}))


def test_a_zip_of_very_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_zipped, "MOST_FILES", 10)
    files = {"trace.network": snapshot(), **{f"resources/{each}": "" for each in range(10)}}
    assert "has more than 10 files in it" in refused(zipped(files))


def test_what_is_damaged_or_empty_is_told() -> None:
    whole = zipped({"trace.network": snapshot()})
    assert "it is damaged" in refused(whole[:-40])
    told = refused(zipped({"trace.trace": "{}", "trace.network": ""}))
    assert "no request is in the network records" in told
    with pytest.raises(SmokeError) as error:
        requests_of(zipped({"trace.network": snapshot() + "\n{"}))
    span = error.value.diagnostics[0].span
    assert span is not None
    assert (span.source, span.line) == ("the file/trace.network", 2)


def test_a_har_with_its_bodies_beside_it_is_a_folder(tmp_path: Path) -> None:
    archive = CORPUS / "har" / "demo-pages.zip"
    folder = tmp_path / "shop"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    (whole, _), (unpacked, _) = imported(str(archive), name="a"), imported(str(folder), name="a")
    assert whole.text == unpacked.text
    assert "{{ csrfmiddlewaretoken" in whole.text  # a page gave it, and the page was a file
    alone, _ = imported(str(folder / "har.har"))
    assert "which is not there: write it here" in alone.text


def test_a_bomb_of_empty_lines_is_no_list_in_memory() -> None:
    data = zipped({"0-trace.network": b"\n" * 8_000_000 + snapshot().encode()})
    tracemalloc.start()
    try:
        assert len(requests_of(data)) == 1
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 50_000_000
