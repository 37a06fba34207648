"""The same scenarios at every target: a run for each, one table, each cause once, the worst exit status."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from smoke.model.run import Outcome
from smoke.overview.pages import as_html, as_markdown
from smoke.overview.table import Shop as SweptShop
from smoke.overview.table import overview
from smoke.store import list_runs
from tests.support.cli import command, environment, narrow, smoke
from tests.support.one_order import ORDER, REFUSED
from tests.support.scripted import Answer, Shop, scripted

JUNIT = Path(__file__).resolve().parents[1] / "support" / "junit.xsd"
LOOK = """\
name: look
steps:
  - name: Look
    request: GET /
"""


@pytest.fixture
def shops() -> Iterator[tuple[Shop, Shop, Shop]]:
    with ExitStack() as stack:
        found = tuple(stack.enter_context(scripted()) for _ in range(3))
        for shop in found:
            shop.on("GET /", 200, {})
            shop.on("POST /orders", 201, {"id": "o-1"})
            shop.on("DELETE /orders/o-1", 200, {})
        yield found[0], found[1], found[2]


@pytest.fixture
def project(tmp_path: Path, shops: tuple[Shop, Shop, Shop]) -> Path:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "order.yaml").write_text(ORDER, encoding="utf-8")
    (tmp_path / "scenarios" / "look.yaml").write_text(LOOK, encoding="utf-8")
    (tmp_path / "shops").mkdir()
    for name, shop in zip(("de", "at", "ch"), shops, strict=True):
        write_target(tmp_path, name, shop.url)
    return tmp_path


def write_target(project: Path, name: str, url: str, more: str = "") -> None:
    text = f"targets:\n  {name}:\n    url: {url}\n{more}"
    (project / "shops" / f"{name}.yaml").write_text(text, encoding="utf-8")


def swept(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return smoke(
        ["run", "order", "look", "--all-targets", "--targets", "shops/*.yaml", *options], project
    )


def test_one_table_and_each_cause_once(project: Path, shops: tuple[Shop, Shop, Shop]) -> None:
    for shop in shops[:2]:
        shop.on("POST /orders", 500, REFUSED)
    done = swept(project, "--overview", "all.json", "--report", "junit=reports/{target}.xml")
    assert done.returncode == 1
    assert done.stdout.count("unique_violation") == 1
    assert "order at at, de" in done.stdout
    table = json.loads((project / "all.json").read_text())
    assert table["exit_status"] == 1
    assert {each["target"]: each["scenarios"] for each in table["targets"]} == {
        "at": {"order": "failed", "look": "passed"},
        "ch": {"order": "passed", "look": "passed"},
        "de": {"order": "failed", "look": "passed"},
    }
    assert sorted(path.name for path in (project / "reports").iterdir()) == [
        "at.xml",
        "ch.xml",
        "de.xml",
    ]
    (cause,) = table["causes"]
    words = cause["show"].split()
    shown = smoke(words[words.index("show") :], project)
    assert "orders_sku_key" in shown.stdout
    assert len(list_runs(project / ".smoke" / "runs")) == 3


def test_one_junit_report_has_a_suite_for_each_target_and_scenario(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    shops[0].on("POST /orders", 500, REFUSED)
    write_target(project, "gone", "http://127.0.0.1:9")
    done = swept(project, "--report", "junit=all.xml")
    assert done.returncode == 1
    path = project / "all.xml"
    xmlschema.XMLSchema(JUNIT).validate(path.read_text(encoding="utf-8"))
    root = ET.parse(path).getroot()
    names = [suite.get("name") for suite in root]
    assert [name for name in names if name and not name.startswith("gone: ")] == [
        f"{target}: {name}" for target in ("at", "ch", "de") for name in ("order", "look")
    ]
    assert [suite.get("name") for suite in root if suite.get("failures") != "0"] == ["de: order"]
    assert any((name or "").startswith("gone: ") for name in names)
    assert root.get("failures") == "1"
    classes = {case.get("classname") for case in root.iter("testcase")}
    assert {"at: order", "ch: order", "de: order"} <= classes


def test_evidence_that_is_gone_when_all_is_over_hides_no_other_target(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    """Somebody prunes runs while the last target is asked."""
    runs = project / ".smoke" / "runs"

    def prune(_: bytes) -> Answer:
        for events in runs.glob("*/events.jsonl"):
            if not events.parent.is_symlink() and shops[1].url.encode() in events.read_bytes():
                shutil.rmtree(events.parent)
        return 200, {}, b"{}"

    shops[0].routes["GET /"] = prune
    shops[0].on("POST /orders", 500, REFUSED)
    done = swept(project, "--targets-at-once", "1", "--report", "junit=all.xml")
    assert done.returncode == 1
    assert "unique_violation" in done.stdout
    root = ET.parse(project / "all.xml").getroot()
    told = {suite.get("name"): suite for suite in root}
    assert {"ch: order", "ch: look", "de: order", "de: look"} <= told.keys()
    (gone,) = [suite for name, suite in told.items() if (name or "").startswith("at: ")]
    error = gone.find("testcase/error")
    assert error is not None
    assert "its evidence is gone" in error.get("message", "")


def test_a_job_of_github_is_told_once_of_all_targets(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    """An annotation for the one cause with all shops that it struck, and the table on the page."""
    for shop in shops[:2]:
        shop.on("POST /orders", 500, REFUSED)
    page = project / "page.md"
    words = ["run", "order", "look", "--all-targets", "--targets", "shops/*.yaml"]
    given = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page), "CI": "true"}
    done = smoke(words, project, env=given)
    assert done.returncode == 1
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert told.startswith("::error file=scenarios/order.yaml,line=")
    assert "order at at, de" in told
    text = page.read_text(encoding="utf-8")
    assert text.count("unique_violation") == 1
    assert "| target | `order` | `look` |" in text


def test_all_green_is_green_and_nobody_answering_is_no_verdict(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    assert swept(project).returncode == 0
    write_target(project, "gone", "http://127.0.0.1:9")
    assert swept(project).returncode == 3
    assert all("POST /orders" in shop.paths() for shop in shops)


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("bad", "    colour: red\n", "colour"),
        ("bad", "    secrets: [NOT_THERE_AT_ALL]\n", "NOT_THERE_AT_ALL"),
    ],
)
def test_a_target_that_cannot_be_used_is_told_before_anything_is_sent_anywhere(
    name: str, more: str, said: str, project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    write_target(project, name, "https://shop.example", more)
    done = swept(project)
    assert done.returncode == 2
    assert said in done.stderr
    assert not any(shop.seen for shop in shops)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--target", "de"], "--all-targets and --target do not go together"),
        (["--url", "http://shop.example"], "--all-targets and --url"),
        (["--report", "tap=a.tap"], "{target}"),
        (["--overview", "a.pdf"], ".html, .md, .json"),
        (["--against", "last-pass"], "--against"),
        (["--dry-run"], "--target"),
        (["--targets", "nothing/*.yaml"], "nothing/*.yaml"),
    ],
)
def test_what_does_not_go_with_all_targets(
    options: list[str], said: str, project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    done = swept(project, *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert not any(shop.seen for shop in shops)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--report", "junit=look/{target}.xml"], "junit=look/"),
        (["--overview", "look/all.md"], "--overview"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_sent(
    options: list[str], said: str, project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    (project / "look").write_text("no folder")
    done = swept(project, *options)
    assert (done.returncode, said in done.stderr) == (2, True)
    assert not any(shop.seen for shop in shops)


def test_targets_whose_reports_would_be_one_file_are_told(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    write_target(project, "DE", "https://shop.example")
    done = swept(project, "--report", "junit=reports/{target}.xml")
    assert (done.returncode, "junit is written there" in done.stderr) == (2, True)
    assert not any(shop.seen for shop in shops)


def test_options_of_a_sweep_alone_are_refused(project: Path) -> None:
    done = smoke(["run", "look", "--url", "http://127.0.0.1:9", "--overview", "a.md"], project)
    assert (done.returncode, "--all-targets" in done.stderr) == (2, True)


def test_one_name_in_two_files_is_refused(project: Path) -> None:
    (project / "shops" / "more.yaml").write_text("targets: {de: {url: 'https://shop.example'}}\n")
    done = swept(project)
    assert done.returncode == 2
    assert "both have a target 'de'" in done.stderr


def test_targets_at_one_origin_are_never_side_by_side(project: Path) -> None:
    going, most = 0, 0
    guard = threading.Lock()

    def order(_: bytes) -> Answer:
        nonlocal going, most
        with guard:
            going += 1
            most = max(most, going)
        time.sleep(0.05)  # long enough for another to come, if one could
        with guard:
            going -= 1
        return 201, {"Content-Type": "application/json"}, b'{"id": "o-1"}'

    with scripted() as shop:
        shop.routes["POST /orders"] = order
        shop.routes.update({f"POST /{place}/orders": order for place in "abcd"})
        for place in "abcd":
            write_target(project, place, f"{shop.url}/{place}")
        for name in ("de", "at", "ch"):
            (project / "shops" / f"{name}.yaml").unlink()
        swept(project, "--targets-at-once", "4")
        assert len(shop.seen) >= 4
    assert most == 1


def test_the_projects_defaults_hold_at_every_target(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    write_target(project, "de", shops[0].url, "    headers: {x-shop: german}\n")
    (project / "smoke.toml").write_text(
        'url = "http://127.0.0.1:9"\n[headers]\nx-shop = "any"\nx-all = "yes"\n'
    )
    assert swept(project).returncode == 0
    sent = [{k.lower(): v for k, v in shop.seen[0][2].items()} for shop in shops]
    assert [headers["x-shop"] for headers in sent] == ["german", "any", "any"]
    assert {headers["x-all"] for headers in sent} == {"yes"}


@pytest.mark.skipif(narrow(), reason="signals are sent as POSIX does")
def test_an_interruption_stops_all_and_starts_no_more(
    project: Path, shops: tuple[Shop, Shop, Shop]
) -> None:
    came, go_on = threading.Event(), threading.Event()

    def order(_: bytes) -> Answer:
        came.set()
        go_on.wait(20)
        return 201, {"Content-Type": "application/json"}, b'{"id": "o-1"}'

    for shop in shops:
        shop.routes["POST /orders"] = order
    words = ["run", "order", "--all-targets", "--targets", "shops/*.yaml", "--overview", "a.json"]
    with subprocess.Popen(
        command(*words), cwd=project, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert came.wait(30)
        process.send_signal(signal.SIGINT)
        go_on.set()
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130, out
    table = json.loads((project / "a.json").read_text())
    assert [bool(each["why_not"]) for each in table["targets"]] == [False, True, True]
    assert sum(len(shop.seen) > 0 for shop in shops) == 1


def test_a_page_shows_hostile_names_as_text() -> None:
    name = "<script>alert(1)</script>|`x`"
    found = overview([SweptShop(name, "https://shop.example", why_not=f"no: {name}")])
    assert found.status == 3
    assert "<script>" not in as_html(found)
    assert "&lt;script&gt;" in as_html(found)
    assert as_markdown(found).count("|") == as_markdown(
        overview([SweptShop("x", "https://shop.example", why_not="no")])
    ).count("|")
    assert not found.causes
    assert found.shops[0].outcome is Outcome.ERRORED
