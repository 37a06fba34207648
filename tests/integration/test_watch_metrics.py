"""The figures of a watch as Prometheus' own parser reads them, and whether its rounds are going on."""

from __future__ import annotations

import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from smoke.app.delivering import Receiver
from smoke.app.watch_http import serving
from smoke.app.watch_metrics import Figures, RoundsDue
from smoke.app.watch_options import place_of_metrics
from smoke.model.run import Outcome, Run
from smoke.overview.table import Shop as Round
from smoke.watching.notice import Notice
from tests.support import samples
from tests.support.cli import command, environment, smoke
from tests.support.one_order import ORDER
from tests.support.scripted import Shop, scripted

HOSTILE = 'de"} 1\nsmoke_rounds_total{target="x\\'
Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def series(text: str) -> Series:
    """The samples by name and labels, as the official parser takes them apart."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


class Stands:
    at = 1000.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


@contextmanager
def served(figures: Figures, due: RoundsDue) -> Iterator[str]:
    with serving("0", figures.registry, due.overdue) as address:
        yield address.removesuffix("/metrics")


def test_names_are_labels_and_what_a_shop_answers_is_none() -> None:
    run: Run = samples.failing().run
    figures = Figures()
    for _ in range(3):
        figures.round(Round(HOSTILE, "https://user-token@shop.example", run), 1_800_000_000)
    figures.round(Round("gone", "https://shop.example", why_not="no DSN"), 1_800_000_000)
    failing = figures.delivering(lambda _receiver, _notice: "it answered 500")
    failing(Receiver("SMOKE_ALERTS", "https://token@chat.example"), Notice("", "", "", "", ""))
    with served(figures, RoundsDue(Stands(), 300)) as url:
        status, text = read(f"{url}/metrics")
    found = series(text)
    assert status == 200
    assert found[("smoke_rounds_total", (("outcome", "failed"), ("target", HOSTILE)))] == 3
    assert found[("smoke_notice_failures_total", ())] == 1
    scenario = run.scenarios[0]
    of = (("scenario", scenario.name), ("target", HOSTILE))
    assert found[("smoke_scenario_duration_seconds", of)] == scenario.seconds
    told = {
        dict(labels)["outcome"]: value
        for (name, labels), value in found.items()
        if name == "smoke_scenario_outcome"
    }
    assert told == {each.value: float(each is scenario.outcome) for each in Outcome}
    left = found[("smoke_orders_left_behind_total", (("target", HOSTILE),))]
    assert left == 3 * len(run.orders_left_behind)
    assert "token" not in text
    assert "23505" not in text


def test_no_label_is_longer_than_is_good_for_who_keeps_it() -> None:
    run: Run = samples.failing().run
    long = replace(run, scenarios=(replace(run.scenarios[0], name="x" * 5_000),))
    figures = Figures()
    figures.round(Round("y" * 5_000, "https://shop.example", long), 1_800_000_000)
    with served(figures, RoundsDue(Stands(), 300)) as url:
        _, text = read(f"{url}/metrics")
    labels = [value for _, found in series(text) for _, value in found]
    assert labels
    assert max(map(len, labels)) <= 300


def test_health_is_whether_rounds_are_going_on() -> None:
    clock = Stands()
    due = RoundsDue(clock, 300)
    with served(Figures(), due) as url:
        assert read(f"{url}/healthz")[0] == 200
        due.set("de", 1000)
        due.set("at\x1b[2J", 1100)
        clock.at = 1600
        assert read(f"{url}/healthz")[0] == 200
        clock.at = 1601
        status, why = read(f"{url}/healthz")
        assert status == 503
        assert why == "the round of de that was due 601 s ago is not over\n"
        due.set("de", 5000)
        clock.at = 1701
        assert read(f"{url}/healthz")[0] == 503
        assert "\x1b" not in read(f"{url}/healthz")[1]
        due.set("at\x1b[2J", float("inf"))
        assert read(f"{url}/healthz")[0] == 200
        assert read(f"{url}/else")[0] == 404


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("9464", ("127.0.0.1", 9464)),
        (":9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_a_port_alone_is_one_of_the_loopback(text: str, place: tuple[str, int]) -> None:
    assert place_of_metrics(text) == place


def test_a_watch_that_is_started_again_has_its_port() -> None:
    """A connection that the server ended keeps its port for a minute: a new server has to say that it may be used."""
    figures, due = Figures(), RoundsDue(Stands(), 300)
    with serving("0", figures.registry, due.overdue) as address:
        port = int(address.removesuffix("/metrics").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as asked:
            asked.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            while asked.recv(1000):
                pass
    with serving(str(port), figures.registry, due.overdue) as again:
        assert again == address


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as found:
        found.on("POST /orders", 201, {"id": "o-1"})
        found.on("DELETE /orders/o-1", 200, {})
        yield found


def test_a_watch_serves_its_rounds_and_refuses_a_port_in_use(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "order.yaml").write_text(ORDER, encoding="utf-8")
    words = ["watch", "order.yaml", "--url", shop.url, "--every", "1h", "--metrics"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = smoke([*words, str(taken.getsockname()[1])], tmp_path)
    assert refused.returncode == 2
    assert "cannot be listened at" in refused.stderr
    assert not shop.seen
    with subprocess.Popen(
        command(*words, "0"), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = next(line for line in process.stdout if "metrics at" in line).split()[-1]
        assert any("1 of 1 scenario passed" in line for line in process.stdout)
        found = series(read(address)[1])
        assert read(address.replace("/metrics", "/healthz"))[0] == 200
        process.terminate()
        process.communicate(timeout=60)
    of = (("outcome", "passed"), ("target", shop.url))
    assert found[("smoke_rounds_total", of)] == 1
    of_scenario = (("outcome", "passed"), ("scenario", "order"), ("target", shop.url))
    assert found[("smoke_scenario_outcome", of_scenario)] == 1
