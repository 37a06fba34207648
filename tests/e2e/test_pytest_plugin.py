"""The pytest plugin, in a pytest of its own: asleep without a deployment, and each failure as `smoke run` shows it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from smoke.app.catalog import shipped_folder
from tests.support.cli import REPOSITORY, environment
from tests.support.demo import ShopFactory

REGISTERED = any(item.value == "smoke.pytest_plugin" for item in entry_points(group="pytest11"))
"""Under whatever name: a checkout may be newer than what was installed of it."""
TEST = """\
    def test_repeat_customers(smoke):
        run = smoke.run("repeat-customer")
        assert run.findings[0].database_error.sqlstate == "23505"
        smoke("first-order", workers=1)
        smoke("repeat-customer")
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # pytest-randomly, where it is installed, would run the scenarios in any order
    plugin = ["-p", "no:randomly", *([] if REGISTERED else ["-p", "smoke.pytest_plugin"])]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "tests").mkdir()
    for source, name in (
        ("repeat-customer.yaml", "scenarios/repeat-customer.yaml"),
        ("first-order.yaml", "tests/first.smoke.yaml"),
    ):
        text = (shipped_folder() / source).read_text(encoding="utf-8")
        kept = "".join(
            line for line in text.splitlines(keepends=True) if not line.startswith("fix:")
        )
        (tmp_path / name).write_text(kept, encoding="utf-8")
    (tmp_path / "scenarios" / "part.yaml").write_text(
        "parameters: []\nsteps: [{name: Look, request: /x}]\n", encoding="utf-8"
    )
    (tmp_path / "tests" / "other.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "tests" / "test_it.py").write_text(textwrap.dedent(TEST), encoding="utf-8")
    return tmp_path


def test_nothing_is_ordered_where_no_deployment_is_named(project: Path) -> None:
    done = run_pytest(project, ".", "-rs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 skipped" in done.stdout
    assert "give --smoke-url" in done.stdout
    assert "passed" not in done.stdout
    assert not (project / ".smoke").exists()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_a_failure_is_told_as_the_terminal_does(
    project: Path, shop: ShopFactory, workers: tuple[str, ...]
) -> None:
    made = shop("broken")
    done = run_pytest(
        project, "tests", "scenarios", "--smoke-url", made.url, *workers, "--junit-xml=out.xml"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 1 passed" in done.stdout
    summary = [line for line in done.stdout.splitlines() if line.startswith("FAILED scenarios/")]
    assert "repeat-customer.yaml::repeat-customer" in summary[0]
    assert "repeat-customer - Order 2: unique" in summary[0]
    for words in (
        "❌ Order 2 FAILED",
        "constraint  h2s_dispatch_jobs_recipient_step_uq",
        "smoke explain 23505",
        "body file   .smoke/runs/",
    ):
        assert words in done.stdout, done.stdout
    assert "in runtest" not in done.stdout
    cases = ET.parse(project / "out.xml").getroot().iter("testcase")
    assert sorted(case.get("name", "") for case in cases) == [
        "first-order",
        "repeat-customer",
        "test_repeat_customers",
    ]
    orders = {order["status"] for order in made.orders()}
    assert orders == {"cancelled"}


def test_a_shop_that_works_is_green_and_configured_in_a_file(
    project: Path, shop: ShopFactory
) -> None:
    url = shop("fixed").url
    (project / "pytest.ini").write_text(
        f"[pytest]\nsmoke_url = {url}\nsmoke_out = evidence\n", encoding="utf-8"
    )
    done = run_pytest(project, "scenarios", "tests/first.smoke.yaml", "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "scenarios/repeat-customer.yaml::repeat-customer PASSED" in done.stdout
    assert "2 passed" in done.stdout
    assert len(list((project / "evidence").glob("2*"))) == 2


def test_a_run_without_a_verdict_is_not_green(project: Path) -> None:
    done = run_pytest(project, "scenarios", "--smoke-url", "http://127.0.0.1:9")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout


def test_a_mistake_in_a_scenario_is_told_before_anything_is_sent(
    project: Path, shop: ShopFactory
) -> None:
    made = shop("fixed")
    (project / "scenarios" / "wrong.yaml").write_text(
        "name: wrong\nsteps: [{name: a, request: /x, expcet: {status: 200}}]\n", encoding="utf-8"
    )
    done = run_pytest(project, "scenarios", "--smoke-url", made.url)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "error[unknown-key]" in done.stdout
    assert "scenarios/wrong.yaml:2:32" in done.stdout
    assert made.orders() == []


@pytest.mark.parametrize("given", ["nonsense", "http://ann:s3cr3t-word@shop.example"])
def test_what_is_no_deployment_is_refused_at_once(project: Path, given: str) -> None:
    done = run_pytest(project, "tests", "--smoke-url", given)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "ERROR: --smoke-url " in done.stderr
    assert "s3cr3t-word" not in done.stdout + done.stderr
    (project / "pytest.ini").write_text(f"[pytest]\nsmoke_url = {given}\n", encoding="utf-8")
    assert "ERROR: smoke_url " in run_pytest(project, "tests").stderr


def test_a_wrong_use_of_the_fixture_is_told_without_the_way_to_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do pytest's frames show the environment, which has secrets."""
    monkeypatch.setenv("A_SECRET", "s3cr3t-word")
    (project / "tests" / "test_it.py").write_text(
        "def test_name(smoke):\n    smoke('first-ordr')\n\n"
        "def test_option(smoke):\n    smoke('first-order', timout=3)\n\n"
        "def test_type(smoke):\n    smoke('first-order', timeout='soon')\n",
        encoding="utf-8",
    )
    done = run_pytest(project, "tests/test_it.py", "--smoke-url", "http://127.0.0.1:9", "-l")
    assert "3 failed" in done.stdout, done.stdout + done.stderr
    for words in (
        "SmokeError: no scenario, file or tag named 'first-ordr'",
        "did you mean 'first-order'?",
        "TypeError: run() got an unexpected keyword argument 'timout'; did you mean 'timeout'?",
        "SmokeError: timeout: expected `float`, got `str`",
    ):
        assert words in done.stdout, done.stdout
    assert "environ" not in done.stdout
    assert "def select" not in done.stdout


def test_a_scenario_is_carried_out_once_however_often_it_is_asked_for(
    project: Path, shop: ShopFactory
) -> None:
    made = shop("broken")
    (project / "conftest.py").write_text(
        textwrap.dedent(
            """\
            from _pytest.runner import runtestprotocol

            def pytest_runtest_protocol(item, nextitem):
                for _ in range(3):  # as a plugin does that runs failed tests again
                    reports = runtestprotocol(item, nextitem=nextitem, log=False)
                for report in reports:
                    item.ihook.pytest_runtest_logreport(report=report)
                return True
            """
        ),
        encoding="utf-8",
    )
    done = run_pytest(project, "scenarios", "--smoke-url", made.url)
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    assert len(made.orders()) == 1
    assert len(list((project / ".smoke" / "runs").glob("2*"))) == 1


def test_a_signal_ends_the_scenario_with_its_teardown_and_then_pytest(
    project: Path, shop: ShopFactory
) -> None:
    made = shop("fixed")
    (project / "scenarios" / "again.yaml").write_text(
        """
        name: again
        steps:
          - {name: Look, request: /api/health}
          - {name: Wait, pause: 60s}
        teardown: [{name: Clean, request: /api/health}]
        """,
        encoding="utf-8",
    )
    (project / "conftest.py").write_text(
        textwrap.dedent(
            """\
            import os, pathlib, signal, threading, time

            def stop_when_it_waits():
                while not any(
                    '"Wait"' in path.read_text() for path in pathlib.Path(".smoke").glob("runs/*/events.jsonl")
                ):
                    time.sleep(0.05)
                os.kill(os.getpid(), signal.SIGTERM)

            threading.Thread(target=stop_when_it_waits, daemon=True).start()
            """
        ),
        encoding="utf-8",
    )
    done = run_pytest(project, "scenarios", "--smoke-url", made.url)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "SIGTERM; no order is left" in done.stdout
    assert made.orders() == []  # the scenario behind it was not begun
    (events,) = (project / ".smoke" / "runs").glob("2*/events.jsonl")
    assert '"step":"Clean"' in events.read_text(encoding="utf-8").replace(" ", "")


def test_it_loads_nothing_of_smoke_where_it_sleeps(project: Path) -> None:
    (project / "tests" / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    there = {n for n in sys.modules if n.startswith('smoke.')}\n"
        "    assert there <= {'smoke.pytest_plugin', 'smoke.version'}\n"
        "    assert 'smoke.pytest_plugin' in there and 'httpx' not in sys.modules\n",
        encoding="utf-8",
    )
    done = run_pytest(project, "tests")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_distribution_registers_it() -> None:
    """Under a name of its own: pytest-smoke has the name `smoke`, and pytest loads one plugin of a name."""
    if (REPOSITORY / "pyproject.toml").exists():
        text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
        assert '\ncheckout_smoke = "smoke.pytest_plugin"' in text
    else:
        found = [item.value for item in entry_points(group="pytest11", name="checkout_smoke")]
        assert found == ["smoke.pytest_plugin"]
