"""Importers: each is recognised by its own content alone, and what is damaged is refused in words."""

from __future__ import annotations

import pytest

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.importers import Importer, read_recording
from smoke.recording.records import RecordedRequest
from tests.support.importing import zipped
from tests.support.rooms import every

TRIED = every("importers")
OWN = plugins.find("importers", third_party=False)
SNAPSHOT = b'{"type": "resource-snapshot", "snapshot": {"request": {"method": "GET", "url": "https://shop.example/"}}}'
STEPCI = b'version: "1.1"\ntests:\n  a:\n    steps:\n      - http:\n          url: https://shop.example/\n'
OPENAPI = b"openapi: 3.1.0\npaths:\n  /orders:\n    post: {operationId: placeOrder}\n"
TAVERN = b"test_name: a\nstages:\n  - name: b\n    request: {url: https://shop.example/}\n"
EXAMPLES = {
    "tavern": TAVERN,
    "openapi": OPENAPI,
    "stepci": STEPCI,
    "playwright": zipped({"trace.trace": "{}", "trace.network": SNAPSHOT}),
    "insomnia": b'{"_type": "export", "__export_format": 4, "resources": [{"_id": "r", "_type": "request", "url": "https://shop.example/"}]}',
    "bruno": b"meta {\n  name: a\n}\n\nget {\n  url: https://shop.example/orders\n}\n",
    "http-file": b"### Orders\nGET https://shop.example/orders\n",
    "hurl": b"GET https://shop.example/orders\nHTTP 200\n",
    "powershell": b"$r = Invoke-RestMethod -Uri https://shop.example/orders -Method Post\n",
    "postman": b'{"info": {"name": "x"}, "item": [{"name": "a", "request": "https://shop.example/"}]}',
    "curl": b"curl https://shop.example/orders -d a=1\n",
    "har": b'{"log": {"entries": [{"request": {"method": "GET", "url": "https://shop.example/"}}]}}',
    "smoke-request-lines": b'{"gateway": 1, "method": "GET", "url": "https://shop.example/", "type": "", "body": "", "status": 200, "answer": ""}',
}
DAMAGED = {
    "tavern": TAVERN.replace(b"example/}", b"example/"),
    "openapi": OPENAPI.replace(b"placeOrder}", b"placeOrder"),
    "stepci": STEPCI + b"  - x",
    "playwright": zipped({"trace.network": b"{}\n" + SNAPSHOT[:-9]}),
    "insomnia": b"type: collection.insomnia.rest/5.0\ncollection:\n  - url: https://[x/orders\n",
    "bruno": b"get {\n  url: https://[x/orders\n}\n",
    "http-file": b"### Orders\nGET https://[x/orders\n",
    "hurl": b"GET https://[x/orders\nHTTP 200\n",
    "powershell": b"Invoke-RestMethod -Uri 'https://shop.example/orders",
    "postman": b'{"info": {"name": "x"}, "item": [',
    "curl": b"curl 'https://shop.example/orders",
    "har": b'{"log": {"entries": [{"request": {"method": "GET", "url": 7}}]}}',
}


@pytest.mark.parametrize("name", TRIED)
def test_each_knows_its_own_and_no_other(name: str) -> None:
    module: Importer = TRIED[name].module
    assert TRIED[name].description.endswith(".")
    assert [other for other, data in EXAMPLES.items() if module.recognise(data)] == [name]
    assert not module.recognise(b"")
    assert not module.recognise(b"\xff\x00{")
    (found,) = module.read(EXAMPLES[name], "x")
    assert isinstance(found, RecordedRequest)


@pytest.mark.parametrize("name", OWN)
def test_what_is_damaged_is_refused_in_words(name: str) -> None:
    with pytest.raises(SmokeError) as refused:
        read_recording(DAMAGED[name], "the file")
    assert "Traceback" not in str(refused.value)


def test_what_nobody_knows_is_told_with_what_is_known() -> None:
    with pytest.raises(SmokeError) as refused:
        read_recording(b"hello", "the file")
    assert (
        "bruno, curl, har, http-file, hurl, insomnia, "
        in refused.value.diagnostics[0].notes[0].message
    )
