"""The smaller commands, the demo, and what start-up loads."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest
import zstandard

from smoke.store import resolve
from tests.support.cli import environment, smoke, with_its_own_server
from tests.support.processes import mentioning
from tests.support.scripted import scripted


@with_its_own_server
def test_the_demo_tells_the_story_and_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "a path with spaces"
    folder.mkdir()
    temporary = tmp_path / "t"
    temporary.mkdir(mode=0o755)
    done = smoke(["demo"], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    failed, passed = done.stdout.index("Order 2 FAILED"), done.stdout.index("VALIDATION PASSED")
    assert failed < done.stdout.index("DROP CONSTRAINT") < passed
    assert "smoke show" in done.stdout
    assert mentioning(str(folder)) == []


@with_its_own_server
@pytest.mark.parametrize("face", ["session", "html", "graphql"])
def test_the_demo_tells_its_story_with_every_face(tmp_path: Path, face: str) -> None:
    done = smoke(["demo", "--face", face], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    failed, passed = done.stdout.index(" FAILED - "), done.stdout.index("VALIDATION PASSED")
    assert failed < done.stdout.index("DROP CONSTRAINT") < passed
    assert f"$ smoke run repeat-customer-{face} --url" in done.stdout
    assert f"smoke demo serve --state broken --face {face}" in done.stdout


def test_version_help_and_explain_load_neither_httpx_nor_pydantic(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from smoke.cli.main import app\n"
        "try:\n    app(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        "loaded = [m for m in ('httpx', 'pydantic', 'psycopg', 'yaml', 'tenacity') if m in sys.modules]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    for arguments in (["--version"], ["--help"], ["explain", "23505"], ["run", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)


@pytest.mark.parametrize(
    ("path", "unneeded"),
    [
        ("/", ("httpx", "ssl", "pydantic", "asyncio", "rich", "typer")),
        (
            "/größe",
            ("click",),
        ),  # httpx writes that URL as it has to be; its own command line needs click
    ],
)
def test_a_run_loads_nothing_that_it_does_not_need(
    tmp_path: Path, path: str, unneeded: tuple[str, ...]
) -> None:
    for name in unneeded:
        (tmp_path / f"{name}.py").write_text(
            "open('loaded', 'a').write(__name__)\n", encoding="utf-8"
        )
    (tmp_path / "s.yaml").write_text(
        f"name: s\nsteps:\n  - {{name: x, request: GET {path}}}\n", encoding="utf-8"
    )
    with scripted() as shop:
        shop.routes[f"GET {quote(path)}"] = lambda _: (200, {}, b"ok")
        run = ["run", "s.yaml", "--url", shop.url]
        done = smoke(run, tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "loaded").exists(), (tmp_path / "loaded").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("23505", "unique"),
        ("unique_violation", "23505"),
        ("P2002", "unique"),
        ("PGRST116", "PostgREST"),
    ],
)
def test_explain_knows_codes_of_every_kind(tmp_path: Path, code: str, word: str) -> None:
    done = smoke(["explain", code], tmp_path)
    assert done.returncode == 0
    assert word.lower() in done.stdout.lower()


def test_explain_suggests(tmp_path: Path) -> None:
    done = smoke(["explain", "unique_violaton"], tmp_path)
    assert done.returncode == 2
    assert "unique_violation" in done.stderr


def test_classify_reads_bodies_heads_hars_folders_and_standard_input(tmp_path: Path) -> None:
    body = b'{"error": "duplicate key value violates unique constraint \\"orders_uq\\"", "code": "23505"}'
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "body.json").write_bytes(body)
    (saved / "curl.txt").write_bytes(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 500 \r\ncontent-type: application/json\r\n\r\n" + body
    )
    entry = {"response": {"status": 500, "headers": [], "content": {"text": body.decode()}}}
    fine = {"response": {"status": 200, "headers": [], "content": {"text": '{"ok": true}'}}}
    (saved / "all.har").write_text(
        json.dumps({"log": {"entries": [fine, entry]}}), encoding="utf-8"
    )
    done = smoke(["classify", "saved", "--json"], tmp_path)
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    found = [
        [finding["database_error"]["constraint_name"] for finding in row["findings"]]
        for row in rows
    ]
    assert sorted(found) == [[], ["orders_uq"], ["orders_uq"], ["orders_uq"]]
    piped = smoke(["classify", "-"], tmp_path, stdin=body)
    assert piped.returncode == 1
    assert "orders_uq" in piped.stdout
    assert smoke(["classify", "-"], tmp_path, stdin=b'{"ok": true}').returncode == 0


_PRINTED = {
    "verbose, behind early hints": "* Connected\n> GET / HTTP/1.1\n> \n< HTTP/1.1 103 Early Hints\n< link: </a>; rel=preload\n#HEAD#< \n{ [9 bytes data]\n#BODY#",
    "verbose, behind continue": "> POST / HTTP/1.1\n> \n< HTTP/1.1 100 Continue\n#HEAD#< \n#BODY#",
    "a proxy's answer": "HTTP/1.1 200 Connection established\n\n#ANSWER#",
    "a redirect": "HTTP/2 307 \nlocation: /x\ncontent-length: 4\n\nmove#ANSWER#",
    "wget": "Connecting... connected.\nHTTP request sent, awaiting response... \n  HTTP/1.1 500 Oops\n  content-type: application/json\nLength: 98\nSaving to: x\n\n#BODY#",
    "wget, quiet": "  HTTP/1.1 500 Oops\n  content-type: application/json\n#BODY#",
    "httpie": 'POST /r HTTP/1.1\nHost: x\n\n{"a": 1}\n\nHTTP/1.1 307 T\ncontent-length: 4\n\nmove\n\nPOST /x HTTP/1.1\nHost: x\n\n{"a": 1}\n\n#ANSWER#',
    "powershell": "\nStatusCode        : 500\nStatusDescription : Oops\nContent           : #BODY#\n",
    "a status behind": "#BODY#\n500\n",
    "curl's trace": "== Info: Connected\n=> Send data, 2 bytes (0x2)\n0000: {}\n#BYTES#== Info: left intact\n",
    "curl's trace in characters": "== Info: Connected\n=> Send data, 2 bytes (0x2)\n0000: {}\n#CHARACTERS#== Info: left\n",
    "chunks": "HTTP/1.1 500 Oops\ntransfer-encoding: chunked\n\n#CHUNKS#0\n\n",
}


def _dumped(kind: str, data: bytes, *, characters: bool) -> str:
    """A piece that was received, as `curl --trace` and `--trace-ascii` write it."""
    lines = [f"10:11:12.131415 <= Recv {kind}, {len(data)} bytes ({len(data):#x})"]
    shown = data.removesuffix(b"\r\n") if characters else data
    width = 64 if characters else 16
    for at in range(0, max(1, len(shown)), width):
        part = shown[at : at + width]
        text = (
            part.decode()
            if characters
            else f"{part.hex(' ')} {'   ' * (16 - len(part))}{part!r:.16}"
        )
        lines.append(f"{at:04x}: {text}")
    return "".join(f"{line}\n" for line in lines)


def _trace(head: str, body: str, *, characters: bool) -> str:
    pieces = [
        _dumped("header", f"{line}\r\n".encode(), characters=characters)
        for line in head.split("\n")
    ]
    return "".join([*pieces, _dumped("data", body.encode(), characters=characters)])


def test_classify_reads_the_last_answer_in_what_clients_print(tmp_path: Path) -> None:
    body = '{"error": "duplicate key value violates unique constraint \\"orders_uq\\"", "code": "23505"}'
    chunks = "".join(f"{len(part):x}\n{part}\n" for part in (body[:30], body[30:50], body[50:]))
    head = "HTTP/1.1 500 Oops\ncontent-type: application/json\n"
    parts = {
        "#ANSWER#": f"HTTP/1.1 500 Oops\ncontent-type: application/json\n\n{body}",
        "#HEAD#": "< HTTP/1.1 500 Oops\n< content-type: application/json\n",
        "#CHUNKS#": chunks,
        "#BODY#": body,
        "#BYTES#": _trace(head, body, characters=False),
        "#CHARACTERS#": _trace(head, body, characters=True),
    }
    saved = tmp_path / "saved"
    saved.mkdir()
    for name, printed in _PRINTED.items():
        text = printed
        for mark, part in parts.items():
            text = text.replace(mark, part)
        (saved / f"{name}, lines of Unix").write_bytes(text.encode())
        (saved / name).write_bytes(text.replace("\n", "\r\n").encode())
    rows = [
        json.loads(line)
        for line in smoke(["classify", "saved", "--json"], tmp_path).stdout.splitlines()
    ]
    found = {
        row["name"]: (
            row["status"],
            *((f["database_error"] or {}).get("constraint_name") for f in row["findings"]),
        )
        for row in rows
    }
    assert len(found) == 2 * len(_PRINTED)
    assert {name: told for name, told in found.items() if told != (500, "orders_uq")} == {}


def test_classify_tells_an_error_in_the_words_of_every_report_and_what_proves_it(
    tmp_path: Path,
) -> None:
    body = (
        b'{"code": "23505", "constraint": "orders_uq", "table": "orders", "schema": "public",'
        b' "detail": "Key (customer_id)=(\xe2\x80\xaeevil) already exists."}'
    )
    said = smoke(["classify", "-"], tmp_path, stdin=body).stdout
    lines = [" ".join(line.split()) for line in said.split("\n")]
    assert "SQLSTATE 23505 unique_violation" in lines
    assert "table public.orders (customer_id)" in lines
    start = body.index(b"orders_uq")
    assert f"proof constraint: body bytes {start}-{start + len(b'orders_uq')}" in lines
    assert "evil" in said
    assert "\u202e" not in said


def test_list_and_plugins_and_schema(tmp_path: Path) -> None:
    assert "repeat-customer" in smoke(["list"], tmp_path).stdout
    plugins = smoke(["plugins"], tmp_path).stdout
    for name in ("junit", "prisma", "postgrest", "request"):
        assert name in plugins
    assert json.loads(smoke(["schema"], tmp_path).stdout)["title"]


def test_an_unknown_command_names_the_nearest(tmp_path: Path) -> None:
    done = smoke(["rnu"], tmp_path)
    assert done.returncode == 2
    assert "'run'" in done.stderr


@pytest.mark.parametrize("size", [0, 1024, 5 * 1024 * 1024])
@pytest.mark.parametrize("coding", ["", "gzip", "br", "zstd"])
def test_the_body_on_the_disk_is_what_the_shop_sent(tmp_path: Path, size: int, coding: str) -> None:
    line = b"the quick brown fox \x00\xff jumps over the lazy dog, %d times\n"
    plain = (line * (size // len(line) + 1))[:size]
    pack = {"": bytes, "gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}
    (tmp_path / "s.yaml").write_text(
        "name: s\nsteps:\n  - {name: x, request: GET /}\n", encoding="utf-8"
    )
    headers = {"Content-Encoding": coding} if coding else {}
    with scripted() as shop:
        shop.routes["GET /"] = lambda _: (500, headers, pack[coding](plain))
        done = smoke(["run", "s.yaml", "--url", shop.url], tmp_path)
    assert done.returncode == 1
    folder = resolve(tmp_path / ".smoke" / "runs")
    response = folder.run().scenarios[0].steps[0].attempts[0].exchanges[0].response
    assert response is not None
    assert folder.read(response.body) == plain


def test_no_secret_is_in_any_file_or_line(tmp_path: Path) -> None:
    """One planted secret in every place where one can be, over a run with every report."""
    import base64
    import urllib.parse

    secret = "Z9q/+k&\"7v<ÄmZ2x'p%Lw"
    (tmp_path / "s.yaml").write_text(
        "name: s\nsecrets: [PLANTED]\nvariables: {copy: '{{ secrets.PLANTED }}'}\nsteps:\n"
        "  - name: x\n    request:\n      method: POST\n      url: '/a/{{ secrets.PLANTED }}'\n"
        "      query: {q: '{{ secrets.PLANTED }}'}\n      headers: {X-Thing: '{{ secrets.PLANTED | urlencode }}'}\n"
        "      bearer: '{{ secrets.PLANTED | base64 }}'\n      json: {note: '{{ copy }}', n: ['{{ copy }}']}\n"
        "    expect: {json: {$.echo: 'x{{ copy }}'}}\n"
        "    capture: {taken: $.echo}\n",
        encoding="utf-8",
    )

    def echo(body: bytes) -> tuple[int, dict[str, str], bytes]:
        text = json.loads(body)["note"]
        answer = {"echo": text, "again": json.dumps(text), "url": urllib.parse.quote(text)}
        return (
            500,
            {"X-Echo": urllib.parse.quote(text), "Content-Type": "application/json"},
            json.dumps(answer).encode(),
        )

    with scripted() as shop:
        path = f"POST /a/{urllib.parse.quote(secret, safe='*:@,')}"
        shop.routes[path] = echo
        summary = tmp_path / "summary.md"
        reports = [part for name in ("json", "junit") for part in ("--report", f"{name}=r.{name}")]
        done = smoke(
            ["run", "s.yaml", "--url", shop.url, "--verbose", *reports],
            tmp_path,
            env={"PLANTED": secret, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)},
        )
        assert shop.seen, done.stderr
    assert done.returncode == 1
    forms = {
        secret,
        json.dumps(secret)[1:-1],
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        base64.b64encode(secret.encode()).decode().rstrip("="),
        secret.encode().hex(),
    }
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "s.yaml"]
    texts = {str(path): path.read_bytes().decode("utf-8", "replace") for path in written}
    texts["stdout"], texts["stderr"] = done.stdout, done.stderr
    leaks = [(name, form) for name, text in texts.items() for form in forms if form in text]
    assert leaks == []
