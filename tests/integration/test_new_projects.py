"""`smoke new`: the shop is recognised by what it answers, what is written runs there, and nothing that is there is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import smoke
from smoke.app.beginning import merged_settings
from smoke.app.looking import look_at
from smoke.app.target_spec import load_targets
from smoke.demo.look import Look
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.starters import KINDS, starter
from tests.support.cli import smoke as cli
from tests.support.demo import ShopFactory
from tests.support.faces import INCIDENT
from tests.support.known_shops import PLATFORMS
from tests.support.scripted import scripted

WRITTEN = (
    "scenarios/first-order.yaml",
    "smoke-targets.yaml",
    ".vscode/smoke-scenario.schema.json",
    ".vscode/settings.json",
    ".gitignore",
)


def secrets_of(kind: str) -> dict[str, str]:
    path = Path("scenarios/first-order.yaml")
    loaded = load_text(starter(kind).encode(), path.as_posix(), Files(path))
    return dict.fromkeys(loaded.scenario.secrets, "s3cret-4711-abcdef")


@pytest.mark.parametrize("kind", PLATFORMS)
def test_a_platform_is_recognised_and_its_first_scenario_runs(kind: str, tmp_path: Path) -> None:
    set_up, count = PLATFORMS[kind]
    with scripted() as shop:
        orders = set_up(shop)
        done = cli(["new", "--url", shop.url], tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"kind    {kind}: "), done.stdout
        asked = {(method, body) for method, _, _, body in shop.seen if method != "GET"}
        assert all(method == "POST" and b"__schema" in body for method, body in asked)
        ran = cli(["run", "first-order", "--target", "production"], tmp_path, env=secrets_of(kind))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert [*orders.values()] == ["cancelled"] * count


@pytest.mark.parametrize("face", ["rest", "html", "graphql"])
def test_a_first_scenario_finds_the_incident(
    shop: ShopFactory, face: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fixed, broken = shop("fixed", look=Look(face)), shop("broken", look=Look(face))
    assert cli(["new", "--kind", face, "--url", fixed.url], tmp_path).returncode == 0
    assert smoke.run("first-order", url=fixed.url).outcome is smoke.Outcome.PASSED
    assert {order["status"] for order in fixed.orders()} == {"cancelled"}
    failed = smoke.run("first-order", url=broken.url)
    assert failed.outcome is smoke.Outcome.FAILED
    errors = [each.database_error for each in failed.findings if each.database_error is not None]
    assert {error.constraint_name for error in errors} == {INCIDENT.constraint}


def test_a_graphql_api_of_its_own_is_recognised(shop: ShopFactory) -> None:
    found = look_at(shop(look=Look("graphql")).url)
    assert found.kind == "graphql"


@pytest.mark.parametrize("given", ["", "/api/graphql", "/shop/gql"])
def test_a_graphql_api_at_a_place_of_its_own_is_recognised(given: str, tmp_path: Path) -> None:
    path = given or "/api/graphql"
    with scripted() as shop:
        shop.on(f"POST {path}", 200, {"errors": [{"message": "introspection is off"}]})
        done = cli(["new", "--url", shop.url + given], tmp_path)
        assert done.stdout.startswith("kind    graphql: "), done.stdout + done.stderr
        first = yaml.safe_load((tmp_path / "scenarios/first-order.yaml").read_text("utf-8"))
        assert first["steps"][0]["request"]["url"] == path
        targets = yaml.safe_load((tmp_path / "smoke-targets.yaml").read_text("utf-8"))
        assert targets["targets"]["production"]["url"] == shop.url


def answering(route: str, body: object, status: int = 200, **headers: str) -> tuple[str, str]:
    with scripted() as shop:
        shop.on(route, status, body, **headers)
        found = look_at(shop.url)
    return found.kind, found.why


@pytest.mark.parametrize(
    ("route", "body", "kind"),
    [
        ("GET /", b"<form action=/cart>", "html"),
        ("GET /", b"<p>Tea</p>", "html"),
        ("GET /", {"ok": True}, "rest"),
        ("GET /", b"<link href=/wp-content/plugins/woocommerce/assets/a.css>", "woocommerce"),
        ("GET /wp-json/wc/store/v1/products", [], "rest"),
        ("GET /wp-json/wc/store/v1/products", [1, None], "rest"),
        ("GET /store/regions", {"regions": "all"}, "rest"),
        ("GET /store/regions", {"message": "no x-publishable-api-key was sent"}, "medusa"),
        ("POST /shop-api", {"errors": [{"message": "introspection is off"}]}, "vendure"),
        ("POST /shop-api", {"errors": ["no"]}, "rest"),
        ("POST /graphql", {"errors": [{"message": "introspection is off"}]}, "graphql"),
        ("POST /graphql", {"data": {"__schema": {"mutationType": None}}}, "rest"),
        ("POST /graphql", {"data": {"__schema": {"mutationType": {"fields": [7]}}}}, "rest"),
        ("GET /openapi.json", {"paths": {"/orders": {"post": {}}, "/x": 7}}, "rest"),
        ("GET /openapi.json", {"paths": []}, "rest"),
        ("GET /store/regions", b"[" * 100_000, "rest"),
        ("GET /", b"\xff\xfe<form>" + b"x" * 3_000_000, "html"),
    ],
)
def test_what_is_recognised(route: str, body: object, kind: str) -> None:
    kind_of_page = (
        "text/html" if isinstance(body, bytes) and route == "GET /" else "application/json"
    )
    assert answering(route, body, Content_Type=kind_of_page)[0] == kind


def test_what_a_shop_calls_its_paths_is_bounded_and_escaped() -> None:
    hostile: dict[str, object] = {"/order\x1b[2J\u202e" + "x" * 9_000: {"post": {}}}
    _, why = answering("GET /openapi.json", {"paths": hostile})
    assert "\x1b" not in why
    assert "\u202e" not in why
    assert len(why) < 200


def test_a_shop_that_does_not_answer_or_is_elsewhere_is_told(tmp_path: Path) -> None:
    with scripted() as other, scripted() as shop:
        shop.on("GET /", 301, b"", Location=other.url + "/\x9b")
        moved = cli(["new", "--url", shop.url], tmp_path)
        assert other.seen == []
    assert moved.returncode == 2
    assert f"leads to another origin: {other.url}/" in moved.stderr
    gone = cli(["new", "--url", shop.url], tmp_path)
    assert gone.returncode == 2
    assert "does not answer" in gone.stderr
    assert [*tmp_path.iterdir()] == []


def test_a_redirect_within_the_shop_is_followed() -> None:
    with scripted() as shop:
        shop.on("GET /", 302, b"", Location="/de")
        shop.on("GET /de", body=b"<script src=/_next/static/a.js>")
        assert look_at(shop.url).kind == "nextjs"
        shop.on("GET /de", 302, b"", Location="/de")  # for ever
        assert look_at(shop.url).kind == "rest"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_right_as_it_is_written(kind: str, tmp_path: Path) -> None:
    done = cli(["new", "--kind", kind, "--ci", "github", "--target", "shop"], tmp_path)
    assert done.returncode == 0, done.stderr
    scenario = (tmp_path / "scenarios/first-order.yaml").read_text(encoding="utf-8")
    assert scenario == starter(kind)
    assert load_targets(tmp_path / "smoke-targets.yaml")["shop"].url == "https://shop.example"
    workflow = (tmp_path / ".github/workflows/checkout-smoke.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(workflow)["jobs"]["smoke"]["steps"]
    order = next(step["with"] for step in steps if step.get("name") == "Place the orders")
    assert order["target"] == "shop"
    assert order.get("secrets", "").split() == [*secrets_of(kind)]
    assert "@" not in workflow.replace("@COMMIT", "").replace("checkout@", "").replace(
        "python@", ""
    )
    for name in secrets_of(kind):
        assert f"set {name} in the environment" in done.stderr


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    first = cli(["new", "--kind", "rest"], tmp_path)
    assert [line.split() for line in first.stdout.splitlines()[1:6]] == [
        ["wrote", path] for path in WRITTEN
    ]
    for path in WRITTEN[:3]:
        (tmp_path / path).write_text("mine", encoding="utf-8")
    again = cli(["new", "--kind", "html", "--url", "https://shop.example"], tmp_path)
    assert [line.split() for line in again.stdout.splitlines()[1:6]] == [
        ["kept", path] for path in WRITTEN
    ]
    assert all((tmp_path / path).read_text(encoding="utf-8") == "mine" for path in WRITTEN[:3])
    assert "--url https://shop.example --dry-run" in again.stdout


@pytest.mark.parametrize("there", ["", "node_modules", "node_modules\r\n", "# all of\n*.log\n"])
def test_a_line_is_added_to_what_git_ignores(there: str, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(there.encode())
    done = cli(["new", "--kind", "rest"], tmp_path)
    assert "added   .gitignore: .smoke/" in done.stdout
    now = (tmp_path / ".gitignore").read_bytes().decode()
    assert now.startswith(there)
    assert now.splitlines()[-1] == ".smoke/"
    assert now.count(".smoke/") == 1


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{\n  "editor.tabSize": 2\n}\n',
        '{\n    "a": [],\n    "yaml.schemas": {\n        "x.json": "*.yaml"\n    }\n}\n',
        '{\n\t"é": "ü"\n}',
    ],
)
def test_settings_are_merged_where_only_the_mapping_is_added(text: str) -> None:
    made = merged_settings(text)
    assert made is not None
    found, before = json.loads(made), json.loads(text)
    mapped = found.pop("yaml.schemas")
    assert mapped.pop("./.vscode/smoke-scenario.schema.json") == [
        "scenarios/*.yaml",
        "scenarios/*.yml",
    ]
    assert {**found, **({"yaml.schemas": mapped} if mapped else {})} == before
    assert merged_settings(made) == made


@pytest.mark.parametrize(
    "text",
    [
        '{\n  // a comment\n  "a": 1\n}\n',
        '{\n  "a": 1,\n}\n',
        '{\n  "a": 1,\n  "a": 2\n}\n',
        '{"a": 1, "b": 2}',
        '{\n  "yaml.schemas": []\n}\n',
        '{\n  "yaml.schemas": {\n    "./.vscode/smoke-scenario.schema.json": "mine"\n  }\n}\n',
        "[]",
        "",
        "nonsense",
        '{\n  "a": 1.50\n}\n',
        "[" * 100_000,
    ],
)
def test_other_settings_stay_and_the_lines_are_printed(text: str, tmp_path: Path) -> None:
    assert merged_settings(text) is None
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/settings.json").write_text(text, encoding="utf-8")
    done = cli(["new", "--kind", "rest"], tmp_path)
    assert done.returncode == 0
    assert "by hand .vscode/settings.json" in done.stdout
    assert '"./.vscode/smoke-scenario.schema.json": [' in done.stdout
    assert (tmp_path / ".vscode/settings.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "name", [".vscode", "scenarios", ".gitignore/x", ".vscode/settings.json/x"]
)
def test_what_cannot_be_written_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("/x"):  # a folder where a file belongs
        path.mkdir(parents=True)
    else:
        path.write_text("a file", encoding="utf-8")
    done = cli(["new", "--kind", "rest"], tmp_path)
    assert done.returncode == 2
    assert "cannot " in done.stderr
    assert "Traceback" not in done.stderr


def test_in_a_terminal_it_asks(tmp_path: Path) -> None:
    sitting = pytest.importorskip("tests.support.sitting")
    with scripted() as shop:
        PLATFORMS["medusa"][0](shop)
        shown = sitting.typed_at_once(["new"], tmp_path, f"{shop.url}\n\ny\n")
    assert b"kind of shop (rest, html" in shown
    assert b"kind    medusa" in shown
    assert (tmp_path / ".github/workflows/checkout-smoke.yml").exists()
