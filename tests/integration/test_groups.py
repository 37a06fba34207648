"""Groups of steps and includes in loops: each round has names of its own, and what it orders is in the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.cli.choosing import choose
from smoke.cli.summary import render_run
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Removal, Run, StepResult
from tests.support.cli import smoke
from tests.support.running import run_text
from tests.support.samples import MemoryEvidence
from tests.support.scripted import Answer, Shop, scripted

ORDERS = """
        name: s
        steps:
          - name: Order
            repeat: 3
            request: {url: /orders, json: {}}
            places_order: {id: $.id}
            expect: {status: 201}
"""
REMOVE = """
        teardown:
          - name: Remove
            for_each: "{{ orders }}"
            group:
              - name: Look up
                request: "GET /lookup/{{ item.id }}"
                capture: {etag: {header: etag}, internal: $.internal}
              - name: Cancel
                request: {method: DELETE, url: "/internal/{{ internal }}", headers: {If-Match: "{{ etag }}"}}
                removes_order: "{{ item.key }}"
                expect: {status: 200}
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Orders o1, o2 …; the internal number of o1 is 101, and it is cancelled by that and its etag."""
    with scripted() as running:
        numbers = iter(range(1, 99))

        def order(_: bytes) -> Answer:
            number = next(numbers)
            running.on(f"GET /lookup/o{number}", body={"internal": 100 + number}, ETag=f"v{number}")
            running.on(f"DELETE /internal/{100 + number}", body={})
            return 201, {}, json.dumps({"id": f"o{number}"}).encode()

        running.routes["POST /orders"] = order
        yield running


def steps(run: Run) -> dict[str, StepResult]:
    (scenario,) = run.scenarios
    return {step.called: step for step in scenario.steps}


def cancelled(shop: Shop) -> list[tuple[str, str]]:
    return [
        (path.rpartition("/")[2], headers["If-Match"])
        for method, path, headers, _ in shop.seen
        if method == "DELETE"
    ]


def test_each_order_is_looked_up_and_removed_by_its_own_capture(shop: Shop, tmp_path: Path) -> None:
    run = run_text(tmp_path, shop.url, ORDERS + REMOVE)
    assert run.outcome is Outcome.PASSED
    assert cancelled(shop) == [("101", "v1"), ("102", "v2"), ("103", "v3")]
    assert [order.removed for order in run.orders] == [Removal.YES] * 3
    assert [order.key for order in run.orders] == [f"s/Order#{number}" for number in (1, 2, 3)]
    assert [step.id for step in run.scenarios[0].steps if step.teardown] == [
        f"Remove#{number}/{name}" for number in (1, 2, 3) for name in ("Look up", "Cancel")
    ]
    assert "Remove, round 2 › Cancel" in steps(run)


def test_a_round_of_a_teardown_that_fails_does_not_stop_the_others(
    shop: Shop, tmp_path: Path
) -> None:
    def broken(_: bytes) -> Answer:
        # it answers for another order: nothing may be cancelled by that
        return 503, {"ETag": "v3"}, json.dumps({"internal": 103}).encode()

    def order(body: bytes, place: object = shop.routes["POST /orders"]) -> Answer:
        answer: Answer = place(body)  # type: ignore[operator]  # the route as it was
        shop.routes["GET /lookup/o2"] = broken
        return answer

    shop.routes["POST /orders"] = order
    run = run_text(tmp_path, shop.url, ORDERS + REMOVE)
    assert run.outcome is Outcome.FAILED
    assert cancelled(shop) == [("101", "v1"), ("103", "v3")]
    (left,) = run.orders_left_behind
    assert left.order_id == "o2"
    assert "'Remove, round 2 › Cancel' was skipped: it needs " in left.removal_note
    skipped = steps(run)["Remove, round 2 › Cancel"]
    assert skipped.outcome is Outcome.SKIPPED
    assert "'Remove, round 2 › Look up', which did not pass" in skipped.message


def test_a_failure_in_a_group_of_steps_stops_all_of_them(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /b", status=500)
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        steps:
          - name: All
            for_each: [a, b, c]
            group:
              - {name: Get, request: "GET /{{ item }}", expect: {status: 404}}
              - {name: Then, request: "GET /then-{{ item }}", expect: {status: 404}}
          - {name: After, request: GET /after}
        """,
    )
    assert shop.paths() == ["GET /a", "GET /then-a", "GET /b"]
    assert {name: step.outcome.value for name, step in steps(run).items()} == {
        "All, round 1 › Get": "passed",
        "All, round 1 › Then": "passed",
        "All, round 2 › Get": "failed",
        "All, round 2 › Then": "skipped",
        "After": "skipped",
    }
    assert "step 'All, round 2 › Get' did not pass" in steps(run)["After"].message


def test_groups_in_groups_and_orders_in_both(shop: Shop, tmp_path: Path) -> None:
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        variables: {none: ""}
        steps:
          - name: Customer
            for_each: [ann, bob]
            group:
              - {name: Hello, request: "GET /hello/{{ item }}", expect: {status: 404}, capture: {who: {url: true}}}
              - name: Cart
                repeat: 2
                group:
                  - name: Order
                    request: {url: /orders, json: {n: "{{ loop.number }}", who: "{{ who }}"}}
                    places_order: {id: $.id}
                    expect: {status: 201}
                    capture: {order: $.id}
                  - {name: See, request: "GET /see/{{ order }}/{{ item }}/{{ orders[0].id }}", expect: {status: 404}}
              - {name: Bye, request: "GET /bye/{{ item }}/{{ loop.number }}", expect: {status: 404}}
          - {name: Nothing, when: "{{ none }}", group: [{name: Never, request: GET /never}]}
          - name: Block
            group:
              - {name: Last, request: "GET /last/{{ orders[3].id }}", expect: {status: 404}, capture: {last: {status: true}}}
          - {name: Behind, request: "GET /behind/{{ last }}", expect: {status: 404}}
        """,
    )
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert [path for path in shop.paths() if path.startswith("GET")] == [
        "GET /hello/ann",
        "GET /see/o1/0/o1",
        "GET /see/o2/1/o1",
        "GET /bye/ann/1",
        "GET /hello/bob",
        "GET /see/o3/0/o1",
        "GET /see/o4/1/o1",
        "GET /bye/bob/2",
        "GET /last/o4",
        "GET /behind/404",
    ]
    sent = [json.loads(body) for method, _, _, body in shop.seen if method == "POST"]
    assert [(each["n"], each["who"].rpartition("/")[2]) for each in sent] == [
        (1, "ann"), (2, "ann"), (1, "bob"), (2, "bob")
    ]  # fmt: skip
    assert [order.key for order in run.orders] == [
        f"s/Customer#{outer}/Cart#{inner}/Order" for outer in (1, 2) for inner in (1, 2)
    ]
    nothing = steps(run)["Nothing"]
    assert (nothing.kind, nothing.outcome) == ("group", Outcome.SKIPPED)
    assert len({step.called for step in run.scenarios[0].steps}) == len(run.scenarios[0].steps)


def test_an_include_in_a_loop_binds_its_parameters_in_each_round(
    shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "place.yaml").write_text(
        "parameters: {sku: null, note: none}\n"
        "steps:\n"
        "  - name: Place\n"
        '    request: {url: /orders, json: {sku: "{{ sku }}", note: "{{ note }}"}}\n'
        "    places_order: {id: $.id}\n"
        "    expect: {status: 201}\n"
        "    capture: {order: $.id}\n"
        '  - {name: See, request: "GET /{{ sku }}/{{ order }}", expect: {status: 404}}\n',
        encoding="utf-8",
    )
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        variables: {none: ""}
        steps:
          - {name: First order, include: {file: place.yaml, with: {sku: one}}}
          - {name: See it, request: "GET /seen/{{ order }}", expect: {status: 404}}
          - name: Each
            for_each: [{sku: tea}, {sku: pot}]
            include: {file: place.yaml, with: {sku: "{{ item.sku }}", note: "{{ loop.number }}"}}
          - {include: {file: place.yaml, with: {sku: last}}}
          - {name: Same, like: Place, request: {json: {note: again}}}
          - {include: {file: place.yaml, with: {sku: never}}, when: "{{ none }}"}
        """,
    )
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    sent = [json.loads(body) for method, _, _, body in shop.seen if method == "POST"]
    assert [(each["sku"], each["note"]) for each in sent[:4]] == [
        ("one", "none"), ("tea", 1), ("pot", 2), ("last", "none")
    ]  # fmt: skip
    assert shop.paths()[2] == "GET /seen/o1"
    assert list(steps(run)) == [
        "First order › Place",
        "First order › See",
        "See it",
        "Each, round 1 › Place",
        "Each, round 1 › See",
        "Each, round 2 › Place",
        "Each, round 2 › See",
        "place › Place",
        "place › See",
        "Same",
        "place 2",
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            """
            - {name: Look up, for_each: "{{ orders }}", request: "GET /{{ item.id }}", capture: {etag: $.etag}}
            - {name: Cancel, for_each: "{{ orders }}", request: "DELETE /{{ etag }}"}
            """,
            5,
            "group: [",
        ),
        (
            """
            - name: All
              repeat: 2
              group:
                - {name: Get, request: GET /a, capture: {etag: $.etag}}
            - {name: Put, request: "PUT /{{ etag }}"}
            """,
            8,
            "known in its rounds only",
        ),
        (
            """
            - name: All
              repeat: 2
              group:
                - {name: Put, request: "PUT /{{ next | default('x') }}"}
                - {name: Get, request: GET /a, capture: {next: $.etag}}
            """,
            7,
            "not before this",
        ),
        (
            """
            - {name: First, request: GET /a, capture: {etag: $.etag}}
            - {name: All, repeat: 2, request: GET /b, capture: {etag: $.etag}}
            - {name: Put, request: "PUT /{{ etag }}"}
            """,
            6,
            "another name",
        ),
        (
            """
            - {name: Page, repeat: 3, request: "GET /?after={{ cursor }}", capture: {cursor: $.next}}
            """,
            4,
            "each round starts without it",
        ),
        (
            """
            - name: Both
              repeat: 2
              together:
                - {name: A, request: GET /a, capture: {a: $.a}}
                - {name: B, request: GET /b}
            - {name: Put, request: "PUT /{{ a }}"}
            """,
            9,
            "known in its rounds only",
        ),
    ],
)
def test_what_a_loop_captured_is_refused_outside_of_its_round(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(SmokeError) as caught:
        run_text(
            tmp_path, "http://127.0.0.1:9", f"name: s\nvariables: {{cursor: ''}}\nsteps:{text}"
        )
    (found,) = caught.value.diagnostics
    assert found.code == "loop-capture"
    assert found.span is not None
    assert found.span.line == line
    told = " ".join([found.message, *(note.message for note in found.notes)])
    assert words in told


def test_a_step_is_named_one_way_and_found_by_what_is_printed(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /page-pot", status=500)
    shop.on("GET /page-tea", body={"sku": "tea"})
    (tmp_path / "look.yaml").write_text(
        "parameters: [sku]\nsteps:\n"
        '  - {name: "See {{ sku }}", request: "GET /page-{{ sku }}", expect: {status: 200}}\n',
        encoding="utf-8",
    )
    (tmp_path / "s.yaml").write_text(
        "name: s\nsteps:\n"
        "  - {name: First look, include: {file: look.yaml, with: {sku: tea}}}\n"
        "  - name: Each\n    for_each: [tea, pot]\n"
        '    include: {file: look.yaml, with: {sku: "{{ item }}"}}\n',
        encoding="utf-8",
    )
    reports = ["--report", "junit=r.xml", "--report", "har=r.har", "--report", "html=r.html"]
    done = smoke(["run", "s.yaml", "--url", shop.url, "-v", *reports], tmp_path)
    title = "Each, round 2 › See pot"
    for text in (done.stdout, *((tmp_path / f"r.{end}").read_text() for end in ("xml", "html"))):
        assert title in text
        assert "First look › See tea" in text
    har = json.loads((tmp_path / "r.har").read_text())
    assert [entry["_smoke"]["step"] for entry in har["log"]["entries"]][-1] == title
    for wanted in (title, "Each#2/See sku", "each-2-see-sku", "Each#2"):
        shown = smoke(["show", "latest", wanted], tmp_path)
        assert shown.stdout.count("step    ") == 1, wanted
        assert title in shown.stdout
    both = smoke(["show", "latest", "Each"], tmp_path).stdout
    assert both.index("Each, round 1 › See tea") < both.index(title)
    body = smoke(["show", "latest", "Each", "--body"], tmp_path)
    assert (body.returncode, body.stdout) == (2, "")
    assert "Each#1/See tea, Each#2/See pot (failed)" in " ".join(body.stderr.split())
    for first in ("Each#1/See tea", "Each#1/See sku"):
        one = smoke(["show", "latest", first, "--body"], tmp_path)
        assert json.loads(one.stdout) == {"sku": "tea"}
    unknown = smoke(["show", "latest", "First lock"], tmp_path)
    assert unknown.returncode == 2
    assert "First look/See tea" in unknown.stderr
    dry = smoke(["run", "s.yaml", "--url", shop.url, "--dry-run"], tmp_path).stdout
    assert "Each › See <item>" in dry


def test_a_name_leaks_no_secret_and_takes_no_made_up_data(shop: Shop, tmp_path: Path) -> None:
    text = 'name: s\nsecrets: [KEY]\nsteps:\n  - {name: "By {{ NAME }}", request: GET /x, expect: {status: 404}}\n'
    run = run_text(
        tmp_path, shop.url, text.replace("NAME", "secrets.KEY"), environ={"KEY": "hunter2-hunter2"}
    )
    assert run.outcome is Outcome.PASSED
    assert "hunter2" not in repr(run)
    with pytest.raises(SmokeError, match="made-up data"):
        run_text(tmp_path, shop.url, text.replace("NAME", "fake.email"), environ={"KEY": "x"})


def test_a_step_is_named_on_a_command_line_as_reports_name_it(tmp_path: Path) -> None:
    text = """\
name: sellers
steps:
  - name: "Seller {{ item.name }}"
    for_each: [{name: ann}, {name: "b / o\\u2028b"}]
    group:
      - {name: Sees the order, request: GET /sellers/ann, expect: {json: {$.ok: true}}}
"""
    with scripted() as shop:
        shop.on("GET /sellers/ann", 200, {"ok": False})
        run = run_text(tmp_path, shop.url, text)
    (scenario,) = run.scenarios
    first = scenario.steps[0]
    told = render_run(run, MemoryEvidence(), width=300, color=False, unicode=True)
    assert f"smoke show {run.id} 'Seller ann#1/Sees the order'" in told
    for name in (
        "Seller ann#1/Sees the order",
        "Seller item.name#1/Sees the order",
        "Seller ann, round 1 › Sees the order",
        "sellers/Seller ann#1/Sees the order",
        "Seller ann/Sees the order",
        "seller-ann",
    ):
        assert [step.id for _, step in choose(run, name)] == [first.id]
    for step in scenario.steps:
        assert (scenario, step) in choose(run, step.typed)
