"""What a run says of itself, through the command: no green that ordered nothing, no failure that is not the shop's."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.model.verdict import exit_status
from tests.support.cli import smoke
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

ORDER = """
  - name: Order
    request: {url: /orders, json: {n: 1}}
    places_order: {id: $.id}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /health", body={"ok": True})
        yield running


def write(folder: Path, text: str) -> str:
    (folder / "s.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return "s.yaml"


def run(
    folder: Path, shop: Shop, text: str, *options: str, env: dict[str, str] | None = None
) -> tuple[int, str]:
    done = smoke(["run", write(folder, text), "--url", shop.url, *options], folder, env=env)
    return done.returncode, " ".join(f"{done.stdout}\n{done.stderr}".split())


# a pass that ordered nothing

SKIPPED = {
    "when": ORDER + '    when: "{{ no }}"\n',
    "repeat": ORDER + '    repeat: 2\n    when: "{{ no }}"\n',
    "together": """
  - name: Both
    when: "{{ no }}"
    together:
      - {name: Order, request: {url: /orders, json: {n: 1}}, places_order: {}}
      - {name: Order 2, request: {url: /orders, json: {n: 2}}, places_order: {}}
""",
}


@pytest.mark.parametrize("steps", SKIPPED.values(), ids=list(SKIPPED))
@pytest.mark.parametrize("health", ["  - {name: Health, request: GET /health}\n", ""])
def test_a_scenario_that_ordered_nothing_has_no_verdict(
    shop: Shop, tmp_path: Path, steps: str, health: str
) -> None:
    text = f"name: s\nvariables: {{no: false}}\nsteps:\n{health}{steps}"
    status, said = run(tmp_path, shop, text)
    assert status == 3, said
    assert "no order was placed: 'Order' was skipped: its condition (when) does not hold" in said
    assert "may_place_none: true" in said
    assert "PASSED" not in said
    status, said = run(tmp_path, shop, f"may_place_none: true\n{text}")
    assert status == (0 if health else 5), said


def test_an_order_that_was_refused_is_no_order(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /orders", 422, {"error": "closed"})
    status, said = run(
        tmp_path, shop, f"name: s\nsteps:{ORDER}    expect: {{status: [201, 422]}}\n"
    )
    assert status == 3, said
    assert "'Order' was refused (status 422)" in said


def test_a_refusal_that_the_scenario_wants_is_a_pass(shop: Shop, tmp_path: Path) -> None:
    """The step is journalled in case that the shop takes the order; it is not there to have one."""
    shop.on("POST /orders", 422, {"error": "closed"})
    refused = f"{ORDER}    expect: {{status: 4xx}}\n"
    status, said = run(tmp_path, shop, f"name: s\nsteps:{refused}")
    assert status == 0, said
    more = ORDER.replace("Order", "Another") + "    when: false\n"
    status, said = run(tmp_path, shop, f"name: s\nsteps:{refused}{more}")
    assert status == 3, said
    assert "'Another' was skipped" in said


# an order without a name

UNNAMED = {
    "absent": ({"order": {}}, "is not in the response"),
    "null": ({"id": None}, "is empty"),
    "empty": ({"id": ""}, "is empty"),
    "blank": ({"id": "  "}, "is a text, which names no order"),
    "object": ({"id": {"uuid": 7}}, "is an object, which names no order"),
    "true": ({"id": True}, "is a boolean, which names no order"),
}


@pytest.mark.parametrize(("body", "why"), UNNAMED.values(), ids=list(UNNAMED))
def test_an_order_that_cannot_be_named_is_not_green(
    shop: Shop, tmp_path: Path, body: object, why: str
) -> None:
    shop.on("POST /orders", 200, body)
    status, said = run(tmp_path, shop, f"name: s\nsteps:{ORDER}    repeat: 2\n")
    assert status == 1, said
    assert f"places_order.id: the JSON value $.id {why} (s.yaml:5:24)" in said
    left = smoke(["orders", "--left"], tmp_path)
    assert "Order" in left.stdout
    assert "may exist" not in left.stdout  # the shop took it: it exists
    assert shop.paths() == ["POST /orders"]


def test_an_order_that_cannot_be_named_is_fine_where_the_scenario_says_so(
    shop: Shop, tmp_path: Path
) -> None:
    shop.on("POST /orders", 200, {})
    text = f"name: s\nsteps:{ORDER}".replace("$.id", "{json: $.id, optional: true}")
    assert run(tmp_path, shop, text)[0] == 0


# rate limits


def test_a_429_is_not_the_shops_failure(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /orders", 429, {"error": "slow down"}, Retry_After="30")
    status, said = run(tmp_path, shop, f"name: s\nsteps:{ORDER}    expect: {{status: 201}}\n")
    assert status == 3, said
    assert "NO VERDICT" in said
    assert "rate limited: 429 asks to wait for 30 s (Retry-After)" in said
    assert "may have been carried out" not in said
    assert "LEFT BEHIND" not in said
    status, said = run(tmp_path, shop, f"name: s\nsteps:{ORDER}    expect: {{status: 429}}\n")
    assert status == 0, said


@pytest.mark.parametrize(("status", "rule"), [(429, "429"), (503, "503")])
def test_a_named_refusal_is_tried_again(shop: Shop, tmp_path: Path, status: int, rule: str) -> None:
    answers = iter(
        [
            (status, {"Retry-After": "0"}, b"{}"),
            (201, {"Content-Type": "application/json"}, b'{"id": 7}'),
        ]
    )
    shop.routes["POST /orders"] = lambda _: next(answers)
    retry = f"    retry: {{on: [{rule}], wait: 1ms}}\n    expect: {{status: 201}}\n"
    ended, said = run(tmp_path, shop, f"name: s\nsteps:{ORDER}{retry}")
    assert ended == 0, said
    assert shop.paths() == ["POST /orders"] * 2
    assert "1 order placed" in said


def test_a_429_of_the_page_behind_a_redirect_does_not_order_again(
    shop: Shop, tmp_path: Path
) -> None:
    """The POST was carried out; its order is on the list although the last answer was a 429."""
    shop.on("POST /orders", 303, b"", Location="/thanks")
    shop.on("GET /thanks", 429, b"", Retry_After="0")
    text = f"name: s\nsteps:{ORDER}    retry: {{on: [429, transport], wait: 1ms}}\n".replace(
        "json: {n: 1}", "json: {n: 1}, follow_redirects: true"
    )
    status, said = run(tmp_path, shop, text)
    assert status == 3, said
    assert shop.paths() == ["POST /orders", "GET /thanks"]
    assert "1 order" in smoke(["orders", "--left"], tmp_path).stdout or "may exist" in said


def test_check_tells_of_retry_rules_that_can_never_act(tmp_path: Path) -> None:
    text = f"name: s\nsteps:{ORDER}    retry: {{on: [429, 503, 500, 5xx, transport]}}\n"
    done = smoke(["check", write(tmp_path, text)], tmp_path)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 0
    assert "500 never repeats this POST" in said
    assert "5xx never repeats this POST" in said
    for rule in ("429", "503", "transport"):
        assert f"{rule} never repeats" not in said
    for fixed in (
        text.replace("json: {n: 1}", "json: {n: 1}, idempotency_key: true"),
        text.replace("on: [", "idempotent: true, on: ["),
        text.replace("json: {n: 1}", "method: GET").replace("    places_order: {id: $.id}\n", ""),
    ):
        assert "never" not in smoke(["check", write(tmp_path, fixed)], tmp_path).stderr
    once = f"name: s\nsteps:{ORDER}    retry: {{attempts: 1}}\n"
    assert "nothing is tried again" in smoke(["check", write(tmp_path, once)], tmp_path).stderr


# what counts as a success where no status is named


HTML = {"Content-Type": "text/html"}
PAGE = b"<!doctype html><h1>Welcome</h1>"


@pytest.mark.parametrize(
    ("request_", "answer", "more", "status", "said"),
    [
        ("GET /x", (304, {}, b""), "", 1, "the request set no condition"),
        ("{url: /x, headers: {If-None-Match: a}}", (304, {}, b""), "", 0, ""),
        ("GET /x", (304, {}, b""), "expect: {status: 304}", 0, ""),
        ("GET /x", (404, {}, b""), "", 1, "expected 2xx (the scenario names no status), got 404"),
        ("GET /x", (503, {}, b""), "", 1, "got 503"),
        ("GET /x", (206, {}, b"pa"), "", 1, "though the whole was asked for"),
        ("{url: /x, headers: {Range: bytes=0-1}}", (206, {}, b"pa"), "", 0, ""),
        ("GET /x", (302, {"Location": "/login"}, b""), "", 1, "got 302 to a login page, /login,"),
        ("GET /x", (301, {"Location": "/y"}, b""), "", 1, "got 301 to /y, which was not followed"),
        ("GET /x", (301, {"Location": "/y"}, b""), "expect: {status: 301}", 0, ""),
        ("GET /x", (301, {"Location": "/y"}, b""), "expect: {headers: {Location: /y}}", 0, ""),
        ("GET /x", (301, {"Location": "/y"}, b""), "capture: {to: {header: location}}", 0, ""),
        ("GET /x", (302, {}, b""), "", 1, "got 302, which says nothing of what was asked for"),
        ("GET /x", (300, {}, b""), "", 1, "expected 2xx (the scenario names no status), got 300"),
        ("{url: /x, form: {a: b}}", (303, {"Location": "/thanks"}, b""), "", 0, ""),
        ("{url: /x, form: {a: b}}", (302, {"Location": "/user/sign_in"}, b""), "", 1, "a login page"),
        ("{url: /login, form: {a: b}}", (302, {"Location": "/login?no"}, b""), "", 1, "a login page"),
        ("{url: /login, form: {a: b}}", (302, {"Location": "/account"}, b""), "", 0, ""),
        ("{url: /logout, form: {a: b}}", (302, {"Location": "/login"}, b""), "", 0, ""),
        ("{url: /x, form: {a: b}}", (307, {"Location": "/y"}, b""), "", 1, "which was not followed"),
        ("{url: /x, json: {a: b}}", (302, {"Location": "/y"}, b""), "", 1, "which was not followed"),
        ("{url: /x, follow_redirects: true}", (302, {"Location": "/login"}, b""), "", 1, "ended at a login"),
        (
            "{url: /x, follow_redirects: true}",
            (302, {"Location": "/login"}, b""),
            "expect: {html: {h1: Welcome}}",
            0,
            "",
        ),
        ("{url: /x, follow_redirects: true}", (302, {"Location": "/y"}, b""), "", 0, ""),
        ("GET /login", (200, HTML, PAGE), "", 0, ""),
        ("GET /x", (200, HTML, PAGE), "", 0, ""),
        ("{url: /x, json: {a: b}}", (200, HTML, PAGE), "", 1, "an HTML page came where JSON"),
        ("{url: /x, json: {a: b}}", (200, {}, PAGE), "expect: {status: 200}", 1, "an HTML page came"),
        ("{url: /x, json: {a: b}}", (200, HTML, b""), "", 0, ""),
        ("{url: /x, json: {a: b}}", (200, HTML, PAGE), "expect: {text: Welcome}", 0, ""),
        ("{url: /x, headers: {Accept: application/json}}", (200, HTML, PAGE), "", 1, "an HTML page"),
        ("GET /x", (200, HTML, PAGE), "capture: {a: {json: $.a, optional: true}}", 1, "an HTML page"),
        ("{url: /x, json: {}}", (404, HTML, PAGE), "expect: {status: 404}", 0, ""),
    ],
)  # fmt: skip
def test_a_success_that_nobody_named(
    shop: Shop, tmp_path: Path, request_: str, answer: Answer, more: str, status: int, said: str
) -> None:
    for path in ("x", "login", "logout"):
        shop.routes[f"GET /{path}"] = shop.routes[f"POST /{path}"] = lambda _: answer
    if "follow" in request_:
        shop.routes["GET /login"] = shop.routes["GET /y"] = lambda _: (200, HTML, PAGE)
    more = f"    {more}\n" if more else ""
    text = f"name: s\nsteps:\n  - name: x\n    request: {request_}\n{more}"
    ended = run_text(tmp_path, shop.url, text)
    told = [
        mismatch.message
        for step in ended.scenarios[0].steps
        for attempt in step.attempts
        for mismatch in attempt.mismatches
    ]
    assert int(exit_status(ended)) == status, told
    assert said in " ".join(told)


# whose mistake it was


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("    for_each: '{{ env.ITEMS }}'\n    request: GET /a\n", "s.yaml:7:16"),
        ("    request: {url: /a, json: {n: '{{ env.ITEMS | int }}'}}\n", "s.yaml:7:35"),
        ("    request: GET /a\n    expect: {json: {$.n: '{{ word | int }}'}}\n", "s.yaml:8:27"),
        ("    request: GET /a\n    when: '{{ word | int }}'\n", "s.yaml:8:12"),
        ("    for_each: [{a: 1}]\n    request: 'GET /a/{{ item.b }}'\n", "s.yaml:8:22"),
        ("    request: {url: /a, headers: {X: '{{ lines }}'}}\n", "s.yaml:7:38"),
        ("    request: {url: /a, bearer: '{{ lines }}'}\n", "s.yaml:7:33"),
        ("    request: 'GET {{ lines }}'\n", "s.yaml:7:19"),
        ("    for_each: '{{ none }}'\n    request: GET /a\n", "s.yaml:7:16"),
        ("    request: GET /a\n    when: {value: a, matches: '{{ broken }}'}\n", "s.yaml:8:32"),
        ("    request: GET /a\n    expect: {text: {matches: '{{ broken }}'}}\n", "s.yaml:8:31"),
    ],
)  # fmt: skip
def test_a_value_that_is_known_and_unusable_is_told_before_anything_is_sent(
    shop: Shop, tmp_path: Path, step: str, place: str
) -> None:
    text = (
        'name: s\nvariables: {word: abc, none: [], lines: "a\\nb", broken: "("}\nsteps:\n'
        f"  - {{name: Health, request: GET /health}}\n  -\n    name: Bad\n{step}"
    )
    status, said = run(tmp_path, shop, text, env={"ITEMS": "a,b"})
    assert status == 2, said
    assert place in said
    assert shop.paths() == []


def test_what_a_guarded_step_cannot_use_stops_nothing(shop: Shop, tmp_path: Path) -> None:
    text = """
        name: s
        variables: {n: "", on: false}
        steps:
          - {name: Health, request: GET /health, capture: {ok: $.ok}}
          - {name: A, when: "{{ n }}", request: "GET /a/{{ n | int }}"}
          - {name: B, when: "{{ on }}", for_each: "{{ n }}", request: GET /a}
    """
    status, said = run(tmp_path, shop, text.replace('for_each: "{{ n }}"', "repeat: 2"))
    assert status == 0, said


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("    request: 'GET /a/{{ word | int }}'\n", 1),
        ("    for_each: '{{ word }}'\n    request: GET /a\n", 1),
        ("    for_each: '{{ none }}'\n    request: GET /a\n", 1),
        ("    request: GET /health\n    expect: {json: {$.n: '{{ word | int }}'}}\n", 1),
        ("    request: 'GET /a/{{ n | int }}'\n    when: '{{ word }}'\n", 3),
        ("    request: GET /health\n    when: '{{ word }}'\n    expect: {json: {$.n: '{{ n | int }}'}}\n", 3),
        ("    for_each: '{{ n }}'\n    when: '{{ word }}'\n    request: GET /a\n", 2),
    ],
)  # fmt: skip
def test_only_what_came_out_of_a_response_is_the_shops_fault(
    shop: Shop, tmp_path: Path, step: str, status: int
) -> None:
    """The others show while it runs: there is no verdict, and the place is told."""
    shop.on("GET /health", body={"word": "abc", "none": []})
    text = (
        "name: s\nvariables: {n: x}\nsteps:\n"
        "  - {name: H, request: GET /health, capture: {word: $.word, none: {json: $.none}}}\n"
        f"  -\n    name: Bad\n{step}"
    )
    ended, said = run(tmp_path, shop, text)
    assert ended == status, said
    assert "s.yaml:" in said
    assert ("NO VERDICT" in said) is (status == 3)


@pytest.mark.parametrize("followed", [True, False])
def test_an_order_that_leads_to_a_page_that_says_sorry_is_told_where_its_cause_is(
    shop: Shop, tmp_path: Path, followed: bool
) -> None:
    shop.routes["POST /orders"] = lambda _: (303, {"Location": "/sorry"}, b"")
    shop.on("GET /sorry", 200, {"message": "sorry"})
    steps = ORDER.replace(
        "json: {n: 1}", f"json: {{n: 1}}, follow_redirects: {str(followed).lower()}"
    )
    expect = "    expect: {headers: {x-thanks: {exists: true}}}\n"
    status, said = run(tmp_path, shop, f"name: s\nsummary: s\nsteps:{steps}{expect}")
    assert status == 1
    assert "not asked an error behind this answer, if there is one, is in the shop's log" in said
    assert "--log FILE" in said
