"""The engine over real sockets: captures, loops, retries, journal, redirects, interruption."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.run import OrderState, Outcome
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def test_captures_of_every_kind_reach_the_next_request(shop: Shop, tmp_path: Path) -> None:
    page = b'<form id="a"><input name="csrf" value="no"></form><form id="b" action="/go"><input name="csrf" value="t0k"></form>'
    shop.routes["GET /page"] = lambda _: (
        200,
        {"Content-Type": "text/html", "X-Id": "h1", "Set-Cookie": "sid=c1; Path=/"},
        page,
    )
    shop.on(
        "GET /json",
        body={"items": [{"sku": "a", "id": 12345678901234567890}, {"sku": "b", "id": 7}]},
    )
    shop.on("POST /go", body={"ok": True})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: captures
        steps:
          - name: page
            request: GET /page
            capture:
              csrf: {html: "form#b input[name=csrf]", attribute: value}
              action: {html: "form#b", attribute: action}
              header: {header: x-id}
              missing: {header: x-none, optional: true}
              cookie: {cookie: sid}
              pattern: {regex: 'value="(t[^"]*)"'}
              where: {url: true}
          - name: json
            request: GET /json
            capture:
              big: $.items[?@.sku=='a'].id
              whole: $.items[1]
          - name: go
            request:
              method: POST
              url: "{{ action }}"
              headers: {X-Csrf: "{{ csrf }}", X-Cookie: "{{ cookie }}", Referer: "{{ where }}"}
              json: {big: "{{ big }}", whole: "{{ whole }}", text: "n {{ big }}", h: "{{ header }}", p: "{{ pattern }}", m: "{{ missing }}"}
            expect: {status: 200, json: {$.ok: true}}
        """,
    )
    assert run.outcome is Outcome.PASSED, run.scenarios
    method, path, headers, body = shop.seen[-1]
    assert (method, path) == ("POST", "/go")
    assert headers["X-Csrf"] == "t0k"
    assert headers["X-Cookie"] == "c1"
    assert headers["Cookie"] == "sid=c1"
    assert headers["Referer"] == f"{shop.url}/page"
    assert json.loads(body) == {
        "big": 12345678901234567890,
        "whole": {"sku": "b", "id": 7},
        "text": "n 12345678901234567890",
        "h": "h1",
        "p": "t0k",
        "m": None,
    }


def test_a_captured_template_is_sent_as_the_text_it_is(shop: Shop, tmp_path: Path) -> None:
    """A value of the server's is never expanded again, and enters a path as one segment."""
    shop.on("GET /a", body={"id": "{{ secrets.KEY }}/../../admin"})
    shop.on("GET /b", body={})
    run_text(
        tmp_path,
        shop.url,
        """
        name: second-order
        secrets: [KEY]
        steps:
          - {name: a, request: GET /a, capture: {id: $.id}}
          - {name: b, request: {url: "/orders/{{ id }}/x"}, expect: {status: 404}}
        """,
        environ={"KEY": "geheim-1234567"},
    )
    assert (
        shop.paths()[-1] == "GET /orders/%7B%7B%20secrets.KEY%20%7D%7D%2F%2E%2E%2F%2E%2E%2Fadmin/x"
    )


def test_customers_have_jars_of_their_own_and_a_cleared_one_is_a_guest(
    shop: Shop, tmp_path: Path
) -> None:
    counter = iter(range(100))
    shop.routes["GET /login"] = lambda _: (
        200, {"Set-Cookie": f"sid=s{next(counter)}; Path=/"}, b"{}",
    )  # fmt: skip
    shop.on("GET /me", body={})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: jars
        steps:
          - {name: a in, request: {url: /login, customer: a}}
          - {name: b in, request: {url: /login, customer: b}}
          - {name: a, request: {url: /me, customer: a}}
          - {name: b, request: {url: /me, customer: b}}
          - {name: clear, clear_cookies: a}
          - {name: guest, request: {url: /me, customer: a}}
        """,
    )
    assert run.outcome is Outcome.PASSED
    assert [headers.get("Cookie") for _, path, headers, _ in shop.seen if path == "/me"] == [
        "sid=s0",
        "sid=s1",
        None,
    ]


def test_twenty_scenarios_side_by_side_share_no_variables(shop: Shop, tmp_path: Path) -> None:
    lock = threading.Lock()
    orders: dict[int, str] = {}

    def place(body: bytes) -> Answer:
        with lock:
            number = len(orders) + 1
            orders[number] = json.loads(body)["email"]
        return 201, {}, json.dumps({"id": number, "email": json.loads(body)["email"]}).encode()

    shop.routes["POST /order"] = place
    text = """
        name: parallel-{n}
        variables: {{email: "{{{{ fake.email }}}}"}}
        steps:
          - name: order
            repeat: 2
            request: {{url: /order, json: {{email: "{{{{ email }}}}"}}}}
            expect: {{status: 201, json: {{$.email: "{{{{ email }}}}"}}}}
          - {{name: third, like: order, repeat: null, capture: {{id: $.id}}}}
          - name: again
            request: {{url: /order, json: {{email: "{{{{ email }}}}", before: "{{{{ id }}}}"}}}}
            expect: {{json: {{$.id: {{greater: 0, not: "{{{{ id }}}}"}}, $.email: "{{{{ email }}}}"}}}}
        """
    run = run_text(
        tmp_path,
        shop.url,
        *(text.format(n=n) for n in range(20)),
        options=RunOptions(workers=8),
    )
    assert run.outcome is Outcome.PASSED
    assert len(set(orders.values())) == 20
    assert all(list(orders.values()).count(email) == 4 for email in orders.values())


def test_an_unanswered_order_is_sent_once_and_may_exist(shop: Shop, tmp_path: Path) -> None:
    shop.routes["POST /order"] = lambda _: (0, {}, b"")
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: once
        steps:
          - name: order
            request: {url: /order, json: {a: 1}}
            places_order: {id: $.id}
            retry: {attempts: 5, on: [transport, 5xx], wait: 1ms}
        """,
    )
    assert run.outcome is Outcome.ERRORED
    assert shop.paths() == ["POST /order"]
    assert [order.state for order in run.orders] == [OrderState.MAY_EXIST]
    attempt = run.scenarios[0].steps[0].attempts[0]
    assert attempt.decision is not None
    assert "may have been carried out" in attempt.decision.reason


def test_with_a_key_the_same_bytes_go_again_and_the_step_is_flaky(
    shop: Shop, tmp_path: Path
) -> None:
    answers = iter([(503, {"Retry-After": "0"}, b"busy"), (201, {}, b'{"id": "o1"}')])
    shop.routes["POST /order"] = lambda _: next(answers)
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: keyed
        steps:
          - name: order
            request: {url: /order, json: {email: "{{ fake.email }}"}, idempotency_key: true}
            places_order: {id: $.id}
            retry: {attempts: 3, on: [503], wait: 1ms}
        """,
    )
    assert run.outcome is Outcome.PASSED
    first, second = shop.seen
    assert first[3] == second[3]
    assert first[2]["Idempotency-Key"] == second[2]["Idempotency-Key"]
    step = run.scenarios[0].steps[0]
    assert step.flaky
    assert [len(attempt.exchanges) for attempt in step.attempts] == [1, 1]
    assert [(order.state, order.order_id) for order in run.orders] == [(OrderState.PLACED, "o1")]


def test_flaky_fails_a_run_where_that_is_asked_for(shop: Shop, tmp_path: Path) -> None:
    answers: Iterator[Answer] = iter([(503, {}, b""), (200, {}, b"{}")])
    shop.routes["GET /x"] = lambda _: next(answers)
    run = run_text(
        tmp_path,
        shop.url,
        "name: x\nsteps:\n  - {name: x, request: GET /x, retry: {on: [503], wait: 1ms}}\n",
        options=RunOptions(fail_on_flaky=True),
    )
    assert run.scenarios[0].outcome is Outcome.PASSED
    assert run.outcome is Outcome.FAILED


def test_a_variable_that_cannot_be_made_sends_nothing(shop: Shop, tmp_path: Path) -> None:
    text = "name: x\nvariables: {n: '{{ fake.email | int }}'}\nsteps:\n  - {name: x, request: GET /x}\n"
    with pytest.raises(SmokeError, match="int"):
        run_text(tmp_path, shop.url, text)
    assert shop.seen == []


def test_teardown_runs_after_a_failure_and_gone_is_not_failed(shop: Shop, tmp_path: Path) -> None:
    ids = iter(["o1", "o2"])
    shop.routes["POST /order"] = lambda _: (201, {}, json.dumps({"id": next(ids)}).encode())
    shop.on("DELETE /order/o1", status=404)
    shop.on("DELETE /order/o2", status=500)
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: cleaned
        steps:
          - name: order
            repeat: 2
            request: {url: /order, json: {}}
            places_order: {id: $.id}
          - {name: broken, request: GET /nothing}
          - {name: never, request: GET /never}
        teardown:
          - name: remove
            for_each: "{{ orders }}"
            request: {method: DELETE, url: "/order/{{ item.id }}"}
            removes_order: "{{ item.key }}"
            expect: {status: [200, 404]}
        """,
    )
    assert run.outcome is Outcome.FAILED
    assert "GET /never" not in shop.paths()
    assert [order.removed.value for order in run.orders] == ["gone", "failed"]
    assert [order.order_id for order in run.orders_left_behind] == ["o2"]


@pytest.mark.parametrize(
    ("headers", "body", "removed"),
    [
        ({"Content-Type": "application/json"}, b'{"error": "no such order"}', "gone"),
        ({"Content-Type": "text/html"}, b"<h1>404</h1>", "failed"),
        ({}, b"", "failed"),
    ],
)
def test_a_404_removes_an_order_only_when_the_shop_says_it(
    shop: Shop, tmp_path: Path, headers: dict[str, str], body: bytes, removed: str
) -> None:
    shop.on("POST /order", body={"id": "o1"})
    shop.routes["DELETE /order/o1"] = lambda _: (404, headers, body)
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: cleaned
        steps:
          - {name: order, request: {url: /order, json: {}}, places_order: {id: $.id}}
        teardown:
          - name: remove
            for_each: "{{ orders }}"
            request: {method: DELETE, url: "/order/{{ item.id }}"}
            removes_order: "{{ item.key }}"
        """,
    )
    assert [order.removed.value for order in run.orders] == [removed]
    assert bool(run.orders_left_behind) is (removed == "failed")


def test_a_redirect_is_followed_within_the_origin_only(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /form", status=303, Location="/thanks?o=5")
    shop.on("GET /thanks", body={"thanks": True})
    shop.on("GET /out", status=302, Location="http://other.example/")
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: redirects
        steps:
          - name: form
            request: {url: /form, form: {a: "ä b", c: "*"}, follow_redirects: true}
            expect: {status: 200, url: {ends_with: "/thanks?o=5"}, json: {$.thanks: true}}
            capture: {order: {url: "o=([0-9]+)"}}
          - name: unfollowed
            request: {url: /form, form: {o: "{{ order }}"}}
            expect: {status: 303, headers: {Location: {starts_with: /thanks}}}
          - name: out
            request: {url: /out, follow_redirects: true}
        """,
    )
    form, unfollowed, out = run.scenarios[0].steps
    assert form.outcome is Outcome.PASSED, form
    assert len(form.attempts[0].exchanges) == 2
    assert unfollowed.outcome is Outcome.PASSED
    assert out.outcome is Outcome.FAILED
    assert "another origin" in out.message


def test_a_foreign_origin_is_asked_only_when_it_is_allowed(shop: Shop, tmp_path: Path) -> None:
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: foreign
        steps:
          - {name: out, request: {url: "http://127.0.0.1:9/x"}}
        """,
    )
    step = run.scenarios[0].steps[0]
    assert step.outcome is Outcome.ERRORED
    assert "--allow-host" in step.message


def test_included_steps_see_their_parameters_and_only_they(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /login", body={"token": "geheimes-token-1"})
    shop.on("GET /me", body={"ok": True})
    (tmp_path / "login.yaml").write_text(
        "parameters: {user: null, password: standard}\n"
        "steps:\n"
        "  - name: log in\n"
        '    request: {url: /login, json: {u: "{{ user }}", p: "{{ password }}"}}\n'
        "    capture: {token: {json: $.token, secret: true}}\n",
        encoding="utf-8",
    )
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: included
        variables: {user: outer}
        steps:
          - include: {file: login.yaml, with: {user: "{{ fake.email }}"}}
          - name: me
            request: {url: /me, bearer: "{{ token }}", headers: {X-User: "{{ user }}"}}
            expect: {status: 200}
        """,
    )
    assert run.outcome is Outcome.PASSED
    assert json.loads(shop.seen[0][3])["p"] == "standard"
    assert json.loads(shop.seen[0][3])["u"].endswith("@example.com")
    assert shop.seen[1][2]["Authorization"] == "Bearer geheimes-token-1"
    assert shop.seen[1][2]["X-User"] == "outer"
    written = b"".join(
        path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file()
    )
    assert b"geheimes-token-1" not in written


def test_steps_together_leave_at_once_and_are_judged_apart(shop: Shop, tmp_path: Path) -> None:
    barrier = threading.Barrier(2, timeout=5)

    def meet(body: bytes) -> Answer:
        barrier.wait()  # answers only when the other one is here too
        return 200, {}, body

    shop.routes["POST /race"] = meet
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: race
        steps:
          - name: both
            together:
              - name: A
                request: {url: /race, json: {me: a}}
                expect: {json: {$.me: a}}
                capture: {a: $.me}
              - {name: B, like: A, request: {json: {me: b}}, expect: {json: {$.me: b}}, capture: {a: null, b: $.me}}
          - name: after
            request: {url: "/{{ a }}{{ b }}"}
            expect: {status: 404}
        """,
    )
    assert [(step.id, step.outcome) for step in run.scenarios[0].steps] == [
        ("A", Outcome.PASSED),
        ("B", Outcome.PASSED),
        ("after", Outcome.PASSED),
    ]
    assert shop.paths()[-1] == "GET /ab"


def test_until_polls_and_when_skips(shop: Shop, tmp_path: Path) -> None:
    states = iter(["new", "new", "done"])
    shop.routes["GET /job"] = lambda _: (200, {}, json.dumps({"state": next(states)}).encode())
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: polling
        variables: {flag: ""}
        steps:
          - name: job
            request: GET /job
            until: {deadline: 10s, every: 10ms}
            expect: {json: {$.state: done}}
          - {name: never, when: "{{ flag }}", request: GET /never}
        """,
    )
    job, never = run.scenarios[0].steps
    assert (job.outcome, len(job.attempts), job.flaky) == (Outcome.PASSED, 3, False)
    assert never.outcome is Outcome.SKIPPED
    assert run.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>fine</html>", "not JSON"),
        (b'{"ok": 1, "ok": 2}', "twice"),
        (b"", "empty"),
        (b'{"ok": NaN}', "NaN"),
    ],
)
def test_what_cannot_be_evaluated_is_not_green(
    shop: Shop, tmp_path: Path, body: bytes, words: str
) -> None:
    shop.on("GET /x", body=body)
    run = run_text(
        tmp_path,
        shop.url,
        "name: x\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200, json: {$.ok: {exists: true}}}}\n",
    )
    assert run.outcome is Outcome.FAILED
    mismatch = run.scenarios[0].steps[0].attempts[0].mismatches[0]
    assert words in mismatch.unevaluated


def test_a_step_without_expectations_still_fails_on_a_500_and_on_a_hidden_database_error(
    shop: Shop, tmp_path: Path
) -> None:
    shop.on("GET /500", status=500, body=b"Internal Server Error")
    shop.on(
        "GET /200",
        body={"errors": [{"message": 'duplicate key value violates unique constraint "a_uq"'}]},
    )
    for path in ("/500", "/200"):
        folder = tmp_path / path[1:]
        folder.mkdir()
        run = run_text(folder, shop.url, f"name: x\nsteps:\n  - {{name: x, request: GET {path}}}\n")
        assert run.outcome is Outcome.FAILED, path


def test_a_missing_secret_or_variable_of_the_environment_sends_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    for text in (
        "name: x\nsecrets: [NOPE]\nsteps:\n  - {name: x, request: GET /}\n",
        'name: x\nsteps:\n  - {name: x, request: "GET /{{ env.NOPE }}"}\n',
    ):
        with pytest.raises(SmokeError, match="NOPE"):
            run_text(tmp_path, shop.url, text)
    assert shop.seen == []


def test_max_time_ends_a_run_without_a_verdict(shop: Shop, tmp_path: Path) -> None:
    released = threading.Event()

    def wait(_: bytes) -> Answer:
        released.wait(20)
        return 200, {}, b"{}"

    shop.routes["GET /slow"] = wait
    text = "name: a\nsteps:\n  - {name: x, request: GET /slow}\n"
    run = run_text(
        tmp_path,
        shop.url,
        text,
        text.replace("name: a", "name: b"),
        options=RunOptions(max_time=0.6),
    )
    released.set()
    assert run.outcome is Outcome.ERRORED
    assert run.scenarios[1].outcome is Outcome.ERRORED


def test_readiness_waits_for_the_new_build(shop: Shop, tmp_path: Path) -> None:
    builds: Iterator[Answer] = iter(
        [(503, {}, b""), (200, {}, b'{"version": "old"}'), (200, {}, b'{"version": "new"}')]
    )
    shop.routes["GET /health"] = lambda _: next(builds)
    shop.on("GET /x", body={})
    options = RunOptions(ready="/health", expect_version="new", ready_timeout=20)
    text = "name: a\nsteps:\n  - {name: x, request: GET /x}\n"
    run = run_text(tmp_path, shop.url, text, options=options)
    assert run.outcome is Outcome.PASSED
    assert run.target.version == "new"
    assert shop.paths() == ["GET /health"] * 3 + ["GET /x"]


def test_an_old_build_is_never_tested(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /health", body={"version": "old"})
    options = RunOptions(ready="/health", expect_version="new", ready_timeout=0.3)
    text = "name: a\nsteps:\n  - {name: x, request: POST /order}\n"
    run = run_text(tmp_path, shop.url, text, options=options)
    assert run.outcome is Outcome.ERRORED
    assert set(shop.paths()) == {"GET /health"}
    assert "build old" in run.readiness


def test_a_loop_over_an_empty_list_is_not_green(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /items", body={"items": []})
    shop.on("POST /order", body={"ok": True})
    text = """
        name: loops
        steps:
          - {name: items, request: GET /items, capture: {items: $.items}}
          - {name: order, for_each: "{{ items }}", request: {url: /order, json: {id: "{{ item }}"}}}
    """
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.FAILED
    assert "the list of for_each is empty" in run.scenarios[0].steps[1].message
    conditional = text.replace(
        "request: {url: /order", 'when: "{{ items }}", request: {url: /order'
    )
    assert run_text(tmp_path, shop.url, conditional).outcome is Outcome.PASSED
    assert shop.paths() == ["GET /items"] * 2
