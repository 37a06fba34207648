"""What real shops need of the language (GraphQL, REST, forms), each over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def reasons(run: Run) -> list[str]:
    return [
        f"{step.name}: {step.message}" for s in run.scenarios for step in s.steps if step.message
    ]


def page(shop: Shop, route: str, html: str, **headers: str) -> None:
    shop.routes[route] = lambda _: (200, {"Content-Type": "text/html", **headers}, html.encode())


def test_a_form_driven_shop(shop: Shop, tmp_path: Path) -> None:
    page(
        shop,
        "GET /shop/cart",
        '<form id="search" action="/s"><input name="t" value="no"></form>'
        '<form id="pay" action="pay.php"><input type="hidden" name="t" value="tök&amp;n">'
        '<select name="s"><option value="x" selected>Express</option></select></form>'
        '<a class="terms" href="../terms">Terms</a>',
        **{"Set-Cookie": "XSRF-TOKEN=abc123; Path=/"},
    )
    shop.on("POST /shop/pay.php", status=302, Location="../thanks?order=A*7")
    page(shop, "GET /thanks", '<h1>Thank  you</h1><div class="alert" data-code="0"></div>')
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: form
        variables: {line: "17"}
        steps:
          - name: Cart
            request: GET /shop/cart
            expect:
              html:
                "form#pay@action": pay.php
                "a.terms@href": {ends_with: /terms}
                "form#pay select option[selected]": Express
                ".alert": {exists: false}
            capture:
              action: {html: "form#pay@action", absolute: true}
              token: {html: "form#pay input[name=t]", attribute: value}
              page: {url: true}
              xsrf: {cookie: XSRF-TOKEN}
          - name: Pay
            request:
              url: "{{ action }}"
              headers: {Referer: "{{ page }}", X-XSRF-TOKEN: "{{ xsrf }}"}
              form: {t: "{{ token }}", "cart[{{ line }}][qty]": 2, tag: [a, b], nothing: null}
            expect: {status: 302, headers: {Location: {matches: "order=[A-Z]\\\\*[0-9]$"}}}
            capture:
              next: {header: location, absolute: true}
              number: {header: location}
          - name: Thanks
            request: {url: "{{ next }}"}
            expect: {html: {h1: Thank you, ".alert@data-code": "0"}}
        """,
    )
    assert run.outcome is Outcome.PASSED, reasons(run)
    _, _, headers, body = shop.seen[1]
    assert headers["X-XSRF-TOKEN"] == "abc123"
    assert headers["Referer"] == f"{shop.url}/shop/cart"
    assert parse_qs(body.decode()) == {"t": ["tök&n"], "cart[17][qty]": ["2"], "tag": ["a", "b"]}
    assert shop.paths()[-1] == "GET /thanks?order=A*7"


def test_a_graphql_shop(shop: Shop, tmp_path: Path) -> None:
    cart = {"id": 9007199254740993, "lines": [{"sku": "tea's", "qty": 2}], "gift": None, "ok": True}
    answers = iter(
        [
            {"data": {"cart": cart}},
            {
                "data": {
                    "orders": [{"number": "n'1", "state": "new"}, {"number": "n2", "state": "paid"}]
                }
            },
            {"data": None, "errors": [{"message": "sold out", "extensions": {"code": "SOLD_OUT"}}]},
        ]
    )
    shop.routes["POST /graphql"] = lambda _: (200, {}, json.dumps(next(answers)).encode())
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: graphql
        variables: {wanted: n2}
        steps:
          - name: Cart
            request: {url: /graphql, graphql: {query: "query Q { cart { id } }", operation: Q}}
            expect: {json: {$.errors: {exists: false}, $.data.cart.gift: null}}
            capture: {cart: $.data.cart, qty: "$.data.cart.lines[0].qty"}
          - name: Orders
            request:
              url: /graphql
              graphql:
                query: "query($c: CartInput!, $n: Int!) { orders { number } }"
                variables: {c: "{{ cart }}", n: "{{ qty }}", ids: ["{{ cart.id }}"], s: "n{{ qty }}"}
            expect: {json: {"$.data.orders[?@.number=='{{ wanted }}'].state": paid}}
            capture: {state: "$.data.orders[?@.number=='{{ wanted }}'].state"}
          - name: Sold out
            request: {url: /graphql, graphql: {query: "mutation { a }"}}
            expect: {status: 200, json: {$.errors: {exists: false}}}
        """,
    )
    outcomes = [step.outcome for step in run.scenarios[0].steps]
    assert outcomes == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED], reasons(run)
    variables = json.loads(shop.seen[1][3])["variables"]
    assert variables == {"c": cart, "n": 2, "ids": [9007199254740993], "s": "n2"}
    assert json.loads(shop.seen[0][3])["operationName"] == "Q"


def test_what_a_server_gave_is_no_rule_and_no_syntax(shop: Shop, tmp_path: Path) -> None:
    """An object that looks like a matcher, and a text with quotes, must not make an expectation pass."""
    shop.on("GET /a", body={"rule": {"exists": True}, "id": "x' || true || '", "dots": "a.c"})
    shop.on("GET /b", body={"order": {"id": 1}, "list": [{"id": "y", "v": 1}], "text": "abc"})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: hostile
        steps:
          - {name: A, request: GET /a, capture: {rule: $.rule, id: $.id, dots: $.dots}}
          - name: B
            request: GET /b
            expect:
              json:
                $.order: "{{ rule }}"
                "$.list[?@.id=='{{ id }}'].v": {exists: true}
                $.text: {matches: "^{{ dots }}$"}
                $.order.id: {not: 1}
        """,
    )
    mismatches = run.scenarios[0].steps[1].attempts[0].mismatches
    assert [mismatch.path for mismatch in mismatches] == [
        "json.$.order",
        "json.$.list[?@.id=='{{ id }}'].v",
        "json.$.text",
        "json.$.order.id",
    ]


@pytest.mark.parametrize("value", ["..", ".", "", "a\r\nX-Evil: 1"])
def test_a_captured_value_steers_neither_path_nor_header(
    shop: Shop, tmp_path: Path, value: str
) -> None:
    shop.on("GET /a", body={"id": value})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: steered
        steps:
          - {name: A, request: GET /a, capture: {id: {json: $.id, default: ""}}}
          - {name: B, request: {method: DELETE, url: "/orders/{{ id }}", headers: {X-Id: "{{ id }}"}}}
        """,
    )
    assert run.outcome in (Outcome.FAILED, Outcome.ERRORED)
    assert shop.paths() == ["GET /a"]


def test_uploads_texts_and_files_arrive_byte_for_byte(shop: Shop, tmp_path: Path) -> None:
    raw = bytes(range(256)) + b"{{ run.id }}"
    (tmp_path / "photo.png").write_bytes(raw)
    shop.on("POST /up", body={})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: bodies
        steps:
          - name: Multipart
            request:
              url: /up
              multipart:
                note: "n {{ 1_0 | default('x') }}"
                tag: [a, b]
                photo: {file: photo.png, filename: "{{ run.id }} \\"q\\".png", media_type: image/x}
          - {name: Text, request: {url: /up, text: "<a>{{ run.id }}</a>", media_type: application/xml}}
          - {name: File, request: {method: PUT, url: /up, file: photo.png}, expect: {status: 404}}
          - name: Override
            like: Text
            request: {text: null, json: {a: 1}, media_type: null, headers: {Content-Type: application/vnd.x+json, Accept: null}}
        """.replace("{{ 1_0 | default('x') }}", "x"),
    )
    assert run.outcome is Outcome.PASSED, reasons(run)
    multipart, text, file, override = (seen for seen in shop.seen)
    assert raw in multipart[3]
    assert b'filename="' in multipart[3]
    assert b'%22q%22.png"' in multipart[3]
    assert multipart[3].count(b'name="tag"') == 2
    assert text[2]["Content-Type"] == "application/xml"
    assert text[3].startswith(b"<a>")
    assert file[3] == raw
    assert override[2]["Content-Type"] == "application/vnd.x+json"
    assert override[3] == b'{"a":1}'


def test_customers_tokens_and_jars(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /login", body={"token": "tok-1"}, Set_Cookie="sid=1; Path=/\nlang=de; Path=/")
    shop.on("GET /me", body={})
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: customers
        secrets: [PASSWORD]
        steps:
          - name: Log in
            request: {url: /login, form: {p: "{{ secrets.PASSWORD }}"}, customer: alice}
            expect: {headers: {Set-Cookie: {contains: "lang=de"}}, time: 30s}
            capture: {token: $.token, none: {header: X-Rate, optional: true}}
          - {name: Alice, request: {url: /me, customer: alice, bearer: "{{ token }}"}}
          - {name: Other token, like: Alice, request: {bearer: "other-{{ none | default('x') }}"}}
          - {name: No token, like: Alice, request: {bearer: null}}
          - {name: Bob, request: {url: /me, customer: bob, basic: {username: b, password: "ü:1"}}}
          - {name: Gone, clear_cookies: alice}
          - {name: Guest, like: No token}
        """,
        environ={"PASSWORD": "hunter2-hunter2"},
    )
    assert run.outcome is Outcome.PASSED, reasons(run)
    sent = [(seen[2].get("Authorization"), seen[2].get("Cookie")) for seen in shop.seen[1:]]
    assert sent == [
        ("Bearer tok-1", "sid=1; lang=de"),
        ("Bearer other-x", "sid=1; lang=de"),
        (None, "sid=1; lang=de"),
        ("Basic YjrDvDox", None),
        (None, None),
    ]


def test_sign_up_once_then_orders_in_a_loop(shop: Shop, tmp_path: Path) -> None:
    numbers = iter(range(1, 9))
    shop.routes["POST /order"] = lambda _: (201, {}, json.dumps({"id": next(numbers)}).encode())
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: loop
        variables: {skus: [tea, pot]}
        steps:
          - {name: First, request: {url: /order, json: {}}, expect: {status: 201}, capture: {first: $.id}}
          - name: Order
            for_each: "{{ skus }}"
            request:
              url: /order
              query: {n: "{{ loop.number }}", q: "a*b", first: "{{ first }}"}
              json: {sku: "{{ item | upper }}", "{{ item }}": true}
            expect: {status: 201}
          - {name: After, request: "GET /orders/{{ first }}*", expect: {status: 404}}
          - {name: Skipped, when: {value: "{{ first }}", greater: 5}, request: GET /never}
        """,
    )
    assert run.outcome is Outcome.PASSED, reasons(run)
    assert shop.paths() == [
        "POST /order",
        "POST /order?n=1&q=a*b&first=1",
        "POST /order?n=2&q=a*b&first=1",
        "GET /orders/1*",
    ]
    assert json.loads(shop.seen[1][3]) == {"sku": "TEA", "tea": True}


def test_includes_twice_nested_and_taken_over(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /login", body={"t": 1})
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "inner.yaml").write_text(
        'parameters: [who]\nsteps:\n  - name: Log in\n    request: {url: /login, json: {u: "{{ who }}"}}\n',
        encoding="utf-8",
    )
    (tmp_path / "parts" / "outer.yaml").write_text(
        "parameters: {user: nobody}\nsteps:\n"
        '  - include: {file: inner.yaml, with: {who: "{{ user }}!"}}\n'
        '  - {name: Again, like: Log in, request: {json: {again: "{{ user }}"}}}\n',
        encoding="utf-8",
    )
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: includes
        steps:
          - include: {file: parts/outer.yaml, with: {user: a}}
          - include: {file: parts/outer.yaml, with: {user: b}}
          - {name: Here, like: Again, request: {json: {here: 1}}}
        teardown:
          - {name: Last, like: Log in, request: {json: {end: 1}}}
        """,
    )
    assert run.outcome is Outcome.PASSED, reasons(run)
    assert [json.loads(seen[3]) for seen in shop.seen] == [
        {"u": "a!"},
        {"u": "a!", "again": "a"},
        {"u": "b!"},
        {"u": "b!", "again": "b"},
        {"u": "b!", "again": "b", "here": 1},
        {"u": "b!", "end": 1},
    ]


def test_a_teardown_like_a_step_whose_include_was_never_reached(shop: Shop, tmp_path: Path) -> None:
    shop.on("POST /end", body={})
    (tmp_path / "part.yaml").write_text(
        'parameters: [who]\nsteps:\n  - {name: In, request: {url: /x, json: {u: "{{ who }}"}}}\n',
        encoding="utf-8",
    )
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: unreached
        steps:
          - {name: Broken, request: GET /nothing}
          - include: {file: part.yaml, with: {who: a}}
        teardown:
          - {name: Like, like: In}
          - {name: End, request: POST /end}
        """,
    )
    assert run.outcome is Outcome.FAILED
    assert shop.paths() == ["GET /nothing", "POST /end"]


def test_windows_files_and_links(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /x", body={})
    (tmp_path / "win.yaml").write_bytes(
        b"\xef\xbb\xbfsteps:\r\n  - name: Included\r\n    request: GET /x\r\n    when: 'yes'\r\n"
    )
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("steps: []\n", encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(outside / "secret.yaml")
    run = run_text(tmp_path, shop.url, "name: win\nsteps:\n  - include: win.yaml\n")
    assert run.outcome is Outcome.PASSED
    with pytest.raises(SmokeError, match="leads out"):
        run_text(inside, shop.url, "name: link\nsteps:\n  - include: link.yaml\n")


def test_changing_error_fields_and_alerts_fail_at_status_200(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /json", body={"payload": {"errorCode": "E17"}})
    page(shop, "GET /html", '<div class="alert">Card declined</div>')
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: two-hundred
        steps:
          - name: All
            together:
              - {name: J, request: GET /json, expect: {json: {"$..errorCode": {exists: false}}}}
              - {name: H, request: GET /html, expect: {html: {.alert: {exists: false}}, text: {not: {contains: declined}}}}
        """,
    )
    steps = run.scenarios[0].steps
    assert [step.outcome for step in steps] == [Outcome.FAILED, Outcome.FAILED]
    assert [len(step.attempts[0].mismatches) for step in steps] == [1, 2]
