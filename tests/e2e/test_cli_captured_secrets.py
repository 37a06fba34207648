"""What a capture takes from a masked place is masked from then on, in every file that a run writes and on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import smoke
from tests.support.planted import PLACES, Plant, found_in, plants, shop
from tests.support.wire_server import Peer, WireServer

REPORTS = ("json", "junit", "html", "har")


def leaks(folder: Path, planted: list[Plant], *, ci: bool = False) -> list[str]:
    """Runs a scenario for each plant with every report, and says which secrets can be read where."""
    for plant in planted:
        path = folder / "scenarios" / f"{plant.number}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(plant.scenario()), encoding="utf-8")
    arguments = ["run", "scenarios", "--verbose", "--workers", "4"]
    arguments += [text for name in REPORTS for text in ("--report", f"{name}=report.{name}")]
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "s.md")} if ci else {}
    with WireServer(shop({plant.number: plant for plant in planted})) as server:
        done = smoke([*arguments, "--url", server.url], folder, env=env, timeout=600)
        used = sum(b" /use/" in request for request in server.requests)
    assert done.returncode == 1, done.stdout + done.stderr
    assert used == len(planted), done.stdout[-4000:]
    later = [smoke(words, folder) for words in (["show"], ["orders"])]
    said = "".join(one.stdout + one.stderr for one in (done, *later))
    # the runner must be told what to mask; those lines are not shown
    said = "\n".join(line for line in said.split("\n") if not line.startswith("::add-mask::"))
    places = {"terminal": said.encode()}
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "scenarios":
            places[str(path.relative_to(folder))] = str(path).encode() + b"\n" + path.read_bytes()
    everything = b"\n".join(places.values())
    return [
        f"{plant.place} ({plant.secret}): {', '.join(found)} in {where}"
        for plant in planted
        if found_in(everything, plant.secret)
        for where, data in places.items()
        if (found := found_in(data, plant.secret))
    ]


@pytest.mark.parametrize("ci", [False, True], ids=["terminal", "ci"])
def test_what_is_captured_from_a_masked_place_is_nowhere(tmp_path: Path, ci: bool) -> None:
    planted = list(plants(len(PLACES) * 3, seed=1 + ci))
    assert {plant.place for plant in planted} == set(PLACES)
    assert leaks(tmp_path, planted, ci=ci) == []


def _run(
    folder: Path,
    capture: dict[str, object],
    head: str,
    body: object,
    more: dict[str, str] | None = None,
) -> tuple[str, str]:
    """Captures, sends what was captured on, and gives what was printed and the events."""
    used = {"n": "{{ c }}", "all": "{{ c }}", **(more or {})}
    scenario = {
        "name": "one",
        "steps": [
            {"name": "Give", "request": {"url": "/give"}, "capture": {"c": capture}},
            {
                "name": "Use",
                "request": {"method": "POST", "url": "/use", "json": used},
                "expect": {"json": {"$.paid": True}},
            },
        ],
    }
    (folder / "one.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    text = json.dumps(body)

    def answer(peer: Peer) -> None:
        length = len(text.encode())
        peer.send(
            f"HTTP/1.1 200 OK\r\n{head}Content-Length: {length}\r\n\r\n{text}".encode("latin-1")
        )

    with WireServer(answer) as server:
        done = smoke(["run", "one.yaml", "-v", "--url", server.url], folder)
    events = next(folder.rglob("events.jsonl")).read_text(encoding="utf-8")
    return done.stdout + done.stderr, events


@pytest.mark.parametrize(
    ("capture", "head"),
    [
        ({"json": "$.auth"}, ""),
        ({"json": "$.session"}, ""),
        ({"json": "$.pin"}, ""),
        ({"cookie": "country"}, "Set-Cookie: country=Germany\r\n"),
        ({"cookie": "state"}, "Set-Cookie: state=paid; Path=/\r\n"),
        ({"cookie": "path"}, "Set-Cookie: path=/checkout/cart\r\n"),
        ({"header": "x-api-key"}, "X-Api-Key: true\r\n"),
    ],
    ids=lambda item: str(item)[:40],
)
def test_an_ordinary_value_of_a_masked_place_does_not_blank_the_evidence(
    tmp_path: Path, capture: dict[str, object], head: str
) -> None:
    body = {"auth": "required", "session": "pending", "pin": 1, "paid": False, "country": "Germany",
            "state": "pending", "why": "payment required", "total": 1100, "next": "/checkout/cart"}  # fmt: skip
    printed, events = _run(tmp_path, capture, head, body)
    assert "[masked" in next(line for line in events.splitlines() if '"captures"' in line)
    kept = next(tmp_path.rglob("*use*response.body")).read_text(encoding="utf-8")
    masked = {"auth": "[masked:auth]", "session": "[masked:session]", "pin": "[masked:pin]"}
    assert json.loads(kept) == {**body, **masked}
    assert "$.paid" in printed


def test_a_captured_object_loses_its_secret_members_only(tmp_path: Path) -> None:
    body = {"data": {"id": "visible-id-1", "token": "t0k-5f3a9b2c7d", "items": [{"secret_key": 917263544}]}}  # fmt: skip
    printed, events = _run(tmp_path, {"json": "$.data"}, "", body)
    assert "visible-id-1" in printed
    for secret in ("t0k-5f3a9b2c7d", "917263544"):
        assert secret not in printed + events
        assert all(secret.encode() not in path.read_bytes() for path in tmp_path.rglob("*.body"))


def test_what_a_template_makes_of_a_captured_secret_is_masked(tmp_path: Path) -> None:
    more = {
        "slug": "{{ c | slug }}",
        "less": "{{ c | replace('-', '') }}",
        "twice": "{{ c | replace('+', '.') | upper }}",
        "sum": "{{ c | sha256 }}",
    }
    secret = "aB3+xY9-Qw7+Zz1"
    printed, events = _run(tmp_path, {"json": "$.csrf"}, "", {"csrf": secret}, more)
    (sent,) = tmp_path.rglob("*use*request.body")
    values = json.loads(sent.read_text(encoding="utf-8"))
    assert set(values.values()) == {"[masked:c]"}
    for form in ("ab3-xy9-qw7-zz1", "aB3+xY9Qw7+Zz1", "AB3.XY9-QW7.ZZ1", secret):
        assert form not in printed + events
