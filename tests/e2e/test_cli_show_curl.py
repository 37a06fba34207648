"""`smoke show --curl`: the command that is printed, carried out by bash, sends what was sent."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import environment, for_a_posix_shell, smoke
from tests.support.scripted import Shop, scripted

pytestmark = [
    for_a_posix_shell,
    pytest.mark.skipif(
        shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash"
    ),
]

TOKEN = "a-token-of-this-shop-4711"
SCENARIO = r"""
name: checkout
secrets: [SHOP_TOKEN]
steps:
  - name: Order
    request:
      url: "/orders?items[]=1&note=a%20b"
      headers: {authorization: "Bearer {{ secrets.SHOP_TOKEN }}", x-empty: "", x-word: "größer's \"$HOME\" `id`"}
      json: {who: "it's $(id) `id` !! \\", secret: "{{ secrets.SHOP_TOKEN }}", wide: "größe 🧾"}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Controls
    request: {url: /text, text: "a\u001b[31m\u202e 'b'\r\n::error::x\n##[group]\0c"}
  - name: Invisible
    request: {url: /text, text: "@a\u001b[31m\u202e 'b' \\\r\n::error::x\n##[group]", media_type: text/x}
  - name: Form
    request: {url: /form, form: {a: "x y", b: "ü&="}}
  - name: Upload
    request:
      url: /upload
      multipart: {note: "@it's; \"so\" \\", token: "{{ secrets.SHOP_TOKEN }}", list: {file: list.csv, filename: 'a "b".csv'}}
  - name: Photo
    request: {url: /upload, multipart: {photo: {file: photo.png}}}
  - name: Large
    request: {url: /text, file: large.txt}
  - {name: Pause, pause: 10ms}
  - {name: Remove, request: {method: DELETE, url: /orders/../1}}
"""
SENT = ("checkout/Order", "Controls", "Invisible", "Form", "Upload", "Photo", "Large", "Remove")
"""Its steps that send, in order."""
OWN = {"host", "connection", "accept-encoding", "traceparent", "tracestate", "x-request-id"}
"""Headers that belong to the one request, or to the program that sends it."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with scripted() as found:
        found.on("POST /orders", 201, {"id": "o1"})
        for route in ("POST /text", "POST /form", "POST /upload", "DELETE /1"):
            found.on(route, 200, {})
        yield found


@pytest.fixture(scope="module")
def project(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's a project")
    (folder / "checkout.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "list.csv").write_text("sku,n\r\ntea,1\r\n", encoding="utf-8", newline="")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "large.txt").write_text("0123456789\n" * 1000, encoding="utf-8")
    done = smoke(["run", "checkout.yaml", "--url", shop.url], folder, env={"SHOP_TOKEN": TOKEN})
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def request_of(found: tuple[str, str, dict[str, str], bytes]) -> tuple[object, ...]:
    """What came, without what each request has of its own; the boundary of a form is one."""
    method, path, headers, body = found
    kept = {name.lower(): value for name, value in headers.items() if name.lower() not in OWN}
    boundary = re.search(r"boundary=(\S+)", kept.get("content-type", ""))
    if boundary is not None:
        body = body.replace(boundary[1].encode(), b"-")
        kept["content-type"] = "multipart"
        del kept["content-length"]
    return method, path, kept, body


@pytest.mark.parametrize("step", SENT)
def test_bash_and_curl_send_what_was_sent(step: str, shop: Shop, project: Path) -> None:
    first = request_of(shop.seen[SENT.index(step)])
    shown = smoke(["show", "latest", step, "--curl"], project)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert TOKEN not in shown.stdout
    before = len(shop.seen)
    done = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=shown.stdout.encode(),
        cwd=project,
        env=environment({"SECRET_SHOP_TOKEN": TOKEN}),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (shown.stdout, done.stderr)
    assert len(shop.seen) == before + 1
    assert request_of(shop.seen[-1]) == first


def test_what_is_to_be_known_stands_before_it(project: Path) -> None:
    order = smoke(["show", "latest", "Order", "--curl"], project).stdout.splitlines()
    assert order[:4] == [
        f"# checkout: Order, attempt 1 of 1: {order[0].partition('1 of 1: ')[2]}",
        "# WARNING: this request places an order; each time that it is sent it may order again",
        "# set before: SECRET_SHOP_TOKEN (masked in the evidence)",
        "curl --include \\",
    ]
    photo = smoke(["show", "latest", "Remove", "--curl"], project).stdout
    assert "WARNING" not in photo
    assert "set before" not in photo


def test_a_terminal_of_ascii_gets_ascii(project: Path) -> None:
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    shown = smoke(["show", "latest", "Order", "--curl"], project, env=env).stdout
    assert shown.isascii()
    assert r"gr\xc3\xb6\xc3\x9fe" in shown


def test_a_step_that_sent_nothing_and_parts_beside_are_refused(project: Path) -> None:
    nothing = smoke(["show", "latest", "Pause", "--curl"], project)
    assert nothing.returncode == 2
    assert "sent nothing" in nothing.stderr
    both = smoke(["show", "latest", "Order", "--curl", "--body"], project)
    assert both.returncode == 2
    assert "--curl prints commands alone" in " ".join(both.stderr.split())


def test_every_try_is_a_command_of_its_own(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /flaky", 503, {})
    (tmp_path / "a.yaml").write_text(
        "name: a\nsteps:\n  - {name: x, request: GET /flaky, expect: {status: 200}, retry: {attempts: 2, wait: 1ms}}\n"
    )
    assert smoke(["run", "a.yaml", "--url", shop.url], tmp_path).returncode == 1
    shown = smoke(["show", "--curl"], tmp_path).stdout
    assert shown.count("curl --include") == 2
    assert "# a: x, attempt 2 of 2: GET" in shown
