"""What is imported runs without a touch by hand: green where the shop is fixed, and with the incident where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import smoke
from smoke.app.importing import imported
from smoke.demo.look import Look
from tests.support.cli import smoke as cli
from tests.support.demo import ShopFactory
from tests.support.faces import INCIDENT
from tests.support.importing import CORPUS
from tests.support.recorded import EMAIL, PASSWORD, PHONE, order_in_pages

CURL = """\
# the request of the ticket
curl '{url}/api/shop' \\
  -H 'content-type: application/json' -H 'user-agent: Mozilla/5.0' \\
  --data-raw '{{"action":"place_order","customer":{{"email":"ann@shop.example","phone":"+1 555 0100","name":"Ann Berg"}},"items":[{{"sku":"tea-sencha","quantity":1}}],"payment":{{"card_number":"4242424242424242"}}}}' \\
  --compressed
"""


def outcome(recording: bytes, name: str, url: str, folder: Path) -> smoke.Run:
    """The run of a scenario that is imported from these bytes."""
    (folder / name).write_bytes(recording)
    made, called = imported(str(folder / name), twice=True)
    scenario = folder / f"{called}.yaml"
    scenario.write_text(made.text, encoding="utf-8")
    return smoke.run(str(scenario), url=url)


@pytest.mark.parametrize("state", ["fixed", "broken"])
@pytest.mark.parametrize("face", ["rest", "html"])
def test_what_is_imported_finds_the_incident(
    shop: ShopFactory, face: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = shop(state, look=Look(face)).url
    if face == "html":
        recording, name = order_in_pages(url), "shop.har"
    else:
        recording, name = CURL.format(url=url).encode(), "shop.sh"
    monkeypatch.setenv("CARD_NUMBER", "4242424242424242")  # what the command asks for
    run = outcome(recording, name, url, tmp_path)
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    for typed in (EMAIL, PASSWORD, PHONE, "Ann Berg", "4242424242424242"):
        assert typed not in text
    finds_the_incident(run, state)


@pytest.mark.parametrize("state", ["fixed", "broken"])
@pytest.mark.parametrize(
    ("face", "name"), [("session", "session"), ("graphql", "graphql"), ("html", "pages")]
)
def test_a_script_of_curl_lines_finds_the_incident(
    shop: ShopFactory,
    face: str,
    name: str,
    state: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a line took of an answer is captured, and what the shop keeps in cookies stays there."""
    monkeypatch.chdir(tmp_path)
    url = shop(state, look=Look(face)).url
    recording = (CORPUS / "curl" / f"demo-{name}.sh").read_bytes()
    finds_the_incident(outcome(recording, "shop.sh", url, tmp_path), state)
    assert PASSWORD not in (tmp_path / "shop.yaml").read_text(encoding="utf-8")


def finds_the_incident(run: smoke.Run, state: str) -> None:
    """Green where the shop is fixed; else red, with the constraint and nothing else named."""
    expected = smoke.Outcome.PASSED if state == "fixed" else smoke.Outcome.FAILED
    told = [
        (step.name, step.outcome, step.message, attempt.mismatches)
        for scenario in run.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        if step.outcome is not smoke.Outcome.PASSED
    ]
    assert run.outcome is expected, told
    errors = [each.database_error for each in run.findings if each.database_error is not None]
    named = {(error.sqlstate, error.constraint_name) for error in errors}
    truth = {(INCIDENT.sqlstate, INCIDENT.constraint)}
    assert named == (set() if state == "fixed" else truth)
    assert len(run.orders_left_behind) == 2


POSTMAN = CORPUS / "postman"


@pytest.mark.parametrize("state", ["fixed", "broken"])
def test_a_postman_collection_finds_the_incident(
    shop: ShopFactory, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_CARD", "4242424242424242")  # what the environment keeps secret
    done = cli(
        [
            "import",
            str(POSTMAN / "demo-shop.json"),
            str(POSTMAN / "demo-environment.json"),
            "--twice",
        ],
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "not taken over: 'Shop / Place an order', test script, line 9" in done.stderr
    scenario = tmp_path / "scenarios" / "demo-shop.yaml"
    assert "4242" not in scenario.read_text(encoding="utf-8") + done.stdout + done.stderr
    monkeypatch.chdir(tmp_path)
    finds_the_incident(smoke.run(str(scenario), url=shop(state).url), state)


@pytest.mark.parametrize("state", ["fixed", "broken"])
@pytest.mark.parametrize(
    "name",
    [
        "http_file/demo-shop.http",
        "hurl/demo-shop.hurl",
        "insomnia/demo-shop.json",
        "insomnia/demo-shop.yaml",
        "openapi/demo-shop.yaml",
        "powershell/demo-shop.ps1",
        "stepci/demo-shop.yml",
        "tavern/demo-shop.tavern.yaml",
    ],
)
def test_a_file_of_a_tool_finds_the_incident(
    shop: ShopFactory, name: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARD_NUMBER", "4242424242424242")
    monkeypatch.chdir(tmp_path)
    url = shop(state).url
    run = outcome((CORPUS / name).read_bytes(), f"shop{Path(name).suffix}", url, tmp_path)
    finds_the_incident(run, state)


@pytest.mark.parametrize("state", ["fixed", "broken"])
@pytest.mark.parametrize(
    ("name", "face"),
    [
        ("playwright/demo-pages.zip", "html"),
        ("playwright/demo-session.zip", "session"),
        ("playwright/demo-session-1.40.zip", "session"),
        ("har/demo-pages.zip", "html"),
        ("openapi/demo-session.json", "session"),
    ],
)
def test_a_flow_with_a_login_finds_the_incident(
    shop: ShopFactory,
    name: str,
    face: str,
    state: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    url = shop(state, look=Look(face)).url
    run = outcome((CORPUS / name).read_bytes(), f"shop{Path(name).suffix}", url, tmp_path)
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    assert [each for each in (PASSWORD, "berg@shop.example", "Ann Berg", "ses_") if each in text] == []  # fmt: skip
    finds_the_incident(run, state)


@pytest.mark.parametrize("state", ["fixed", "broken"])
@pytest.mark.parametrize(
    "name", ["bruno/demo-shop", "opencollection/demo-shop", "opencollection/demo-shop.yml"]
)
def test_a_collection_of_bruno_finds_the_incident(
    shop: ShopFactory, name: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_CARD_NUMBER", "4242424242424242")
    monkeypatch.setenv("SHOP_CARD", "4242424242424242")
    done = cli(["import", str(CORPUS / name), "--twice"], tmp_path)
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path)
    run = smoke.run(str(tmp_path / "scenarios" / "demo-shop.yaml"), url=shop(state).url)
    finds_the_incident(run, state)


def test_a_file_is_written_once_and_says_what_it_asks_for(tmp_path: Path) -> None:
    key = "k3y-4f5e6a7b8c9d"
    text = f"curl -H 'x-api-key: {key}' -d 'a=1' https://shop.example/orders"
    (tmp_path / "My order.sh").write_text(text, encoding="utf-8")
    done = cli(["import", "My order.sh"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "wrote scenarios/my-order.yaml",
        "next  smoke run scenarios/my-order.yaml --url https://shop.example --dry-run",
        "then  smoke run scenarios/my-order.yaml --url https://shop.example",
    ]
    assert "set SHOP_API_KEY in the environment" in done.stderr
    assert cli(["check"], tmp_path).returncode == 0
    elsewhere = cli(["import", "My order.sh", "--to", "My.Order 2.yaml"], tmp_path)
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert "\nname: my-order-2\n" in (tmp_path / "My.Order 2.yaml").read_text(encoding="utf-8")
    again = cli(["import", "My order.sh"], tmp_path)
    assert (again.returncode, again.stdout) == (
        0,
        "scenarios/my-order.yaml says what the recording says\n",
    )
    written = (tmp_path / "scenarios" / "my-order.yaml").read_text(encoding="utf-8")
    assert key not in written + done.stdout + done.stderr + again.stderr


@pytest.mark.parametrize("command", ["import", "check", "run", "record"])
def test_a_name_that_is_too_long_is_told(command: str, tmp_path: Path) -> None:
    words = ["--url", "https://shop.example", "--to"] if command == "record" else []
    done = cli([command, *words, "n" * 300], tmp_path)
    assert done.returncode == 2
    assert "internal error" not in done.stderr


def test_a_scenario_follows_an_api_that_changed(
    shop: ShopFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown first, written only when that is asked for; what a person wrote stays, and it runs."""
    shop_ = shop("fixed")
    now = CURL.format(url=shop_.url)
    then = now.replace('"items":', '"basket":').replace("place_order", "order")
    recording, path = tmp_path / "shop.sh", tmp_path / "scenarios" / "shop.yaml"
    recording.write_text(then, encoding="utf-8")
    assert cli(["import", "shop.sh"], tmp_path).returncode == 0
    worked = path.read_text(encoding="utf-8").replace("name: Order", "name: Tea # the usual")
    worked = worked.replace(
        "    places_order:", "    expect: {status: 201} # as agreed\n    places_order:"
    )
    path.write_text(worked, encoding="utf-8", newline="\r\n")
    path.chmod(0o640)
    recording.write_text(now, encoding="utf-8")
    shown = cli(["import", "shop.sh", "--to", "scenarios/shop.yaml"], tmp_path)
    assert shown.returncode == 1, shown.stderr
    assert "changed Tea: POST /api/shop (line " in shown.stdout
    assert '  ~ request.json.action: "order" -> "place_order" (line ' in shown.stdout
    assert "  - request.json.basket: " in shown.stdout
    assert path.read_bytes().decode().replace("\r\n", "\n") == worked
    done = cli(["import", "shop.sh", "--update"], tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "wrote scenarios/shop.yaml")
    text = path.read_bytes().decode()
    assert text.count("\n") == text.count("\r\n")
    assert path.stat().st_mode & 0o777 == 0o640
    for each in ("name: Tea # the usual", "expect: {status: 201} # as agreed"):
        assert each in text
    assert [each.name for each in path.parent.iterdir()] == ["shop.yaml"]
    monkeypatch.setenv("CARD_NUMBER", "4242424242424242")
    run = smoke.run(str(path), url=shop_.url)
    assert run.outcome is smoke.Outcome.PASSED


def test_a_scenario_that_cannot_follow_stays_as_it_is(tmp_path: Path) -> None:
    recording, path = tmp_path / "shop.sh", tmp_path / "scenarios" / "shop.yaml"
    recording.write_text("curl -d a=1 https://shop.example/orders", encoding="utf-8")
    assert cli(["import", "shop.sh"], tmp_path).returncode == 0
    whole = "name: shop\nsteps: [{name: Look, request: GET /}]\n"
    for text, code in ((whole, "cannot-update"), ("name: shop\nsteps: 5\n", "wrong-type")):
        path.write_text(text, encoding="utf-8")
        done = cli(["import", "shop.sh", "--update"], tmp_path)
        assert (done.returncode, code in done.stderr) == (2, True), done.stderr
        assert path.read_text(encoding="utf-8") == text
