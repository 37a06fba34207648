"""What is exported runs there: scripts of k6 order and clean up in the demo shop, curl and HAR are those of the run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from smoke.app.importing import imported
from smoke.demo.look import Look
from smoke.exporters import TOOLS, exported
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.starters import KINDS, starter
from tests.support.cli import REPOSITORY, for_a_posix_shell
from tests.support.cli import smoke as cli
from tests.support.demo import ShopFactory
from tests.support.faces import SCENARIOS
from tests.support.scripted import scripted

NODE, CURL, HURL = (shutil.which(name) for name in ("node", "curl", "hurl"))
SHIMS = REPOSITORY / "tests" / "support" / "k6"


def text_of(scenario: str, tool: str, name: str = "it.yaml") -> str:
    return exported(load_text(scenario.encode(), name, Files(Path(name))).scenario, tool)


def shipped(name: str) -> str:
    return (REPOSITORY / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def carried_out(script: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A script of k6, carried out by node with k6's modules over curl."""
    assert NODE is not None
    text = f"const __ENV = {json.dumps({'URL': url})};\n{script}"
    for module, file in (("k6/http", "http"), ("k6/encoding", "encoding"), ("k6", "k6")):
        text = text.replace(
            f"from '{module}'", f"from {json.dumps((SHIMS / f'{file}.mjs').as_uri())}"
        )
    path = folder / "script.mjs"
    path.write_text(
        text.replace("export default function ()", "function iteration()") + "iteration();\n"
    )
    return subprocess.run([NODE, path], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(NODE is None or CURL is None, reason="no node, or no curl")
@pytest.mark.parametrize("face", SCENARIOS)
def test_a_k6_script_orders_and_cleans_up(shop: ShopFactory, face: str, tmp_path: Path) -> None:
    script = text_of(shipped(SCENARIOS[face]), "k6")
    fixed, broken = shop("fixed", look=Look(face)), shop("broken", look=Look(face))
    done = carried_out(script, fixed.url, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [order["status"] for order in fixed.orders()] == ["cancelled"] * 2
    failed = carried_out(script, broken.url, tmp_path)
    assert failed.returncode == 1
    assert {order["status"] for order in broken.orders()} == {"cancelled"}


@pytest.mark.skipif(HURL is None, reason="no hurl on this machine")
@pytest.mark.parametrize("face", SCENARIOS)
def test_a_hurl_file_orders_and_cleans_up(shop: ShopFactory, face: str, tmp_path: Path) -> None:
    assert HURL is not None
    (tmp_path / "it.hurl").write_text(text_of(shipped(SCENARIOS[face]), "hurl"))
    fixed = shop("fixed", look=Look(face))
    given = {
        "url": fixed.url,
        "email": "ann@shop.example",
        "phone": "+1 555 0100",
        "name": "Ann",
        "password": "x" * 16,
    }
    words = [word for pair in given.items() for word in ("--variable", "=".join(pair))]
    done = subprocess.run(
        [HURL, "--test", *words, tmp_path / "it.hurl"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [order["status"] for order in fixed.orders()] == ["cancelled"] * 2


def every_scenario() -> list[str]:
    shipped_ones = sorted((REPOSITORY / "scenarios").glob("*.yaml"))
    return [path.read_text(encoding="utf-8") for path in shipped_ones] + [
        starter(kind) for kind in KINDS
    ]


@pytest.mark.skipif(NODE is None, reason="no node")
def test_every_scenario_is_a_script(tmp_path: Path) -> None:
    assert NODE is not None
    for number, scenario in enumerate(every_scenario()):
        path = tmp_path / f"{number}.mjs"
        path.write_text(text_of(scenario, "k6"), encoding="utf-8")
    checks = [
        subprocess.run([NODE, "--check", path], check=False) for path in sorted(tmp_path.iterdir())
    ]
    assert {done.returncode for done in checks} == {0}


ODD = r"""
name: odd
summary: "what } ends { a # comment \u202e"
steps:
  - name: "Odd\ttext `${x}` */"
    request:
      method: PATCH
      url: "/a'b?d=é"
      query: {"q #": ["1 2", "a\nb"], t: "{{ '{{' }}x"}
      headers: {x-odd: " a#b\\c "}
      json: {"k\"{{ '{{' }}": "`${v}` {{ run.id | upper }} \\ \n", n: [1, null, true, {}]}
    expect: {status: [200, 404], json: {"$..a": 1, $.b: {one_of: [1, 2]}, $.c: {matches: "^\"a"}}, time: 2s}
    capture: {value: {html: "a:first-child"}, item_2: "$['odd key'][0]"}
  - {name: Wait, pause: 1s}
  - {name: Mails, clear_cookies: default}
  - name: Some
    for_each: [a, "b{{ '{{' }}"]
    request: "GET /x/{{ item }}/{{ loop.number }}"
    until: {deadline: 4s, every: 500ms}
  - name: Many
    repeat: 1000
    request: {url: /form, form: {"a:b": ["{{ fake.digits(3) }}", "x"]}, basic: {username: u, password: "p{{ run.id }}"}}
"""


def test_what_a_tool_has_no_word_for_is_a_comment() -> None:
    text = text_of(ODD, "hurl")
    for words in (
        "status 200, 404 and no other",
        "expect json $.b: one_of [1,2]",
        "capture value of the element a:first-child",
        "the step 'Mails' (clear_cookies)",
        "a pause of 1 s",
        "expect time",
        "1000 rounds of 'Many'; 20 are written out",
    ):
        assert f"not said here: {words}" in text, text
    assert "\u202e" not in text
    assert text.count("/form\n") == 20
    assert "GET {{url}}/x/a/1\n" in text
    assert "GET {{url}}/x/b%7B%7B/2\n" in text
    assert "retry: 8\nretry-interval: 500ms" in text
    assert "PATCH {{url}}/a'b?d=%C3%A9\n" in text
    assert "x-odd: \\u{20}a\\u{23}b\\u{5c}c\\u{20}\n" in text
    assert "q\\u{20}\\u{23}: 1 2\nq\\u{20}\\u{23}: a\\u{a}b\nt: \\u{7b}\\u{7b}x\n" in text


@pytest.mark.skipif(NODE is None, reason="no node")
def test_odd_texts_stay_texts_in_a_script(tmp_path: Path) -> None:
    assert NODE is not None
    (tmp_path / "odd.mjs").write_text(text_of(ODD, "k6"), encoding="utf-8")
    done = subprocess.run(
        [NODE, "--check", tmp_path / "odd.mjs"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@for_a_posix_shell
def test_a_run_is_exported_as_curl_and_as_har_that_is_imported_again(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.on("POST /orders", 201, {"order": {"id": "ORD-4711"}})
        scenario = {
            "name": "a",
            "secrets": ["KEY"],
            "steps": [
                {
                    "name": "Order",
                    "request": {
                        "url": "/orders",
                        "json": {"n": 1},
                        "headers": {"x-api-key": "{{ secrets.KEY }}"},
                    },
                    "places_order": {"id": "$.order.id"},
                },
                {"name": "Look", "request": "GET /nothing", "expect": {"status": 404}},
            ],
        }
        (tmp_path / "a.yaml").write_text(json.dumps(scenario))
        ran = cli(["run", "a.yaml", "--url", shop.url], tmp_path, env={"KEY": "k3y-4f5e6a7b8c"})
        assert ran.returncode == 0, ran.stdout + ran.stderr
    curl = cli(["export", "latest", "--to", "curl"], tmp_path)
    assert curl.returncode == 0
    assert "# a: Order" in curl.stdout
    assert "places an order" in curl.stdout
    assert "/nothing" in curl.stdout
    har = cli(["export", "latest", "--to", "har"], tmp_path)
    assert "k3y-4f5e6a7b8c" not in curl.stdout + har.stdout
    entries = json.loads(har.stdout)["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [201, 404]
    (tmp_path / "again.har").write_text(har.stdout)
    made, _ = imported(str(tmp_path / "again.har"))
    assert "places_order" in made.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("latest --to postman", "--to does not know 'postman'"),
        ("latest --to HAR", "har"),
        ("nothing --to hurl", "nothing"),
        ("nothing --to curl", "nothing"),
        ("checkout --to k6", "name one of them"),
    ],
)
def test_what_cannot_be_exported_is_told(words: str, told: str, tmp_path: Path) -> None:
    done = cli(["export", *words.split()], tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def in_rounds(folder: Path, tool: str) -> str:
    """A scenario that needs another one, and goes round."""
    steps = [{"name": "In", "request": {"url": "/in", "json": {"u": "{{ user }}"}}}]
    login = {"name": "login", "variables": {"user": "ann"}, "steps": steps}
    (folder / "login.yaml").write_text(json.dumps(login))
    body = {"n": "{{ loop.number }}", "at": "{{ loop.index }}", "q": "{{ q }}", "i": "{{ item }}"}
    rounds = {"name": "Put", "for_each": ["x", "7"], "request": {"url": "/put", "json": body}}
    text = {"name": "it", "needs": "login.yaml", "variables": {"q": 4}, "steps": [rounds]}
    return text_of(json.dumps(text), tool, str(folder / "it.yaml"))


@pytest.mark.skipif(NODE is None or CURL is None, reason="no node, or no curl")
def test_a_k6_script_knows_the_variables_of_what_is_needed_and_its_round(tmp_path: Path) -> None:
    with scripted() as shop:
        for path in ("/in", "/put"):
            shop.on(f"POST {path}", 200, {})
        done = carried_out(in_rounds(tmp_path, "k6"), shop.url, tmp_path)
        assert done.returncode == 0, done.stderr
        assert [json.loads(body) for *_, body in shop.seen] == [
            {"u": "ann"},
            {"n": 1, "at": 0, "q": 4, "i": "x"},
            {"n": 2, "at": 1, "q": 4, "i": "7"},
        ]


NESTED = """
name: nested
steps:
  - {name: Goods, request: GET /goods, capture: {goods: $.goods}}
  - name: For each
    for_each: "{{ goods }}"
    group:
      - {name: Before, request: {url: /put, json: {at: before, item: "{{ item.sku }}", round: "{{ loop.number }}"}}}
      - name: Twice
        repeat: 2
        group:
          - name: Sizes
            for_each: [S, L]
            request: {url: /put, json: {at: inside, item: "{{ item }}", round: "{{ loop.number }}"}}
          - {name: Between, request: {url: /put, json: {at: between, item: "{{ item }}", round: "{{ loop.number }}"}}}
      - {name: Behind, request: {url: /put, json: {at: behind, item: "{{ item.sku }}", round: "{{ loop.number }}"}}}
"""


@pytest.mark.skipif(NODE is None or CURL is None, reason="no node, or no curl")
def test_loops_in_loops_of_a_k6_script_send_what_the_run_sends(tmp_path: Path) -> None:
    """The round and the item of a loop are there again behind a loop in it, and a captured list is gone through."""
    (tmp_path / "nested.yaml").write_text(NESTED, encoding="utf-8")
    with scripted() as shop:
        shop.on("GET /goods", body={"goods": [{"sku": "tea"}, {"sku": "pot"}]})
        shop.on("POST /put", body={})
        assert cli(["run", "nested.yaml", "--url", shop.url], tmp_path).returncode == 0
        ours = [(path, body) for _, path, _, body in shop.seen]
        shop.seen.clear()
        done = carried_out(text_of(NESTED, "k6"), shop.url, tmp_path)
        assert done.returncode == 0, done.stderr
        theirs = [(path, body) for _, path, _, body in shop.seen]
    assert len(ours) == 1 + 2 * (1 + 2 * 3 + 1)
    assert [(path, body and json.loads(body)) for path, body in theirs] == [
        (path, body and json.loads(body)) for path, body in ours
    ]


def test_numbers_stay_numbers_in_a_hurl_file(tmp_path: Path) -> None:
    text = in_rounds(tmp_path, "hurl")
    assert '"u": "{{user}}"' in text
    assert '{\n  "n": 2,\n  "at": 1,\n  "q": {{q}},\n  "i": "7"\n}' in text


@pytest.mark.parametrize("tool", TOOLS)
def test_whose_a_login_is_has_no_word_elsewhere(tool: str, tmp_path: Path) -> None:
    login = {"name": "login", "steps": [{"name": "In", "request": "/in"}]}
    (tmp_path / "login.yaml").write_text(json.dumps(login))
    needs = [{"file": "login.yaml", "customer": "alice"}]
    text = {"name": "it", "needs": needs, "steps": [{"name": "Look", "request": "/"}]}
    made = text_of(json.dumps(text), tool, str(tmp_path / "it.yaml"))
    assert "not said here: what " in made
    assert "gives belongs to alice" in made


def test_secrets_are_asked_for_by_name() -> None:
    for tool in TOOLS:
        text = text_of(starter("woocommerce"), tool)
        assert "WOO_SECRET" in text
        assert "secrets" not in text.replace("{{ secrets.", "").replace("--secret", "")
